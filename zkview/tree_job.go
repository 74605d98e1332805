package zkview

// Job is sorting and filtering that is too much for the goroutine that draws. It
// works on a snapshot of the tree.
type Job struct{ parts []*part }

// Job returns what is to be sorted or filtered outside, nil if there is nothing or it
// was handed out already. Ask after each change of the tree. Hand the job, once
// run, to [Tree.Finish].
func (t *Tree) Job() *Job {
	if !t.unsettled {
		return nil
	}
	t.unsettled = false
	var j Job
	for _, b := range t.deepest() {
		if b.job == nil && b.stale(t) {
			b.job, b.touched = b.part(t), map[string]struct{}{}
			j.parts = append(j.parts, b.job)
		}
	}
	if len(j.parts) == 0 {
		return nil
	}
	return &j
}

// Run does the work; it blocks for some tenths of a second where there are hundreds
// of thousands of children. It may be called in any goroutine, once. It ends early
// when the tree wants something else.
func (j *Job) Run() {
	for _, p := range j.parts {
		if !p.stopped() {
			p.run()
		}
	}
}

// Finish takes over a job that has run. What changed meanwhile is kept.
func (t *Tree) Finish(j *Job) {
	for _, p := range j.parts {
		if p.b.job == p && p.done {
			p.b.finish(t, p)
		}
	}
}

// Missing is how many children of an expanded znode have no known Stat, so that
// sorting by a field of it leaves them at the end.
func (t *Tree) Missing(p string) int {
	b := t.branches[p]
	if b == nil || b.all == nil {
		return 0
	}
	if b.stats == nil {
		return b.all.len()
	}
	return max(0, b.all.len()-b.stats.len())
}

// Unknown returns the paths of at most max children of p whose Stat is not known. It
// looks at every child, so it is for parents with few enough to ask about.
func (t *Tree) Unknown(p string, max int) []string {
	b := t.branches[p]
	if b == nil || b.all == nil {
		return nil
	}
	var paths []string
	for e := range b.all.all {
		if len(paths) == max {
			break
		}
		if b.known(e.name) == nil {
			paths = append(paths, join(p, e.name))
		}
	}
	return paths
}
