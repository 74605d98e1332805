package zkview

import (
	"context"
	"errors"
	"time"
)

const (
	// readTimeout is how long a reading may take, a long one over a slow line included.
	readTimeout = 10 * time.Minute
	// idlePoll is how often it is looked whether there is a connection again; a Resync
	// comes first but for a race.
	idlePoll = time.Second
	// spareItems is how many items that nobody wants are kept at most.
	spareItems = 2000
)

// run starts what is due and gives up what is not wanted any more.
func (f *Feed) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var sweepAt time.Time
	for {
		select {
		case <-f.wake:
		case <-timer.C:
		case <-f.ctx.Done():
			return
		}
		f.mu.Lock()
		now := time.Now()
		next := f.dispatch(now)
		if f.lessWanted {
			// What is given up now is due later than all else. Who scrolls fast gives up a
			// screen with each key and must not have all items looked at for that.
			f.lessWanted = false
			sweepAt = earlier(sweepAt, now.Add(linger))
			if len(f.items) > spareItems {
				sweepAt = now
			}
		}
		if !sweepAt.IsZero() && !sweepAt.After(now) {
			sweepAt = f.sweep(now)
		}
		if next.IsZero() || !sweepAt.IsZero() && sweepAt.Before(next) {
			next = sweepAt
		}
		f.mu.Unlock()
		timer.Stop()
		if !next.IsZero() {
			timer.Reset(max(time.Until(next), time.Millisecond))
		}
	}
}

// dispatch starts the readings that are due, and returns when the next will be; f.mu
// is held.
func (f *Feed) dispatch(now time.Time) (next time.Time) {
	if len(f.due) == 0 {
		return next
	}
	if f.src.Status().State != Connected {
		return now.Add(idlePoll)
	}
	later := f.due[:0]
	for _, it := range f.due {
		at := f.start(it, now)
		if at.IsZero() {
			it.queued = false
			continue
		}
		later = append(later, it)
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	clear(f.due[len(later):])
	f.due = later
	return next
}

// start starts what is due of an item. It returns when to look at it again: zero if
// only when something happens to it, now if as soon as a call has ended.
func (f *Feed) start(it *item, now time.Time) (again time.Time) {
	if it.want == 0 {
		return again
	}
	if it.stat.busy {
		return again // its end looks again
	}
	if it.stat.dirty {
		if at := f.mayCall(&it.stat, now); !at.IsZero() {
			return at
		}
		f.call(it, &it.stat, f.readStat)
		return again
	}
	expanded := it.want&wantKids != 0
	if !it.kids.dirty || it.kids.busy || !expanded && (it.armed || !it.counted()) {
		return again
	}
	if at := f.mayCall(&it.kids, now); !at.IsZero() {
		return at
	}
	switch err := f.noListing(it); {
	case !expanded || err == nil:
		f.call(it, &it.kids, f.readKids)
	default:
		it.kids.dirty = false
		f.tellNoListing(it, now, err)
	}
	return again
}

// mayCall returns zero if a reading may start, else when it may.
func (f *Feed) mayCall(r *reading, now time.Time) time.Time {
	switch {
	case r.after.After(now):
		return r.after
	case f.calls >= feedCalls:
		return now
	}
	return time.Time{}
}

// noListing is why an expanded znode is not to be listed.
func (f *Feed) noListing(it *item) error {
	if it.err != nil {
		return it.err
	}
	if it.list == nil && it.opened&OpenListing == 0 && it.known != nil && it.known.NumChildren > HeldListing {
		return &OpError{"getChildren", it.path, ErrHeld}
	}
	return nil
}

func (f *Feed) tellNoListing(it *item, at time.Time, err error) {
	it.list = nil
	n := News{Kind: ListingNews, Path: it.path, At: at, Err: err}
	if it.known != nil && it.err == nil {
		n.Stat = *it.known
	}
	f.tell(n)
}

// call runs a reading in a goroutine of its own; f.mu is held.
func (f *Feed) call(it *item, r *reading, read func(ctx context.Context, it *item, seen bool) (pause time.Duration, err error)) {
	ctx, cancel := context.WithTimeout(f.ctx, readTimeout)
	seen := r.start(cancel)
	f.calls++
	f.wg.Go(func() {
		start := time.Now()
		pause, err := read(ctx, it, seen)
		stopped := errors.Is(ctx.Err(), context.Canceled)
		cancel()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.calls--
		r.end(start, pause, answered(err), seen)
		if stopped {
			r.after, r.failed = time.Time{}, 0
		}
		f.look(it)
	})
}

// sweep gives up watches and memory for what was not wanted for a while, and returns
// when it has to look again; f.mu is held.
func (f *Feed) sweep(now time.Time) (next time.Time) {
	var refs []WatchRef
	idle := 0
	for _, it := range f.items {
		if it.want == 0 {
			idle++
		}
	}
	for p, it := range f.items {
		switch {
		case it.stat.busy || it.kids.busy:
			if it.want == 0 || !it.kidsIdle.IsZero() {
				next = earlier(next, now.Add(linger))
			}
		case it.want == 0 && (now.Sub(it.idle) >= linger || idle > spareItems):
			refs = append(refs, WatchRef{p, DataWatch}, WatchRef{p, ChildrenWatch})
			delete(f.items, p)
		case it.want == 0:
			next = earlier(next, it.idle.Add(linger))
		case it.kidsIdle.IsZero() || it.want&wantKids != 0:
		case now.Sub(it.kidsIdle) >= linger:
			it.kidsIdle, it.list, it.opened = time.Time{}, nil, it.opened&^OpenListing
			if !it.counted() {
				it.armed = false
				refs = append(refs, WatchRef{p, ChildrenWatch})
			}
		default:
			next = earlier(next, it.kidsIdle.Add(linger))
		}
	}
	if len(refs) > 0 {
		f.src.Unwatch(refs...)
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
