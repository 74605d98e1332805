package lockctl_test

import (
	"errors"
	"fmt"
	"testing"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// While there is no quorum nobody is let in, and all go on once there is one.
func TestAccept37QuorumLost(t *testing.T) {
	t.Parallel()
	e := zktest.SharedEnsemble(t)
	dir := func() string {
		sc := sceneOn(t, e.Leader().Addr())
		return sc.dir("lock")
	}()
	holder, waiter := play(t, e.Addr(), enduring), play(t, e.Addr(), enduring)
	h := holder.handle(dir, lockctl.LockOptions{})
	l := h.take()
	a := waiter.queue(dir, lockctl.LockOptions{})
	fresh := play(t, e.Addr(), enduring)
	fresh.is(lockctl.SessionLive)
	followers := e.Followers()
	if len(followers) != 2 {
		t.Fatalf("%d followers", len(followers))
	}
	followers[0].Kill()
	followers[1].Kill()
	becomes(t, l, lockctl.LeaseSuspended)
	waiter.is(lockctl.SessionSuspended)
	b := fresh.handle(dir, lockctl.LockOptions{}).start() // it waits for a quorum first
	a.waits()
	b.waits()
	e.RestartAll()
	becomes(t, l, lockctl.LeaseHeld)
	lives(t, l)
	a.waits()
	b.await(lockctl.StepWatch)
	release(t, l)
	second := a.granted()
	b.waits()
	release(t, second)
	third := b.granted()
	if l.Token() >= second.Token() || second.Token() >= third.Token() {
		t.Errorf("tokens %d, %d, %d", l.Token(), second.Token(), third.Token())
	}
	release(t, third)
}

// A server without a quorum that serves readers gives nobody the lock.
func TestAccept37ReadOnlyServer(t *testing.T) {
	t.Parallel()
	e := zktest.Start(t, 3, zktest.ReadOnlyMode())
	sc := sceneOn(t, e.Server(0).Addr())
	dir := sc.dir("lock")
	open := func() *player {
		s, err := lockview.OpenSession(zkview.Config{Servers: e.Server(0).Addr(), Timeout: enduring, AllowReadOnlyServer: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return &player{t: t, s: s}
	}
	h := open().handle(dir, lockctl.LockOptions{})
	l := h.take()
	p := open()
	a := p.queue(dir, lockctl.LockOptions{})
	e.Server(1).Kill()
	e.Server(2).Kill()
	sc.until("server 1 serves readers", func() bool { return e.Server(0).Mode() == "read-only" })
	becomes(t, l, lockctl.LeaseSuspended)
	fresh := open()
	b := fresh.handle(dir, lockctl.LockOptions{}).start()
	sc.until("the waiter came back or waits to", func() bool {
		st := p.s.Status()
		return st.State != lockctl.SessionLive || st.Connection > 1
	})
	a.waits()
	if l.State() == lockctl.LeaseHeld {
		t.Error("the lock is held at a server without a quorum")
	}
	e.RestartAll()
	// The session may have been refused by the server that had no quorum. Then it is lost,
	// and never again held beside another.
	sc.until("the lease is held again or lost", func() bool { return l.State() != lockctl.LeaseSuspended })
	if l.State() == lockctl.LeaseHeld {
		a.waits()
		release(t, l)
	}
	if other, err := a.ended(); err == nil {
		if st := l.State(); st == lockctl.LeaseHeld {
			t.Errorf("two hold: %s", st)
		}
		release(t, other)
	} else if !errors.Is(err, lockctl.ErrEnded) {
		t.Errorf("the waiter: %v", err)
	}
	if other, err := b.ended(); err == nil {
		release(t, other)
	} else {
		t.Logf("one who came meanwhile: %v", err)
	}
}

// They grow when another server leads, whose zxids begin with another epoch.
func TestAccept20TokensOfLeaders(t *testing.T) {
	t.Parallel()
	e := zktest.SharedEnsemble(t)
	dir := zktest.RootOn(t, e.Leader().Addr())
	p := play(t, e.Addr(), enduring)
	h := p.handle(dir, lockctl.LockOptions{})
	var last int64
	epoch := func(token int64) int64 { return token >> 32 }
	for i := range 2 {
		l := h.take()
		if l.Token() <= last || i > 0 && epoch(l.Token()) <= epoch(last) {
			t.Errorf("token %#x after %#x", l.Token(), last)
		}
		last = l.Token()
		if i == 0 {
			e.Leader().Kill()
			e.RestartAll()
			becomes(t, l, lockctl.LeaseHeld) // by the session, which has moved
		}
		if err := l.Release(soon(t)); err != nil {
			t.Errorf("releasing: %v", err)
		}
	}
}

// The same where the server that it comes back to lags behind.
func TestAccept10ReplyLostLagging(t *testing.T) {
	t.Parallel()
	e := zktest.SharedEnsemble(t)
	leader := e.Leader()
	sc, lagging := sceneOn(t, leader.Addr()), e.Followers()[0]
	dir := sc.dir("lock")
	p, relay := sc.through(enduring)
	p.is(lockctl.SessionLive)
	lagging.Pause()
	paused := true
	defer func() {
		if paused {
			lagging.Resume()
		}
	}()
	trap := relay.Trap(zktest.LoseReply, enters(dir))
	a := p.handle(dir, lockctl.LockOptions{}).start()
	sprung(t, trap)
	for i := range 100 { // what it has to catch up with
		sc.set(sc.root, fmt.Sprint(i))
	}
	relay.Redirect(lagging.Addr())
	relay.Heal()
	lagging.Resume()
	paused = false
	l := a.granted()
	sc.holdsOnly(dir, l.Node())
	if _, stat, err := sc.conn.Get(dir + "/" + l.Node()); err != nil || stat.Czxid != l.Token() || stat.EphemeralOwner != l.Session() {
		t.Errorf("%v, %+v; token %d", err, stat, l.Token())
	}
	if st := p.s.Status(); !listsAfterSync(relay.Requests(), 2, dir) || st.Connection < 2 {
		t.Errorf("how it recovers:%s; %+v", a.told(), relay.Requests())
	}
	release(t, l)
}
