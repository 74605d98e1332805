package tui

import (
	"fmt"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// flat gives each worker a few cells in a row, with the arrow of its watch before it;
// what has no room is counted.
func (q *labQueue) flat() {
	each := q.c.flatEach()
	n := len(q.spots)
	room := max(q.parts.line-1, 1)
	y0 := q.parts.line - room
	switch {
	case y0 == 0 || q.s.Options.Recipe == lab.NoLock:
	case q.c.fan:
		q.on.put(1, 0, q.st.dim, q.st.up+" each watches the "+q.parent())
	case q.s.Options.Recipe == lab.Fair:
		q.on.put(1, 0, q.st.dim, q.st.head+" each watches the one to its left")
	default:
		q.on.put(1, 0, q.st.dim, q.st.head+" watches one that is before it")
	}
	more := ""
	if n > room*each {
		for n > 0 {
			n--
			more = fmt.Sprintf("and %d more", len(q.spots)-n)
			if row, at := n/each, n%each; row < room && 1+at*q.c.flatWidth+len(more) < q.width {
				break
			}
		}
	}
	for i := range n {
		q.chip(i, 1+(i%each)*q.c.flatWidth, y0+i/each)
	}
	q.on.put(1+(n%each)*q.c.flatWidth, y0+n/each, q.st.dim, more)
}

// chip draws the spot at i from x, y on in one row.
func (q *labQueue) chip(i, x, y int) {
	st, p, m, l := q.st, &q.spots[i], &q.marks[i], q.links[i]
	k, rule, head := st.text, st.rule, st.head
	at := x
	if q.c.fan {
		rule, head = "", st.up
		at += boolInt(m.sign == " ") // so that it is seen whose it is
	}
	if l.lit {
		k = st.lit
		if !q.c.fan {
			rule = st.litRule
		}
	}
	if l.there {
		q.on.put(at, y, k, head+rule)
	}
	name := q.name(p, q.c.flatWidth-4)
	if m.loud {
		q.on.put(x+1, y, m.ink, m.sign+" "+name)
	} else {
		if m.sign != " " {
			q.on.put(x+1, y, m.ink, m.sign)
		}
		if m.ink == st.bold { // fifty bold names are none
			m.ink = st.text
		}
		q.on.put(x+3, y, m.ink, name)
	}
	if q.hit(p, x, x+q.c.flatWidth-1, y, 1) {
		q.on.put(x+2, y, st.accent, st.bar)
		if !m.loud {
			q.on.choose(x+3, x+3+safetext.Width(name), y)
		}
	}
}

// labAside is the order in which those are named that are not in the line.
var labAside = []lab.WorkerState{lab.Thinking, lab.Connecting, lab.GivenUp, lab.Crashed, lab.Gone}

// aside names on row y who is not in the line, by what they do.
func (q *labQueue) aside(y int) {
	in := map[int]bool{}
	for i := range q.spots {
		if w := q.spots[i].worker; w != nil {
			in[w.N] = true
		}
	}
	x := 1
	for _, state := range labAside {
		word := labDoes(state) + "  "
		for i := range q.s.Workers {
			w := &q.s.Workers[i]
			if w.State != state || in[w.N] {
				continue
			}
			name := labName(w.N)
			if x+len(word)+len(name)+len(" and more") > q.width {
				q.on.put(x, y, q.st.dim, "and more")
				return
			}
			q.on.put(x, y, q.st.dim, word)
			x += len(word)
			word = ""
			k := q.st.text
			if state == lab.Gone {
				k = q.st.dim
			}
			if w.Frozen {
				k = q.st.warn
				name += " frozen"
			}
			q.on.put(x, y, k, name)
			if q.hit(&labSpot{worker: w}, x, x+len(name), y, 1) {
				q.on.choose(x-1, x+len(name)+1, y)
			}
			x += len(name) + 1
		}
		if word == "" {
			x += 2
		}
	}
}
