package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// scrollList is how far a person has scrolled in a list of lines that may grow at
// its end. Following, it stays at the end.
type scrollList struct {
	top, height int
	follow      bool
}

// update takes the keys that scroll.
func (l *scrollList) update(k tea.KeyPressMsg) bool {
	switch {
	case key.Matches(k, dkeys.Up):
		l.by(-1)
	case key.Matches(k, dkeys.Down):
		l.by(1)
	case key.Matches(k, dkeys.PageUp):
		l.by(-max(l.height-1, 1))
	case key.Matches(k, dkeys.PageDown):
		l.by(max(l.height-1, 1))
	default:
		return false
	}
	return true
}

func (l *scrollList) by(n int) {
	l.top += n
	l.follow = false
}

// window is which of n lines are visible at this height.
func (l *scrollList) window(n, height int) (from, to int) {
	l.height = height
	last := max(n-height, 0)
	if l.follow || l.top > last {
		l.top = last
	}
	l.top = max(l.top, 0)
	return l.top, min(l.top+height, n)
}

// logDialog shows lines that come and go at the end, with a filter.
type logDialog struct {
	head   string
	empty  string // said when there is no line
	source func() []logRow
	list   scrollList
	filter *textBox
	typing bool
	heads  func(width int) string // column headings; nil for none
}

// logRow is one line of a logDialog: spans, and the text that a filter looks at.
type logRow struct {
	text  string
	spans func(st *styles, width int) []span
}

var _ dialog = (*logDialog)(nil)

func newLogDialog(head, empty string, heads func(int) string, source func() []logRow) *logDialog {
	return &logDialog{
		head: head, empty: empty, heads: heads, source: source,
		list: scrollList{follow: true}, filter: newTextBox(false, ""),
	}
}

func (d *logDialog) title() string                    { return d.head }
func (d *logDialog) danger() bool                     { return false }
func (d *logDialog) unsaved() string                  { return "" }
func (d *logDialog) prefer(maxW, maxH int) (w, h int) { return min(maxW, 160), maxH }

func (d *logDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case d.typing && isKey && key.Matches(k, dkeys.Cancel):
		d.typing = false
		d.filter.set("")
	case d.typing && isKey && key.Matches(k, dkeys.Accept):
		d.typing = false
	case d.typing && isKey && key.Matches(k, dkeys.Up, dkeys.Down, dkeys.PageUp, dkeys.PageDown):
		d.list.update(k)
	case d.typing:
		_, _ = d.filter.update(msg) // what is refused filters nothing
	case !isKey:
	case key.Matches(k, dkeys.Cancel) && d.filter.text() != "":
		d.filter.set("")
	case key.Matches(k, dkeys.Close):
		return nil, true
	case key.Matches(k, dkeys.Search):
		d.typing = true
	case key.Matches(k, dkeys.ListTop):
		d.list.top, d.list.follow = 0, false
	case key.Matches(k, dkeys.ListBottom):
		d.list.follow = true
	case key.Matches(k, dkeys.ScrollUp):
		d.list.by(-1)
	case key.Matches(k, dkeys.ScrollDown):
		d.list.by(1)
	default:
		d.list.update(k)
	}
	return nil, false
}

// rows are the lines that pass the filter, and how many there are in all.
func (d *logDialog) rows() ([]logRow, int) {
	all := d.source()
	want := strings.ToLower(d.filter.text())
	if want == "" {
		return all, len(all)
	}
	out := make([]logRow, 0, len(all))
	for _, r := range all {
		if strings.Contains(strings.ToLower(r.text), want) {
			out = append(out, r)
		}
	}
	return out, len(all)
}

func (d *logDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	rows, all := d.rows()
	var out []string
	if d.heads != nil && height > 3 {
		out = append(out, st.line(width, false, []span{{st.dim, d.heads(width)}}, nil))
	}
	room := max(height-len(out)-1, 0)
	from, to := d.list.window(len(rows), room)
	for _, r := range rows[from:to] {
		out = append(out, st.line(width, false, r.spans(st, width), nil))
	}
	if len(rows) == 0 && room > 0 {
		text := d.empty
		if all > 0 {
			text = "nothing matches"
		}
		out = append(out, st.line(width, false, []span{{st.dim, text}}, nil))
	}
	for len(out) < height-1 {
		out = append(out, st.line(width, false, nil, nil))
	}
	state := fmt.Sprintf("%d of %d", to, len(rows))
	if d.list.follow {
		state = fmt.Sprintf("%d, following", len(rows))
	}
	var cursor *tea.Cursor
	foot := []span{{st.dim, state}}
	if d.typing || d.filter.text() != "" {
		x := min(2, width)
		lines, c := d.filter.render(st, max(width-x-len(state)-1, 1), 1, d.typing)
		if cursor = c; c != nil {
			c.X += x
			c.Y = height - 1
		}
		line := st.line(x, false, []span{{st.accent, "/ "}}, nil) + lines[0]
		rest := width - x - max(width-x-len(state)-1, 1)
		return append(out[:max(height-1, 0)], line+st.line(rest, false, nil, foot)), cursor
	}
	return append(out[:max(height-1, 0)], st.line(width, false, foot, nil)), nil
}

func (d *logDialog) keys() []key.Binding {
	if d.typing {
		return []key.Binding{named(dkeys.Accept, "keep the filter"), named(dkeys.Cancel, "no filter")}
	}
	return []key.Binding{dkeys.Search, named(dkeys.ScrollUp, "scroll"), dkeys.ListTop, dkeys.ListBottom, dkeys.Close}
}
