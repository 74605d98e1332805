//go:build interop

package interop

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// rig is a server, and programs with clients on it.
type rig struct {
	addr    string
	timeout time.Duration // of sessions
	proxy   *zktest.Proxy // in front of the clients in this process; nil: none
	peers   map[string]*peers
}

func newRig(t *testing.T, addr string, timeout time.Duration, java []string) *rig {
	t.Helper()
	return &rig{addr: addr, timeout: timeout, peers: map[string]*peers{
		"kazoo": kazooPeers(t, addr, timeout), "curator": curatorPeers(t, java, addr, timeout),
	}}
}

// scenery is one lock on a rig.
type scenery struct {
	*rig
	family
	t       *testing.T
	look    look
	path    string
	witness *witness
	in      []*party
	deck    *deck // what ours are; nil: of this process
}

func (r *rig) scenery(t *testing.T, f family) *scenery {
	t.Helper()
	path := f.path
	if path == "" {
		path = "/" + strings.NewReplacer(" ", "-", "'", "").Replace(f.name)
	}
	return &scenery{
		rig: r, family: f, t: t, look: look{t, r.addr, zktest.Connect(t, r.addr)},
		path: zktest.RootOn(t, r.addr) + path, witness: newWitness(t),
	}
}

// theirs is one of their clients, which takes the lock, and gives up after most, if that
// is not 0.
func (s *scenery) theirs(name string, most time.Duration) *party {
	s.t.Helper()
	w := wanted{kind: s.kind, path: s.path, slots: s.slots, most: most, witness: s.witness}
	p := s.start(name, w)
	s.in = append(s.in, p)
	return p
}

func (s *scenery) start(name string, w wanted) *party {
	s.t.Helper()
	if w.again && (w.kind == "go-zookeeper" || w.kind == "writelock") {
		// They cannot be told to give up: the one waits for ever, and the other's watch has
		// it queue again after unlock.
		w.most = 0
	}
	if s.client != "go" {
		return s.peers[s.client].join(s.t, name, w)
	}
	addr := s.addr
	if s.proxy != nil {
		addr = s.proxy.Addr()
	}
	k := byHand(addr, s.timeout, w)
	if w.again {
		return runAgain(s.t, name, k, w.witness, w.most)
	}
	p := run(s.t, name, k, w.witness)
	if w.most > 0 { // none of them has a limit of its own
		go p.leaveAfter(w.most)
	}
	return p
}

// ours takes the lock; with the empty recipe in the one that is queued there.
func (s *scenery) ours(name string, recipe lockctl.Recipe) (*party, *ours) {
	s.t.Helper()
	if s.deck != nil {
		p := s.deck.lock(s, name, recipe)
		s.in = append(s.in, p)
		return p, nil
	}
	if s.named {
		recipe = s.recipe
	}
	u := newOurs(s.addr, s.path, s.timeout, lockctl.LockOptions{Recipe: recipe, Mode: s.mode, Slots: s.slots})
	p := run(s.t, name, u, s.witness)
	s.in = append(s.in, p)
	return p, u
}
