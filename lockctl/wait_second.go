package lockctl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// watchSecond has us told, with [LockOptions.Eager], when what we wait for comes to be the only one before us, if it
// is not yet. It is not waited for: what it tells is that now is the time to list the
// queue, while that one has the lock, and not when it has released it and every moment
// counts. So a release wakes the next, and has the one behind it look; who is further
// behind hears nothing. It tells whether the queue is to be listed by our caller.
func (a *attempt) watchSecond(ctx context.Context) (look bool, err error) {
	direct := a.before == join(a.t.dir, a.p.Watch) // and not the whole queue
	for a.k.o.Eager && direct && a.second == "" && a.p.Second != "" && !a.p.Next && a.own && !a.k.o.Force {
		second := join(a.t.dir, a.p.Second)
		err := a.k.persist(ctx, func() error {
			_, _, err := a.k.s.Get(ctx, second, true)
			return err
		})
		switch {
		case err == nil:
			a.second = second
		case errors.Is(err, ErrGone):
			if look, err := a.again(ctx); err != nil || look {
				return look, err
			}
		case errors.Is(err, ErrDenied):
			a.p.Second = "" // we do without
		default:
			return false, fmt.Errorf("watch %s: %w", clean(second), err)
		}
	}
	return false, nil
}

// aside is how long who is told that its predecessor's turn has come lets that one go
// first: the servers and the machine have its grant to attend to.
const aside = 2 * time.Millisecond

// hear waits aside, at most until something is told, and returns that.
func (a *attempt) hear(ctx context.Context) []SessionEvent {
	timer := time.NewTimer(aside)
	defer timer.Stop()
	select {
	case <-a.ev.Ready():
	case <-ctx.Done():
	case <-timer.C:
	}
	return a.poll()
}

// again lists the queue while what we wait for is watched, and has been since before. It
// tells whether that is to be done once more by our caller, things being different.
func (a *attempt) again(ctx context.Context) (look bool, err error) {
	l, err := a.k.list(ctx, a.t.dir, false)
	switch {
	case errors.Is(err, ErrGone):
		return false, errGone
	case err != nil:
		return false, err
	}
	p := a.t.format.place(l.names, a.t.node)
	same := p.Err == nil && !p.Holds && p.Position > 0 && p.Watch == a.p.Watch && a.own && l.at == a.at
	if !same {
		a.k.tell(Step{Kind: StepWake, Node: a.t.node, Before: a.p.Watch, Why: "the queue has changed"})
		return true, nil
	}
	a.p = p
	a.k.tell(Step{Kind: StepList, Node: a.t.node, Position: p.Position, Of: p.Of, Before: p.Watch})
	return false, nil
}

// forgetSecond tells that we do not wait any more for what that one waits for.
func (a *attempt) forgetSecond() {
	if a.second == "" {
		return
	}
	if a.p.Watch == "" || a.second != join(a.t.dir, a.p.Watch) { // which is to be watched now
		a.k.s.Unwatch(a.second)
	}
	a.second = ""
}
