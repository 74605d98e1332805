package sandbox

import (
	"errors"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// servedClock is a time that tests set and a server looks at.
type servedClock struct {
	mu  sync.Mutex
	now time.Time
}

func newServedClock() *servedClock { return &servedClock{now: time.Unix(1_700_000_000, 0)} }

func (c *servedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *servedClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
		<-tick.C
	}
}

// session is what the server knows of a session.
func (s *Server) info(id int64) (SessionInfo, bool) {
	for _, i := range s.Sessions() {
		if i.ID == id {
			return i, true
		}
	}
	return SessionInfo{}, false
}

func TestTimeoutIsClamped(t *testing.T) {
	s := start(t, Options{TickTime: 3 * time.Second})
	for asked, want := range map[time.Duration]int32{
		time.Millisecond: 6000, -time.Second: 6000, 7 * time.Second: 7000, time.Hour: 60000,
	} {
		c := dial(t, s)
		if !c.hello(hello{timeout: asked}) || c.timeout != want {
			t.Errorf("asked for %v, got %d ms, want %d", asked, c.timeout, want)
		}
	}
}

// A client that says nothing loses its session at the tick after its timeout, with
// its ephemerals, of which others hear; one that pings does not.
func TestSessionsExpire(t *testing.T) {
	now := newServedClock()
	s := start(t, Options{Now: now.Now})
	silent, pinging := dialSession(t, s), dialSession(t, s)
	if a := silent.ask(wire.OpCreate, create("/e", Ephemeral)); a.code != 0 {
		t.Fatal(a.code)
	}
	if a := pinging.ask(wire.OpExists, pathWatch("/e", true)); a.code != 0 {
		t.Fatal(a.code)
	}
	now.add(9 * time.Second)
	s.expireDue()
	silentInfo, ok := s.info(silent.session)
	if !ok || !silentInfo.Connected || silentInfo.Ephemerals != 1 || silentInfo.Timeout != 10*time.Second {
		t.Fatalf("before the timeout: %+v %v", silentInfo, ok)
	}
	pinging.alive()
	now.add(3 * time.Second)
	s.expireDue()
	silent.over()
	if kind, path := pinging.event(); kind != eventDeleted || path != "/e" {
		t.Errorf("event %d %s", kind, path)
	}
	if _, ok := s.info(silent.session); ok {
		t.Error("the session is still there")
	}
	again := dial(t, s)
	if again.hello(hello{session: silent.session, secret: silent.secret}) || again.timeout != 0 {
		t.Errorf("an expired session was renewed, timeout %d", again.timeout)
	}
	again.over()
	pinging.alive()
}

// Time passes by itself as well.
func TestSessionsExpireByTheTicker(t *testing.T) {
	s := start(t, Options{TickTime: 5 * time.Millisecond})
	zxid := func() int64 {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.tree.lastZxid()
	}
	before := zxid()
	c := dial(t, s)
	c.send(hello{timeout: time.Millisecond}.encode())
	eventually(t, "a session to begin and to expire", func() bool { return zxid() == before+2 })
	if all := s.Sessions(); len(all) != 0 {
		t.Errorf("sessions: %+v", all)
	}
	// On a busy machine it is over before its answer was written.
	if _, err := c.frame(); err == nil {
		c.over()
	} else if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
}

func TestResume(t *testing.T) {
	s := start(t, Options{})
	first := dialSession(t, s)
	first.ask(wire.OpCreate, create("/e", Ephemeral))
	first.socket.Close()
	eventually(t, "the server to see the end", func() bool {
		info, _ := s.info(first.session)
		return !info.Connected
	})
	second := dial(t, s)
	if !second.hello(hello{session: first.session, secret: first.secret, timeout: 20 * time.Second}) ||
		second.session != first.session || second.timeout != 20000 {
		t.Fatalf("session %x with %d ms", second.session, second.timeout)
	}
	if a := second.ask(wire.OpGetEphemerals, path("")); a.code != 0 || len(a.body) != 4+4+len("/e") {
		t.Errorf("ephemerals %v % x", a.code, a.body)
	}

	// A renewal takes the session from where it is, with any password; only the right
	// one gets it.
	thief := dial(t, s)
	if thief.hello(hello{session: first.session}) {
		t.Error("a wrong password was taken")
	}
	thief.over()
	second.over()
	third := dial(t, s)
	if !third.hello(hello{session: first.session, secret: first.secret, old: true}) {
		t.Error("the session is lost")
	}
	fourth := dial(t, s)
	if !fourth.hello(hello{session: first.session, secret: first.secret}) {
		t.Error("the session is lost")
	}
	third.over()
	fourth.alive()
	nobody := dial(t, s)
	if nobody.hello(hello{session: 4711, secret: first.secret, old: true}) {
		t.Error("a session that never was")
	}
	nobody.over()
}

func TestClientThatHasSeenMore(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	c.send(hello{seen: 1}.encode())
	c.over()
}

