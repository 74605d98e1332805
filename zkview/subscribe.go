package zkview

import (
	"context"
	"sync"
	"time"
)

// EventKind says what an [Event] is about.
type EventKind uint8

// The kinds of events. Created, Deleted, DataChanged and ChildrenChanged come
// from watches; the watch is spent, and whoever still wants one arms it again.
// Removed tells that a watch was taken away unfired, because somebody called
// [Session.Unwatch]. Resync has no path: a connection was established, and what
// was read before must be read again. Lost and Over are told by a [Single] only: that
// its connection was lost, and that its session has ended.
const (
	Created EventKind = iota
	Deleted
	DataChanged
	ChildrenChanged
	Removed
	Resync
	Lost
	Over
)

// String is the kind in ZooKeeper's word.
func (k EventKind) String() string {
	return [...]string{"created", "deleted", "data changed", "children changed", "watch removed", "resync", "connection lost", "session over"}[k]
}

// Event is one thing that a session learned without asking.
type Event struct {
	Kind EventKind
	Path string
	At   time.Time
	// NewSession tells, on a Resync, that the session is another one than before:
	// ephemerals of the old one are gone or going, and no watch is left.
	NewSession bool
	// Why says on such a Resync what became of the old session; empty for the
	// first session.
	Why string
}

// Subscription is a queue of events for one reader. It never drops: equal events
// that wait are merged into one, so a slow reader holds at most a few events for
// each path that is watched.
type Subscription struct {
	// C gets a value when events wait; Next then returns at once.
	C <-chan struct{}

	ready  chan struct{}
	remove func(*Subscription)

	mu     sync.Mutex
	queue  []Event
	known  map[eventKey]bool
	closed bool
}

type eventKey struct {
	kind EventKind
	path string
}

func newSubscription(remove func(*Subscription)) *Subscription {
	ready := make(chan struct{}, 1)
	return &Subscription{C: ready, ready: ready, remove: remove, known: map[eventKey]bool{}}
}

// Next waits for events and returns all that wait, in order. It fails with ctx's
// error, or with [ErrClosed] when the session or the subscription was closed and
// nothing is left.
func (s *Subscription) Next(ctx context.Context) ([]Event, error) {
	for {
		s.mu.Lock()
		events, closed := s.queue, s.closed
		s.queue = nil
		clear(s.known)
		s.mu.Unlock()
		if len(events) > 0 {
			return events, nil
		}
		if closed {
			return nil, ErrClosed
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Close ends the subscription; Next returns what still waits, then ErrClosed.
func (s *Subscription) Close() {
	s.remove(s)
	s.end()
}

func (s *Subscription) end() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	signal(s.ready)
}

// push adds an event unless an equal one waits. A Resync that waits takes over
// what a later one knows.
func (s *Subscription) push(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	key := eventKey{e.Kind, e.Path}
	if s.known[key] {
		if e.Kind == Resync && e.NewSession {
			s.mergeResync(e)
		}
		return
	}
	s.known[key] = true
	s.queue = append(s.queue, e)
	signal(s.ready)
}

func (s *Subscription) mergeResync(e Event) {
	for i := range s.queue {
		if s.queue[i].Kind == Resync {
			s.queue[i] = e
		}
	}
}

// signal puts a value into a channel of capacity 1 unless one is there.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
