package lockctl

import (
	"slices"
	"sort"
	"time"
)

// queue is the contenders of one family in a directory, in their true order.
type queue struct {
	key   groupKey
	all   []*entry
	since time.Time // when the one before the present head left; zero: that was not told
}

// insert puts an entry where it belongs, which mostly is the end.
func (q *queue) insert(e *entry) {
	n := len(q.all)
	if n == 0 || !e.before(q.all[n-1]) {
		q.all = append(q.all, e)
		return
	}
	at := sort.Search(n, func(i int) bool { return e.before(q.all[i]) })
	q.all = slices.Insert(q.all, at, e)
}

// find is where an entry is, -1 if it is not there.
func (q *queue) find(e *entry) int {
	if len(q.all) > 0 && q.all[0] == e { // mostly who is first leaves
		return 0
	}
	at := sort.Search(len(q.all), func(i int) bool { return !q.all[i].before(e) })
	if at < len(q.all) && q.all[at] == e {
		return at
	}
	return slices.Index(q.all, e) // numbers that are no ring
}

func (q *queue) remove(e *entry) {
	at := q.find(e)
	if at < 0 {
		return
	}
	if at < len(q.all)/2 {
		copy(q.all[1:at+1], q.all[:at])
		q.all[0] = nil
		q.all = q.all[1:]
		return
	}
	q.all = slices.Delete(q.all, at, at+1)
}

// replaced puts an entry again where it belongs, something being known of it that
// settles the order among equal numbers.
func (q *queue) replaced(e *entry) {
	at := q.find(e)
	if at < 0 {
		return
	}
	if (at == 0 || !e.before(q.all[at-1])) && (at == len(q.all)-1 || !q.all[at+1].before(e)) {
		return
	}
	q.all = slices.Delete(q.all, at, at+1)
	q.insert(e)
}
