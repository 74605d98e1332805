package zkview

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"
)

// Limits of what a Feed reads unasked, and how often.
const (
	// HeldValue is the length in bytes from which a value is read only when opened.
	HeldValue = 256 << 10
	// HeldListing is the number of children from which they are listed only when opened.
	HeldListing = 50_000
	// CountedListing is up to how many children a collapsed row has a watch on them,
	// so that their number stays true. A server answers such a watch with the listing.
	CountedListing = 256

	// linger is how long what is no longer wanted is kept, for it may be scrolled back.
	linger = 2 * time.Second
	// gap is the least time between two readings of one thing.
	gap = 33 * time.Millisecond
	// relist is how many times longer than a listing took is the time to the next one.
	relist = 10
	// feedCalls is how many requests a Feed has under way at most. It leaves room for
	// others under the limit of the session.
	feedCalls = 16
)

// Source is what a Feed needs of a [Session]. Of the reads, WatchStat is to leave
// its watch also when there is no such znode.
type Source interface {
	WatchStat(ctx context.Context, path string) (Stat, error)
	WatchData(ctx context.Context, path string) ([]byte, Stat, error)
	WatchChildren(ctx context.Context, path string) ([]string, Stat, error)
	WatchLongChildren(ctx context.Context, path string) ([]string, Stat, error)
	Unwatch(refs ...WatchRef)
	Subscribe() *Subscription
	Status() Status
}

var _ Source = (*Session)(nil)

// Feed keeps what a screen wants fresh, and tells in batches what it learns.
//
// It holds one data watch for each znode in view, expanded or selected, one child
// watch for each expanded one, and one for each other znode in view that has at
// most 256 children. Of a longer one the count is read when it comes into view.
// What is wanted no more is given up after two seconds. A value over HeldValue
// and a listing over HeldListing wait until [Feed.Open].
//
// An answer that is older than an earlier one is dropped: it comes from a server that
// lags. Where it is given for three seconds the database was replaced by an older
// one, and what it says is told.
//
// After a Resync of the session all that is wanted is read again. While there is no
// connection nothing is asked.
type Feed struct {
	src Source
	sub *Subscription

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	wake  chan struct{} // for run
	ready chan struct{} // for Next

	mu    sync.Mutex
	wants Wants
	items map[string]*item
	due   []*item // to be looked at by run
	calls int

	olderAfter time.Duration // after how long an older answer is believed
	older      bool          // one was

	lessWanted bool // something was given up since the last sweep

	out    outbox
	sent   time.Time     // when Next returned last
	urgent bool          // what waits goes out without the pause between batches
	hurry  chan struct{} // cuts the pause short for it
	closed bool
}

// NewFeed starts a feed that wants nothing yet. Close it.
func NewFeed(src Source) *Feed {
	ctx, cancel := context.WithCancel(context.Background())
	f := &Feed{
		src: src, sub: src.Subscribe(), ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), ready: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		items: map[string]*item{}, out: newOutbox(), olderAfter: 3 * time.Second,
	}
	f.wg.Go(f.run)
	f.wg.Go(f.listen)
	return f
}

// Close gives up all watches and ends everything that is under way; Next then
// returns ErrClosed. It waits for the feed's goroutines, not for the server.
func (f *Feed) Close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.cancel()
	f.sub.Close()
	f.wg.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	var refs []WatchRef
	for _, it := range f.items {
		refs = append(refs, WatchRef{it.path, DataWatch}, WatchRef{it.path, ChildrenWatch})
	}
	f.src.Unwatch(refs...)
	signal(f.ready)
}

