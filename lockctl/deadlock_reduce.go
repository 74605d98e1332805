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
		for _, p := range t.news {
			t.parties[p].news = false
			for i := t.parties[p].stays; i >= 0; i = t.stays[i].next {
				t.look(t.stays[i].line)
			}
		}
		t.news = t.news[:0]
	}
	stuck := func(s seat) bool { return s.waits }
	return slices.ContainsFunc(t.lines, func(q line) bool { return slices.ContainsFunc(q.seats, stuck) })
}

// look notes that a line has to be swept.
func (t *tangle) look(i int32) {
	if q := &t.lines[i]; !q.due {
		q.due = true
		t.due = append(t.due, i)
	}
}

// keeps tells whether what a session waits for keeps it from leaving a seat: it queued
// for it in another line, later, and still waits.
func (s *seat) keeps(line int32, w wants) bool {
	return w.line != line && (w.czxid > s.czxid || w.czxid == 0)
}

// inTheWay tells whether a seat stays where it is.
func (t *tangle) inTheWay(s *seat) bool {
	if !s.holds {
		return s.waits
	}
	mine := &t.stays[s.stay]
	p := &t.parties[mine.party]
	return len(p.waits) <= mostWaits &&
		slices.ContainsFunc(p.waits, func(w wants) bool { return s.keeps(mine.line, w) })
}

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
				t.admit(mine, int32(i))
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

// admit lets one of a session's seats in.
func (t *tangle) admit(s *stay, seat int32) {
	p := &t.parties[s.party]
	if len(p.waits) > mostWaits {
		return
	}
	p.waits = slices.DeleteFunc(p.waits, func(w wants) bool { return w.line == s.line && w.seat == seat })
	if !p.news {
		p.news = true
		t.news = append(t.news, s.party)
	}
}

// compact leaves only the seats that can be in a circle: of those that stay where they
// are, who holds, whose session holds elsewhere, and who may be in between.
func (t *tangle) compact() {
	for i := range t.lines {
		q := &t.lines[i]
		for k := range q.seats {
			if s := &q.seats[k]; s.holds && t.inTheWay(s) {
				t.parties[t.stays[s.stay].party].keeps = true
			}
		}
	}
	for i := range t.lines {
		q := &t.lines[i]
		kept := q.seats[:0]
		for k := range q.seats {
			s := q.seats[k]
			mine := &t.stays[s.stay]
			if s.prev < 0 {
				mine.last = -1
			}
			if p := &t.parties[mine.party]; !t.inTheWay(&s) || !q.through && !p.keeps {
				continue
			}
			n := int32(len(kept))
			t.move(mine, int32(k), n)
			s.prev, mine.last = mine.last, n
			kept = append(kept, s)
		}
		q.seats, q.first = kept, 0
	}
}

// move notes that a seat of a session has another place in its line.
func (t *tangle) move(s *stay, from, to int32) {
	for i, w := range t.parties[s.party].waits {
		if w.line == s.line && w.seat == from {
			t.parties[s.party].waits[i].seat = to
		}
	}
}
