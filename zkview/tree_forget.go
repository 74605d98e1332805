package zkview

// rememberedStats is how many Stats of one parent's children are kept: some pages
// up and down, but not what scrolling through 300,000 children has shown.
const rememberedStats = 10_000

// ForgetStats lets go of Stats that were shown once, of parents of which more than
// 10,000 are known; the rows from..to keep theirs, and so does what is expanded. In
// an order by a field of the Stat all are needed and none is forgotten. It is cheap
// until there are too many, which is once in 10,000 Stats that came.
func (t *Tree) ForgetStats(from, to int) {
	if t.order.By != ByName {
		return
	}
	var full []*branch
	for _, p := range t.expanded() {
		if b := t.branches[p]; b.stats != nil && b.stats.len() > rememberedStats && b.job == nil {
			full = append(full, b)
		}
	}
	if full == nil {
		return
	}
	keep := map[string]bool{}
	for _, r := range t.Rows(from, to) {
		keep[r.Path] = true
	}
	for _, b := range full {
		kept := newSeq(nil, byName[*Stat])
		for e := range b.stats.all {
			if kid := b.kids[e.name]; keep[join(b.path, e.name)] || (kid != nil && kid.open) || b.notes[e.name] != nil {
				kept.set(e, 0)
			}
		}
		b.stats = kept
	}
}
