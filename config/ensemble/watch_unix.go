//go:build unix

package ensemble

import (
	"errors"

	"golang.org/x/sys/unix"
)

// there reports whether a process is, whosever it is. One that has ended and that
// nobody has waited for counts.
func there(pid int) bool { return !errors.Is(unix.Kill(pid, 0), unix.ESRCH) }
