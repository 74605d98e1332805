package tui

import (
	"time"

	"zkdeck/lockctl/lab"
)

// labDrawing draws one lane. The parts of lanes that stand side by side have the same
// heights, so that the eye compares what is at the same height.
type labDrawing struct {
	look  *labLook
	st    *styles
	now   time.Time
	lane  int // which one it draws
	front int // the one that the keys mean
	also  []labLane
	// x and top are where the drawing is on the screen.
	x, top, width int

	parts labParts
	most  labMost
}

// labParts are the heights of the parts of a lane.
type labParts struct {
	head, line, off, says, counters, resource, znodes, notes int
	// gap is the blank rows between parts; flat draws workers in one row each.
	gap  int
	flat bool
	rule int // the row on which the rule above the commentary is, 0 for none
	// whereIn is the lane that says where all that is, whereBelow that it does so in a row
	// of its own.
	whereIn    int
	whereBelow bool
}

// plan divides height rows among the parts, by what the lanes need that stand side by
// side. The drawing of the line comes first: the rest is there to explain it.
func (d *labDrawing) plan(height int, beside []labLane) {
	p := &d.parts
	p.gap = boolInt(height >= labRoomy)
	p.head = 1 + boolInt(height >= 10)
	p.off = boolInt(height >= 12)
	first := 0
	if len(beside) == 1 {
		first = d.lane
	}
	d.placeWhere(first, beside)
	p.says = 1 + boolInt(height >= 14) + boolInt(height >= labRoomy)
	rest := max(height-p.head-p.off-p.says-3*p.gap, 0)
	tall, flat := 0, 0
	for _, l := range beside {
		c := labCellsOf(&l.snap, d.width)
		tall, flat = max(tall, c.lines*labTallRows), max(flat, c.flatLines()+1)
	}
	few, many := 0, 0
	for i := range d.look.lanes {
		few = max(few, len(labFigures(&d.look.lanes[i].snap, 0)))
		many = max(many, len(labFigures(&d.look.lanes[i].snap, height)))
	}
	table := boolInt(len(d.also) > 1)
	few, many = few+table, many+table
	notes := min(max(rest/4, 1), 5)
	// What the line may take: all but the figures that matter and some commentary.
	room := max(rest-few-2-notes, rest/3)
	switch {
	case tall <= room:
		p.line = tall
	default:
		p.flat = true
		p.line = min(flat, max(room, 2))
	}
	rest -= p.line
	p.resource = min(2, rest)
	p.counters = min(few, rest-p.resource)
	rest -= p.resource + p.counters
	if rest-1 >= notes && height >= labRoomy {
		p.resource++
		rest--
	}
	if more := many - p.counters; more > 0 && rest-more >= notes {
		p.counters = many
		rest -= more
	}
	if spare := rest - 8 - p.gap; height >= labTall && spare >= 4 {
		p.znodes = min(spare, 8)
		rest -= p.znodes + p.gap
	}
	p.notes = max(rest, 0)
	d.most = labMostOf(d.look.lanes)
}

// rows draws the lane.
func (d *labDrawing) rows() []string {
	s := &d.look.lanes[d.lane].snap
	p := &d.parts
	rows := d.headRows()
	gap := func() {
		if p.gap > 0 {
			rows = append(rows, d.st.line(d.width, false, nil, nil))
		}
	}
	rows = append(rows, d.lineRows(s, len(rows))...)
	rows = append(rows, d.says(s)...)
	rows = append(rows, d.counterRows(p.counters)...)
	gap()
	rows = append(rows, d.resourceRows(&s.Resource, p.resource)...)
	gap()
	if p.znodes > 0 {
		rows = append(rows, d.znodeRows(s, p.znodes)...)
		gap()
	}
	if d.ruled() {
		p.rule = len(rows)
	}
	return append(rows, d.noteRows(s.Notes, p.notes)...)
}

// ruled tells that a rule stands above the commentary.
func (d *labDrawing) ruled() bool { return d.parts.notes > 3 }

// labCells is how the workers of a lane are set out: in how many lines of how many.
type labCells struct {
	n, lines, each int
	width          int // of a place in a line
	margin         int // before the first
	room           int // of a line
	flatWidth      int
	fan            bool
}

// A place in a line takes so many cells at least and at most, and so many rows: for
// the watch, the name, the znode and a word.
const (
	labCellLeast, labCellMost = 9, 16
	labTallRows               = 4
)

// labCellsOf sets out the places of a lane. They are as many as there are workers that
// could be in the line, so that nothing moves when one comes or goes.
func labCellsOf(s *lab.Snapshot, width int) labCells {
	c := labCells{fan: labFan(s.Options.Recipe), margin: 10, flatWidth: 7}
	longest := 2
	for i := range s.Workers {
		if w := &s.Workers[i]; w.State != lab.Gone {
			c.n++
			longest = max(longest, len(labName(w.N)))
		}
	}
	c.n = max(c.n, len(labSpots(s)), 1)
	c.flatWidth = max(c.flatWidth, longest+4)
	c.room = max(width-1-c.margin, 1)
	each := max(c.room/max(labCellLeast, longest+6), 1)
	c.lines = (c.n + each - 1) / each
	c.each = (c.n + c.lines - 1) / c.lines
	c.width = min(c.room/c.each, labCellMost)
	return c
}

// flatEach is how many workers are in a line of one row.
func (c *labCells) flatEach() int { return max((c.room+c.margin-2)/c.flatWidth, 1) }

// flatLines is how many such lines there are.
func (c *labCells) flatLines() int { return (c.n + c.flatEach() - 1) / c.flatEach() }

// labFan tells whether the workers of a recipe all watch the same, and not each other.
func labFan(r lab.Recipe) bool { return r == lab.Naive || r == lab.Single }
