package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// The width from which the top changing paths stand beside the list, and the
// heights from which the head has its second line and the columns their headings.
const (
	topWidth     = 120
	twoLines     = 7
	headingsFrom = 12
)

// render draws the feed on height rows of width cells, and the text cursor while
// the filter is typed.
func (a *activity) render(st *styles, k *KeyMap, width, height int, now time.Time) ([]string, *tea.Cursor) {
	rows, cursor := a.head(st, k, width, height, now)
	room := height - len(rows)
	a.list.first = len(rows) + boolInt(room >= headingsFrom)
	a.top.shown = width >= topWidth
	if !a.top.shown {
		return append(rows, a.rows(st, width, room, now, true)...), cursor
	}
	side := min(max(width*30/100, 40), 70)
	a.top.refresh(a.log, now)
	left, right := a.rows(st, width-side-1, room, now, true), a.top.render(st, a.path, side, room)
	divider := st.dim.on + st.divider + off
	for i := range left {
		rows = append(rows, left[i]+divider+right[i])
	}
	return rows, cursor
}

// head draws what stands above the list. The filter that is being typed takes the
// last line of it.
func (a *activity) head(st *styles, k *KeyMap, width, height int, now time.Time) ([]string, *tea.Cursor) {
	state := a.state(st, k)
	if height < twoLines {
		if a.typing {
			return a.filterLine(st, width, 0)
		}
		return []string{st.line(width, false, a.pathSpans(st, width-spansWidth(state)), state)}, nil
	}
	rows := []string{st.line(width, false, a.pathSpans(st, width-spansWidth(state)), state)}
	if p := a.src.Status().Partial; p != "" {
		for _, l := range wrapWords(upper(safetext.CleanLine(p)), width-2) {
			rows = append(rows, st.line(width, false, []span{{st.warn, " " + l}}, nil))
		}
	}
	if a.typing {
		line, cursor := a.filterLine(st, width, len(rows))
		return append(rows, line...), cursor
	}
	return append(rows, st.line(width, false, a.figures(st, width, now), nil)), nil
}

// pathSpans name what is followed, in room cells.
func (a *activity) pathSpans(st *styles, room int) []span {
	path := safetext.TruncateMiddle(safetext.Clean(a.path), max(room-2, 8))
	out := []span{{st.bold, " " + path}}
	if a.src.Status().Missing {
		out = append(out, span{st.warn, "  is not there now"})
	}
	return out
}

// figures are the rate, the last minute, and how much came in all.
func (a *activity) figures(st *styles, width int, now time.Time) []span {
	out := []span{{st.bold, safetext.PadLeft(comma(a.rate(now)), 6) + "/s "}}
	tally := a.tally(st)
	seconds := min(width-spansWidth(out)-spansWidth(tally)-len(" peak 10,000")-1, activityWindow)
	if seconds >= 10 {
		rates := a.rates(now, seconds)
		out = append(append(out, st.sparkline(rates)...), span{st.dim, peak(rates)})
	}
	return append(out, tally...)
}

// peak names what the highest bar of a sparkline stands for.
func peak(rates []int) string {
	if most := slices.Max(rates); most > 0 {
		return " peak " + comma(most)
	}
	return ""
}

// filterLine draws the filter while it is typed, on line y of the screen.
func (a *activity) filterLine(st *styles, width, y int) ([]string, *tea.Cursor) {
	note := a.found()
	if a.filter.text() == "" {
		note = safetext.Truncate("words of the path, or kind:created, changed, deleted, missed, resync", max(width-4, 1))
	}
	line, cursor := a.filter.render(st, width, note)
	if cursor != nil {
		cursor.Y = y
	}
	return []string{line}, cursor
}

// rows draws the list; where there is room, the columns have headings. A list
// without a selection always begins with the newest.
func (a *activity) rows(st *styles, width, height int, now time.Time, selecting bool) []string {
	c := columnsFor(width)
	out := make([]string, 0, height)
	if height >= headingsFrom {
		out = append(out, st.headings(c, width))
	}
	room := height - len(out)
	top, sel := 0, -1
	if selecting {
		a.list.height = room
		top, sel = a.list.top(a.log), a.list.row(a.log)
	}
	for row := top; row < a.log.Len() && len(out) < height; row++ {
		act := feedRow(a.log, row)
		out = append(out, st.feedLine(&act, a.path, a.ours, now, c, width, row == sel))
	}
	if a.log.Len() == 0 {
		for _, text := range a.nothing() {
			if len(out) < height {
				out = append(out, st.line(width, false, []span{{st.dim, " " + text}}, nil))
			}
		}
	}
	blank := strings.Repeat(" ", width)
	for len(out) < height {
		out = append(out, blank)
	}
	return out
}

// nothing says why the list is empty.
func (a *activity) nothing() []string {
	switch {
	case a.filter.text() != "" && a.total > 0:
		return []string{"No path that changed matches the filter."}
	case a.since != nil:
		return []string{"Paused: what comes is collected and shows when it goes on."}
	default:
		return []string{
			"Nothing has changed since " + clock(a.started) + ".",
			"Every change of it and of what is below shows here.",
		}
	}
}
