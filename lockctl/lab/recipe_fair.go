package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"zkdeck/lockctl"
)

// slotsUnlessSaid is how many hold a semaphore at a time where Options do not say.
const slotsUnlessSaid = 2

// queuer is a contender that takes its turns by lockctl's Locker: the fair recipes.
type queuer struct {
	s      seat
	locker *lockctl.Locker
	lease  *lockctl.Lease // nil: there is none
	tries  bool
}

// newQueuer makes a contender of Fair, ReadWrite or Semaphore.
//
// The names are those of ZooKeeper's own document: a guid, by which a creation is found
// again of which no answer came, and lock-, read- or write-, which is what people are
// shown. They prove who made them, so that a release is one request; and their numbers
// are never copied, as those of Curator's readers are (CURATOR-621), so that the deletion
// of the only one before it lets the next in without another listing. The document has no
// semaphore: that is Curator's InterProcessSemaphoreV2, with a queue in locks and the
// places in leases.
func newQueuer(s seat) (*queuer, error) {
	q := &queuer{s: s}
	o := lockctl.LockOptions{Identity: s.signature(), Observe: q.observe, Now: s.options.Now, Logger: s.options.Logger}
	switch s.options.Recipe {
	case ReadWrite:
		o.Recipe, o.Mode = lockctl.RecipesRWLock, lockctl.Write
		if s.mode == lockctl.Read {
			o.Mode = lockctl.Read
		}
	case Semaphore:
		o.Recipe, o.Slots = lockctl.CuratorSemaphore, cmp.Or(s.options.Slots, slotsUnlessSaid)
	default:
		o.Recipe = lockctl.RecipesLock
	}
	var err error
	if q.locker, err = lockctl.NewLocker(s.session, s.dir, o); err != nil {
		return nil, fmt.Errorf("worker %d: %w", s.worker, err)
	}
	return q, nil
}

// observe passes on what the locker tells, but for why a try has failed: that is said in
// words of the lab. Only who calls acquire or try is told of that.
func (q *queuer) observe(s lockctl.Step) {
	if s.Kind != lockctl.StepCancelled || !q.tries {
		q.s.step(s)
	}
}

func (q *queuer) acquire(ctx context.Context) (grant, error) {
	lease, err := q.locker.Acquire(ctx)
	return q.granted(lease), err
}

func (q *queuer) try(ctx context.Context) (grant, bool, error) {
	q.tries = true
	lease, err := q.locker.TryAcquire(ctx)
	q.tries = false
	if busy := (*lockctl.BusyError)(nil); errors.As(err, &busy) {
		q.s.tell(lockctl.Step{Kind: lockctl.StepCancelled, Before: busy.Node, Why: whyBusy})
		return grant{}, false, nil
	}
	return q.granted(lease), err == nil, err
}

func (q *queuer) granted(lease *lockctl.Lease) grant {
	q.lease = lease
	if lease == nil {
		return grant{}
	}
	return grant{node: lease.Node(), token: lease.Token(), lost: lease.Done()}
}

// release also fails where the lock was lost before; it is over then too.
func (q *queuer) release(ctx context.Context) error {
	if q.lease == nil {
		return nil
	}
	lease := q.lease
	err := lease.Release(ctx)
	if lease.Err() != nil { // else it is held still
		q.lease = nil
	}
	return err
}

// settled waits for what the locker has going on: the session is over.
func (q *queuer) settled(ctx context.Context) error { return q.locker.Settled(ctx) }
