package zkview

import (
	"errors"
	"strings"
	"time"
)

// Mark tells that a row has just changed.
type Mark uint8

// The marks of a row. A row with MarkDeleted is of a znode that is gone.
const (
	Unmarked Mark = iota
	MarkCreated
	MarkChanged
	MarkDeleted
)

// MarkTime is how long a row stays marked, and how long the row of a deleted znode
// stays.
const MarkTime = 2 * time.Second

// tickMax bounds the work of one Tick.
const tickMax = 256

// fade is a mark that ends.
type fade struct {
	b    *branch
	name string
	at   time.Time // the mark's time; another time means that the znode was marked anew
}

// Apply takes news in the order in which a [Feed] hands them out. What is older than
// what is shown changes nothing.
func (t *Tree) Apply(news ...News) {
	for i := range news {
		t.apply(&news[i])
	}
}

func (t *Tree) apply(n *News) {
	switch n.Kind {
	case StatNews, DataNews:
		t.applyStat(n)
	case ListingNews:
		t.applyListing(n)
	case ChildrenNews:
		t.applyChildren(n)
	case ProgressNews:
		if b := t.branches[n.Path]; b != nil && b.want {
			b.got, b.size = n.Got, n.Size
		}
	case ResyncNews:
		// Nothing that is shown is wrong by that; what changed comes as other news.
	}
}

// applyStat notes the Stat of a znode, or why it could not be read.
func (t *Tree) applyStat(n *News) {
	if n.Path == "/" {
		t.rootErr = n.Err
		if n.Err == nil && (t.rootStat == nil || n.Older || !t.rootStat.Newer(n.Stat)) {
			t.rootStat = &n.Stat
		}
		return
	}
	dir, name := split(n.Path)
	b := t.branches[dir]
	if b == nil || !b.lists(name) {
		return
	}
	if n.Err != nil {
		if n.Stat != (Stat{}) {
			t.setStat(b, name, n.Stat, n.Older)
		}
		if errors.Is(n.Err, ErrHeld) {
			return // that a value is long is no fault of the row
		}
		b.note(name).err = n.Err
		if n.Seen && errors.Is(n.Err, ErrNoNode) {
			t.mark(b, name, MarkDeleted, n.At)
		}
		return
	}
	old := b.known(name)
	if !t.setStat(b, name, n.Stat, n.Older) {
		return
	}
	if k := b.notes[name]; k != nil && !k.gone && (n.Kind == DataNews || !errors.Is(k.err, ErrNoAuth)) {
		k.err = nil // an ACL that forbids the data does not forbid the Stat
	}
	if n.Seen && old != nil && (n.Stat.Mzxid != old.Mzxid || n.Stat.Czxid != old.Czxid) {
		t.mark(b, name, MarkChanged, n.At)
	}
	b.tidy(name)
}

// setStat keeps the Stat of a child unless a later one is known, which it tells by
// returning false; with older that does not count.
func (t *Tree) setStat(b *branch, name string, s Stat, older bool) bool {
	old := b.known(name)
	if old != nil {
		if old.Newer(s) && !older {
			return false
		}
		if *old == s {
			return true
		}
	}
	b.touch(name)
	if b.view == nil || b.order.By == ByName || b.order.key(old) == b.order.key(&s) {
		b.setKnown(name, &s)
		return true
	}
	was := b.entry(name)
	in := b.view.remove(was)
	b.setKnown(name, &s)
	if in {
		extra := 0
		if k := b.kids[name]; k != nil {
			extra = k.rows()
		}
		b.view.set(b.entry(name), extra)
	}
	return true
}

// touch notes that a child changed while a job works on a snapshot.
func (b *branch) touch(name string) {
	if b.job != nil {
		b.touched[name] = struct{}{}
	}
}

// tidy forgets a note that says nothing.
func (b *branch) tidy(name string) {
	if n := b.notes[name]; n != nil && *n == (note{at: n.at}) {
		delete(b.notes, name)
	}
}

// mark marks a row; Tick ends it.
func (t *Tree) mark(b *branch, name string, m Mark, at time.Time) {
	n := b.note(name)
	n.mark, n.at = m, at
	t.fading = append(t.fading, fade{b, name, at})
}

// applyListing takes over a whole listing, or notes why there is none.
func (t *Tree) applyListing(n *News) {
	b := t.branches[n.Path]
	if b == nil {
		return
	}
	if n.Err != nil {
		b.err, b.want = n.Err, false
		if n.Stat != (Stat{}) {
			t.keep(n.Path, n.Stat, n.Older)
		}
		return
	}
	if n.Listing == nil || b.all != nil && !n.Older && n.Stat.Pzxid < b.stat.Pzxid {
		return
	}
	t.listed(b, n)
	before := b.view
	b.all = n.Listing.take()
	for name, g := range b.notes {
		if g.gone {
			delete(b.notes, name)
		}
	}
	b.forgetLost(t)
	b.place(t, before)
	t.settle(b)
}

