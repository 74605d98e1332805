package lockctl

import (
	"slices"
	"time"
)

// lock is one lock that is followed. Its tracker takes every change and tells the
// timeline who holds after it; what the recogniser makes of the whole directory, which
// comes less often, sets by which rule.
type lock struct {
	path string
	dir  *folder
	base string // of a single znode its name

	seen    Lock // as it was recognised last
	known   []known
	keys    []groupKey // whose entries count: of the lock's families, and of those they respect
	exact   bool       // who holds is settled by every single change
	limit   int
	holders []*entry
	own     []*entry // readers that hold because their session writes

	timeline *Timeline
	begun    bool // the timeline has a beginning, and no gap since
	at       time.Time
	missed   time.Time // when the last gap was told of
	gapped   time.Time // until when it was told, where nothing is known since; zero: it is
	parties  []Party   // scratch

	view   *View
	hints  map[hint]*hinted
	events []pending
	queued bool // among those with events to be told
	ended  bool // its znodes are gone
}

// queue is where an entry takes part, by the families of the lock.
func (l *lock) takes(e *entry) bool {
	if l.base != "" {
		return e.name == l.base
	}
	return slices.Contains(l.keys, e.key())
}

// who works out who holds now. It looks at the holders and one more, not at the queue.
func (l *lock) who(into []*entry) []*entry {
	d := l.dir
	switch {
	case l.base != "":
		if e := d.kids[l.base]; e != nil {
			into = append(into, e)
		}
		return into
	case len(l.keys) == 0:
		return into
	}
	if len(l.keys) > 1 {
		return l.merged(into)
	}
	q := d.queues[l.keys[0]]
	if q == nil || len(q.all) == 0 {
		return into
	}
	switch {
	case l.seen.rule == allHold:
		for _, e := range q.all {
			if e.after == nil || e.after.gone {
				into = append(into, e)
			}
		}
		return into
	case l.readWrite():
		return l.readers(q.all, into)
	}
	n := max(l.limit, 1)
	for i, e := range q.all {
		if i >= n && !l.joins(q.all[0], e) {
			break
		}
		into = append(into, e)
	}
	return into
}

// joins tells whether one behind the head holds with it: DistributedLog's client that is
// there twice, and go-zookeeper's that have the same number.
func (l *lock) joins(head, e *entry) bool {
	if l.limit > 1 {
		return false
	}
	switch head.tag.family {
	case distributedLog:
		return head.tag.id(head.name) == e.tag.id(e.name)
	case goZooKeeper:
		return e.tag.seq == head.tag.seq
	}
	return false
}

// readWrite tells whether readers hold together. In kazoo's and zk-ruby's queues without
// readers the rule comes to the same as that of a mutex.
func (l *lock) readWrite() bool {
	switch l.keys[0].family {
	case kazooLock, zkRuby:
		return true
	}
	return l.seen.rule == readersFirstWrite || l.seen.rule == readersLastWrite
}

func (l *lock) readers(all, into []*entry) []*entry {
	if all[0].tag.mode != Read {
		into = append(into, all[0])
		for _, e := range l.own {
			if !e.gone && e.stat.EphemeralOwner == all[0].stat.EphemeralOwner {
				into = append(into, e)
			}
		}
		return into
	}
	for _, e := range all {
		if e.tag.mode != Read {
			break
		}
		into = append(into, e)
	}
	return into
}

// merged is the first of two families that respect each other, and who holds with it.
func (l *lock) merged(into []*entry) []*entry {
	var first *queue
	for _, k := range l.keys {
		if q := l.dir.queues[k]; q != nil && len(q.all) > 0 && (first == nil || q.all[0].before(first.all[0])) {
			first = q
		}
	}
	if first == nil {
		return into
	}
	for i, e := range first.all {
		if i > 0 && !l.joins(first.all[0], e) {
			break
		}
		into = append(into, e)
	}
	return into
}

// contenders counts those who take part, and of a semaphore those in its queue.
func (l *lock) contenders() int {
	n := 0
	for _, k := range l.keys {
		if q := l.dir.queues[k]; q != nil {
			n += len(q.all)
		}
	}
	if l.base != "" && l.dir.kids[l.base] != nil {
		n++
	}
	if q := l.head(); q != nil {
		n += len(q.all)
	}
	return n
}

