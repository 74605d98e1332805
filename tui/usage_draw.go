package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// usageHead is the number of rows above the list: the sums, and the headings.
const usageHead = 2

// usageColumns are the columns of the list at a width.
type usageColumns struct {
	bar       int // cells of the bar, 0 for none
	ephemeral bool
}

func usageColumnsAt(width int) usageColumns {
	switch {
	case width >= 110:
		return usageColumns{20, true}
	case width >= 70:
		return usageColumns{10, true}
	default:
		return usageColumns{}
	}
}

// barOf is the figure for which a bar stands.
func barOf(r zkview.Usage, order zkview.UsageOrder) int64 {
	if order == zkview.UsageByZnodes {
		return r.Znodes
	}
	return r.Bytes
}

// render draws the screen.
func (u *usageScreen) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	cols := usageColumnsAt(width)
	rows := []string{u.sumLine(st, width), u.headings(st, width, cols)}
	room := max(height-usageHead-boolInt(u.view.rest.Children > 0), 0)
	if room != u.list.height {
		u.list.resize(room)
	}
	to := min(u.list.top+room, len(u.view.rows))
	for i := u.list.top; i < to; i++ {
		rows = append(rows, u.row(st, u.view.rows[i], i == u.list.at, width, cols))
	}
	switch rest := u.view.rest; {
	case rest.Children > 0:
		text := fmt.Sprintf(" and %s more %s with %s in %s", comma(rest.Children), word(rest.Children, "child", "children"),
			value.Size(rest.Bytes), plural(int(rest.Znodes), "znode", "znodes"))
		rows = append(rows, st.line(width, false, []span{{st.warn, text}}, nil))
	case len(u.view.rows) == 0 && !u.run.running() && u.run.told.err == nil:
		rows = append(rows, st.line(width, false, []span{{st.dim, " no children"}}, nil))
	}
	for len(rows) < height {
		rows = append(rows, st.line(width, false, nil, nil))
	}
	return rows[:height], nil
}

// sumLine is what the znode takes that is looked at, and how far the count is.
func (u *usageScreen) sumLine(st *styles, width int) string {
	self, r := u.view.self, u.run
	partly := ""
	if r.running() || r.stopped || r.told.err != nil {
		partly = "at least "
	}
	left := []span{{st.text, " "}}
	if n := u.host.markedLen(); n > 0 {
		left = append(left, span{st.accent, fmt.Sprintf("%s %s marked  ", st.marked, comma(n))})
	}
	if self.Znodes > 0 {
		left = append(left, span{st.text, fmt.Sprintf("%s%s in %s", partly, value.Size(self.Bytes), plural(int(self.Znodes), "znode", "znodes"))})
		if self.Ephemerals > 0 && width >= 60 {
			left = append(left, span{st.dim, fmt.Sprintf(", %s ephemeral", comma(int(self.Ephemerals)))})
		}
		if self.Own > 0 && width >= 80 {
			left = append(left, span{st.dim, ", its own value " + value.Size(self.Own)})
		}
	}
	return st.line(width, false, left, walkState(st, width-spansWidth(left)-1, r.told.progress, r.told.done, r.stopped, r.told.err))
}

// headings name the columns; that of the order is lit.
func (u *usageScreen) headings(st *styles, width int, cols usageColumns) string {
	ink := func(o zkview.UsageOrder) ink {
		if u.order == o {
			return st.accent
		}
		return st.dim
	}
	mark := func(o zkview.UsageOrder, text string) string {
		if u.order == o {
			return text + " ↓"
		}
		return text
	}
	spans := []span{{ink(zkview.UsageByBytes), safetext.PadLeft(mark(zkview.UsageByBytes, "bytes"), 9)}}
	if cols.bar > 0 {
		spans = append(spans, span{st.text, strings.Repeat(" ", cols.bar+2)})
	}
	spans = append(spans, span{ink(zkview.UsageByZnodes), safetext.PadLeft(mark(zkview.UsageByZnodes, "znodes"), 12)})
	if cols.ephemeral {
		spans = append(spans, span{st.dim, safetext.PadLeft("ephemeral", 11)})
	}
	name := "name"
	if u.order == zkview.UsageByName {
		name = "name ↑"
	}
	return st.line(width, false, append(spans, span{ink(zkview.UsageByName), "    " + name}), nil)
}

// row draws one child.
func (u *usageScreen) row(st *styles, r zkview.Usage, selected bool, width int, cols usageColumns) string {
	edge := span{st.text, " "}
	switch {
	case u.host.marked(r.Path):
		edge = span{st.accent, st.marked}
	case selected:
		edge = span{st.accent, st.bar}
	}
	spans := []span{edge, {st.text, safetext.PadLeft(value.Size(r.Bytes), 8)}}
	if cols.bar > 0 {
		full, rest := st.meter(barOf(r, u.view.order), u.view.most, cols.bar)
		spans = append(spans, span{st.text, " "}, span{st.accent, full}, span{st.dim, rest + " "})
	}
	spans = append(spans, span{st.text, safetext.PadLeft(comma(int(r.Znodes)), 12)})
	if cols.ephemeral {
		count := ""
		if r.Ephemerals > 0 {
			count = comma(int(r.Ephemerals))
		}
		spans = append(spans, span{st.dim, safetext.PadLeft(count, 11)})
	}
	sign, name := "  ", st.text
	if hasChildren(r) {
		sign = st.closed + " "
	}
	var right []span
	switch {
	case u.facts.isGone(r.Path):
		name, right = st.strike, []span{{st.bad, "gone "}}
	case r.Unread == r.Znodes:
		right = []span{{st.warn, st.denied + " not read "}}
	case r.Unread > 0:
		right = []span{{st.warn, comma(int(r.Unread)) + " not read "}}
	}
	spans = append(spans, span{st.dim, "  " + sign}, span{name, safetext.Clean(lastPart(r.Path))})
	return st.line(width, selected, spans, right)
}

// meter is a bar of width cells, and what is left of them: n of most.
func (st *styles) meter(n, most int64, width int) (full, rest string) {
	if most <= 0 || n <= 0 {
		return "", strings.Repeat(" ", width)
	}
	steps := len(st.eighths)
	filled := int(float64(min(n, most)) / float64(most) * float64(width*steps))
	filled = max(filled, 1)
	full = strings.Repeat(st.eighths[steps-1], filled/steps)
	cells := filled / steps
	if part := filled % steps; part > 0 {
		full += st.eighths[part-1]
		cells++
	}
	return full, strings.Repeat(" ", width-cells)
}
