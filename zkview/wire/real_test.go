package wire_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// session is a go-zookeeper session through a Dialer whose handshake is done.
func session(t testing.TB, d *wire.Dialer, addr string) (*zk.Conn, *wire.Conn) {
	t.Helper()
	up := make(chan *wire.Conn, 100)
	told := d.Events.Handshake
	d.Events.Handshake = func(c *wire.Conn, h wire.Handshake) {
		if told != nil {
			told(c, h)
		}
		up <- c
	}
	z := connect(t, d, 10*time.Second, strings.Split(addr, ",")...)
	return z, wait(t, up, "handshake")
}

func fourLetter(t testing.TB, addr, word string) (string, error) {
	t.Helper()
	return wire.FourLetter(t.Context(), func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}, word)
}

func TestWhoAmI(t *testing.T) {
	_, c := session(t, &wire.Dialer{}, zktest.Shared(t))
	body, zxid, err := c.Call(t.Context(), wire.OpWhoAmI, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := wire.NewDecoder(body)
	if n := d.Vector(8); n != 1 {
		t.Fatalf("%d identities", n)
	}
	if scheme, user := d.Ustring(), d.Ustring(); scheme != "ip" || user != "127.0.0.1" || d.Err() != nil {
		t.Errorf("I am %s:%s, %v", scheme, user, d.Err())
	}
	if zxid <= 0 {
		t.Errorf("zxid %d", zxid)
	}
}

func TestRemoveWatchesOnTheServer(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	z, c := session(t, &wire.Dialer{}, addr)
	held := func() bool {
		text, err := fourLetter(t, addr, "wchp")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(text, root)
	}
	for _, kind := range []wire.WatchKind{wire.DataWatch, wire.ChildrenWatch, wire.AnyWatch} {
		var ch <-chan zk.Event
		var err error
		if kind == wire.ChildrenWatch {
			_, _, ch, err = z.ChildrenW(root)
		} else {
			_, _, ch, err = z.GetW(root)
		}
		if err != nil {
			t.Fatal(err)
		}
		// wchp lists the watches of getData and exists only (DataTree.dumpWatches).
		if kind != wire.ChildrenWatch && !held() {
			t.Fatal("the server has no watch to begin with")
		}
		if err := c.RemoveWatches(t.Context(), root, kind); err != nil {
			t.Fatalf("kind %d: %v", kind, err)
		}
		if held() {
			t.Errorf("kind %d: the server still has the watch", kind)
		}
		if ev := wait(t, ch, "the end of the library's watch"); int32(ev.State) != wire.RemovedState {
			t.Errorf("kind %d: %+v", kind, ev)
		}
		if err := c.RemoveWatches(t.Context(), root, kind); !errors.Is(err, wire.NoWatcher) {
			t.Errorf("kind %d, again: %v", kind, err)
		}
	}
}

// TestEveryRequestOfTheLibrary: nothing that a real server answers is taken for
// garbage.
func TestEveryRequestOfTheLibrary(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	ops := make(chan wire.Op, 10_000)
	closed := make(chan error, 100)
	z, _ := session(t, &wire.Dialer{Events: wire.Events{
		Op:     func(o wire.Op) { ops <- o },
		Closed: func(_ *wire.Conn, err error) { closed <- err },
	}}, addr)
	open := zk.WorldACL(zk.PermAll)
	check := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	_, err := z.Create(root+"/a", []byte("x"), 0, open)
	check("create", err, nil)
	_, err = z.Create(root+"/a", []byte("x"), 0, open)
	check("create again", err, zk.ErrNodeExists)
	_, err = z.Create(root+"/s-", nil, zk.FlagSequence|zk.FlagEphemeral, open)
	check("create sequential", err, nil)
	_, err = z.CreateContainer(root+"/c", nil, zk.FlagContainer, open)
	check("create container", err, nil)
	_, _, err = z.Get(root + "/a")
	check("get", err, nil)
	_, _, err = z.Get(root + "/none")
	check("get nothing", err, zk.ErrNoNode)
	_, _, _, err = z.ExistsW(root + "/none")
	check("exists", err, nil)
	_, err = z.Set(root+"/a", nil, 0)
	check("set", err, nil)
	_, err = z.Set(root+"/a", nil, 7)
	check("set with another version", err, zk.ErrBadVersion)
	acl, _, err := z.GetACL(root + "/a")
	check("getACL", err, nil)
	if len(acl) != 1 {
		t.Errorf("ACL %v", acl)
	}
	_, err = z.SetACL(root+"/a", append(acl, zk.DigestACL(zk.PermRead, "u", "p")...), -1)
	check("setACL", err, nil)
	_, err = z.Sync(root)
	check("sync", err, nil)
	check("addAuth", z.AddAuth("digest", []byte("u:p")), nil)
	_, err = z.Multi(
		&zk.CreateRequest{Path: root + "/m", Data: []byte("d"), Acl: open},
		&zk.SetDataRequest{Path: root + "/m", Version: -1},
		&zk.CheckVersionRequest{Path: root + "/m", Version: 1},
		&zk.DeleteRequest{Path: root + "/m", Version: -1})
	check("multi", err, nil)
	_, err = z.Multi(&zk.CreateRequest{Path: root + "/n", Acl: open}, &zk.DeleteRequest{Path: root + "/none"})
	check("multi that fails", err, zk.ErrNoNode)
	names, _, err := z.Children(root)
	check("children", err, nil)
	if len(names) != 3 {
		t.Errorf("children %v", names)
	}
	check("delete", z.Delete(root+"/a", -1), nil)
	seen := map[wire.OpCode]int{}
	for len(ops) > 0 {
		seen[(<-ops).Code]++
	}
	if fmt.Sprint(seen[wire.OpCreate], seen[wire.OpGetData], seen[wire.OpMulti], seen[wire.OpDelete], seen[wire.OpSetData]) != "3 2 2 1 2" {
		t.Errorf("reported: %v", seen)
	}
	if len(closed) > 0 {
		t.Errorf("the connection ended: %v", <-closed)
	}
}

func TestManyChildrenWithCallsBetween(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	z, c := session(t, &wire.Dialer{}, addr)
	for i := range 10 {
		var reqs []any
		for j := range 1000 {
			reqs = append(reqs, &zk.CreateRequest{
				Path: fmt.Sprintf("%s/a-child-with-a-rather-long-name-%d-%d", root, i, j), Acl: zk.WorldACL(zk.PermAll),
			})
		}
		if _, err := z.Multi(reqs...); err != nil {
			t.Fatal(err)
		}
	}
	var e wire.Encoder
	e.Ustring(root)
	e.Bool(false)
	own := make(chan error, 1)
	go func() {
		for range 20 {
			body, _, err := c.Call(context.Background(), wire.OpGetChildren, e.Bytes())
			if n := wire.NewDecoder(body).Vector(4); err == nil && n != 10_000 {
				err = fmt.Errorf("%d children", n)
			}
			if err != nil {
				own <- err
				return
			}
		}
		own <- nil
	}()
	for range 20 {
		if names, _, err := z.Children(root); len(names) != 10_000 || err != nil {
			t.Fatalf("%d children, %v", len(names), err)
		}
	}
	if err := wait(t, own, "own listings"); err != nil {
		t.Error(err)
	}
}

func TestFourLetterWordsOfARealServer(t *testing.T) {
	text, err := fourLetter(t, zktest.Shared(t), "srvr")
	if err != nil {
		t.Fatal(err)
	}
	s, err := wire.ParseSrvr(text)
	if err != nil || s.Product != "Zookeeper" || strings.Count(s.Version, ".") != 2 || s.Mode != "standalone" || s.NodeCount == 0 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestServerThatRefuses(t *testing.T) {
	e := zktest.Start(t, 1, zktest.Config("maxClientCnxns=1", "4lw.commands.whitelist=ruok,srvr"))
	_, _ = session(t, &wire.Dialer{}, e.Addr())
	d := &wire.Dialer{}
	refused := refusals(d)
	connect(t, d, 10*time.Second, e.Addr())
	if err := wait(t, refused, "refusal"); !errors.Is(err, wire.ErrNoAnswer) || !strings.Contains(err.Error(), "maxClientCnxns") {
		t.Errorf("one connection too many: %v", err)
	}
}

func TestWordOutsideTheWhitelist(t *testing.T) {
	e := zktest.Start(t, 1, zktest.Config("4lw.commands.whitelist=ruok,srvr"))
	if _, err := fourLetter(t, e.Addr(), "wchs"); !errors.Is(err, wire.ErrNotWhitelisted) {
		t.Errorf("wchs: %v", err)
	}
}

func TestReadOnlyServer(t *testing.T) {
	e := zktest.Start(t, 3, zktest.ReadOnlyMode())
	e.Server(0).Kill()
	e.Server(1).Kill()
	addr := e.Server(2).Addr()

	for end := time.Now().Add(90 * time.Second); e.Server(2).Mode() != "read-only"; <-time.After(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the last server does not turn read-only")
		}
	}

	shook := make(chan wire.Handshake, 100)
	z, c := session(t, &wire.Dialer{AllowReadOnly: true, Events: wire.Events{
		Handshake: func(_ *wire.Conn, h wire.Handshake) { shook <- h },
	}}, addr)
	if h := wait(t, shook, "handshake"); !h.ReadOnly || h.SessionID == 0 {
		t.Errorf("handshake: %+v", h)
	}
	if _, _, err := z.Children("/"); err != nil {
		t.Errorf("reading: %v", err)
	}
	var create wire.Encoder
	create.Ustring("/x")
	create.Buffer(nil)
	create.Int(0)
	create.Int(0)
	if _, _, err := c.Call(t.Context(), wire.OpCreate, create.Bytes()); !errors.Is(err, wire.NotReadOnly) {
		t.Errorf("writing: %v", err)
	}

	d := &wire.Dialer{}
	refused := refusals(d)
	connect(t, d, 10*time.Second, addr)
	if err := wait(t, refused, "refusal"); !errors.Is(err, wire.ErrNoAnswer) {
		t.Errorf("without AllowReadOnly: %v", err)
	}
}
