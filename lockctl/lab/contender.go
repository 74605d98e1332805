package lab

import (
	"context"

	"zkdeck/lockctl"
)

// contender takes turns for one worker, on the worker's session. Its methods are called
// by one goroutine, one at a time; they block until they are done, or ctx or the session
// ends.
type contender interface {
	// acquire waits for the worker's turn.
	acquire(ctx context.Context) (grant, error)
	// try takes the lock where nobody has it and nobody waits, and else does what the
	// recipe's try leaves behind; ok tells which.
	try(ctx context.Context) (g grant, ok bool, err error)
	// release ends the turn, or what acquire and try have left behind.
	release(ctx context.Context) error
}

// grant is a turn that a contender says to have.
type grant struct {
	node  string // "" where the recipe has none
	token int64  // the znode's czxid, 0 where there is none
	// lost is closed once the recipe's client knows that the turn is over before release;
	// nil where it never learns that.
	lost <-chan struct{}
	// nothing: Naive's acquire returned nothing, as it does after each wait; stale: a
	// wake-up from before its wait has ended it.
	nothing, stale bool
}

// seat is what a contender is made with.
type seat struct {
	worker  int
	session lockctl.Session // counts, and waits for the gate
	dir     string          // where the znodes go
	mode    lockctl.Mode    // of ReadWrite
	options Options
	// step is told each step as it happens, in lockctl's words; it does not block.
	step func(lockctl.Step)
}
