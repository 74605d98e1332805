package lockview

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// testCtx ends with the test, and at the latest after what a loaded machine may need.
func testCtx(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// open gives a source on a session of its own.
func open(t *testing.T, servers string) (lockctl.Source, *zkview.Session) {
	t.Helper()
	s, err := zkview.Open(zkview.Config{Servers: servers, Timeout: 20 * time.Second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return New(s), s
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, c *zk.Conn, path, data string, flags int32) string {
	t.Helper()
	path, err := c.Create(path, []byte(data), flags, zk.WorldACL(zk.PermAll))
	do(t, err)
	return path
}

func TestSource(t *testing.T) {
	addr, root, ctx := zktest.Shared(t), zktest.Root(t), testCtx(t)
	src, _ := open(t, addr+root)
	c := zktest.Connect(t, addr)
	create(t, c, root+"/lock", "", 0)
	following, err := src.Follow(ctx, "/lock")
	do(t, err)
	defer following.Close()
	if p := following.Partial(); p != "" {
		t.Error(p)
	}
	create(t, c, root+"/lock/a-", "me", zk.FlagEphemeral|zk.FlagSequence)
	create(t, c, root+"/lock/empty", "", 0)
	_, err = c.Set(root+"/lock/empty", []byte("x"), -1)
	do(t, err)
	do(t, c.Delete(root+"/lock/empty", -1))

	want := []lockctl.Change{
		{Kind: lockctl.Created, Path: "/lock/a-0000000000"},
		{Kind: lockctl.Created, Path: "/lock/empty"},
		{Kind: lockctl.Written, Path: "/lock/empty"},
		{Kind: lockctl.Deleted, Path: "/lock/empty"},
	}
	for len(want) > 0 {
		changes, err := following.Next(ctx)
		do(t, err)
		for _, got := range changes {
			if got.Kind != want[0].Kind || got.Path != want[0].Path || got.At.IsZero() {
				t.Fatalf("%+v, want %+v", got, want[0])
			}
			want = want[1:]
		}
	}

	names, stat, err := src.List(ctx, "/lock")
	if err != nil || !slices.Equal(names, []string{"a-0000000000"}) || stat.NextSequence() != 2 || !stat.Known() {
		t.Errorf("%q %+v %v", names, stat, err)
	}
	nodes, err := src.Read(ctx, "/lock", []string{"a-0000000000", "none"})
	if err != nil || len(nodes) != 2 || nodes[0].Err != nil || string(nodes[0].Data) != "me" || nodes[0].Stat.EphemeralOwner != c.SessionID() {
		t.Errorf("%+v %v", nodes, err)
	}
	if !errors.Is(nodes[1].Err, lockctl.ErrGone) || nodes[1].Name != "none" {
		t.Errorf("%+v", nodes[1])
	}
	if _, _, err := src.List(ctx, "/none"); !errors.Is(err, lockctl.ErrGone) || !errors.Is(err, zkview.ErrNoNode) {
		t.Error(err)
	}
	var paths []string
	p, err := src.Walk(ctx, "/", lockctl.SearchPace{Fast: true}, func(batch []string) error {
		paths = append(paths, batch...)
		return nil
	})
	if err != nil || !slices.Equal(paths, []string{"/", "/lock", "/lock/a-0000000000"}) || p.Visited != 3 {
		t.Errorf("%q %+v %v", paths, p, err)
	}
	if _, err := src.Walk(ctx, "/none", lockctl.SearchPace{}, func([]string) error { return nil }); !errors.Is(err, lockctl.ErrGone) {
		t.Error(err)
	}
}

func TestAsk(t *testing.T) {
	addr, root, ctx := zktest.Shared(t), zktest.Root(t), testCtx(t)
	src, s := open(t, addr+root)
	c := zktest.Connect(t, addr)
	node := create(t, c, root+"/e", "", zk.FlagEphemeral)
	_, _, _, err := c.GetW(node)
	do(t, err)
	_, _, err = src.List(ctx, "/") // so that we have seen what was created
	do(t, err)
	a, err := src.Ask(ctx, true)
	do(t, err)
	k := a.Cluster
	if a.Servers != 1 || len(a.Refusals) != 0 || !k.AllAddresses || !k.AllWatches || k.Zxid == 0 {
		t.Errorf("%+v", a)
	}
	if !k.Sessions[c.SessionID()] || !k.Sessions[s.Status().SessionID] || k.Addresses[c.SessionID()] == "" {
		t.Errorf("%+v", k)
	}
	if !slices.Equal(k.Watches["/e"], []int64{c.SessionID()}) {
		t.Errorf("%+v", k.Watches)
	}
	if a, err = src.Ask(ctx, false); err != nil || a.Cluster.Watches != nil || a.Cluster.AllWatches {
		t.Errorf("%+v %v", a, err)
	}
}

// What may not be read is denied; of a child there is the Stat all the same. Values
// are cut, and empty ones at hand.
func TestReadWhatThereIs(t *testing.T) {
	addr, root, ctx := zktest.Shared(t), zktest.Root(t), testCtx(t)
	src, _ := open(t, addr+root)
	c := zktest.Connect(t, addr)
	create(t, c, root+"/lock", "", 0)
	create(t, c, root+"/lock/denied", "secret", zk.FlagEphemeral)
	create(t, c, root+"/lock/empty", "", 0)
	create(t, c, root+"/lock/long", strings.Repeat("x", 1000), 0)
	_, err := c.SetACL(root+"/lock/denied", zk.WorldACL(zk.PermAdmin), -1)
	do(t, err)
	nodes, err := src.Read(ctx, "/lock", []string{"denied", "empty", "long"})
	do(t, err)
	for _, n := range nodes {
		if n.Err != nil || !n.Stat.Known() {
			t.Errorf("%+v", n)
		}
	}
	if nodes[0].Data != nil || nodes[0].Stat.EphemeralOwner != c.SessionID() {
		t.Errorf("%+v", nodes[0])
	}
	if nodes[1].Data == nil || len(nodes[1].Data) != 0 || len(nodes[2].Data) != 256 || cap(nodes[2].Data) > 512 {
		t.Errorf("%d of %d bytes", len(nodes[2].Data), cap(nodes[2].Data))
	}
	_, err = c.SetACL(root+"/lock", zk.WorldACL(zk.PermAdmin), -1)
	do(t, err)
	if _, _, err := src.List(ctx, "/lock"); !errors.Is(err, lockctl.ErrDenied) {
		t.Error(err)
	}
	var denied []string
	p, err := src.Walk(ctx, "/", lockctl.SearchPace{Fast: true}, func(paths []string) error {
		denied = append(denied, paths...)
		return nil
	})
	if err != nil || !slices.Equal(denied, []string{"/", "/lock"}) || p.Unread != 1 {
		t.Errorf("%q %+v %v", denied, p, err)
	}
	if _, _, err := src.List(ctx, "no path"); !errors.Is(err, lockctl.ErrDenied) {
		t.Error(err)
	}
}

// Servers before 3.5.4 show that a znode is a container in the place of an owner.
func TestOwner(t *testing.T) {
	for _, test := range []struct{ shown, want int64 }{
		{0, 0}, {0x100, 0x100}, {math.MinInt64 + 7, math.MinInt64 + 7}, {math.MinInt64, 0},
	} {
		if got := statOf(zkview.Stat{EphemeralOwner: test.shown}).EphemeralOwner; got != test.want {
			t.Errorf("0x%x: 0x%x, want 0x%x", test.shown, got, test.want)
		}
	}
}
