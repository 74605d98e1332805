package lockctl

import "slices"

// respects are the families whose older contenders a newcomer of the key waits for. It
// is computed from the predicates of the libraries; the main cases were tried. A family
// that is not here looks at its own names alone, as far as is known.
var respects = map[family][]family{
	goZooKeeper:  {curatorMutex, curatorRW, kazooLock, plainLock, bare},
	curatorMutex: {goZooKeeper, plainLock, bare},
	curatorRW:    {bare},
	curatorLatch: {bare},
	writeLock:    {goZooKeeper, curatorMutex, curatorLatch, zooLock, plainLock},
	zooLock:      {goZooKeeper, curatorMutex, curatorLatch, writeLock, plainLock},
	naive:        {goZooKeeper, curatorMutex, curatorRW, curatorLatch, kazooLock, plainLock, zkRuby, bare},
	zkRuby:       {goZooKeeper, curatorMutex, curatorRW, curatorLatch, kazooLock, writeLock, zooLock, plainLock, naive, twitter, bare},
	twitter:      {goZooKeeper, curatorMutex, curatorRW, curatorLatch, kazooLock, plainLock, naive, zkRuby, bare},
}

// friends are families that wait for each other and break nothing.
func friends(a, b family) bool {
	pair := func(x, y family) bool { return a == x && b == y || a == y && b == x }
	return pair(goZooKeeper, curatorMutex) || pair(writeLock, zooLock)
}

// mixedLock makes a lock of a directory in which several families queue. Each has its
// own idea of who holds; that is what the roles say.
func mixedLock(d *Directory, c *Cluster, groups []group, s *surveyed) Lock {
	l := Lock{
		Path: d.Path, Recipe: Mixed, Kind: Mutex, Certainty: Certain, Limit: 1, Wake: WakeNext,
		NextSequence: s.next,
	}
	var of []family
	safe := true
	for _, g := range groups {
		of = append(of, g.family)
		l.of = append(l.of, g.key())
		l.Certainty = min(l.Certainty, g.certainty)
		safe = safe && friends(g.family, groups[0].family) || g.family == groups[0].family
		if families[g.family].kind != Mutex {
			l.Limit = 0
		}
		if families[g.family].wake == WakeAll {
			l.Wake = WakeAll
		}
	}
	l.Contenders = contenders(d, c, s.tags, s.members(func(t tag) bool { return slices.Contains(of, t.family) }))
	head := families[l.Contenders[0].name.family]
	if l.Kind = head.kind; safe && len(groups) == 2 {
		l.Recipe = head.recipe
	}
	l.mixed = l.Recipe == Mixed
	for _, g := range groups {
		t := families[g.family]
		var view []int32
		for i := range l.Contenders {
			if f := l.Contenders[i].name.family; f == g.family || slices.Contains(respects[g.family], f) {
				view = append(view, int32(i))
			}
		}
		limit := 1
		if t.kind == ReadWrite || t.rule == allHold || t.rule == firstHolds {
			limit = 0
		}
		t.rule.apply(l.Contenders, view, limit, func(f family) bool { return f == g.family })
	}
	e := evidenceOf(l.Contenders, c)
	e.foreignWaits(l.Contenders)
	e.mark(l.Contenders)
	if l.Recipe == Mixed {
		l.warnMixed(groups)
	}
	l.warn(d, c, e)
	l.setForeign(d, s, of...)
	return l
}
