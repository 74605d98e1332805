package wire_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

func TestMultiRead(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	z, c := session(t, &wire.Dialer{}, addr)
	create := func(path, data string, acl []zk.ACL) {
		t.Helper()
		if _, err := z.Create(root+path, []byte(data), 0, acl); err != nil {
			t.Fatal(err)
		}
	}
	open := zk.WorldACL(zk.PermAll)
	create("/a", "value", open)
	create("/a/x", "", open)
	create("/a/ü \u202e", "", open)
	create("/dark", "secret", zk.WorldACL(zk.PermCreate))
	ops := []wire.ReadOp{
		{Code: wire.OpGetData, Path: root + "/a"},
		{Code: wire.OpGetChildren, Path: root + "/a"},
		{Code: wire.OpGetData, Path: root + "/none"},
		{Code: wire.OpGetChildren, Path: root + "/dark"},
		{Code: wire.OpGetChildren, Path: root + "/a/x"},
	}
	got, err := c.MultiRead(t.Context(), 0, ops...)
	if err != nil {
		t.Fatal(err)
	}
	_, stat, err := z.Get(root + "/a")
	if err != nil {
		t.Fatal(err)
	}
	check := func(got []wire.ReadResult) {
		t.Helper()
		if string(got[0].Data) != "value" || got[0].Err != 0 || got[0].Stat != (wire.Stat{
			Czxid: stat.Czxid, Mzxid: stat.Mzxid, Pzxid: stat.Pzxid, CtimeMS: stat.Ctime, MtimeMS: stat.Mtime,
			Version: stat.Version, Cversion: stat.Cversion, Aversion: stat.Aversion,
			EphemeralOwner: stat.EphemeralOwner, DataLength: stat.DataLength, NumChildren: stat.NumChildren,
		}) {
			t.Errorf("getData: %+v", got[0])
		}
		names := got[1].Names.Strings()
		if slices.Sort(names); !slices.Equal(names, []string{"x", "ü \u202e"}) {
			t.Errorf("getChildren: %q", names)
		}
		if got[2].Err != wire.NoNode || got[3].Err != wire.NoAuth || got[4].Err != 0 || got[4].Names.Len() != 0 {
			t.Errorf("the others: %+v", got[2:])
		}
	}
	check(got)
	single := make([]wire.ReadResult, len(ops))
	for i, op := range ops {
		if single[i], err = c.ReadOne(t.Context(), op); err != nil {
			t.Fatal(err)
		}
	}
	check(single)
	if got, err := c.MultiRead(t.Context(), 0); len(got) != 0 || err != nil {
		t.Errorf("no reads at all: %v %v", got, err)
	}
	_, err = c.MultiRead(t.Context(), 50, ops...)
	if !errors.Is(err, wire.ErrReplyTooLong) {
		t.Errorf("a limit of 50 bytes: %v", err)
	}
	_, err = c.MultiRead(t.Context(), 0, wire.ReadOp{Code: wire.OpExists, Path: root})
	if !errors.Is(err, wire.ErrNotSent) {
		t.Errorf("exists: %v", err)
	}
	_, err = c.MultiRead(t.Context(), 0, wire.ReadOp{Code: wire.OpGetData, Path: strings.Repeat("x", 1<<20)})
	if !errors.Is(err, wire.ErrTooBig) {
		t.Errorf("a megabyte: %v", err)
	}
	if got, err = c.MultiRead(t.Context(), 0, ops...); err != nil {
		t.Fatal(err)
	}
	check(got)
}