// head is the queue in front of a semaphore, nil if there is none.
func (l *lock) head() *queue {
	if l.dir.queue == nil || len(l.keys) != 1 {
		return nil
	}
	switch l.keys[0].family {
	case curatorLease:
		return l.dir.queue.queues[groupKey{family: curatorMutex}]
	case kazooPlace:
		return l.dir.queue.queues[groupKey{family: kazooLock}]
	}
	return nil
}

// waiting is how many wait, if so many hold. Behind the first of a semaphore whose limit
// is in its clients nobody knows.
func (l *lock) waiting(holders int) int {
	if l.seen.rule == firstHolds && l.limit == 0 {
		return 0
	}
	return max(l.contenders()-holders, 0)
}

// party is how the timeline knows an entry.
func (b *Board) party(e *entry) Party {
	p := Party{
		ID: e.id, Node: e.name, Mode: e.tag.mode, Session: e.stat.EphemeralOwner, Identity: e.who,
		Czxid: e.stat.Czxid, Queued: e.queued,
	}
	if p.Mode == "" {
		p.Mode = Exclusive
	}
	if p.Queued.IsZero() {
		p.Queued = e.at
	}
	if p.Session != 0 {
		p.Address = b.cluster.Addresses[p.Session]
	}
	if p.Queued.IsZero() && b.skewed && e.stat.Ctime != 0 {
		p.Queued = time.UnixMilli(e.stat.Ctime).Add(b.skew)
	}
	return p
}

// settle tells who holds after a change. Where single changes do not settle it, only
// that holders are gone.
func (b *Board) settle(l *lock, at time.Time) {
	if !l.begun {
		return
	}
	now := b.holding[:0]
	if l.exact {
		now = l.who(now)
	} else {
		for _, e := range l.holders {
			if !e.gone {
				now = append(now, e)
			}
		}
	}
	b.hold(l, now, at)
	b.holding = now[:0]
}

// hold notes who holds now, and tells it.
func (b *Board) hold(l *lock, now []*entry, at time.Time) {
	if at.Before(l.at) {
		at = l.at
	}
	l.at = at
	waiting := l.waiting(len(now))
	if !slices.Equal(now, l.holders) {
		b.turns++
		for _, e := range now {
			e.turn = b.turns
		}
		for _, e := range l.holders {
			if e.turn != b.turns {
				b.tell(l, EventReleased, e, at, waiting)
				e.holds = false
			}
		}
		for _, e := range now {
			if !e.holds {
				e.holds, e.since, e.atLeast = true, at, false
				b.tell(l, EventGranted, e, at, waiting)
				b.want(l.dir, e)
			}
		}
		l.holders = append(l.holders[:0], now...)
	}
	l.timeline.Set(at, b.parties(l), waiting)
}

func (b *Board) parties(l *lock) []Party {
	l.parties = l.parties[:0]
	for _, e := range l.holders {
		l.parties = append(l.parties, b.party(e))
	}
	return l.parties
}

// begin is the first look at a lock, or the first after a gap.
func (b *Board) begin(l *lock, now []*entry, at time.Time) {
	if at.Before(l.at) {
		at = l.at
	}
	// A semaphore's two directories are listed one after the other: the gap lasts longer
	// than what its follow missed.
	if !l.gapped.IsZero() && at.After(l.gapped) {
		b.tellMissed(l, l.gapped, at, "it was not listed again before")
	}
	l.at, l.begun, l.gapped = at, true, time.Time{}
	for _, e := range l.holders {
		e.holds = false
	}
	l.holders = append(l.holders[:0], now...)
	waiting := l.waiting(len(now))
	for _, e := range l.holders {
		e.holds, e.since, e.atLeast = true, at, true
		b.tell(l, EventGranted, e, at, waiting)
	}
	l.timeline.Begin(at, b.parties(l), waiting)
}

// miss tells of a gap: until the lock was listed again nothing is known of it.
func (b *Board) miss(l *lock, from, to time.Time, why string) {
	l.timeline.Miss(from, to, why)
	for _, e := range l.holders {
		e.holds = false
	}
	l.holders, l.own, l.begun = l.holders[:0], nil, false
	if to.After(l.at) {
		l.at = to
	}
	if !l.missed.Equal(to) {
		l.missed, l.gapped = to, to
		b.tellMissed(l, from, to, why)
	}
}