// listed notes what every successful listing tells.
func (t *Tree) listed(b *branch, n *News) {
	b.err, b.want, b.got, b.size, b.stat = nil, false, 0, 0, n.Stat
	t.keep(n.Path, n.Stat, n.Older)
}

// keep is applyStat for a Stat that came with something else.
func (t *Tree) keep(p string, s Stat, older bool) {
	if p == "/" {
		if t.rootStat == nil || older || !t.rootStat.Newer(s) {
			t.rootStat = &s
		}
		return
	}
	dir, name := split(p)
	if b := t.branches[dir]; b != nil && b.lists(name) {
		t.setStat(b, name, s, older)
	}
}

// lists tells whether name is a child as far as is known.
func (b *branch) lists(name string) bool {
	return b.all == nil || b.all.has(entry[int64]{name: name})
}

// forgetLost drops what is kept of children that a new listing does not have. It
// looks at branches and at marked rows, of which there are few, not at the listing.
func (b *branch) forgetLost(t *Tree) {
	for name, k := range b.kids {
		if !b.all.has(entry[int64]{name: name}) {
			if b.view != nil { // which may stand until a job has made another
				b.view.setExtra(b.entry(name), 0)
			}
			t.drop(k)
		}
	}
	for p := range t.marked {
		if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(b.path, "/")+"/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			if !b.all.has(entry[int64]{name: name}) {
				delete(t.marked, p)
			}
		}
	}
	if b.stats != nil {
		b.prune = b.stats.len() > 0
	}
}

// applyChildren applies what changed in a listing.
func (t *Tree) applyChildren(n *News) {
	b := t.branches[n.Path]
	if b == nil || b.all == nil || n.Err == nil && !n.Older && n.Stat.Pzxid < b.stat.Pzxid {
		return
	}
	t.listed(b, n)
	for _, name := range n.Removed {
		t.remove(b, name, n)
	}
	for _, name := range n.Added {
		t.add(b, name, n)
	}
	t.settle(b)
}

// add gives a new child its row.
func (t *Tree) add(b *branch, name string, n *News) {
	b.touch(name)
	if g := b.notes[name]; g != nil && g.gone {
		g.gone, g.err, g.mark = false, nil, Unmarked
	}
	if b.all.set(entry[int64]{name: name}, 0) {
		// Rows and Stats may be left of a znode of this name that a job has yet to forget.
		if b.view != b.all {
			b.view.remove(b.entry(name))
		}
		b.setKnown(name, nil)
	}
	if b.view != b.all && b.wants(name) {
		b.view.set(b.entry(name), 0)
	}
	if k := b.kids[name]; k != nil { // opened before it was listed
		t.settle(k)
	}
	if n.Seen {
		t.mark(b, name, MarkCreated, n.At)
	}
	b.tidy(name)
}

// remove strikes out the row of a deleted child. Tick takes it away.
func (t *Tree) remove(b *branch, name string, n *News) {
	if !b.all.has(entry[int64]{name: name}) {
		return
	}
	if k := b.kids[name]; k != nil {
		k.open, k.view, k.all = false, nil, nil
		t.settle(k)
		b.all.setExtra(entry[int64]{name: name}, 0)
		t.drop(k)
	}
	t.unmark(join(b.path, name))
	b.note(name).gone = true
	t.mark(b, name, MarkDeleted, n.At)
}

// unmark clears the person's marks at and below a path that is gone.
func (t *Tree) unmark(p string) {
	if len(t.marked) == 0 {
		return
	}
	delete(t.marked, p)
	for m := range t.marked {
		if strings.HasPrefix(m, p+"/") {
			delete(t.marked, m)
		}
	}
}

// bury takes a deleted child's row away.
func (t *Tree) bury(b *branch, name string) {
	b.touch(name)
	delete(b.notes, name)
	e := b.entry(name)
	if b.view != b.all {
		b.view.remove(e)
	}
	b.all.remove(entry[int64]{name: name})
	b.setKnown(name, nil)
	t.settle(b)
}

// Tick ends the marks that are older than [MarkTime] and takes away the rows of znodes
// that were deleted so long ago. It returns when it is to be called next, the zero
// time if there is nothing to wait for.
func (t *Tree) Tick(now time.Time) (next time.Time) {
	i := 0
	for ; i < len(t.fading); i++ {
		f := &t.fading[i]
		if end := f.at.Add(MarkTime); end.After(now) {
			next = end
			break
		} else if i == tickMax {
			next = now
			break
		}
		if t.branches[f.b.path] != f.b {
			continue // collapsed or gone since
		}
		if n := f.b.notes[f.name]; n != nil && n.at.Equal(f.at) {
			if n.gone {
				t.bury(f.b, f.name)
			} else {
				n.mark = Unmarked
				f.b.tidy(f.name)
			}
		}
	}
	clear(t.fading[:i])
	if t.fading = t.fading[i:]; len(t.fading) == 0 {
		t.fading = nil
	}
	return next
}
