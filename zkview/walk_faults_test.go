package zkview

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	zkseed "zkdeck/internal/zktest/seed"
)

// smallBounds make many requests of a small tree.
func smallBounds(o WalkOptions) walkBounds {
	b := defaultWalkBounds(o)
	b.ops, b.first = 10, 10
	return b
}

// walkThrough walks the tree of someTree, and calls disturb after every few
// znodes and when the walk waits.
func walkThrough(t *testing.T, s *Session, check func(*walked), o WalkOptions, disturb func(visited int), waits func(why string)) {
	t.Helper()
	w := newWalked(t)
	o.Fast = true
	o.Progress = func(p WalkProgress) {
		if p.Waiting != "" && waits != nil {
			waits(p.Waiting)
		}
	}
	p, err := s.walk(testCtx(t), "/deep", o, smallBounds(o), func(batch []Znode) error {
		defer func() { disturb(len(w.seen)) }()
		return w.visit(batch)
	})
	wantErr(t, err, nil)
	check(w)
	if p.Unread+p.Gone != 0 || p.Queued != 0 {
		t.Errorf("%+v", p)
	}
}

func TestWalkThroughCuts(t *testing.T) {
	root := zktest.Root(t)
	check := someTree(t, root)
	proxy := (&frameProxy{upstream: zktest.Shared(t)}).start(t)
	s := openTest(t, Config{Servers: proxy.addr + root})
	for _, o := range []WalkOptions{{}, {Data: true}} {
		next := 30
		walkThrough(t, s, check, o, func(visited int) {
			if visited >= next {
				next += 80
				proxy.cut(false)
			}
		}, nil)
	}
}

func TestWalkThroughAStall(t *testing.T) {
	root := zktest.Root(t)
	check := someTree(t, root)
	proxy := (&frameProxy{upstream: zktest.Shared(t)}).start(t)
	s := openTest(t, Config{Servers: proxy.addr + root, Timeout: 2 * time.Second})
	stalled, waited := false, false
	walkThrough(t, s, check, WalkOptions{}, func(visited int) {
		if visited > 100 && !stalled {
			stalled = true
			proxy.stall()
		}
	}, func(string) {
		if stalled && !waited {
			waited = true
			proxy.heal()
		}
	})
	if !waited {
		t.Error("progress did not say that the walk waited")
	}
}

// TestWalkThroughServersEnd: the server is killed, then paused.
func TestWalkThroughServersEnd(t *testing.T) {
	server := zktest.Start(t, 1).Server(0)
	c := zktest.Connect(t, server.Addr())
	if err := zkseed.Deep(t.Context(), c, "/deep", 5, 6, 9); err != nil {
		t.Fatal(err)
	}
	check := func(w *walked) {
		t.Helper()
		if len(w.seen) != 306 {
			t.Errorf("%d znodes, want 306", len(w.seen))
		}
	}
	s := openTest(t, Config{Servers: server.Addr(), Timeout: 4 * time.Second})
	killed := false
	walkThrough(t, s, check, WalkOptions{Stat: true}, func(visited int) {
		if visited > 100 && !killed {
			killed = true
			server.Kill()
			server.Restart()
		}
	}, nil)
	paused, resumed := false, false
	walkThrough(t, s, check, WalkOptions{}, func(visited int) {
		if visited > 100 && !paused {
			paused = true
			server.Pause()
		}
	}, func(string) {
		if paused && !resumed {
			resumed = true
			server.Resume()
		}
	})
}

// TestWalkOverExpiry goes on in the next session.
func TestWalkOverExpiry(t *testing.T) {
	root := zktest.Root(t)
	check := someTree(t, root)
	proxy := (&frameProxy{upstream: zktest.Shared(t)}).start(t)
	other := zktest.Connect(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.addr + root, Timeout: time.Second})
	ctx := testCtx(t)
	must(s.Create(ctx, "/mine", nil, CreateOptions{Kind: Ephemeral}))
	first := s.Status().SessionID
	walkThrough(t, s, check, WalkOptions{Stat: true}, func(visited int) {
		if visited > 100 && s.Status().SessionID == first {
			proxy.cut(true)
			eventually(t, "the session expires", func() bool {
				there, _, err := other.Exists(root + "/mine")
				return err == nil && !there
			})
			proxy.heal()
			eventually(t, "another session", func() bool { return s.Status().SessionID != first })
		}
	}, nil)
}

