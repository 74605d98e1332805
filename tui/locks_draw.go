package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/tui/value"
)

// locksHead is how many rows stand above the table where there is room: the counts,
// a line for filter and notes, the headings.
const locksHead = 3

// lockColumns are the widths of the columns; 0 is one that has no room.
type lockColumns struct {
	word, path, recipe, holder, held, waiters, rate, warnings int
}

// lockColumnsAt gives up what an opened lock shows as well first. want is what the
// texts take; what path and holder leave goes to the warnings.
func lockColumnsAt(width int, want lockColumns) lockColumns {
	c := lockColumns{waiters: 7}
	rest := width - 4 - c.waiters - 1 // edge, glyph, a blank each, and one at the end
	take := func(column *int, from, cells int) {
		if width >= from {
			rest -= cells + 2
			*column = cells
		}
	}
	take(&c.held, 50, 8)
	take(&c.word, 70, 10)
	take(&c.rate, 90, 7)
	take(&c.recipe, 104, min(max(want.recipe, 6), 17))
	if want.warnings > 0 || width >= 104 { // a path has more to say than a column of blanks
		take(&c.warnings, 76, 10)
	}
	rest = max(rest-4, 2) // between path, holder and what follows
	c.path = min(max(want.path, 4), max(rest-max(want.holder, 6), rest*55/100))
	c.holder = min(max(want.holder, 6), rest-c.path)
	if c.warnings > 0 {
		c.warnings += rest - c.path - c.holder
	} else {
		c.holder = rest - c.path
	}
	return c
}

// fit widens what the columns want to what a row has to say.
func (c *lockColumns) fit(f *lockFacts) {
	c.path = max(c.path, safetext.Width(f.path))
	c.recipe = max(c.recipe, safetext.Width(safetext.CleanLine(string(f.view.Recipe))))
	c.holder = max(c.holder, min(safetext.Width(f.holder), 48))
	if f.warnings != "" || f.view.Denied != "" || !f.view.Stale.IsZero() {
		c.warnings = 1
	}
}

func (s *locksScreen) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	s.sync(now)
	if s.queue != nil {
		return s.queue.render(st, width, height, s.locks.known(now)), nil
	}
	rows, cursor := s.head(st, width, height)
	s.first = len(rows)
	if room := max(height-len(rows), 0); room != s.list.height {
		s.list.resize(room)
		s.remember()
	}
	c, old := lockColumnsAt(width, s.table.want), st.stale()
	for i := s.list.top; i < min(s.list.top+s.list.height, len(s.table.rows)); i++ {
		rows = append(rows, st.lockRow(s.table.rows[i], old, c, width, i == s.list.at, now, s.locks.known(now)))
	}
	if len(s.table.rows) == 0 {
		for _, text := range s.nothing() {
			for _, l := range wrapWords(text, width-2) {
				rows = append(rows, st.line(width, false, []span{{st.dim, " " + l}}, nil))
			}
		}
	}
	for len(rows) < height {
		rows = append(rows, st.line(width, false, nil, nil))
	}
	return rows[:height], cursor
}

// head draws what stands above the rows; of a low screen it takes one line.
func (s *locksScreen) head(st *styles, width, height int) ([]string, *tea.Cursor) {
	counts := s.counts(st, width)
	rows := []string{st.line(width, false, counts, s.searchState(st, width-spansWidth(counts)-1))}
	if height < 2*locksHead {
		if s.typed {
			line, cursor := s.filter.render(st, width, s.found())
			return []string{line}, cursor
		}
		return rows, nil
	}
	var cursor *tea.Cursor
	second := ""
	switch f := s.filter.text(); {
	case s.typed:
		note := s.found()
		if f == "" {
			note = safetext.Truncate("path, recipe, holder; held free contended shared warnings mine", max(width-4, 1))
		}
		second, cursor = s.filter.render(st, width, note)
		if cursor != nil {
			cursor.Y = 1
		}
	case f != "":
		left := []span{{st.warn, " filter " + safetext.CleanLine(f)}, {st.dim, " " + s.found()}}
		second = st.line(width, false, left, s.noteLine(st, width-spansWidth(left)-4))
	default:
		second = st.line(width, false, append([]span{{st.text, " "}}, s.noteLine(st, width-2)...), nil)
	}
	return append(rows, second, s.headings(st, width)), cursor
}

// counts are how many locks there are, and how they stand.
func (s *locksScreen) counts(st *styles, width int) []span {
	t := &s.table
	out := []span{{st.bold, " " + plural(len(t.all), "lock", "locks")}}
	if t.held > 0 && width >= 60 {
		out = append(out, span{st.text, "  " + comma(t.held) + " held"})
	}
	if t.contended > 0 && width >= 90 {
		out = append(out, span{st.text, "  " + comma(t.contended) + " contended"})
	}
	if t.trouble > 0 {
		out = append(out, span{st.bad, "  " + st.warnSign + " " + comma(t.trouble)})
		if width >= 60 {
			out = append(out, span{st.bad, " suspicious"})
		}
	}
	return out
}

