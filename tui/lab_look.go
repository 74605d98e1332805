package tui

import (
	"strconv"
	"time"

	"zkdeck/lockctl/lab"
)

// labLook draws the lock lab from what its runs said last: a pure picture, but for
// where the workers are on it, which it notes for the mouse.
type labLook struct {
	lanes []labLane // one or two
	front int       // the lane that the keys mean
	sel   int       // the number of the selected worker of that lane, 0 for none
	where string    // on which servers; safe
	// lesson is what the pane of a lesson shows, nil for none.
	lesson *labLessonLook

	hits []labHit
}

// labLane is one run.
type labLane struct {
	snap lab.Snapshot // its State is empty while there is no run
	why  string       // why there is none, or something to be known of it; safe
}

// labHit is a place on the screen that means a worker.
type labHit struct{ y, from, to, lane, worker int }

// The width from which two lanes stand side by side, the one from which a lesson has a
// column of its own, and the heights from which blank rows set the parts apart and from
// which there is room for all that can be said.
const (
	labBeside     = 100
	labLessonSide = 150
	labRoomy      = 22
	labTall       = 44
	labLessonMost = 56
)

// labLit is for how long a watch that has fired is lit while the lab runs.
const labLit = 1200 * time.Millisecond

// at tells which worker stands at a place of what was drawn last.
func (l *labLook) at(x, y int) (lane, worker int, ok bool) {
	for _, h := range l.hits {
		if h.y == y && x >= h.from && x < h.to {
			return h.lane, h.worker, true
		}
	}
	return 0, 0, false
}

// render draws the lab on height rows of width cells.
func (l *labLook) render(st *styles, width, height int, now time.Time) []string {
	l.hits = l.hits[:0]
	if width <= 0 || height <= 0 || len(l.lanes) == 0 {
		return st.fill(nil, width, height)
	}
	var rows []string
	beside := l.lesson != nil && width >= labLessonSide
	room := width
	if beside {
		room -= min(width*3/10, labLessonMost) + 1
	} else if l.lesson != nil {
		rows = st.labLessonRows(l.lesson, width, max(height/2, 3))
		at := 0
		if len(l.lanes) > 1 && width >= labBeside {
			at = (width - 1) / 2
		}
		rows = append(rows, st.hrule(width, at, st.teeDown))
	}
	rows = append(rows, l.body(st, room, max(height-len(rows), 0), len(rows), now)...)
	rows = st.fill(rows, room, height)
	if beside {
		side := width - room - 1
		st.besides(rows, st.fill(st.labLessonRows(l.lesson, side, height), side, height), 0)
	}
	return rows
}

// body draws the lanes, from row top of the picture on.
func (l *labLook) body(st *styles, width, height, top int, now time.Time) []string {
	front := min(max(l.front, 0), len(l.lanes)-1)
	d := labDrawing{look: l, st: st, lane: front, front: front, width: width, top: top, now: now}
	if len(l.lanes) == 1 || width < labBeside {
		d.also = l.lanes
		d.plan(height, l.lanes[front:front+1])
		return d.rows()
	}
	d.width = (width - 1) / 2
	d.plan(height, l.lanes)
	right := d
	d.lane, d.also = 0, l.lanes[:1]
	right.lane, right.also = 1, l.lanes[1:2]
	right.x, right.width = d.width+1, width-d.width-1
	rows := d.rows()
	st.besides(rows, right.rows(), d.parts.rule)
	return rows
}

// besides puts the rows of right beside those of left, and the thin rule between them,
// which crosses another one on row crossed.
func (st *styles) besides(left, right []string, crossed int) {
	divider, crossing := st.dim.on+st.divider+off, st.dim.on+st.crossing+off
	for i := range left {
		if i == crossed && crossed > 0 {
			left[i] += crossing + right[i]
			continue
		}
		left[i] += divider + right[i]
	}
}

// labName is what a worker is called on screen.
func labName(n int) string { return "w" + strconv.Itoa(n) }
