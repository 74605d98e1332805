package lockctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// walkAgain is the least time between two searches that nobody asked for.
	walkAgain = 5 * time.Minute
	// maxNothing bounds what is remembered of directories that are no locks.
	maxNothing = 100_000
)

// search is how far the search below the roots has come.
type search struct {
	roots   []string
	running bool
	cancel  context.CancelFunc
	turn    int // which search this is
	began   time.Time
	again   bool // one is wanted
	state   Search
	gone    map[string]bool // roots that are not there
	refused map[string]bool
}

// blank is a directory that was looked at and is no lock.
type blank struct {
	until time.Time
	pause time.Duration
	again bool // something promising happened since
}

// errBudget ends a walk.
var errBudget = errors.New("the budget of the search is used up")

// searchFor begins to search below roots.
func (b *Board) searchFor(roots []string) {
	slices.Sort(roots)
	roots = slices.Compact(roots)
	roots = slices.DeleteFunc(roots, func(r string) bool { // those below others are searched with them
		return slices.ContainsFunc(roots, func(o string) bool { return o != r && under(o, r) })
	})
	old := b.search.roots
	b.search.roots = roots
	b.search.state.Roots = roots
	for _, r := range old {
		if f := b.follows[r]; f != nil && f.finds && !slices.Contains(roots, r) {
			b.stop(f)
		}
	}
	for _, r := range roots {
		if f := b.follows[r]; f != nil && (!f.finds || f.given || f.ended) {
			b.stop(f)
		}
	}
	b.rehome()
	b.walk()
}

// rehome gives every directory the follow that tells of it now; without one it is
// forgotten, unless it is looked at.
func (b *Board) rehome() {
	now := b.now()
	for _, d := range b.dirs {
		switch f := b.followOf(d.path); {
		case d.follow != nil && f == d.follow:
		case b.covered(d.path) && f == nil: // its root's follow starts soon
			if d.follow != nil {
				d.follow = nil
				b.missDir(d, now, now, "it is followed anew")
			}
		case f != nil:
			d.follow = f
			b.missDir(d, now, now, "it is followed anew")
		case b.looked(d):
			d.follow = nil
			b.followAlone(d.path)
		default:
			b.forget(d)
		}
	}
	b.news()
}

// covered tells whether a root is above a path.
func (b *Board) covered(path string) bool {
	return slices.ContainsFunc(b.search.roots, func(r string) bool {
		f := b.follows[r]
		return under(r, path) && (f == nil || !f.given)
	})
}

// walk searches all roots, one after the other.
func (b *Board) walk() {
	s := &b.search
	if s.cancel != nil {
		s.cancel()
	}
	ctx, cancel := context.WithCancel(b.ctx)
	s.cancel, s.again, s.began = cancel, false, time.Now()
	s.turn++
	s.gone, s.refused = map[string]bool{}, map[string]bool{}
	s.state.Progress, s.state.Cut, s.state.Err = SearchProgress{}, false, nil
	s.running = len(s.roots) > 0
	s.state.Running = s.running
	b.news()
	if !s.running {
		return
	}
	w := &walker{b: b, turn: s.turn, roots: s.roots, budget: b.o.Budget, following: map[string]bool{}}
	for _, r := range s.roots {
		w.following[r] = b.follows[r] != nil
	}
	b.wg.Go(func() { w.run(ctx) })
}

// searchAgain searches once more, not too often: what was made while nothing was told
// is not known.
func (b *Board) searchAgain() {
	if len(b.search.roots) > 0 {
		b.search.again = true
	}
}

// lacks notes that a root is not there, or is closed to us.
func (b *Board) lacks(root string, err error) {
	if errors.Is(err, ErrGone) {
		b.search.gone[root] = true
	} else {
		b.search.refused[root] = true
	}
	b.news()
}

// followed takes a root that is followed.
func (b *Board) followed(turn int, root string, on Following) {
	old := b.follows[root]
	if turn != b.search.turn || old != nil && old.finds {
		on.Close()
		return
	}
	if old != nil {
		b.stop(old)
	}
	f := &follow{path: root, finds: true}
	b.follows[root] = f
	b.start(f, on)
	b.search.state.Err = nil
	b.rehome()
}

