package zkview

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// walked collects what a walk visits.
type walked struct {
	t     *testing.T
	seen  map[string]Znode
	batch int
}

func newWalked(t *testing.T) *walked { return &walked{t: t, seen: map[string]Znode{}} }

// visit checks that nothing comes twice and that parents come first.
func (w *walked) visit(batch []Znode) error {
	w.batch++
	for _, z := range batch {
		if _, twice := w.seen[z.Path]; twice {
			w.t.Errorf("%q was visited twice", z.Path)
		}
		if parent := parentOf(z.Path); len(w.seen) > 0 && z.Path != "/" {
			if _, ok := w.seen[parent]; !ok {
				w.t.Errorf("%q was visited before its parent", z.Path)
			}
		}
		z.Data = slices.Clone(z.Data)
		w.seen[z.Path] = z
	}
	return nil
}

func (w *walked) paths() []string {
	var all []string
	for p := range w.seen {
		all = append(all, p)
	}
	slices.Sort(all)
	return all
}

// makeTree creates znodes with their path as data.
func makeTree(t *testing.T, c *zk.Conn, root string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if _, err := c.Create(root+p, []byte(p), 0, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
	}
}

func TestWalk(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	c := zktest.Connect(t, zktest.Shared(t))
	tree := []string{"/a", "/a/b", "/a/b/c", "/a/b/c/d", "/e", "/e/f", "/e/g"}
	makeTree(t, c, root, tree...)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	all := append([]string{"/"}, tree...)
	for _, o := range []WalkOptions{{}, {Stat: true}, {Data: true}, {Fast: true}} {
		w := newWalked(t)
		p, err := s.Walk(ctx, "/", o, w.visit)
		if err != nil || !slices.Equal(w.paths(), all) {
			t.Fatalf("%+v: %q %v", o, w.paths(), err)
		}
		if p.Visited != int64(len(all)) || p.Queued != 0 || p.Unread != 0 || p.Gone != 0 || p.Slow || p.Requests == 0 || p.Bytes == 0 || p.Elapsed <= 0 || p.Waiting != "" {
			t.Errorf("%+v: progress %+v", o, p)
		}
		if z := w.seen["/e"]; z.Children != 2 || z.Stat.NumChildren != 2*int32(btoi(o.Stat || o.Data)) || (string(z.Data) == "/e") != o.Data {
			t.Errorf("%+v: /e is %+v", o, z)
		}
	}
	// Below a znode, to a depth, without a branch.
	for _, stat := range []bool{false, true} {
		w := newWalked(t)
		p, err := s.Walk(ctx, "/a", WalkOptions{Depth: 2, Stat: stat}, w.visit)
		if err != nil || !slices.Equal(w.paths(), []string{"/a", "/a/b", "/a/b/c"}) || w.seen["/a/b/c"].Children != 1 {
			t.Errorf("depth: %+v %v", w.seen, err)
		}
		if p.Visited != 3 {
			t.Errorf("depth: %+v", p)
		}
		w = newWalked(t)
		_, err = s.Walk(ctx, "/", WalkOptions{Stat: stat, Prune: func(p string) bool { return p == "/a/b" || p == "/e" }}, w.visit)
		if err != nil || !slices.Equal(w.paths(), []string{"/", "/a", "/a/b", "/e"}) || w.seen["/e"].Children != 2*btoi(stat) {
			t.Errorf("prune: %+v %v", w.seen, err)
		}
		w = newWalked(t)
		_, err = s.Walk(ctx, "/e", WalkOptions{Stat: stat, Prune: func(string) bool { return true }}, w.visit)
		if err != nil || !slices.Equal(w.paths(), []string{"/e"}) {
			t.Errorf("prune the root: %+v %v", w.seen, err)
		}
		_, err = s.Walk(ctx, "/none", WalkOptions{Stat: stat, Prune: func(string) bool { return stat }}, w.visit)
		wantErr(t, err, ErrNoNode)
	}
	_, err := s.Walk(ctx, "no path", WalkOptions{}, nil)
	wantErr(t, err, ErrBadPath)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestWalkStops(t *testing.T) {
	root := zktest.Root(t)
	c := zktest.Connect(t, zktest.Shared(t))
	makeTree(t, c, root, "/a", "/a/b", "/a/b/c")
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	ctx, cancel := context.WithCancel(testCtx(t))
	p, err := s.Walk(ctx, "/", WalkOptions{}, func(batch []Znode) error {
		if batch[0].Path == "/a" {
			cancel()
		}
		return nil
	})
	wantErr(t, err, context.Canceled)
	if p.Visited != 2 {
		t.Errorf("cancelled: %+v", p)
	}
	p, err = s.Walk(testCtx(t), "/", WalkOptions{}, func(batch []Znode) error {
		if batch[0].Path == "/a" {
			return ErrHeld
		}
		return nil
	})
	wantErr(t, err, ErrHeld)
	if p.Visited != 2 || p.Elapsed <= 0 {
		t.Errorf("stopped: %+v", p)
	}
	_, err = s.Walk(ctx, "/", WalkOptions{}, nil)
	wantErr(t, err, context.Canceled)
	s.Close()
	_, err = s.Walk(testCtx(t), "/", WalkOptions{}, nil)
	wantErr(t, err, ErrClosed)
}

// TestWalkBeforeConnected: progress says what a walk waits for, and it can be ended.
func TestWalkBeforeConnected(t *testing.T) {
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	proxy.Cut()
	s := openTest(t, Config{Servers: proxy.Addr()})
	ctx, cancel := context.WithCancel(testCtx(t))
	var calls atomic.Int64
	_, err := s.Walk(ctx, "/zookeeper", WalkOptions{Progress: func(p WalkProgress) {
		if calls.Add(1) > 3 && strings.Contains(p.Waiting, "refused") && p.Queued == 1 && p.Visited == 0 {
			cancel()
		}
	}}, nil)
	wantErr(t, err, context.Canceled)
}