func TestClientClosesItsSession(t *testing.T) {
	s := start(t, Options{})
	c, other := dialSession(t, s), dialSession(t, s)
	c.ask(wire.OpCreate, create("/e", Ephemeral))
	c.ask(wire.OpGetData, pathWatch("/e", true))
	other.ask(wire.OpGetChildren, pathWatch("/", true))
	c.begin(wire.OpCloseSession, nil)
	if kind, path := c.event(); kind != eventDeleted || path != "/e" {
		t.Errorf("event %d %s", kind, path)
	}
	if a := c.next(); a.xid != c.xid || a.code != 0 || len(a.body) != 0 {
		t.Errorf("reply %+v", a)
	}
	c.over()
	if kind, path := other.event(); kind != eventChildren || path != "/" {
		t.Errorf("event %d %s", kind, path)
	}
	if _, ok := s.info(c.session); ok {
		t.Error("the session is still there")
	}
}

// An event comes before the reply of the request that caused it, and before any
// that shows the change.
func TestEventsBeforeReplies(t *testing.T) {
	s := start(t, Options{})
	c, other := dialSession(t, s), dialSession(t, s)
	c.ask(wire.OpCreate, create("/a", Persistent))
	for range 100 {
		c.ask(wire.OpGetData, pathWatch("/a", true))
		c.begin(wire.OpSetData, setData("/a", "mine"))
		if kind, path := c.event(); kind != eventChanged || path != "/a" {
			t.Fatalf("event %d %s", kind, path)
		}
		reply := c.next()

		read := c.ask(wire.OpGetData, pathWatch("/a", true))
		if read.zxid != reply.zxid {
			t.Fatalf("zxid %x after %x", read.zxid, reply.zxid)
		}
		other.begin(wire.OpSetData, setData("/a", "theirs"))
		c.begin(wire.OpSync, path("/a")) // its reply may come before or after
		seen := c.next()
		if seen.xid == -1 {
			seen = c.next()
		} else if kind, _ := c.event(); kind != eventChanged || seen.zxid != read.zxid {
			t.Fatalf("a reply of zxid %x, after %x, came before the event", seen.zxid, read.zxid)
		}
		other.next()
	}
}

func TestSetWatchesAfterReconnect(t *testing.T) {
	for _, op := range []wire.OpCode{wire.OpSetWatches, wire.OpSetWatches2} {
		t.Run(op.String(), func(t *testing.T) {
			s := start(t, Options{})
			c, other := dialSession(t, s), dialSession(t, s)
			for _, p := range []string{"/same", "/changed", "/gone", "/parent"} {
				c.ask(wire.OpCreate, create(p, Persistent))
			}
			seen := c.ask(wire.OpSync, path("/")).zxid
			if !s.Drop(c.session) || s.Drop(c.session) {
				t.Error("Drop does not say what it did")
			}
			c.over()
			other.ask(wire.OpSetData, setData("/changed", "x"))
			other.ask(wire.OpDelete, pathInt("/gone", -1))
			other.ask(wire.OpCreate, create("/parent/child", Persistent))
			other.ask(wire.OpCreate, create("/born", Persistent))

			back := dial(t, s)
			if !back.hello(hello{session: c.session, secret: c.secret, seen: seen}) {
				t.Fatal("no session")
			}
			back.begin(op, func(e *wire.Encoder) {
				e.Long(seen)
				strings := func(all ...string) {
					e.Int(int32(len(all)))
					for _, s := range all {
						e.Ustring(s)
					}
				}
				strings("/same", "/changed", "/gone")
				strings("/born", "/unborn")
				strings("/parent", "/same")
				if op == wire.OpSetWatches2 {
					strings("/lasting")
					strings("/deep")
				}
			})
			got := map[string]int32{}
			for range 4 {
				kind, path := back.event()
				got[path] = kind
			}
			want := map[string]int32{
				"/changed": eventChanged, "/gone": eventDeleted,
				"/born": eventCreated, "/parent": eventChildren,
			}
			for path, kind := range want {
				if got[path] != kind {
					t.Errorf("event %d of %s, want %d", got[path], path, kind)
				}
			}
			if a := back.next(); a.xid != back.xid || a.code != 0 || len(a.body) != 0 {
				t.Fatalf("reply %+v", a)
			}
			other.ask(wire.OpCreate, create("/unborn", Persistent))
			if kind, path := back.event(); kind != eventCreated || path != "/unborn" {
				t.Errorf("event %d %s", kind, path)
			}
			if op == wire.OpSetWatches2 {
				other.ask(wire.OpCreate, create("/deep", Persistent))
				other.ask(wire.OpCreate, create("/deep/er", Persistent))
				if _, path := back.event(); path != "/deep" {
					t.Errorf("event of %s", path)
				}
				if kind, path := back.event(); kind != eventCreated || path != "/deep/er" {
					t.Errorf("event %d %s", kind, path)
				}
			}
			back.alive()
		})
	}
}

// A container goes when its last child has gone, by the ticker.
func TestContainersAreSwept(t *testing.T) {
	s := start(t, Options{TickTime: time.Millisecond})
	c, err := s.Open("10.0.0.1:1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	_, err = c.Create("/box", nil, Container)
	_, childErr := c.Create("/box/child", nil, Persistent)
	_, _, watchErr := c.Exists("/box", func() { close(gone) })
	if err := errors.Join(err, childErr, watchErr, c.Delete("/box/child", -1)); err != nil {
		t.Fatal(err)
	}
	<-gone
}
