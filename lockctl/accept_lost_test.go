package lockctl_test

import (
	"errors"
	"testing"

	"zkdeck/lockctl"
)

// gone fails the test unless giving back a lock that is lost says so.
func gone(t *testing.T, l *lockctl.Lease) {
	t.Helper()
	if err := l.Release(soon(t)); !errors.Is(err, lockctl.ErrLost) && !errors.Is(err, lockctl.ErrNotHeld) {
		t.Errorf("releasing what is lost: %v", err)
	}
}

// A waiter whose session expires has nothing to wait with, and gets no lock.
func TestAccept15ExpiredWaiting(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	first := sc.player().take(dir)
	p, relay := sc.through(enduring)
	h := p.handle(dir, lockctl.LockOptions{})
	a := h.start()
	a.await(lockctl.StepWatch)
	was := p.s.Status().ID
	relay.Expire()
	sc.holdsOnly(dir, first.Node())
	a.failed(lockctl.ErrEnded)
	p.is(lockctl.SessionEnded)
	release(t, first)
	if l, err := h.Acquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrEnded) {
		t.Errorf("on a session that has ended: %s, %v", who(l), err)
	}
	if id := p.s.Status().ID; id != was {
		t.Errorf("session %#x after %#x", id, was)
	}
	sc.holdsOnly(dir)
}

// A holder who hears nothing is told of the loss before another can be granted the lock.
func TestAccept16ExpiredHolding(t *testing.T) {
	sc := onShared(t)
	for _, how := range []string{"stalled", "cut"} {
		t.Run(how, func(t *testing.T) {
			sc := sc.in(t)
			dir := sc.dir(how)
			p, relay := sc.through(fleeting)
			h := p.handle(dir, lockctl.LockOptions{})
			l := h.take()
			next := sc.player().queue(dir, lockctl.LockOptions{})
			if how == "cut" {
				relay.Cut()
			} else {
				relay.Stall()
			}
			if l.Deadline().IsZero() {
				t.Error("a lease without a deadline")
			}
			other := next.granted()
			if st := l.State(); st != lockctl.LeaseLost {
				t.Errorf("granted to another while it is %s", st)
			}
			if d := l.Deadline(); d.After(other.Granted()) {
				t.Errorf("nobody can be granted it before %v, and %v is", d, other.Granted())
			}
			lost(t, l) // while the network is down still
			h.await(lockctl.StepLost)
			gone(t, l)
			relay.Heal()
			p.is(lockctl.SessionEnded)
			lives(t, other)
			if l, err := h.Acquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrEnded) {
				t.Errorf("on a session that has ended: %s, %v", who(l), err)
			}
			again := sc.player().queue(dir, lockctl.LockOptions{})
			release(t, other)
			release(t, again.granted())
			sc.holdsOnly(dir)
		})
	}
}

// A connection that is lost and made again in time leaves the lock held, if it is seen
// to be.
func TestAccept17Suspended(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	p, relay := sc.through(enduring)
	h := p.handle(dir, lockctl.LockOptions{})
	l := h.take()
	next := sc.player().queue(dir, lockctl.LockOptions{})
	asks := func() int {
		n := 0
		for _, q := range relay.Requests() {
			if q.Path == dir+"/"+l.Node() {
				n++
			}
		}
		return n
	}
	before := asks()
	relay.Cut()
	becomes(t, l, lockctl.LeaseSuspended)
	if step := h.await(lockctl.StepSuspended); step.Until.IsZero() {
		t.Errorf("suspended until %v", step.Until)
	}
	lives(t, l)
	relay.Heal()
	h.await(lockctl.StepResumed)
	becomes(t, l, lockctl.LeaseHeld)
	lives(t, l)
	if asks() == before {
		t.Error("it is held again and was not looked at")
	}
	next.waits()
	relay.Cut()
	becomes(t, l, lockctl.LeaseSuspended)
	sc.remove(dir + "/" + l.Node()) // which nobody tells it now
	other := next.granted()
	if st := l.State(); st != lockctl.LeaseSuspended {
		t.Errorf("the network is down, and it is %s", st)
	}
	relay.Heal()
	lost(t, l)
	release(t, other)
	if n := h.count(lockctl.StepResumed); n != 1 {
		t.Errorf("resumed %d times:%s", n, h.told())
	}
}

// However much is told that nobody reads, the loss is told.
func TestAccept19Flooded(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	p, relay := sc.through(enduring)
	l := p.take(dir)
	for range 20 {
		e := p.s.Events()
		t.Cleanup(e.Close)
	}
	for range 100 {
		sc.set(dir+"/"+l.Node(), "x")
		if _, _, err := p.s.Get(soon(t), dir+"/"+l.Node(), true); err != nil {
			t.Fatal(err)
		}
	}
	if l.State() != lockctl.LeaseHeld {
		t.Errorf("the lease is %s", l.State())
	}
	relay.Expire()
	lost(t, l)
	sc.holdsOnly(dir)
}
