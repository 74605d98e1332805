package lockctl

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawLocks draws a few small locks of few sessions.
func drawLocks(t *rapid.T) []*Lock {
	locks := make([]*Lock, rapid.IntRange(1, 5).Draw(t, "locks"))
	sessions := rapid.Int64Range(0, 6)
	for i := range locks {
		l := &Lock{
			Path: fmt.Sprintf("/%c", 'a'+i),
			Kind: rapid.SampledFrom([]Kind{Mutex, Mutex, ReadWrite, Semaphore, Election}).Draw(t, "kind"),
		}
		if l.Kind == Semaphore {
			l.Limit = rapid.IntRange(0, 3).Draw(t, "limit")
		}
		if rapid.IntRange(0, 5).Draw(t, "mixed") == 0 {
			l.Recipe = Mixed
		}
		in := rapid.IntRange(0, 2).Draw(t, "in")
		for k := range rapid.IntRange(0, 6).Draw(t, "contenders") {
			c := Contender{Node: fmt.Sprintf("n%d", k), Session: sessions.Draw(t, "session"), Mode: Exclusive, Role: Waiter}
			if k <= in {
				c.Role = Holder
			}
			if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
				c.Role = Unknown
			}
			if l.Kind == ReadWrite && rapid.Bool().Draw(t, "reads") {
				c.Mode = Read
			}
			if l.Recipe == Mixed {
				c.name.family = rapid.SampledFrom([]family{kazooLock, curatorMutex, goZooKeeper}).Draw(t, "family")
			}
			c.Stat.Czxid = max(rapid.Int64Range(-5, 20).Draw(t, "czxid"), 0)
			l.Contenders = append(l.Contenders, c)
		}
		locks[i] = l
	}
	return locks
}

// brute is the definition of a deadlock, step by step.
type brute struct {
	locks []*Lock
	let   map[spot]bool // those who wait and were let in
}

// spot is a contender of a lock.
type spot struct{ lock, at int }

func (b *brute) of(s spot) *Contender { return &b.locks[s.lock].Contenders[s.at] }

// all are the contenders of whom anything is known.
func (b *brute) all() (all []spot) {
	for i, l := range b.locks {
		for k, c := range l.Contenders {
			if l.Kind != Election && c.Session != 0 && c.Role != Unknown {
				all = append(all, spot{i, k})
			}
		}
	}
	return all
}

func (b *brute) waits(s spot) bool { return b.of(s).Role == Waiter && !b.let[s] }

// keeps are those for whom a session waits and that keep it from leaving s.
func (b *brute) keeps(s spot) (in []spot) {
	for _, o := range b.all() {
		have, want := b.of(s), b.of(o)
		if o.lock != s.lock && have.Session == want.Session && have.Role == Holder && b.waits(o) &&
			(want.Stat.Czxid == 0 || want.Stat.Czxid > have.Stat.Czxid) {
			in = append(in, o)
		}
	}
	return in
}

// blockers are those whom a contender waits for and who have not gone.
func (b *brute) blockers(s spot) (in []spot) {
	for _, o := range b.all() {
		older, newer := b.of(o), b.of(s)
		if o.lock != s.lock || o.at >= s.at || older.Session == newer.Session || older.Mode == Read && newer.Mode == Read {
			continue
		}
		of, nf := older.name.family, newer.name.family
		if b.locks[s.lock].Recipe == Mixed && of != nf && !slices.Contains(respects[nf], of) {
			continue
		}
		if b.waits(o) || len(b.keeps(o)) > 0 {
			in = append(in, o)
		}
	}
	return in
}

func (b *brute) reduce() {
	for again := true; again; {
		again = false
		for _, s := range b.all() {
			limit := 1
			if l := b.locks[s.lock]; l.Kind == Semaphore {
				if limit = l.Limit; limit == 0 {
					limit = max(l.Holders(), 1)
				}
			}
			if b.waits(s) && len(b.blockers(s)) < limit {
				b.let[s], again = true, true
			}
		}
	}
}

// through tells whether somebody in between may be needed to tell of a circle.
func (b *brute) through(lock int) bool {
	l := b.locks[lock]
	return l.Recipe == Mixed || slices.ContainsFunc(l.Contenders, func(c Contender) bool {
		return c.Mode == Read && c.Session != 0 && c.Role != Unknown
	})
}

