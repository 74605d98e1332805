package zkview

import "slices"

// inlineMax is up to how many children are sorted or filtered at once; more are
// left to a [Job].
const inlineMax = 1000

// Order returns how siblings are to be sorted.
func (t *Tree) Order() Order { return t.order }

// SetOrder sorts all siblings anew. Where there are many the rows stay as they are
// until [Tree.Job] is done.
func (t *Tree) SetOrder(o Order) {
	t.order = o
	t.rearrange()
}

// Filter returns which rows are to be shown.
func (t *Tree) Filter() Filter { return t.filter }

// SetFilter shows only the znodes that match and those above them, among those whose
// listing is known. Where there are many the rows stay until [Tree.Job] is done.
func (t *Tree) SetFilter(f Filter) {
	t.filter = f
	t.rearrange()
}

// rearrange does what is small, the deepest first so that a parent knows whether
// anything below matches, and leaves the rest to Job.
func (t *Tree) rearrange() {
	budget := t.inline
	t.unsettled = true
	for _, b := range t.deepest() {
		b.stopJob()
		if b.stale(t) && b.all.len() <= budget {
			budget -= b.all.len()
			b.arrange(t)
		}
	}
}

// deepest lists the branches that have a listing, children before parents.
func (t *Tree) deepest() []*branch {
	var bs []*branch
	var walk func(b *branch)
	walk = func(b *branch) {
		for _, k := range b.kids {
			walk(k)
		}
		if b.all != nil {
			bs = append(bs, b)
		}
	}
	walk(t.root)
	return bs
}

// stale tells that b's rows are not as the tree wants them.
func (b *branch) stale(t *Tree) bool {
	return b.all != nil && (b.prune || b.order != t.order || b.show != t.filter)
}

// place finds the rows for a listing that has just replaced another, or the first.
// before are the rows so far.
func (b *branch) place(t *Tree, before *seq[int64]) {
	b.stopJob()
	t.unsettled = true
	plain := t.order == Order{} && !t.filter.Active()
	switch {
	case plain && (b.stats == nil || b.stats.len() == 0):
		b.show, b.order, b.prune = t.filter, t.order, false
		b.install(b.all)
	case b.all.len() <= t.inline && (b.stats == nil || b.stats.len() <= t.inline):
		b.arrange(t)
	case plain:
		b.show, b.order = t.filter, t.order
		b.install(b.all) // only prune is left to do
	case before != nil:
		// The old rows stand until Job has sorted the new ones.
		b.prune = true
		if b.order == (Order{}) && !b.show.Active() {
			b.install(b.all)
		}
	case t.filter.Active():
		b.show, b.order, b.prune = t.filter, t.order, true
		b.install(newSeq(nil, b.order.compare()))
	default:
		b.order, b.prune = Order{}, true
		b.install(b.all)
	}
}

// arrange sorts and filters at once.
func (b *branch) arrange(t *Tree) {
	p := b.part(t)
	p.run()
	b.finish(t, p)
}

// part is a snapshot of one branch, and what becomes of it.
type part struct {
	b     *branch
	all   *seq[int64]
	stats *seq[*Stat]
	order Order
	show  Filter
	quit  chan struct{}

	view  *seq[int64]
	known *seq[*Stat]
	done  bool
}

func (b *branch) part(t *Tree) *part {
	p := &part{b: b, all: b.all.clone(), order: t.order, show: t.filter, quit: make(chan struct{})}
	if b.stats != nil {
		p.stats = b.stats.clone()
	}
	return p
}

// stopJob makes a job that is under way worthless.
func (b *branch) stopJob() {
	if b.job != nil {
		close(b.job.quit)
		b.job, b.touched = nil, nil
	}
}

// run sorts and filters the snapshot.
func (p *part) run() {
	var known, last []entry[*Stat]
	if p.stats != nil {
		last = make([]entry[*Stat], 0, p.stats.len())
		p.stats.all(func(e entry[*Stat]) bool { last = append(last, e); return true })
		known = make([]entry[*Stat], 0, min(len(last), p.all.len()))
	}
	var es []entry[int64]
	if !p.plain() {
		es = make([]entry[int64], 0, p.all.len())
	}
	seen, next := 0, 0
	p.all.all(func(e entry[int64]) bool {
		if seen++; seen%4096 == 0 && p.stopped() {
			return false
		}
		var s *Stat
		for next < len(last) && s == nil {
			c := CompareNames(last[next].name, e.name)
			if c > 0 {
				break
			}
			if c == 0 {
				s = last[next].v
				known = append(known, last[next])
			}
			next++
		}
		if !p.plain() && (!p.show.Active() || p.show.Match(e.name)) {
			es = append(es, entry[int64]{name: e.name, v: p.order.key(s)})
		}
		return true
	})
	if p.stopped() {
		return
	}
	if p.stats != nil {
		p.known = newSeq(known, byName[*Stat])
	}
	if !p.plain() {
		p.view = newSeq(arranged(es, p.order), p.order.compare())
	}
	p.done = true
}

// plain tells that the rows are simply all children by name.
func (p *part) plain() bool { return p.order == Order{} && !p.show.Active() }

func (p *part) stopped() bool {
	select {
	case <-p.quit:
		return true
	default:
		return false
	}
}

// arranged sorts entries that stand in the natural order of their names.
func arranged(es []entry[int64], o Order) []entry[int64] {
	if o.By == ByName {
		if o.Desc {
			slices.Reverse(es)
		}
		return es
	}
	slices.SortStableFunc(es, func(a, b entry[int64]) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	return es
}

// finish takes over what run made, and replays on it what changed meanwhile.
func (b *branch) finish(t *Tree, p *part) {
	touched := b.touched
	b.job, b.touched, b.prune = nil, nil, false
	now := b.stats
	if p.known != nil {
		b.stats = p.known
	}
	view := p.view
	if p.plain() {
		view = b.all
	}
	b.order, b.show = p.order, p.show
	for name := range touched {
		var was, is *Stat
		if p.stats != nil {
			e, _ := p.stats.get(entry[*Stat]{name: name})
			was = e.v
		}
		if now != nil {
			e, _ := now.get(entry[*Stat]{name: name})
			is = e.v
		}
		b.setKnown(name, is)
		if !p.plain() {
			view.remove(entry[int64]{name: name, v: b.order.key(was)})
			if b.all.has(entry[int64]{name: name}) && b.show.Match(name) {
				view.set(b.entry(name), 0)
			}
		}
	}
	b.install(view)
	t.settle(b)
}

// install makes view the rows of b and counts in what is expanded below.
func (b *branch) install(view *seq[int64]) {
	b.view = view
	for name, k := range b.kids {
		if !b.wants(name) {
			continue
		}
		if e := b.entry(name); view.has(e) {
			view.setExtra(e, k.rows())
		} else {
			view.set(e, k.rows())
		}
	}
}
