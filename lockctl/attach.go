package lockctl

import (
	"slices"
	"time"
)

// How much a board keeps.
const (
	maxLocks = 20_000
	maxEnded = 1_000 // of those, locks whose znodes are gone
	// Holds that are kept of one lock. The n-th gets 30,000/(n+15) of them, which comes
	// to some 370,000 of all.
	maxTimeline = 2_000
	minTimeline = 8
)

// attach finds out which locks are in a directory that was listed, and begins to follow
// them. The changes that the board takes next begin at a time at; born are those whom
// they create.
func (b *Board) attach(d *folder, at time.Time, born map[string][]*entry) {
	l := d.directory()
	for _, all := range born {
		for _, e := range all {
			l.Children = append(l.Children, e.node())
		}
	}
	b.found(d, recognise(l, b.judged(), d.before()), l)
	for _, l := range d.locks {
		if l.exact && !l.begun && l.whole() {
			l.holdersFor(b, at)
		}
	}
}

func (l *lock) holdersFor(b *Board, at time.Time) {
	l.dir.pending()
	now := l.who(b.holding[:0])
	b.begin(l, now, at)
	b.holding = now[:0]
}

// whole tells whether all directories of the lock are known.
func (l *lock) whole() bool {
	q := l.dir.queue
	return l.dir.state == live && (q == nil || q.state != listing)
}

// before is what is known of the queues of the directory.
func (d *folder) before() []known {
	var k []known
	for _, l := range d.locks {
		k = append(k, l.known...)
	}
	return k
}

// found takes what the recogniser made of a directory. A lock that was one stays one:
// as long as anybody of its family is there it is what it was, and after that it is free.
func (b *Board) found(d *folder, locks []Lock, in Directory) {
	if d.places != nil && b.shows(d.places) {
		locks = nil // it is shown as the queue of a semaphore
		for _, l := range slices.Clone(d.locks) {
			b.drop(l)
		}
	}
	d.guessed = false
	left := slices.Clone(d.locks)
	for _, seen := range locks {
		i := slices.IndexFunc(left, func(l *lock) bool { return l.is(&seen) })
		if i >= 0 {
			b.update(left[i], seen)
			left = slices.Delete(left, i, i+1)
			continue
		}
		if d.guess(&seen) {
			d.guessed = true
			continue
		}
		if l := b.add(d, seen.Path); l != nil {
			b.update(l, seen)
			b.tellListed(l, EventFound)
		}
	}
	for _, l := range left {
		b.remains(l, in)
	}
	if q := d.queue; q != nil && b.shows(d) { // which was a lock by itself until there were places
		for _, l := range slices.Clone(q.locks) {
			b.drop(l)
		}
	}
}

// guess tells whether a lock was recognised by the name of a single znode alone, which
// is about to be read: the directory of a queue is called lock more often than not.
func (d *folder) guess(seen *Lock) bool {
	if len(seen.of) > 0 || seen.Certainty > Possible || len(seen.Contenders) != 1 {
		return false
	}
	e := d.kids[seen.Contenders[0].Node]
	return e == nil || !e.read && !e.refused // nil: it is born later
}

// is tells whether a recognised lock is this one: by its path, or of those that have
// their prefix alone in common, by that.
func (l *lock) is(seen *Lock) bool {
	if l.path == seen.Path {
		return true
	}
	return len(l.known) == 1 && len(seen.of) == 1 && l.known[0].key == seen.of[0] && seen.of[0].family == other
}

// remains settles what becomes of a lock that was not recognised any more.
func (b *Board) remains(l *lock, in Directory) {
	if e := l.dir.kids[l.base]; l.seen.Kind == ExclusiveNode && e != nil && e.read && e.stat.EphemeralOwner == 0 {
		b.yield(l) // a directory has its name now
		return
	}
	for _, k := range l.known {
		if seen, ok := again(in, b.judged(), k); ok {
			if k.certainty < Likely {
				b.drop(l) // what was read has shown that it is none
				return
			}
			b.update(l, seen)
			return
		}
	}
	seen := l.seen
	seen.Contenders, seen.Warnings, seen.Standbys, seen.Foreign, seen.Until = nil, nil, nil, nil, 0
	if l.base == "" {
		seen.NextSequence = in.Stat.NextSequence()
		if len(l.known) > 0 && l.known[0].key.family != other {
			seen.setForeign(&in, survey(&in), l.families()...)
			seen.Warnings = nil
			seen.warnSequences(&in) // of the counter: now is the time to do something
		}
	}
	b.update(l, seen)
}

func (l *lock) families() []family {
	var of []family
	for _, k := range l.known {
		of = append(of, k.key.family)
	}
	return of
}