// TestWalkEndsAtOnce: wherever a walk stands, it ends with its context.
func TestWalkEndsAtOnce(t *testing.T) {
	root := zktest.Root(t)
	someTree(t, root)
	proxy := (&frameProxy{upstream: zktest.Shared(t)}).start(t)
	s := openTest(t, Config{Servers: proxy.addr + root})
	for name, disturb := range map[string]func(){
		"mute": proxy.stall, "cut": func() { proxy.cut(true) }, "nothing": func() {},
	} {
		connected(t, s)
		ctx, cancel := context.WithCancel(testCtx(t))
		var visited int64
		o := WalkOptions{Fast: true, Progress: func(p WalkProgress) {
			if p.Visited > 100 {
				cancel()
			}
		}}
		p, err := s.walk(ctx, "/deep", o, smallBounds(o), func(batch []Znode) error {
			if visited += int64(len(batch)); visited > 100 {
				disturb()
				if name == "nothing" {
					cancel()
				}
			}
			return nil
		})
		wantErr(t, err, context.Canceled)
		if p.Visited != visited || p.Visited == 0 || p.Queued == 0 {
			t.Errorf("%s: %+v after %d visits", name, p, visited)
		}
		cancel()
		proxy.heal()
	}
}

// TestWalkAndAPerson: what a person asks meanwhile is answered.
func TestWalkAndAPerson(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	check := someTree(t, root)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root, ReadOnly: true})
	walkThrough(t, s, check, WalkOptions{}, func(int) {
		if _, _, err := s.Get(ctx, "/deep"); err != nil {
			t.Error(err)
		}
	}, nil)
}

// TestWalkRate: with a bound on the rate a walk takes at least its time, of which
// the first requests are free.
func TestWalkRate(t *testing.T) {
	root := zktest.Root(t)
	check := someTree(t, root)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	var calls atomic.Int64
	w := newWalked(t)
	o := WalkOptions{Rate: 50, Progress: func(WalkProgress) { calls.Add(1) }}
	p, err := s.walk(testCtx(t), "/deep", o, smallBounds(o), w.visit)
	wantErr(t, err, nil)
	check(w)
	if atLeast := time.Duration(p.Requests-4) * time.Second / 50; p.Elapsed < atLeast || calls.Load() == 0 {
		t.Errorf("%+v is too fast, %d calls of Progress", p, calls.Load())
	}
}

// TestWalkWide: a parent whose listing alone is 20 MB.
func TestWalkWide(t *testing.T) {
	root := zktest.Root(t)
	c := zktest.Connect(t, zktest.Shared(t))
	const n, batch = 100_000, 1000
	for from := 0; from < n; from += batch {
		var ops []any
		for i := from; i < from+batch; i++ {
			ops = append(ops, &zk.CreateRequest{
				Path: fmt.Sprintf("%s/%s%06d", root, strings.Repeat("wide-", 39), i), Acl: zk.WorldACL(zk.PermAll),
			})
		}
		if _, err := c.Multi(ops...); err != nil {
			t.Fatal(err)
		}
	}
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	for _, o := range []WalkOptions{{Fast: true}, {Fast: true, Stat: true}} {
		seen := make([]bool, n)
		b := defaultWalkBounds(o)
		b.limit = 4 << 20 // so that the listing is asked for alone
		p, err := s.walk(t.Context(), "/", o, b, func(batch []Znode) error {
			for _, z := range batch {
				var i int
				if z.Path == "/" {
					if z.Children != n {
						t.Errorf("%d children", z.Children)
					}
					continue
				}
				if _, err := fmt.Sscanf(z.Path[len(z.Path)-6:], "%d", &i); err != nil || seen[i] {
					t.Fatalf("%q: %v", z.Path, err)
				}
				seen[i] = true
			}
			return nil
		})
		if err != nil || p.Visited != n+1 || p.Bytes < 20<<20 {
			t.Errorf("%+v %v", p, err)
		}
	}
}
