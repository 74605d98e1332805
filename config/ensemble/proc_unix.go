//go:build unix

package ensemble

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName is the name of a signal, as "SIGKILL", empty for none.
func signalName(n int) string { return unix.SignalName(syscall.Signal(n)) }

// The signals that servers are sent.
var (
	signalTerm os.Signal = unix.SIGTERM
	signalKill os.Signal = unix.SIGKILL
	signalStop os.Signal = unix.SIGSTOP
	signalCont os.Signal = unix.SIGCONT
)

// ownSession has a command run in a session, and a process group, of its own.
func ownSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
