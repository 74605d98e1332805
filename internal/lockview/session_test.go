package lockview_test

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Our session expires while others lock: the time in between is a gap, who holds
// afterwards is right, and nothing is invented for what was not seen.
func TestOurSessionExpires(t *testing.T) {
	addr, root, conn := shared(t)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	first := create(t, conn, dir+"/"+id(1), "", contending)
	second := create(t, conn, dir+"/"+id(2), "", contending)
	proxy := zktest.NewProxy(t, addr)
	r := look(t, setup{Config: zkview.Config{Servers: proxy.Addr(), Timeout: 4 * time.Second}, roots: []string{root}})
	r.shows(dir, "contended 0=holder 1=waiter")
	// An ephemeral of our session tells when it is over.
	if _, err := r.session.Create(t.Context(), root+"/ours", nil, zkview.CreateOptions{Kind: zkview.Ephemeral}); err != nil {
		t.Fatal(err)
	}
	proxy.Cut()
	for end := time.Now().Add(patience); ; {
		there, _, gone, err := conn.ExistsW(root + "/ours")
		if err != nil {
			t.Fatal(err)
		}
		if !there {
			break
		}
		select {
		case <-gone:
		case <-time.After(time.Until(end)):
			t.Fatal("our session does not end")
		}
	}
	remove(t, conn, first)
	remove(t, conn, second)
	for i := range 3 { // come and go unseen
		remove(t, conn, create(t, conn, dir+"/"+id(10+i), "", contending))
	}
	create(t, conn, dir+"/"+id(5), "", contending)
	proxy.Heal()
	v := r.shows(dir, "held 5=holder")
	if got, want := holds(v), id(1)+"0000000000? "+id(5)+"0000000005…"; got != want {
		t.Errorf("the timeline has %s, want %s", got, want)
	}
	if gaps := v.Timeline.Gaps(time.Time{}, time.Now()); len(gaps) == 0 {
		t.Error("no gap is marked")
	}
	if h := r.history(dir); !strings.Contains(h, string(lockctl.EventMissed)) || strings.Contains(h, id(10)) {
		t.Errorf("observed: %s", h)
	}
	create(t, conn, dir+"/"+id(6), "", contending)
	r.shows(dir, "contended 5=holder 6=waiter")
}

// A server that has lost its quorum serves reads: what it knows is shown, and when the
// quorum is back it goes on.
func TestReadOnlyServer(t *testing.T) {
	ens := zktest.Start(t, 3, zktest.ReadOnlyMode())
	conn := zktest.Connect(t, ens.Addr())
	create(t, conn, "/a", "", plain)
	// Persistent, as an ephemeral would go with its session while there is no quorum
	// to connect to: kazoo can make such.
	first := create(t, conn, "/a/0123456789abcdef0123456789abcdef__lock__", "", plainSequential)
	create(t, conn, "/a/1123456789abcdef0123456789abcdef__lock__", "", plainSequential)
	one := ens.Followers()[0]
	r := look(t, setup{Config: zkview.Config{Servers: ens.Addr(), Pin: one.Addr(), AllowReadOnlyServer: true, Timeout: 30 * time.Second}, roots: []string{"/"}})
	r.shows("/a", "contended 0=holder 1=waiter (persistent)")
	for _, s := range ens.Servers() {
		if s != one {
			s.Kill()
		}
	}
	r.until("a read-only session", func(*lockctl.Snapshot) bool { return r.session.Status().ServerReadOnly })
	r.shows("/a", "contended 0=holder 1=waiter (persistent)")
	fresh := look(t, setup{Config: zkview.Config{Servers: ens.Addr(), Pin: one.Addr(), AllowReadOnlyServer: true}, roots: []string{"/"}})
	fresh.shows("/a", "contended 0=holder 1=waiter (persistent)")
	ens.RestartAll()
	remove(t, zktest.Connect(t, ens.Addr()), first)
	r.shows("/a", "held 1=holder (persistent)")
	fresh.shows("/a", "held 1=holder (persistent)")
}
