package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// A lock is not given back before it is certain, which is tried as long as it takes.
func TestAccept22Release(t *testing.T) {
	sc := onShared(t)
	for _, fault := range []zktest.Fault{zktest.LoseRequest, zktest.LoseReply} {
		t.Run(fmt.Sprint("lost ", fault), func(t *testing.T) {
			sc := sc.in(t)
			dir := sc.dir(fmt.Sprint("lock-", fault))
			p, relay := sc.through(enduring)
			l := p.take(dir)
			next := sc.player().queue(dir, lockctl.LockOptions{})
			trap := relay.Trap(fault, deletes(dir))
			released := make(chan error, 1)
			go func() { released <- l.Release(soon(t)) }()
			sprung(t, trap)
			select {
			case err := <-released:
				t.Errorf("released while nobody knows: %v", err)
			case <-l.Done():
				t.Errorf("the lease has ended while nobody knows: %v", l.Err())
			default:
			}
			if st := l.State(); st == lockctl.LeaseReleased {
				t.Errorf("the lease is %s while nobody knows", st)
			}
			if fault == zktest.LoseRequest {
				next.waits()
			}
			relay.Heal()
			if err := <-released; err != nil {
				t.Errorf("releasing: %v", err)
			}
			if sc.exists(dir+"/"+l.Node()) || l.State() != lockctl.LeaseReleased {
				t.Errorf("released: %s", l.State())
			}
			release(t, next.granted())
		})
	}
	t.Run("the session ends first", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("ends")
		p, relay := sc.through(enduring)
		l := p.take(dir)
		trap := relay.Trap(zktest.LoseRequest, deletes(dir))
		released := make(chan error, 1)
		go func() { released <- l.Release(soon(t)) }()
		sprung(t, trap)
		relay.Expire()
		sc.holdsOnly(dir)
		relay.Heal()
		if err := <-released; err != nil && !errors.Is(err, lockctl.ErrLost) && !errors.Is(err, lockctl.ErrEnded) {
			t.Errorf("releasing: %v", err)
		}
		<-l.Done()
	})
	t.Run("given up", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("given-up")
		p, relay := sc.through(enduring)
		h := p.handle(dir, lockctl.LockOptions{})
		l := h.take()
		trap := relay.Trap(zktest.LoseRequest, deletes(dir))
		ctx, cancel := context.WithCancel(context.Background())
		released := make(chan error, 1)
		go func() { released <- l.Release(ctx) }()
		sprung(t, trap)
		cancel()
		if err := <-released; !errors.Is(err, context.Canceled) {
			t.Errorf("releasing: %v", err)
		}
		sc.holdsOnly(dir, l.Node())
		relay.Heal()
		h.settled()
		sc.holdsOnly(dir)
		<-l.Done()
	})
	t.Run("deleted by an operator", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("deleted")
		p, relay := sc.through(enduring)
		l := p.take(dir)
		trap := relay.Trap(zktest.HoldRequest, deletes(dir))
		released := make(chan error, 1)
		go func() { released <- l.Release(soon(t)) }()
		sprung(t, trap)
		sc.remove(dir + "/" + l.Node())
		trap.Release()
		// It is free, which was wanted; that another did it may be told.
		if err := <-released; err != nil && !errors.Is(err, lockctl.ErrLost) {
			t.Errorf("releasing: %v", err)
		}
		<-l.Done()
	})
}
