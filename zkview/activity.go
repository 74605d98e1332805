package zkview

import (
	"context"
	"sync"
)

// Limits of an [Activity].
const (
	// HeldAction is how many bytes of a value an Action carries at most.
	HeldAction = 64 << 10
	// heldActions and heldValues are how many Actions, and bytes of values in them, wait
	// for a reader at most; beyond, changes wait in the Follow, which drops the oldest.
	heldActions = 10_000
	heldValues  = 16 << 20
)

// Action is a change with what was read after it.
type Action struct {
	// Seq increases by one.
	Seq uint64
	Change
	// Stat is the znode's as read after the change; of a Deleted one the last that was
	// known. Of several changes before one reading only the last has it.
	Stat    Stat
	HasStat bool
	// Data is the value as read after the change, at most HeldAction bytes; Cut tells
	// that it is longer, or that it was not read because it is.
	Data    []byte
	HasData bool
	Cut     bool
	// Before is the value known before, cut like Data.
	Before    []byte
	HasBefore bool
	// Missed tells that no event told of the change: it was found by reading again
	// after a Resync. At is when it was found; its own time is that of Stat.
	Missed bool
	// Settled tells that there is no more to come: it will not be told again. A Resync
	// settles when the subtree was read again.
	Settled bool
	// Note says on a Resync how far reading again has come, and what it found.
	Note string
	// Err is why nothing was read after the change; nil also where it was overtaken by
	// another.
	Err error
}

// ActivityStatus says how an Activity is doing. It is a plain value.
type ActivityStatus struct {
	Path string
	// Armed tells that every change is told now; else Why says what it waits for.
	Armed bool
	Why   string
	// Partial says what an old server makes us miss; see [Follow.Partial].
	Partial string
	// Missing tells that there was no such znode when it was looked for last. It is
	// followed all the same.
	Missing bool
	// Reading tells that the subtree is being read for the first time: Missing may change
	// without an Action.
	Reading bool
	// Rereading tells that the subtree is being read again after a Resync.
	Rereading bool
	// Total counts the changes that were told, Lost those that were dropped because
	// nobody was fast enough to take them.
	Total, Lost uint64
	// Unread is how many znodes wait for being read after a change.
	Unread int
	// Err is why it has ended.
	Err error
}

// Activity follows a path and reads what has changed: Stat and value, in batches, the
// newest change of a znode first of all; what changed again meanwhile is read once.
// It remembers values, so that an Action has the one before too.
//
// After a Resync the subtree is read again, and what is found to have changed while
// there was no connection is told as Actions that are Missed. Deletions are among
// them as far as the znode was known.
//
// Its requests are background ones (see [Background]). Memory is bounded: 16 MiB of
// values, 50,000 Stats and 10,000 waiting Actions.
type Activity struct {
	s    *Session
	path string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	ready  chan struct{} // for Next
	taken  chan struct{} // Next made room
	work   chan struct{} // for the reader
	begun  chan struct{} // closed when the first watch is armed, or never will be

	mu     sync.Mutex
	status ActivityStatus
	follow *Follow
	again  []Action // to be told once more
	out    []Action // new ones, not taken yet
	held   int      // bytes of the values read for both
	seq    uint64   // of the last Action
	known  *knownValues
	reads  readQueue
	gap    outage
}

// NewActivity starts to follow path; it does not block. Close it.
func NewActivity(s *Session, path string) *Activity {
	ctx, cancel := context.WithCancel(Background(context.Background()))
	a := &Activity{
		s: s, path: path, ctx: ctx, cancel: cancel,
		ready: make(chan struct{}, 1), taken: make(chan struct{}, 2), work: make(chan struct{}, 1), begun: make(chan struct{}),
		known: newKnownValues(), status: ActivityStatus{Path: path, Reading: true},
	}
	a.wg.Go(a.run)
	return a
}

// Close ends the Activity and waits for its goroutines, not for the server. Next then
// returns what waits, and ErrClosed.
func (a *Activity) Close() {
	a.cancel()
	a.wg.Wait()
}

// Ready waits until changes are told for the first time, or ctx ends. Its error is
// ctx's, or what ended the Activity.
func (a *Activity) Ready(ctx context.Context) error {
	select {
	case <-a.begun:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return a.Status().Err
}

// Status is how it is doing now. It does not block.
func (a *Activity) Status() ActivityStatus {
	a.mu.Lock()
	st := a.status
	st.Unread = len(a.reads.waiting)
	st.Rereading = a.gap.cancel != nil
	if a.follow != nil && st.Err == nil {
		st.Armed, st.Partial = a.follow.isArmed(), a.follow.Partial()
	}
	a.mu.Unlock()
	if st.Err != nil {
		st.Why = st.Err.Error()
		return st
	}
	if session := a.s.Status(); session.State != Connected {
		st.Armed, st.Why = false, session.State.String()
		if session.Why != "" {
			st.Why += ": " + session.Why
		}
	} else if !st.Armed {
		st.Why = "waiting for the server"
	}
	return st
}

// Next waits for Actions and returns all that wait, in the order of Seq. One that was
// handed out before comes again, with the same Seq, when what was read came later;
// such ones stand first. It fails with ctx's error, or with what ended the Activity,
// ErrClosed if it was Close or the session's, when nothing is left. One goroutine at
// a time calls it.
func (a *Activity) Next(ctx context.Context) ([]Action, error) {
	for {
		a.mu.Lock()
		out, err := append(a.again, a.out...), a.status.Err
		a.again, a.out, a.held = nil, nil, 0
		a.mu.Unlock()
		if len(out) > 0 {
			for range cap(a.taken) {
				signal(a.taken)
			}
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		select {
		case <-a.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// add tells a new Action and returns its Seq; a.mu is held.
func (a *Activity) add(x Action) uint64 {
	a.seq++
	x.Seq = a.seq
	a.out = append(a.out, x)
	signal(a.ready)
	return x.Seq
}

// revise tells an Action again; a.mu is held. One that waits is replaced.
func (a *Activity) revise(x Action) {
	a.held += len(x.Data)
	if back := a.seq - x.Seq; back < uint64(len(a.out)) {
		a.out[len(a.out)-1-int(back)] = x
	} else {
		a.again = append(a.again, x)
	}
	signal(a.ready)
}

// room waits until the reader has left room for more; false when the Activity ends.
func (a *Activity) room() bool {
	for {
		a.mu.Lock()
		full := len(a.out)+len(a.again) >= heldActions || a.held >= heldValues
		a.mu.Unlock()
		if !full {
			return a.ctx.Err() == nil
		}
		select {
		case <-a.taken:
		case <-a.ctx.Done():
			return false
		}
	}
}

// end notes why there will be no more.
func (a *Activity) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.status.Err == nil {
		a.status.Err = err
	}
	signal(a.ready)
}