func TestCreate2EphemeralsCount(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	z, c := session(t, &wire.Dialer{}, addr)
	acl := []wire.ACL{{Perms: zk.PermAll, Scheme: "world", ID: "anyone"}}
	path, stat, err := c.Create(t.Context(), wire.Creation{Path: root + "/e-", Data: []byte("1234"), ACL: acl, Flags: 3})
	if err != nil {
		t.Fatal(err)
	}
	if path != root+"/e-0000000000" || stat.DataLength != 4 || stat.EphemeralOwner != z.SessionID() || stat.Czxid == 0 {
		t.Errorf("created %s %+v", path, stat)
	}
	_, _, err = c.Create(t.Context(), wire.Creation{Path: path, ACL: acl})
	if !errors.Is(err, wire.NodeExists) {
		t.Errorf("again: %v", err)
	}
	names, err := c.Ephemerals(t.Context(), root)
	if got := names.Strings(); err != nil || !slices.Equal(got, []string{path}) {
		t.Errorf("ephemerals: %q %v", got, err)
	}
	if n, err := c.AllChildrenNumber(t.Context(), root); n != 1 || err != nil {
		t.Errorf("%d below the root, %v", n, err)
	}
	_, err = c.AllChildrenNumber(t.Context(), root+"/none")
	if err != nil && !errors.Is(err, wire.NoNode) {
		t.Errorf("of nothing: %v", err)
	}
	ids, err := c.WhoAmI(t.Context())
	if err != nil || !slices.Contains(ids, wire.Identity{Scheme: "ip", ID: "127.0.0.1"}) {
		t.Errorf("who am I: %v %v", ids, err)
	}
}

// watching is a session whose events come over a channel.
func watching(t *testing.T, addr string) (*zk.Conn, *wire.Conn, <-chan zk.Event) {
	t.Helper()
	events := make(chan zk.Event, 1000)
	up := make(chan *wire.Conn, 10)
	d := &wire.Dialer{Events: wire.Events{Handshake: func(c *wire.Conn, _ wire.Handshake) { up <- c }}}
	z, all, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithDialer(d.Dial), zk.WithLogger(quiet{}),
		zk.WithEventCallback(func(e zk.Event) {
			if e.Type != zk.EventSession {
				events <- e
			}
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		z.Close()
		d.Close()
		for range all {
		}
	})
	return z, wait(t, up, "handshake"), events
}

// TestAddWatch: go-zookeeper passes on the events of watches that it does not know,
// in order, and they can be removed.
func TestAddWatch(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	z, _ := session(t, &wire.Dialer{}, addr)
	_, c, events := watching(t, addr)
	open := zk.WorldACL(zk.PermAll)
	expect := func(kind zk.EventType, path string) {
		t.Helper()
		if e := wait(t, events, "event"); e.Type != kind || e.Path != root+path {
			t.Fatalf("event %v %s, want %v %s", e.Type, e.Path, kind, root+path)
		}
	}
	if err := c.AddWatch(t.Context(), root, true); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		path := fmt.Sprintf("/n%d", i)
		if _, err := z.Create(root+path, nil, 0, open); err != nil {
			t.Fatal(err)
		}
		if _, err := z.Set(root+path, []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
		if err := z.Delete(root+path, 1); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		path := fmt.Sprintf("/n%d", i)
		expect(zk.EventNodeCreated, path)
		expect(zk.EventNodeDataChanged, path)
		expect(zk.EventNodeDeleted, path)
	}
	if err := c.RemoveWatches(t.Context(), root, wire.AnyWatch); err != nil {
		t.Fatal(err)
	}
	if e := wait(t, events, "the library is told"); int32(e.State) != wire.RemovedState {
		t.Fatalf("%+v", e)
	}
	// The plain persistent mode knows of changed children.
	if err := c.AddWatch(t.Context(), root, false); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := z.Create(root+"/last", nil, 0, open); err != nil {
			t.Fatal(err)
		}
		expect(zk.EventNodeChildrenChanged, "")
		if err := z.Delete(root+"/last", 0); err != nil {
			t.Fatal(err)
		}
		expect(zk.EventNodeChildrenChanged, "")
	}
	if err := c.RemoveWatches(t.Context(), root, wire.AnyWatch); err != nil {
		t.Fatal(err)
	}
	if err := c.RemoveWatches(t.Context(), root, wire.AnyWatch); !errors.Is(err, wire.NoWatcher) {
		t.Errorf("removed again: %v", err)
	}
}

