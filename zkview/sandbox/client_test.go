package sandbox

import (
	"errors"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// within opens a session without a socket.
func within(t *testing.T, s *Server) *Client {
	t.Helper()
	c, err := s.Open("10.0.0.1:4711", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClient(t *testing.T) {
	s := start(t, Options{})
	c := within(t, s)
	path, err := c.Create("/a-", []byte("one"), Sequential|Ephemeral)
	if err != nil || path != "/a-0000000000" {
		t.Fatalf("created %q: %v", path, err)
	}
	data, stat, err := c.Get(path, nil)
	if err != nil || string(data) != "one" || stat.EphemeralOwner != c.Session() {
		t.Errorf("read %q %+v: %v", data, stat, err)
	}
	if stat, err = c.Set(path, nil, 0); err != nil || stat.Version != 1 {
		t.Errorf("set %+v: %v", stat, err)
	}
	if data, _, err = c.Get(path, nil); err != nil || data == nil || len(data) != 0 {
		t.Errorf("read %q: %v", data, err)
	}
	if names, err := c.Children("/", nil); err != nil || len(names) != 2 {
		t.Errorf("children %q: %v", names, err)
	}
	if err := c.Delete(path, 7); !errors.Is(err, wire.BadVersion) {
		t.Errorf("deleted a wrong version: %v", err)
	}
	if err := c.Delete(path, 1); err != nil {
		t.Error(err)
	}
	if _, ok, err := c.Exists(path, nil); ok || err != nil {
		t.Errorf("exists: %v %v", ok, err)
	}
	if _, _, err := c.Get(path, nil); !errors.Is(err, wire.NoNode) {
		t.Errorf("read what is gone: %v", err)
	}
	if _, err := s.Open("nobody", time.Minute); err == nil {
		t.Error("an address that is none was taken")
	}
}

func TestClientAuth(t *testing.T) {
	s := start(t, Options{Superuser: Digest("super:secret")})
	c := within(t, s)
	if err := c.Auth("digest", "user:password"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create("/mine", nil, Persistent, wire.ACL{Perms: 31, Scheme: "auth"}); err != nil {
		t.Fatal(err)
	}
	other := within(t, s)
	if _, _, err := other.Get("/mine", nil); !errors.Is(err, wire.NoAuth) {
		t.Errorf("read by another: %v", err)
	}
	if err := other.Auth("kerberos", "x"); !errors.Is(err, wire.AuthFailed) {
		t.Errorf("an unknown scheme: %v", err)
	}
	if err := other.Auth("digest", "super:secret"); err != nil {
		t.Error(err)
	}
	if _, _, err := other.Get("/mine", nil); err != nil {
		t.Errorf("read by the superuser: %v", err)
	}
}

func TestClientWatches(t *testing.T) {
	s := start(t, Options{})
	c, other := within(t, s), within(t, s)
	fired := map[string]int{}
	told := func(what string) func() { return func() { fired[what]++ } }
	if _, err := c.Create("/a", nil, Persistent); err != nil {
		t.Fatal(err)
	}
	_, _, _ = c.Get("/a", told("data"))
	_, _, _ = c.Get("/a", told("data as well"))
	_, _ = c.Children("/a", told("children"))
	_, _, _ = c.Exists("/b", told("exists"))
	_, _, _ = c.Get("/none", told("never"))
	check := func(want map[string]int) {
		t.Helper()
		if len(fired) != len(want) {
			t.Errorf("fired %v, want %v", fired, want)
		}
		for what, n := range want {
			if fired[what] != n {
				t.Errorf("fired %v, want %v", fired, want)
			}
		}
		clear(fired)
	}
	_, _ = other.Set("/a", nil, -1)
	_, _ = other.Set("/a", nil, -1)
	check(map[string]int{"data": 1, "data as well": 1})
	_, _ = other.Create("/b", nil, Persistent)
	check(map[string]int{"exists": 1})
	_, _ = other.Create("/a/b", nil, Persistent)
	check(map[string]int{"children": 1})
	_, _, _ = c.Get("/b", told("data"))
	_, _ = c.Children("/b", told("children"))
	_ = other.Delete("/b", -1)
	check(map[string]int{"data": 1, "children": 1})
	_, _, _ = c.Get("/a", told("end"))
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	check(map[string]int{"end": 1})
	_, _ = other.Set("/a", nil, -1)
	check(nil)
}

func TestClientEnds(t *testing.T) {
	now := newServedClock()
	s := start(t, Options{Now: now.Now})
	other := dialSession(t, s)
	closed, expired := within(t, s), within(t, s)
	for _, c := range []*Client{closed, expired} {
		if _, err := c.Create("/e-", nil, Ephemeral|Sequential); err != nil {
			t.Fatal(err)
		}
	}
	now.add(5 * time.Second)
	other.alive()
	now.add(6 * time.Second)
	other.alive()
	now.add(6 * time.Second)
	s.expireDue()
	if n := len(s.Sessions()); n != 3 {
		t.Fatalf("%d sessions: one within timed out", n)
	}
	for range 2 {
		if err := closed.Close(); err != nil {
			t.Error(err)
		}
	}
	if !s.Expire(expired.Session()) || s.Drop(expired.Session()) {
		t.Error("not expired")
	}
	for _, c := range []*Client{closed, expired} {
		if _, err := c.Create("/x", nil, Persistent); !errors.Is(err, wire.SessionExpired) {
			t.Errorf("created: %v", err)
		}
		if _, _, err := c.Exists("/x", func() {}); !errors.Is(err, wire.SessionExpired) {
			t.Errorf("asked: %v", err)
		}
	}
	if a := other.ask(wire.OpGetChildren, pathWatch("/", false)); len(a.body) != 4+4+len("zookeeper") {
		t.Errorf("their ephemerals are still there: % x", a.body)
	}
	if err := expired.Close(); err != nil {
		t.Error(err)
	}
}

// Close ends a server that everybody uses.
func TestServerCloses(t *testing.T) {
	s := start(t, Options{})
	c, inside := dialSession(t, s), within(t, s)
	woken := make(chan struct{})
	_, _, _ = inside.Exists("/x", func() { close(woken) })
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	<-woken
	c.over()
	if _, err := inside.Create("/x", nil, Persistent); !errors.Is(err, wire.SessionExpired) {
		t.Errorf("created: %v", err)
	}
	if _, err := s.Open("10.0.0.1:1", time.Second); err == nil {
		t.Error("opened a session of a closed server")
	}
}
