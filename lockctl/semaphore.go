package lockctl

import (
	"bytes"
	"strconv"
)

// semaphore recognises those that have a queue in another directory: Curator's
// InterProcessSemaphoreV2 and kazoo's Semaphore. It is also told by its queue alone,
// when no place is taken.
func semaphore(d *Directory, c *Cluster, s *surveyed) (Lock, bool) {
	var queue []Contender
	inQueue := func(f family) {
		if d.Queue == nil || d.Queue.Path != QueueOf(d.Path) || d.Queue.Stat.EphemeralOwner != 0 {
			return
		}
		q := survey(d.Queue)
		queue = contenders(d.Queue, c, q.tags, q.members(func(t tag) bool { return t.family == f && t.mode == Exclusive }))
	}
	dir, base := split(d.Path)
	l := Lock{
		Path: d.Path, Kind: Semaphore, Wake: WakeHead, Certainty: Certain,
		NextSequence: s.next,
	}
	f := curatorLease
	switch {
	case s.counts[curatorLease].members > 0, base == "leases":
		if base == "leases" {
			l.Path = dir
		}
		inQueue(curatorMutex)
	default:
		f = kazooPlace
		inQueue(kazooLock)
		ok := false
		if l.Limit, l.Certainty, ok = kazooLimit(d, s, len(queue) > 0); !ok {
			return l, false
		}
	}
	l.Recipe, l.rule, l.of = families[f].recipe, allHold, []groupKey{{family: f}}
	l.Contenders = contenders(d, c, s.tags, s.members(func(t tag) bool { return t.family == f }))
	places := len(l.Contenders)
	if places+len(queue) == 0 {
		return l, false
	}
	l.Contenders = append(l.Contenders, queue...)
	for i := range l.Contenders {
		l.Contenders[i].Recipe = l.Recipe
	}
	all := indices(len(l.Contenders))
	whole := func(family) bool { return true }
	allHold.apply(l.Contenders, all[:places], 0, whole)
	inLine.apply(l.Contenders, all[places:], 1, whole)
	if len(queue) > 0 {
		l.settleHead(places, len(d.Children))
	}
	e := evidenceOf(l.Contenders, c)
	e.mark(l.Contenders)
	l.setForeign(d, s, f)
	l.warn(d, c, e)
	return l, true
}

// settleHead says what the first of the queue waits for: it is the only one that
// watches the places. Curator's makes its place first and waits until there are not too
// many; how many that is, ZooKeeper does not know.
func (l *Lock) settleHead(places, children int) {
	head := &l.Contenders[places]
	head.Role = Unknown
	if places == 0 {
		return
	}
	switch newest := &l.Contenders[places-1]; {
	case l.Recipe == CuratorSemaphore:
		// It queued for that place, not with one that it had before.
		if head.Session != 0 && newest.Session == head.Session && newest.Stat.Czxid > head.Stat.Czxid {
			newest.Role = Unknown
			head.Role, head.WaitsFor = Waiter, places-1
		}
	case l.Limit > 0 && children >= l.Limit:
		head.Role, head.WaitsFor = Waiter, places-1
	}
}

// kazooLimit tells whether a directory is a semaphore of kazoo's, which is named by its
// value: the number of places in decimal.
func kazooLimit(d *Directory, s *surveyed, queued bool) (limit int, sure Certainty, ok bool) {
	places := s.counts[kazooPlace]
	if places.persistent > 0 || places.service || places.members == 0 && !queued {
		return 0, 0, false
	}
	if d.Data == nil { // it could be, if there is a value
		may := !d.Stat.Known() || d.Stat.DataLength > 0 && d.Stat.DataLength <= 10
		return 0, Possible, may && (places.members > 0 || queued)
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(d.Data)), 10, 32)
	if err != nil || n < 1 {
		return 0, Likely, queued && places.members > 0
	}
	sure = Certain
	if places.unseen > 0 {
		sure = Likely
	}
	return int(n), sure, true
}
