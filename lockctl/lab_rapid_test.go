package lockctl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// contest is some handles that take one lock while connections break.
type contest struct {
	lab     *lab
	dir     string
	recipe  Recipe
	deleted bool // somebody deletes contenders meanwhile: then only their znodes count

	mu     sync.Mutex
	leases map[*Lease]bool
	grants int
	fault  []string
}

func (c *contest) failf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = append(c.fault, time.Now().Format("05.0000 ")+fmt.Sprintf(format, args...))
}

// look fails if two say that they hold.
func (c *contest) look() {
	c.mu.Lock()
	var all []*Lease
	for l := range c.leases {
		all = append(all, l)
	}
	c.mu.Unlock()
	var held []string
	for _, l := range all {
		if c.deleted && !c.lab.has(join(l.Dir(), l.Node())) {
			continue
		}
		if l.State() == LeaseHeld {
			held = append(held, fmt.Sprintf("%s (session %#x, until %s)", l.Node(), l.Session(), l.Deadline().Format("05.0000")))
		}
	}
	if len(held) > 1 {
		c.failf("%d hold: %s", len(held), strings.Join(held, ", "))
	}
}

// contend takes the lock again and again until ctx ends.
func (c *contest) contend(ctx context.Context, s *labSession, rnd func(n int) int, steps func(Step)) {
	k, err := NewLocker(s, c.dir, LockOptions{Recipe: c.recipe, Observe: steps})
	if err != nil {
		c.failf("%v", err)
		return
	}
	for ctx.Err() == nil {
		wait := time.Duration(rnd(4000)) * time.Millisecond
		within, cancel := context.WithTimeout(ctx, wait)
		began := time.Now()
		take := k.Acquire
		if rnd(4) == 0 {
			take = k.TryAcquire
		}
		l, err := take(within)
		if late := time.Since(began) - wait; late > briefly+50*time.Millisecond {
			c.failf("Acquire returned %s late: %v", late, err)
		}
		cancel()
		switch {
		case l == nil && err == nil:
			c.failf("nil and nil")
		case errors.Is(err, ErrEnded):
			return
		case errors.Is(err, ErrHeldAlready):
			c.failf("%v", err)
			return
		case err != nil:
			continue
		}
		c.mu.Lock()
		c.leases[l] = true
		c.grants++
		c.mu.Unlock()
		c.look()
		select {
		case <-l.Done():
		case <-time.After(time.Duration(rnd(300)) * time.Millisecond):
		}
		within, cancel = context.WithTimeout(ctx, time.Duration(rnd(2000))*time.Millisecond)
		err = l.Release(within)
		cancel()
		<-l.Done()
		if s := l.State(); s != LeaseLost && s != LeaseReleased || l.Err() == nil {
			c.failf("after the end: %s, %v", s, l.Err())
		}
		if err == nil && c.lab.has(join(l.Dir(), l.Node())) && !c.deleted {
			c.failf("%s is there after Release", l.Node())
		}
		c.mu.Lock()
		delete(c.leases, l)
		c.mu.Unlock()
		if err := k.Settled(context.Background()); err != nil {
			c.failf("%v", err)
		}
	}
	_ = k.Settled(context.Background())
}

// Whatever breaks: never two that both say they hold, no znode left behind, every call
// returns in time, and somebody is granted the lock.
func TestContest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		recipe := rapid.SampledFrom([]Recipe{CuratorMutex, CuratorMutex, KazooLock, WriteLock, Naive, PlainLock}).Draw(rt, "recipe")
		shared := rapid.Bool().Draw(rt, "two of a session")
		deleted := rapid.Bool().Draw(rt, "deleted")
		loss := rapid.SampledFrom([]int{0, 3, 10}).Draw(rt, "requests lost of 100")
		faults := rapid.IntRange(0, 16).Draw(rt, "faults")
		synctest.Test(t, func(*testing.T) {
			for _, f := range runContest(seed, recipe, shared, deleted, loss, faults) {
				rt.Error(f)
			}
		})
	})
}

func runContest(seed uint64, recipe Recipe, shared, deleted bool, loss, faults int) []string {
	b := newLab(seed)
	rnd := func(n int) int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.rng.IntN(n)
	}
	c := &contest{lab: b, dir: "/locks/a", recipe: recipe, deleted: deleted, leases: map[*Lease]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var sessions []*labSession
	open := func() *labSession {
		s := b.open(2 * time.Second)
		b.do(func() {
			s.lose = func(string, string) (before, after bool) {
				return b.rng.IntN(100) < loss, b.rng.IntN(100) < loss
			}
		})
		return s
	}
	client := func() {
		for ctx.Err() == nil {
			s := open()
			b.do(func() { sessions = append(sessions, s) })
			var both sync.WaitGroup
			both.Go(func() { c.contend(ctx, s, rnd, nil) })
			if shared {
				both.Go(func() { c.contend(ctx, s, rnd, nil) })
			}
			both.Wait()
		}
	}
	for range 3 {
		wg.Go(client)
	}
	wg.Go(func() {
		for ctx.Err() == nil {
			c.look()
			time.Sleep(4 * time.Millisecond) // and whenever somebody is let in
		}
	})
	for range faults {
		time.Sleep(time.Duration(rnd(1500)) * time.Millisecond)
		var s *labSession
		i := rnd(3)
		b.do(func() { s = sessions[len(sessions)-1-i%len(sessions)] })
		switch rnd(6) {
		case 0, 1:
			s.cut(time.Duration(rnd(3000)) * time.Millisecond)
		case 2:
			s.stall(time.Duration(rnd(3000)) * time.Millisecond)
		case 3:
			s.cut(0)
		case 4:
			if names := b.names(c.dir); deleted && len(names) > 0 {
				path := join(c.dir, names[rnd(len(names))])
				b.do(func() { _ = b.remove(path, -1) })
			}
		case 5:
			if names := b.names(c.dir); len(names) > 0 {
				path := join(c.dir, names[rnd(len(names))])
				b.do(func() { _, _ = b.set(path, []byte("__REVOKE__"), -1) })
			}
		}
	}
	b.do(func() {
		for _, s := range b.sessions {
			s.lose = nil
		}
	})
	c.mu.Lock()
	was := c.grants
	c.mu.Unlock()
	time.Sleep(6 * time.Second)
	c.mu.Lock()
	if c.grants == was {
		c.fault = append(c.fault, "nobody is granted the lock any more")
	}
	c.mu.Unlock()
	cancel()
	wg.Wait()
	if left := b.names(c.dir); len(left) > 0 {
		c.failf("left behind: %q", left)
	}
	b.close()
	return c.fault
}
