package zkview

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// wireOf is the present connection of a session.
func wireOf(s *Session) *wire.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link.wire
}

func TestFollowOverAReconnect(t *testing.T) {
	ctx := testCtx(t)
	addr, root := zktest.Shared(t), zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
	other := openTest(t, Config{Servers: addr + root})
	must(other.Create(ctx, "/a", nil, CreateOptions{}))
	f := startFollow(t, s, "/a")
	must(other.Set(ctx, "/a", nil, -1))
	f.want("data changed /a")
	for range 2 {
		before := time.Now()
		must(s.Stat(ctx, "/a")) // an answer
		proxy.Cut()
		eventually(t, "suspended", inState(s, Suspended))
		if f.isArmed() {
			t.Error("armed without a connection")
		}
		must(other.Set(ctx, "/a", nil, -1)) // which no event will tell
		zxid := must(other.Stat(ctx, "/a")).Mzxid
		proxy.Heal()
		r := f.next()
		if r.Kind != Resync || r.Path != "/a" || r.Since.Before(before) || r.At.Before(r.Since) || r.Zxid == 0 || r.Zxid >= zxid {
			t.Errorf("%+v, the change was 0x%x", r, zxid)
		}
		life(t, other, "/a/b")
		f.want(lifeOf("/a/b")...)
		do(t, other.Delete(ctx, "/a/b", -1))
		f.want("deleted /a/b")
	}
	expire(t, s)
	if r := f.next(); r.Kind != Resync {
		t.Errorf("%+v", r)
	}
	must(other.Set(ctx, "/a", nil, -1))
	f.want("data changed /a")
}

// A server that falls silent is noticed late, and what happened meanwhile is in the gap.
func TestFollowThroughSilence(t *testing.T) {
	ctx := testCtx(t)
	addr, root := zktest.Shared(t), zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 2 * time.Second})
	other := openTest(t, Config{Servers: addr + root})
	must(other.Create(ctx, "/a", nil, CreateOptions{}))
	f := startFollow(t, s, "/a")
	must(other.Set(ctx, "/a", nil, -1))
	f.want("data changed /a")
	proxy.Stall()
	must(other.Set(ctx, "/a", nil, -1))
	silent := time.Now()
	eventually(t, "suspended", inState(s, Suspended))
	proxy.Heal()
	for r := f.next(); ; r = f.next() {
		if r.Kind != Resync { // it was on its way
			continue
		}
		if r.Since.After(silent) {
			t.Errorf("silent since %v at least, and the gap is from %v on", silent, r.Since)
		}
		break
	}
}

// TestFollowWhileDisconnected has a Follow begin without a connection.
func TestFollowWhileDisconnected(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	proxy.Cut()
	s := openTest(t, Config{Servers: proxy.Addr() + root})
	other := openTest(t, Config{Servers: addr + root})
	got := make(chan *Follow)
	go func() {
		f, err := s.Follow(testCtx(t), "/")
		if err != nil {
			t.Error(err)
		}
		got <- f
	}()
	proxy.Heal()
	f := &following{Follow: <-got, t: t}
	life(t, other, "/a")
	f.want(lifeOf("/a")...)
	do(t, s.Close())
	_, err := f.Next(testCtx(t))
	wantErr(t, err, ErrClosed)
	_, err = s.Follow(testCtx(t), "/")
	wantErr(t, err, ErrClosed)
	f.Close()
}

func TestFollowsShareAWatch(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	s := openTest(t, Config{Servers: ens.Addr(), ReadOnly: true}) // which may watch
	other := openTest(t, Config{Servers: ens.Addr()})
	must(other.Create(ctx, "/a", nil, CreateOptions{}))
	one, two := startFollow(t, s, "/a"), startFollow(t, s, "/a")
	nested, top := startFollow(t, s, "/a/b"), startFollow(t, s, "/")
	if n, held := serverWatches(t, ens.Addr()), s.Status().Watches; held != 3 {
		t.Errorf("%d watches on the server, %d held, want 3", n, held)
	}
	life(t, other, "/a/b")
	for _, f := range []*following{one, two, nested, top} {
		f.want(lifeOf("/a/b")...)
	}
	one.Close()
	one.Close()
	_, err := one.Next(ctx)
	wantErr(t, err, ErrClosed)
	life(t, other, "/a/c")
	two.want(lifeOf("/a/c")...)
	top.want(lifeOf("/a/c")...)
	two.Close()
	nested.Close()
	top.Close()
	eventually(t, "no watch is left", func() bool {
		return s.Status().Watches == 0 && serverWatches(t, ens.Addr()) == 0
	})
	// Begun again while the last one is ending.
	for range 20 {
		f := startFollow(t, s, "/a")
		must(other.Set(ctx, "/a", nil, -1))
		f.want("data changed /a")
		f.Close()
	}
	eventually(t, "no watch is left", func() bool {
		return s.Status().Watches == 0 && serverWatches(t, ens.Addr()) == 0
	})
}

