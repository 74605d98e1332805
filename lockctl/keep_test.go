package lockctl

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A short break suspends a lease, and it is held again once its znode was seen.
func TestKeepSuspended(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		l := h.take()
		h.idle()
		h.told()
		h.s.cut(time.Second)
		if l.State() != LeaseSuspended || l.Err() != nil {
			t.Errorf("%s, %v", l.State(), l.Err())
		}
		h.sent()
		time.Sleep(3 * time.Second)
		h.say("steps", h.told(), "suspended resumed")
		h.say("requests", h.sent(), "sync watch")
		if l.State() != LeaseHeld || l.Err() != nil {
			t.Errorf("%s, %v", l.State(), l.Err())
		}
		b.do(func() { _ = b.remove(join(l.Dir(), l.Node()), -1) }) // it is watched again
		<-l.Done()
		h.idle()
		h.say("steps", h.told(), "lost")
	})
}

// A server that lags behind shows a znode that was deleted: it is not believed.
func TestKeepNotByALaggingServer(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		l := h.take()
		h.idle()
		b.do(func() {
			for _, sv := range b.servers {
				sv.lagging = "for ever"
			}
		})
		h.s.cut(time.Second)
		b.do(func() { _ = b.remove(join(l.Dir(), l.Node()), -1) })
		h.told()
		<-l.Done()
		h.idle()
		h.say("steps", h.told(), "suspended lost")
		if !errors.Is(l.Err(), ErrGone) {
			t.Error(l.Err())
		}
	})
}

// Where no server answers any more the lease is lost when the session may end, by its
// own clock, and not later than the server ends it.
func TestKeepLostByTheClock(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h, other := b.hand(t, LockOptions{}), b.hand(t, LockOptions{})
		l := h.take()
		h.idle()
		got := other.queue(t.Context())
		h.s.stall(time.Hour)
		h.s.lab.do(func() { h.s.down = time.Now().Add(time.Minute) })
		deadline := l.Deadline()
		<-l.Done()
		if late := time.Since(deadline); late > 0 && late > 2*time.Millisecond || l.State() != LeaseLost || !errors.Is(l.Err(), ErrLost) {
			t.Errorf("%s late: %s, %v", late, l.State(), l.Err())
		}
		select {
		case v := <-got:
			t.Errorf("another was granted it before: %v", v)
		default:
		}
		if err := l.Release(t.Context()); !errors.Is(err, ErrNotHeld) || !errors.Is(err, ErrLost) {
			t.Errorf("released: %v", err)
		}
		second := (<-got).(*Lease)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		if _, err := h.Acquire(ctx); !errors.Is(err, ErrEnded) {
			t.Errorf("on the session that has ended: %v", err)
		}
		if err := second.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A handle is of use again after its znode was deleted, as its session lives.
func TestKeepAgainAfterALoss(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		for range 3 {
			l := h.take()
			if _, err := h.Acquire(t.Context()); !errors.Is(err, ErrHeldAlready) {
				t.Errorf("twice: %v", err)
			}
			b.do(func() { _ = b.remove(join(l.Dir(), l.Node()), -1) })
			<-l.Done()
		}
		if err := h.take().Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A release whose reply is lost has been done; one that meets a znode which somebody
// else has deleted was too late.
func TestKeepRelease(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		l := h.take()
		times := 0
		h.s.lose = func(op, _ string) (bool, bool) {
			if op == "delete" {
				times++
			}
			return false, op == "delete" && times == 1
		}
		if err := l.Release(t.Context()); err != nil || times != 2 || len(b.names("/locks/a")) != 0 {
			t.Errorf("%v after %d", err, times)
		}
		l = h.take()
		b.do(func() { _ = b.remove(join(l.Dir(), l.Node()), -1) }) // that is not told yet
		if err := l.Release(t.Context()); !errors.Is(err, ErrLost) || l.State() != LeaseLost {
			t.Errorf("%v, %s", err, l.State())
		}
	})
}

// A release that is given up goes on, and the handle is not free before.
func TestKeepReleaseGoesOn(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		l := h.take()
		h.idle()
		h.s.cut(2 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Release(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up: %v", err)
		}
		if s := l.State(); s != LeaseReleasing || l.Err() != nil {
			t.Errorf("%s, %v", s, l.Err())
		}
		if err := l.Release(t.Context()); !errors.Is(err, ErrNotHeld) {
			t.Errorf("twice: %v", err)
		}
		if _, err := h.Acquire(t.Context()); !errors.Is(err, ErrHeldAlready) {
			t.Errorf("meanwhile: %v", err)
		}
		<-l.Done()
		if err := h.Settled(t.Context()); err != nil || l.State() != LeaseReleased || len(b.names("/locks/a")) != 0 {
			t.Errorf("%v, %s, %q", err, l.State(), b.names("/locks/a"))
		}
	})
}

// A wait that is given up takes its znode back, at once or when that can be done.
func TestKeepCancelled(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		first, h := b.hand(t, LockOptions{}), b.hand(t, LockOptions{})
		l := first.take()
		for _, cut := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			got := h.queue(ctx)
			if cut {
				h.s.cut(2 * time.Second)
			}
			cancel()
			if err := (<-got).(error); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if n := len(b.names("/locks/a")); n != 1 && !cut {
				t.Errorf("%d znodes", n)
			}
			if err := h.Settled(t.Context()); err != nil || len(b.names("/locks/a")) != 1 {
				t.Errorf("%v, %q", err, b.names("/locks/a"))
			}
		}
		if l.State() != LeaseHeld || l.Release(t.Context()) != nil {
			t.Error(l.State(), l.Err())
		}
	})
}

// The revoke word is told, to who holds and to who waits.
func TestKeepAsked(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		l := h.take()
		h.idle()
		for _, word := range []string{"something", "__REVOKE__"} {
			b.do(func() { _, _ = b.set(join(l.Dir(), l.Node()), []byte(word), -1) })
			h.idle()
		}
		if l.Asked() != "__REVOKE__" || l.State() != LeaseHeld {
			t.Errorf("asked %q, %s", l.Asked(), l.State())
		}
		h.say("steps", h.told(), "look create list granted revoke")
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
