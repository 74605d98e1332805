package lockctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// attempt is one acquisition, from the call to the lease or the error. It runs in the
// caller's goroutine.
type attempt struct {
	k   *Locker
	ev  SessionEvents
	try bool
	t   *ticket // nil while nothing of ours can be there
	p   place   // where we stood at the last listing

	view
}

// Why it queues anew.
var (
	errGone   = errors.New("our znode was deleted by somebody else")
	errOthers = errors.New("there are contenders of another kind than before")
)

// acquire takes the lock.
func (k *Locker) acquire(ctx context.Context, try bool) (*Lease, error) {
	err := ctx.Err()
	switch {
	case err != nil:
		err = context.Cause(ctx)
	case k.s.Status().ReadOnly:
		err = ErrReadOnly
	default:
		err = k.begin(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("take %s: %w", clean(k.path), err)
	}
	a := &attempt{k: k, ev: k.s.Events(), try: try}
	l, err := a.run(ctx)
	if err == nil {
		return l, nil
	}
	err = a.explain(ctx, err)
	k.tell(Step{Kind: StepCancelled, Node: a.node(), Why: clean(err.Error())})
	a.leave()
	return nil, err
}

// leave takes back what was made.
func (a *attempt) leave() {
	if a.before != "" {
		a.k.s.Unwatch(a.before)
	}
	a.forgetSecond()
	a.ev.Close()
	if a.t == nil {
		a.k.end()
		return
	}
	gone := a.k.discard(a.t)
	timer := time.NewTimer(briefly)
	defer timer.Stop()
	select {
	case <-gone:
	case <-timer.C:
	}
}

func (a *attempt) node() string {
	if a.t == nil {
		return ""
	}
	return a.t.node
}

// explain says what was being done, and where we stood.
func (a *attempt) explain(ctx context.Context, err error) error {
	if c := context.Cause(ctx); c != nil && !errors.Is(err, c) {
		err = fmt.Errorf("%w (%w)", c, err)
	}
	if a.p.Position > 1 {
		return fmt.Errorf("take %s: %w, at place %d of %d, behind %s", clean(a.k.path), err, a.p.Position, a.p.Of, clean(a.p.Watch))
	}
	return fmt.Errorf("take %s: %w", clean(a.k.path), err)
}

// run queues until the lock is ours.
func (a *attempt) run(ctx context.Context) (*Lease, error) {
	for {
		f, err := a.choose(ctx)
		if err != nil {
			return nil, err
		}
		a.view = view{}
		lease, err := a.enter(ctx, f)
		switch {
		case errors.Is(err, errOthers):
			a.k.forget()
		case !errors.Is(err, errGone):
			return lease, err
		}
		a.k.tell(Step{Kind: StepRequeue, Node: a.t.node, Why: err.Error()})
		if err := a.t.remove(ctx); err != nil { // another one may be there, or a late one
			return nil, err
		}
		a.t = nil
	}
}

// enter queues once.
func (a *attempt) enter(ctx context.Context, f format) (*Lease, error) {
	if f.shape.places() {
		return a.takePlace(ctx, f)
	}
	a.t = a.k.newTicket(a.k.path, f)
	l, err := a.t.enter(ctx)
	if err != nil {
		return nil, err
	}
	return a.queue(ctx, l)
}

// choose is whose names and rule are used. A handle that has queued before goes by what
// it learnt then, at once, and looks at the listing that it gets: see [attempt.fits]. One
// that has not looks first, so that nothing is made in a directory that is refused. So
// does one that only tries: it does not disturb a queue then.
func (a *attempt) choose(ctx context.Context) (format, error) {
	k := a.k
	if f := k.learnt(); f != nil && !a.try {
		return *f, nil
	}
	d, err := k.look(ctx)
	if err != nil {
		return format{}, err
	}
	f, err := k.o.joins(d)
	if err != nil {
		return format{}, err
	}
	for _, n := range f.notes {
		k.tell(Step{Kind: StepLook, Of: len(d.Children), Why: n})
	}
	if a.try && !f.shape.places() {
		err = k.wouldHold(ctx, f, d)
	}
	return f, err
}

// fits tells whether the queue that our znode is in is still what we took it for.
func (a *attempt) fits(ctx context.Context, names []string) (bool, error) {
	k, t := a.k, a.t
	if k.o.Force || t.format.alone(names, t.node) {
		return true, nil
	}
	d, err := k.look(ctx)
	if err != nil {
		return false, err
	}
	d.Children = slices.DeleteFunc(d.Children, func(n Node) bool { return n.Name == t.node })
	f, err := k.o.joins(d)
	return err == nil && sameQueue(f.recipe, t.format.recipe), nil // why not is told when it looks again
}

// alone tells whether nobody is listed whose name is not of the own recipe: who it is
// would have to be looked at.
func (f format) alone(names []string, own string) bool {
	ours := parseName(own).family
	for _, n := range names {
		switch t := parseName(n); {
		case t.family == ours, t.family == none, t.trap:
		case t.family == goZooKeeper && ours == curatorMutex, t.family == curatorMutex && ours == goZooKeeper:
		default:
			return false
		}
	}
	return true
}

// queue waits in the queue that was listed.
func (a *attempt) queue(ctx context.Context, l roll) (*Lease, error) {
	k, t := a.k, a.t
	if ok, err := a.fits(ctx, l.names); err != nil {
		return nil, err
	} else if !ok {
		return nil, errOthers
	}
	var unsure pause
	for first := true; ; first = false {
		if !first {
			var err error
			if l, err = k.list(ctx, t.dir, false); errors.Is(err, ErrGone) {
				return nil, errGone
			} else if err != nil {
				return nil, err
			}
		}
		if again, err := t.single(ctx, l.names); err != nil {
			return nil, err
		} else if again {
			continue
		}
		a.p = t.format.place(l.names, t.node)
		switch {
		case a.p.Err != nil:
			return nil, a.p.Err
		case a.p.Position == 0:
			return nil, errGone
		}
		k.tell(Step{Kind: StepList, Node: t.node, Position: a.p.Position, Of: a.p.Of, Before: a.p.Watch})
		if a.p.Holds {
			// Unless another server is asked by now, or it is too long ago that the session
			// was proven to live: that comes by itself.
			if k.sure(l.at) {
				return a.grant(l.at), nil
			}
			if err := unsure.wait(ctx); err != nil {
				return nil, err
			}
			continue
		}
		if a.try {
			return nil, k.busyError(ctx, t.format, slices.DeleteFunc(l.names, func(n string) bool { return n == t.node }))
		}
		if granted, err := a.wait(ctx); err != nil {
			return nil, err
		} else if granted {
			return a.grant(a.at), nil
		}
	}
}
