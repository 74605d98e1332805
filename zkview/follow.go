package zkview

import (
	"context"
	"sync"
	"time"
)

// FollowLimit is how many changes wait in a Follow at most.
const FollowLimit = 100_000

// Change is one thing that happened to a znode that is followed.
type Change struct {
	// Kind is Created, Deleted or DataChanged; or Resync after a reconnect, when what
	// happened between Since and At may be missing and is to be read again.
	Kind EventKind
	// Path is the znode's; of a Resync the one that is followed.
	Path string
	// At is when we learned of it.
	At time.Time
	// Since is, of a Resync, when the server was last heard before the connection was
	// lost, which for one that fell silent is noticed later.
	Since time.Time
	// Zxid is, of a Resync, the last transaction of which we know for sure that the
	// changes up to it were told before.
	Zxid int64
	// Lost counts the changes before this one that were dropped because the reader was
	// too slow.
	Lost int
}

// Follow tells of every change below a path, in the server's order. Made by
// [Session.Follow].
type Follow struct {
	path  string
	close func()
	ready chan struct{}

	mu      sync.Mutex
	queue   []Change
	head    int
	lost    int
	dropped *Change   // the Resync among what was dropped
	told    time.Time // of the last change
	armed   bool
	partial string
	err     error // why there will be no more
}

func newFollow(path string) *Follow {
	return &Follow{path: path, ready: make(chan struct{}, 1)}
}

// Path is the znode that is followed.
func (f *Follow) Path() string { return f.path }

// Partial is empty where a persistent watch of the server tells of every change,
// else a sentence on what an old server makes us miss. A reconnect to another
// server may change it.
func (f *Follow) Partial() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.partial
}

// Live reports whether changes are told at the moment: not from when the connection was
// lost until the Resync, which waits in Next then, and what is read meanwhile cannot be
// joined to the changes from before. One that has ended is live.
func (f *Follow) Live() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.armed || f.err != nil
}

// isArmed reports whether the watch is there at the moment.
func (f *Follow) isArmed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.armed
}

// set notes how the watch stands.
func (f *Follow) set(armed bool, partial string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.partial = armed, partial
}

// Next waits for changes and returns all that wait, in the server's order and never
// merged. At most FollowLimit wait; beyond that the oldest are dropped, and the
// first one that is left counts them. It fails with ctx's error, or with
// [ErrClosed] when the Follow or the session was closed and nothing is left.
// One goroutine at a time calls it.
func (f *Follow) Next(ctx context.Context) ([]Change, error) {
	for {
		f.mu.Lock()
		changes, err := f.take(), f.err
		f.mu.Unlock()
		if len(changes) > 0 {
			return changes, nil
		}
		if err != nil {
			return nil, err
		}
		select {
		case <-f.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// take empties the queue; f.mu is held.
func (f *Follow) take() []Change {
	changes := f.queue[f.head:]
	if f.dropped != nil {
		changes = append([]Change{*f.dropped}, changes...)
	}
	if len(changes) > 0 {
		changes[0].Lost = f.lost
	}
	f.queue, f.head, f.lost, f.dropped = nil, 0, 0, nil
	return changes
}

// push adds a change.
func (f *Follow) push(c Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return
	}
	if c.Kind == Resync && c.Since.Before(f.told) { // it was heard a moment before
		c.Since = f.told
	}
	f.told = c.At
	if len(f.queue)-f.head >= FollowLimit {
		f.drop()
	}
	if f.head > FollowLimit {
		f.queue = append([]Change(nil), f.queue[f.head:]...)
		f.head = 0
	}
	f.queue = append(f.queue, c)
	signal(f.ready)
}

// drop drops the oldest change; f.mu is held. A Resync stays, in one with any before.
func (f *Follow) drop() {
	old := f.queue[f.head]
	f.queue[f.head] = Change{}
	f.head++
	if old.Kind != Resync {
		f.lost++
		return
	}
	if f.dropped != nil {
		old.Since, old.Zxid = f.dropped.Since, min(old.Zxid, f.dropped.Zxid)
	}
	f.dropped = &old
}

// end makes Next fail once nothing is left.
func (f *Follow) end(err error) {
	f.mu.Lock()
	if f.err == nil {
		f.err = err
	}
	f.mu.Unlock()
	signal(f.ready)
}

// Close ends the Follow; the last one of a path has the server's watch removed, in
// the background. It does not block and may be called again.
func (f *Follow) Close() {
	f.close()
	f.end(ErrClosed)
}
