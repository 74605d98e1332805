package lockctl

import (
	"cmp"
	"slices"
)

// Deadlock is a circle of sessions, each of which holds what the next one before it
// waits for.
type Deadlock struct {
	Chain []Wait // the first waits for the second, …, the last for the first
}

// Wait is one session of a deadlock.
type Wait struct {
	Session           int64
	Identity, Address string
	// Lock is the path of the lock it waits for, Node its contender there; For is the
	// contender of the next one in the chain, which is in its way.
	Lock, Node, For string
	// Holds is the path of the lock that it has, or stands before the one before it, and
	// HoldsNode its contender there.
	Holds, HoldsNode string
}

const (
	// mostDeadlocks is how many circles are told of; a person needs one to cut.
	mostDeadlocks = 100
	// mostMixed is up to how many contenders a directory of mixed recipes is looked at,
	// where each has to be held against each.
	mostMixed = 1000
	// mostWaits is for how much at once a session may wait to be taken for one that does
	// one thing at a time.
	mostWaits = 256
)

// Deadlocks finds sessions that hold one lock and wait for another in circles. Where
// circles hang together, each session that is in one is in one of those returned, which
// are the shortest; of very many the first hundred are. The order depends on what is in
// the locks alone. It is a pure function.
//
// Who holds a lock lets go of it when its session has got all that it waits for in
// other locks, having queued there later than for the lock. One that waits in a mutex or
// a read-write lock gets it when all who conflict with it and are before it have let
// go; in a semaphore with n places, when all but n-1 of them have. Where the limit is
// not known it counts as n that n hold. Contenders that are [Unknown] or have no session
// wait for nobody and are in nobody's way.
//
// It takes a session for one who does one thing at a time. Whether its threads hold and
// wait apart from each other cannot be known: then a circle is none if the thread that
// holds goes on. It is taken so where it is certain: who waits in a lock has nothing
// else to wait for; who holds one and waits in it once more does not wait for itself;
// one who waits for more than 256 at once keeps nobody waiting by that.
//
// Elections, exclusive nodes and timed leases are left out: who stands by for one works
// on meanwhile. (An election that looks like a mutex, as Curator's LeaderSelector does,
// is not told apart.) Directories of mixed recipes with more than a thousand contenders
// are left out too.
func Deadlocks(locks []*Lock) []Deadlock {
	t := entangle(locks)
	if t == nil || !t.reduce() {
		return nil
	}
	t.compact()
	return newKnots(t).circles()
}

// tangle is who waits for whom in all locks.
type tangle struct {
	lines   []line // by path
	stays   []stay
	parties []party
	sweeps  int32
	due     []int32 // lines to be swept again
	news    []int32 // parties of whom some were let in
}

// line is the queue of a lock.
type line struct {
	lock  *Lock
	limit int32 // how many may be in together
	mixed bool  // recipes that do not all respect each other
	// through tells that who is in the way of one in the way need not be in one's own: a
	// reader waits for a writer that waits for readers. Elsewhere nobody is told of for
	// being in between.
	through bool
	seats   []seat
	first   int // those before have gone
	due     bool
}

// seat is a contender.
type seat struct {
	at    int32 // its index in the lock's contenders
	stay  int32
	prev  int32 // the seat before it of the same session in this line, -1 if there is none
	czxid int64
	holds bool
	waits bool // it was not let in yet
	reads bool
}

// stay is a session in one line.
type stay struct {
	party, line int32
	next        int32 // another of the session's stays, -1: none
	last        int32 // its last seat

	sweep        int32 // the sweep in which the following were counted
	all, writers int32 // its seats in the way so far
}

// party is a session.
type party struct {
	stays int32   // the first
	waits []wants // of those only that were not let in yet
	news  bool
	keeps bool // it has a lock that it cannot leave
}

// wants is a seat that waits.
type wants struct {
	line, seat int32
	czxid      int64
}

// entangle reads who waits; nil if no session is in two locks, without which there is
// no circle.
func entangle(locks []*Lock) *tangle {
	t := &tangle{}
	n := 0
	for _, l := range locks {
		if l != nil && waitedFor(l) {
			t.lines = append(t.lines, line{lock: l})
			n += len(l.Contenders)
		}
	}
	if len(t.lines) < 2 {
		return nil
	}
	slices.SortFunc(t.lines, func(a, b line) int { return cmp.Compare(a.lock.Path, b.lock.Path) })
	known := make(map[int64]int32, n)
	seats := make([]seat, 0, n)
	t.stays = make([]stay, 0, n)
	both := false
	for i := range t.lines {
		from := len(seats)
		seats, both = t.sit(i, seats, known, both)
		t.lines[i].seats = seats[from:len(seats):len(seats)]
	}
	if !both {
		return nil
	}
	return t
}

// waitedFor tells whether anybody waits for a lock in a way that keeps it from working.
func waitedFor(l *Lock) bool {
	switch l.Kind {
	case Mutex, ReadWrite, Semaphore:
		return (l.Recipe != Mixed || len(l.Contenders) <= mostMixed) && l.Waiters() > 0
	case Election, ExclusiveNode, TimedLease:
	}
	return false
}

// sit gives the contenders of a line their seats. It tells whether a session is in two.
func (t *tangle) sit(i int, seats []seat, known map[int64]int32, both bool) ([]seat, bool) {
	q := &t.lines[i]
	q.mixed, q.limit = q.lock.Recipe == Mixed, 1
	q.through = q.mixed
	if q.lock.Kind == Semaphore {
		if q.limit = int32(min(q.lock.Limit, 1<<30)); q.limit <= 0 {
			q.limit = max(int32(q.lock.Holders()), 1)
		}
	}
	from := len(seats)
	for k := range q.lock.Contenders {
		c := &q.lock.Contenders[k]
		if c.Session == 0 || c.Role != Holder && c.Role != Waiter {
			continue
		}
		id, ok := known[c.Session]
		if !ok {
			id = int32(len(t.parties))
			known[c.Session] = id
			t.parties = append(t.parties, party{stays: -1})
		}
		p := &t.parties[id]
		if p.stays < 0 || t.stays[p.stays].line != int32(i) {
			both = both || p.stays >= 0
			t.stays = append(t.stays, stay{party: id, line: int32(i), next: p.stays, last: -1})
			p.stays = int32(len(t.stays) - 1)
		}
		s := &t.stays[p.stays]
		seats = append(seats, seat{
			at: int32(k), stay: p.stays, prev: s.last, czxid: c.Stat.Czxid,
			holds: c.Role == Holder, waits: c.Role == Waiter, reads: c.Mode == Read,
		})
		s.last = int32(len(seats) - 1 - from)
		q.through = q.through || c.Mode == Read
		if c.Role == Waiter && len(p.waits) <= mostWaits {
			p.waits = append(p.waits, wants{int32(i), s.last, c.Stat.Czxid})
		}
	}
	return seats, both
}
