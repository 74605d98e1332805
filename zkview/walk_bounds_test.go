package zkview

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	zkseed "zkdeck/internal/zktest/seed"
	"zkdeck/zkview/wire"
)

// TestWalkDepthFirst: over the bound, a walk uses up what it has before it takes
// in more.
func TestWalkDepthFirst(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	c := zktest.Connect(t, zktest.Shared(t))
	if err := zkseed.Deep(t.Context(), c, root+"/deep", 12, 12, 12); err != nil {
		t.Fatal(err)
	}
	const all = 1 + 12 + 144 + 1728
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	most := map[int]int64{}
	for _, bound := range []int{1, 32 << 20} {
		for _, stat := range []bool{false, true} {
			w := newWalked(t)
			o := WalkOptions{Stat: stat, Fast: true}
			b := smallBounds(o)
			b.queue, b.flight, b.ops, b.first = bound, 1, 4, 4
			known, done := int64(1), int64(0)
			p, err := s.walk(ctx, "/deep", o, b, func(batch []Znode) error {
				for _, z := range batch {
					known += int64(z.Children)
				}
				done += int64(len(batch))
				most[bound] = max(most[bound], known-done)
				return w.visit(batch)
			})
			if err != nil || len(w.seen) != all || p.Visited != all {
				t.Fatalf("bound %d: %d znodes, %+v, %v", bound, len(w.seen), p, err)
			}
		}
	}
	if most[1] > 400 || most[32<<20] < 1500 {
		t.Errorf("at most %d waited depth-first, %d breadth-first", most[1], most[32<<20])
	}
}

// TestWalkBigValues: replies that are longer than wanted are asked for in pieces,
// and in the end every value is there.
func TestWalkBigValues(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	c := zktest.Connect(t, zktest.Shared(t))
	value := bytes.Repeat([]byte("v"), 20_000)
	for i := range 60 {
		if _, err := c.Create(fmt.Sprintf("%s/n%d", root, i), value, 0, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
	}
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	o := WalkOptions{Data: true}
	b := defaultWalkBounds(o)
	b.limit = 100_000
	w := newWalked(t)
	p, err := s.walk(ctx, "/", o, b, w.visit)
	if err != nil || len(w.seen) != 61 || p.Requests < 12 {
		t.Errorf("%d znodes, %+v, %v", len(w.seen), p, err)
	}
	for path, z := range w.seen {
		if path != "/" && !bytes.Equal(z.Data, value) {
			t.Errorf("%s: %d bytes", path, len(z.Data))
		}
	}
}

func TestWalkQueue(t *testing.T) {
	names := func(list ...string) wire.Names {
		var e wire.Encoder
		e.Int(int32(len(list)))
		for _, n := range list {
			e.Ustring(n)
		}
		return wire.NewDecoder(e.Bytes()).Names()
	}
	q := walkQueue{bound: 1 << 20}
	q.push("/", 1, names("a", "b"))
	q.push("/none", 2, names())
	q.push("/a", 2, names("c"))
	if q.znodes != 3 || q.at(2) != nil {
		t.Fatalf("%+v", q)
	}
	var buf []byte
	if got := q.at(0).next(&buf) + q.at(0).next(&buf) + q.at(1).next(&buf); got != "/a/b/a/c" {
		t.Errorf("got %q", got)
	}
	q.tidy()
	if q.bytes != 0 || q.at(0) != nil {
		t.Errorf("%+v", q)
	}
	q.bound = 0
	for i := range 5000 {
		q.push(fmt.Sprint("/", i), 2, names("x"))
	}
	if got := q.at(0).next(&buf); got != "/4999/x" {
		t.Errorf("over the bound the first is %q", got)
	}
	q.bound = 1 << 30
	for i := range 4999 {
		q.tidy()
		if got, want := q.at(0).next(&buf), fmt.Sprintf("/%d/x", i); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	q.tidy()
	if q.bytes != 0 || q.at(0) != nil || len(q.lists) != q.first {
		t.Errorf("%d bytes, %d lists from %d", q.bytes, len(q.lists), q.first)
	}
}

// TestWalkPastWhatKills: a znode that ends every connection over which it is asked
// for is found out, and all others are read.
func TestWalkPastWhatKills(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	check := someTree(t, root)
	kill := []byte("node-00003/node-00002/node-00001")
	p := (&frameProxy{upstream: zktest.Shared(t), kills: func(f []byte) bool { return bytes.Contains(f, kill) }}).start(t)
	s := openTest(t, Config{Servers: p.addr + root})
	w := newWalked(t)
	b := smallBounds(WalkOptions{})
	b.tries = 4
	progress, err := s.walk(ctx, "/deep", WalkOptions{Fast: true}, b, w.visit)
	wantErr(t, err, nil)
	check(w)
	if z := w.seen["/deep/"+string(kill)]; progress.Unread != 1 || !errors.Is(z.Err, ErrUnknownOutcome) {
		t.Errorf("%+v, %+v", progress, z)
	}
}

// TestWalkPrunesWhatVisitFound: Prune is asked of a znode after its parent was
// visited, and may go by what visit saw.
func TestWalkPrunesWhatVisitFound(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	check := someTree(t, root)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	for _, stat := range []bool{false, true} {
		w := newWalked(t)
		o := WalkOptions{Fast: true, Stat: stat, Prune: func(path string) bool {
			if _, ok := w.seen[parentOf(path)]; !ok && path != "/deep" {
				t.Errorf("%s before its parent", path)
			}
			return false
		}}
		_, err := s.walk(ctx, "/deep", o, smallBounds(o), w.visit)
		wantErr(t, err, nil)
		check(w)
		w = newWalked(t)
		o.Prune = func(path string) bool { return strings.Count(path, "/") == 3 }
		_, err = s.walk(ctx, "/deep", o, smallBounds(o), w.visit)
		if wantErr(t, err, nil); len(w.seen) != 1+5+5*6 {
			t.Errorf("%d znodes when all of the third level are pruned", len(w.seen))
		}
	}
}
