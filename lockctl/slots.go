package lockctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// takePlace takes a place of a semaphore as Curator's InterProcessSemaphoreV2 does:
// whoever is first in the mutex of <path>/locks makes a znode in <path>/leases, waits
// until there are not more than there are places, and leaves the mutex. So one alone
// watches the places, and a place that is left wakes one. It fails with [errGone] where
// it has to begin anew.
//
// That no more hold than there are places does not rest on the mutex: of any that hold
// together the one whose znode was made last has listed all others and itself, as each
// znode was there from before that listing until now, and there were not too many. The
// mutex keeps two from waiting for each other's znode to go.
func (a *attempt) takePlace(ctx context.Context, f format) (lease *Lease, err error) {
	k, dir := a.k, join(a.k.path, placesDir)
	if a.try {
		if err := a.free(ctx, f, dir); err != nil {
			return nil, err
		}
	}
	head, err := a.headOfQueue(ctx, f, dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		k.s.Unwatch(dir)
		k.letNext(ctx, head)
	}()
	a.t = k.newTicket(dir, f)
	l, err := a.t.enter(ctx)
	if err != nil {
		return nil, err
	}
	for watched := false; ; watched = true {
		if again, err := a.t.single(ctx, l.names); err != nil {
			return nil, err
		} else if !again {
			if lease, err := a.counted(ctx, l, watched); lease != nil || err != nil {
				return lease, err
			}
			if watched && k.sure(l.at) {
				if err := a.waitForPlace(ctx, head); err != nil {
					return nil, err
				}
			}
		}
		if l, err = k.list(ctx, dir, true); errors.Is(err, ErrGone) {
			return nil, errGone
		} else if err != nil {
			return nil, err
		}
	}
}

// counted is the lease if by a listing of the places there is one for us.
func (a *attempt) counted(ctx context.Context, l roll, watched bool) (*Lease, error) {
	k, t := a.k, a.t
	a.p = t.format.place(l.names, t.node)
	if a.p.Position == 0 {
		return nil, errGone
	}
	taken := ""
	if !a.p.Holds {
		taken = fmt.Sprintf("%d of %d places are taken", a.p.Of-1, t.format.slots)
		if a.p.Of-1 > t.format.slots {
			taken += ": others count more"
		}
	}
	k.tell(Step{Kind: StepList, Node: t.node, Position: 1, Of: a.p.Of, Why: taken})
	switch {
	case a.p.Holds && k.sure(l.at):
		return a.grant(l.at), nil
	case a.try && !a.p.Holds:
		return nil, a.placesBusy(ctx, t.format, t.dir, slices.DeleteFunc(l.names, func(n string) bool { return n == t.node }))
	case watched && !a.p.Holds:
		k.tell(Step{Kind: StepWatch, Node: t.node, Position: 1, Of: a.p.Of, Why: "all places"})
	}
	return nil, nil //nolint:nilnil // not yet, and nothing is wrong
}

// waitForPlace waits until the places have changed, or may have without our being told.
// Without the mutex another would wait with us, each for the other's znode to go.
func (a *attempt) waitForPlace(ctx context.Context, head *Lease) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-head.Done():
			return errGone
		case <-a.ev.Ready():
		}
		events, err := a.ev.Next(endedContext)
		if errors.Is(err, ErrEnded) {
			return err
		}
		for i, e := range events {
			look := e.Kind == ChildrenChanged && e.Path == a.t.dir
			switch n := a.take(e); {
			case n.err() != nil:
				return n.err()
			case look || n == newsLook:
				a.wake(e)
				return a.settle(events[i+1:])
			}
		}
	}
}

// headOfQueue takes the mutex in front of the places. Who only tries waits for it for as
// long as it lasts to take a place, not longer: the one before us has found none then.
func (a *attempt) headOfQueue(ctx context.Context, f format, dir string) (*Lease, error) {
	k := a.k
	q, err := NewLocker(k.s, join(k.path, queueDir), LockOptions{
		Recipe: CuratorMutex, Identity: k.o.Identity, Force: k.o.Force, ACL: k.o.ACL, Now: k.o.Now, Logger: k.o.Logger,
		Observe: k.tellQueue,
	})
	if err != nil {
		return nil, err
	}
	within := ctx
	if a.try {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, k.s.Status().Timeout/3)
		defer cancel()
	}
	head, err := q.Acquire(within)
	k.start(func() { _ = q.Settled(context.Background()) })
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		names, errList := k.list(ctx, dir, false)
		if errList != nil && !errors.Is(errList, ErrGone) {
			return nil, errList
		}
		return nil, a.placesBusy(ctx, f, dir, names.names)
	}
	return head, err
}

// tellQueue tells of the steps by which the mutex is taken; that it is taken is not what
// was asked for.
func (k *Locker) tellQueue(s Step) {
	switch s.Kind {
	case StepCreate, StepList, StepWatch, StepWake, StepRecover, StepRequeue:
		k.tell(s)
	default:
	}
}

// letNext leaves the mutex. What that takes longer than briefly goes on by itself.
func (k *Locker) letNext(ctx context.Context, head *Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), briefly)
	defer cancel()
	if err := head.Release(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrNotHeld) {
		k.o.Logger.Warn("the mutex of a semaphore could not be left", "path", head.Path(), "err", err)
	}
}

// free fails with a [*BusyError] if no place is.
func (a *attempt) free(ctx context.Context, f format, dir string) error {
	l, err := a.k.list(ctx, dir, false)
	switch {
	case errors.Is(err, ErrGone):
		return nil
	case err != nil:
		return err
	case countPlaces(l.names) < f.slots:
		return nil
	}
	return a.placesBusy(ctx, f, dir, l.names)
}

// placesBusy says who has the first of the places.
func (a *attempt) placesBusy(ctx context.Context, f format, dir string, names []string) error {
	k, busy := a.k, &BusyError{Path: a.k.path}
	for _, n := range names {
		if f.place(names, n).Position == 1 {
			busy.Node = n
			break
		}
	}
	if q, err := k.list(ctx, join(k.path, queueDir), false); err == nil {
		busy.Waiting = len(q.names)
	}
	if busy.Node == "" {
		return busy
	}
	nodes, err := k.s.Read(ctx, dir, []string{busy.Node})
	if err == nil && len(nodes) == 1 && nodes[0].Err == nil {
		n := &nodes[0].Node
		busy.Session, busy.Holder = n.Stat.EphemeralOwner, identity(parseName(n.Name), n)
	}
	return busy
}

// countPlaces is how many of the names are places. Curator counts whatever is there; of
// what is no place nobody is kept out by us.
func countPlaces(names []string) int {
	n := 0
	for _, name := range names {
		if parseName(name).family == curatorLease {
			n++
		}
	}
	return n
}

// placeAmong is [format.place] for a semaphore: any of its places is as good as another,
// and its holder waits for nobody in particular.
func (f format) placeAmong(names []string, own string) place {
	me, before := parseName(own), 0
	for _, n := range names {
		if t := parseName(n); t.family == curatorLease && t.seq-me.seq < 0 { // wraps on purpose
			before++
		}
	}
	p := place{Of: countPlaces(names)}
	if me.family == curatorLease && slices.Contains(names, own) {
		p.Position, p.Holds = before+1, p.Of <= f.slots
	}
	return p
}