// found says how many rows the filter leaves.
func (s *locksScreen) found() string {
	n := len(s.table.rows)
	return comma(n) + " " + word(n, "row", "rows")
}

// headings name the columns; that of the order is lit.
func (s *locksScreen) headings(st *styles, width int) string {
	c := lockColumnsAt(width, s.table.want)
	col := func(o lockOrder, text string, cells int, right bool) span {
		k := st.dim
		if s.table.order == o {
			k = st.accent
			if o == locksByPath {
				text += " ↑"
			} else {
				text += " ↓"
			}
		}
		if right {
			return span{k, safetext.PadLeft(text, cells)}
		}
		return span{k, safetext.Pad(text, cells)}
	}
	gap := span{st.text, "  "}
	out := []span{{st.text, " "}}
	if c.word > 0 {
		out = append(out, col(locksByState, "state", c.word+2, false), gap)
	} else {
		out = append(out, span{st.text, "  "})
	}
	out = append(out, col(locksByPath, "lock", c.path, false), gap)
	if c.recipe > 0 {
		out = append(out, span{st.dim, safetext.Pad("recipe", c.recipe)}, gap)
	}
	out = append(out, span{st.dim, safetext.Pad("holder", c.holder)})
	if c.held > 0 {
		out = append(out, gap, col(locksByAge, "held ≥", c.held, true))
	}
	out = append(out, col(locksByWaiters, "wait", c.waiters, true))
	if c.rate > 0 {
		out = append(out, gap, col(locksByRate, "/min", c.rate, true))
	}
	if c.warnings > 0 {
		out = append(out, gap, span{st.dim, "warnings"})
	}
	return st.line(width, false, out, nil)
}

// lockRow draws one lock; what may be old is drawn by the styles old. It is known who
// holds until the time known.
func (st *styles) lockRow(f *lockFacts, old *styles, c lockColumns, width int, selected bool, now, known time.Time) string {
	v := f.view
	on := st
	if !v.Stale.IsZero() && v.Stale.Before(known) {
		known = v.Stale // who held it then need not any more
	}
	if !v.Stale.IsZero() || v.Denied != "" && len(v.Contenders) > 0 {
		on = old
	}
	edge := span{st.text, " "}
	if selected {
		edge = span{st.accent, st.bar}
	}
	sign, k := on.lockGlyph(f.state)
	holder := on.text
	switch {
	case f.ours:
		holder = on.accent
	case f.holders == 0:
		holder = on.dim
	}
	cell := func(k ink, text string, cells int) []span {
		return []span{{k, safetext.Pad(safetext.TruncateMiddle(text, cells), cells)}, {st.text, "  "}}
	}
	out := []span{edge, {k, sign + " "}}
	if c.word > 0 {
		out = append(out, cell(k, string(f.state), c.word)...)
	}
	path := safetext.TruncateLeft(f.path, c.path) // its end tells it from others
	out = append(out, span{on.bold, safetext.Pad(path, c.path)}, span{st.text, "  "})
	if c.recipe > 0 {
		out = append(out, cell(on.dim, safetext.CleanLine(string(v.Recipe)), c.recipe)...)
	}
	out = append(out, span{holder, safetext.Pad(f.holderIn(c.holder), c.holder)})
	if c.held > 0 {
		held := ""
		if !v.HeldSince.IsZero() && f.holders > 0 {
			held = heldClock(known.Sub(v.HeldSince), c.held)
		}
		out = append(out, span{st.text, "  "}, span{on.text, safetext.PadLeft(held, c.held)})
	}
	waiters := on.dim
	switch {
	case f.queued:
		waiters = on.accent
	case f.waiters > 0:
		waiters = on.warn
	}
	out = append(out, span{waiters, safetext.PadLeft(comma(f.waiters), c.waiters)})
	if c.rate > 0 {
		out = append(out, span{st.text, "  "}, span{on.dim, safetext.PadLeft(perMinute(v.PerMinute), c.rate)})
	}
	if c.warnings > 0 {
		out = append(append(out, span{st.text, "  "}), st.lockTrouble(f, now)...)
	}
	return st.line(width, selected, out, nil)
}

// lockTrouble are the last column: why what is shown may be old or not whole, and
// the warnings in a word each.
func (st *styles) lockTrouble(f *lockFacts, now time.Time) []span {
	var out []span
	if !f.view.Stale.IsZero() {
		out = append(out, span{st.warn, value.Age(now.Sub(f.view.Stale)) + " old "})
	}
	if f.view.Denied != "" && f.holders > 0 {
		out = append(out, span{st.warn, safetext.CleanLine(f.view.Denied) + " "})
	}
	k := st.warn
	if f.state == lockctl.Suspicious {
		k = st.bad
	}
	return append(out, span{k, strings.TrimSpace(f.warnings)})
}

// heldClock writes how long a lock is held in at most so many cells.
func heldClock(d time.Duration, cells int) string {
	if text := value.Clock(d); safetext.Width(text) <= cells {
		return text
	}
	return value.Age(d)
}