// TestFollowBesideOneShotWatches has both on one path: the owner of the one-shot
// watches hears the same as without a Follow, before, during and after, also over
// reconnects.
func TestFollowBesideOneShotWatches(t *testing.T) {
	ctx := testCtx(t)
	addr := zktest.SharedReal(t) // it pins what a real server does
	root := zktest.RootOn(t, addr)
	proxy := zktest.NewProxy(t, addr)
	s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
	other := openTest(t, Config{Servers: addr + root})
	must(other.Create(ctx, "/a", nil, CreateOptions{}))
	sub := listen(t, s)
	arm := func() {
		t.Helper()
		_, _, err := s.WatchData(ctx, "/a")
		do(t, err)
		_, _, err = s.WatchChildren(ctx, "/a")
		do(t, err)
	}
	// check changes the znode in every way that a watch on it tells of.
	kid := 0
	check := func(also func(...string)) {
		t.Helper()
		kid++
		path := fmt.Sprint("/a/kid", kid)
		arm()
		must(other.Set(ctx, "/a", nil, -1))
		sub.await("changed", isEvent(DataChanged, "/a"))
		also("data changed /a")
		arm()
		must(other.Create(ctx, path, nil, CreateOptions{}))
		sub.await("a child", isEvent(ChildrenChanged, "/a"))
		also("created " + path)
		arm()
		do(t, other.Delete(ctx, path, -1))
		sub.await("no child", isEvent(ChildrenChanged, "/a"))
		also("deleted " + path)
		arm()
		do(t, other.Delete(ctx, "/a", -1))
		sub.await("deleted", isEvent(Deleted, "/a"))
		also("deleted /a")
		_, err := s.WatchStat(ctx, "/a")
		wantErr(t, err, ErrNoNode)
		must(other.Create(ctx, "/a", nil, CreateOptions{}))
		sub.await("created", isEvent(Created, "/a"))
		also("created /a")
	}
	nobody := func(...string) {}
	reconnect := func() {
		t.Helper()
		proxy.Cut()
		eventually(t, "suspended", inState(s, Suspended))
		proxy.Heal()
		sub.await("reconnected", isEvent(Resync, ""))
	}
	check(nobody)
	for round := range 3 {
		arm()
		f := startFollow(t, s, "/a")
		check(f.want)
		check(f.want)
		arm()
		reconnect()
		if r := f.next(); r.Kind != Resync {
			t.Fatalf("%+v", r)
		}
		check(f.want)
		if round == 1 {
			expire(t, s)
			sub.await("another session", isEvent(Resync, ""))
			if r := f.next(); r.Kind != Resync {
				t.Fatalf("%+v", r)
			}
			check(f.want)
		}
		f.Close()
		sub.await("the watch is gone", isEvent(Removed, "/a"))
		check(nobody)
		reconnect()
		check(nobody)
	}
}

// TestFollowInterruptedWhileArming loses the connection again and again while a Follow
// begins on a path with one-shot watches, which the library registers once more.
func TestFollowInterruptedWhileArming(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t), Timeout: 20 * time.Second})
	must(s.Create(ctx, "/a", nil, CreateOptions{}))
	for i := range 4 {
		_, _, err := s.WatchData(ctx, "/a")
		do(t, err)
		_, _, err = s.WatchChildren(ctx, "/a")
		do(t, err)
		before := s.Status().Generation
		var all sync.WaitGroup
		all.Go(func() { wireOf(s).Kill(errors.New("a test")) })
		f := startFollow(t, s, "/a")
		all.Wait()
		eventually(t, "armed again", func() bool { return s.Status().Generation > before && f.isArmed() })
		must(s.Create(ctx, fmt.Sprint("/a/kid", i), nil, CreateOptions{}))
		for c := f.next(); c.Path != fmt.Sprint("/a/kid", i); c = f.next() {
			if c.Kind != Resync {
				t.Fatalf("%+v", c)
			}
		}
		f.Close()
	}
}

func TestFollowKeepsOrder(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t)})
	f := startFollow(t, s, "/")
	sub := listen(t, s)
	// Sequential znodes: their numbers are the order in which the server made them.
	const n = 5000
	beside(t, n, func(int) error {
		_, err := s.Create(ctx, "/n-", nil, CreateOptions{Sequential: true})
		return err
	})
	for i := range n {
		f.want(fmt.Sprintf("created /n-%010d", i))
	}
	sub.await("children of the root", isEvent(ChildrenChanged, "/"))
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if len(sub.queue) > 10 {
		t.Errorf("%d events wait in a subscription of who watches none of them", len(sub.queue))
	}
}

