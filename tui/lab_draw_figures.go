package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// labFigure is a figure of a run: a number of what, with its unit.
type labFigure struct {
	what, unit string
	n          float64
	digits     int  // after the point
	none       bool // nothing was counted yet
	bar        bool // drawn as a bar beside that of the other lane
	bad        bool
}

// labFigures are the figures of a run for a lab of height rows, those that tell recipes
// apart first. They are the same ones in each lane.
func labFigures(s *lab.Snapshot, height int) []labFigure {
	c := &s.Counters
	none := c.Handoffs == 0
	times := func(what string, n int64) labFigure {
		return labFigure{what: what, unit: "times", n: float64(n), bad: n > 0}
	}
	out := []labFigure{
		{what: "wake-ups per hand-off", n: c.WakeupsPerHandoff, digits: 1, none: none, bar: true},
		{what: "requests per hand-off", n: c.RequestsPerHandoff, digits: 1, none: none, bar: true},
	}
	half := labFigure{what: "hand-off, half within", unit: "ms", digits: 1, none: true, bar: true}
	most := labFigure{what: "hand-off, 99% within", unit: "ms", digits: 1, none: true, bar: true}
	if m := c.HandoffMicros; m != nil {
		half.n, half.none = float64(m.P50)/1000, false
		most.n, most.none = float64(m.P99)/1000, false
	}
	out = append(out, half, labFigure{what: "fairness", unit: "of 1", n: c.Fairness, digits: 2, none: none})
	if height >= labRoomy {
		in := labFigure{what: "hand-offs", n: float64(c.Handoffs)}
		if c.Seconds > 0 {
			in.unit = fmt.Sprintf("in %.0f s", c.Seconds)
		}
		out = slices.Insert(out, 3, most)
		out = append(out, labFigure{what: "lost updates", n: float64(c.LostUpdates), bad: c.LostUpdates > 0}, in)
	}
	if height >= labTall {
		out = append(out, times("too many holders", c.TwoHolders), times("acquire gave nothing", c.Nothing), times("woken by an old watch", c.Stale))
	}
	return out
}

// labMost are the greatest figures of all lanes, by place: the scale of the bars.
type labMost []float64

func labMostOf(lanes []labLane) labMost {
	var out labMost
	for i := range lanes {
		for j, f := range labFigures(&lanes[i].snap, labTall) {
			if j == len(out) {
				out = append(out, 0)
			}
			out[j] = max(out[j], f.n)
		}
	}
	return out
}

// The columns of figures: what they count, the part of a number before its point and
// the one from it on, and the unit.
const (
	labFigureName = 23
	labFigureInt  = 7
	labFigureFrac = 3
	labFigureUnit = 9
)

// counterRows are n rows of figures: of one lane with bars, or of all lanes in columns.
func (d *labDrawing) counterRows(n int) []string {
	st := d.st
	var rows []string
	if len(d.also) > 1 {
		spans := []span{{st.dim, safetext.Pad("", labFigureName+1)}}
		for i := range d.also {
			k := st.dim
			if i == d.front {
				k = st.title
			}
			name := safetext.CleanLine(string(d.also[i].snap.Options.Recipe))
			spans = append(spans, span{k, safetext.PadLeft(name, labFigureInt+labFigureFrac)}, span{k, safetext.Pad("", labFigureUnit)})
		}
		rows = append(rows, st.line(d.width, false, spans, nil))
	}
	size := 0
	for _, full := range []int{labRoomy, labTall} {
		if n-len(rows) >= len(labFigures(&d.also[0].snap, full)) {
			size = full
		}
	}
	figures := make([][]labFigure, len(d.also))
	for i := range d.also {
		figures[i] = labFigures(&d.also[i].snap, size)
	}
	for j := range figures[0] {
		spans := []span{{st.dim, " " + safetext.Pad(figures[0][j].what, labFigureName)}}
		for i := range figures {
			spans = append(spans, st.figure(figures[i][j])...)
		}
		if f := figures[0][j]; len(d.also) < len(d.look.lanes) && f.bar {
			spans = append(spans, d.bar(f, spansWidth(spans))...)
		}
		rows = append(rows, st.line(d.width, false, spans, nil))
	}
	return st.fill(rows, d.width, n)
}

// figure writes a figure so that points and units are below each other.
func (st *styles) figure(f labFigure) []span {
	text, k := fmt.Sprintf("%.*f", f.digits, f.n), st.bold
	if f.digits == 1 && f.n > 0 && f.n < 0.095 {
		text = fmt.Sprintf("%.2f", f.n)
	}
	if f.digits == 0 {
		text = comma(int(f.n))
	}
	switch {
	case f.none:
		text, k = "-", st.dim
	case f.bad:
		k = st.danger
	}
	whole, frac := text, ""
	if i := strings.IndexByte(text, '.'); i >= 0 {
		n, _ := strconv.Atoi(text[:i])
		whole, frac = comma(n), text[i:]
	}
	return []span{
		{k, safetext.PadLeft(whole, labFigureInt) + safetext.Pad(frac, labFigureFrac)},
		{st.dim, safetext.Pad(" "+f.unit, labFigureUnit)},
	}
}

// bar draws a figure beside the greatest of all lanes.
func (d *labDrawing) bar(f labFigure, used int) []span {
	width := d.width - used - 1
	most := 0.0
	for i, x := range labFigures(&d.also[0].snap, labTall) {
		if x.what == f.what {
			most = d.most[i]
		}
	}
	if width < 4 || most <= 0 {
		return nil
	}
	cells := int(f.n/most*float64(width) + 0.5)
	if f.n > 0 {
		cells = max(cells, 1)
	}
	return []span{{d.st.accent, strings.Repeat(d.st.block, min(max(cells, 0), width))}}
}

// resourceRows are n rows of what the lock protects: what is in it, the greatest token
// that it has seen, and the last write that it has refused.
func (d *labDrawing) resourceRows(r *lab.Resource, n int) []string {
	st := d.st
	row := func(what string, more ...span) string {
		return st.line(d.width, false, append([]span{{st.dim, " " + safetext.Pad(what, labFigureName)}}, more...), nil)
	}
	lost, refused := st.bold, st.bold
	if r.Lost > 0 {
		lost = st.danger
	}
	if r.Refused > 0 {
		refused = st.lit
	}
	token := span{st.text, "none"}
	if r.Token != 0 {
		token.text = zxid(r.Token)
	}
	last := span{st.dim, "none"}
	for i := range r.Last {
		if w := &r.Last[i]; w.Refused {
			last = span{st.lit, fmt.Sprintf("%s, token %s", labName(w.Worker), zxid(w.Token))}
		}
	}
	rows := []string{row(
		"the resource", span{st.dim, "value "}, span{st.bold, comma(int(r.Value))}, span{st.dim, "   lost "},
		span{lost, comma(int(r.Lost))}, span{st.dim, "   refused "}, span{refused, comma(int(r.Refused))},
	)}
	if n > 2 || r.Refused == 0 {
		rows = append(rows, row("greatest token", token))
	} else {
		rows = append(rows, row("greatest token", token, span{st.dim, "   refused "}, last))
	}
	return st.fill(append(rows, row("last refused write", last)), d.width, n)
}
