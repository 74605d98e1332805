package lockctl

import (
	"time"
)

// EventKind is what happened to a lock.
type EventKind string

// The kinds of events. A contender is queued and then granted and released, or leaves;
// one that holds at once is not queued before.
const (
	EventGranted  EventKind = "granted"
	EventReleased EventKind = "released"
	EventQueued   EventKind = "queued"
	EventLeft     EventKind = "left"   // left the queue without having held
	EventMissed   EventKind = "missed" // between Since and At nothing was seen
	EventFound    EventKind = "found"  // a lock is listed from now on
	EventGone     EventKind = "gone"   // it is not listed any more
)

// Event is one thing that happened to a lock. Those of one lock are told in the order in
// which they happened; each may wait up to a second for the read of its party.
type Event struct {
	At      time.Time
	Kind    EventKind
	Path    string
	Recipe  Recipe
	Party   Party // of granted, released, queued and left
	Waiting int   // how many wait then
	// AtLeast is of granted: it may have held before, At being when we looked first.
	AtLeast bool
	Since   time.Time // of missed
	Why     string    // of missed; safe to print
}

// pending is an event that may wait for the read of its party.
type pending struct {
	Event
	e   *entry
	due time.Time // when it is told as it is
}

// patience is how long an event waits for the read of its party, unless it is told.
const patience = time.Second

// tell tells that something happened to a contender, if anybody listens.
func (b *Board) tell(l *lock, kind EventKind, e *entry, at time.Time, waiting int) {
	if b.o.Observe == nil {
		return
	}
	b.later(l, pending{e: e, Event: Event{At: at, Kind: kind, Path: l.path, Recipe: l.seen.Recipe, Waiting: waiting, AtLeast: kind == EventGranted && e.atLeast}})
}

func (b *Board) tellMissed(l *lock, from, to time.Time, why string) {
	if b.o.Observe != nil {
		b.later(l, pending{Event: Event{At: to, Kind: EventMissed, Path: l.path, Recipe: l.seen.Recipe, Since: from, Why: why}})
	}
}

func (b *Board) tellListed(l *lock, kind EventKind) {
	if b.o.Observe != nil {
		b.later(l, pending{Event: Event{At: b.now(), Kind: kind, Path: l.path, Recipe: l.seen.Recipe}})
	}
}

func (b *Board) later(l *lock, t pending) {
	t.due = time.Now().Add(b.o.Patience)
	l.events = append(l.events, t)
	if !l.queued {
		l.queued = true
		b.telling = append(b.telling, l)
	}
}

// tellDue tells what need not wait any more.
func (b *Board) tellDue(now time.Time) {
	left := b.telling[:0]
	for _, l := range b.telling {
		n := 0
		for n < len(l.events) && b.complete(&l.events[n], now) {
			t := &l.events[n]
			if t.e != nil {
				t.Party = b.party(t.e)
			}
			b.o.Observe(t.Event)
			n++
		}
		l.events = append(l.events[:0], l.events[n:]...)
		if l.queued = len(l.events) > 0; l.queued {
			b.wakeAt(l.events[0].due)
			left = append(left, l)
		}
	}
	clear(b.telling[len(left):])
	b.telling = left
}

// complete tells whether an event has all that there will be.
func (b *Board) complete(t *pending, now time.Time) bool {
	e := t.e
	switch {
	case e == nil, !now.Before(t.due):
		return true
	case e.read:
		_, ok := b.cluster.Addresses[e.stat.EphemeralOwner]
		return ok || e.stat.EphemeralOwner == 0 || !b.addressable()
	}
	return e.refused || e.gone && !e.asked
}
