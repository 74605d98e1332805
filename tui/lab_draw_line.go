package tui

import (
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// labQueue draws the line of workers of a lane on a canvas.
type labQueue struct {
	*labDrawing
	s       *lab.Snapshot
	c       labCells
	spots   []labSpot
	marks   []labMark
	links   []labLink
	on      *canvas
	from    int // the row of the lane on which the canvas begins
	tooMany bool
}

// lineRows draws the workers in the line with what they watch, and below it those that
// are not in it. from is the row of the lane on which that begins.
func (d *labDrawing) lineRows(s *lab.Snapshot, from int) []string {
	q := labQueue{labDrawing: d, s: s, c: labCellsOf(s, d.width), spots: labSpots(s), from: from}
	q.on = newCanvas(d.st, d.width, d.parts.line+d.parts.off)
	_, q.tooMany = labHolders(s)
	for i := range q.spots {
		l := d.link(s, q.spots, i)
		q.links = append(q.links, l)
		q.marks = append(q.marks, d.mark(s, &q.spots[i], q.tooMany, l.lit))
	}
	switch {
	case s.State == "":
		d.nothing(q.on)
	case len(q.spots) == 0 && d.parts.line > 0:
		q.on.put(1, min(1, d.parts.line-1), d.st.dim, "nobody asks for it at this moment")
	case d.parts.flat:
		q.flat()
	default:
		q.tall()
	}
	if d.parts.off > 0 {
		q.aside(d.parts.line)
	}
	return q.on.lines(d.st)
}

// nothing says why there is no run.
func (d *labDrawing) nothing(on *canvas) {
	why, k := d.look.lanes[d.lane].why, d.st.bad
	if why == "" {
		why, k = "starting "+d.st.ellipsis, d.st.dim
	}
	for i, l := range wrapWords(why, max(d.width-2, 1)) {
		on.put(1, i, k, l)
	}
}

// tall gives each worker a place of its own with room for its znode and a word.
func (q *labQueue) tall() {
	for from := 0; from < len(q.spots); from += q.c.each {
		line := from / q.c.each
		y := line * labTallRows
		to := min(from+q.c.each, len(q.spots))
		if q.c.fan {
			q.trunk(from, to, y)
		}
		for i := from; i < to; i++ {
			q.place(i, q.nameAt(i-from), y+1)
		}
	}
}

// nameAt is the column where the name of the at-th in a line begins.
func (q *labQueue) nameAt(at int) int { return q.c.margin + at*q.c.width }

// place draws the spot at i with its name at x, y.
func (q *labQueue) place(i, x, y int) {
	st, p, m := q.st, &q.spots[i], &q.marks[i]
	room := q.c.width - 1
	name := q.name(p, room-3)
	before := x - 2
	if m.loud {
		before--
	}
	if !q.c.fan {
		from := 1
		if at := i % q.c.each; at > 0 {
			from = q.nameAt(at-1) + safetext.Width(q.name(&q.spots[i-1], room-3)) + 1
			if q.marks[i-1].loud {
				from++
			}
		}
		to := before
		switch {
		case m.loud:
		case m.sign == " ":
			to = x - 1
		default:
			to = before - 1
		}
		q.arrow(q.links[i], from, to, y)
	}
	if m.loud {
		q.on.put(before, y, m.ink, " "+m.sign+" "+name+" ")
	} else {
		q.on.put(x-2, y, m.ink, m.sign)
		q.on.put(x, y, m.ink, name)
	}
	node, says := q.node(p, room), m.word
	if safetext.Width(says) > room {
		says, _, _ = strings.Cut(says, " ") // the sentence below says the rest
	}
	q.on.put(x, y+1, st.dim, node)
	q.on.put(x, y+2, m.says, safetext.Truncate(says, room))
	to := x + max(safetext.Width(name), safetext.Width(node), safetext.Width(says))
	if !q.hit(p, before, to, y, 3) {
		return
	}
	if m.sign == " " {
		before++
	}
	for r := range 3 {
		if r > 0 || !m.loud { // the block stays as loud as it is
			q.on.choose(before, min(to+1, x+room), y+r)
		}
	}
	q.on.put(before-1, y, st.accent, st.bar)
}

// arrow draws a watch from column to back to column from, the head first.
func (q *labQueue) arrow(l labLink, from, to, y int) {
	if !l.there || to-from < 1 {
		return
	}
	k, rule := q.st.text, q.st.rule
	if l.lit {
		k, rule = q.st.lit, q.st.litRule
	}
	q.on.put(from, y, k, q.st.head)
	q.on.fill(from+1, to, y, k, rule)
	if w := safetext.Width(l.to); w > 0 && w <= to-from-1 {
		q.on.put(from+1, y, k, l.to)
	}
}

// trunk draws the watches of a line of workers that all watch the same.
func (q *labQueue) trunk(from, to, y int) {
	st := q.st
	first, last, lastLit := -1, -1, -1
	for i := from; i < to; i++ {
		if q.links[i].there {
			if first < 0 {
				first = i
			}
			last = i
			if q.links[i].lit {
				lastLit = i
			}
		}
	}
	begin := q.c.margin - 2
	label := q.parent()
	k := st.text
	if lastLit >= 0 {
		k = st.lit
	}
	q.on.put(1, y, k, label)
	if last < 0 {
		return
	}
	stub := func(i int) int { return q.nameAt(i-from) + (safetext.Width(q.name(&q.spots[i], q.c.width-4))-1)/2 }
	q.on.put(begin, y, k, st.head)
	q.on.fill(begin+1, stub(last), y, st.text, st.rule)
	if lastLit >= 0 {
		q.on.fill(begin+1, stub(lastLit), y, st.lit, st.litRule)
	}
	for i := from; i < to; i++ {
		l := q.links[i]
		if !l.there {
			continue
		}
		sign, k := st.teeDown, st.text
		switch {
		case l.lit && i == last:
			sign, k = st.litCorner, st.lit
		case l.lit:
			sign, k = st.litTee, st.lit
		case i == last:
			sign = st.corners[1]
		case i < lastLit:
			k = st.lit
		}
		q.on.put(stub(i), y, k, sign)
	}
}

// parent is what all watch.
func (q *labQueue) parent() string {
	if q.s.Options.Recipe == lab.Single {
		return "znode"
	}
	return "parent"
}

// hit notes where a spot is, and tells whether it is the selected one.
func (q *labQueue) hit(p *labSpot, from, to, y, rows int) bool {
	if p.worker == nil {
		return false
	}
	for r := range rows {
		q.look.hits = append(q.look.hits, labHit{q.top + q.from + y + r, q.x + from, q.x + to, q.lane, p.worker.N})
	}
	return q.lane == q.front && p.worker.N == q.look.sel
}

// name is what a spot is called in at most room cells.
func (q *labQueue) name(p *labSpot, room int) string {
	if p.worker != nil {
		return labName(p.worker.N)
	}
	if p.znode.Worker > 0 {
		return labName(p.znode.Worker)
	}
	return safetext.Truncate("other", max(room, 1))
}

// node is the znode of a spot in at most room cells: its number, or as much of it as
// tells it from the others.
func (q *labQueue) node(p *labSpot, room int) string {
	switch {
	case q.s.Options.Recipe == lab.NoLock, q.s.Options.Recipe == lab.Single && p.znode == nil && p.worker.State == lab.Waiting:
		return ""
	case p.znode == nil && p.worker != nil && p.worker.Node != "" && p.worker.State == lab.Waiting:
		return labNode(p.worker.Node, room)
	case p.znode == nil:
		return "no znode"
	}
	return labNode(p.znode.Name, room)
}

// labNode is the end of a znode's name in at most room cells.
func labNode(name string, room int) string {
	name = safetext.Clean(name)
	if i := len(name) - 10; i > 0 && strings.Trim(name[i:], "0123456789") == "" {
		name = name[i:]
		if room < 12 {
			return "…" + name[10-min(max(room-1, 1), 4):]
		}
	}
	return safetext.TruncateMiddle(name, max(room, 1))
}