// add lists a new lock; nil if there are too many, or if another has its path: a single
// znode, and the directory of a queue. Of those, one that is free makes room.
func (b *Board) add(d *folder, path string) *lock {
	if other := b.locks[path]; other != nil {
		if other.dir == d || len(other.seen.Contenders) > 0 {
			return nil
		}
		b.drop(other)
	}
	if len(b.locks) >= maxLocks {
		b.full = true
		return nil
	}
	share := min(max(30_000/(len(b.locks)+15), minTimeline), maxTimeline)
	l := &lock{path: path, dir: d, timeline: NewTimeline(share), hints: map[hint]*hinted{}}
	b.locks[path] = l
	d.locks = append(d.locks, l)
	at, _ := slices.BinarySearchFunc(b.sorted, path, comparePath)
	b.sorted = slices.Insert(b.sorted, at, l)
	b.news()
	return l
}

func comparePath(l *lock, path string) int {
	switch {
	case l.path < path:
		return -1
	case l.path > path:
		return 1
	}
	return 0
}

// drop does not list a lock any more.
func (b *Board) drop(l *lock) {
	if b.locks[l.path] != l {
		return
	}
	b.tellListed(l, EventGone)
	delete(b.locks, l.path)
	if at, ok := slices.BinarySearchFunc(b.sorted, l.path, comparePath); ok {
		b.sorted = slices.Delete(b.sorted, at, at+1)
	}
	l.dir.locks = slices.DeleteFunc(l.dir.locks, func(o *lock) bool { return o == l })
	b.news()
}

// yield drops a single znode for the directory that has its path, which may have had no
// room for a lock.
func (b *Board) yield(l *lock) {
	b.drop(l)
	if d := b.dirs[l.path]; d != nil {
		b.soil(d)
		return
	}
	delete(b.nothing, l.path)
	b.candidate(l.path, nil)
}

// update takes what was recognised of a lock.
func (b *Board) update(l *lock, seen Lock) {
	seen.Path = l.path
	l.seen = seen
	l.base = ""
	if len(seen.of) == 0 {
		_, l.base = split(l.path)
		if seen.Recipe == KazooLease {
			l.base = leaseHolder
		}
	}
	if len(seen.Contenders) > 0 || len(l.known) == 0 {
		l.learn(&seen)
	}
	l.exact = l.settled(&seen)
	b.settleOwn(l)
	b.ending(l)
}

// learn notes what is to be remembered of a queue.
func (l *lock) learn(seen *Lock) {
	var now []known
	for _, k := range seen.of {
		n := known{key: k, certainty: seen.Certainty}
		if seen.Kind == Semaphore && seen.Limit > 1 && (k.family == curatorMutex || k.family == plainLock) {
			n.limit = seen.Limit
		}
		now = append(now, n)
	}
	l.known = now
	if l.limit = seen.Limit; seen.rule == firstHolds {
		l.limit = 0
	}
	l.keys = slices.Clone(seen.of)
	if len(seen.of) != 1 || seen.Limit != 1 {
		return
	}
	for _, pair := range [][2]family{{goZooKeeper, curatorMutex}, {writeLock, zooLock}} {
		for i, f := range pair {
			if seen.of[0].family == f {
				l.keys = append(l.keys, groupKey{family: pair[1-i]})
			}
		}
	}
}

// settled tells whether single changes settle who holds. If not, it comes from the
// recogniser, which sees the whole queue.
func (l *lock) settled(seen *Lock) bool {
	f := l.dir.follow
	switch {
	case f == nil || f.partial != "": // changes come in no order
		return false
	case seen.mixed, seen.Kind == TimedLease:
		return false
	case len(seen.of) == 0:
		return true
	case len(seen.of) > 1 && seen.Limit != 1:
		return false
	}
	return len(seen.Contenders) == 0 || seen.rule == allHold || seen.Contenders[0].Role == Holder
}

// settleOwn finds readers that hold because their session writes (CURATOR-621).
func (b *Board) settleOwn(l *lock) {
	l.own = l.own[:0]
	if len(l.seen.of) != 1 || l.seen.of[0].family != curatorRW {
		return
	}
	all := l.seen.Contenders
	if len(all) == 0 || all[0].Mode != Write {
		return
	}
	for i := 1; i < len(all); i++ {
		if all[i].Role == Holder {
			if e := l.dir.kids[all[i].Node]; e != nil {
				l.own = append(l.own, e)
			}
		}
	}
}

// ending keeps few of the locks whose znodes are gone.
func (b *Board) ending(l *lock) {
	ended := len(l.seen.Contenders) == 0 && (l.dir.gone || l.base != "" || len(l.seen.of) == 1 && l.seen.of[0].family == other)
	if ended == l.ended {
		return
	}
	l.ended = ended
	if !ended {
		b.over = slices.DeleteFunc(b.over, func(o *lock) bool { return o == l })
		return
	}
	b.over = append(b.over, l)
	for len(b.over) > maxEnded {
		first := b.over[0]
		b.over = b.over[1:]
		b.drop(first)
		b.tidy(first.dir)
	}
}