func TestFollowDropsTheOldest(t *testing.T) {
	f := newFollow("/")
	f.close = func() {}
	since := time.Now()
	f.push(Change{Kind: Resync, Since: since, Zxid: 7})
	f.push(Change{Kind: Resync, Since: since.Add(time.Hour), Zxid: 9})
	const extra = 2*FollowLimit + 5
	for i := range FollowLimit + extra {
		f.push(Change{Kind: DataChanged, Path: fmt.Sprint("/", i)})
	}
	changes, err := f.Next(testCtx(t))
	if err != nil || len(changes) != FollowLimit+1 {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	if r := changes[0]; r.Kind != Resync || !r.Since.Equal(since) || r.Zxid != 7 || r.Lost != extra {
		t.Errorf("%+v", r)
	}
	if c := changes[1]; c.Path != fmt.Sprint("/", extra) || c.Lost != 0 {
		t.Errorf("%+v", c)
	}
	f.push(Change{Kind: Deleted, Path: "/x"})
	f.Close()
	f.push(Change{Kind: Deleted, Path: "/y"})
	if changes, err = f.Next(testCtx(t)); err != nil || len(changes) != 1 || changes[0].Lost != 0 {
		t.Errorf("%v, %v", changes, err)
	}
	_, err = f.Next(testCtx(t))
	wantErr(t, err, ErrClosed)
}

// aged takes the server of a session for one that lacks features.
func aged(t *testing.T, s *Session, without ...feature) {
	t.Helper()
	_, err := s.can(testCtx(t), featureAddWatch)
	do(t, err)
	to := server{wireOf(s), s.Status().Version}
	for _, f := range without {
		s.learn(to, f, wire.Unimplemented)
	}
}

// TestFollowAnOldServer takes the server for one without persistent watches.
func TestFollowAnOldServer(t *testing.T) {
	ctx := testCtx(t)
	addr, root := zktest.Shared(t), zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
	aged(t, s, featureAddWatch)
	other := openTest(t, Config{Servers: addr + root})
	must(other.Create(ctx, "/a", nil, CreateOptions{}))
	must(other.Create(ctx, "/a/b", nil, CreateOptions{}))
	must(other.Create(ctx, "/a/b/c", nil, CreateOptions{}))
	f := startFollow(t, s, "/a")
	if f.Partial() == "" {
		t.Error("nothing is missed?")
	}
	must(other.Set(ctx, "/a/b/c", nil, -1))
	f.want("data changed /a/b/c")
	must(other.Create(ctx, "/a/b/d", nil, CreateOptions{}))
	f.want("created /a/b/d")
	do(t, other.Delete(ctx, "/a/b/d", -1))
	f.want("deleted /a/b/d")
	must(other.Create(ctx, "/a/b/d", nil, CreateOptions{}))
	f.want("created /a/b/d")
	must(other.Set(ctx, "/a/b/d", nil, -1))
	f.want("data changed /a/b/d")

	proxy.Cut()
	eventually(t, "suspended", inState(s, Suspended))
	must(other.Set(ctx, "/a", nil, -1))
	proxy.Heal()
	if r := f.next(); r.Kind != Resync {
		t.Errorf("%+v", r)
	}
	f.want("data changed /a")

	missing := startFollow(t, s, "/none")
	must(other.Create(ctx, "/none", nil, CreateOptions{}))
	missing.want("created /none")
	must(other.Create(ctx, "/none/x", nil, CreateOptions{}))
	missing.want("created /none/x")
	f.Close()
	missing.Close()
	eventually(t, "no watch is left", func() bool { return s.Status().Watches == 0 })
}

// TestFollowUnderTheTree follows a znode that is expanded in a tree, whose rows are to
// stay fresh before, during and after.
func TestFollowUnderTheTree(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	ses := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
	other := openTest(t, Config{Servers: addr + root})
	ctx := testCtx(t)
	must(other.Create(ctx, "/a", nil, CreateOptions{}))
	must(other.Create(ctx, "/a/first", nil, CreateOptions{}))
	s := newScreen(t, ses)
	s.tree.Expand("/a")
	s.selected = "/a"
	s.until("the tree is there", func() bool { return s.row("/a/first").HasStat })
	round := 0
	fresh := func() {
		t.Helper()
		round++
		name, value := fmt.Sprint("/a/kid", round), fmt.Sprint("value ", round)
		must(other.Create(ctx, name, nil, CreateOptions{}))
		s.until("the new row", func() bool { return s.row(name).HasStat })
		must(other.Set(ctx, name, []byte("12345"), -1))
		s.until("its new size", func() bool { return s.row(name).Stat.DataLength == 5 })
		must(other.Set(ctx, "/a", []byte(value), -1))
		s.until("the value of the parent", func() bool { return string(s.data["/a"].Data) == value })
		do(t, other.Delete(ctx, name, -1))
		s.until("the struck row", func() bool { r := s.row(name); return r.Path == "" || r.Mark == MarkDeleted })
	}
	fresh()
	for range 2 {
		a := startActivity(t, ses, "/a")
		fresh()
		fresh()
		proxy.Cut()
		eventually(t, "be cut off", func() bool { return ses.Status().State != Connected })
		must(other.Set(ctx, "/a", []byte("meanwhile"), -1))
		proxy.Heal()
		s.until("what changed meanwhile", func() bool { return string(s.data["/a"].Data) == "meanwhile" })
		a.until("it is told too", func() bool {
			for _, x := range a.bySeq {
				if x.Missed && x.Path == "/a" {
					return true
				}
			}
			return false
		})
		fresh()
		a.Close()
		fresh()
		fresh()
	}
}
