package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// Who gives up leaves no znode, whenever that is; what cannot be deleted yet is once
// the network is there again, for the session lives on.
func TestAccept07Cancelled(t *testing.T) {
	sc := onShared(t)
	// gone waits until what was given up has left the live session no znode.
	gone := func(t *testing.T, p *player, a *attempt, dir string, want ...string) {
		t.Helper()
		a.settled()
		if st := p.s.Status(); st.State != lockctl.SessionLive {
			t.Errorf("the session is in state %d: %s", st.State, st.Why)
		}
		sc.holdsOnly(dir, want...)
	}
	t.Run("waiting", func(t *testing.T) {
		sc := sc.in(t)
		dir, p := sc.dir("waiting"), sc.player()
		first := sc.contender(dir, handmade(1), "")
		a := p.queue(dir, lockctl.LockOptions{})
		a.cancel()
		a.failed(context.Canceled)
		gone(t, p, a, dir, first)
		if _, err := a.TryAcquire(soon(t)); !errors.Is(err, lockctl.ErrBusy) {
			t.Errorf("the handle afterwards: %v", err)
		}
	})
	for _, fault := range []zktest.Fault{zktest.HoldRequest, zktest.HoldReply} {
		t.Run(fmt.Sprint("creating ", fault), func(t *testing.T) {
			sc := sc.in(t)
			dir := sc.dir(fmt.Sprint("creating-", fault))
			p, relay := sc.through(enduring)
			trap := relay.Trap(fault, enters(dir))
			a := p.handle(dir, lockctl.LockOptions{}).start()
			sprung(t, trap)
			a.cancel()
			late := make(chan struct{})
			go func() { // Acquire need not return before the reply is there
				defer close(late)
				select {
				case <-a.done:
				case <-time.After(time.Second):
				}
				trap.Release()
			}()
			a.failed(context.Canceled)
			<-late
			gone(t, p, a, dir)
		})
	}
	t.Run("the network is down", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("down")
		first := sc.contender(dir, handmade(1), "")
		p, relay := sc.through(enduring)
		a := p.queue(dir, lockctl.LockOptions{})
		relay.Cut()
		p.is(lockctl.SessionSuspended)
		a.cancel()
		a.failed(context.Canceled)
		if n := len(sc.names(dir)); n != 2 {
			t.Errorf("%d contenders while the network is down", n)
		}
		relay.Heal()
		gone(t, p, a, dir, first)
	})
	t.Run("the network is down while creating", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("down-creating")
		p, relay := sc.through(enduring)
		trap := relay.Trap(zktest.LoseReply, enters(dir))
		a := p.handle(dir, lockctl.LockOptions{}).start()
		sprung(t, trap)
		a.cancel()
		a.failed(context.Canceled)
		if n := len(sc.names(dir)); n != 1 {
			t.Errorf("%d contenders while the network is down", n)
		}
		relay.Heal()
		gone(t, p, a, dir)
	})
	t.Run("until the session ends", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("ends")
		first := sc.contender(dir, handmade(1), "")
		p, relay := sc.through(enduring)
		a := p.queue(dir, lockctl.LockOptions{})
		relay.Cut()
		a.cancel()
		a.failed(context.Canceled)
		relay.Expire()
		sc.holdsOnly(dir, first)
		relay.Heal()
		a.settled()
		p.is(lockctl.SessionEnded)
	})
}

// Who only tries leaves no znode, also where the deletion is lost on its way.
func TestAccept08Try(t *testing.T) {
	sc := onShared(t)
	for _, fault := range []zktest.Fault{zktest.HoldReply, zktest.LoseRequest, zktest.LoseReply} {
		dir := sc.dir(fmt.Sprint("lock-", fault))
		p, relay := sc.through(enduring)
		h := p.handle(dir, lockctl.LockOptions{})
		// Another comes between its look at the queue and its own znode, which is made in
		// vain then.
		enter, leave := relay.Trap(zktest.HoldRequest, enters(dir)), relay.Trap(fault, deletes(dir))
		var first string
		var broken sync.WaitGroup
		broken.Go(func() {
			if springs(enter) {
				first = sc.contender(dir, handmade(1), "the holder")
			}
			enter.Release()
			if springs(leave) {
				relay.Heal()
			}
			leave.Release()
		})
		l, err := h.TryAcquire(soon(t))
		broken.Wait()
		var busy *lockctl.BusyError
		if l != nil || !errors.As(err, &busy) || !errors.Is(err, lockctl.ErrBusy) {
			t.Fatalf("trying: %s, %v", who(l), err)
		}
		if busy.Path != dir || busy.Node != first || busy.Session != sc.conn.SessionID() || busy.Waiting != 0 {
			t.Errorf("busy: %+v", busy)
		}
		h.settled()
		sc.holdsOnly(dir, first)
		if l, err := h.TryAcquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrBusy) {
			t.Errorf("trying again: %s, %v", who(l), err)
		}
		h.settled()
		sc.holdsOnly(dir, first)
		sc.remove(dir + "/" + first)
		l, err = h.TryAcquire(soon(t))
		if err != nil {
			t.Fatalf("trying a free lock: %v", err)
		}
		release(t, l)
		sc.holdsOnly(dir)
	}
}

// limit is a context that ends as one with a deadline does, once over is closed.
type limit struct {
	context.Context
	over chan struct{}
}

func (l limit) Done() <-chan struct{} { return l.over }

func (l limit) Err() error {
	select {
	case <-l.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// The time that one waits at most is one, however often one wakes meanwhile.
func TestAccept09OneDeadline(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	first := sc.contender(dir, handmade(1), "")
	p := sc.player()
	waits := limit{context.Background(), make(chan struct{})}
	a := p.handle(dir, lockctl.LockOptions{}).startFor(waits)
	a.await(lockctl.StepWatch)
	sc.set(dir+"/"+first, "")
	a.await(lockctl.StepWake)
	over := time.AfterFunc(2*time.Second, func() { close(waits.over) })
	defer over.Stop()
	for ended := false; !ended; {
		sc.set(dir+"/"+first, "")
		select {
		case <-a.done:
			ended = true
		case <-time.After(10 * time.Millisecond): // far less than the limit, again and again
		}
	}
	a.failed(context.DeadlineExceeded)
	a.settled()
	sc.holdsOnly(dir, first)
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // one that has ended already
	if l, err := a.Acquire(ctx); l != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %s, %v", who(l), err)
	}
	a.settled()
	sc.holdsOnly(dir, first)
}
