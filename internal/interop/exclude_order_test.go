//go:build interop

package interop

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// TestExclude has ours and their clients meet at one lock, in both orders.
func TestExclude(t *testing.T) {
	t.Parallel()
	addr := zktest.SharedReal(t)
	r := newRig(t, addr, session, javaArgs(t, "CuratorPeers"))
	t.Run("families", func(t *testing.T) { // which run beside each other, and end before the programs
		for _, f := range families {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				t.Run("order", func(t *testing.T) { bothOrders(r.scenery(t, f)) })
				if f.alone && f.mode != lockctl.Read {
					t.Run("chain", func(t *testing.T) { chain(r.scenery(t, f)) })
				}
				if !f.alone {
					t.Run("readers", func(t *testing.T) { readers(r.scenery(t, f)) })
				}
			})
		}
	})
}

// bothOrders has them hold and ours wait, then ours hold, which has joined them, and them
// wait, and then ours begin in an empty directory.
func bothOrders(s *scenery) {
	theirs := s.full(func(name string) *party { return s.theirs(name, 0) })
	o, u := s.ours("ours", "")
	s.queue(s.of(theirs, "ours"))
	s.watches(u)
	o.waits()
	theirs[0].gives()
	o.hold()

	holders := append(theirs[1:], o)
	next := s.theirs("next", 0)
	s.queue(s.of(holders, "next"))
	next.waits()
	o.gives()
	next.hold()
	next.gives()
	for _, h := range theirs[1:] {
		h.gives()
	}
	s.empty()

	first := s.full(func(name string) *party {
		p, _ := s.ours(name, s.recipe)
		return p
	})
	next = s.theirs("next", 0)
	s.queue(s.of(first, "next"))
	next.waits()
	for _, h := range first {
		h.gives()
	}
	next.hold()
	next.gives()
	s.empty()
	s.witness.alone(s.t, s.slots)
}

// chain has waits end in the middle of a queue: theirs, and ours.
func chain(s *scenery) {
	h := s.full(func(name string) *party { return s.theirs(name, 0) })
	brief := s.theirs("brief", 2*time.Second)
	s.queue(s.of(h, "brief"), s.of(h))
	o, _ := s.ours("ours", "")
	s.queue(s.of(h, "brief", "ours"), s.of(h, "ours"))
	brief.gone("gave up")
	s.queue(s.of(h, "ours"))
	o.waits()

	next := s.theirs("next", 0)
	s.queue(s.of(h, "ours", "next"))
	o.leave()
	o.gone("gave up")
	s.queue(s.of(h, "next"))
	next.waits()

	last, u := s.ours("last", "")
	s.queue(s.of(h, "next", "last"))
	s.watches(u)
	h[0].gives()
	next.hold()
	h = append(h[1:], next)
	s.queue(s.of(h, "last"))
	last.waits()
	next.gives()
	last.hold()
	last.gives()
	for _, p := range h[:len(h)-1] {
		p.gives()
	}
	s.empty()
	s.witness.alone(s.t, s.slots)
}

// readers has a writer of ours give up between two readers of theirs, who then read
// together.
func readers(s *scenery) {
	first := s.theirs("first", 0).hold()
	o, _ := s.ours("ours", "")
	s.queue("first=h ours=w>first")
	second := s.theirs("second", 0)
	s.queue("first=h ours=w>first second=w>ours")
	second.waits()
	o.leave()
	o.gone("gave up")
	second.hold()
	s.queue("first=h second=h")
	last, _ := s.ours("last", "")
	s.queue("first=h second=h last=w>second")
	first.gives()
	s.queue("second=h last=w>second")
	last.waits()
	second.gives()
	last.hold()
	last.gives()
	s.empty()
	s.witness.alone(s.t, 0)
}

// TestExcludeRefused has ours come to a semaphore of kazoo's as if it were a mutex, and as
// if it had another number of places: it says what is there, and leaves nothing.
func TestExcludeRefused(t *testing.T) {
	t.Parallel()
	addr := zktest.SharedReal(t)
	r := &rig{addr: addr, timeout: session, peers: map[string]*peers{"kazoo": kazooPeers(t, addr, session)}}
	s := r.scenery(t, family{name: "kazoo semaphore", client: "kazoo", kind: "kazoo-semaphore", slots: 2, recipe: lockctl.KazooSemaphore})
	h := s.full(func(name string) *party { return s.theirs(name, 0) })
	for name, slots := range map[string]int{"mutex": 0, "three": 3} {
		p := run(t, name, newOurs(addr, s.path, session, lockctl.LockOptions{Slots: slots}), s.witness)
		p.until("its end", p.over)
		if closed(p.holds) || !strings.Contains(p.why, "semaphore") && !strings.Contains(p.why, "2 places") {
			t.Errorf("%s: %q does not say what is there", name, p.why)
		}
		t.Log(p.why)
	}
	s.queue(s.of(h))
	for _, p := range h {
		p.gives()
	}
	s.empty()
}
