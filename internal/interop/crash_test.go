//go:build interop

package interop

import (
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// TestExcludeCrash has programs killed in which one holds and one waits, with ours behind
// these: it is granted when their sessions have ended, and their znodes are gone.
func TestExcludeCrash(t *testing.T) {
	t.Parallel()
	addr := zktest.SharedReal(t)
	r := newRig(t, addr, 4*time.Second, javaArgs(t, "CuratorPeers"))
	r.proxy = zktest.NewProxy(t, addr)
	defer r.proxy.Heal() // those behind it can come to their end
	var all []*scenery
	for _, f := range families {
		s := r.scenery(t, f)
		all = append(all, s)
		h := s.full(func(name string) *party { return s.theirs(name, 0) })
		second := s.theirs("second", 0)
		if s.alone {
			s.queue(s.of(h, "second"))
		} else {
			h = append(h, second.hold())
			s.queue(s.of(h))
		}
		s.ours("ours", "")
		s.queue(s.of(h, "second", "ours"), s.of(h, "ours"), "h0=h second=w>h0 ours=w>h0") // a writer, a writer behind readers, a reader
	}
	r.peers["kazoo"].kill()
	r.peers["curator"].kill()
	r.proxy.Stall()
	for _, s := range all {
		o := s.in[len(s.in)-1].hold()
		s.queue("ours=h")
		o.gives()
	}
}
