package zkview

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// childTries is how often the children of one znode that appear meanwhile are
// deleted before it is given up.
const childTries = 3

// Apply deletes, the leaves first, in transactions of up to a thousand znodes, each
// of them whole or not at all. What appears below meanwhile is listed again, some
// times; what cannot be deleted is noted and stays, with what is above it. The error
// is for what ends everything: ctx, the connection. The report is right in any
// case, and Apply may be called again to go on. progress may be nil.
func (r *Removal) Apply(ctx context.Context, progress func(TransferProgress)) (RemoveReport, error) {
	began := time.Now()
	r.pace = newPace(progress)
	err := r.run(ctx)
	r.report.Elapsed += time.Since(began)
	if err == nil {
		r.say(true, "")
	}
	return r.Report(), err
}

func (r *Removal) run(ctx context.Context) error {
	if len(r.nodes) == 0 {
		return nil
	}
	if r.s.cfg.ReadOnly {
		return &OpError{"delete", r.nodes[0].name, ErrReadOnly}
	}
	r.report.Unknown = 0 // it is looked at again
	for {
		if err := awaitReady(ctx, r.s, func(why string) { r.say(false, why) }); err != nil {
			return err
		}
		batch, scanned := r.next()
		if len(batch) == 0 {
			return nil
		}
		if err := r.delete(ctx, batch, scanned); err != nil {
			return err
		}
		r.say(false, "")
	}
}

func (r *Removal) say(now bool, waiting string) {
	done := r.report.Deleted + r.report.Vanished + r.report.Kept
	r.pace.say(now, TransferProgress{Phase: PhaseDeleting, Done: done, Total: int64(len(r.nodes)), Waiting: waiting})
}

// next collects the nodes of the next transaction, from the end of the last
// segment; scanned is how far down it looked. Nodes that cannot go are passed over.
func (r *Removal) next() (batch []int32, scanned int) {
	for len(r.segments) > 0 {
		seg := &r.segments[len(r.segments)-1]
		bytes, i := 0, seg.hi
		for ; i > seg.lo && len(batch) < r.limit && bytes < txBytes; i-- {
			n := &r.nodes[i-1]
			if n.fate == fatePending && n.parent >= 0 && r.nodes[n.parent].shut {
				r.keep(int32(i - 1))
			}
			if n.fate != fatePending {
				continue
			}
			batch = append(batch, int32(i-1))
			bytes += len(r.path(int32(i-1))) + len(r.s.servers.Chroot) + 17
		}
		if len(batch) > 0 {
			return batch, i
		}
		if seg.hi = i; seg.hi == seg.lo {
			r.segments = r.segments[:len(r.segments)-1]
		}
	}
	return nil, 0
}

// delete sends one transaction, or finds out why it cannot be.
func (r *Removal) delete(ctx context.Context, batch []int32, scanned int) error {
	ops := make([]txOp, len(batch))
	for i, n := range batch {
		ops[i] = txOp{path: r.path(n), del: true, version: r.nodes[n].version}
	}
	call, cancel := lasting(ctx)
	err := r.s.transact(call, ops)
	cancel()
	if errors.Is(err, ErrUnknownOutcome) {
		err = r.lookAgain(ctx, ops, err)
	}
	var one *txError
	switch {
	case err == nil:
		for _, i := range batch {
			r.nodes[i].fate = fateDeleted
		}
		r.report.Deleted += int64(len(batch))
		r.segments[len(r.segments)-1].hi = scanned
		r.limit = min(r.limit*2, txOps)
		return nil
	case errors.As(err, &one):
		return r.refused(ctx, batch, one.index, one.err)
	case errors.Is(err, ErrTooBig) && len(batch) > 1:
		r.limit = len(batch) / 2
		return nil
	}
	return fmt.Errorf("stopped at %s: %w", ops[0].path, err)
}

// lookAgain finds out what became of a transaction whose answer was lost, with a
// context of its own.
func (r *Removal) lookAgain(ctx context.Context, ops []txOp, why error) error {
	epoch := r.s.currentEpoch()
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), transferGrace)
	defer cancel()
	_, v := r.s.settleTx(ops, 0)(look)
	switch {
	case v == applied:
		return nil
	case v == absent && epoch == r.s.currentEpoch() && !errors.Is(why, ErrSessionExpired):
	default:
		r.report.Unknown = int64(len(ops))
	}
	return why
}

// refused acts on the znode that prevented a transaction. The error is not nil when
// it was not about a znode.
func (r *Removal) refused(ctx context.Context, batch []int32, at int, why error) error {
	i := batch[at]
	switch {
	case errors.Is(why, ErrNoNode):
		r.nodes[i].fate = fateVanished
		r.report.Vanished++
	case errors.Is(why, ErrNotEmpty) && at > 0:
		r.limit = at // first those before it, so that what is left in it is new
	case errors.Is(why, ErrNotEmpty):
		return r.again(ctx, i)
	case errors.Is(why, ErrNoAuth):
		parent := parentOf(r.path(i))
		if p := r.nodes[i].parent; p >= 0 {
			r.nodes[p].shut = true // the permission to delete is the parent's
		}
		r.notes.add(parent, errShut)
		r.keep(i)
	case errors.Is(why, ErrBadVersion):
		r.notes.add(r.path(i), errChanged)
		r.keep(i)
	default:
		r.notes.add(r.path(i), why)
		r.keep(i)
	}
	return nil
}

// What the notes of a removal say.
var (
	errShut    = fmt.Errorf("%w to delete its children", ErrNoAuth)
	errChanged = fmt.Errorf("%w since you looked", ErrBadVersion)
	errGrew    = fmt.Errorf("%w by now", ErrNotEmpty)
	errGrowing = fmt.Errorf("%w, and new ones keep appearing", ErrNotEmpty)
	errHiding  = fmt.Errorf("%w that we may not list", ErrNotEmpty)
)

// again lists node i, which has children that were not there when it was counted,
// or that were left on purpose.
func (r *Removal) again(ctx context.Context, i int32) error {
	n := &r.nodes[i]
	path := r.path(i)
	switch {
	case !r.recursive:
		r.notes.add(path, errGrew)
		r.keep(i)
		return nil
	case n.tries >= childTries:
		r.notes.add(path, errGrowing)
		r.keep(i)
		return nil
	}
	n.tries++
	names, _, err := r.s.Children(ctx, path)
	switch {
	case errors.Is(err, ErrNoNode):
		return nil // its deletion will find out
	case err != nil && ofOne(err):
		r.notes.add(path, errHiding)
		r.keep(i)
		return nil
	case err != nil:
		return fmt.Errorf("listing again: %w", err)
	}
	lo := len(r.nodes)
	for _, name := range names {
		// What is below a new child is found the same way: it is not empty either.
		r.nodes = append(r.nodes, node{name: name, parent: i, version: -1})
	}
	if len(r.nodes) > lo {
		r.segments = append(r.segments, segment{lo, len(r.nodes)})
	}
	return nil
}

// keep leaves node i, and with it everything above it.
func (r *Removal) keep(i int32) {
	for i >= 0 && r.nodes[i].fate == fatePending {
		r.nodes[i].fate = fateKept
		r.report.Kept++
		i = r.nodes[i].parent
	}
}
