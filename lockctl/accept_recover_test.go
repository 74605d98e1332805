package lockctl_test

import (
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// listsAfterSync tells whether, on a connection, the server was asked to catch up before
// it was asked for the children of a directory, which it was.
func listsAfterSync(all []zktest.Request, connection int, dir string) bool {
	synced := false
	for _, q := range all {
		switch {
		case q.Connection < connection:
		case q.Op == zktest.OpSync:
			synced = true
		case q.Lists() && q.Path == dir:
			return synced
		}
	}
	return false
}

// A znode that was made although the reply was lost is found and kept.
func TestAccept10ReplyLost(t *testing.T) {
	sc := onShared(t)
	lose := func(sc *scene, name string, o lockctl.LockOptions, fault zktest.Fault, before ...string) (string, *attempt, *zktest.Relay) {
		t := sc.t
		t.Helper()
		dir := sc.dir(name)
		for _, prefix := range before {
			sc.contender(dir, prefix, "")
		}
		p, relay := sc.through(enduring)
		trap := relay.Trap(fault, enters(dir))
		a := p.handle(dir, o).start()
		sprung(t, trap)
		want := 1
		if fault == zktest.LoseReplies {
			want = 2
		}
		if got := sc.names(dir); len(got) != want+len(before) {
			t.Fatalf("the server has %q", got)
		}
		a.waits()
		relay.Heal()
		return dir, a, relay
	}
	for _, f := range familyTable(0) {
		t.Run(string(f.recipe), func(t *testing.T) {
			sc := sc.in(t)
			dir, a, relay := lose(sc, "lock-"+string(f.recipe), lockctl.LockOptions{Recipe: f.recipe}, zktest.LoseReply)
			l := a.granted()
			sc.holdsOnly(dir, l.Node())
			_, stat, err := sc.conn.Get(dir + "/" + l.Node())
			if err != nil || stat.Czxid != l.Token() || stat.EphemeralOwner != l.Session() {
				t.Errorf("%v, %+v; token %d", err, stat, l.Token())
			}
			if a.count(lockctl.StepRecover) == 0 || !listsAfterSync(relay.Requests(), 2, dir) {
				t.Errorf("how it recovers:%s; %+v", a.told(), relay.Requests())
			}
			release(t, l)
			sc.holdsOnly(dir)
		})
		t.Run(string(f.recipe)+" twice", func(t *testing.T) {
			sc := sc.in(t)
			dir, a, _ := lose(sc, "twice-"+string(f.recipe), lockctl.LockOptions{Recipe: f.recipe}, zktest.LoseReplies)
			l := a.granted()
			if !strings.HasSuffix(l.Node(), "0000000000") {
				t.Errorf("of two znodes %s is kept", l.Node())
			}
			sc.holdsOnly(dir, l.Node())
			release(t, l)
			sc.holdsOnly(dir)
		})
	}
	t.Run("behind another", func(t *testing.T) {
		sc := sc.in(t)
		dir, a, _ := lose(sc, "behind", lockctl.LockOptions{}, zktest.LoseReply, handmade(1))
		first := a.await(lockctl.StepWatch).Before
		a.waits()
		sc.remove(dir + "/" + first)
		release(t, a.granted())
		sc.holdsOnly(dir)
	})
	t.Run("the request was lost", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("request")
		p, relay := sc.through(enduring)
		trap := relay.Trap(zktest.LoseRequest, enters(dir))
		a := p.handle(dir, lockctl.LockOptions{}).start()
		sprung(t, trap)
		relay.Heal()
		l := a.granted()
		sc.holdsOnly(dir, l.Node())
		release(t, l)
	})
	t.Run("two handles of one session", func(t *testing.T) {
		sc := sc.in(t)
		// The session alone does not tell whose znode it is where names are all the same.
		dir := sc.dir("handles")
		p, relay := sc.through(enduring)
		o := lockctl.LockOptions{Recipe: lockctl.Naive}
		first := p.handle(dir, o).take()
		trap := relay.Trap(zktest.LoseReply, enters(dir))
		a := p.handle(dir, o).start()
		sprung(t, trap)
		relay.Heal()
		if before := a.await(lockctl.StepWatch).Before; before != first.Node() {
			t.Errorf("waits for %s, want %s", before, first.Node())
		}
		a.waits()
		becomes(t, first, lockctl.LeaseHeld)
		release(t, first)
		release(t, a.granted())
		sc.holdsOnly(dir)
	})
}

