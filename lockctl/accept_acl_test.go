package lockctl_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// ACLs: ours are as chosen, and those of others are no reason to go past them.
func TestAccept34ACL(t *testing.T) {
	sc := onShared(t)
	secret := zk.DigestACL(zk.PermAll, "someone", "else")
	t.Run("ours", func(t *testing.T) {
		sc := sc.in(t)
		acl := append(zk.WorldACL(zk.PermRead|zk.PermCreate|zk.PermDelete), zk.ACL{Perms: zk.PermAll, Scheme: "ip", ID: "192.0.2.1"})
		path := sc.root + "/made/lock"
		l := sc.player().handle(path, lockctl.LockOptions{ACL: acl}).take()
		for _, made := range []string{sc.root + "/made", path, path + "/" + l.Node()} {
			got, _, err := sc.conn.GetACL(made)
			if err != nil || !slices.Equal(got, acl) {
				t.Errorf("%s: %v, %v; want %v", made, got, err, acl)
			}
		}
		release(t, l)
	})
	t.Run("the predecessor may not be read", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("closed")
		first, err := sc.conn.Create(dir+"/"+handmade(1), nil, zk.FlagEphemeral|zk.FlagSequence, secret)
		if err != nil {
			t.Fatal(err)
		}
		p := sc.player()
		if l, err := lockctl.TryAcquire(soon(t), p.s, dir, lockctl.LockOptions{}); l != nil || err == nil {
			t.Errorf("trying: %s, %v", who(l), err)
		}
		// What may not be read cannot be watched, so the whole queue is.
		a := p.queue(dir, lockctl.LockOptions{})
		late := sc.contender(dir, handmade(2), "")
		a.await(lockctl.StepWake)
		a.await(lockctl.StepWatch)
		sc.remove(dir + "/" + late)
		a.await(lockctl.StepWake)
		a.await(lockctl.StepWatch)
		a.waits()
		sc.remove(first)
		release(t, a.granted())
		sc.holdsOnly(dir)
	})
	t.Run("the directory is closed", func(t *testing.T) {
		sc := sc.in(t)
		dir, err := sc.conn.Create(sc.root+"/readable", nil, 0, zk.WorldACL(zk.PermRead))
		if err != nil {
			t.Fatal(err)
		}
		a := sc.player().handle(dir, lockctl.LockOptions{}).start()
		a.failed(lockctl.ErrDenied)
		sc.holdsOnly(dir)
	})
}

// The paths of a chroot are its own, and those of the server the server's.
func TestAccept39Chroot(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	inside := play(t, sc.addr+sc.root, enduring)
	l := inside.take("/lock")
	_, stat, err := sc.conn.Get(dir + "/" + l.Node())
	if err != nil || stat.Czxid != l.Token() || l.Path() != "/lock" || l.Dir() != "/lock" || l.Guard().Path != dir+"/"+l.Node() {
		t.Errorf("%v, %+v: %s in %s, token %d, guard %+v", err, stat, l.Path(), l.Dir(), l.Token(), l.Guard())
	}
	a := sc.player().queue(dir, lockctl.LockOptions{})
	if _, err := sc.conn.Multi(l.Guard(), &zk.SetDataRequest{Path: dir, Data: []byte("guarded"), Version: -1}); err != nil {
		t.Errorf("a guarded write: %v", err)
	}
	release(t, l)
	if _, err := sc.conn.Multi(l.Guard(), &zk.SetDataRequest{Path: dir, Data: []byte("late"), Version: -1}); !errors.Is(err, zk.ErrNoNode) {
		t.Errorf("a guarded write after the release: %v", err)
	}
	outside := a.granted()
	b := inside.queue("/lock", lockctl.LockOptions{})
	if w := sc.watchers()[dir+"/"+outside.Node()]; !slices.Contains(w, inside.s.Status().ID) {
		t.Errorf("%#x watch the holder", w)
	}
	release(t, outside)
	l = b.granted()
	if !sc.exists(dir + "/" + l.Node()) {
		t.Errorf("%s is not on the server", l.Node())
	}
	release(t, l)
	deep := play(t, sc.addr+sc.root+"/not/there", enduring) // a chroot that is missing
	if l, err := lockctl.Acquire(soon(t), deep.s, "/lock", lockctl.LockOptions{}); err == nil {
		release(t, l)
	} else if !errors.Is(err, lockctl.ErrGone) {
		t.Errorf("below a chroot that is missing: %v", err)
	}
}
