package lockctl

import "slices"

// reduce lets in, and go, whoever can, until nobody else can. It tells whether any are
// left who wait.
func (t *tangle) reduce() bool {
	for i := range t.lines {
		t.look(int32(i))
	}
	for len(t.due) > 0 {
		now := t.due
		t.due = nil
		for _, i := range now {
			t.lines[i].due = false
			t.sweep(&t.lines[i])
		}
	}
	return slices.ContainsFunc(t.parties, func(p party) bool { return p.stuck > 0 })
}

// look notes that a line has to be swept.
func (t *tangle) look(i int32) {
	if q := &t.lines[i]; !q.due {
		q.due = true
		t.due = append(t.due, i)
	}
}

// lets tells whether a session can let go of a line once it is in: it waits in no other.
func (t *tangle) lets(s *stay) bool { return t.parties[s.party].stuck == s.stuck }

// inTheWay tells whether a seat stays where it is.
func (t *tangle) inTheWay(s *seat) bool { return s.waits || !t.lets(&t.stays[s.stay]) }

// sweep goes through a line once and lets in who can be.
func (t *tangle) sweep(q *line) {
	t.sweeps++
	var all, writers, most int32 // in the way; most is of writers of one session
	for i := q.first; i < len(q.seats); i++ {
		s := &q.seats[i]
		mine := &t.stays[s.stay]
		if mine.sweep != t.sweeps {
			mine.sweep, mine.all, mine.writers = t.sweeps, 0, 0
		}
		if s.waits {
			before := all - mine.all
			switch {
			case q.mixed:
				before = t.before(q, i)
			case s.reads:
				before = writers - mine.writers
			}
			if before < q.limit {
				s.waits = false
				t.admit(mine)
			}
		}
		switch {
		case !t.inTheWay(s):
			if i == q.first {
				q.first++
			}
			continue
		case !s.reads:
			writers, mine.writers = writers+1, mine.writers+1
			most = max(most, mine.writers)
		}
		all, mine.all = all+1, mine.all+1
		if !q.mixed && writers-most >= q.limit {
			return // so many are in the way of all who follow
		}
	}
}

// before counts who is in the way of a seat in a line of mixed recipes.
func (t *tangle) before(q *line, i int) int32 {
	n := int32(0)
	for j := q.first; j < i; j++ {
		if t.blocks(q, j, i) {
			n++
		}
	}
	return n
}

// blocks tells whether a seat is in the way of a later one.
func (t *tangle) blocks(q *line, j, i int) bool {
	a, b := &q.seats[j], &q.seats[i]
	if a.stay == b.stay || a.reads && b.reads || !t.inTheWay(a) {
		return false
	}
	if !q.mixed {
		return true
	}
	older, newer := q.lock.Contenders[a.at].name.family, q.lock.Contenders[b.at].name.family
	return older == newer || slices.Contains(respects[newer], older)
}

// admit lets one of a session's seats in, and has the lines looked at that it can
// let go of now.
func (t *tangle) admit(s *stay) {
	p := &t.parties[s.party]
	s.stuck--
	p.stuck--
	if s.stuck > 0 {
		return
	}
	if p.lines--; p.lines > 1 {
		return
	}
	for i := p.stays; i >= 0; i = t.stays[i].next {
		if o := &t.stays[i]; o != s && (p.lines == 0 || o.stuck > 0) {
			t.look(o.line)
		}
	}
}

// compact leaves only the seats that are in the way, and the lines that have any.
func (t *tangle) compact() {
	for i := range t.lines {
		q := &t.lines[i]
		kept := q.seats[:0]
		for k := range q.seats {
			s := q.seats[k]
			mine := &t.stays[s.stay]
			if s.prev < 0 {
				mine.last = -1
			}
			if !t.inTheWay(&s) {
				continue
			}
			s.prev, mine.last = mine.last, int32(len(kept))
			kept = append(kept, s)
		}
		q.seats, q.first = kept, 0
	}
}
