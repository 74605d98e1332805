package zkview

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

// onServer returns another client of the shared server, the znode that is our root,
// and a screen that shows what is below it.
func onServer(t *testing.T) (other *zk.Conn, root string, ses *Session, s *screen) {
	t.Helper()
	root = zktest.Root(t)
	other = zktest.Connect(t, zktest.Shared(t))
	ses = openTest(t, Config{Servers: zktest.Shared(t) + root})
	return other, root, ses, newScreen(t, ses)
}

// seed creates n children in transactions of 500.
func seed(tb testing.TB, conn *zk.Conn, parent string, n int) {
	tb.Helper()
	for i := 0; i < n; {
		var ops []any
		for ; i < n && len(ops) < 500; i++ {
			ops = append(ops, &zk.CreateRequest{Path: fmt.Sprintf("%s/lock-%010d", parent, i), Acl: zk.WorldACL(zk.PermAll)})
		}
		if _, err := conn.Multi(ops...); err != nil {
			tb.Fatal(err)
		}
	}
}

func TestFeedOnServer(t *testing.T) {
	other, root, ses, s := onServer(t)
	create := func(p string, perms int32) {
		t.Helper()
		must(other.Create(root+p, []byte("v"), 0, zk.WorldACL(zk.PermAll)))
		if perms != zk.PermAll {
			must(other.SetACL(root+p, zk.WorldACL(perms), -1))
		}
	}
	create("/a", zk.PermAll)
	create("/a/x", zk.PermAll)
	create("/denied", zk.PermAll&^zk.PermRead)
	s.tree.Expand("/a")
	s.tree.Expand("/denied")
	s.selected = "/denied"
	s.until("/a/x is shown", func() bool { return s.row("/a/x").HasStat })
	s.until("children are denied", func() bool { return errors.Is(s.row("/denied").ChildErr, ErrNoAuth) })
	s.until("data is denied", func() bool { return errors.Is(s.data["/denied"].Err, ErrNoAuth) })
	if r := s.row("/denied"); !r.HasStat || r.Stat.DataLength != 1 {
		t.Errorf("the Stat of a denied znode: %+v", r)
	}

	s.selected = "/a/x"
	s.until("the value of /a/x", func() bool { return string(s.data["/a/x"].Data) == "v" })
	must(other.Set(root+"/a/x", []byte("two"), -1))
	s.until("the new value", func() bool { return string(s.data["/a/x"].Data) == "two" })
	if s.marks["/a/x"] != MarkChanged || !s.data["/a/x"].Seen {
		t.Errorf("the row of a changed znode: %+v", s.row("/a/x"))
	}

	create("/a/y", zk.PermAll)
	s.until("the new row", func() bool { return s.row("/a/y").Mark == MarkCreated })
	create("/a/y/z", zk.PermAll)
	s.until("the count of a collapsed row", func() bool { return s.row("/a/y").Stat.NumChildren == 1 })
	for _, p := range []string{"/a/x", "/a/y/z", "/a/y"} {
		if err := other.Delete(root+p, -1); err != nil {
			t.Fatal(err)
		}
	}
	s.until("the struck rows", func() bool { return s.row("/a/x").Mark == MarkDeleted })
	s.until("the value gone", func() bool { return errors.Is(s.data["/a/x"].Err, ErrNoNode) })
	s.until("the rows gone", func() bool { return s.tree.Len() == 2 })
	s.tree.Collapse("/a")
	s.selected = ""
	// "/", "/a" and "/denied" by data; "/" and "/a" by children.
	s.until("few watches", func() bool { return ses.Status().Watches == 5 })
}

