package lockctl

import "bytes"

// queueLock makes a lock of a directory with one family. Without a survey its other
// children are not looked at.
func queueLock(d *Directory, c *Cluster, g group, s *surveyed) Lock {
	tags := tagsOf(d, s)
	t := families[g.family]
	l := Lock{
		Path: d.Path, Recipe: t.recipe, Kind: t.kind, Certainty: g.certainty, Limit: 1, Wake: t.wake,
		NextSequence: d.Stat.NextSequence(), Contenders: contenders(d, c, tags, g.members), of: []groupKey{g.key()},
	}
	if g.family == other && s == nil {
		l.Path = join(d.Path, g.stem)
	}
	r := l.settle(g, hintsOf(d.Path))
	l.rule = r
	if l.Kind == ReadWrite || r == allHold || r == firstHolds {
		l.Limit = 0
	}
	e := evidenceOf(l.Contenders, c)
	if g.family == curatorMutex || g.family == plainLock {
		if n := max(g.limit, e.limit(l.Contenders)); n > 1 {
			l.Limit, l.Kind = n, Semaphore
			if g.family == curatorMutex {
				l.Recipe = CuratorSemaphoreV1
			}
		}
	}
	for i := range l.Contenders {
		l.Contenders[i].Recipe = l.Recipe
	}
	r.apply(l.Contenders, indices(len(l.Contenders)), l.Limit, func(family) bool { return true })
	l.finish(d, c, e, g.family)
	if s != nil {
		l.setForeign(d, s, g.family)
	}
	return l
}

func tagsOf(d *Directory, s *surveyed) []tag {
	if s != nil {
		return s.tags
	}
	tags := make([]tag, len(d.Children))
	for i := range d.Children {
		tags[i] = parseName(d.Children[i].Name)
	}
	return tags
}

func indices(n int) []int32 {
	v := make([]int32, n)
	for i := range v {
		v[i] = int32(i)
	}
	return v
}

// settle chooses among the recipes that share names, by the modes, the values and the
// path, and returns the rule that holds.
func (l *Lock) settle(g group, h hints) rule {
	r := families[g.family].rule
	switch g.family {
	case kazooLock:
		if g.counts.reads > 0 {
			l.Recipe, l.Kind, l.Wake = KazooRWLock, ReadWrite, WakeReaders
		} else {
			r = inLine
		}
	case zkRuby:
		if g.counts.reads > 0 {
			l.Kind, r = ReadWrite, readersLastWrite
		}
	case plainRW:
		if g.counts.protobuf {
			l.Recipe = HBaseRWLock
		}
	case bare:
		if g.counts.json && vitess(l.Contenders) {
			l.Recipe = Vitess
		}
	}
	if l.Kind == Mutex && h.elect && !h.lock {
		l.Kind = Election // LeaderSelector, kazoo's Election: a mutex by another name
	}
	return r
}

// vitess tells whether the values are those of Vitess' topology locks.
func vitess(all []Contender) bool {
	for i := range all {
		if d := all[i].Data; bytes.Contains(d, []byte(`"HostName"`)) || bytes.Contains(d, []byte(`"Action"`)) {
			return true
		}
	}
	return false
}

// finish is what all queues have in common once the rule has been applied.
func (l *Lock) finish(d *Directory, c *Cluster, e *evidence, f family) {
	switch f {
	case curatorRW:
		l.warnOwnWrite(ownWrite(l.Contenders, e))
	case kazooLock:
		l.about(WarnWaitsBehind, e.waitsBehind(l.Contenders), "%s is seen to watch a writer behind it, which waits for it: nobody goes on if it waits too, as readers of kazoo before 2.9 do (its issue 649). Restart that client, with a newer kazoo.")
	case distributedLog:
		sameClient(l.Contenders)
	case zkRuby:
		for i := range l.Contenders {
			l.Contenders[i].All = l.Contenders[i].Role == Waiter
		}
	}
	if l.Limit == 1 {
		tied(l.Contenders)
		overtakes(l.Contenders)
	}
	if e.mark(l.Contenders) {
		l.Certainty = Certain
	}
	l.warn(d, c, e)
}