// TestOneModePerPath pins ZOOKEEPER-4466, which callers of AddWatch must know of: up
// to 3.8, a one-shot watch on the path of a persistent one replaces it.
func TestOneModePerPath(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	text, err := fourLetter(t, addr, "srvr")
	if err != nil {
		t.Fatal(err)
	}
	info, err := wire.ParseSrvr(text)
	if err != nil {
		t.Fatal(err)
	}
	z, c, events := watching(t, addr)
	if err := c.AddWatch(t.Context(), root, true); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := z.GetW(root); err != nil {
		t.Fatal(err)
	}
	set := func() {
		t.Helper()
		if _, err := z.Set(root, nil, -1); err != nil {
			t.Fatal(err)
		}
		if _, _, err := z.Get(root); err != nil { // behind which every event has come
			t.Fatal(err)
		}
	}
	set()
	first := len(events)
	set()
	old := strings.HasPrefix(info.Version, "3.6") || strings.HasPrefix(info.Version, "3.7") || strings.HasPrefix(info.Version, "3.8")
	if again := len(events) > first; first == 0 || again == old {
		t.Errorf("%s: %d events of the first change, %d with the second", info.Version, first, len(events))
	}
}

// TestHostileAnswers: what does not answer the question is told, and no more.
func TestHostileAnswers(t *testing.T) {
	bodies := make(chan []byte, 1)
	addr := listen(t, fake(10*time.Second, func(k call) []byte { return answer(k.xid, 1, 0, <-bodies) }))
	_, c := session(t, &wire.Dialer{}, addr)
	header := func(code wire.OpCode, done bool) []byte {
		var e wire.Encoder
		e.Int(int32(code))
		e.Bool(done)
		e.Int(0)
		return e.Bytes()
	}
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	end := header(wire.OpError, true)
	listing := join(header(wire.OpGetChildren, false), []byte{0, 0, 0, 1, 0, 0, 0, 1, 'a'})
	for name, body := range map[string][]byte{
		"nothing":               {},
		"too few":               end,
		"too many":              join(listing, listing, end),
		"of another kind":       join(header(wire.OpGetData, false), make([]byte, 4+68), end),
		"no end":                listing,
		"an end that is none":   join(listing, header(wire.OpError, false)),
		"an error without code": join(header(wire.OpError, false), []byte{0, 0, 0, 0}, end),
		"a vector of 2^31":      join(header(wire.OpGetChildren, false), []byte{0x7f, 0xff, 0xff, 0xff}, end),
		"a name of 2^31":        join(header(wire.OpGetChildren, false), []byte{0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff}, end),
		"a negative name":       join(header(wire.OpGetChildren, false), []byte{0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe}, end),
	} {
		bodies <- body
		got, err := c.MultiRead(t.Context(), 0, wire.ReadOp{Code: wire.OpGetChildren, Path: "/"})
		if !errors.Is(err, wire.ErrMalformed) || got != nil {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for name, ask := range map[string]func() error{
		"addWatch":   func() error { return c.AddWatch(t.Context(), "/", true) },
		"ephemerals": func() error { _, err := c.Ephemerals(t.Context(), "/"); return err },
		"count":      func() error { _, err := c.AllChildrenNumber(t.Context(), "/"); return err },
		"create2":    func() error { _, _, err := c.Create(t.Context(), wire.Creation{Path: "/a"}); return err },
		"getData": func() error {
			_, err := c.ReadOne(t.Context(), wire.ReadOp{Code: wire.OpGetData, Path: "/"})
			return err
		},
		"whoAmI": func() error { _, err := c.WhoAmI(t.Context()); return err },
	} {
		bodies <- []byte{0, 0}
		if err := ask(); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