// next are the contenders that have to go before s does; far are those of them for
// whom its session waits in another lock.
func (b *brute) next(s spot) (near, far []spot) {
	if b.waits(s) && b.through(s.lock) {
		near = b.blockers(s)
	}
	for _, o := range b.keeps(s) {
		far = append(far, b.blockers(o)...)
	}
	return near, far
}

// shortest is the length of the shortest circle that leaves s by another lock, 0 if
// there is none.
func (b *brute) shortest(s spot) int {
	_, now := b.next(s)
	seen := map[spot]bool{}
	for n := 1; len(now) > 0; n++ {
		var then []spot
		for _, o := range now {
			if o == s {
				return n
			}
			if !seen[o] {
				seen[o] = true
				near, far := b.next(o)
				then = append(append(then, near...), far...)
			}
		}
		now = then
	}
	return 0
}

// find is the contender that a chain names.
func (b *brute) find(path, node string) (spot, bool) {
	for i, l := range b.locks {
		for k := range l.Contenders {
			if l.Path == path && l.Contenders[k].Node == node {
				return spot{i, k}, true
			}
		}
	}
	return spot{}, false
}

func TestDeadlocksBrute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		locks := drawLocks(t)
		b := &brute{locks, map[spot]bool{}}
		b.reduce()
		found := Deadlocks(locks)
		covered, least := map[spot]bool{}, 0
		for _, d := range found {
			b.checkChain(t, d, covered)
			if least == 0 {
				least = len(d.Chain)
			}
		}
		min := 0
		for _, s := range b.all() {
			n := b.shortest(s)
			if (n > 0) != covered[s] {
				t.Fatalf("%v is in a circle of %d, and in what was found: %v", *b.of(s), n, covered[s])
			}
			if n > 0 && (min == 0 || n < min) {
				min = n
			}
		}
		if min != least {
			t.Fatalf("the shortest is of %d, found was one of %d", min, least)
		}
		shuffled := slices.Clone(locks)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if a, b := fmt.Sprintf("%+v", found), fmt.Sprintf("%+v", Deadlocks(shuffled)); a != b {
			t.Fatalf("in another order of locks\n%s is\n%s", a, b)
		}
	})
}

func (b *brute) checkChain(t *rapid.T, d Deadlock, covered map[spot]bool) {
	for i, w := range d.Chain {
		after := d.Chain[(i+1)%len(d.Chain)]
		holds, ok := b.find(w.Holds, w.HoldsNode)
		waits, ok2 := b.find(w.Lock, w.Node)
		behind, ok3 := b.find(w.Lock, w.For)
		switch {
		case !ok || !ok2 || !ok3, after.Holds != w.Lock, after.HoldsNode != w.For:
			t.Fatalf("%+v does not hang together", d)
		case b.of(holds).Session != w.Session, b.of(waits).Session != w.Session, !b.waits(waits):
			t.Fatalf("%+v: %d is not who waits", d, w.Session)
		case !slices.Contains(b.blockers(waits), behind):
			t.Fatalf("%+v: %s is not in the way", d, w.For)
		case holds.lock == waits.lock && (holds != waits || !b.through(holds.lock)):
			t.Fatalf("%+v: %d waits for itself", d, w.Session)
		}
		if holds.lock != waits.lock {
			covered[holds] = true
		}
	}
}

// Who takes locks in one order is in no deadlock.
func TestDeadlocksOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		locks := make([]*Lock, 8)
		for i := range locks {
			locks[i] = &Lock{Path: fmt.Sprintf("/%d", i), Kind: rapid.SampledFrom([]Kind{Mutex, Semaphore}).Draw(t, "kind")}
		}
		var waits []int
		for s := range int64(20) {
			at := -1
			for range rapid.IntRange(0, 3).Draw(t, "holds") {
				if at += rapid.IntRange(1, 3).Draw(t, "next"); at >= len(locks) {
					break
				}
				if l := locks[at]; l.Kind == Semaphore || len(l.Contenders) == 0 {
					l.Contenders = append(l.Contenders, Contender{Node: fmt.Sprint(s), Session: s + 1, Role: Holder})
				}
			}
			waits = append(waits, at+1)
		}
		for s, at := range waits {
			if at < len(locks) {
				locks[at].Contenders = append(locks[at].Contenders, Contender{Node: fmt.Sprint(s), Session: int64(s + 1), Role: Waiter})
			}
		}
		if d := Deadlocks(locks); d != nil {
			t.Fatalf("%+v", d)
		}
	})
}
