package lockctl_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// contender is a znode as the board shows it.
func (k *takers) contender(r lockctl.Recipe, dir, node string) lockctl.Contender {
	k.t.Helper()
	data, st, err := k.conn.Get(dir + "/" + node)
	if err != nil {
		k.t.Fatal(err)
	}
	return lockctl.Contender{Dir: dir, Node: node, Recipe: r, Data: data, Session: st.EphemeralOwner, Stat: statOf(st)}
}

// dir makes a directory.
func (k *takers) dir(name string) string {
	k.t.Helper()
	create(k.t, k.conn, k.root+name, 0)
	return k.root + name
}

func TestBreak(t *testing.T) {
	k := newTakers(t)
	lease := k.acquire(k.locker(k.dir("/q"), lockctl.LockOptions{}))
	path := lease.Dir() + "/" + lease.Node()
	if err := lockctl.Break(k.ctx, k.session(), path, lease.Token()); err != nil {
		t.Fatal(err)
	}
	<-lease.Done()
	if !errors.Is(lease.Err(), lockctl.ErrLost) {
		t.Errorf("%v", lease.Err())
	}
	if err := lockctl.Break(k.ctx, k.session(), path, lease.Token()); !errors.Is(err, lockctl.ErrGone) {
		t.Errorf("a second time: %v", err)
	}
}

// Names come back when a directory was deleted and made anew: who has the name then is
// not hit.
func TestBreakSparesWhoHasTheNameNow(t *testing.T) {
	k := newTakers(t)
	q := k.dir("/q")
	shown := k.acquire(k.locker(q, lockctl.LockOptions{Recipe: lockctl.PlainLock}))
	if err := shown.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
	remove(t, k.conn, q)
	k.dir("/q")
	holder := k.acquire(k.locker(q, lockctl.LockOptions{Recipe: lockctl.PlainLock}))
	if holder.Node() != shown.Node() {
		t.Fatalf("%s and %s", holder.Node(), shown.Node())
	}
	w := k.session()
	if err := lockctl.Break(k.ctx, w, q+"/"+shown.Node(), shown.Token()); !errors.Is(err, lockctl.ErrReplaced) {
		t.Errorf("%v", err)
	}
	seen := k.contender(lockctl.RecipesLock, q, shown.Node())
	seen.Stat.Czxid = shown.Token()
	if err := lockctl.AskBack(k.ctx, w, seen); !errors.Is(err, lockctl.ErrReplaced) {
		t.Errorf("%v", err)
	}
	if holder.State() != lockctl.LeaseHeld || len(k.children(q)) != 1 {
		t.Errorf("the new holder is %s", holder.State())
	}
}

// meddler does something before some deletions are sent.
type meddler struct {
	lockctl.Session
	before func(path string)
	times  int
}

func (m *meddler) Delete(ctx context.Context, path string, version int32) error {
	if m.times--; m.times >= 0 {
		m.before(path)
	}
	return m.Session.Delete(ctx, path, version)
}

// What was written to meanwhile is looked at again, and broken if it is the same still.
func TestBreakWhileWrittenTo(t *testing.T) {
	k := newTakers(t)
	for times, want := range map[int]error{3: nil, 100: lockctl.ErrChanged} {
		lease := k.acquire(k.locker(k.root+"/q", lockctl.LockOptions{}))
		m := &meddler{Session: k.session(), times: times, before: func(path string) {
			if _, err := k.conn.Set(path, []byte("__REVOKE__"), -1); err != nil {
				t.Error(err)
			}
		}}
		err := lockctl.Break(k.ctx, m, lease.Dir()+"/"+lease.Node(), lease.Token())
		if !errors.Is(err, want) {
			t.Errorf("written to %d times: %v", times, err)
		}
		if want != nil {
			if err := lease.Release(k.ctx); err != nil {
				t.Error(err)
			}
		}
	}
}

// A deletion that ZooKeeper's ACL refuses is told as such.
func TestBreakDenied(t *testing.T) {
	k := newTakers(t)
	q := k.root + "/q"
	lease := k.acquire(k.locker(q, lockctl.LockOptions{}))
	// Deleting is a right on the directory.
	if _, err := k.conn.SetACL(q, zk.WorldACL(zk.PermRead|zk.PermCreate|zk.PermAdmin), -1); err != nil {
		t.Fatal(err)
	}
	if err := lockctl.Break(k.ctx, k.session(), q+"/"+lease.Node(), lease.Token()); !errors.Is(err, lockctl.ErrDenied) {
		t.Errorf("%v", err)
	}
	if _, err := k.conn.SetACL(q, zk.WorldACL(zk.PermAll), -1); err != nil {
		t.Fatal(err)
	}
}

func TestAskBack(t *testing.T) {
	k := newTakers(t)
	lease := k.acquire(k.locker(k.root+"/q", lockctl.LockOptions{Identity: "me"}))
	w := k.session()
	seen := k.contender(lease.Recipe(), lease.Dir(), lease.Node())
	if err := lockctl.AskBack(k.ctx, w, seen); err != nil {
		t.Fatal(err)
	}
	for lease.Asked() == "" {
		select {
		case <-lease.Changed():
		case <-k.ctx.Done():
			t.Fatal("the holder is not told")
		}
	}
	if lease.Asked() != "__REVOKE__" || lease.State() != lockctl.LeaseHeld {
		t.Errorf("%q, %s", lease.Asked(), lease.State())
	}
	if err := lockctl.AskBack(k.ctx, w, seen); !errors.Is(err, lockctl.ErrChanged) {
		t.Errorf("with what was seen before: %v", err)
	}
	if err := lease.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
	if err := lockctl.AskBack(k.ctx, w, seen); !errors.Is(err, lockctl.ErrGone) {
		t.Errorf("when it is gone: %v", err)
	}
}

// Where nobody listens nothing is written.
func TestAskBackNobodyListens(t *testing.T) {
	listen := map[lockctl.Recipe]string{
		lockctl.CuratorMutex: "__REVOKE__", lockctl.CuratorRWLock: "__REVOKE__", lockctl.CuratorSemaphore: "",
		lockctl.RecipesLock: "unlock", lockctl.RecipesRWLock: "unlock",
	}
	for _, r := range lockctl.Recipes() {
		if word, ok := lockctl.RevokeWord(r); ok != (listen[r] != "") || word != listen[r] {
			t.Errorf("%s: %q %v", r, word, ok)
		}
	}
	k := newTakers(t)
	lease := k.acquire(k.locker(k.root+"/q", lockctl.LockOptions{Recipe: lockctl.KazooLock, Identity: "me"}))
	seen := k.contender(lease.Recipe(), lease.Dir(), lease.Node())
	if err := lockctl.AskBack(k.ctx, k.session(), seen); err == nil || !strings.Contains(err.Error(), "no client of kazoo-lock listens") {
		t.Errorf("%v", err)
	}
	if now := k.contender(lease.Recipe(), lease.Dir(), lease.Node()); !slices.Equal(now.Data, []byte("me")) {
		t.Errorf("%q was written", now.Data)
	}
}
