package zkview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

func TestKilledServer(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	s, sub := openHeard(t, Config{Servers: ens.Addr(), Timeout: 20 * time.Second}, testTuning)
	must(s.Create(ctx, "/a", []byte("1"), CreateOptions{}))
	must(s.WatchStat(ctx, "/a"))
	id := s.Status().SessionID
	sub.await("first", isEvent(Resync, ""))

	ens.Server(0).Kill()
	eventually(t, "suspended", inState(s, Suspended))
	whyHas(t, s, "connection refused by "+ens.Addr())
	st := s.Status()
	if left := time.Until(st.Deadline); left <= 0 || left > st.Timeout {
		t.Errorf("deadline in %v", left)
	}
	// Offline, a read and a write wait no longer than their context, and say why.
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := s.Stat(short, "/a")
	wantErr(t, err, ErrNotSent)
	wantErr(t, err, context.DeadlineExceeded)
	if !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("error %q does not say why", err)
	}
	_, err = s.Set(short, "/a", nil, -1)
	wantErr(t, err, ErrNotSent)

	// One that can wait is answered after the restart, in the same session.
	got := make(chan error, 1)
	go func() {
		_, err := s.Set(ctx, "/a", []byte("2"), 0)
		got <- err
	}()
	ens.Server(0).Restart()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	e := sub.await("after the restart", isEvent(Resync, ""))
	if e.NewSession || s.Status().SessionID != id {
		t.Errorf("%+v, session 0x%x, want the old session 0x%x", e, s.Status().SessionID, id)
	}
	sub.await("of a watch from before", isEvent(DataChanged, "/a"))
}

func TestFailover(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 3)
	s, sub := openHeard(t, Config{Servers: ens.Addr()}, testTuning)
	must(s.Create(ctx, "/e", nil, CreateOptions{Kind: Ephemeral}))
	must(s.WatchStat(ctx, "/e"))
	sub.await("first", isEvent(Resync, ""))
	st := s.Status()
	for _, server := range ens.Servers() {
		if server.Addr() == st.Server {
			server.Kill()
		}
	}
	sub.await("after the move", isEvent(Resync, ""))
	now := s.Status()
	if now.SessionID != st.SessionID || now.Server == st.Server || now.Generation != 2 {
		t.Errorf("moved from %+v to %+v", st, now)
	}
	must(s.Set(ctx, "/e", nil, 0))
	sub.await("of a watch from before", isEvent(DataChanged, "/e"))
}

