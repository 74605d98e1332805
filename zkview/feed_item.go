package zkview

import (
	"context"
	"errors"
	"time"
)

// want is a set of reasons to keep a znode fresh.
type want uint8

const (
	wantRow  want = 1 << iota // it is in view
	wantKids                  // it is expanded
	wantData                  // its value is shown
)

// reading is the state of one thing that is read again and again.
type reading struct {
	dirty  bool      // is to be read
	seen   bool      // because a watch fired
	busy   bool      // is being read
	after  time.Time // not before
	failed int       // times in a row that no answer came
	cancel context.CancelFunc
}

// fired notes that a watch has fired.
func (r *reading) fired() { r.dirty, r.seen = true, true }

// start begins a reading; what fires from now on asks for another.
func (r *reading) start(cancel context.CancelFunc) (seen bool) {
	seen = r.seen
	r.dirty, r.seen, r.busy, r.cancel = false, false, true, cancel
	return seen
}

// end ends a reading that began at start. Without an answer it is tried again, later
// each time; a Resync does not wait for that.
func (r *reading) end(start time.Time, pause time.Duration, answered, seen bool) {
	r.busy, r.cancel = false, nil
	if answered {
		r.failed = 0
		r.after = start.Add(max(pause, gap))
		return
	}
	r.dirty, r.seen = true, r.seen || seen
	r.after = time.Now().Add(min(time.Second<<r.failed, 16*time.Second))
	r.failed = min(r.failed+1, 4)
}

// unread is no znode's Mzxid.
const unread = -1

// item is what a Feed knows of one znode.
type item struct {
	path      string
	want, was want
	idle      time.Time // since when nothing of it is wanted
	kidsIdle  time.Time // since when its children are not
	queued    bool      // in Feed.due
	opened    Opened

	stat reading // of Stat and value, by the data watch
	kids reading // of the children, by the child watch

	known   *Stat
	lagging time.Time // since when answers are older than known; zero: they are not
	err     error     // why there is no Stat
	valueOf int64     // the Mzxid of value, or unread
	value   News      // the last DataNews

	armed  bool // the child watch is there
	list   *Listing
	listed Stat
}

// item returns the item of a path, made if need be; f.mu is held.
func (f *Feed) item(p string) *item {
	it := f.items[p]
	if it == nil {
		it = &item{path: p, valueOf: unread, idle: time.Now()}
		it.stat.dirty, it.kids.dirty = true, true
		f.items[p] = it
	}
	return it
}

// again makes everything be read once more, at once.
func (it *item) again() {
	it.stat.dirty, it.kids.dirty = true, true
	it.stat.after, it.kids.after = time.Time{}, time.Time{}
	it.stat.failed, it.kids.failed = 0, 0
	if it.value.Err != nil {
		it.valueOf = unread
	}
}

// stop ends the readings that are under way.
func (it *item) stop() {
	for _, r := range []*reading{&it.stat, &it.kids} {
		if r.cancel != nil {
			r.cancel()
		}
	}
}

// counted tells that a row is to have a child watch for the sake of its count.
func (it *item) counted() bool {
	return it.want&wantRow != 0 && it.known != nil && it.err == nil &&
		it.known.NumChildren <= CountedListing && it.known.Kind() != Ephemeral
}

// rewanted compares what is wanted of an item with what was, and tells what is
// wanted anew as far as it is known; f.mu is held.
func (f *Feed) rewanted(it *item, now time.Time) {
	more, less := it.want&^it.was, it.was&^it.want
	it.was = it.want
	if more != 0 {
		it.idle = time.Time{}
	}
	if it.want == 0 && it.idle.IsZero() {
		it.idle = now
	}
	if more&wantKids != 0 {
		it.kidsIdle = time.Time{}
		switch {
		case it.list != nil:
			f.tell(News{Kind: ListingNews, Path: it.path, At: now, Listing: it.list, Stat: it.listed})
		default:
			it.kids.dirty = true // it may have been read only to be counted
		}
	}
	if less&wantKids != 0 {
		it.kidsIdle = now
		if it.kids.cancel != nil {
			it.kids.cancel()
		}
	}
	if more&(wantRow|wantKids) != 0 {
		f.tellStat(it, now, false)
	}
	if more&wantData != 0 {
		f.retellValue(it)
	}
	f.lessWanted = f.lessWanted || less != 0
	if more|less != 0 {
		f.look(it)
	}
}

// retellValue tells a value that is still good, or has it read.
func (f *Feed) retellValue(it *item) {
	gone := it.err != nil && it.value.Err != nil
	current := it.err == nil && it.known != nil && it.valueOf == it.known.Mzxid
	if !gone && !current {
		it.stat.dirty = true
		return
	}
	it.value.Seen = false
	f.tell(it.value)
}

// tellStat tells the Stat of an item, or why there is none.
func (f *Feed) tellStat(it *item, at time.Time, seen bool) {
	switch {
	case it.err != nil:
		f.tell(News{Kind: StatNews, Path: it.path, At: at, Err: it.err, Seen: seen})
	case it.known != nil:
		f.tell(News{Kind: StatNews, Path: it.path, At: at, Stat: *it.known, Seen: seen})
	}
}

// look has run decide about an item; f.mu is held.
func (f *Feed) look(it *item) {
	if !it.queued {
		it.queued = true
		f.due = append(f.due, it)
	}
	signal(f.wake)
}

// answered tells that a reading has come to an answer, be it that there is none to have.
func answered(err error) bool {
	if err == nil {
		return true
	}
	for _, lost := range []error{ErrNotSent, ErrUnknownOutcome, ErrClosed, ErrThrottled, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, lost) {
			return false
		}
	}
	return true
}
