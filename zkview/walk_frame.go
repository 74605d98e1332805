package zkview

import (
	"context"
	"errors"

	"zkdeck/zkview/wire"
)

// walkBounds are the sizes by which a walk keeps itself and the server in bounds.
type walkBounds struct {
	ops     int // paths a request, at most
	first   int // and to begin with
	target  int // bytes of reply to aim at
	limit   int // bytes of reply that are not held, unless for a single path
	flight  int // requests under way
	request int // bytes of request, at most
	tries   int // connections that one path may take with it
	queue   int // bytes of names waiting, from which on it goes depth-first
}

// defaultWalkBounds: beyond some hundred paths a request, little is won, and what
// a person asks meanwhile waits behind it. Where data is asked for, nobody knows
// how long a reply will be before it comes.
func defaultWalkBounds(o WalkOptions) walkBounds {
	b := walkBounds{
		ops: 200, first: 100, target: 512 << 10, limit: 32 << 20, flight: 4,
		request: 512 << 10, queue: 32 << 20, tries: 8,
	}
	if o.Fast {
		b.ops = 1000
	}
	if o.Stat || o.Data {
		b.first = 16
	}
	return b
}

// Sizes that are assumed before any are known.
const (
	likelyName = 32 // bytes of a name in a listing
	likelyData = 2 << 10
	fewPerKin  = 32 // paths of one listing in a request before any of it was read
)

// task is one read of a walk.
type task struct {
	path  string // on the server
	depth int
	kin   *walkListing // which it was among; nil for the root
	list  bool         // getChildren; else getData
	leaf  bool         // its children are not to be visited
	alone bool         // not in one request with others
	lost  int          // connections that ended instead of an answer
	// stat is what getData gave where list asks for the children thereafter.
	stat *Znode
}

// suspect reports whether it may be the task itself that ends connections: a server
// with a small jute.maxbuffer does so at a request that is long for it, and what
// stands in the way may not like an answer. One such request is sent at a time.
func (t *task) suspect() bool { return t.lost > 1 }

// most is how many tasks may be in a request with this one, of n otherwise. The
// culprit among suspects is found by asking for ever fewer.
func (t *task) most(n int) int {
	if t.suspect() {
		return max(1, n>>(2*(t.lost-1)))
	}
	return n
}

func (t *task) op() wire.ReadOp {
	if t.list {
		return wire.ReadOp{Code: wire.OpGetChildren, Path: t.path}
	}
	return wire.ReadOp{Code: wire.OpGetData, Path: t.path}
}

// frame is one request of a walk, and what came of it.
type frame struct {
	tasks  []task
	ops    []wire.ReadOp
	expect int // bytes
	after  uint64

	results    []wire.ReadResult
	err        error
	generation uint64 // of the connection that it was sent on, 0 if it was not
	many       bool   // that server knows multiRead
}

// send asks for the frame on a connection later than f.after, once.
func (f *frame) send(ctx context.Context, s *Session, limit int) {
	t, release, err := s.admit(ctx, f.after, anyEpoch)
	if err != nil {
		f.err = err
		return
	}
	defer release()
	f.generation = t.generation
	to, err := s.featured(ctx, t.link, featureMultiRead)
	f.many = err == nil
	switch {
	case f.many:
		if len(f.ops) == 1 {
			limit = 0
		}
		f.results, f.err = to.MultiRead(ctx, limit, f.ops...)
		s.learn(to, featureMultiRead, f.err)
	case errors.Is(err, ErrUnimplemented) && len(f.ops) == 1:
		var r wire.ReadResult
		r, f.err = to.ReadOne(ctx, f.ops[0])
		if r.Err != 0 && r.Err != wire.NoNode && r.Err != wire.NoAuth {
			f.err = r.Err // may be about the connection
		}
		f.results = append(f.results[:0], r)
	default:
		f.err = err
	}
}
