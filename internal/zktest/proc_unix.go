//go:build unix

package zktest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// ownSession keeps a ^C in the terminal from reaching the child: the guardian
// ends it, after the test has had its cleanup.
func ownSession(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

var (
	signalTerm  os.Signal = syscall.SIGTERM
	signalStop  os.Signal = syscall.SIGSTOP
	signalCont  os.Signal = syscall.SIGCONT
	unsupported error
)

// lockFile takes an exclusive lock on f, which the kernel drops with the process.
// With wait false it fails at once when another process has it.
func lockFile(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// procState is the state letter of a process as ps(1) and /proc have it: T is
// stopped, Z dead but not yet waited for, "" gone.
func procState(pid int) string {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// The name before the state may itself hold blanks and parentheses.
		if i := strings.LastIndexByte(string(stat), ')'); i >= 0 && i+2 < len(stat) {
			return string(stat[i+2])
		}
		return ""
	}
	if err := syscall.Kill(pid, 0); err != nil {
		return ""
	}
	out, err := exec.Command("ps", "-o", "state=", "-p", fmt.Sprint(pid)).Output()
	if s := strings.TrimSpace(string(out)); err == nil && s != "" {
		return s[:1]
	}
	return ""
}
