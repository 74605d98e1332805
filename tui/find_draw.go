package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// findHead is the number of rows above the results: the query, and how far the
// search is.
const findHead = 2

// render draws the screen.
func (f *findScreen) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	if h := max(height-findHead, 0); h != f.list.height {
		f.list.resize(h)
		f.fill()
	}
	query, cursor := f.queryLine(st, width)
	rows := []string{query}
	switch {
	case f.err != nil:
		for _, l := range wrapWords(safetext.CleanLine(upper(f.err.Error())), width-2) {
			rows = append(rows, st.line(width, false, []span{{st.warn, " " + l}}, nil))
		}
	default:
		rows = append(rows, f.stateLine(st, width))
	}
	switch {
	case f.shown == nil && strings.TrimSpace(f.query.text()) == "":
		rows = append(rows, findGuide(st, width)...)
	default:
		rows = append(rows, f.listRows(st, width, height-len(rows), now)...)
	}
	for len(rows) < height {
		rows = append(rows, st.line(width, false, nil, nil))
	}
	return rows[:height], cursor
}

// queryLine is what is typed, and where it is looked for.
func (f *findScreen) queryLine(st *styles, width int) (string, *tea.Cursor) {
	label, scope := st.title, st.dim
	if f.inList {
		label = st.dim
	}
	if f.root != "/" {
		scope = st.accent
	}
	right := " in " + safetext.TruncateLeft(safetext.Clean(f.root), max(width/3, 8)) + " "
	left := st.line(6, false, []span{{label, " find "}}, nil)
	room := max(width-6-safetext.Width(right), 1)
	box, cursor := f.query.render(st, room, 1, !f.inList)
	if cursor != nil {
		cursor.X += 6
	}
	return left + box[0] + st.line(width-6-room, false, []span{{scope, right}}, nil), cursor
}

// stateLine says what was found, and how far the search is.
func (f *findScreen) stateLine(st *styles, width int) string {
	left := []span{{st.text, " "}}
	if n := f.host.markedLen(); n > 0 {
		left = append(left, span{st.accent, fmt.Sprintf("%s %s marked  ", st.marked, comma(n))})
	}
	r := f.run
	switch {
	case r == nil && f.parsed.Active():
		return st.line(width, false, append(left, span{st.dim, st.ellipsis}), nil)
	case r == nil:
		return st.line(width, false, append(left, span{st.dim, "parts of a name, and filters; all must hold"}), nil)
	}
	k := st.text
	if r.told.found == 0 {
		k = st.dim
	}
	left = append(left, span{k, f.foundWords(r)})
	if r.told.kept < r.told.found {
		left = append(left, span{st.warn, fmt.Sprintf("  the best %s are listed", comma(r.told.kept))})
	}
	return st.line(width, false, left, walkState(st, width-spansWidth(left)-1, r.told.progress, r.told.done, r.stopped, r.told.err))
}

func (f *findScreen) foundWords(r *findRun) string {
	switch n := r.told.found; {
	case n == 0 && r.told.done && r.told.err == nil:
		return "nothing found " + safetext.Clean(f.scope())
	case f.inList && n > 0 && f.shown == r:
		return fmt.Sprintf("%s of %s found", comma(f.list.at+1), comma(n))
	default:
		return comma(n) + " found"
	}
}

// walkState says in at most room cells how far a walk is, what it could not read, and
// why it does not go on. What matters least stands first, and goes first.
func walkState(st *styles, room int, p zkview.WalkProgress, done, stopped bool, err error) []span {
	var parts []span
	add := func(k ink, text string) { parts = append(parts, span{k, text}) }
	visited := comma(int(p.Visited))
	switch {
	case done && err == nil:
		add(st.dim, fmt.Sprintf("all %s in %s", plural(int(p.Visited), "znode", "znodes"), took(p.Elapsed)))
	case done || stopped:
		add(st.dim, visited+" znodes visited")
	default:
		add(st.dim, fmt.Sprintf("%s of %s+ znodes", visited, comma(int(p.Visited+p.Queued))))
		if rate := p.Rate(); rate >= 1 && p.Waiting == "" {
			add(st.dim, comma(int(rate))+"/s")
		}
	}
	if p.Slow {
		add(st.dim, "one request a znode: the server is older than 3.6, or does not say")
	}
	if p.Unread > 0 {
		add(st.warn, comma(int(p.Unread))+" unreadable")
	}
	switch {
	case stopped:
		add(st.warn, "stopped")
	case err != nil && errors.Is(err, zkview.ErrNoNode):
		add(st.warn, "no such znode")
	case err != nil:
		add(st.bad, upper(safetext.CleanLine(err.Error())))
	case !done && p.Waiting != "":
		add(st.warn, "waiting: "+safetext.CleanLine(p.Waiting))
	}
	for len(parts) > 1 && spansWidth(parts)+3*(len(parts)-1)+1 > room {
		parts = parts[1:]
	}
	parts[0].text = safetext.Truncate(parts[0].text, max(room-1, 0))
	out := []span{parts[0]}
	for _, p := range parts[1:] {
		out = append(out, span{st.dim, " · "}, p)
	}
	return append(out, span{st.text, " "})
}

