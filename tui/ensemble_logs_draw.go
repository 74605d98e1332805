package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// what names the log that is shown.
func (l *ensembleLogs) what() string {
	if l.id == 0 {
		return "all logs of " + l.seat.clean()
	}
	return "server " + strconv.Itoa(l.id) + " of " + l.seat.clean()
}

// render draws the head and the lines in view; its cost does not depend on how many
// lines there are.
func (l *ensembleLogs) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	head, cursor := l.head(st, width)
	rows := []string{head}
	room := max(height-1, 0)
	if len(l.shown) == 0 {
		for _, t := range wrapWords(l.nothing(), width-2) {
			rows = append(rows, st.line(width, false, []span{{st.dim, " " + t}}, nil))
		}
		return st.fill(rows, width, height), cursor
	}
	from, to := l.list.window(len(l.shown), room)
	if !l.wrap {
		for _, line := range l.shown[from:to] {
			rows = append(rows, l.line(st, line, width)...)
		}
		return st.fill(rows, width, height), cursor
	}
	body := make([]string, 0, room)
	if l.list.follow || to == len(l.shown) { // from the end, so that it is seen whole
		for i := len(l.shown) - 1; i >= 0 && len(body) < room; i-- {
			body = append(l.line(st, l.shown[i], width), body...)
		}
		body = body[max(len(body)-room, 0):]
	} else {
		for i := from; i < len(l.shown) && len(body) < room; i++ {
			body = append(body, l.line(st, l.shown[i], width)...)
		}
	}
	return st.fill(append(rows, body...), width, height), cursor
}

// head says what is shown, and how much of it.
func (l *ensembleLogs) head(st *styles, width int) (string, *tea.Cursor) {
	found := comma(len(l.shown)) + " " + word(len(l.shown), "line", "lines")
	if l.typed {
		return l.filter.render(st, width, found)
	}
	right := []span{{st.dim, found}}
	if f := l.filter.text(); f != "" {
		right = []span{{st.warn, "filter " + safetext.CleanLine(f)}, {st.dim, "  " + found + " of " + comma(len(l.lines))}}
	}
	switch {
	case l.err != nil:
		right = append(right, span{st.bad, "  " + safetext.Truncate(safetext.CleanLine(l.err.Error()), max(width/2, 8))})
	case l.list.follow:
		right = append(right, span{st.good, "  following"})
	default:
		right = append(right, span{st.warn, "  standing still"})
	}
	return st.line(width, false, []span{{st.bold, " " + upper(l.what())}}, append(right, span{st.text, " "})), nil
}

// nothing says why there is no line.
func (l *ensembleLogs) nothing() string {
	switch {
	case l.err != nil:
		return upper(sentence(safetext.CleanLine(l.err.Error())))
	case !l.read:
		return "reading …"
	case len(l.lines) > 0:
		return "nothing matches"
	}
	return "Nothing is logged yet."
}

// line draws a line; wrapped it may take several rows.
func (l *ensembleLogs) line(st *styles, line logLine, width int) []string {
	k := st.logInk(line.level)
	var head []span
	at := "        "
	if !line.at.IsZero() {
		at = line.at.Local().Format("15:04:05")
		if width >= 100 {
			at += line.at.Local().Format(".000")
		}
	} else if width >= 100 {
		at += "    "
	}
	if width >= 50 {
		head = append(head, span{st.dim, " " + at})
	}
	if l.id == 0 {
		who := strconv.Itoa(line.server)
		if line.at.IsZero() {
			who = ""
		}
		head = append(head, span{st.accent, " " + safetext.PadLeft(who, 2)})
	}
	if width >= 60 {
		level := line.level
		if line.at.IsZero() {
			level = ""
		}
		head = append(head, span{k, " " + safetext.Pad(safetext.Truncate(level, 5), 5)})
	}
	ink := st.text
	if k == st.bad || k == st.warn {
		ink = k
	}
	if line.at.IsZero() {
		ink = st.dim
	}
	head = append(head, span{st.text, " "})
	room := width - spansWidth(head) - 1
	if !l.wrap || safetext.Width(line.text) <= room {
		return []string{st.line(width, false, append(head, span{ink, line.text}), nil)}
	}
	var rows []string
	blank := []span{{st.text, strings.Repeat(" ", spansWidth(head))}}
	for i, part := range wrapWords(line.text, room) {
		if i > 0 {
			head = blank
		}
		rows = append(rows, st.line(width, false, append(head[:len(head):len(head)], span{ink, part}), nil))
	}
	return rows
}

// logInk is the colour of a level.
func (st *styles) logInk(level string) ink {
	switch strings.ToUpper(level) {
	case "ERROR", "FATAL":
		return st.bad
	case "WARN", "WARNING":
		return st.warn
	case "DEBUG", "TRACE":
		return st.dim
	}
	return st.dim
}
