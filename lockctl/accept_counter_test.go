package lockctl_test

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// Numbers of all shapes are read and ordered as on a ring: TestParseSequence,
// TestSplitSequence, TestNegativeNames, TestRing and TestBelowZero. Here, that one who
// queues goes by it.
func TestAccept28Ring(t *testing.T) {
	t.Parallel()
	sc := sceneOn(t, wornOut(t, "/locks/a", "/locks/b"))
	const dir = "/locks/a"
	// In one batch, numbers go on below zero.
	var ops []any
	for i := range 6 {
		ops = append(ops, &zk.CreateRequest{Path: dir + "/" + handmade(i), Acl: zk.WorldACL(zk.PermAll), Flags: zk.FlagEphemeral | zk.FlagSequence})
	}
	made, err := sc.conn.Multi(ops...)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made[:3] { // …44, …45, …46 are gone; …47 holds, then -…48, -…47
		sc.remove(m.String)
	}
	if !strings.HasSuffix(made[4].String, "lock--2147483648") {
		t.Fatalf("made %s", made[4].String)
	}
	p := sc.player()
	if l, err := p.handle(dir, lockctl.LockOptions{}).Acquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrExhausted) {
		t.Errorf("behind the end: %s, %v", who(l), err)
	}
	// Ours is …47 too, as the counter stands still: with two of a number nobody is let
	// in, and those below zero are behind both.
	h := p.handle(dir, lockctl.LockOptions{Force: true})
	if l, err := h.TryAcquire(soon(t)); l != nil || err == nil {
		t.Errorf("beside an equal number: %s, %v", who(l), err)
	}
	h.settled()
	if got := len(sc.names(dir)); got != 3 {
		t.Errorf("%d contenders", got)
	}

	// With the equal one gone, -…48 holds, and ours, …47 again, has come after it although
	// it is before it on the ring.
	sc.remove(made[3].String)
	if l, err := h.TryAcquire(soon(t)); l != nil || err == nil {
		t.Fatalf("as %s, whose number was given after those below zero: %v", who(l), err)
	}
	h.settled()
	if got := len(sc.names(dir)); got != 2 {
		t.Errorf("%d contenders", got)
	}

	// Before the end, but near: let when one insists.
	l := p.handle("/locks/b", lockctl.LockOptions{Force: true}).take()
	if !strings.HasSuffix(l.Node(), "lock-2147483644") {
		t.Errorf("holds as %s", l.Node())
	}
	a := sc.player().queue("/locks/b", lockctl.LockOptions{Force: true})
	a.waits()
	release(t, l)
	release(t, a.granted())
}

// wornOut is the address of a server with directories whose counters are near the end.
func wornOut(t *testing.T, paths ...string) string {
	t.Helper()
	all := func() iter.Seq[zktest.Znode] {
		return func(yield func(zktest.Znode) bool) {
			seen := map[string]bool{}
			for _, path := range paths {
				for n := range zktest.NearEnd(path) {
					if !seen[n.Path] && !yield(n) {
						return
					}
					seen[n.Path] = true
				}
			}
		}
	}
	return zktest.Start(t, 1, zktest.WithData(all())).Addr()
}

// Where the counter stands still, equal numbers never give two holders, and what cannot
// be had is said.
func TestAccept29CounterAtItsEnd(t *testing.T) {
	t.Parallel()
	sc := sceneOn(t, wornOut(t, "/locks/a", "/locks/b", "/locks/c"))
	p := sc.player()
	t.Run("refused", func(t *testing.T) {
		sc := sc.in(t)
		for _, take := range []string{"Acquire", "TryAcquire"} {
			h := p.handle("/locks/a", lockctl.LockOptions{})
			l, err := h.Acquire(soon(t))
			if take == "TryAcquire" {
				l, err = h.TryAcquire(soon(t))
			}
			if l != nil || !errors.Is(err, lockctl.ErrExhausted) {
				t.Errorf("%s near the end: %s, %v", take, who(l), err)
			}
		}
		_, stat, err := sc.conn.Children("/locks/a")
		if err != nil || statOf(stat).NextSequence() != math.MaxInt32-3 {
			t.Errorf("something was made: %v, %+v", err, stat)
		}
	})
	t.Run("many insist", func(t *testing.T) {
		sc := sc.in(t)
		var mu sync.Mutex
		inside, granted := 0, 0
		var all sync.WaitGroup
		for range 4 {
			h := sc.player().handle("/locks/a", lockctl.LockOptions{Force: true})
			all.Go(func() {
				for range 4 {
					l, err := h.Acquire(soon(t))
					if err != nil {
						if !errors.Is(err, lockctl.ErrExhausted) {
							t.Errorf("acquiring: %v", err)
						}
						continue
					}
					mu.Lock()
					inside++
					granted++
					if inside != 1 {
						t.Errorf("%d hold", inside)
					}
					mu.Unlock()
					_, stat, err := sc.conn.Get("/locks/a/" + l.Node())
					if err != nil || stat.EphemeralOwner != l.Session() {
						t.Errorf("%s: %v", l.Node(), err)
					}
					mu.Lock()
					inside--
					mu.Unlock()
					if err := l.Release(soon(t)); err != nil {
						t.Errorf("releasing: %v", err)
					}
				}
			})
		}
		all.Wait()
		if granted == 0 {
			t.Error("nobody was granted it")
		}
		sc.holdsOnly("/locks/a")
	})
	t.Run("the name is there", func(t *testing.T) {
		sc := sc.in(t)
		dir := "/locks/b" // naive names are the same for all
		var mine []string
		for range 4 {
			mine = append(mine, sc.contender(dir, "lock_id_", ""))
		}
		if !strings.HasSuffix(mine[3], "2147483647") {
			t.Fatalf("made %q", mine)
		}
		h := p.handle(dir, lockctl.LockOptions{Force: true})
		l, err := h.Acquire(soon(t))
		if l != nil || !errors.Is(err, lockctl.ErrExhausted) {
			t.Fatalf("where the name is there: %s, %v", who(l), err)
		}
		sc.holdsOnly(dir, slices.Clone(mine)...)
	})
	t.Run("another has the number", func(t *testing.T) {
		sc := sc.in(t)
		dir := "/locks/c"
		for range 3 {
			sc.remove(dir + "/" + sc.contender(dir, handmade(1), ""))
		}
		first := sc.contender(dir, handmade(1), "")
		h := p.handle(dir, lockctl.LockOptions{Force: true})
		h.start().failed(lockctl.ErrExhausted)
		h.settled()
		sc.holdsOnly(dir, first)
	})
}
