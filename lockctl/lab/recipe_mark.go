package lab

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// mark returns the znodes in the recipe's order, and says of each whether it is its turn.
// What is not of the recipe is behind, and has no turn; znodes of foreign contenders are
// where their numbers are.
func mark(o Options, queue []Znode) []Znode {
	all := slices.Clone(queue)
	for i := range all {
		all[i].Holder = false
	}
	switch o.Recipe {
	case Naive:
		slices.SortFunc(all, func(a, b Znode) int { return cmp.Compare(a.Name, b.Name) })
		if len(all) > 0 {
			all[0].Holder = true
		}
	case Single, NoLock:
		for i := range all {
			all[i].Holder = o.Recipe == Single && all[i].Name == singleNode
		}
	case Semaphore:
		markPlaces(all, cmp.Or(o.Slots, slotsUnlessSaid))
	default:
		slices.SortFunc(all, inQueue)
		markQueue(all, o.Recipe == ReadWrite)
	}
	return all
}

// inQueue orders by directory and number.
func inQueue(a, b Znode) int {
	return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(numberOf(a.Name), numberOf(b.Name)), cmp.Compare(a.Czxid, b.Czxid), cmp.Compare(a.Name, b.Name))
}

// markPlaces lets in so many of those with a place, which stand before the queue.
func markPlaces(all []Znode, slots int) {
	slices.SortFunc(all, inQueue) // leases before locks
	taken := 0
	for i := range all {
		if all[i].Dir == placesDir && numberOf(all[i].Name) < noNumber && taken < slots {
			all[i].Holder = true
			taken++
		}
	}
}

// placesDir is where those are that hold a semaphore.
const placesDir = "leases"

// markQueue lets in the first, and readers who have no writer before them.
func markQueue(all []Znode, readers bool) {
	for i := range all {
		reads := readers && isReader(all[i].Name)
		if numberOf(all[i].Name) == noNumber || i > 0 && !reads {
			return
		}
		all[i].Holder = true
		if !reads {
			return
		}
	}
}

// isReader tells by the name of a contender whether it only reads. Other clients' are of
// Curator and kazoo.
func isReader(name string) bool {
	stem := strings.TrimRight(name, "0123456789")
	return strings.HasSuffix(stem, "read-") || strings.HasSuffix(stem, "__READ__") || strings.HasSuffix(stem, "__rlock__")
}

// noNumber is behind every number that a server gives.
const noNumber = int64(1) << 32

// numberOf is the sequence number that ends a name: ten digits.
func numberOf(name string) int64 {
	if len(name) < 10 {
		return noNumber
	}
	n, err := strconv.ParseUint(name[len(name)-10:], 10, 31)
	if err != nil {
		return noNumber
	}
	return int64(n)
}
