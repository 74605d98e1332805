package lockview_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// openLocks opens a session for locks on the real server, below a znode of the test's
// own.
func openLocks(t *testing.T, cfg zkview.Config) lockctl.Session {
	t.Helper()
	s, err := lockview.OpenSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func wants(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// happens reads a queue until it has told these kinds, and nothing else.
func happens(t *testing.T, q lockctl.SessionEvents, want ...lockctl.SessionEvent) {
	t.Helper()
	var got []lockctl.SessionEvent
	for len(got) < len(want) {
		<-q.Ready()
		more, err := q.Next(patient(t))
		if err != nil {
			t.Fatalf("after %+v: %v", got, err)
		}
		for _, e := range more {
			if e.At.IsZero() {
				t.Errorf("no time: %+v", e)
			}
			e.At = time.Time{}
			got = append(got, e)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("told %+v, want %+v", got, want)
	}
}

func TestLockSession(t *testing.T) {
	ctx := patient(t)
	addr := zktest.SharedReal(t)
	root := zktest.RootOn(t, addr)
	proxy := zktest.NewProxy(t, addr)
	proxy.Cut() // what is told before there is a queue is told to nobody
	s := openLocks(t, zkview.Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
	q := s.Events()
	defer q.Close()
	proxy.Heal()
	if st := s.Status(); st.State != lockctl.SessionConnecting && st.State != lockctl.SessionLive {
		t.Errorf("Status %+v", st)
	}
	for path, kind := range map[string]lockctl.NodeKind{
		"/c": lockctl.ContainerNode, "/p": lockctl.PersistentNode, "/e": lockctl.EphemeralNode,
	} {
		created, stat, err := s.Create(ctx, path, []byte(path), nil, kind)
		if err != nil || created != path || stat.Czxid == 0 || (stat.EphemeralOwner != 0) != (path == "/e") {
			t.Errorf("Create = %q, %+v, %v", created, stat, err)
		}
	}
	happens(t, q, lockctl.SessionEvent{Kind: lockctl.ConnectionMade})
	st := s.Status()
	if st.State != lockctl.SessionLive || st.ID == 0 || st.Timeout != 20*time.Second || st.Connection != 1 ||
		st.Server != proxy.Addr() || st.ReadOnly || time.Since(st.Proven) > patience {
		t.Errorf("Status %+v", st)
	}
	in, err := s.Enter(ctx, "/c/lock-", []byte("me"), zk.WorldACL(zk.PermAll))
	if err != nil || in.Node != "lock-0000000000" || in.Err != nil || in.Stat.EphemeralOwner != st.ID ||
		!slices.Equal(in.Names, []string{in.Node}) || in.Dir.Cversion != 1 {
		t.Fatalf("Enter = %+v, %v", in, err)
	}
	own := "/c/" + in.Node
	if s.Absolute(own) != root+own {
		t.Errorf("Absolute = %q", s.Absolute(own))
	}
	next, stat, err := s.Create(ctx, "/c/lock-", nil, nil, lockctl.EphemeralSequentialNode)
	if err != nil || next != "/c/lock-0000000001" || stat.Czxid <= in.Stat.Czxid {
		t.Errorf("Create = %q, %+v, %v", next, stat, err)
	}
	read, err := s.Read(ctx, "/c", []string{in.Node, "none"})
	if err != nil || string(read[0].Data) != "me" || !errors.Is(read[1].Err, lockctl.ErrGone) {
		t.Errorf("Read = %+v, %v", read, err)
	}
	if _, _, err := s.Get(ctx, own, true); err != nil {
		t.Error(err)
	}
	if _, _, err := s.List(ctx, "/c", true); err != nil {
		t.Error(err)
	}
	if stat, err := s.Set(ctx, own, []byte("you"), 0); err != nil || stat.Version != 1 {
		t.Errorf("Set = %+v, %v", stat, err)
	}
	wants(t, "Sync", s.Sync(ctx, own), nil)
	wants(t, "Delete", s.Delete(ctx, own, 1), nil)
	happens(t, q,
		lockctl.SessionEvent{Kind: lockctl.NodeWritten, Path: own},
		lockctl.SessionEvent{Kind: lockctl.ChildrenChanged, Path: "/c"})

	_, _, err = s.Get(ctx, own, true)
	wants(t, "Get", err, lockctl.ErrGone)
	wants(t, "Delete", s.Delete(ctx, own, -1), lockctl.ErrGone)
	_, _, err = s.Create(ctx, "/p", nil, nil, lockctl.PersistentNode)
	wants(t, "Create", err, lockctl.ErrExists)
	_, err = s.Set(ctx, "/p", nil, 7)
	wants(t, "Set", err, lockctl.ErrChanged)
	_, _, err = s.Create(ctx, "/p/mine", nil, zk.DigestACL(zk.PermAll, "me", "x"), lockctl.PersistentNode)
	wants(t, "Create", err, nil)
	_, _, err = s.Get(ctx, "/p/mine", false)
	wants(t, "Get", err, lockctl.ErrDenied)

	wants(t, "Close", s.Close(), nil)
	happens(t, q, lockctl.SessionEvent{Kind: lockctl.SessionOver})
	_, err = q.Next(ctx)
	wants(t, "Next", err, lockctl.ErrEnded)
	_, err = s.Enter(ctx, "/c/lock-", nil, nil)
	wants(t, "Enter", err, lockctl.ErrEnded)
	_, err = s.Read(ctx, "/c", []string{"x"})
	wants(t, "Read", err, lockctl.ErrEnded)
	if end := s.Status(); end.State != lockctl.SessionEnded || end.ID != st.ID || end.Why == "" {
		t.Errorf("Status %+v", end)
	}
}

func TestLockSessionOffline(t *testing.T) {
	s := openLocks(t, zkview.Config{Servers: "127.0.0.1:1"})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !strings.Contains(s.Status().Why, "refused") {
			<-time.After(time.Millisecond)
		}
		cancel()
	}()
	_, err := s.Enter(ctx, "/x", nil, nil)
	wants(t, "Enter", err, lockctl.ErrNotSent)
	wants(t, "Enter", err, context.Canceled)
	if st := s.Status(); st.State != lockctl.SessionConnecting || st.ID != 0 || !st.Proven.IsZero() {
		t.Errorf("Status %+v", st)
	}
	wants(t, "Close", s.Close(), nil)
	wants(t, "Delete", s.Delete(t.Context(), "/x", -1), lockctl.ErrEnded)
}

func TestLockSessionReadOnly(t *testing.T) {
	addr := zktest.SharedReal(t)
	s := openLocks(t, zkview.Config{Servers: addr, ReadOnly: true})
	_, err := s.Enter(patient(t), "/x", nil, nil)
	wants(t, "Enter", err, lockctl.ErrReadOnly)
	wants(t, "Delete", s.Delete(patient(t), "/x", -1), lockctl.ErrReadOnly)
	if !s.Status().ReadOnly {
		t.Error("Status does not say that nothing may be written")
	}
}
