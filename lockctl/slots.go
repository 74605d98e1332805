package lockctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// takePlace takes a place of a semaphore. Curator's InterProcessSemaphoreV2: whoever is
// first in the mutex of <path>/locks makes a znode in <path>/leases, waits until there
// are not more than there are places, and leaves the mutex. kazoo's Semaphore: whoever
// has the lock of <path>-__lock__ waits until fewer places are taken than there are,
// makes its znode in <path>, and leaves the lock. So one alone watches the places, and a
// place that is left wakes one. It fails with [errGone] where it has to begin anew.
//
// That no more of ours hold than there are places does not rest on the mutex: of any that
// hold together the one whose znode was made last has listed all others and itself, as
// each znode was there from before that listing until now, and there were not too many.
// Curator's clients do so too, kazoo's trust the lock. The mutex keeps two from waiting
// for each other's znode to go.
func (a *attempt) takePlace(ctx context.Context, f format) (lease *Lease, err error) {
	k := a.k
	if f.recipe == KazooSemaphore {
		if err := k.agreeOnPlaces(ctx, f); err != nil {
			return nil, err
		}
	}
	dir := f.placesIn(k.path)
	if a.try {
		if err := a.free(ctx, f, dir); err != nil {
			return nil, err
		}
	}
	head, err := a.headOfQueue(ctx, f)
	if err != nil {
		return nil, err
	}
	defer func() {
		k.s.Unwatch(dir)
		k.letNext(ctx, head)
	}()
	a.t = k.newTicket(dir, f)
	l, err := a.enterPlaces(ctx, head)
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

// placesIn is the directory of the places, and queueIn the one of the mutex before them.
func (f format) placesIn(path string) string {
	if f.recipe == KazooSemaphore {
		return path
	}
	return join(path, placesDir)
}

func (f format) queueIn(path string) (string, Recipe) {
	if f.recipe == KazooSemaphore {
		return path + "-__lock__", KazooLock
	}
	return join(path, queueDir), CuratorMutex
}

// enterPlaces makes our znode: Curator's at once, kazoo's when there is room.
func (a *attempt) enterPlaces(ctx context.Context, head *Lease) (roll, error) {
	t := a.t
	if t.format.recipe != KazooSemaphore {
		return t.enter(ctx)
	}
	for {
		l, err := a.k.list(ctx, t.dir, true)
		switch {
		case errors.Is(err, ErrGone):
			return roll{}, errGone
		case err != nil:
			return roll{}, err
		case t.format.countPlaces(l.names) < t.format.slots:
			return t.enterPlain(ctx)
		case a.try:
			return roll{}, a.placesBusy(ctx, t.format, l.names)
		}
		a.k.tell(Step{Kind: StepWatch, Position: 1, Of: len(l.names) + 1, Why: "all places"})
		if err := a.waitForPlace(ctx, head); err != nil {
			return roll{}, err
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
		return nil, a.placesBusy(ctx, t.format, slices.DeleteFunc(l.names, func(n string) bool { return n == t.node }))
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
func (a *attempt) headOfQueue(ctx context.Context, f format) (*Lease, error) {
	k := a.k
	queue, recipe := f.queueIn(k.path)
	q, err := NewLocker(k.s, queue, LockOptions{
		Recipe: recipe, Identity: k.o.Identity, Force: k.o.Force, ACL: k.o.ACL, Now: k.o.Now, Logger: k.o.Logger,
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
		names, errList := k.list(ctx, f.placesIn(k.path), false)
		if errList != nil && !errors.Is(errList, ErrGone) {
			return nil, errList
		}
		return nil, a.placesBusy(ctx, f, names.names)
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
	case f.countPlaces(l.names) < f.slots:
		return nil
	}
	return a.placesBusy(ctx, f, l.names)
}

// placesBusy says who has the first of the places.
func (a *attempt) placesBusy(ctx context.Context, f format, names []string) error {
	k, busy := a.k, &BusyError{Path: a.k.path}
	for _, n := range names {
		if f.place(names, n).Position == 1 {
			busy.Node = n
			break
		}
	}
	queue, _ := f.queueIn(k.path)
	if q, err := k.list(ctx, queue, false); err == nil {
		busy.Waiting = len(q.names)
	}
	if busy.Node == "" {
		return busy
	}
	nodes, err := k.s.Read(ctx, f.placesIn(k.path), []string{busy.Node})
	if err == nil && len(nodes) == 1 && nodes[0].Err == nil {
		n := &nodes[0].Node
		busy.Session, busy.Holder = n.Stat.EphemeralOwner, identity(parseName(n.Name), n)
	}
	return busy
}

// countPlaces is how many of the names are places. To kazoo whatever is there is one.
// So it is to Curator, but what is no place keeps nobody out by us.
func (f format) countPlaces(names []string) int {
	n := 0
	for _, name := range names {
		if f.isPlace(name) {
			n++
		}
	}
	return n
}

func (f format) isPlace(name string) bool {
	return f.recipe == KazooSemaphore || parseName(name).family == curatorLease
}

// placeAmong is [format.place] for a semaphore: any of its places is as good as another,
// and its holder waits for nobody in particular.
func (f format) placeAmong(names []string, own string) place {
	me, before, listed := parseName(own), 0, false
	for _, n := range names {
		listed = listed || n == own
		if !f.isPlace(n) {
			continue
		}
		if f.shape.plain && n < own || !f.shape.plain && parseName(n).seq-me.seq < 0 { // wraps on purpose
			before++
		}
	}
	p := place{Of: f.countPlaces(names)}
	if listed && f.isPlace(own) {
		p.Position, p.Holds = before+1, p.Of <= f.slots
	}
	return p
}
