package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview/sandbox"
)

// One who is alone takes the lock and gives it back, and leaves nothing but the parent.
func TestAccept01Uncontended(t *testing.T) {
	sc := onShared(t)
	dir, p := sc.dir("lock"), sc.player()
	h := p.handle(dir, lockctl.LockOptions{Identity: "me"})
	for range 3 {
		l := h.take()
		sc.holdsOnly(dir, l.Node())
		data, stat, err := sc.conn.Get(dir + "/" + l.Node())
		if err != nil {
			t.Fatal(err)
		}
		if string(data) != "me" || stat.Czxid != l.Token() || stat.EphemeralOwner != l.Session() || l.Session() != p.s.Status().ID {
			t.Errorf("%q, %+v; token %d, session %#x", data, stat, l.Token(), l.Session())
		}
		if l.State() != lockctl.LeaseHeld || l.Err() != nil || l.Path() != dir || l.Dir() != dir || l.Recipe() != lockctl.CuratorMutex || l.Mode() != lockctl.Exclusive {
			t.Errorf("%s, %v, %s in %s, %s %s", l.State(), l.Err(), l.Path(), l.Dir(), l.Recipe(), l.Mode())
		}
		lives(t, l)
		release(t, l)
		sc.holdsOnly(dir)
		<-l.Done()
		if l.State() != lockctl.LeaseReleased || !errors.Is(l.Err(), lockctl.ErrNotHeld) {
			t.Errorf("released: %s, %v", l.State(), l.Err())
		}
	}
	if l, err := h.TryAcquire(soon(t)); err != nil {
		t.Errorf("trying: %v", err)
	} else {
		release(t, l)
	}
	sc.holdsOnly(dir)
}

// Parents that are missing are made, as containers, also when they vanish meanwhile.
func TestAccept02Parents(t *testing.T) {
	t.Parallel()
	// A server that deletes empty containers soon proves that they are some.
	sc := sceneOn(t, zktest.Start(t, 1, zktest.JVM("-Dznode.container.checkIntervalMs=100")).Addr())
	p, relay := sc.through(enduring)
	path := sc.root + "/a/b/lock"
	h := p.handle(path, lockctl.LockOptions{})
	l := h.take()
	sc.holdsOnly(path, l.Node())
	release(t, l)
	sc.until("the containers are gone", func() bool { return !sc.exists(sc.root + "/a") })
	l = h.take()
	release(t, l)

	dir := sc.dir("kept") // not a container: it is gone when we say so
	h = p.handle(dir, lockctl.LockOptions{})
	release(t, h.take())
	trap := relay.Trap(zktest.HoldRequest, enters(dir))
	a := h.start()
	sprung(t, trap)
	sc.remove(dir)
	trap.Release()
	l = a.granted()
	sc.holdsOnly(dir, l.Node())
	release(t, l)
}

