package lockctl

// rule is how the contenders of a recipe stand to each other.
type rule uint8

const (
	// inLine lets the first in; each waits for the one before it.
	inLine rule = iota
	// allBefore lets the first in; each waits for all before it.
	allBefore
	// firstHolds is a semaphore whose limit is not known: the first holds at least.
	firstHolds
	// allHold is places of a semaphore: who has a znode has a place.
	allHold
	// readersFirstWrite has readers wait for the first writer of the queue
	// (InterProcessReadWriteLock.readLockPredicate).
	readersFirstWrite
	// readersLastWrite has readers wait for the closest writer before them (recipes.mdx).
	readersLastWrite
)

// apply sets the roles of those in view for which mine is true. View are indices of
// contenders in order: those whom the recipe looks at. Others' contenders among them
// count as writers.
func (r rule) apply(all []Contender, view []int32, limit int, mine func(family) bool) {
	if r == readersFirstWrite || r == readersLastWrite {
		r.readWrite(all, view, mine)
		return
	}
	for k, i := range view {
		c := &all[i]
		if !mine(c.name.family) {
			continue
		}
		c.WaitsFor = NobodyBefore
		switch {
		case r == allHold || k < limit:
			c.Role = Holder
		case r == firstHolds && limit == 0:
			c.Role = Unknown
			if k == 0 {
				c.Role = Holder
			}
		default:
			c.Role, c.WaitsFor, c.All = Waiter, int(view[k-limit]), r == allBefore
		}
	}
}

func (r rule) readWrite(all []Contender, view []int32, mine func(family) bool) {
	first, last := NobodyBefore, NobodyBefore // writers so far
	for k, i := range view {
		c := &all[i]
		own := mine(c.name.family)
		reads := own && c.Mode == Read
		if own {
			c.Role, c.WaitsFor = Holder, NobodyBefore
			switch {
			case reads && first >= 0:
				c.Role, c.WaitsFor = Waiter, last
				if r == readersFirstWrite {
					c.WaitsFor = first
				}
			case !reads && k > 0:
				c.Role, c.WaitsFor = Waiter, int(view[k-1])
			}
		}
		if !reads {
			if first < 0 {
				first = int(i)
			}
			last = int(i)
		}
	}
}

// ownWrite lets a reader in that has the write lock itself: Curator counts a READ with
// the number of its session's WRIT as held, and one with a later number as held by the
// thread that holds the WRIT (CURATOR-621). It tells whether it rests on the latter.
func ownWrite(all []Contender, e *evidence) (guessed []string) {
	for i := range all {
		w := &all[i]
		if w.Mode != Write || w.Role != Holder || w.Session == 0 {
			continue
		}
		for j := i + 1; j < len(all); j++ {
			c := &all[j]
			if c.Mode != Read || c.Session != w.Session || c.name.family != curatorRW {
				continue
			}
			switch {
			case c.Sequence == w.Sequence:
			case e.watches(c.Session, i): // another thread of the same client, which waits
				continue
			default:
				guessed = append(guessed, c.Node)
			}
			c.Role, c.WaitsFor = Holder, NobodyBefore
		}
		break // of one queue one writer holds
	}
	return guessed
}

// sameClient lets in all that the head's client and session made: DistributedLog's
// ZKSessionLock counts the first of them as its own.
func sameClient(all []Contender) {
	if len(all) == 0 {
		return
	}
	head := all[0].name.id(all[0].Node)
	for i := 1; i < len(all) && all[i].name.id(all[i].Node) == head; i++ {
		all[i].Role, all[i].WaitsFor = Holder, NobodyBefore
	}
}

// tied settles contenders that have the head's number. go-zookeeper lets them all in
// (Lock compares with the lowest number); of others it depends on the order of a listing
// and on the version.
func tied(all []Contender) {
	for i := 1; i < len(all) && all[i].Sequential && all[i].Sequence == all[0].Sequence; i++ {
		c := &all[i]
		if c.Role != Waiter || c.name.family == solr || c.Mode == Read && all[0].Mode == Write {
			continue
		}
		c.Role, c.WaitsFor, c.All = Unknown, NobodyBefore, false
		if c.name.family == goZooKeeper && all[0].name.family == goZooKeeper {
			c.Role = Holder
		}
	}
}

// overtakes settles contenders whose number is below one that is before them in the
// order, the counter having passed its end: by their own comparison nobody may be in
// their way. go-zookeeper and WriteLock compare numbers; who compares text takes
// -2147483647 for lower than -2147483648 as well; some know of the ring.
func overtakes(all []Contender) {
	lowest := int32(0)
	for i := range all {
		c := &all[i]
		if !c.Sequential || c.name.family == solr {
			return
		}
		numbers := c.name.family == goZooKeeper || c.name.family == writeLock
		passed := c.Sequence < lowest || !numbers && c.Sequence < 0
		if i > 0 && passed && c.Role == Waiter {
			c.Role, c.WaitsFor, c.All = Unknown, NobodyBefore, false
			if c.name.family == goZooKeeper {
				c.Role = Holder
			}
		}
		if i == 0 || c.Sequence < lowest {
			lowest = c.Sequence
		}
	}
}
