package zkview

import (
	"slices"
	"strings"
	"time"
)

// Row is what one line of the tree shows.
type Row struct {
	Path, Name string
	Depth      int // 0 for a child of "/"; -1 for "/" itself

	Stat    Stat
	HasStat bool

	// Expanded tells that the children are shown or to be shown, Expandable that
	// there are any as far as is known, Loading that they are awaited; of a long listing
	// Got of Size bytes have come.
	Expanded, Expandable, Loading bool
	Got, Size                     int64

	// Err is why the znode could not be read, ChildErr why its children could not;
	// ErrHeld in ChildErr is a long listing that waits to be opened.
	Err, ChildErr error

	// Mark tells of a change at time At. With MarkDeleted the znode is gone.
	Mark Mark
	At   time.Time

	// Marked tells that the person has marked the znode.
	Marked bool
}

// Len is the number of rows.
func (t *Tree) Len() int { return t.root.rows() }

// Root tells about the znode "/", which has no row of its own.
func (t *Tree) Root() Row {
	r := Row{Path: "/", Depth: -1, Expanded: true, Expandable: true, Err: t.rootErr}
	if t.rootStat != nil {
		r.Stat, r.HasStat = *t.rootStat, true
	}
	t.root.fill(&r)
	return r
}

// Row returns the row at a place; ok is false if there is none.
func (t *Tree) Row(i int) (r Row, ok bool) {
	rs := t.Rows(i, i+1)
	if i < 0 || len(rs) == 0 {
		return Row{}, false
	}
	return rs[0], true
}

// Rows returns the rows from one place up to and not including another, as many of
// them as there are. It costs what the rows returned cost, not what others do.
func (t *Tree) Rows(from, to int) []Row {
	from, to = max(from, 0), min(to, t.Len())
	if from >= to {
		return nil
	}
	rs := make([]Row, 0, to-from)
	t.collect(t.root, from, to, 0, &rs)
	return rs
}

// collect appends the rows from..to of b's view, counted from b's first.
func (t *Tree) collect(b *branch, from, to, depth int, rs *[]Row) {
	b.view.from(from, func(e entry[int64], first int) bool {
		if first >= to {
			return false
		}
		if first >= from {
			*rs = append(*rs, t.row(b, e.name, depth))
		}
		if k := b.kids[e.name]; k != nil && k.rows() > 0 {
			t.collect(k, from-first-1, to-first-1, depth+1, rs)
		}
		return true
	})
}

// row describes a child of b.
func (t *Tree) row(b *branch, name string, depth int) Row {
	r := Row{Path: join(b.path, name), Name: name, Depth: depth}
	if s := b.known(name); s != nil {
		r.Stat, r.HasStat = *s, true
		r.Expandable = s.NumChildren > 0
	}
	if n := b.notes[name]; n != nil {
		r.Err = n.err
		if n.mark != Unmarked {
			r.Mark, r.At = n.mark, n.at
		}
	}
	_, r.Marked = t.marked[r.Path]
	if k := b.kids[name]; k != nil {
		k.fill(&r)
	}
	return r
}

// fill tells of a row what its branch knows.
func (b *branch) fill(r *Row) {
	r.Expanded, r.ChildErr = b.open, b.err
	r.Loading = b.want && (b.all == nil || b.size > 0)
	r.Got, r.Size = b.got, b.size
	if b.all != nil {
		r.Expandable = b.all.len() > 0
	}
}

// IndexOf returns the row of a znode; ok is false if it has none now.
func (t *Tree) IndexOf(p string) (row int, ok bool) {
	if !strings.HasPrefix(p, "/") || p == "/" {
		return 0, false
	}
	for {
		dir, name := split(p)
		b := t.branches[dir]
		if b == nil || !b.open || b.view == nil {
			return 0, false
		}
		at, found := b.view.row(b.entry(name))
		if !found {
			return 0, false
		}
		row += at
		if b == t.root {
			return row, true
		}
		row++
		p = dir
	}
}

// ToggleMark marks a znode or takes its mark away. The mark stays while the row is
// filtered out or collapsed, and goes with the znode.
func (t *Tree) ToggleMark(p string) {
	if _, ok := t.marked[p]; ok {
		delete(t.marked, p)
	} else if valid(p) && p != "/" {
		t.marked[p] = struct{}{}
	}
}

// ClearMarks takes all marks away.
func (t *Tree) ClearMarks() { clear(t.marked) }

// Marked returns the paths of the marked znodes, sorted.
func (t *Tree) Marked() []string {
	ps := make([]string, 0, len(t.marked))
	for p := range t.marked {
		ps = append(ps, p)
	}
	slices.SortFunc(ps, CompareNames)
	return ps
}

// IsMarked tells whether the person has marked a znode, shown or not.
func (t *Tree) IsMarked(p string) bool {
	_, ok := t.marked[p]
	return ok
}

// MarkedLen is how many znodes are marked.
func (t *Tree) MarkedLen() int { return len(t.marked) }

// Wants returns what a [Feed] is to keep fresh while the rows from..to are on the
// screen and the znode selected is shown in detail. The caller adds how much of the
// value it wants.
func (t *Tree) Wants(from, to int, selected string) Wants {
	rows := t.Rows(from, to)
	w := Wants{Stats: make([]string, 0, len(rows)), Children: t.expanded(), Data: selected}
	for i := range rows {
		if r := &rows[i]; r.Mark != MarkDeleted {
			w.Stats = append(w.Stats, r.Path)
		}
	}
	return w
}

// expanded lists the znodes whose children are shown or would be if they were known.
// The caller does not change the slice.
func (t *Tree) expanded() []string {
	if t.openedStale {
		t.openedStale = false
		t.opened = nil
		var walk func(b *branch)
		walk = func(b *branch) {
			if !b.open {
				return
			}
			t.opened = append(t.opened, b.path)
			for _, k := range b.kids {
				walk(k)
			}
		}
		walk(t.root)
		slices.Sort(t.opened)
	}
	return t.opened
}
