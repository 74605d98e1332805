//go:build !windows

package cli

import (
	"os"
	"syscall"
)

// ownGroup keeps the guard out of our process group: what the terminal or a shell
// sends to the job is not for it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stopSignals are those that stop a process of the background that writes to the
// terminal or sets it.
func stopSignals() []os.Signal { return []os.Signal{syscall.SIGTTOU, syscall.SIGTTIN, syscall.SIGTSTP} }
