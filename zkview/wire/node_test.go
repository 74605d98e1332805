package wire_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// created is the answer to a create2.
func created(k call, path string) []byte {
	var e wire.Encoder
	e.Ustring(path)
	e.Stat(wire.Stat{Czxid: 7})
	return answer(k.xid, 7, 0, e.Bytes())
}

// listed is the answer to a getChildren2.
func listed(k call, names ...string) []byte {
	var e wire.Encoder
	e.Int(int32(len(names)))
	for _, n := range names {
		e.Ustring(n)
	}
	e.Stat(wire.Stat{Pzxid: 7})
	return answer(k.xid, 7, 0, e.Bytes())
}

// A server that answers nothing before it has both requests.
func TestEnterHasBothUnderWay(t *testing.T) {
	var first call
	addr := listen(t, fake(10*time.Second, func(k call) []byte {
		if k.op == wire.OpCreate2 {
			first = k
			return []byte{}
		}
		if k.op != wire.OpGetChildren2 || first.op != wire.OpCreate2 {
			return nil
		}
		return append(created(first, "/d/n-1"), listed(k, "n-1")...)
	}))
	_, c := session(t, &wire.Dialer{}, addr)
	in, err := c.Enter(t.Context(), wire.Creation{Path: "/d/n-", Flags: 3}, "/d")
	if err != nil || in.Path != "/d/n-1" || in.Stat.Czxid != 7 || in.Err != nil || in.Dir.Pzxid != 7 ||
		!slices.Equal(in.Names.Strings(), []string{"n-1"}) {
		t.Fatalf("Enter = %+v, %v", in, err)
	}
}

func TestEnterThatFails(t *testing.T) {
	t.Run("the creation", func(t *testing.T) {
		addr := listen(t, fake(10*time.Second, func(k call) []byte {
			if k.op == wire.OpCreate2 {
				return answer(k.xid, 1, int32(wire.NoNode), nil)
			}
			return answer(k.xid, 1, int32(wire.NoNode), nil)
		}))
		_, c := session(t, &wire.Dialer{}, addr)
		for range 3 { // the other answer, which nobody waits for, disturbs nothing
			_, err := c.Enter(t.Context(), wire.Creation{Path: "/d/n-", Flags: 3}, "/d")
			if !errors.Is(err, wire.NoNode) {
				t.Fatal(err)
			}
		}
	})
	t.Run("the listing", func(t *testing.T) {
		addr := listen(t, fake(10*time.Second, func(k call) []byte {
			if k.op == wire.OpCreate2 {
				return created(k, "/d/n-1")
			}
			return answer(k.xid, 1, int32(wire.NoAuth), nil)
		}))
		_, c := session(t, &wire.Dialer{}, addr)
		in, err := c.Enter(t.Context(), wire.Creation{Path: "/d/n-", Flags: 3}, "/d")
		if err != nil || in.Path != "/d/n-1" || !errors.Is(in.Err, wire.NoAuth) {
			t.Fatalf("Enter = %+v, %v", in, err)
		}
	})
	t.Run("the connection after the creation", func(t *testing.T) {
		addr := listen(t, fake(10*time.Second, func(k call) []byte {
			if k.op == wire.OpCreate2 {
				return created(k, "/d/n-1")
			}
			return nil
		}))
		_, c := session(t, &wire.Dialer{}, addr)
		in, err := c.Enter(t.Context(), wire.Creation{Path: "/d/n-", Flags: 3}, "/d")
		if err != nil || in.Path != "/d/n-1" || !errors.Is(in.Err, wire.ErrNoReply) {
			t.Fatalf("Enter = %+v, %v", in, err)
		}
	})
	t.Run("the wait", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		addr := listen(t, fake(10*time.Second, func(k call) []byte {
			if k.op == wire.OpGetChildren2 {
				cancel()
			}
			return []byte{}
		}))
		_, c := session(t, &wire.Dialer{}, addr)
		_, err := c.Enter(ctx, wire.Creation{Path: "/d/n-", Flags: 3}, "/d")
		if !errors.Is(err, wire.ErrNoReply) || !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		_, err = c.Enter(ctx, wire.Creation{Path: "/d/n-", Flags: 3}, "/d")
		if !errors.Is(err, wire.ErrNotSent) || !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	})
	t.Run("by what is asked", func(t *testing.T) {
		addr := listen(t, fake(10*time.Second, func(call) []byte { return nil }))
		_, c := session(t, &wire.Dialer{}, addr)
		for _, n := range []wire.Creation{
			{Path: "/a", Flags: 5},
			{Path: "/a", Flags: -1},
			{Path: "/a", Flags: 4, NoStat: true},
			{Path: "/a", Data: make([]byte, 2<<20)},
		} {
			if _, err := c.Enter(t.Context(), n, "/"); !errors.Is(err, wire.ErrNotSent) {
				t.Errorf("%+v: %v", n.Flags, err)
			}
		}
	})
}