func TestPausedServer(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	s := openTest(t, Config{Servers: ens.Addr(), Timeout: time.Second})
	connected(t, s)
	ens.Server(0).Pause()
	eventually(t, "suspended", inState(s, Suspended))
	if why := s.Status().Why; why == "" {
		t.Error("no reason")
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	_, err := s.Stat(short, "/")
	wantErr(t, err, context.DeadlineExceeded)
	eventually(t, "the session's end has passed", func() bool { return time.Now().After(s.Status().Deadline) })
	ens.Server(0).Resume()
	connected(t, s)
	must(s.Stat(ctx, "/"))
}

// expire ends a session without the library knowing, by a closeSession past it.
func expire(t *testing.T, s *Session) {
	t.Helper()
	s.mu.Lock()
	conn := s.link.wire
	s.mu.Unlock()
	if _, _, err := conn.Call(testCtx(t), wire.OpCloseSession, nil); errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestExpiredSession(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	s, sub := openHeard(t, Config{Servers: zktest.Shared(t) + root, Auth: []Auth{{"digest", []byte("me:secret")}}}, testTuning)
	mine := []ACL{{PermAll, "auth", ""}}
	must(s.Create(ctx, "/eph", nil, CreateOptions{Kind: Ephemeral}))
	must(s.Create(ctx, "/mine", nil, CreateOptions{ACL: mine}))
	must(s.WatchStat(ctx, "/"))
	sub.await("first", isEvent(Resync, ""))
	id := s.Status().SessionID
	epoch := s.currentEpoch()

	expire(t, s)
	e := sub.await("after the expiry", isEvent(Resync, ""))
	if !e.NewSession || !strings.Contains(e.Why, "expired") {
		t.Errorf("Resync %+v", e)
	}
	st := s.Status()
	if st.SessionID == id || st.State != Connected || st.Generation != 2 || st.Watches != 0 {
		t.Errorf("Status %+v", st)
	}
	_, err := s.Stat(ctx, "/eph")
	wantErr(t, err, ErrNoNode)
	_, err = s.Set(ctx, "/mine", []byte("x"), 0) // the identity is there again
	if err != nil {
		t.Error(err)
	}
	// A write that was meant for the old session does not run in the new one.
	_, _, err = once(ctx, s, 0, epoch, func(*link) (int, error) {
		t.Error("ran in another session")
		return 0, nil
	})
	wantErr(t, err, ErrNotSent)
	// The watch is armed anew by whoever wants it.
	must(s.WatchStat(ctx, "/"))
	must(s.Set(ctx, "/", []byte("x"), -1))
	sub.await("of the new watch", isEvent(DataChanged, "/"))
}

func TestWriteQueuedWhileSuspendedDiesWithTheSession(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	proxy := zktest.NewProxy(t, ens.Addr())
	s := openTest(t, Config{Servers: proxy.Addr(), Timeout: 4 * time.Second})
	must(s.Create(ctx, "/a", nil, CreateOptions{}))
	proxy.Cut()
	eventually(t, "suspended", inState(s, Suspended))
	id := s.Status().SessionID
	got := make(chan error, 1)
	go func() {
		_, err := s.Create(ctx, "/late", nil, CreateOptions{})
		got <- err
	}()
	eventually(t, "the write waits", waiting(1, "zkview.(*Session).Create("))
	eventually(t, "the server expires the session", func() bool {
		return strings.Contains(ens.Server(0).Log(), fmt.Sprintf("xpiring session 0x%x", id))
	})
	proxy.Heal()
	wantErr(t, <-got, ErrNotSent)
	connected(t, s)
	_, err := s.Stat(ctx, "/late")
	wantErr(t, err, ErrNoNode)
}

func TestDatabaseReplacedByAnOlderOne(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	s, sub := openHeard(t, Config{Servers: ens.Addr(), Timeout: 30 * time.Second}, testTuning)
	for range 5 {
		must(s.Create(ctx, "/n", nil, CreateOptions{Sequential: true}))
	}
	sub.await("first", isEvent(Resync, ""))
	ens.Server(0).Kill()
	ens.Server(0).Wipe()
	ens.Server(0).Restart()
	e := sub.await("after the restart", isEvent(Resync, ""))
	if !e.NewSession || !strings.Contains(e.Why, "has an older database (zxid 0x0) than this session has seen (0x6)") {
		t.Errorf("Resync %+v", e)
	}
	names, _, err := s.Children(ctx, "/")
	if err != nil || len(names) != 1 {
		t.Errorf("Children = %q, %v", names, err)
	}
}

func TestTooManyConnections(t *testing.T) {
	ens := zktest.Start(t, 1, zktest.Config("maxClientCnxns=1"))
	zktest.Connect(t, ens.Addr())
	s := openTest(t, Config{Servers: ens.Addr()})
	whyHas(t, s, ens.Addr()+" closed the connection before answering: maxClientCnxns may be reached")
	if st := s.Status(); st.State != Connecting {
		t.Errorf("state %v", st.State)
	}
}

func TestQuotaExceeded(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1, zktest.EnforceQuota())
	s := openTest(t, Config{Servers: ens.Addr()})
	must(s.Create(ctx, "/q", nil, CreateOptions{}))
	if err := s.EnsureParents(ctx, "/zookeeper/quota/q/zookeeper_limits", nil); err != nil {
		t.Fatal(err)
	}
	must(s.Create(ctx, "/zookeeper/quota/q/zookeeper_limits", []byte("count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=-1"), CreateOptions{}))
	must(s.Create(ctx, "/zookeeper/quota/q/zookeeper_stats", []byte("count=1,bytes=0"), CreateOptions{}))
	_, err := s.Set(ctx, "/q", []byte("much too long"), -1)
	wantErr(t, err, ErrQuotaExceeded)
}

func TestNoQuorum(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 3, zktest.ReadOnlyMode())
	one := ens.Server(0)
	strict := openTest(t, Config{Servers: ens.Addr(), Pin: one.Addr()})
	lax := openTest(t, Config{Servers: ens.Addr(), Pin: one.Addr(), AllowReadOnlyServer: true})
	must(strict.Stat(ctx, "/"))
	must(lax.Stat(ctx, "/"))
	ens.Server(1).Kill()
	ens.Server(2).Kill()
	eventually(t, "read-only", func() bool { st := lax.Status(); return st.State == Connected && st.ServerReadOnly })
	must(lax.Stat(ctx, "/"))
	_, err := lax.Set(ctx, "/", nil, -1)
	wantErr(t, err, ErrNotReadOnly)
	eventually(t, "mode", func() bool { return lax.Status().Mode == "read-only" })
	whyHas(t, strict, one.Addr(), "lost its quorum")
}

