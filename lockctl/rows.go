package lockctl

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// keepRows is how long a directory is kept that is out of view.
	keepRows = 30 * time.Second
	// maxAlone bounds the directories that are followed one by one.
	maxAlone = 2_000
)

// row is a directory that is looked at though no root covers it.
type row struct {
	seen   time.Time // when it was in view last
	inView bool
	asked  bool // it was among those of the last Look
	peeked bool
	under  bool // is being listed
	more   bool // is to be listed once more then
	tries  int
	again  time.Time // when it is listed again, after a failure
}

// lookAt takes the directories that are in view. Those that were not before are listed,
// also where that was done some time ago: who asks goes by what it knows of them now.
func (b *Board) lookAt(paths []string) {
	was := map[*row]bool{}
	for _, r := range b.rows {
		was[r] = r.asked
		r.inView, r.asked = false, false
	}
	for _, p := range paths {
		r := b.see(p)
		r.asked = true
		if !was[r] {
			r.peeked, r.more = false, r.under
		}
		b.peek(p, r)
	}
	if b.opened != "" {
		b.peek(b.opened, b.see(b.opened))
	}
}

// see is the row of a directory that is in view.
func (b *Board) see(path string) *row {
	r := b.rows[path]
	if r == nil {
		r = &row{}
		b.rows[path] = r
	}
	r.inView, r.seen = true, time.Now()
	return r
}

// peek lists a row once, if nothing else tells what it is.
func (b *Board) peek(path string, r *row) {
	if r.peeked || r.under || b.dirs[path] != nil || time.Now().Before(r.again) || b.covered(path) && !b.search.running && !b.search.state.Cut && b.search.state.Err == nil {
		return
	}
	if b.others >= maxOthers { // asked for again with the next rows, or the next tick
		return
	}
	b.others++
	r.under = true
	b.work(b.ctx, func(ctx context.Context) func() {
		names, st, err := b.src.List(ctx, path)
		may := err == nil && st.EphemeralOwner == 0 && Promising(path, names)
		hinted := (err == nil && st.EphemeralOwner == 0 && st.NumChildren == 0 || errors.Is(err, ErrDenied)) && hintsOf(path).lock
		return func() {
			b.others--
			r.under = false
			if err != nil && !errors.Is(err, ErrGone) && !errors.Is(err, ErrDenied) {
				r.tries++
				r.again = time.Now().Add(min(time.Second<<min(r.tries, 5), 30*time.Second))
				return
			}
			r.peeked, r.more = !r.more, false // with the next tick, then
			if (may || hinted) && b.rows[path] == r && b.dirs[path] == nil {
				b.followAlone(path)
			}
		}
	})
}

// peekAgain lists a row once more.
func (b *Board) peekAgain(path string) {
	switch r := b.rows[path]; {
	case r == nil || !r.inView:
	case r.under:
		r.more = true
	default:
		r.peeked = false
		b.peek(path, r)
	}
}

// open has a lock in front.
func (b *Board) open(path string) {
	was := b.opened
	b.opened = path
	if l := b.locks[was]; l != nil && was != path {
		b.soil(l.dir)
	}
	if path == "" {
		return
	}
	b.wantWatches = true
	if l := b.locks[path]; l != nil {
		b.wantFirst(l.dir)
		b.soil(l.dir)
		return
	}
	b.peek(path, b.see(path))
}

// looked tells whether a directory is looked at for itself, or as part of a lock that is.
func (b *Board) looked(d *folder) bool {
	if b.rows[d.path] != nil || d.places != nil && b.rows[d.places.path] != nil || d.queue != nil && b.rows[d.queue.path] != nil {
		return true
	}
	return slices.ContainsFunc(d.locks, func(l *lock) bool { return l.path == b.opened })
}

// followAlone follows a directory by itself, and lists it then.
func (b *Board) followAlone(path string) {
	if f := b.follows[path]; f != nil {
		if f.started && !f.given {
			b.list1(path, f)
		}
		return
	}
	if f := b.followOf(path); f != nil {
		b.list1(path, f)
		return
	}
	alone := 0
	for _, f := range b.follows {
		if !f.finds {
			alone++
		}
	}
	if alone >= maxAlone {
		return
	}
	f := &follow{path: path}
	b.follows[path] = f
	b.others++
	b.work(b.ctx, func(ctx context.Context) func() {
		on, err := b.src.Follow(ctx, path)
		return func() {
			b.others--
			switch {
			case err != nil:
				b.log.Warn("a queue could not be followed", "path", path, "err", err)
				if b.follows[path] == f {
					delete(b.follows, path)
				}
				if r := b.rows[path]; r != nil {
					r.peeked, r.again = false, time.Now().Add(5*time.Second)
				}
			case b.follows[path] != f:
				on.Close()
			default:
				b.start(f, on)
				b.list1(path, f)
			}
		}
	})
}

// list1 has one directory listed that is followed by f from now on.
func (b *Board) list1(path string, f *follow) {
	d := b.dirs[path]
	if d == nil {
		b.listSoon(b.enter(path, f))
		return
	}
	if d.follow != f {
		d.follow = f
		now := b.now()
		b.missDir(d, now, now, "it is followed anew")
	}
}

// forgetRows forgets what is out of view for a while, and tries again what failed.
func (b *Board) forgetRows(now time.Time) {
	for p, r := range b.rows {
		switch {
		case r.inView:
			b.peek(p, r)
		case now.Sub(r.seen) > keepRows && !r.under:
			delete(b.rows, p)
			d := b.dirs[p]
			if d != nil && !b.covered(p) && !b.looked(d) {
				if q := d.queue; q != nil {
					b.forget(q)
				}
				b.forget(d)
			}
		}
	}
}

// disown ends the follow of a directory that was followed by itself.
func (b *Board) disown(d *folder) {
	if f := d.follow; f != nil && !f.finds && f.path == d.path {
		b.stop(f)
	}
}
