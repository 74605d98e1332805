package zkview

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	zkseed "zkdeck/internal/zktest/seed"
	"zkdeck/zkview/wire"
)

// youngerThan34 are the requests that ZooKeeper 3.4 does not know.
func youngerThan34(op wire.OpCode) bool {
	return op > wire.OpMulti && op != wire.OpAuth && op != wire.OpSetWatches && op != wire.OpSASL
}

const (
	srvr34 = "Zookeeper version: 3.4.14-4c25d480e66aadd371de8bd2fd8da255ac140bcf, built on 03/06/2019 16:18 GMT\nMode: standalone\n"
	srvr38 = "Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC\nMode: standalone\n"
)

// someTree makes a few hundred znodes and returns a way to check that a walk has
// come past all of them.
func someTree(t *testing.T, root string) (check func(*walked)) {
	t.Helper()
	c := zktest.Connect(t, zktest.Shared(t))
	if err := zkseed.Deep(t.Context(), c, root+"/deep", 5, 6, 9); err != nil {
		t.Fatal(err)
	}
	const all = 1 + 5 + 5*6 + 5*6*9
	return func(w *walked) {
		t.Helper()
		if len(w.seen) != all {
			t.Errorf("%d znodes, want %d", len(w.seen), all)
		}
	}
}

func TestWalkOnAnOldServer(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	check := someTree(t, root)
	for name, srvr := range map[string]string{
		"3.4": srvr34, "refuses srvr": "srvr is not executed because it is not in the whitelist.\n",
		"another product": strings.Replace(srvr38, "Zookeeper", "ClickHouse Keeper", 1),
	} {
		t.Run(name, func(t *testing.T) {
			p := (&frameProxy{upstream: zktest.Shared(t), srvr: srvr, refuses: youngerThan34}).start(t)
			s := openTest(t, Config{Servers: p.addr + root})
			for _, o := range []WalkOptions{{Fast: true}, {Fast: true, Stat: true, Data: true}} {
				w := newWalked(t)
				progress, err := s.Walk(ctx, "/deep", o, w.visit)
				wantErr(t, err, nil)
				check(w)
				if !progress.Slow {
					t.Errorf("%+v", progress)
				}
			}
			if n := p.count(youngerThan34); n != 0 {
				t.Errorf("%d requests that the server does not know", n)
			}
			_, err := s.WhoAmI(ctx)
			wantErr(t, err, ErrUnimplemented)
			_, err = s.Ephemerals(ctx, "/")
			wantErr(t, err, ErrUnimplemented)
			_, err = s.CountDescendants(ctx, "/")
			wantErr(t, err, ErrUnimplemented)
			if n := p.count(youngerThan34); n != 0 {
				t.Errorf("%d requests that the server does not know", n)
			}
		})
	}
}

// TestWalkOnALyingServer: one that says 3.8 and is 3.4 is found out once.
func TestWalkOnALyingServer(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	check := someTree(t, root)
	p := (&frameProxy{upstream: zktest.Shared(t), srvr: srvr38, refuses: youngerThan34}).start(t)
	s := openTest(t, Config{Servers: p.addr + root})
	for range 2 {
		w := newWalked(t)
		progress, err := s.Walk(ctx, "/deep", WalkOptions{Fast: true, Stat: true}, w.visit)
		wantErr(t, err, nil)
		check(w)
		if !progress.Slow {
			t.Errorf("%+v", progress)
		}
	}
	if n := p.count(youngerThan34); n != 1 {
		t.Errorf("%d requests that the server does not know, want 1", n)
	}
	if ok, err := s.can(ctx, featureMultiRead); ok || err != nil {
		t.Errorf("multiRead: %v %v", ok, err)
	}
	if ok, err := s.can(ctx, featureAddWatch); !ok || err != nil {
		t.Errorf("addWatch: %v %v", ok, err)
	}
}

// TestWalkFromNewToOldAndBack: the next server may be older than the last.
func TestWalkFromNewToOldAndBack(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	check := someTree(t, root)
	young := (&frameProxy{upstream: zktest.Shared(t), srvr: srvr38}).start(t)
	old := (&frameProxy{upstream: zktest.Shared(t), srvr: srvr34, refuses: youngerThan34}).start(t)
	old.cut(true)
	s := openTest(t, Config{Servers: young.addr + "," + old.addr + root})
	w := newWalked(t)
	bounds := defaultWalkBounds(WalkOptions{Fast: true})
	bounds.ops, bounds.first = 5, 5
	var slow, fast, stage int
	progress, err := s.walk(ctx, "/deep", WalkOptions{Fast: true, Progress: func(p WalkProgress) {
		slow += btoi(p.Slow)
	}}, bounds, func(batch []Znode) error {
		switch n := len(w.seen); {
		case stage == 0 && n > 50:
			stage = 1
			old.heal()
			young.cut(true)
		case stage == 1 && n > 150:
			stage = 2
			young.heal()
			old.cut(true)
		case stage == 2:
			fast++
		}
		return w.visit(batch)
	})
	wantErr(t, err, nil)
	check(w)
	if progress.Slow || fast == 0 || stage != 2 {
		t.Errorf("%+v, stage %d", progress, stage)
	}
	if n := old.count(youngerThan34); n != 0 {
		t.Errorf("%d requests that the old server does not know", n)
	}
	if old.count(func(op wire.OpCode) bool { return op == wire.OpGetChildren }) == 0 {
		t.Error("the old server was not asked")
	}
}

// TestWalkNamesThatNobodyCanOpen: what CheckPath refuses is walked nevertheless,
// since the server is asked for the bytes that it gave.
func TestWalkNamesThatNobodyCanOpen(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	c := zktest.Connect(t, zktest.Shared(t))
	makeTree(t, c, root, "/plain-1", "/plain-1/plain-2", "/plain-3", "/plain-4")
	hostile := [][2]string{
		{"plain-1", "\x00\x1b[31mX"},
		{"plain-2", "\xff\xfe\xc3(\x80\x80\x80"},
		{"plain-3", "\uf000\uffff\x7f"},
		{"plain-4", "..  .. "},
	}
	p := (&frameProxy{upstream: zktest.Shared(t), disguise: hostile}).start(t)
	s := openTest(t, Config{Servers: p.addr + root})
	for _, o := range []WalkOptions{{}, {Stat: true, Data: true}} {
		w := newWalked(t)
		progress, err := s.Walk(ctx, "/", o, w.visit)
		wantErr(t, err, nil)
		one := "/" + hostile[0][1]
		want := []string{"/", one, one + "/" + hostile[1][1], "/" + hostile[2][1], "/" + hostile[3][1]}
		slices.Sort(want)
		if got := w.paths(); !slices.Equal(got, want) || progress.Unread+progress.Gone != 0 {
			t.Errorf("%q, want %q, %+v", got, want, progress)
		}
	}
}

// TestFeaturesWait: nothing is asked before srvr was answered.
func TestFeaturesWait(t *testing.T) {
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: p.Addr(), Timeout: 20 * time.Second})
	connected(t, s)
	if ok, err := s.can(testCtx(t), featureMultiRead); !ok || err != nil {
		t.Errorf("multiRead: %v %v", ok, err)
	}
	p.Cut()
	eventually(t, "the loss is noticed", func() bool { return s.Status().State != Connected })
	ctx := testCtx(t)
	got := make(chan bool, 1)
	go func() {
		ok, err := s.can(ctx, featureMultiRead)
		got <- ok && err == nil
	}()
	p.Heal()
	if !<-got {
		t.Error("no answer after the connection came back")
	}
}
