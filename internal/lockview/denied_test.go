package lockview_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// closed lets only somebody else in.
func closed() []zk.ACL { return zk.DigestACL(zk.PermAll, "somebody", "else") }

// setACL closes or opens a znode.
func setACL(t *testing.T, conn *zk.Conn, path string, acl []zk.ACL) {
	t.Helper()
	if _, err := conn.SetACL(path, acl, -1); err != nil {
		t.Fatalf("closing %s: %v", path, err)
	}
}

// authenticate has a connection do what [closed] forbids to others.
func authenticate(t *testing.T, conn *zk.Conn) {
	t.Helper()
	if err := conn.AddAuth("digest", []byte("somebody:else")); err != nil {
		t.Fatal(err)
	}
}

// A queue that may not be listed is shown as such where its path says what it is, and
// comes when it is opened.
func TestQueueIsClosed(t *testing.T) {
	addr, root, conn := shared(t)
	authenticate(t, conn)
	dir := root + "/locks/closed"
	create(t, conn, root+"/locks", "", plain)
	create(t, conn, dir, "", plain)
	create(t, conn, dir+"/"+id(1), "", contending)
	setACL(t, conn, dir, closed())
	create(t, conn, root+"/locks/open", "", plain)
	create(t, conn, root+"/locks/open/"+id(1), "", contending)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	r.shows(root+"/locks/open", "held 0=holder")
	r.until("the closed one is said to be closed", func(s *lockctl.Snapshot) bool {
		v := s.At(dir)
		return v != nil && v.Denied != "" && len(v.Contenders) == 0
	})
	setACL(t, conn, dir, zk.WorldACL(zk.PermAll))
	r.board.Search(root)
	r.settle()
	r.shows(dir, "held 0=holder")
}

// A queue that is closed while it is followed keeps what was seen, and says so.
func TestQueueIsClosedLater(t *testing.T) {
	addr, root, conn := shared(t)
	authenticate(t, conn)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	create(t, conn, dir+"/"+id(1), "", contending)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	r.shows(dir, "held 0=holder")
	setACL(t, conn, dir, closed())
	r.board.Search(root) // lists anew
	r.settle()
	s := r.until("it is said to be closed", func(s *lockctl.Snapshot) bool {
		v := s.At(dir)
		return v != nil && v.Denied != ""
	})
	if v := s.At(dir); strings.Contains(v.Denied, "\n") {
		t.Errorf("%q", v.Denied)
	}
	setACL(t, conn, dir, zk.WorldACL(zk.PermAll))
	r.board.Search(root)
	r.settle()
	r.shows(dir, "held 0=holder")
}

// The znodes of a queue, some or all, may not be read: they count by their names.
func TestContendersAreClosed(t *testing.T) {
	addr, root, conn := shared(t)
	authenticate(t, conn)
	for _, test := range []struct {
		name   string
		closed func(i int) bool
		after  string
	}{
		{"all", func(int) bool { return true }, " (closed)"},
		{"half", func(i int) bool { return i%2 == 0 }, " (closed)"},
		{"the head", func(i int) bool { return i == 0 }, ""},
	} {
		dir := root + "/" + strings.ReplaceAll(test.name, " ", "-")
		create(t, conn, dir, "", plain)
		var made []string
		add := func(i int) {
			acl := zk.WorldACL(zk.PermAll)
			if test.closed(i) {
				acl = closed()
			}
			path, err := conn.Create(dir+"/"+id(i), []byte("client "+fmt.Sprint(i)), contending, acl)
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, path)
		}
		for i := range 6 {
			add(i)
		}
		r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{dir}})
		v := r.shows(dir, "contended 0=holder 1=waiter 2=waiter 3=waiter 4=waiter 5=waiter (closed)")
		for i, k := range v.Contenders {
			want := fmt.Sprint("client ", i)
			if test.closed(i) {
				want = ""
			}
			if k.Identity != want || k.Session != conn.SessionID() { // exists asks for no right
				t.Errorf("%s: %d is %q of %x", test.name, i, k.Identity, k.Session)
			}
		}
		add(6)
		add(7)
		remove(t, conn, made[0])
		remove(t, conn, made[2])
		v = r.shows(dir, "contended 1=holder 3=waiter 4=waiter 5=waiter 6=waiter 7=waiter"+test.after)
		// When the first one went nobody told: that is no hold from end to end.
		if got, want := holds(v), id(0)+"0000000000? "+id(1)+"0000000001…"; got != want {
			t.Errorf("%s: the timeline has %s, want %s", test.name, got, want)
		}
	}
}

// One that may not be read comes without a word; the next one's number gives it away.
func TestUnseenArrival(t *testing.T) {
	addr, root, conn := shared(t)
	authenticate(t, conn)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	create(t, conn, dir+"/"+id(0), "", contending)
	r.shows(dir, "held 0=holder")
	if _, err := conn.Create(dir+"/"+id(1), nil, contending, closed()); err != nil {
		t.Fatal(err)
	}
	create(t, conn, dir+"/"+id(2), "", contending)
	r.shows(dir, "contended 0=holder 1=waiter 2=waiter (closed)")
}
