package cli

import (
	"os"
	"syscall"
)

// ownGroup keeps Ctrl-C, which Windows sends to all that share a console, from
// the guard.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// stopSignals are none: Windows stops no process for writing.
func stopSignals() []os.Signal { return nil }
