//go:build unix

package ensemble

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// signalName is the name of a signal, as "SIGKILL", empty for none.
func signalName(n int) string { return unix.SignalName(syscall.Signal(n)) }
