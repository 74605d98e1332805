package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// lockSpans are how far back the strip of the timeline goes.
var lockSpans = []struct {
	word string
	d    time.Duration
}{{"10 s", 10 * time.Second}, {"60 s", time.Minute}, {"10 min", 10 * time.Minute}}

// queuePace is how often a lock changes hands.
type queuePace struct {
	of     *lockctl.Timeline
	at     time.Time // when grants were counted last
	grants int64
	rate   float64 // a second, between the last two counts
	fast   bool    // too often to be read row by row

	summary lockctl.Summary // as of at
}

// paceEvery is how often grants are counted, and percentiles with them.
const paceEvery = time.Second

// look counts when it is time to.
func (p *queuePace) look(t *lockctl.Timeline, now time.Time) {
	since := now.Sub(p.at)
	switch {
	case t == nil:
		*p = queuePace{}
		return
	case t != p.of:
		*p = queuePace{of: t, at: now, summary: t.Summary(now)}
		p.grants = p.summary.Grants
		return
	case since >= 0 && since < paceEvery:
		return
	}
	p.summary = t.Summary(now)
	p.rate = max(float64(p.summary.Grants-p.grants), 0) / max(since, paceEvery).Seconds()
	p.at, p.grants = now, p.summary.Grants
	p.fast = p.rate >= fastFrom || p.fast && p.rate >= fastFrom/2
}

// queuePast is the strip as it was drawn last. It is made anew when it has moved by a
// cell, or what is drawn is another view.
type queuePast struct {
	view         *lockctl.View
	to           time.Time
	cells, lanes int
	strip        lockctl.Strip
	order        []string      // of the lanes on screen, by client
	cell         time.Duration // what a cell stands for; 0: no strip is drawn
	quiet        bool          // the strip shows nothing that moves
}

// look makes the strip for this many cells and lanes.
func (p *queuePast) look(v *lockctl.View, span time.Duration, cells, lanes int, now time.Time) {
	p.cell = span / time.Duration(cells)
	// Cells begin at whole multiples, so that what is drawn shifts and does not shimmer.
	to := now.Truncate(p.cell).Add(p.cell)
	if p.view == v && p.to.Equal(to) && p.cells == cells && p.lanes == lanes {
		return
	}
	p.view, p.to, p.cells, p.lanes = v, to, cells, lanes
	p.strip = v.Timeline.Strip(to.Add(-time.Duration(cells)*p.cell), to, cells, lanes)
	p.sort()
	p.quiet = len(p.strip.Lanes) == 0
	p.quiet = p.quiet && !slices.Contains(p.strip.Unseen, true)
}

// laneClient names the client of a lane.
func laneClient(p *lockctl.Party) string {
	switch {
	case p.Session != 0:
		return zxid(p.Session)
	case p.Identity != "":
		return p.Identity
	}
	return p.Node
}

// sort leaves each client on its line for as long as it is on the strip; who comes
// takes the line of one that went.
func (p *queuePast) sort() {
	lanes := p.strip.Lanes
	at := map[string]int{}
	for i := range lanes {
		at[laneClient(&lanes[i].Party)] = i
	}
	sorted := make([]*lockctl.Lane, len(lanes))
	taken := make([]bool, len(lanes))
	for line, name := range p.order {
		if i, ok := at[name]; ok && line < len(sorted) && !taken[i] {
			sorted[line], taken[i] = &lanes[i], true
		}
	}
	line := 0
	for i := range lanes {
		if taken[i] {
			continue
		}
		for sorted[line] != nil {
			line++
		}
		sorted[line] = &lanes[i]
	}
	out := make([]lockctl.Lane, len(lanes))
	p.order = p.order[:0]
	for i, l := range sorted {
		out[i] = *l
		p.order = append(p.order, laneClient(&l.Party))
	}
	p.strip.Lanes = out
}

// since are the holds that are under way, by znode, where they are few enough to be
// told one by one.
func (q *lockQueue) since(now time.Time) map[string]lockctl.Hold {
	t := q.view.Timeline
	if t == nil || q.rows.holders < 2 || q.rows.holders > 64 {
		return nil
	}
	if q.holdsOf != q.view {
		q.holdsOf, q.holds = q.view, map[string]lockctl.Hold{}
		for _, h := range t.Holds(now, now) {
			if h.To.IsZero() {
				q.holds[h.Node] = h
			}
		}
	}
	return q.holds
}

// pastRows draws the timeline: the strip, and what was counted.
func (q *lockQueue) pastRows(st *styles, width, height int, now time.Time) []string {
	v := q.view
	if v.Timeline == nil || height < 2 || width < 30 {
		q.past.cell = 0
		return st.fill([]string{st.line(width, false, []span{{st.dim, " nothing was seen of its past"}}, nil)}, width, height)
	}
	figures := q.figures(st, width, height >= 9)
	figures = figures[:min(len(figures), max(height-2, 0))]
	label := min(max(width/3+2, 12), 24)
	cells, lanes := max(width-label-3, 8), max(height-1-len(figures), 1)
	if height-1-len(figures) > 3 {
		lanes-- // a blank row before the figures
	}
	if since := now.Sub(q.taken); q.pace.fast && since >= 0 && since < fastPace {
		now = q.taken // it moves when the queue does
	}
	q.past.look(v, lockSpans[q.span].d, cells, lanes, now)
	rows := []string{q.pastHead(st, width)}
	for i := range q.past.strip.Lanes {
		rows = append(rows, q.lane(st, &q.past.strip.Lanes[i], label, width))
	}
	if len(q.past.strip.Lanes) == 0 {
		rows = append(rows, st.line(width, false, append([]span{{st.dim, safetext.Pad(" nobody", label+1)}}, q.cells(st, nil, st.dim)...), nil))
	}
	rows = st.fill(rows, width, max(height-len(figures), 0))
	return st.fill(append(rows, figures...), width, height)
}