// A server before 3.5 knows no containers: then parents are persistent.
func TestAccept02ParentsOnAnOldServer(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(sandbox.Options{Version: "3.4.14", ContainerCheck: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	h := play(t, server.Addr(), enduring).handle("/a/b/lock", lockctl.LockOptions{})
	l := h.take()
	conn := zktest.Connect(t, server.Addr())
	if _, stat, err := conn.Get("/a/b/lock/" + l.Node()); err != nil || stat.Czxid != l.Token() {
		t.Errorf("%v, %+v; token %d", err, stat, l.Token())
	}
	release(t, l)
	if there, _, err := conn.Exists("/a/b/lock"); err != nil || !there {
		t.Errorf("the directory is there: %t, %v", there, err)
	}
}

// They are served in the order in which they came, and a release wakes the next alone.
func TestAccept03FirstComeFirstServed(t *testing.T) {
	sc := onShared(t)
	dir, relay := sc.dir("lock"), zktest.NewRelay(t, sc.addr)
	const waiters = 10
	first := sc.player().take(dir)
	var all []*attempt
	var events []lockctl.SessionEvents
	names, owners := []string{first.Node()}, []int64{first.Session()}
	for range waiters {
		p := play(t, relay.Addr(), enduring)
		p.is(lockctl.SessionLive)
		e := p.s.Events()
		t.Cleanup(e.Close)
		events = append(events, e)
		a := p.handle(dir, lockctl.LockOptions{}).start()
		if before := a.await(lockctl.StepWatch).Before; before != names[len(names)-1] {
			t.Fatalf("waits for %s, want %s", before, names[len(names)-1])
		}
		all = append(all, a)
		node := slices.DeleteFunc(sc.names(dir), func(n string) bool { return slices.Contains(names, n) })
		names, owners = append(names, node...), append(owners, p.s.Status().ID)
	}
	watched := sc.watchers()
	for i, n := range names {
		path := dir + "/" + n
		for _, w := range watched[path] {
			if w != owners[i] && (i == waiters || w != owners[i+1]) { // its own, or the next
				t.Errorf("session %#x watches %s", w, n)
			}
		}
		if i < waiters && !slices.Contains(watched[path], owners[i+1]) {
			t.Errorf("the next does not watch %s: %#x", n, watched[path])
		}
	}
	if w := watched[dir]; len(w) > 0 {
		t.Errorf("%#x watch the directory", w)
	}
	holder := first
	for i, a := range all {
		release(t, holder)
		holder = a.granted()
		if holder.Node() != names[i+1] {
			t.Errorf("granted to %s, want %s", holder.Node(), names[i+1])
		}
		for _, later := range all[i+1:] {
			later.waits()
		}
	}
	release(t, holder)
	for i, a := range all {
		var told []string
		for ready := true; ready; {
			select {
			case <-events[i].Ready():
				batch, err := events[i].Next(soon(t))
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range batch {
					if e.Path != dir+"/"+names[i+1] { // its own
						told = append(told, fmt.Sprint(e.Kind, " ", e.Path))
					}
				}
			default:
				ready = false
			}
		}
		if want := fmt.Sprint(lockctl.NodeDeleted, " ", dir+"/"+names[i]); len(told) != 1 || told[0] != want {
			t.Errorf("waiter %d was told %q, want %q", i, told, want)
		}
		if n := a.count(lockctl.StepWake); n != 1 {
			t.Errorf("waiter %d woke %d times", i, n)
		}
	}
	for _, q := range relay.Requests() {
		if (q.Lists() || q.Op == zktest.OpExists) && q.Watch {
			t.Errorf("asked for %+v", q)
		}
	}
	sc.holdsOnly(dir)
}

// When one in the middle leaves, the one behind it waits for the one before it.
func TestAccept04MiddleLeaves(t *testing.T) {
	sc := onShared(t)
	for _, how := range []string{"cancels", "dies"} {
		dir := sc.dir(how)
		first := sc.player().take(dir)
		p := sc.player()
		middle := p.queue(dir, lockctl.LockOptions{})
		last := sc.player().queue(dir, lockctl.LockOptions{})
		if how == "cancels" {
			middle.cancel()
			middle.failed(context.Canceled)
		} else {
			_ = p.s.Close()
			middle.failed(lockctl.ErrEnded)
		}
		if before := last.await(lockctl.StepWatch).Before; before != first.Node() {
			t.Errorf("%s: the last waits for %s, want %s", how, before, first.Node())
		}
		last.waits()
		lives(t, first)
		release(t, first)
		release(t, last.granted())
		sc.holdsOnly(dir)
	}
}

// One that goes between the listing and the watch is not waited for.
func TestAccept05GoneBeforeTheWatch(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	p, relay := sc.through(enduring)
	first, second := sc.contender(dir, handmade(1), ""), sc.contender(dir, handmade(2), "")
	trap := relay.Trap(zktest.HoldRequest, func(q zktest.Request) bool { return q.Watch && q.Path == dir+"/"+second })
	a := p.handle(dir, lockctl.LockOptions{}).start()
	sprung(t, trap)
	trap2 := relay.Trap(zktest.HoldRequest, func(q zktest.Request) bool { return q.Watch && q.Path == dir+"/"+first })
	sc.remove(dir + "/" + second)
	trap.Release()
	sprung(t, trap2)
	a.waits()
	sc.remove(dir + "/" + first)
	trap2.Release()
	l := a.granted()
	watched := sc.watchers()
	for _, gone := range []string{first, second} {
		if w := watched[dir+"/"+gone]; len(w) > 0 {
			t.Errorf("%#x still watch %s, which is gone", w, gone)
		}
	}
	for _, q := range relay.Requests() {
		if q.Op == zktest.OpExists && q.Watch {
			t.Errorf("asked for %+v", q)
		}
	}
	release(t, l)
}

// A value that is written does not let the next one in.
func TestAccept06ValueOfThePredecessor(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	p, relay := sc.through(enduring)
	first := sc.player().take(dir)
	a := p.queue(dir, lockctl.LockOptions{})
	watches := func() int {
		n := 0
		for _, q := range relay.Requests() {
			if q.Op == zktest.OpGetData && q.Watch && strings.HasSuffix(q.Path, "/"+first.Node()) {
				n++
			}
		}
		return n
	}
	for _, word := range []string{"__REVOKE__", "unlock", "x"} {
		before := watches()
		sc.set(dir+"/"+first.Node(), word)
		sc.until("it is watched again", func() bool {
			return watches() > before && slices.Contains(sc.watchers()[dir+"/"+first.Node()], p.s.Status().ID)
		})
		a.waits()
	}
	lives(t, first)
	release(t, first)
	release(t, a.granted())

	l := sc.player().take(dir) // the holder is told
	sc.set(dir+"/"+l.Node(), "__REVOKE__")
	sc.until("the revoke word is told", func() bool {
		<-l.Changed()
		return l.Asked() == "__REVOKE__"
	})
	if l.State() != lockctl.LeaseHeld {
		t.Errorf("asked back: %s", l.State())
	}
	release(t, l)
}
