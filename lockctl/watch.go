package lockctl

import "slices"

// evidence is what `wchp` shows of one queue.
type evidence struct {
	all     bool            // every server answered
	by      map[int64][]int // session to the contenders that it watches, in order
	parents map[int64]bool  // sessions with a data watch on a directory of the queue
}

// evidenceOf gathers the watches on the contenders and their directories.
func evidenceOf(all []Contender, c *Cluster) *evidence {
	e := &evidence{all: c.AllWatches}
	if c.Watches == nil {
		return e
	}
	e.by, e.parents = map[int64][]int{}, map[int64]bool{}
	var path []byte
	seen := map[string]bool{}
	for i := range all {
		k := &all[i]
		if !seen[k.Dir] {
			seen[k.Dir] = true
			for _, s := range c.Watches[k.Dir] {
				e.parents[s] = true
			}
		}
		path = append(path[:0], k.Dir...)
		if k.Dir != "/" {
			path = append(path, '/')
		}
		path = append(path, k.Node...)
		for _, s := range c.Watches[string(path)] {
			e.by[s] = append(e.by[s], i)
		}
	}
	return e
}

// watches tells whether a session has a data watch on a contender.
func (e *evidence) watches(session int64, contender int) bool {
	_, ok := slices.BinarySearch(e.by[session], contender)
	return ok && session != 0
}

// crowd finds a contender that at least three wait for by their only watches, and how
// many: a watch of a session that does not queue here, such as one that looks on as we
// do, is nobody's to be woken, and who watches others too may have given up and queued
// anew.
func (e *evidence) crowd(all []Contender) (watched, n int) {
	on := map[int]int{}
	for i := range all {
		k := &all[i]
		if by := e.by[k.Session]; k.Session != 0 && k.Role == Waiter && len(by) == 1 && by[0] < i {
			on[by[0]]++
			if m := on[by[0]]; m > n {
				watched, n = by[0], m
			}
		}
	}
	if n < 3 {
		return 0, 0
	}
	return watched, n
}

// queues tells whether the watches prove a queue: somebody watches the one before it.
func (e *evidence) queues(all []Contender) bool {
	for i := 1; i < len(all); i++ {
		if all[i].Session != all[i-1].Session && e.watches(all[i].Session, i-1) {
			return true
		}
	}
	return false
}

// limit finds the N of a semaphore whose contenders watch the one N before them
// (Curator's StandardLockInternalsDriver: index - maxLeases). It is 1 unless all who
// watch agree on more.
func (e *evidence) limit(all []Contender) int {
	if !e.all || e.by == nil {
		return 1
	}
	times := map[int64]int{}
	for i := range all {
		times[all[i].Session]++
	}
	n := 0
	for i := range all {
		s := all[i].Session
		switch watched := e.by[s]; {
		case len(watched) == 0:
		case s == 0 || times[s] > 1 || len(watched) > 1, i <= watched[0], n != 0 && i-watched[0] != n:
			return 1
		default:
			n = i - watched[0]
		}
	}
	return max(n, 1)
}

// alone is the session's only contender, by session; those with several are not in it,
// because which of them a watch is for cannot be told.
func alone(all []Contender) map[int64]int {
	one := make(map[int64]int, len(all))
	for i := range all {
		if _, again := one[all[i].Session]; again {
			one[all[i].Session] = NobodyBefore
			continue
		}
		one[all[i].Session] = i
	}
	for s, i := range one {
		if s == 0 || i == NobodyBefore {
			delete(one, s)
		}
	}
	return one
}

// foreignWaits makes those wait who by their own recipe hold, and are seen to watch one
// before them that is of another: kazoo's Lock can be told to respect other names
// (extra_lock_patterns).
func (e *evidence) foreignWaits(all []Contender) {
	if e.by == nil {
		return
	}
	for s, i := range alone(all) {
		k := &all[i]
		for _, w := range e.by[s] {
			if k.Role == Holder && w < i && all[w].name.family != k.name.family {
				k.Role, k.WaitsFor = Waiter, w
			}
		}
	}
}

// waitsBehind finds contenders with nobody to wait for that are seen to watch one
// behind them, and does not call them holders. ReadLock of kazoo before 2.9 waits for
// the last writer that there is, not for the last before it (issue 649).
func (e *evidence) waitsBehind(all []Contender) (nodes []string) {
	if e.by == nil {
		return nil
	}
	for s, i := range alone(all) {
		k := &all[i]
		watched := e.by[s]
		if k.name.family != kazooLock || k.Mode != Read || k.Role != Holder || len(watched) == 0 {
			continue
		}
		if last := watched[len(watched)-1]; last > i && all[last].Mode != Read {
			k.Role = Unknown
			nodes = append(nodes, k.Node)
		}
	}
	slices.Sort(nodes)
	return nodes
}

// mark notes whose waiting was seen, and tells whether any was.
func (e *evidence) mark(all []Contender) bool {
	any := false
	for i := range all {
		k := &all[i]
		k.Seen = k.WaitsFor >= 0 && e.watches(k.Session, k.WaitsFor)
		any = any || k.Seen
	}
	return any
}
