package lockview_test

import (
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// A queue is followed over the end of its counter: go-zookeeper's locks all hold then.
func TestCounterAtItsEnd(t *testing.T) {
	addr := zktest.Start(t, 1, zktest.WithData(zktest.NearEnd("/locks/a"))).Addr()
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{"/"}})
	conn := zktest.Connect(t, addr)
	lock := zk.NewLock(conn, "/locks/a", zk.WorldACL(zk.PermAll))
	for _, n := range []string{"2147483644", "2147483645", "2147483646"} {
		if err := lock.Lock(); err != nil {
			t.Fatal(err)
		}
		v := r.shows("/locks/a", "held "+n+"=holder (counter-near-end)")
		if v.Recipe != lockctl.GoZooKeeper {
			t.Errorf("recipe %s", v.Recipe)
		}
		if err := lock.Unlock(); err != nil {
			t.Fatal(err)
		}
		r.shows("/locks/a", "free (counter-near-end)")
	}
	var locks []*zk.Lock
	for range 3 {
		l := zk.NewLock(zktest.Connect(t, addr), "/locks/a", zk.WorldACL(zk.PermAll))
		if err := l.Lock(); err != nil {
			t.Fatal(err)
		}
		locks = append(locks, l)
	}
	v := r.shows("/locks/a", "suspicious 2147483647=holder 2147483647=holder 2147483647=holder (counter-near-end equal-sequence)")
	open := 0
	for _, h := range v.Timeline.Holds(v.Timeline.Since(), v.Timeline.Since().Add(patience)) {
		if h.To.IsZero() {
			open++
		}
	}
	if open != 3 {
		t.Errorf("the timeline has %s", holds(v))
	}
	if err := locks[0].Unlock(); err != nil {
		t.Fatal(err)
	}
	r.shows("/locks/a", "suspicious 2147483647=holder 2147483647=holder (counter-near-end equal-sequence)")
	for _, l := range locks[1:] {
		if err := l.Unlock(); err != nil {
			t.Fatal(err)
		}
	}
	r.shows("/locks/a", "free (counter-near-end)")
	remove(t, conn, "/locks/a")
	if err := lock.Lock(); err != nil { // makes it anew
		t.Fatal(err)
	}
	if v := r.shows("/locks/a", "held 0=holder"); v.NextSequence != 1 {
		t.Errorf("next %d", v.NextSequence)
	}
}

// Negative numbers come behind, and the first of them holds when the others are gone.
func TestNumbersBelowZero(t *testing.T) {
	addr := zktest.Start(t, 1, zktest.WithData(zktest.NearEnd("/locks/a"))).Addr()
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{"/"}})
	conn := zktest.Connect(t, addr)
	var ops []any
	for i := range 6 {
		ops = append(ops, &zk.CreateRequest{Path: "/locks/a/" + id(i), Acl: zk.WorldACL(zk.PermAll), Flags: contending})
	}
	made, err := conn.Multi(ops...)
	if err != nil {
		t.Fatal(err)
	}
	r.shows("/locks/a", "suspicious 2147483644=holder 2147483645=waiter 2147483646=waiter 2147483647=waiter"+
		" -2147483648=unknown -2147483647=unknown (counter-near-end negative-sequence)")
	for _, m := range made[:4] {
		remove(t, conn, m.String)
	}
	r.shows("/locks/a", "suspicious -2147483648=holder -2147483647=unknown (counter-near-end negative-sequence)")
	create(t, conn, "/locks/a/"+id(7), "", contending)
	v := r.shows("/locks/a", "suspicious -2147483648=holder -2147483647=unknown 2147483647=waiter (counter-near-end negative-sequence)")
	want := ""
	for _, m := range made[:5] {
		want += " " + m.String[len("/locks/a/"):]
	}
	if got := " " + holds(v); got != want+"…" {
		t.Errorf("the timeline has%s, want%s…", got, want)
	}
	// Looked at from the beginning it is the same.
	fresh := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{"/"}})
	fresh.shows("/locks/a", "suspicious -2147483648=holder -2147483647=unknown 2147483647=waiter (counter-near-end negative-sequence)")
}
