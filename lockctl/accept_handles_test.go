package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"zkdeck/lockctl"
)

// Two handles of one session are two, one handle is one, and all are given back once.
func TestAccept21Handles(t *testing.T) {
	sc := onShared(t)
	dir, p := sc.dir("lock"), sc.player()
	h := p.handle(dir, lockctl.LockOptions{})
	l := h.take()
	for name, take := range map[string]func(context.Context) (*lockctl.Lease, error){"Acquire": h.Acquire, "TryAcquire": h.TryAcquire} {
		if l2, err := take(soon(t)); l2 != nil || !errors.Is(err, lockctl.ErrHeldAlready) {
			t.Errorf("%s of a handle that holds: %s, %v", name, who(l2), err)
		}
	}
	other := p.handle(dir, lockctl.LockOptions{})
	if l2, err := other.TryAcquire(soon(t)); l2 != nil || !errors.Is(err, lockctl.ErrBusy) {
		t.Errorf("the session's other handle: %s, %v", who(l2), err)
	}
	other.settled()
	a := other.start()
	a.await(lockctl.StepWatch)
	if l2, err := other.TryAcquire(soon(t)); l2 != nil || !errors.Is(err, lockctl.ErrHeldAlready) {
		t.Errorf("a handle that waits: %s, %v", who(l2), err)
	}
	release(t, l)
	if err := l.Release(soon(t)); !errors.Is(err, lockctl.ErrNotHeld) {
		t.Errorf("released twice: %v", err)
	}
	l2 := a.granted()
	if l2.Node() == l.Node() || l2.Token() <= l.Token() {
		t.Errorf("%s %d after %s %d", l2.Node(), l2.Token(), l.Node(), l.Token())
	}
	b := h.start()
	b.await(lockctl.StepWatch)
	release(t, l2)
	release(t, b.granted())
	sc.holdsOnly(dir)
}

// What is no contender is in nobody's way.
func TestAccept25ForeignChildren(t *testing.T) {
	sc := onShared(t)
	foreign := []string{"config", "meta", "leader_ack", "_c_x", "_c_", "lock-", "__lock__", "\u00e9", "x"}
	for i, f := range familyTable(sc.conn.SessionID()) {
		dir := sc.dir(fmt.Sprintf("lock-%d", i))
		for _, n := range foreign[:5] {
			create(t, sc.conn, dir+"/"+n, 0)
		}
		first := sc.contender(dir, f.prefix, f.data)
		a := sc.player().queue(dir, lockctl.LockOptions{Recipe: f.recipe})
		for _, n := range foreign[5:] {
			create(t, sc.conn, dir+"/"+n, 0)
		}
		a.waits()
		sc.remove(dir + "/" + first)
		l := a.granted()
		sc.holdsOnly(dir, append(slices.Clone(foreign), l.Node())...)
		release(t, l)
		sc.holdsOnly(dir, foreign...)
	}
	dir := sc.dir("only") // nothing says that it is a lock
	for _, n := range foreign {
		create(t, sc.conn, dir+"/"+n, 0)
	}
	h := sc.player().handle(dir, lockctl.LockOptions{})
	if l, err := h.Acquire(soon(t)); err == nil {
		release(t, l)
	} else if !errors.Is(err, lockctl.ErrForeign) {
		t.Errorf("in a directory of others: %v", err)
	}
	h.settled()
	sc.holdsOnly(dir, foreign...)
	l := sc.player().handle(dir, lockctl.LockOptions{Force: true}).take()
	release(t, l)
	sc.holdsOnly(dir, foreign...)
}
