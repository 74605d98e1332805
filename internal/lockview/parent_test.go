package lockview_test

import (
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// A directory that is deleted and made again counts from 0: the same names come again,
// of others. The timeline has them apart.
func TestParentMadeAgain(t *testing.T) {
	addr, root, conn := shared(t)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	for range 3 {
		first := create(t, conn, dir+"/"+id(1), "", contending)
		second := create(t, conn, dir+"/"+id(2), "", contending)
		if v := r.shows(dir, "contended 0=holder 1=waiter"); v.NextSequence != 2 {
			t.Errorf("next %d", v.NextSequence)
		}
		remove(t, conn, first)
		r.shows(dir, "held 1=holder")
		remove(t, conn, second)
		r.shows(dir, "free")
		remove(t, conn, dir)
		create(t, conn, dir, "", plain)
	}
	v := r.shows(dir, "free")
	a, b := id(1)+"0000000000", id(2)+"0000000001"
	if got, want := holds(v), a+" "+b+" "+a+" "+b+" "+a+" "+b; got != want {
		t.Errorf("the timeline has %s, want %s", got, want)
	}
}

// In one transaction the holder goes, its directory with it, and both come again under
// the same names.
func TestParentMadeAgainAtOnce(t *testing.T) {
	addr, root, conn := shared(t)
	dir := root + "/q"
	create(t, conn, dir, "", plain)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	node := create(t, conn, dir+"/"+id(1), "old", contending)
	before := r.shows(dir, "held 0=holder").Contenders[0].Stat.Czxid
	for range 3 {
		_, err := conn.Multi(
			&zk.DeleteRequest{Path: node, Version: -1}, &zk.DeleteRequest{Path: dir, Version: -1},
			&zk.CreateRequest{Path: dir, Acl: zk.WorldACL(zk.PermAll)},
			&zk.CreateRequest{Path: dir + "/" + id(1), Data: []byte("new"), Acl: zk.WorldACL(zk.PermAll), Flags: contending})
		if err != nil {
			t.Fatal(err)
		}
		s := r.until("the new holder", func(s *lockctl.Snapshot) bool {
			v := s.At(dir)
			return looks(v) == "held 0=holder" && v.Contenders[0].Stat.Czxid > before && v.Contenders[0].Identity == "new"
		})
		before = s.At(dir).Contenders[0].Stat.Czxid
	}
	v := r.board.Snapshot().At(dir)
	name := id(1) + "0000000000"
	if got, want := holds(v), name+" "+name+" "+name+" "+name+"…"; got != want {
		t.Errorf("the timeline has %s, want %s", got, want)
	}
}

// What is searched is deleted and made again: nobody holds in between, and what is
// there afterwards is followed.
func TestRootMadeAgain(t *testing.T) {
	addr, root, conn := shared(t)
	top := root + "/top"
	build := func() (node string) {
		create(t, conn, top, "", plain)
		create(t, conn, top+"/a", "", plain)
		return create(t, conn, top+"/a/"+id(1), "", contending)
	}
	node := build()
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{top}})
	r.shows(top+"/a", "held 0=holder")
	for range 2 {
		for _, path := range []string{node, top + "/a", top} {
			remove(t, conn, path)
		}
		r.until("nobody holds", func(s *lockctl.Snapshot) bool {
			v := s.At(top + "/a")
			return v == nil || v.Holders() == 0 && v.Waiters() == 0
		})
		node = build()
		r.shows(top+"/a", "held 0=holder")
		create(t, conn, top+"/b", "", plain)
		other := create(t, conn, top+"/b/"+id(2), "", contending)
		r.shows(top+"/b", "held 0=holder")
		remove(t, conn, other)
		remove(t, conn, top+"/b")
	}
}

// A root that is not there is said to be missing, and followed when it comes.
func TestRootThatComesLater(t *testing.T) {
	addr, root, conn := shared(t)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root + "/later"}})
	if s := r.board.Snapshot().Search; len(s.Partial) == 0 && s.Err == nil {
		t.Errorf("nothing is said of the root: %+v", s)
	}
	create(t, conn, root+"/later", "", plain)
	create(t, conn, root+"/later/a", "", plain)
	create(t, conn, root+"/later/a/"+id(1), "", contending)
	r.shows(root+"/later/a", "held 0=holder")
}

// A directory that is called locks, and has Curator's mutex in it, is the queue of no
// semaphore while there are no leases beside it.
func TestLocksWithoutLeases(t *testing.T) {
	addr, root, conn := shared(t)
	create(t, conn, root+"/locks", "", plain)
	first := create(t, conn, root+"/locks/"+id(1), "", contending)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{root}})
	create(t, conn, root+"/locks/"+id(2), "", contending)
	r.shows(root+"/locks", "contended 0=holder 1=waiter")
	if s := r.board.Snapshot(); len(s.Locks) != 1 {
		t.Errorf("found %s", told(s))
	}
	remove(t, conn, first)
	r.shows(root+"/locks", "held 1=holder")
	// With leases it is one, and without them again a mutex.
	create(t, conn, root+"/leases", "", plain)
	lease := create(t, conn, root+"/leases/_c_0f0f0f0f-1111-4222-8333-0123456789ab-lease-", "", contending)
	r.until("a semaphore", func(s *lockctl.Snapshot) bool {
		v := s.At(root)
		return len(s.Locks) == 1 && v != nil && v.Recipe == lockctl.CuratorSemaphore && len(v.Contenders) == 2
	})
	remove(t, conn, lease)
	remove(t, conn, root+"/leases")
	r.until("nobody has a lease", func(s *lockctl.Snapshot) bool {
		v := s.At(root)
		return v == nil || v.Holders() == 0
	})
}
