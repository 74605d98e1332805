package sandbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

var open = openACL

// clock is time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) add(d time.Duration) { c.at = c.at.Add(d) }

// heard is a watcher that writes down what it is told, "created /a".
type heard struct{ said []string }

func (h *heard) event(kind int32, path string) {
	name := map[int32]string{
		eventCreated: "created", eventDeleted: "deleted", eventChanged: "changed", eventChildren: "children",
	}[kind]
	h.said = append(h.said, name+" "+path)
}

// take is what was said since the last take.
func (h *heard) take() []string {
	said := h.said
	h.said = nil
	return said
}

// told fails the test unless h was told just this.
func told(t *testing.T, h *heard, want ...string) {
	t.Helper()
	if got := h.take(); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// rig is a tree with one caller, who is anonymous.
type rig struct {
	*tree
	t  testing.TB
	me *caller
	at *clock
}

func newRig(t testing.TB, c treeConfig) *rig {
	at := &clock{time.UnixMilli(1_700_000_000_000)}
	c.now = at.now
	return &rig{newTree(c), t, &caller{session: 0x1001, ids: []wire.Identity{{Scheme: "ip", ID: "127.0.0.1"}}, watcher: &heard{}}, at}
}

// do writes and wants the code.
func (g *rig) do(want wire.Code, r request) result {
	g.t.Helper()
	return g.doBy(want, g.me, r)
}

func (g *rig) doBy(want wire.Code, by *caller, r request) result {
	g.t.Helper()
	before := g.zxid
	a := g.write(by, &r)
	if a.code != want {
		g.t.Errorf("%v %q: %v, want %v", r.op, r.path, a.code, want)
	}
	if a.zxid != before+1 || g.zxid != before+1 {
		g.t.Errorf("%v %q took zxid %d after %d", r.op, r.path, a.zxid, before)
	}
	return a
}

// mk creates znodes that are to stay, with data that is their path.
func (g *rig) mk(paths ...string) {
	g.t.Helper()
	for _, p := range paths {
		g.do(0, request{op: wire.OpCreate, path: p, data: []byte(p), acl: open})
	}
}

func (g *rig) stat(path string) wire.Stat {
	g.t.Helper()
	a := g.read(g.me, &request{op: wire.OpExists, path: path})
	if a.code != 0 {
		g.t.Fatalf("exists %s: %v", path, a.code)
	}
	return a.stat
}

// sound holds what the tree keeps count of against what is there.
func (g *rig) sound() {
	g.t.Helper()
	if err := g.check(); err != nil {
		g.t.Error(err)
	}
}

func (t *tree) check() error {
	again := newTree(t.cfg)
	again.nodes, again.dataSize, again.memory = 0, 0, 0
	owned, lent := map[string]int64{}, 0
	uses := make([]int, len(t.acls.lists))
	var walk func(n *node, path string) error
	walk = func(n *node, path string) error {
		again.weigh(1, max(1, len(path)), held(n, path))
		again.dataSize += int64(len(n.data))
		again.memory += int64(len(n.data))
		uses[n.acl]++
		switch kindOf(n.owner) {
		case ownedBySession:
			owned[path] = n.owner
		case ownedAsContainer, ownedForTime:
			lent++
			if _, ok := t.lent[path]; !ok {
				return fmt.Errorf("%s is not listed as container or with TTL", path)
			}
		}
		if t.find(path) != n {
			return fmt.Errorf("%s is not found", path)
		}
		if n.kids == nil {
			return nil
		}
		for _, k := range n.kids.list {
			if err := walk(k, path+"/"+k.name); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(t.root, ""); err != nil {
		return err
	}
	listed := 0
	for id, paths := range t.temporary {
		for p := range paths {
			listed++
			if owned[p] != id {
				return fmt.Errorf("%s is listed with session %x, and belongs to %x", p, id, owned[p])
			}
		}
	}
	for id, e := range t.acls.lists {
		if e.uses != uses[id] {
			return fmt.Errorf("ACL %v is used %d times, and counted %d", e.list, uses[id], e.uses)
		}
	}
	switch {
	case listed != len(owned) || lent != len(t.lent):
		return fmt.Errorf("%d ephemeral of %d and %d lent of %d are listed", listed, len(owned), len(t.lent), lent)
	case again.nodes != t.nodes || again.dataSize != t.dataSize || again.memory != t.memory:
		return fmt.Errorf("counted %d znodes of %d bytes, estimate %d; there are %d, %d, %d",
			t.nodes, t.dataSize, t.memory, again.nodes, again.dataSize, again.memory)
	}
	return nil
}
