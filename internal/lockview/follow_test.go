package lockview

import (
	"slices"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

// A lost connection is a Missed, with what was missed found by reading again.
func TestFollowMisses(t *testing.T) {
	addr, root, ctx := zktest.Shared(t), zktest.Root(t), testCtx(t)
	proxy := zktest.NewProxy(t, addr)
	src, s := open(t, proxy.Addr()+root)
	c := zktest.Connect(t, addr)
	following, err := src.Follow(ctx, "/")
	do(t, err)
	began := time.Now()
	_, _, err = src.List(ctx, "/") // an answer
	do(t, err)
	proxy.Cut()
	for s.Status().State == zkview.Connected {
		<-s.Changed()
	}
	create(t, c, root+"/missed", "", 0)

	// Meanwhile calls wait.
	type listing struct {
		names []string
		err   error
	}
	listed := make(chan listing)
	go func() {
		names, _, err := src.List(ctx, "/")
		listed <- listing{names, err}
	}()
	proxy.Heal()
	if l := <-listed; l.err != nil || !slices.Equal(l.names, []string{"missed"}) {
		t.Errorf("%+v", l)
	}
	changes, err := following.Next(ctx)
	do(t, err)
	if m := changes[0]; m.Kind != lockctl.Missed || m.Path != "/" || m.Since.Before(began) || m.At.Before(m.Since) || m.Lost != 0 {
		t.Errorf("%+v", m)
	}
	following.Close()
	if _, err := following.Next(ctx); err == nil {
		t.Error("closed, and goes on")
	}
	if _, err := src.Follow(ctx, "no path"); err == nil {
		t.Error("no path is followed")
	}
}

// On a server without persistent watches it says what is missed.
func TestFollowOnAnOldServer(t *testing.T) {
	server, err := sandbox.Start(sandbox.Options{Version: "3.4.14"})
	do(t, err)
	t.Cleanup(func() { _ = server.Close() })
	ctx := testCtx(t)
	src, _ := open(t, server.Addr())
	following, err := src.Follow(ctx, "/")
	do(t, err)
	defer following.Close()
	if following.Partial() == "" {
		t.Error("nothing is missed?")
	}
	c := zktest.Connect(t, server.Addr())
	create(t, c, "/a", "x", 0)
	for told := false; !told; {
		changes, err := following.Next(ctx)
		do(t, err)
		told = slices.ContainsFunc(changes, func(c lockctl.Change) bool { return c.Kind == lockctl.Created && c.Path == "/a" })
	}
	nodes, err := src.Read(ctx, "/", []string{"a"})
	if err != nil || string(nodes[0].Data) != "x" {
		t.Errorf("%+v %v", nodes, err)
	}
	a, err := src.Ask(ctx, true)
	if err != nil || !a.Cluster.AllAddresses || !a.Cluster.AllWatches || !a.Cluster.Sessions[c.SessionID()] || len(a.Refusals) != 0 {
		t.Errorf("%+v %v", a, err)
	}
}

// What was dropped is a Missed before what is left.
func TestDroppedChanges(t *testing.T) {
	_, s := open(t, zktest.Shared(t)+zktest.Root(t))
	f, err := s.Follow(testCtx(t), "/")
	do(t, err)
	defer f.Close()
	at := func(n int) time.Time { return time.UnixMilli(int64(n)) }
	for _, test := range []struct {
		name string
		in   []zkview.Change
		want []lockctl.Change
	}{
		{
			"changes",
			[]zkview.Change{{Kind: zkview.Created, Path: "/b", At: at(30), Lost: 7}, {Kind: zkview.Deleted, Path: "/b", At: at(40)}},
			[]lockctl.Change{
				{Kind: lockctl.Missed, Path: "/", Since: at(10), At: at(30), Lost: 7},
				{Kind: lockctl.Created, Path: "/b", At: at(30)},
				{Kind: lockctl.Deleted, Path: "/b", At: at(40)},
			},
		},
		{
			"changes and a reconnect",
			[]zkview.Change{{Kind: zkview.Resync, Path: "/", Since: at(20), At: at(25), Lost: 7}, {Kind: zkview.DataChanged, Path: "/c", At: at(50)}},
			[]lockctl.Change{{Kind: lockctl.Missed, Path: "/", Since: at(10), At: at(50), Lost: 7}, {Kind: lockctl.Written, Path: "/c", At: at(50)}},
		},
		{
			"a reconnect",
			[]zkview.Change{{Kind: zkview.Resync, Path: "/", Since: at(20), At: at(25)}},
			[]lockctl.Change{{Kind: lockctl.Missed, Path: "/", Since: at(20), At: at(25)}},
		},
		{"what is none of a znode's", []zkview.Change{{Kind: zkview.Removed, Path: "/", At: at(60)}}, nil},
	} {
		f := &following{Follow: f, last: at(10)}
		if got := f.convert(test.in); !slices.Equal(got, test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
