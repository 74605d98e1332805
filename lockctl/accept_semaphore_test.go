package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// Of a semaphore with two places two hold, and who leaves lets one in.
func TestAccept27Semaphore(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	two := lockctl.LockOptions{Slots: 2}
	first, second := sc.player().handle(dir, two).take(), sc.player().handle(dir, two).take()
	if first.Recipe() != lockctl.CuratorSemaphore || first.Mode() != lockctl.Place || first.Path() != dir || first.Dir() != dir+"/leases" {
		t.Errorf("%s %s of %s in %s", first.Recipe(), first.Mode(), first.Path(), first.Dir())
	}
	third, fourth := sc.player().queue(dir, two), sc.player().queue(dir, two)
	h := sc.player().handle(dir, two)
	if l, err := h.TryAcquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrBusy) {
		t.Errorf("trying: %s, %v", who(l), err)
	}
	h.settled()
	lives(t, first)
	lives(t, second)
	third.waits()
	fourth.waits()
	held := map[*lockctl.Lease]bool{first: true, second: true}
	for i, next := range []*attempt{third, fourth} {
		leaves := []*lockctl.Lease{second, first}[i]
		release(t, leaves)
		delete(held, leaves)
		l := next.granted()
		held[l] = true
		if next == third {
			fourth.waits()
		}
		names := sc.names(dir + "/leases")
		for l := range held {
			if l.State() != lockctl.LeaseHeld || !strings.Contains(fmt.Sprint(names), l.Node()) {
				t.Errorf("%s is %s; there are %q", l.Node(), l.State(), names)
			}
		}
	}
	for l := range held {
		release(t, l)
	}
	sc.holdsOnly(dir + "/leases")
	sc.empties(dir + "/locks")
}

// Of a reply that is lost, in the queue of a semaphore or among its places, nothing
// stays; nor of who gives up or loses its session.
func TestAccept27SemaphoreBroken(t *testing.T) {
	sc := onShared(t)
	two := lockctl.LockOptions{Slots: 2}
	for _, part := range []string{"locks", "leases"} {
		for _, fault := range []zktest.Fault{zktest.LoseRequest, zktest.LoseReply, zktest.LoseReplies} {
			t.Run(fmt.Sprint(part, " ", fault), func(t *testing.T) {
				sc := sc.in(t)
				dir := sc.dir(fmt.Sprint(part, "-", fault))
				p, relay := sc.through(enduring)
				first := sc.player().handle(dir, two).take()
				trap := relay.Trap(fault, enters(dir+"/"+part))
				a := p.handle(dir, two).start()
				sprung(t, trap)
				relay.Heal()
				l := a.granted()
				sc.holdsOnly(dir+"/leases", first.Node(), l.Node())
				sc.empties(dir + "/locks")
				third := sc.player().queue(dir, two)
				third.waits()
				release(t, l)
				l = third.granted()
				release(t, l)
				release(t, first)
				sc.holdsOnly(dir + "/leases")
				sc.empties(dir + "/locks")
			})
		}
	}
	dir := sc.dir("ends")
	first, second := sc.player().handle(dir, two).take(), sc.player().handle(dir, two).take()
	third := sc.player().queue(dir, two)
	p, relay := sc.through(enduring)
	fourth := p.queue(dir, two)
	third.cancel()
	third.failed(context.Canceled)
	third.settled()
	sc.until("the next has the head of the queue", func() bool { return len(sc.names(dir+"/locks")) == 1 })
	fourth.waits()
	relay.Expire()
	fourth.failed(lockctl.ErrEnded)
	sc.empties(dir + "/locks")
	sc.holdsOnly(dir+"/leases", first.Node(), second.Node())
	sc.remove(dir + "/leases/" + first.Node())
	lost(t, first)
	release(t, second)
	sc.holdsOnly(dir + "/leases")
}

// kazoo writes the number of places into the directory: another one is an error, the
// same one is joined.
func TestAccept27PlacesOfKazoo(t *testing.T) {
	sc := onShared(t)
	kazoo := sc.dir("kazoo")
	sc.set(kazoo, "3")
	hex := strings.Repeat("0123456789abcdef", 2)
	if _, err := sc.conn.Create(kazoo+"/"+hex, []byte("b'x'"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	queue := sc.dir("kazoo-__lock__")
	for _, recipe := range []lockctl.Recipe{"", lockctl.KazooSemaphore} {
		l, err := lockctl.Acquire(soon(t), sc.player().s, kazoo, lockctl.LockOptions{Recipe: recipe, Slots: 2})
		if l != nil || !errors.Is(err, lockctl.ErrSlots) {
			t.Errorf("recipe %q, two of three places: %s, %v", recipe, who(l), err)
		}
	}
	sc.holdsOnly(kazoo, hex)
	sc.holdsOnly(queue)
	three := lockctl.LockOptions{Slots: 3}
	first, second := sc.player().handle(kazoo, three).take(), sc.player().handle(kazoo, three).take()
	sc.holdsOnly(kazoo, hex, first.Node(), second.Node())
	a := sc.player().queue(kazoo, three)
	a.waits()
	sc.remove(kazoo + "/" + hex)
	third := a.granted()
	sc.holdsOnly(kazoo, first.Node(), second.Node(), third.Node())
	for _, l := range []*lockctl.Lease{first, second, third} {
		release(t, l)
	}
	sc.holdsOnly(kazoo)
	sc.empties(queue)
}