func TestFeedAfterReconnect(t *testing.T) {
	ens := zktest.Start(t, 1)
	proxy := zktest.NewProxy(t, ens.Addr())
	other := zktest.Connect(t, ens.Addr())
	for i := range 30 {
		must(other.Create(fmt.Sprint("/n-", i), nil, 0, zk.WorldACL(zk.PermAll)))
	}
	ses := openTest(t, Config{Servers: proxy.Addr()})
	s := newScreen(t, ses)
	s.until("30 rows", func() bool { return s.tree.Len() == 31 && s.row("/n-29").HasStat })

	proxy.Cut()
	eventually(t, "be cut off", func() bool { return ses.Status().State != Connected })
	must(other.Set("/n-3", []byte("new"), -1))
	must(other.Create("/later", nil, 0, zk.WorldACL(zk.PermAll)))
	if err := other.Delete("/n-5", -1); err != nil {
		t.Fatal(err)
	}
	proxy.Heal()
	s.until("what changed meanwhile", func() bool {
		return s.row("/n-3").Stat.DataLength == 3 && s.row("/later").HasStat && s.row("/n-5").Path == ""
	})

	expire(t, ses)
	must(other.Set("/n-4", []byte("newer"), -1))
	s.until("what changed by then", func() bool { return s.row("/n-4").Stat.DataLength == 5 })
	s.until("the resyncs", func() bool {
		n := 0
		for _, x := range s.news {
			if x.Kind == ResyncNews {
				n++
			}
		}
		return n >= 2
	})

	ens.Server(0).Kill()
	eventually(t, "lose the server", func() bool { return ses.Status().State != Connected })
	ens.Server(0).Restart()
	eventually(t, "be back", inState(ses, Connected))
	back := zktest.Connect(t, ens.Addr())
	must(back.Set("/n-6", []byte("again"), -1))
	s.until("what changed after the restart", func() bool { return s.row("/n-6").Stat.DataLength == 5 })
}

func TestFeedOpensManyChildren(t *testing.T) {
	other, root, _, s := onServer(t)
	const n = HeldListing + 10_000
	must(other.Create(root+"/many", nil, 0, zk.WorldACL(zk.PermAll)))
	seed(t, other, root+"/many", n)
	s.tree.Expand("/many")
	s.until("the listing is held", func() bool { return errors.Is(s.row("/many").ChildErr, ErrHeld) })
	s.feed.Open("/many", OpenListing)
	s.until("all rows", func() bool { return s.tree.Len() == n+1 })
	s.from, s.to = n/2, n/2+60
	s.until("Stats in the middle", func() bool { r, _ := s.tree.Row(n / 2); return r.HasStat })
	before := len(s.news)
	must(other.Create(root+"/many/lock-x", nil, 0, zk.WorldACL(zk.PermAll)))
	s.until("one row more", func() bool { _, ok := s.tree.IndexOf("/many/lock-x"); return ok })
	if !slices.ContainsFunc(s.news[before:], func(x News) bool { return x.Kind == ChildrenNews && len(x.Added) == 1 }) {
		t.Error("one more child was told as a whole listing")
	}
}

// TestFeedUnderLoad changes children of an expanded znode as fast as the server takes
// it, and then wants to see what is there.
func TestFeedUnderLoad(t *testing.T) {
	other, root, ses, s := onServer(t)
	must(other.Create(root+"/p", nil, 0, zk.WorldACL(zk.PermAll)))
	s.tree.Expand("/p")
	s.until("/p", func() bool { return s.row("/p").HasStat })
	const n = 10_000
	began := time.Now()
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < n && err == nil; i += 50 {
			var ops []any
			for k := i; k < i+50; k++ {
				p := fmt.Sprintf("%s/p/k-%d", root, k%1000)
				switch (k / 1000) % 3 {
				case 0:
					ops = append(ops, &zk.CreateRequest{Path: p, Acl: zk.WorldACL(zk.PermAll)})
				case 1:
					ops = append(ops, &zk.SetDataRequest{Path: p, Data: []byte("x"), Version: -1})
				default:
					ops = append(ops, &zk.DeleteRequest{Path: p, Version: -1})
				}
			}
			_, err = other.Multi(ops...)
		}
		done <- err
	}()
	ended := false
	s.until("the end", func() bool {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			ended = true
		default:
		}
		return ended
	})
	took := time.Since(began)
	s.until("all that is there", func() bool {
		names, _, err := ses.Children(t.Context(), "/p")
		if err != nil {
			t.Fatal(err)
		}
		if s.tree.Len() != len(names)+1 {
			return false
		}
		for _, r := range s.tree.Rows(s.from, s.to) {
			if st, err := ses.Stat(t.Context(), r.Path); err != nil || st != r.Stat {
				return false
			}
		}
		return true
	})
	t.Logf("%d changes in %v, %.0f/s; %d batches", n, took, n/took.Seconds(), s.batches)
}
