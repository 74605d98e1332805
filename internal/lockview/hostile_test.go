package lockview

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// With two of five servers silent, one stopped and one gone, the others' answers come
// in bounded time, what is missing is said, and nothing is called complete.
func TestAskWithSilentServers(t *testing.T) {
	ens := zktest.Start(t, 5)
	leader := ens.Leader()
	var live, silent []*zktest.Server
	for _, s := range ens.Servers() {
		if s != leader && len(silent) < 2 {
			silent = append(silent, s)
		} else {
			live = append(live, s)
		}
	}
	s, err := zkview.Open(zkview.Config{Servers: ens.Addr(), Pin: live[0].Addr(), Timeout: 30 * time.Second})
	do(t, err)
	t.Cleanup(func() { _ = s.Close() })
	do(t, s.Ready(testCtx(t)))
	var conns []*zk.Conn
	for _, server := range []*zktest.Server{live[0], live[1], silent[0]} {
		c := zktest.Connect(t, server.Addr())
		create(t, c, "/"+fmt.Sprint(server.ID()), "", zk.FlagEphemeral)
		conns = append(conns, c)
	}
	src := New(s)
	for _, node := range conns { // seen by the server that we ask
		_, _, err := node.Exists("/")
		do(t, err)
	}
	a, err := src.Ask(testCtx(t), true)
	do(t, err)
	if a.Servers != 5 || len(a.Refusals) != 0 || !a.Cluster.AllAddresses || !a.Cluster.AllWatches {
		t.Fatalf("all answer: %+v", a)
	}
	for _, c := range conns {
		if a.Cluster.Addresses[c.SessionID()] == "" || !a.Cluster.Sessions[c.SessionID()] {
			t.Errorf("of %x nothing is known: %+v", c.SessionID(), a.Cluster)
		}
	}
	silent[0].Pause()
	silent[1].Kill()
	began := time.Now()
	a, err = src.Ask(testCtx(t), true)
	do(t, err)
	t.Logf("after %v: %q", time.Since(began), a.Refusals)
	if a.Servers != 5 || a.Cluster.AllAddresses || a.Cluster.AllWatches {
		t.Errorf("with two silent: %+v", a)
	}
	for _, server := range silent {
		if !slices.ContainsFunc(a.Refusals, func(r string) bool { return strings.Contains(r, server.Addr()) }) {
			t.Errorf("nothing is said of %s: %q", server.Addr(), a.Refusals)
		}
	}
	for _, c := range conns[:2] {
		if a.Cluster.Addresses[c.SessionID()] == "" {
			t.Errorf("%x has no address", c.SessionID())
		}
	}
	// The sessions are those of the leader, which answers.
	if !a.Cluster.Sessions[conns[2].SessionID()] {
		t.Errorf("the session at the silent server is said not to live: %+v", a.Cluster.Sessions)
	}
	silent[0].Resume()
	// Without the leader nobody knows which sessions live.
	leader.Pause()
	a, err = src.Ask(testCtx(t), false)
	if err == nil && a.Cluster.Sessions != nil {
		for _, c := range conns {
			if !a.Cluster.Sessions[c.SessionID()] {
				t.Errorf("%x is said not to live: %+v", c.SessionID(), a)
			}
		}
	}
	leader.Resume()
}

// Znodes that may not be read tell what the server tells all the same.
func TestReadOfClosed(t *testing.T) {
	addr := zktest.SharedReal(t)
	root, ctx := zktest.RootOn(t, addr), testCtx(t)
	src, _ := open(t, addr)
	c := zktest.Connect(t, addr)
	do(t, c.AddAuth("digest", []byte("some:body")))
	create(t, c, root+"/a", "open", 0)
	_, err := c.Create(root+"/b", []byte("closed"), zk.FlagEphemeral, zk.DigestACL(zk.PermAll, "some", "body"))
	do(t, err)
	nodes, err := src.Read(ctx, root, []string{"b", "a", "c"})
	do(t, err)
	if n := nodes[0]; n.Err != nil || n.Stat.EphemeralOwner != c.SessionID() || n.Data != nil {
		t.Errorf("closed: %+v", n)
	}
	if n := nodes[1]; n.Err != nil || string(n.Data) != "open" {
		t.Errorf("open: %+v", n)
	}
	if !errors.Is(nodes[2].Err, lockctl.ErrGone) {
		t.Errorf("gone: %+v", nodes[2])
	}
	_, err = c.SetACL(root, zk.DigestACL(zk.PermAll, "some", "body"), -1)
	do(t, err)
	if _, _, err := src.List(ctx, root); !errors.Is(err, lockctl.ErrDenied) {
		t.Errorf("listing what is closed: %v", err)
	}
}

// Of large values the beginning comes, whatever it is.
func TestReadOfLargeValues(t *testing.T) {
	addr := zktest.SharedReal(t)
	root, ctx := zktest.RootOn(t, addr), testCtx(t)
	src, _ := open(t, addr)
	c := zktest.Connect(t, addr)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprint("big", i))
		create(t, c, root+"/"+names[i], strings.Repeat("\x1b", 1_000_000), 0)
	}
	nodes, err := src.Read(ctx, root, names)
	do(t, err)
	for _, n := range nodes {
		if n.Err != nil || len(n.Data) > 1024 || cap(n.Data) > 4096 || n.Stat.DataLength != 1_000_000 {
			t.Errorf("%s: %d of %d bytes are kept, %d of memory: %v", n.Name, len(n.Data), n.Stat.DataLength, cap(n.Data), n.Err)
		}
	}
}
