package zkview

// Listing is the set of children of one znode, prepared (sorted, counted) so that
// a [Tree] can take it over at once however long it is. It never changes; what is
// made from it shares its parts. Any goroutine may read it.
type Listing struct {
	seq *seq[int64] // of which only clones are changed
}

// PrepareListing sorts the children of one znode. It is the costly part of
// showing many children (20 to 40 ms of processor time for 312,763) and is to be called outside of the
// goroutine that draws. It keeps the strings of names, not the slice.
func PrepareListing(names []string) *Listing {
	return &Listing{newSeq(sortNames(names), byName[int64])}
}

// Len is the number of children.
func (l *Listing) Len() int { return l.seq.len() }

// Has tells whether name is a child.
func (l *Listing) Has(name string) bool { return l.seq.has(entry[int64]{name: name}) }

// All yields the names in natural order (see CompareNames).
func (l *Listing) All(yield func(name string) bool) {
	l.seq.all(func(e entry[int64]) bool { return yield(e.name) })
}

// Update compares l with the names that a later reading found. Where no more than
// limit differ it returns which, and a listing that shares all else with l; where
// more do, few is false and later is prepared from scratch.
func (l *Listing) Update(names []string, limit int) (later *Listing, added, removed []string, few bool) {
	es := sortNames(names)
	next := 0
	l.seq.all(func(e entry[int64]) bool {
		for next < len(es) {
			c := CompareNames(es[next].name, e.name)
			if c == 0 {
				next++
				return true
			}
			if c > 0 {
				break
			}
			added = append(added, es[next].name)
			next++
			if len(added)+len(removed) > limit {
				return false
			}
		}
		removed = append(removed, e.name)
		return len(added)+len(removed) <= limit
	})
	for ; next < len(es) && len(added)+len(removed) <= limit; next++ {
		added = append(added, es[next].name)
	}
	if len(added)+len(removed) > limit {
		return &Listing{newSeq(es, byName[int64])}, nil, nil, false
	}
	return l.with(added, removed), added, removed, true
}

// with returns l with some names more and some less.
func (l *Listing) with(added, removed []string) *Listing {
	// A Listing may be read by several goroutines, so its own seq is not touched, not
	// even by clone: a fresh owner is enough to copy what is changed.
	s := l.take()
	for _, n := range removed {
		s.remove(entry[int64]{name: n})
	}
	for _, n := range added {
		s.set(entry[int64]{name: n}, 0)
	}
	return &Listing{s}
}

// take returns a seq with the names of l that the caller may change.
func (l *Listing) take() *seq[int64] {
	return &seq[int64]{root: l.seq.root, own: new(owner), cmp: l.seq.cmp}
}
