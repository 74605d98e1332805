package cli

import (
	"os"
	"time"

	"zkdeck/lockctl"
)

// holding is what a command under a lock is to know of a lease: a [lockctl.Lease], or
// one of a test.
type holding interface {
	State() lockctl.LeaseState
	Deadline() time.Time
	Changed() <-chan struct{}
	Done() <-chan struct{}
}

// lockedRun is a command that runs as long as a lease is held.
type lockedRun struct {
	lease holding
	// timeout is the session's: the lease's Deadline is so long after the last proof that
	// it is held.
	timeout time.Duration
	path    string   // the lock
	file    string   // what is executed
	args    []string // from the zeroth
	env     []string
	warn    func(format string, args ...any)
	// signals has what came before, and gets what comes.
	signals chan os.Signal
	// guard is the file of this program, and its zeroth argument, to be executed as warden.
	guard [2]string
}

// lockedEnd is how a command under a lock ended.
type lockedEnd struct {
	// code is the command's exit code, or 128 and the number of the signal that ended it.
	code int
	// lost: the command was ended because the lock was lost or in doubt for too long.
	lost bool
}

// termAt is when a command is told to end, if nothing proves until then that the lease
// is held: a third of the session before others can have it.
func (r *lockedRun) termAt() time.Time { return r.lease.Deadline().Add(-r.timeout / 3) }

// killAt is when it is killed: early enough to be dead when others can have the lock,
// also on a machine that has much else to do.
func (r *lockedRun) killAt() time.Time {
	return r.lease.Deadline().Add(-min(max(r.timeout/10, 300*time.Millisecond), r.timeout/4))
}
