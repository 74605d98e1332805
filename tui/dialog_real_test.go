package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

// TestDialogsOnARealServer does with ZooKeeper itself what the other tests do with
// a fake: above all it holds the fake to the errors that a server really gives.
func TestDialogsOnARealServer(t *testing.T) {
	addr := zktest.Start(t, 1).Addr()
	s, err := zkview.Open(zkview.Config{Servers: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	mk := func(path string, acl ...zkview.ACL) {
		t.Helper()
		if _, err := s.Create(ctx, path, []byte("data"), zkview.CreateOptions{ACL: acl}); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(path string) bool {
		t.Helper()
		_, err := s.Stat(ctx, path)
		if err != nil && !errors.Is(err, zkview.ErrNoNode) {
			t.Fatal(err)
		}
		return err != nil
	}
	open := func(t *testing.T, path string) *rig {
		t.Helper()
		stat, err := s.Stat(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		d, cmd := newDeleteDialog(t.Context(), 1, s, []target{{path, stat}}, nil)
		r := &rig{t: t, d: d}
		r.run(cmd)
		return r
	}

	t.Run("create", func(t *testing.T) {
		mk("/c")
		for i, kind := range createKinds {
			r := rig{t: t, d: newCreateDialog(1, s, "/c", zkview.Persistent, zkview.CheckPath)}
			r.typeText(fmt.Sprintf("deep%d/k", i))
			r.press("tab")
			for range i {
				r.press("right")
			}
			if kind.kind == zkview.TTL {
				r.press("tab")
			}
			r.press("tab", "tab", "space", "ctrl+s")
			stat, err := s.Stat(ctx, fmt.Sprintf("/c/deep%d/k", i))
			if err != nil || !r.done || stat.Kind() != kind.kind && kind.kind == zkview.Ephemeral {
				t.Errorf("%v: %+v, %v\n%s", kind.kind, stat, err, r.screen(80, 20))
			}
		}
	})
	t.Run("edit", func(t *testing.T) {
		mk("/e")
		data, stat, err := s.Get(ctx, "/e")
		if err != nil {
			t.Fatal(err)
		}
		r := rig{t: t, d: newEditDialog(1, s, "/e", data, stat, t.TempDir())}
		r.typeText("mine ")
		if _, err := s.Set(ctx, "/e", []byte("theirs"), -1); err != nil {
			t.Fatal(err)
		}
		r.press("ctrl+s")
		r.wantScreen("version 1 now", "mine data", "theirs")
		r.press("tab", "enter", "ctrl+s")
		if data, _, err = s.Get(ctx, "/e"); err != nil || string(data) != "mine data" || !r.done {
			t.Errorf("%q, %v", data, err)
		}
	})
	t.Run("delete", func(t *testing.T) {
		mk("/d")
		for i := range 1100 {
			mk(fmt.Sprintf("/d/n%d", i))
		}
		mk("/d/n7/x")
		r := open(t, "/d")
		r.wantScreen("the 1,101 znodes below it")
		if err := s.Delete(ctx, "/d/n900", -1); err != nil {
			t.Fatal(err)
		}
		mk("/d/n7/new")
		mk("/d/n7/new/deep")
		r.confirm("d")
		if !gone("/d") || !r.done {
			t.Errorf("not all was deleted:\n%s", r.screen(80, 20))
		}
	})
	t.Run("delete what the ACL forbids", func(t *testing.T) {
		mk("/f")
		mk("/f/ok")
		mk("/f/no", zkview.ACL{Perms: zkview.PermRead | zkview.PermCreate, Scheme: "world", ID: "anyone"})
		mk("/f/no/1")
		mk("/f/no/2")
		mk("/f/hidden", zkview.ACL{Perms: zkview.PermCreate | zkview.PermDelete, Scheme: "world", ID: "anyone"})
		mk("/f/hidden/1")
		r := open(t, "/f")
		r.wantScreen("1 znode may not be listed (/f/hidden)")
		r.confirm("f")
		r.wantScreen("The ACL of /f/no does not let us delete its children", "/f/hidden: the znode has children that we may not list")
		if !gone("/f/ok") || gone("/f/no/1") || gone("/f/hidden/1") {
			t.Errorf("not what was to be deleted:\n%s", r.screen(80, 20))
		}
	})
	t.Run("delete a version that is gone", func(t *testing.T) {
		mk("/v")
		r := open(t, "/v")
		if _, err := s.Set(ctx, "/v", nil, -1); err != nil {
			t.Fatal(err)
		}
		r.press("tab", "enter")
		r.wantScreen("/v was changed by somebody else")
		if gone("/v") {
			t.Error("it was deleted")
		}
	})
}
