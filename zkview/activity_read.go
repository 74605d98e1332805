package zkview

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"zkdeck/zkview/wire"
)

const (
	// readWaiting is how many znodes wait for being read after a change at most; a
	// change beyond that is told without a Stat.
	readWaiting = 20_000
	// readBatch and readBytes are how many znodes, and bytes of values, are read by one
	// request at most.
	readBatch = 200
	readBytes = 4 << 20
	// readCalls is how many requests are under way where one reads one znode.
	readCalls = 8
	// bigPause is how often the value of a znode over HeldAction is read at most; in
	// between only its Stat is.
	bigPause = time.Second
)

// readQueue holds the Actions whose znodes wait to be read, the newest of each path.
type readQueue struct {
	waiting map[string]Action
	order   []string // first in, first out; may name what does not wait any more
}

// put adds an Action, if there is room, and returns the one of the same path that it
// takes the place of.
func (q *readQueue) put(x Action) (old Action, was, ok bool) {
	if q.waiting == nil {
		q.waiting = map[string]Action{}
	}
	old, was = q.waiting[x.Path]
	if !was && len(q.waiting) >= readWaiting {
		return old, false, false
	}
	q.waiting[x.Path] = x
	if !was {
		q.order = append(q.order, x.Path)
	}
	return old, was, true
}

// drop takes out a path, which needs no reading any more.
func (q *readQueue) drop(path string) (old Action, was bool) {
	old, was = q.waiting[path]
	delete(q.waiting, path)
	return old, was
}

// take takes out up to n Actions.
func (q *readQueue) take(n int) []Action {
	var batch []Action
	i := 0
	for ; i < len(q.order) && len(batch) < n; i++ {
		if x, ok := q.waiting[q.order[i]]; ok {
			batch = append(batch, x)
			delete(q.waiting, q.order[i])
		}
	}
	q.order = q.order[i:]
	if len(q.order) == 0 {
		q.order = nil
	}
	return batch
}

// readChanged reads what has changed until the Activity ends.
func (a *Activity) readChanged() {
	for a.room() {
		a.mu.Lock()
		batch := a.reads.take(readBatch)
		a.mu.Unlock()
		if len(batch) == 0 {
			select {
			case <-a.work:
			case <-a.ctx.Done():
			}
			continue
		}
		a.readBatch(batch)
	}
}

// changeRead is what was read for an Action.
type changeRead struct {
	action Action
	stat   Stat
	data   []byte
	whole  bool // data was read
	err    error
}

// readBatch reads the znodes of a batch and tells their Actions again.
func (a *Activity) readBatch(batch []Action) {
	results := a.readMany(batch)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range results {
		a.got(r)
	}
}

// readMany reads by one request where the server knows how to, in halves if their
// values are too much for one.
func (a *Activity) readMany(batch []Action) []changeRead {
	var big, rest []Action
	for _, x := range batch {
		if a.isBig(x.Path) {
			big = append(big, x)
		} else {
			rest = append(rest, x)
		}
	}
	batch = rest
	if len(batch) == 0 {
		return a.readEach(big)
	}
	results, fit, err := a.s.readTogether(a.ctx, batch)
	switch {
	case err == nil && fit:
	case err == nil && len(batch) > 1:
		half := len(batch) / 2
		results = append(a.readMany(batch[:half]), a.readMany(batch[half:])...)
	default: // an old server, or none: each says for itself what is wrong
		results = a.readEach(batch)
	}
	for i, r := range results {
		if errors.Is(r.err, ErrNoAuth) && r.stat == (Stat{}) {
			results[i] = a.readOne(r.action)
		}
	}
	if len(big) > 0 {
		results = append(results, a.readEach(big)...)
	}
	return results
}

// readTogether reads znodes by one multiRead; fit tells that their values were not more
// than readBytes. A server that does not know it is ErrUnimplemented.
func (s *Session) readTogether(ctx context.Context, batch []Action) (results []changeRead, fit bool, err error) {
	ops := make([]wire.ReadOp, len(batch))
	for i, x := range batch {
		ops[i] = wire.ReadOp{Code: wire.OpGetData, Path: s.servers.abs(x.Path)}
	}
	answers, err := askFor(ctx, s, featureMultiRead, "multiRead", "/", func(ctx context.Context, to server) ([]wire.ReadResult, error) {
		answers, err := to.MultiRead(ctx, readBytes, ops...)
		if errors.Is(err, wire.ErrReplyTooLong) || errors.Is(err, wire.ErrTooBig) {
			return nil, nil
		}
		return answers, err
	})
	if err != nil || answers == nil {
		return nil, false, err
	}
	for i, r := range answers {
		x := changeRead{action: batch[i]}
		if r.Err != 0 {
			x.err = &OpError{"getData", batch[i].Path, codeError(int32(r.Err))}
		} else {
			x.stat, x.data, x.whole = Stat(r.Stat), bytes.Clone(r.Data), true
		}
		results = append(results, x)
	}
	return results, true, nil
}

// readEach reads znodes one by one, a few at a time.
func (a *Activity) readEach(batch []Action) []changeRead {
	results := make([]changeRead, len(batch))
	var all sync.WaitGroup
	next := make(chan int)
	for range min(readCalls, len(batch)) {
		all.Go(func() {
			for i := range next {
				results[i] = a.readOne(batch[i])
			}
		})
	}
	for i := range batch {
		next <- i
	}
	close(next)
	all.Wait()
	return results
}

// readOne reads one znode. Where it may not be read there is a Stat nevertheless.
func (a *Activity) readOne(x Action) changeRead {
	r := changeRead{action: x}
	if a.isBig(x.Path) {
		r.stat, r.err = a.s.Stat(a.ctx, x.Path)
		return r
	}
	r.data, r.stat, r.err = a.s.Get(a.ctx, x.Path)
	r.whole = r.err == nil
	if errors.Is(r.err, ErrNoAuth) {
		if stat, err := a.s.Stat(a.ctx, x.Path); err == nil {
			r.stat = stat
		}
	}
	return r
}

// isBig reports whether a value is known to be long and was read a moment ago.
func (a *Activity) isBig(path string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.known.byPath[path]
	return k != nil && k.stat.DataLength > HeldAction && time.Since(k.read) < bigPause
}

// got takes in what was read; a.mu is held.
func (a *Activity) got(r changeRead) {
	x := r.action
	x.Settled = true
	switch {
	case r.err == nil, errors.Is(r.err, ErrNoAuth) && r.stat != (Stat{}):
	case errors.Is(r.err, ErrNoNode): // that it is gone is told by an Action of its own
		a.revise(x)
		return
	case errors.Is(r.err, context.Canceled), errors.Is(r.err, ErrClosed):
		return
	default:
		x.Err = r.err
		a.revise(x)
		return
	}
	value, cut := held(r.data)
	k := a.known.put(x.Path, r.stat, value, r.whole)
	if r.whole {
		k.read = time.Now()
	}
	x.Stat, x.HasStat, x.Err = r.stat, true, r.err
	x.Data, x.HasData = value, r.whole
	x.Cut = cut || !r.whole && r.err == nil
	x.Before, x.HasBefore = nil, false
	if x.Kind == DataChanged && k.stat.Mzxid == r.stat.Mzxid {
		x.Before, x.HasBefore = k.before, k.hasBefore
	}
	a.revise(x)
}
