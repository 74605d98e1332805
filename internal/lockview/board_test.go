package lockview_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

// contend makes a queue of so many and returns their paths.
func contend(t *testing.T, conn *zk.Conn, dir string, n int) []string {
	t.Helper()
	var paths []string
	for i := range n {
		paths = append(paths, create(t, conn, dir+"/"+id(i), fmt.Sprintf("client-%d", i), contending))
	}
	return paths
}

// A thousand wait: one listing, and no more read than a queue of such length needs;
// every hand-off is seen.
func TestThousandWait(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	conn := zktest.Connect(t, addr)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	paths := contend(t, conn, dir, 1000)
	session, err := zkview.Open(zkview.Config{Servers: addr})
	if err != nil {
		t.Fatal(err)
	}
	src := &counted{Source: lockview.New(session), lists: map[string]int{}}
	r := &rig{t: t, session: session, source: src, board: lockctl.NewBoard(src, lockctl.Options{})} // nobody observes
	t.Cleanup(func() {
		r.board.Close()
		_ = session.Close()
	})
	r.board.Search(root)
	r.settle()
	v := r.board.Snapshot().At(dir)
	if v == nil || v.State != lockctl.Contended || len(v.Contenders) != 1000 || v.Contenders[0].Identity != "client-0" {
		t.Fatalf("%s", told(r.board.Snapshot()))
	}
	if lists, read := src.asked(dir); lists != 1 || read > 600 {
		t.Errorf("%d listings, %d read", lists, read)
	}
	for _, p := range paths[:200] {
		remove(t, conn, p)
	}
	r.until("200 have gone", func(s *lockctl.Snapshot) bool { return len(s.At(dir).Contenders) == 800 })
	holds := v.Timeline.Holds(time.Time{}, time.Now())
	if len(holds) != 201 || v.Timeline.Summary(time.Now()).Grants != 200 {
		t.Fatalf("%d holds", len(holds))
	}
	for i, h := range holds {
		if dir+"/"+h.Node != paths[i] {
			t.Fatalf("hold %d is of %s, not %s", i, h.Node, paths[i])
		}
	}
	r.board.Open(dir)
	r.until("all are read", func(s *lockctl.Snapshot) bool { return s.At(dir).Read == 800 })
	if lists, _ := src.asked(dir); lists != 1 {
		t.Errorf("%d listings", lists)
	}
}

// Holders follow each other as fast as they can, from a lock that is made meanwhile on:
// each of them is in the timeline, in order, and nobody else.
func TestFastHandOffs(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	conn := zktest.Connect(t, addr)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	var want []string
	next := create(t, conn, dir+"/"+id(0), "", contending)
	for i := range 300 {
		held := next
		want = append(want, held[len(dir)+1:])
		next = create(t, conn, dir+"/"+id(i+1), "", contending)
		remove(t, conn, held)
	}
	want = append(want, next[len(dir)+1:])
	last := want[len(want)-1]
	r.until("the last one holds", func(s *lockctl.Snapshot) bool {
		v := s.At(dir)
		return v != nil && len(v.Contenders) == 1 && v.Contenders[0].Node == last && !v.HeldSince.IsZero()
	})
	r.settle()
	v := r.board.Snapshot().At(dir)
	var got []string
	for _, h := range v.Timeline.Holds(time.Time{}, time.Now()) {
		got = append(got, h.Node)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d holds of %d: %v", len(got), len(want), got)
	}
}

// A server without persistent watches: what it cannot tell is said, the rest is right.
func TestBoardOnAnOldServer(t *testing.T) {
	server, err := sandbox.Start(sandbox.Options{Version: "3.4.14"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	conn := zktest.Connect(t, server.Addr())
	create(t, conn, "/q", "", plain)
	paths := contend(t, conn, "/q", 3)
	r := look(t, setup{Config: zkview.Config{Servers: server.Addr()}, roots: []string{"/"}})
	if s := r.board.Snapshot(); len(s.Search.Partial) != 1 {
		t.Errorf("%q", s.Search.Partial)
	}
	r.shows("/q", "contended 0=holder 1=waiter 2=waiter")
	remove(t, conn, paths[0])
	r.shows("/q", "contended 1=holder 2=waiter")
	create(t, conn, "/new", "", plain)
	create(t, conn, "/new/"+id(7), "", contending)
	r.shows("/new", "held 0=holder")
}
