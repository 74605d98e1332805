package zkview

import "slices"

// entry is a znode's name in a seq, with what the seq is sorted by or holds.
type entry[V any] struct {
	v    V
	name string
}

// Sizes of a seq's nodes. A leaf of 64 entries is 1.5 KB to copy when it is shared.
const (
	leafMax = 64
	kidsMax = 32
)

// owner marks the nodes that one seq may change in place.
type owner struct{ _ byte }

// seq is a sorted, counted sequence of siblings: a B+tree whose nodes know how many
// entries and how many rows are below them. A row is an entry or one of the extra
// rows that the entry's expanded children take. Finding, inserting, removing and
// finding by row number are O(log n); clone is O(1), for a node is copied before
// its first change by a seq that does not own it. So a clone may be read in another
// goroutine while the original is changed.
type seq[V any] struct {
	root *seqNode[V]
	own  *owner
	cmp  func(a, b *entry[V]) int
}

type seqNode[V any] struct {
	own   *owner
	n     int // entries at or below
	extra int // rows at or below beyond one an entry
	lo    entry[V]
	kids  []*seqNode[V]
	ents  []entry[V] // of a leaf
	xs    []int      // of a leaf in which extra is not 0: the extra rows of each entry
}

// newSeq takes over es, which is in the order of cmp and has no two equal entries.
func newSeq[V any](es []entry[V], cmp func(a, b *entry[V]) int) *seq[V] {
	s := &seq[V]{own: new(owner), cmp: cmp}
	if len(es) == 0 {
		s.root = &seqNode[V]{own: s.own}
		return s
	}
	level := make([]*seqNode[V], 0, len(es)/leafMax+1)
	leaves := make([]seqNode[V], (len(es)+leafMax-1)/leafMax)
	for i := 0; i < len(es); i += leafMax {
		j := min(i+leafMax, len(es))
		leaf := &leaves[i/leafMax]
		*leaf = seqNode[V]{own: s.own, n: j - i, lo: es[i], ents: es[i:j:j]}
		level = append(level, leaf)
	}
	for len(level) > 1 {
		up := make([]*seqNode[V], 0, len(level)/kidsMax+1)
		for i := 0; i < len(level); i += kidsMax {
			j := min(i+kidsMax, len(level))
			up = append(up, s.inner(level[i:j:j]))
		}
		level = up
	}
	s.root = level[0]
	return s
}

// inner makes a node of kids, of which there is at least one.
func (s *seq[V]) inner(kids []*seqNode[V]) *seqNode[V] {
	d := &seqNode[V]{own: s.own, kids: kids, lo: kids[0].lo}
	for _, k := range kids {
		d.n += k.n
		d.extra += k.extra
	}
	return d
}

// clone returns a seq with the same entries, independent of s from now on.
func (s *seq[V]) clone() *seq[V] {
	s.own = new(owner)
	return &seq[V]{root: s.root, own: new(owner), cmp: s.cmp}
}

func (s *seq[V]) len() int  { return s.root.n }
func (s *seq[V]) rows() int { return s.root.n + s.root.extra }

// mine returns d, or a copy of d that s may change.
func (s *seq[V]) mine(d *seqNode[V]) *seqNode[V] {
	if d.own == s.own {
		return d
	}
	c := *d
	c.own = s.own
	// Room for one more: the usual reason for a copy is an insertion.
	if d.kids != nil {
		c.kids = append(make([]*seqNode[V], 0, len(d.kids)+1), d.kids...)
	} else {
		c.ents = append(make([]entry[V], 0, len(d.ents)+1), d.ents...)
		c.xs = slices.Clone(d.xs)
	}
	return &c
}

// kid is the place of the kid in which e is or belongs.
func (s *seq[V]) kid(d *seqNode[V], e *entry[V]) int {
	lo, hi := 1, len(d.kids)
	for lo < hi {
		m := (lo + hi) / 2
		if s.cmp(&d.kids[m].lo, e) <= 0 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo - 1
}

// ent is the place in a leaf at which e is or belongs.
func (s *seq[V]) ent(d *seqNode[V], e *entry[V]) (at int, found bool) {
	lo, hi := 0, len(d.ents)
	for lo < hi {
		m := (lo + hi) / 2
		switch c := s.cmp(&d.ents[m], e); {
		case c == 0:
			return m, true
		case c < 0:
			lo = m + 1
		default:
			hi = m
		}
	}
	return lo, false
}

// get returns the entry that compares equal to e.
func (s *seq[V]) get(e entry[V]) (entry[V], bool) {
	d := s.root
	for d.kids != nil {
		d = d.kids[s.kid(d, &e)]
	}
	if at, ok := s.ent(d, &e); ok {
		return d.ents[at], true
	}
	return entry[V]{}, false
}

// has tells whether an entry that compares equal to e is there.
func (s *seq[V]) has(e entry[V]) bool {
	_, ok := s.get(e)
	return ok
}

// all yields every entry in order.
func (s *seq[V]) all(yield func(entry[V]) bool) { s.root.walk(yield) }

func (d *seqNode[V]) walk(yield func(entry[V]) bool) bool {
	for _, k := range d.kids {
		if !k.walk(yield) {
			return false
		}
	}
	for _, e := range d.ents {
		if !yield(e) {
			return false
		}
	}
	return true
}