// pastHead says how far back the strip goes and what its signs mean.
func (q *lockQueue) pastHead(st *styles, width int) string {
	left := []span{{st.dim, " last "}, {st.text, lockSpans[q.span].word}}
	if n := q.past.strip.More; n > 0 {
		left = append(left, span{st.dim, fmt.Sprintf("  and %s more", plural(n, "client", "clients"))})
	}
	var right []span
	if slices.Contains(q.past.strip.Unseen, true) {
		right = []span{{st.dim, st.unseen + " not seen "}}
	}
	return st.line(width, false, left, right)
}

// lane draws the line of a client.
func (q *lockQueue) lane(st *styles, l *lockctl.Lane, label, width int) string {
	p := &l.Party
	name, k := safetext.CleanLine(p.Identity), st.text
	switch {
	case p.Session != 0 && q.ours(p.Session):
		name, k = "you", st.accent
	case name != "":
	case p.Address != "":
		name = safetext.CleanLine(p.Address)
	case p.Session != 0:
		name = zxid(p.Session)
	default:
		name = safetext.Clean(p.Node)
	}
	bar := st.warn
	if k == st.accent {
		bar = st.accent
	}
	if n := len(l.Cells); n > 0 && l.Cells[n-1] != lockctl.CellNone && l.Cells[n-1] != lockctl.CellUnknown && k == st.text {
		k = st.bold // it holds now
	}
	left := []span{{k, " " + safetext.Pad(safetext.TruncateMiddle(name, label-1), label)}}
	return st.line(width, false, append(left, q.cells(st, l.Cells, bar)...), nil)
}

// cells draws the cells of a lane. Where nobody looked it says so, whatever may have
// been: that is not the sign for free.
func (q *lockQueue) cells(st *styles, cells []lockctl.Cell, bar ink) []span {
	var out []span
	add := func(k ink, sign string) {
		if n := len(out) - 1; n >= 0 && out[n].ink == k {
			out[n].text += sign
			return
		}
		out = append(out, span{k, sign})
	}
	for i := range q.past.cells {
		c := lockctl.CellNone
		if i < len(cells) {
			c = cells[i]
		}
		switch {
		case c == lockctl.CellHeld:
			add(bar, st.block)
		case c == lockctl.CellPart:
			add(bar, st.partBlock)
		case i < len(q.past.strip.Unseen) && q.past.strip.Unseen[i]:
			add(st.dim, st.unseen)
		default:
			add(st.text, " ")
		}
	}
	return out
}

// figures are what was counted since one looks: in a table where there is room, else
// in a row or two.
func (q *lockQueue) figures(st *styles, width int, table bool) []string {
	s := &q.pace.summary
	since := clock(q.view.Timeline.Since())
	head := fmt.Sprintf(" %s since %s", plural(int(s.Grants), "grant", "grants"), since)
	if s.Longest > 0 {
		head += fmt.Sprintf(", %s waited at most", comma(s.Longest))
	}
	if !table {
		text := " hold " + threeOf(&s.Hold) + "   wait " + threeOf(&s.Wait)
		return []string{
			st.line(width, false, []span{{st.dim, head}}, nil),
			st.line(width, false, []span{{st.dim, text}}, nil),
		}
	}
	column := min(max((width-12)/4, 6), 10)
	cell := func(text string) string { return safetext.PadLeft(safetext.Truncate(text, column), column) }
	rows := []string{
		st.line(width, false, []span{{st.dim, head}}, nil),
		st.line(width, false, []span{{st.dim, strings.Repeat(" ", 10) + cell("p50") + cell("p90") + cell("p99") + cell("max")}}, nil),
	}
	for _, f := range []struct {
		name string
		p    *lockctl.Percentiles
	}{{" held", &s.Hold}, {" waited", &s.Wait}, {" free", &s.Free}} {
		text := cell("-") + cell("-") + cell("-") + cell("-")
		if f.p.Count > 0 {
			text = cell(shortTook(f.p.P50)) + cell(shortTook(f.p.P90)) + cell(shortTook(f.p.P99)) + cell(shortTook(f.p.Max))
		}
		rows = append(rows, st.line(width, false, []span{{st.dim, safetext.Pad(f.name, 10)}, {st.text, text}}, nil))
	}
	return rows
}

// threeOf writes the percentiles in a row.
func threeOf(p *lockctl.Percentiles) string {
	if p.Count == 0 {
		return "-"
	}
	return "p50 " + shortTook(p.P50) + " p90 " + shortTook(p.P90) + " p99 " + shortTook(p.P99)
}

// shortTook writes a duration in at most seven cells.
func shortTook(d time.Duration) string {
	switch {
	case d == 0:
		return "0 s"
	case d >= 10*time.Second:
		return lasting(d)
	case d >= 10*time.Millisecond && d < time.Second:
		return strconv.Itoa(int((d+time.Millisecond/2)/time.Millisecond)) + " ms"
	}
	return took(d)
}