// Want says what is to be kept fresh from now on, in place of what was before. It
// does not block. What is wanted anew is told even if it did not change. The feed
// keeps the slices; the caller does not change them.
func (f *Feed) Want(w Wants) {
	if w.DataLimit <= 0 {
		w.DataLimit = HeldValue
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || w.Data == f.wants.Data && w.DataLimit == f.wants.DataLimit &&
		slices.Equal(w.Stats, f.wants.Stats) && slices.Equal(w.Children, f.wants.Children) {
		return
	}
	if w.DataLimit != f.wants.DataLimit && w.Data == f.wants.Data && w.Data != "" {
		it := f.item(w.Data)
		it.stat.dirty, it.valueOf = true, unread
		f.look(it)
	}
	before := f.wants
	f.wants = w
	// Of those wanted neither before nor now, of which there may be many, nothing changes.
	for it := range f.wantedBy(&before) {
		it.want = 0 // was still holds it
	}
	if w.Data != "" {
		f.item(w.Data).want |= wantData
	}
	for _, p := range w.Stats {
		f.item(p).want |= wantRow
	}
	for _, p := range w.Children {
		f.item(p).want |= wantKids
	}
	now := time.Now()
	for it := range f.wantedBy(&w) {
		f.rewanted(it, now)
	}
	for it := range f.wantedBy(&before) {
		f.rewanted(it, now)
	}
	signal(f.wake)
}

// wantedBy yields the items of what is wanted, maybe more than once: first the one whose
// value is shown, then what brings more rows; f.mu is held.
func (f *Feed) wantedBy(w *Wants) iter.Seq[*item] {
	return func(yield func(it *item) bool) {
		if it := f.items[w.Data]; it != nil && !yield(it) {
			return
		}
		for _, paths := range [][]string{w.Children, w.Stats} {
			for _, p := range paths {
				if it := f.items[p]; it != nil && !yield(it) {
					return
				}
			}
		}
	}
}

// Refresh reads znodes again, as far as they are wanted.
func (f *Feed) Refresh(paths ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range paths {
		if it := f.items[p]; it != nil {
			it.again()
			it.valueOf = unread
			f.look(it)
		}
	}
}

// Opened is a set of what [Feed.Open] is to read.
type Opened uint8

// What can be too long to be read unasked.
const (
	OpenListing Opened = 1 << iota
	OpenValue
)

// Open reads a listing or a value however long it is, as soon and as long as it is
// wanted; ProgressNews tell how far it has come.
func (f *Feed) Open(path string, what Opened) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	it := f.item(path)
	f.lessWanted = true // if it is not wanted at all
	it.opened |= what
	if what&OpenListing != 0 {
		it.kids.dirty = true
	}
	if what&OpenValue != 0 {
		it.valueOf = unread
		it.stat.dirty = true
	}
	f.look(it)
}

// Cancel stops reading a long listing or value of a znode, and takes back that it was
// opened. That is told at once, also where the server answers nothing.
func (f *Feed) Cancel(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	it := f.items[path]
	if it == nil {
		return
	}
	was, now := it.opened, time.Now()
	it.opened = 0
	it.stop()
	if was&OpenListing != 0 && it.want&wantKids != 0 {
		if err := f.noListing(it); errors.Is(err, ErrHeld) {
			f.tellNoListing(it, now, err)
		}
	}
	if was&OpenValue != 0 && it.want&wantData != 0 && it.err == nil && it.known != nil && it.valueOf == unread {
		f.holdsValue(it, *it.known, now, false)
	}
}

// Next waits for news and returns all there are: the first at once, then at most one
// batch each 20 ms, but for a long listing, which goes out when it is there. Of each
// znode there is at most one of each kind. It fails with
// ctx's error, or with ErrClosed when the feed or the session was closed. One
// goroutine at a time calls it.
func (f *Feed) Next(ctx context.Context) ([]News, error) {
	for {
		f.mu.Lock()
		wait := time.Until(f.sent.Add(20 * time.Millisecond))
		if f.out.empty() {
			wait = -1
			if f.closed {
				f.mu.Unlock()
				return nil, ErrClosed
			}
		} else if wait <= 0 || f.urgent {
			news := f.out.take()
			f.sent, f.urgent = time.Now(), false
			f.mu.Unlock()
			return news, nil
		}
		f.mu.Unlock()
		if err := f.pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// pause waits for a time, or for something to be ready if the time is negative.
func (f *Feed) pause(ctx context.Context, d time.Duration) error {
	if d < 0 {
		select {
		case <-f.ready:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-f.hurry:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// listen takes the session's events.
func (f *Feed) listen() {
	for {
		events, err := f.sub.Next(f.ctx)
		if err != nil {
			f.mu.Lock()
			f.closed = true
			f.mu.Unlock()
			signal(f.ready)
			return
		}
		f.mu.Lock()
		for _, e := range events {
			f.event(e)
		}
		f.mu.Unlock()
	}
}

// event notes what an event makes worth reading; f.mu is held.
func (f *Feed) event(e Event) {
	if e.Kind == Resync {
		for _, it := range f.items {
			it.again()
			it.armed = false
			f.look(it)
		}
		n := News{Kind: ResyncNews, At: e.At}
		if e.Why != "" {
			n.Err = errors.New(e.Why)
		}
		f.tell(n)
		return
	}
	it := f.items[e.Path]
	if it == nil {
		return
	}
	switch e.Kind {
	case Created, DataChanged:
		it.stat.fired()
	case ChildrenChanged:
		it.armed = false
		if it.want&wantKids != 0 {
			it.kids.fired()
			break
		}
		it.stat.fired() // first how many there are now
		it.kids.dirty = true
	case Deleted:
		it.stat.fired()
		it.kids.fired()
		it.armed = false
	case Removed:
		// Of which of the two watches is not said; nothing has changed.
		it.stat.dirty, it.kids.dirty = true, true
		it.armed = false
	}
	if e.Kind == Created {
		it.kids.dirty = true
	}
	f.look(it)
}