// The requests of our own, on the real server; their watches go to the callback.
func TestOwnRequests(t *testing.T) {
	addr := zktest.SharedReal(t)
	root := zktest.RootOn(t, addr)
	fired := make(chan zk.Event, 10)
	d := &wire.Dialer{}
	up := make(chan *wire.Conn, 10)
	d.Events.Handshake = func(c *wire.Conn, _ wire.Handshake) { up <- c }
	z, _, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithDialer(d.Dial), zk.WithLogger(quiet{}),
		zk.WithEventCallback(func(e zk.Event) {
			if e.Type != zk.EventSession {
				fired <- e
			}
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { z.Close(); d.Close() })
	c, ctx := wait(t, up, "handshake"), t.Context()
	open := []wire.ACL{{Perms: 31, Scheme: "world", ID: "anyone"}}
	// The library may not have its session yet.
	if err := c.Sync(ctx, root); err != nil {
		t.Fatal(err)
	}
	dir, stat, err := c.Create(ctx, wire.Creation{Path: root + "/c", ACL: open, Flags: 4})
	if err != nil || dir != root+"/c" || stat.Czxid == 0 {
		t.Fatalf("container: %q, %+v, %v", dir, stat, err)
	}
	path, stat, err := c.Create(ctx, wire.Creation{Path: dir + "/p", Data: []byte("1"), ACL: open, NoStat: true})
	if err != nil || path != dir+"/p" || (stat != wire.Stat{}) {
		t.Fatalf("create: %q, %+v, %v", path, stat, err)
	}
	data, stat, err := c.GetData(ctx, path, true)
	if err != nil || string(data) != "1" || stat.Version != 0 {
		t.Fatalf("GetData = %q, %+v, %v", data, stat, err)
	}
	names, _, err := c.Children(ctx, dir, true)
	if err != nil || names.Len() != 1 {
		t.Fatalf("Children = %d, %v", names.Len(), err)
	}
	set, err := c.Set(ctx, path, []byte("2"), 0)
	if seen, serr := c.Exists(ctx, path); err != nil || serr != nil || set.Version != 1 || seen != set {
		t.Fatalf("Set = %+v, %v; Exists = %+v, %v", set, err, seen, serr)
	}
	if e := wait(t, fired, "data watch"); e.Type != zk.EventNodeDataChanged || e.Path != path {
		t.Fatalf("%+v", e)
	}
	if err := c.Delete(ctx, path, 1); err != nil {
		t.Fatal(err)
	}
	if e := wait(t, fired, "children watch"); e.Type != zk.EventNodeChildrenChanged || e.Path != dir {
		t.Fatalf("%+v", e)
	}
	// A dropped watch does not fire; one that is left afterwards does.
	if _, _, err := c.Children(ctx, dir, true); err != nil {
		t.Fatal(err)
	}
	if err := c.DropWatches(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.GetData(ctx, dir, true); err != nil {
		t.Fatal(err)
	}
	text, err := fourLetter(t, addr, "wchp")
	if err != nil || strings.Count(text, dir) != 1 {
		t.Errorf("watches: %s %v", text, err)
	}
	if err := c.Delete(ctx, dir, -1); err != nil {
		t.Fatal(err)
	}
	if e := wait(t, fired, "the deletion"); e.Type != zk.EventNodeDeleted || e.Path != dir {
		t.Fatalf("%+v", e)
	}
	if _, _, err := c.GetData(ctx, dir, true); !errors.Is(err, wire.NoNode) {
		t.Fatal(err)
	}
}
