//go:build unix

package ensemble

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// supported tells whether servers can be launched on this system.
func supported() error { return nil }

// lockFile takes the lock of an open file if nobody else has it, else it gives
// errLocked. It belongs to the open file: whoever inherits the descriptor has it
// too, and the kernel drops it when the last of them is gone.
func lockFile(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}
