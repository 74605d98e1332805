package zkview

import "slices"

// set inserts e with its extra rows. Where an equal entry is, that is replaced and
// keeps its extra rows; set then returns false.
func (s *seq[V]) set(e entry[V], extra int) bool {
	root, right, added := s.insert(s.root, e, extra)
	if right != nil {
		root = s.inner([]*seqNode[V]{root, right})
	}
	s.root = root
	return added
}

// insert returns the node that replaces d, and a right neighbour if d had to be split.
func (s *seq[V]) insert(d *seqNode[V], e entry[V], extra int) (left, right *seqNode[V], added bool) {
	d = s.mine(d)
	if d.kids == nil {
		return s.insertLeaf(d, e, extra)
	}
	at := s.kid(d, &e)
	n, x := d.kids[at].n, d.kids[at].extra
	kid, more, added := s.insert(d.kids[at], e, extra)
	d.kids[at] = kid
	d.n, d.extra = d.n+kid.n-n, d.extra+kid.extra-x
	if more != nil {
		d.kids = slices.Insert(d.kids, at+1, more)
		d.n, d.extra = d.n+more.n, d.extra+more.extra
	}
	d.lo = d.kids[0].lo
	if len(d.kids) > kidsMax {
		half := len(d.kids) / 2
		right = s.inner(slices.Clone(d.kids[half:]))
		clear(d.kids[half:])
		d.kids = d.kids[:half]
		d.n, d.extra = d.n-right.n, d.extra-right.extra
	}
	return d, right, added
}

func (s *seq[V]) insertLeaf(d *seqNode[V], e entry[V], extra int) (left, right *seqNode[V], added bool) {
	at, found := s.ent(d, &e)
	if found {
		d.ents[at] = e
		d.lo = d.ents[0]
		return d, nil, false
	}
	d.ents = slices.Insert(d.ents, at, e)
	d.n, d.lo = d.n+1, d.ents[0]
	if d.xs != nil {
		d.xs = slices.Insert(d.xs, at, 0)
	}
	d.addExtra(at, extra)
	if len(d.ents) <= leafMax {
		return d, nil, true
	}
	// Names often come in order; then a leaf stays full and the new one grows.
	half := len(d.ents) / 2
	if at == len(d.ents)-1 {
		half = at
	}
	right = &seqNode[V]{own: s.own, n: len(d.ents) - half, lo: d.ents[half], ents: slices.Clone(d.ents[half:])}
	if d.xs != nil {
		right.xs = slices.Clone(d.xs[half:])
		d.xs = d.xs[:half]
		for _, x := range right.xs {
			right.extra += x
		}
	}
	clear(d.ents[half:])
	d.ents = d.ents[:half]
	d.n, d.extra = half, d.extra-right.extra
	return d, right, true
}

// addExtra changes the extra rows of the entry at a place in a leaf.
func (d *seqNode[V]) addExtra(at, delta int) {
	if delta == 0 {
		return
	}
	if d.xs == nil {
		d.xs = make([]int, len(d.ents), len(d.ents)+1)
	}
	d.xs[at] += delta
	if d.extra += delta; d.extra == 0 {
		d.xs = nil
	}
}

// setExtra sets the extra rows of the entry that compares equal to e, and returns
// whether that is there.
func (s *seq[V]) setExtra(e entry[V], extra int) bool {
	if !s.has(e) {
		return false
	}
	s.root = s.changeExtra(s.root, &e, extra)
	return true
}

func (s *seq[V]) changeExtra(d *seqNode[V], e *entry[V], extra int) *seqNode[V] {
	d = s.mine(d)
	if d.kids == nil {
		at, _ := s.ent(d, e)
		was := 0
		if d.xs != nil {
			was = d.xs[at]
		}
		d.addExtra(at, extra-was)
		return d
	}
	at := s.kid(d, e)
	was := d.kids[at].extra
	d.kids[at] = s.changeExtra(d.kids[at], e, extra)
	d.extra += d.kids[at].extra - was
	return d
}

