package zkview

import (
	"errors"
	"testing"

	"zkdeck/zkview/sandbox"
)

// A session works with the sandbox as with any server: it knows the version and
// what it can, follows, survives a drop, an expiry and a change of the version.
func TestSessionOnTheSandbox(t *testing.T) {
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: server.Addr()})
	connected(t, s)
	eventually(t, "srvr to be read", func() bool { return s.Status().Version == "3.8.0" })
	for f := range features {
		if ok, err := s.can(ctx, f); !ok || err != nil {
			t.Errorf("feature %d: %v %v", f, ok, err)
		}
	}
	if _, err := s.Create(ctx, "/a", []byte("one"), CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if data, _, err := s.Get(ctx, "/a"); err != nil || string(data) != "one" {
		t.Errorf("%q %v", data, err)
	}
	ids, err := s.WhoAmI(ctx)
	if err != nil || len(ids) != 1 || ids[0] != (Identity{"ip", "127.0.0.1"}) {
		t.Errorf("%v %v", ids, err)
	}

	first := s.Status().SessionID
	if !server.Drop(first) {
		t.Fatal("nothing to drop")
	}
	eventually(t, "the session to be resumed", func() bool {
		now := server.Sessions()
		return len(now) == 1 && now[0].ID == first && now[0].Connected && s.Status().State == Connected
	})
	if !server.Expire(first) {
		t.Fatal("nothing to expire")
	}
	eventually(t, "a new session", func() bool {
		now := s.Status()
		return now.State == Connected && now.SessionID != first
	})
	if err := server.SetVersion("3.4.14"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new version", func() bool { return s.Status().Version == "3.4.14" })
	if _, err := s.WhoAmI(ctx); !errors.Is(err, ErrUnimplemented) {
		t.Errorf("whoAmI of 3.4: %v", err)
	}
	if data, _, err := s.Get(ctx, "/a"); err != nil || string(data) != "one" {
		t.Errorf("%q %v", data, err)
	}
}
