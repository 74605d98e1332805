package tui

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// Bounds of one transaction, well under what a server takes in one request
// (jute.maxbuffer, 1 MB), and of what a report lists.
const (
	batchOps    = 500
	batchBytes  = 500_000
	maxTries    = 3
	maxReported = 20
)

// remover deletes a subtree from its leaves up, one transaction a step. Like the
// subtree it belongs to the command that runs, and comes back with its message.
type remover struct {
	*subtree
	recursive bool // children that nobody counted go too
	// segments are the parts of nodes still to be done, the last first: children
	// that appear meanwhile make a new one. Each is done from its end.
	segments []segment
	limit    int // operations in the next transaction

	deleted, vanished, kept int
	unknown                 int // size of the transaction whose outcome nobody knows
	notes                   []string
	moreNotes               int
}

// segment is nodes[lo:hi].
type segment struct{ lo, hi int }

func newRemover(s *subtree, recursive bool) *remover {
	return &remover{subtree: s, recursive: recursive, segments: []segment{{0, len(s.nodes)}}, limit: batchOps}
}

// step deletes one batch, or finds out why it cannot be. done tells that nothing is
// left to do; an error that the connection does not let us go on now: step may be
// called again later.
func (r *remover) step(parent context.Context, c cluster) (done bool, err error) {
	ctx, cancel := context.WithTimeout(parent, writeTimeout)
	defer cancel()
	batch, scanned := r.next()
	if len(batch) == 0 {
		return len(r.segments) == 0, nil
	}
	err = r.send(ctx, c, batch)
	var op *zkview.OpError
	switch {
	case err == nil:
		r.settle(batch, scanned)
		return false, nil
	case errors.Is(err, zkview.ErrUnknownOutcome), errors.Is(err, context.DeadlineExceeded):
		return false, r.lookAgain(parent, c, batch, scanned, err)
	case errors.Is(err, zkview.ErrTooBig) && len(batch) > 1:
		r.limit = len(batch) / 2
		return false, nil
	case errors.As(err, &op):
		return false, r.refused(ctx, c, batch, op)
	}
	return false, err
}