func TestNoQuorumWithoutReadOnlyMode(t *testing.T) {
	ens := zktest.Start(t, 3)
	s := openTest(t, Config{Servers: ens.Addr(), Pin: ens.Server(0).Addr()})
	connected(t, s)
	ens.Server(1).Kill()
	ens.Server(2).Kill()
	whyHas(t, s, ens.Server(0).Addr()+" is not serving requests: no quorum")
}

func TestWedgedConnectionIsReplaced(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	tune := testTuning
	tune.wedged = 2 * time.Second
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	var links, deaf atomic.Int64 // made so far, and those that hang
	tune.dial = func(next wireDial) wireDial {
		mine := links.Add(1)
		return func(network, address string, timeout time.Duration) (net.Conn, error) {
			if mine <= deaf.Load() {
				<-hang // deaf to everything
				return nil, errors.New("hung")
			}
			return next(network, address, timeout)
		}
	}
	s, sub := openHeard(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second, Auth: []Auth{{"digest", []byte("me:secret")}}}, tune)
	must(s.Create(ctx, "/mine", nil, CreateOptions{ACL: []ACL{{PermAll, "auth", ""}}}))
	sub.await("first", isEvent(Resync, ""))
	deaf.Store(links.Load())
	proxy.Cut()
	eventually(t, "suspended", inState(s, Suspended))
	proxy.Heal()
	e := sub.await("after the replacement", isEvent(Resync, ""))
	if !e.NewSession || !strings.Contains(e.Why, "no progress") {
		t.Errorf("Resync %+v", e)
	}
	if _, err := s.Set(ctx, "/mine", nil, 0); err != nil {
		t.Errorf("with the identity presented again: %v", err)
	}
	must(s.WatchStat(ctx, "/mine"))
	must(s.Set(ctx, "/mine", nil, 1))
	sub.await("of a watch armed anew", isEvent(DataChanged, "/mine"))
}

// The library would go on with a session of its own, of which we know nothing.
func TestLibraryGetsNoSecondSession(t *testing.T) {
	tune := testTuning
	var dials [2]atomic.Int64 // of the links
	links := 0
	tune.dial = func(next wireDial) wireDial {
		link := links
		links++
		return func(network, address string, timeout time.Duration) (net.Conn, error) {
			dials[link].Add(1)
			return next(network, address, timeout)
		}
	}
	addr := zktest.Shared(t)
	s, sub := openHeard(t, Config{Servers: addr + "," + addr}, tune) // with one alone it would pause
	sub.await("first", isEvent(Resync, ""))
	expire(t, s)
	sub.await("after the expiry", isEvent(Resync, ""))
	if n := dials[0].Load(); n != 2 { // the session, and to learn that it is gone
		t.Errorf("the first connection of the library dialled %d times", n)
	}
}

// A follower that lags behind the session refuses it too, and catches up.
func TestLaggingServerDoesNotEndTheSession(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s := &Session{hosts: newHosts([]string{"h:1"}, nil), changed: make(chan struct{}, 1), log: log}
	s.status.State = Suspended
	l := &link{s: s, granted: true, zxid: 0x200}
	s.link = l
	for _, mode := range []string{"follower", "observer", "read-only", ""} {
		s.cfg.AllowReadOnlyServer = true
		for range surelyOlder {
			s.explainRefusal(probed{l, nil, "h:1", wire.ErrNoAnswer, wire.ServerInfo{Mode: mode, Zxid: 0x100}, nil})
		}
		if l.older != 0 || s.link != l {
			t.Errorf("a server in mode %q has the last word", mode)
		}
		if why := s.status.Why; !strings.Contains(why, "older database (zxid 0x100)") {
			t.Errorf("Why is %q", why)
		}
	}
}

// What srvr said, or did not, of an earlier connection tells nothing of the present one,
// which may be to the same address.
func TestProbeOfAnEarlierConnection(t *testing.T) {
	s := &Session{changed: make(chan struct{}, 1), turn: make(chan struct{}), log: slog.New(slog.DiscardHandler)}
	l := &link{s: s, wire: &wire.Conn{}}
	l.watches = newWatchTable(&s.follows)
	s.link = l
	s.probed(probed{link: l, conn: &wire.Conn{}, err: wire.ErrNoAnswer})
	if s.server.asked {
		t.Error("the present server counts as one that does not answer")
	}
	s.probed(probed{link: l, conn: l.wire, err: wire.ErrNoAnswer})
	if !s.server.asked {
		t.Error("nothing is known of the present server")
	}
}
