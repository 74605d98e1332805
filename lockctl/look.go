package lockctl

import (
	"slices"
	"time"
)

// How often a directory is recognised anew, and how much of the time that may take.
const (
	leastPause = 33 * time.Millisecond
	share      = 20 // of a directory one part in so many
	shareOpen  = 5  // of the one that is open
	shareAll   = 10 // of all together
	burst      = 200 * time.Millisecond
)

// soil has a directory recognised anew.
func (b *Board) soil(d *folder) {
	if d.places != nil {
		b.soil(d.places)
		if b.shows(d.places) {
			return
		}
	}
	if !d.dirty {
		d.dirty = true
		b.soiled = append(b.soiled, d)
	}
}

// shows tells whether a directory of places shows its queue as a part of it.
func (b *Board) shows(d *folder) bool {
	return slices.ContainsFunc(d.locks, func(l *lock) bool { return l.seen.Kind == Semaphore })
}

// recogniseDue recognises what changed, as far as its time has come.
func (b *Board) recogniseDue(now time.Time) {
	if len(b.soiled) == 0 {
		return
	}
	b.credit = min(b.credit+now.Sub(b.credited)/shareAll, burst)
	b.credited = now
	left := b.soiled[:0]
	for i, d := range b.soiled {
		due, open := b.dueOf(d), b.isOpen(d)
		first := d.looked.IsZero()
		switch {
		case b.dirs[d.path] != d:
			d.dirty = false
			continue
		case d.state == listing && d.reply != nil, d.state == listing && !d.known:
			d.dirty = false // when it was adopted
			continue
		case now.Before(due):
			b.wakeAt(due)
			left = append(left, d)
			continue
		case b.credit <= 0 && !first && !open && len(b.waiting) == 0:
			b.wakeAt(now.Add(leastPause))
			left = append(left, b.soiled[i:]...)
			b.soiled = left
			return
		}
		d.dirty = false
		began := time.Now()
		b.recogniseDir(d)
		d.looked = time.Now()
		d.cost = d.looked.Sub(began)
		if !first {
			b.credit = max(b.credit-d.cost, -burst)
		}
	}
	clear(b.soiled[len(left):])
	b.soiled = left
}

// dueOf is when a directory may be recognised again.
func (b *Board) dueOf(d *folder) time.Time {
	pause := share * d.cost
	if b.isOpen(d) {
		pause = shareOpen * d.cost
	}
	return d.looked.Add(max(leastPause, pause))
}

func (b *Board) isOpen(d *folder) bool {
	return b.opened != "" && slices.ContainsFunc(d.locks, func(l *lock) bool { return l.path == b.opened })
}

// recogniseDir recognises a directory that is live, and makes its views.
func (b *Board) recogniseDir(d *folder) {
	if d.state == live {
		l := d.directory()
		b.found(d, recognise(l, b.judged(), d.before()), l)
		if len(d.locks) == 0 && !d.guessed && !b.needed(d) {
			b.blank(d, len(d.kids))
			return
		}
		for _, l := range d.locks {
			b.feed(l)
		}
		b.wantFirst(d)
	}
	for _, l := range d.locks {
		b.show(l)
	}
}

// feed tells the timeline who holds, where it is the recogniser that knows.
func (b *Board) feed(l *lock) {
	if !l.whole() {
		return
	}
	if l.exact {
		if l.begun {
			b.settle(l, l.dir.last) // not now: changes from before may be on their way
		} else {
			b.first(l)
		}
		return
	}
	at := l.dir.last
	if at.IsZero() || at.Before(l.at) {
		at = b.now()
	}
	now := b.holding[:0]
	for i := range l.seen.Contenders {
		k := &l.seen.Contenders[i]
		e := b.entryOf(l, k)
		if e == nil {
			continue
		}
		if l.seen.Kind == TimedLease && e.who != k.Identity {
			e.who = k.Identity
		}
		// Where it cannot be told any more whether who held still does, it does.
		if k.Role == Holder || k.Role == Unknown && e.holds {
			now = append(now, e)
		}
	}
	if l.begun {
		b.hold(l, now, at)
	} else {
		b.begin(l, now, b.now())
	}
	b.holding = now[:0]
}

// first begins the timeline of a lock that was found in a directory that was followed
// before: what was seen of its contenders is from then on.
func (b *Board) first(l *lock) {
	var at time.Time
	holders := l.who(nil)
	for _, e := range holders {
		if e.at.IsZero() {
			l.holdersFor(b, b.now())
			return
		}
		if e.at.After(at) {
			at = e.at
		}
	}
	if at.IsZero() {
		at = b.now()
	}
	b.begin(l, nil, at)
	b.hold(l, holders, at)
}

// entryOf is the child that a contender is.
func (b *Board) entryOf(l *lock, k *Contender) *entry {
	if q := l.dir.queue; q != nil && k.Dir == q.path {
		return q.kids[k.Node]
	}
	return l.dir.kids[k.Node]
}