// listRows draws the results in view.
func (f *findScreen) listRows(st *styles, width, height int, now time.Time) []string {
	if f.stale() {
		st = st.stale()
	}
	column := 0 // where snippets begin
	for i := range f.page {
		if f.page[i].Snippet != "" {
			column = max(column, min(safetext.Width(safetext.Clean(f.page[i].Path)), width*45/100))
		}
	}
	rows := make([]string, 0, max(height, 0))
	for i := range f.page {
		if len(rows) >= height {
			break
		}
		rows = append(rows, f.row(st, &f.page[i], f.list.top+i == f.list.at, width, column, now))
	}
	return rows
}

// row draws one result: its path, what was found in its value, and its facts.
func (f *findScreen) row(st *styles, h *zkview.Hit, selected bool, width, column int, now time.Time) string {
	edge := span{st.text, " "}
	switch {
	case f.host.marked(h.Path):
		edge = span{st.accent, st.marked}
	case selected && f.inList:
		edge = span{st.accent, st.bar}
	}
	gone := f.facts.isGone(h.Path)
	plain := st.text
	if gone {
		plain = st.strike
	}
	right := f.rowFacts(st, h, gone, width, now)
	room := max(width-2-spansWidth(right)-1, 1)
	left := []span{edge}
	if h.Snippet == "" {
		return st.line(width, selected, append(left, st.pathSpans(h.Path, h.Name, room, plain, st.title)...), right)
	}
	path := st.pathSpans(h.Path, h.Name, min(max(column, 8), room), plain, st.title)
	left = append(left, path...)
	used := spansWidth(path)
	if rest := room - max(used, column) - 2; rest > 4 {
		left = append(left, span{st.text, strings.Repeat(" ", max(column-used, 0)+2)})
		left = append(left, st.snippetSpans(h.Snippet, h.In, rest, st.dim, st.title)...)
	}
	return st.line(width, selected, left, right)
}

// rowFacts are kind, size and age, as far as they are known and there is room.
func (f *findScreen) rowFacts(st *styles, h *zkview.Hit, gone bool, width int, now time.Time) []span {
	stat, known := h.Stat, h.HasStat
	if s, ok := f.facts.stats[h.Path]; ok {
		stat, known = s, true
	}
	var out []span
	switch {
	case gone:
		return []span{{st.bad, "gone "}}
	case h.Err != nil:
		out = append(out, span{st.warn, rowTrouble(st, h.Err) + " "})
	}
	if width < 60 {
		return out
	}
	if !known {
		return append(out, span{st.text, strings.Repeat(" ", 17)})
	}
	letters := modeLetters(zkview.Row{Name: lastPart(h.Path), Stat: stat})
	return append(out, span{st.accent, letters + " "},
		span{st.dim, safetext.PadLeft(sizeOrNone(stat), 7) + safetext.PadLeft(shortAge(now.Sub(stat.Modified())), 6) + " "})
}

// sizeOrNone is the size of a value as the tree shows it.
func sizeOrNone(stat zkview.Stat) string {
	if stat.DataLength == 0 {
		return "-"
	}
	return value.Size(int64(stat.DataLength))
}

// shortAge is an age in its largest unit alone, in at most five cells: a column of
// them does not flicker.
func shortAge(d time.Duration) string {
	if d >= time.Hour && d < 24*time.Hour {
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return value.Age(max(d, 0))
}

// findGuide shows what a query may have.
func findGuide(st *styles, width int) []string {
	var rows []string
	for _, g := range [][2]string{
		{"", ""},
		{"broker topic", "in the path; upper case counts if there is any"},
		{"*.json", "a glob of the name; with / of the path, ** for any names"},
		{"~brktop", "these characters in this order"},
		{"re:n_[0-9]+$", "a regular expression"},
		{"content:10.0.0.3", "in the value; content:0x0aff for bytes"},
		{"is:ephemeral", "also sequential, container, ttl, persistent, empty"},
		{"owner:0x1…", "ephemerals of this session"},
		{"size:>100k", "also children: version:"},
		{"changed:<1h", "also created:"},
		{"-x", "not x; \"two words\" as one"},
	} {
		rows = append(rows, st.line(width, false, []span{{st.accent, " " + safetext.Pad(g[0], 18)}, {st.dim, g[1]}}, nil))
	}
	return rows
}
