package zkview

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// longFrame is from how many bytes on a reply gets ProgressNews, and progressEvery
	// how often.
	longFrame     = 64 << 10
	progressEvery = 100 * time.Millisecond
	// longListing is from how many children on a listing may be such a reply.
	longListing = 2000
)

// readStat reads the Stat of a znode, and its value if that is wanted and has changed.
func (f *Feed) readStat(ctx context.Context, it *item, seen bool) (pause time.Duration, err error) {
	st, err := f.src.WatchStat(ctx, it.path)
	if !answered(err) {
		return 0, err
	}
	f.mu.Lock()
	value := f.gotStat(it, st, err, seen)
	if !it.lagging.IsZero() {
		pause = f.olderAfter / 4
	}
	f.mu.Unlock()
	if !value {
		return pause, nil
	}
	if st.DataLength >= longFrame {
		f.progress(ctx, it.path)
	}
	data, st, err := f.src.WatchData(ctx, it.path)
	if !answered(err) {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gotValue(it, News{Kind: DataNews, Path: it.path, At: time.Now(), Stat: st, Data: data, Err: err, Seen: seen})
	return 0, nil
}

// gotStat takes an answer about a znode and tells whether its value is to be read;
// f.mu is held.
func (f *Feed) gotStat(it *item, st Stat, err error, seen bool) (value bool) {
	now := time.Now()
	if err != nil {
		gone := errors.Is(err, ErrNoNode)
		if it.err == nil || !gone {
			it.err = err
			f.tellStat(it, now, seen && gone)
			it.kids.dirty = true
		}
		if it.want&wantData != 0 && it.value.Err == nil {
			f.gotValue(it, News{Kind: DataNews, Path: it.path, At: now, Err: err, Seen: seen})
		}
		it.valueOf = unread
		return false
	}
	if it.known != nil && it.known.Newer(st) && !f.believe(it, now) {
		return false
	}
	it.lagging = time.Time{}
	if it.err != nil || it.known == nil || *it.known != st {
		if it.err != nil {
			it.kids.dirty = true // it could not be listed before
		}
		it.err, it.known = nil, &st
		f.tellStat(it, now, seen)
	}
	if it.want&wantData == 0 || it.valueOf == st.Mzxid && it.value.Stat.Czxid == st.Czxid {
		return false
	}
	return !f.holdsValue(it, st, now, seen)
}

// holdsValue tells that a value is held back, if it is; f.mu is held.
func (f *Feed) holdsValue(it *item, st Stat, now time.Time, seen bool) bool {
	held := int64(st.DataLength) > f.wants.DataLimit && it.opened&OpenValue == 0
	if held {
		f.gotValue(it, News{
			Kind: DataNews, Path: it.path, At: now, Stat: st, Seen: seen,
			Err: &OpError{"getData", it.path, ErrHeld},
		})
	}
	return held
}

// believe decides about an answer that is older than an earlier one; f.mu is held. A
// server that lags, as one may after the session was replaced, soon catches up.
func (f *Feed) believe(it *item, now time.Time) bool {
	if it.lagging.IsZero() {
		it.lagging = now
	}
	if !f.older && now.Sub(it.lagging) < f.olderAfter {
		it.stat.dirty = true
		return false
	}
	f.older = true
	it.known, it.list, it.listed, it.valueOf = nil, nil, Stat{}, unread
	it.value = News{}
	it.kids.dirty = true
	return true
}

// gotValue keeps and tells a value, or why there is none; f.mu is held.
func (f *Feed) gotValue(it *item, n News) {
	if n.Err != nil && n.Stat == (Stat{}) && it.known != nil && it.err == nil {
		n.Stat = *it.known // what the ACL denies is the data
	}
	if n.Err == nil && it.known != nil && n.Stat.Mzxid < it.known.Mzxid {
		return // an answer that was overtaken; the watch will fire
	}
	it.value, it.valueOf = n, n.Stat.Mzxid
	if n.Err == nil && (it.known == nil || !it.known.Newer(n.Stat)) {
		it.known, it.err = &n.Stat, nil
	}
	f.tell(n)
}

// readKids lists a znode, to be shown or only for the watch that keeps its count true.
func (f *Feed) readKids(ctx context.Context, it *item, seen bool) (pause time.Duration, err error) {
	f.mu.Lock()
	old, known := it.list, it.known
	expanded := it.want&wantKids != 0
	f.mu.Unlock()
	ask := f.src.WatchChildren
	if known != nil && known.NumChildren >= longListing {
		ask = f.src.WatchLongChildren
		f.progress(ctx, it.path)
	}
	start := time.Now()
	names, st, err := ask(ctx, it.path)
	if !answered(err) {
		return 0, err
	}
	news := News{Kind: ListingNews, Path: it.path, Stat: st, Err: err}
	list := old
	switch {
	case err != nil || !expanded:
	case old == nil:
		list = PrepareListing(names)
	default:
		var few bool
		if list, news.Added, news.Removed, few = old.Update(names, diffLimit); few {
			news.Kind, news.Seen = ChildrenNews, seen
		}
	}
	news.Listing, news.At = list, time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	it.armed = err == nil && !it.kids.dirty // else it has fired already
	switch {
	case err == nil && !expanded:
		f.counted(it, news, seen)
	case err != nil && expanded:
		f.tellNoListing(it, news.At, err)
		if errors.Is(err, ErrNoNode) {
			it.stat.dirty = true
		}
	case err == nil:
		f.gotListing(it, news, seen)
	}
	return relist * time.Since(start), nil
}

// counted takes a listing that was read only for its watch and its Stat; f.mu is held.
func (f *Feed) counted(it *item, n News, seen bool) {
	if it.want&wantKids != 0 {
		it.kids.dirty = true // expanded meanwhile
	}
	f.keepStat(it, n, seen)
}

// keepStat takes a Stat that came with a listing; f.mu is held.
func (f *Feed) keepStat(it *item, n News, seen bool) {
	if it.known != nil && (*it.known == n.Stat || it.known.Newer(n.Stat)) {
		return
	}
	if it.known != nil && it.known.Mzxid != n.Stat.Mzxid {
		it.stat.dirty = true // the value is another too; its watch tells the same
	}
	it.known = &n.Stat
	f.tellStat(it, n.At, seen)
}

// gotListing keeps and tells a listing; f.mu is held.
func (f *Feed) gotListing(it *item, n News, seen bool) {
	if it.list != nil && n.Stat.Pzxid < it.listed.Pzxid {
		return // an answer that was overtaken; the watch that it left will fire
	}
	f.keepStat(it, n, seen)
	it.list, it.listed = n.Listing, n.Stat
	if n.Kind == ChildrenNews && len(n.Added)+len(n.Removed) == 0 {
		return
	}
	f.tell(n)
	// Rows that are new to the tree need their Stats again if we have them.
	for _, k := range f.items {
		dir, name := split(k.path)
		if dir == it.path && k.want&wantRow != 0 && k != it &&
			(n.Kind == ListingNews || slices.Contains(n.Added, name)) {
			f.tellStat(k, n.At, false)
		}
	}
}

// progress tells how far a long reply has come until ctx ends.
func (f *Feed) progress(ctx context.Context, path string) {
	f.wg.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				if st := f.src.Status(); st.FrameSize >= longFrame {
					f.mu.Lock()
					if ctx.Err() == nil { // or it was told that the reading is over
						f.tell(News{Kind: ProgressNews, Path: path, At: now, Got: st.FrameGot, Size: st.FrameSize})
					}
					f.mu.Unlock()
				}
			}
		}
	})
}