// remove takes out the entry that compares equal to e, with its extra rows, and
// returns whether that was there.
func (s *seq[V]) remove(e entry[V]) bool {
	if !s.has(e) {
		return false
	}
	s.root = s.cut(s.root, &e)
	for len(s.root.kids) == 1 {
		s.root = s.root.kids[0]
	}
	return true
}

func (s *seq[V]) cut(d *seqNode[V], e *entry[V]) *seqNode[V] {
	d = s.mine(d)
	if d.kids == nil {
		at, _ := s.ent(d, e)
		if d.xs != nil {
			d.addExtra(at, -d.xs[at])
		}
		if d.xs != nil {
			d.xs = slices.Delete(d.xs, at, at+1)
		}
		d.ents = slices.Delete(d.ents, at, at+1)
		if d.n--; d.n > 0 {
			d.lo = d.ents[0]
		}
		return d
	}
	at := s.kid(d, e)
	n, x := d.kids[at].n, d.kids[at].extra
	kid := s.cut(d.kids[at], e)
	d.kids[at] = kid
	d.n, d.extra = d.n+kid.n-n, d.extra+kid.extra-x
	switch {
	case kid.n == 0 && len(d.kids) > 1:
		d.kids = slices.Delete(d.kids, at, at+1)
	case at > 0 && d.kids[at-1].small(kid):
		s.join(d, at-1)
	case at+1 < len(d.kids) && kid.small(d.kids[at+1]):
		s.join(d, at)
	}
	d.lo = d.kids[0].lo
	return d
}

// small tells that two neighbours fit into half a node.
func (d *seqNode[V]) small(o *seqNode[V]) bool {
	if d.kids != nil {
		return len(d.kids)+len(o.kids) <= kidsMax/2
	}
	return len(d.ents)+len(o.ents) <= leafMax/2
}

// join merges the kids at and at+1 of d.
func (s *seq[V]) join(d *seqNode[V], at int) {
	l, r := s.mine(d.kids[at]), d.kids[at+1]
	if l.kids != nil {
		l.kids = append(l.kids, r.kids...)
	} else {
		if l.xs != nil || r.xs != nil {
			l.xs = append(l.extras(), r.extras()...)
		}
		l.ents = append(l.ents, r.ents...)
	}
	l.n, l.extra = l.n+r.n, l.extra+r.extra
	d.kids[at] = l
	d.kids = slices.Delete(d.kids, at+1, at+2)
}

// extras is a copy of xs, or as many zeros.
func (d *seqNode[V]) extras() []int {
	if d.xs == nil {
		return make([]int, len(d.ents))
	}
	return slices.Clone(d.xs)
}

// row is the row of the entry that compares equal to e, counted from 0.
func (s *seq[V]) row(e entry[V]) (int, bool) {
	row, d := 0, s.root
	for d.kids != nil {
		at := s.kid(d, &e)
		for _, k := range d.kids[:at] {
			row += k.n + k.extra
		}
		d = d.kids[at]
	}
	at, found := s.ent(d, &e)
	if !found {
		return 0, false
	}
	row += at
	if d.xs != nil {
		for _, x := range d.xs[:at] {
			row += x
		}
	}
	return row, true
}

// from calls yield for the entry in whose rows row lies, and for those behind it,
// each with its first row, until yield returns false.
func (s *seq[V]) from(row int, yield func(e entry[V], first int) bool) {
	s.root.from(row, 0, yield)
}

func (d *seqNode[V]) from(row, first int, yield func(e entry[V], first int) bool) bool {
	for _, k := range d.kids {
		rows := k.n + k.extra
		if first+rows > row && !k.from(row, first, yield) {
			return false
		}
		first += rows
	}
	for i, e := range d.ents {
		rows := 1
		if d.xs != nil {
			rows += d.xs[i]
		}
		if first+rows > row && !yield(e, first) {
			return false
		}
		first += rows
	}
	return true
}
