package lockctl

import "slices"

// evidence is what `wchp` shows of one queue.
type evidence struct {
	all     bool            // every server answered
	by      map[int64][]int // session to the contenders that it watches, in order
	parents map[int64]bool  // sessions with a data watch on a directory of the queue
	on      []int           // how many sessions watch each contender
}

// evidenceOf gathers the watches on the contenders and their directories.
func evidenceOf(all []Contender, c *Cluster) *evidence {
	e := &evidence{all: c.AllWatches}
	if c.Watches == nil {
		return e
	}
	e.by, e.parents = map[int64][]int{}, map[int64]bool{}
	e.on = make([]int, len(all))
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
		sessions := c.Watches[string(path)]
		e.on[i] = len(sessions)
		for _, s := range sessions {
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