// promises tells whether a child that was created makes its parent worth a look.
func (b *Board) promises(parent, name string) bool {
	if !promisingName(name) && !hintsOf(parent).lock {
		return false
	}
	return b.rested(parent)
}

// rested tells whether a directory may be looked at. One that was no lock a short while
// ago is looked at when its pause is over.
func (b *Board) rested(path string) bool {
	n := b.nothing[path]
	if n == nil || !time.Now().Before(n.until) {
		return true
	}
	if !n.again {
		n.again = true
		b.retry = append(b.retry, path)
	}
	return false
}

// retryDue looks again at directories that were no locks and have had promising
// children since.
func (b *Board) retryDue(now time.Time) {
	b.retry = slices.DeleteFunc(b.retry, func(path string) bool {
		n := b.nothing[path]
		if n == nil {
			return true
		}
		if b.dirs[path] != nil { // it is looked at, and may turn out to be none again
			n.again = false
			return true
		}
		if now.Before(n.until) {
			b.wakeAt(n.until)
			return false
		}
		n.again = false
		b.candidate(path, nil)
		return true
	})
}

// candidate has a directory listed that may have a lock. The change is what made it one,
// nil if it was found by a walk.
func (b *Board) candidate(path string, c *Change) {
	if d := b.dirs[path]; d != nil {
		if d.state == denied { // it can be listed now, as its children were
			b.relist(d, b.now())
		}
		return
	}
	if c == nil && !b.rested(path) {
		return
	}
	f := b.followOf(path)
	if f == nil {
		return
	}
	d := b.enter(path, f)
	if c != nil {
		d.from = c.At
		d.early = append(d.early, *c)
	}
	b.listSoon(d)
}

// closed takes a path that a walk could not list: a lock that was open before, or one
// by its path.
func (b *Board) closed(path string) {
	d := b.dirs[path]
	_, base := split(path)
	switch {
	case d == nil && hintsOf(path).lock && !promisingName(base): // a contender may be closed, too
		b.candidate(path, nil)
	case d != nil && d.state == live:
		b.relist(d, b.now())
	}
}

// enter makes a directory that is to be listed.
func (b *Board) enter(path string, f *follow) *folder {
	d := &folder{path: path, follow: f, kids: map[string]*entry{}, queues: map[groupKey]*queue{}, from: b.now()}
	b.dirs[path] = d
	return d
}

// blank forgets a directory that is no lock. It is not looked at again for a while,
// which grows: a busy parent would be listed all the time.
func (b *Board) blank(d *folder, children int) {
	n := b.nothing[d.path]
	if n == nil {
		if len(b.nothing) >= maxNothing {
			clear(b.nothing)
		}
		n = &blank{pause: b.pause / 2}
		b.nothing[d.path] = n
	}
	longest := 5 * time.Second
	if children > whole { // which is dear to list
		longest = 10 * time.Minute
	}
	n.pause = min(2*n.pause, longest)
	n.until = time.Now().Add(n.pause)
	b.forget(d)
}

// forget drops a directory and its locks.
func (b *Board) forget(d *folder) {
	for _, l := range slices.Clone(d.locks) {
		b.drop(l)
	}
	if b.dirs[d.path] != d {
		return
	}
	delete(b.dirs, d.path)
	if d.queue != nil {
		d.queue.places = nil
		b.soil(d.queue)
	}
	if d.places != nil {
		d.places.queue = nil
		b.soil(d.places)
	}
	b.disown(d)
}

// tidy drops a directory without locks whose znode is gone.
func (b *Board) tidy(d *folder) {
	if len(d.locks) == 0 && !b.needed(d) {
		b.forget(d)
	}
}

// searched is the search for a snapshot.
func (b *Board) searched() Search {
	s := b.search.state
	for _, r := range b.search.roots {
		switch {
		case b.search.gone[r]:
			s.Partial = append(s.Partial, fmt.Sprintf("%s does not exist. If it is made, its locks are found.", clean(r)))
		case b.search.refused[r]:
			s.Partial = append(s.Partial, fmt.Sprintf("%s may not be listed: its ACL refuses us.", clean(r)))
		}
		if f := b.follows[r]; f != nil && f.partial != "" {
			s.Partial = append(s.Partial, f.partial)
		}
	}
	if b.full {
		s.Partial = append(s.Partial, fmt.Sprintf("There are more than %d locks; the others are not followed.", maxLocks))
	}
	return s
}