// A znode of a session that has ended is nobody's, whatever its name.
func TestAccept11NeverAdopted(t *testing.T) {
	sc := onShared(t)
	t.Run("expired", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("expired")
		p, relay := sc.through(enduring)
		trap := relay.Trap(zktest.LoseReply, enters(dir))
		h := p.handle(dir, lockctl.LockOptions{})
		a := h.start()
		sprung(t, trap)
		relay.Expire()
		// One of another session stands where ours was, as a server that lags shows it.
		impostor := sc.contender(dir, handmade(1), "")
		relay.Heal()
		a.failed(lockctl.ErrEnded)
		a.settled()
		sc.holdsOnly(dir, impostor)
	})
	t.Run("our name, another session", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("impostor")
		p, relay := sc.through(enduring)
		trap := relay.Trap(zktest.LoseReply, enters(dir))
		a := p.handle(dir, lockctl.LockOptions{}).start()
		sprung(t, trap)
		ours := sc.names(dir)
		if len(ours) != 1 {
			t.Fatalf("the server has %q", ours)
		}
		impostor := sc.contender(dir, strings.TrimSuffix(ours[0], "0000000000"), "")
		sc.remove(dir + "/" + ours[0])
		relay.Heal()
		if before := a.await(lockctl.StepWatch).Before; before != impostor {
			t.Errorf("waits for %s, want %s", before, impostor)
		}
		a.waits()
		if n := len(sc.names(dir)); n != 2 {
			t.Errorf("%d contenders", n)
		}
		sc.remove(dir + "/" + impostor)
		l := a.granted()
		if l.Session() != p.s.Status().ID {
			t.Errorf("of session %#x", l.Session())
		}
		release(t, l)
		sc.holdsOnly(dir)
	})
}

// A waiter whose znode an operator deletes queues anew, and is not let in for it.
func TestAccept13WaiterDeleted(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	first := sc.player().take(dir)
	a := sc.player().queue(dir, lockctl.LockOptions{})
	node := func() string {
		for _, n := range sc.names(dir) {
			if n != first.Node() {
				return n
			}
		}
		return ""
	}
	was := node()
	sc.remove(dir + "/" + was)
	a.await(lockctl.StepRequeue)
	if before := a.await(lockctl.StepWatch).Before; before != first.Node() {
		t.Errorf("waits for %s", before)
	}
	a.waits()
	// Now its own and the holder's go together, its own first, and another waits behind.
	is := node()
	if is == was || is == "" {
		t.Fatalf("%s after %s", is, was)
	}
	b := sc.player().queue(dir, lockctl.LockOptions{})
	if _, err := sc.conn.Multi(&zk.DeleteRequest{Path: dir + "/" + is, Version: -1}, &zk.DeleteRequest{Path: dir + "/" + first.Node(), Version: -1}); err != nil {
		t.Fatal(err)
	}
	lost(t, first)
	held := b.granted()
	a.await(lockctl.StepRequeue)
	if before := a.await(lockctl.StepWatch).Before; before != held.Node() {
		t.Errorf("waits for %s, want %s", before, held.Node())
	}
	a.waits()
	release(t, held)
	l := a.granted()
	sc.holdsOnly(dir, l.Node())
	release(t, l)
}

// A holder whose znode an operator deletes is told at once.
func TestAccept14HolderDeleted(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	h := sc.player().handle(dir, lockctl.LockOptions{})
	l := h.take()
	next := sc.player().queue(dir, lockctl.LockOptions{})
	sc.remove(dir + "/" + l.Node())
	lost(t, l)
	h.await(lockctl.StepLost)
	held := next.granted()
	gone(t, l)
	a := h.start()
	a.await(lockctl.StepWatch) // the handle can be used again
	release(t, held)
	release(t, a.granted())
	sc.holdsOnly(dir)
}