// next collects the nodes of the next transaction, from the end of the last
// segment; scanned is how far down it looked. Nodes that cannot go are passed over.
func (r *remover) next() (batch []int32, scanned int) {
	for len(r.segments) > 0 {
		seg := &r.segments[len(r.segments)-1]
		bytes, i := 0, seg.hi
		for ; i > seg.lo && len(batch) < r.limit && bytes < batchBytes; i-- {
			n := &r.nodes[i-1]
			if n.fate == pending && n.parent >= 0 && r.nodes[n.parent].shut {
				r.keep(int32(i - 1))
			}
			if n.fate != pending {
				continue
			}
			batch = append(batch, int32(i-1))
			bytes += len(r.path(int32(i-1))) + 17
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

func (r *remover) send(ctx context.Context, c cluster, batch []int32) error {
	if len(batch) == 1 {
		return c.Delete(ctx, r.path(batch[0]), r.version(batch[0]))
	}
	ops := make([]zkview.PathVersion, len(batch))
	for i, n := range batch {
		ops[i] = zkview.PathVersion{Path: r.path(n), Version: r.version(n)}
	}
	return c.DeleteMany(ctx, ops)
}

// settle notes that the batch is deleted.
func (r *remover) settle(batch []int32, scanned int) {
	for _, i := range batch {
		r.nodes[i].fate = deleted
	}
	r.deleted += len(batch)
	r.unknown = 0
	r.segments[len(r.segments)-1].hi = scanned
	r.limit = min(r.limit*2, batchOps)
}

// refused acts on the znode that prevented a transaction. The error is not nil when
// it was not about a znode.
func (r *remover) refused(ctx context.Context, c cluster, batch []int32, op *zkview.OpError) error {
	i, found := r.culprit(batch, op.Path)
	switch {
	case !ofDelete(op):
		return op
	case !found:
		r.limit = len(batch) / 2 // whoever it is, one of a single one
		return nil
	}
	switch {
	case errors.Is(op, zkview.ErrNoNode):
		r.nodes[i].fate = vanished
		r.vanished++
	case errors.Is(op, zkview.ErrNotEmpty):
		if k := slices.Index(batch, i); k > 0 {
			r.limit = k // first those before it, so that what is left in it is new
			return nil
		}
		return r.again(ctx, c, i)
	case errors.Is(op, zkview.ErrNoAuth):
		if p := r.nodes[i].parent; p >= 0 {
			r.nodes[p].shut = true // the permission to delete is the parent's
			r.note("The ACL of " + r.name(p) + " does not let us delete its children.")
		} else {
			r.note("The ACL of " + safetext.Clean(parentOf(r.path(i))) + " does not let us delete " + r.name(i) + ".")
		}
		r.keep(i)
	case errors.Is(op, zkview.ErrBadVersion):
		r.note(r.name(i) + " was changed by somebody else since you looked.")
		r.keep(i)
	default:
		r.note(r.name(i) + ": " + reason(op) + ".")
		r.keep(i)
	}
	return nil
}

// ofDelete tells errors that are about one of the znodes.
func ofDelete(err error) bool {
	return ofZnode(err) || errors.Is(err, zkview.ErrNotEmpty) || errors.Is(err, zkview.ErrBadVersion) ||
		errors.Is(err, zkview.ErrTooBig) || errors.Is(err, zkview.ErrBadArguments)
}

// culprit is the node of the batch with this path.
func (r *remover) culprit(batch []int32, path string) (int32, bool) {
	if len(batch) == 1 {
		return batch[0], true
	}
	for _, i := range batch {
		if r.path(i) == path {
			return i, true
		}
	}
	return 0, false
}

// again lists node i, which has children that were not there when it was counted,
// or that were left on purpose.
func (r *remover) again(ctx context.Context, c cluster, i int32) error {
	n := &r.nodes[i]
	switch {
	case !r.recursive:
		r.note(r.name(i) + " has children by now; delete it again to see how many.")
		r.keep(i)
		return nil
	case n.tries >= maxTries:
		r.note("New children keep appearing in " + r.name(i) + ".")
		r.keep(i)
		return nil
	}
	n.tries++
	lo := len(r.nodes)
	if lo >= math.MaxInt32 {
		return errors.New("there are more znodes than zkdeck can delete at once")
	}
	names, stat, err := c.Children(ctx, r.path(i))
	if err != nil && !ofZnode(err) {
		return fmt.Errorf("listing again: %w", err)
	}
	if err != nil && !errors.Is(err, zkview.ErrNoNode) {
		r.note(r.name(i) + " has children that we may not list.")
		r.keep(i)
		return nil
	}
	r.take(i, &children{names, stat, err})
	// What is below a new child is found the same way: it is not empty either.
	r.listed = len(r.nodes)
	if len(r.nodes) > lo {
		r.segments = append(r.segments, segment{lo, len(r.nodes)})
	}
	return nil
}

// keep leaves node i, and with it everything above it.
func (r *remover) keep(i int32) {
	for i >= 0 && r.nodes[i].fate == pending {
		r.nodes[i].fate = kept
		r.kept++
		i = r.nodes[i].parent
	}
}

// note adds a line, safe to draw, to the report as long as that is short.
func (r *remover) note(text string) {
	if len(r.notes) == maxReported {
		r.moreNotes++
		return
	}
	r.notes = append(r.notes, text)
}

// name is the path of node i as it is drawn.
func (r *remover) name(i int32) string { return safetext.Clean(r.path(i)) }

// lookAgain finds out what became of a transaction whose answer was lost: all or
// none of it was carried out, so one of its znodes tells, unless it vanished
// otherwise in the same moment.
func (r *remover) lookAgain(parent context.Context, c cluster, batch []int32, scanned int, why error) error {
	ctx, cancel := context.WithTimeout(parent, writeTimeout)
	defer cancel()
	_, err := c.Stat(ctx, r.path(batch[0]))
	switch {
	case errors.Is(err, zkview.ErrNoNode):
		r.settle(batch, scanned)
		return fmt.Errorf("%w; the last %s were deleted, as reading again shows", bare(why), plural(len(batch), "znode", "znodes"))
	case err == nil:
		return fmt.Errorf("%w; the last %s are still there, as reading again shows", bare(why), plural(len(batch), "znode", "znodes"))
	}
	r.unknown = len(batch)
	return why
}
