package tui

import (
	"fmt"
	"sort"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// sectionKind is what the rows of a section of an opened lock's list are.
type sectionKind uint8

const (
	togetherHead sectionKind = iota // over those that hold together, or the places of a semaphore
	contenderRows
	lineHead // over the queue before a semaphore, which is another directory
	foreignHead
	foreignRows
	standbyHead
	standbyRows
)

// section is a run of rows of one kind.
type section struct {
	kind sectionKind
	from int // the index of the first in its slice of the view
	n    int
	row  int // of the list
	text string
	// grouped tells that the rows stand under a head of their own.
	grouped bool
}

// queueRows says what each row of the list is.
type queueRows struct {
	sections []section
	n        int
	// together is how many of the first contenders stand under one head; 0: none do.
	together int
	// second is the first contender of the second directory, their number if there is
	// but one.
	second                 int
	lead, readers          int  // holders before the first that does not hold, and the readers of them
	modes, named, negative bool // there may be more than one mode; some say who they are; numbers below zero

	of      []lockctl.Contender
	holders int // of all, and below the others
	unsure  int // whose role is not known
	tally   roles
	tallied int // how many of them have been counted
}

// roles counts contenders.
type roles struct{ holders, unsure int }

// tallyStep is how many contenders are counted with a frame.
const tallyStep = 4096

// build takes the rows of a view.
func (r *queueRows) build(v *lockctl.View) {
	all := v.Contenders
	if len(all) != len(r.of) || len(all) > 0 && &all[0] != &r.of[0] {
		r.of = all
		r.look()
		r.tally, r.tallied = roles{}, 0
		if len(all) > tallyStep && r.lead > r.holders {
			r.holders = r.lead // until they are counted
		}
		r.count()
	}
	r.modes = v.Kind == lockctl.ReadWrite || r.second < len(all)
	r.sections, r.n = r.sections[:0], 0
	add := func(k sectionKind, from, n int, text string) {
		if n > 0 {
			r.sections = append(r.sections, section{kind: k, from: from, n: n, row: r.n, text: text, grouped: k == contenderRows && from < r.together})
			r.n += n
		}
	}
	r.together = r.group(v)
	rest := len(all) - r.together
	if r.together > 0 || v.Kind == lockctl.Semaphore && len(all) > 0 {
		add(togetherHead, 0, 1, r.togetherText(v))
	}
	add(contenderRows, 0, r.together, "")
	if r.second < len(all) && rest > 0 {
		add(lineHead, 0, 1, plural(rest, "contender queues", "contenders queue")+" in "+safetext.Clean(all[r.second].Dir))
	}
	add(contenderRows, r.together, rest, "")
	if n := len(v.Foreign); n > 0 {
		add(foreignHead, 0, 1, plural(n, "child", "children")+" that take no part")
		add(foreignRows, 0, n, "")
	}
	if n := len(v.Standbys); n > 0 {
		add(standbyHead, 0, 1, plural(n, "session watches", "sessions watch")+" it, likely to have it next")
		add(standbyRows, 0, n, "")
	}
}

// look settles what the rows depend on, by those at the ends of the queue.
func (r *queueRows) look() {
	all := r.of
	r.lead, r.readers = 0, 0
	for r.lead < len(all) && all[r.lead].Role == lockctl.Holder {
		r.readers += boolInt(all[r.lead].Mode == lockctl.Read)
		r.lead++
	}
	r.named, r.negative, r.second = false, false, len(all)
	if len(all) == 0 {
		return
	}
	for i := range all[:min(len(all), nearby)] {
		r.named = r.named || all[i].Identity != ""
	}
	// Numbers below zero come after those above.
	r.negative = all[0].Sequence < 0 || all[len(all)-1].Sequence < 0
	r.second = sort.Search(len(all), func(i int) bool { return all[i].Dir != all[0].Dir })
}

// count goes on with counting the roles, some thousand contenders with each frame:
// looking at all of a very long queue would take milliseconds. Until it has come to
// their end, the counts are those of the queue before.
func (r *queueRows) count() {
	to := min(r.tallied+tallyStep, len(r.of))
	for i := r.tallied; i < to; i++ {
		switch r.of[i].Role {
		case lockctl.Holder:
			r.tally.holders++
		case lockctl.Waiter:
		default:
			r.tally.unsure++
		}
	}
	if r.tallied = to; !r.counting() {
		r.holders, r.unsure = r.tally.holders, r.tally.unsure
	}
}

// counting tells that the counts may be those of the queue before.
func (r *queueRows) counting() bool { return r.tallied < len(r.of) }

// waiters is how many wait.
func (r *queueRows) waiters() int { return max(len(r.of)-r.holders-r.unsure, 0) }

// group is how many of the first contenders stand under one head: the places of a
// semaphore, and those that hold together.
func (r *queueRows) group(v *lockctl.View) int {
	switch {
	case v.Kind != lockctl.Semaphore && r.lead < 2:
		return 0
	case v.Kind == lockctl.Semaphore && r.second < len(v.Contenders):
		return r.second
	}
	return r.lead
}

// togetherText says what the head over those that hold says.
func (r *queueRows) togetherText(v *lockctl.View) string {
	n := r.together
	if v.Kind != lockctl.Semaphore {
		if r.readers == n {
			return plural(n, "reader holds", "readers hold together")
		}
		return comma(n) + " hold together"
	}
	if v.Limit > 0 {
		return fmt.Sprintf("%s of %s taken", comma(n), plural(v.Limit, "place", "places"))
	}
	return comma(n) + " of N? places taken: N is not in ZooKeeper"
}

// at is the section of a row and the index in its slice; nil if there is no such row.
func (r *queueRows) at(row int) (*section, int) {
	for i := range r.sections {
		if s := &r.sections[i]; row >= s.row && row < s.row+s.n {
			return s, s.from + row - s.row
		}
	}
	return nil, 0
}

// rowOf is the row of the index-th of a kind, -1 if there is none.
func (r *queueRows) rowOf(k sectionKind, index int) int {
	for i := range r.sections {
		if s := &r.sections[i]; s.kind == k && index >= s.from && index < s.from+s.n {
			return s.row + index - s.from
		}
	}
	return -1
}

// rowKey names what a row shows, so that it is found again when the rows are others.
type rowKey struct {
	kind      sectionKind
	dir, node string
	seq       int32
	session   int64
}

// keyOf names a row.
func (r *queueRows) keyOf(v *lockctl.View, row int) (rowKey, bool) {
	s, i := r.at(row)
	if s == nil {
		return rowKey{}, false
	}
	k := rowKey{kind: s.kind}
	switch s.kind {
	case contenderRows:
		c := &v.Contenders[i]
		k.dir, k.node, k.seq, k.session = c.Dir, c.Node, c.Sequence, 0
	case foreignRows:
		k.node = v.Foreign[i].Node
	case standbyRows:
		k.session = v.Standbys[i]
	}
	return k, true
}

// nearby is how far from where it was a contender is looked for one by one.
const nearby = 64

// find is the row that has this name, -1 if it is gone. Near is the index where it
// was. It does not look at every contender: those with a number are in its order.
func (r *queueRows) find(v *lockctl.View, k rowKey, near int) int {
	switch k.kind {
	case contenderRows:
		if i := findContender(v.Contenders, r.second, k, near); i >= 0 {
			return r.rowOf(contenderRows, i)
		}
	case foreignRows:
		for i := max(near-nearby, 0); i < min(near+nearby, len(v.Foreign)); i++ {
			if v.Foreign[i].Node == k.node {
				return r.rowOf(foreignRows, i)
			}
		}
	case standbyRows:
		for i := max(near-nearby, 0); i < min(near+nearby, len(v.Standbys)); i++ {
			if v.Standbys[i] == k.session {
				return r.rowOf(standbyRows, i)
			}
		}
	default:
		return r.rowOf(k.kind, 0)
	}
	return -1
}

// findContender is the index of a contender, -1 if it is gone. Second is where the
// second directory begins.
func findContender(all []lockctl.Contender, second int, k rowKey, near int) int {
	is := func(i int) bool { return all[i].Node == k.node && all[i].Dir == k.dir }
	for i := max(near-nearby, 0); i < min(near+nearby, len(all)); i++ {
		if is(i) {
			return i
		}
	}
	from, to := 0, second
	if len(all) == 0 || all[0].Dir != k.dir {
		from, to = second, len(all)
	}
	if from >= to {
		return -1
	}
	// The numbers are a ring that begins with the first of the queue.
	base := uint32(all[from].Sequence)
	at := from + sort.Search(to-from, func(i int) bool { return uint32(all[from+i].Sequence)-base >= uint32(k.seq)-base })
	for i := at; i < min(at+nearby, to) && all[i].Sequence == k.seq; i++ {
		if is(i) {
			return i
		}
	}
	return -1
}
