//go:build !windows && !linux

package cli

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// orphansAdopted: here nobody but the first process adopts orphans.
const orphansAdopted = false

// There are no real-time signals to forward.
const realTimeFirst, realTimeLast = syscall.Signal(1), syscall.Signal(0)

func adoptOrphans() error { return nil }

// lockedChild puts a command into a group of its own.
func lockedChild() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// upTime is a clock that nobody sets.
func upTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(now.Nano())
}

// descendants are not known here beside the group.
func descendants(int) []int { return nil }

// parentOf is not known here.
func parentOf(int) (int, bool) { return 0, false }
