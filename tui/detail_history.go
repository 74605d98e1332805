package tui

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// historyView shows what watches saw of a znode while we looked, newest first,
// and the difference between any two of the values.
type historyView struct {
	cursor int       // entry under the cursor, counted from the newest
	marked time.Time // of the entry to compare with; zero is none
	diff   []value.DiffLine
	about  string // what is compared
}

func (h *historyView) diffing() bool { return h.diff != nil }

func (h *historyView) move(by, n int) { h.cursor = min(max(h.cursor+by, 0), max(n-1, 0)) }

// hints are the keys of the tab.
func (h *historyView) hints(k *KeyMap) []hint {
	if h.diffing() {
		return []hint{{k.Back, "back to the list"}}
	}
	return []hint{{k.Diff, "compare"}, {k.MarkEntry, "mark to compare with"}}
}

// historyKey does what a key does in the History tab.
func (m *model) historyKey(msg tea.KeyPressMsg) tea.Cmd {
	d, k := &m.detail, &m.keys
	n := len(d.history)
	if n == 0 || d.hist.diffing() {
		return nil
	}
	at := n - 1 - min(d.hist.cursor, n-1)
	switch {
	case key.Matches(msg, k.MarkEntry):
		if when := d.history[at].At; d.hist.marked.Equal(when) {
			d.hist.marked = time.Time{}
		} else {
			d.hist.marked = when
		}
	case key.Matches(msg, k.Diff), key.Matches(msg, k.Toggle):
		return m.compare(at)
	}
	return nil
}

// compare shows the difference between the entry at and the marked one, or the
// last value before it.
func (m *model) compare(at int) tea.Cmd {
	d := &m.detail
	to := d.history[at]
	from, ok := d.history[at], false
	for i := range d.history {
		e := d.history[i]
		switch {
		case !d.hist.marked.IsZero() && e.At.Equal(d.hist.marked):
			from, ok = e, true
		case d.hist.marked.IsZero() && i < at && e.HasData:
			from, ok = e, true
		}
	}
	if !ok || !to.HasData || !from.HasData {
		m.say(levelInfo, "There are not two values to compare: a value is known only if the znode was selected when it changed")
		return nil
	}
	path, about := d.path, fmt.Sprintf("%s v%d  →  %s v%d", clock(from.At), from.Stat.Version, clock(to.At), to.Stat.Version)
	old, now := from.Data, to.Data
	return func() tea.Msg {
		return diffReadyMsg{path: path, about: about, lines: value.Collapse(value.Diff(old, now), 3)}
	}
}

// diffReady shows a difference that was computed aside.
func (d *detail) diffReady(msg diffReadyMsg) {
	if msg.path != d.path {
		return
	}
	d.hist.diff, d.hist.about = msg.lines, msg.about
	if d.hist.diff == nil {
		d.hist.diff = []value.DiffLine{}
	}
	d.offset[tabHistory] = 0
}

// historyLines draws the list or the difference.
func (d *detail) historyLines(st *styles, width, height int, now time.Time) []string {
	if d.hist.diffing() {
		return d.diffLines(st, width, height)
	}
	n := len(d.history)
	if n == 0 {
		return d.window(st, width, height, [][]span{
			{{st.dim, " Nothing changed while we looked."}},
			{{st.dim, " What watches see of this znode is listed here."}},
		})
	}
	d.lines = n
	d.hist.move(0, n)
	from := min(max(d.hist.cursor-height/2, 0), max(n-height, 0))
	out := make([]string, 0, height)
	for i := from; i < min(from+height, n); i++ {
		e := d.history[n-1-i]
		out = append(out, st.line(width, i == d.hist.cursor, st.historyEntry(e, d.hist.marked.Equal(e.At), now), nil))
	}
	return out
}

// historyEntry is one line of the list.
func (st *styles) historyEntry(e zkview.HistoryEntry, marked bool, now time.Time) []span {
	edge := " "
	if marked {
		edge = st.marked
	}
	sign, k := " ", st.text
	switch e.Kind {
	case zkview.HistoryCreated:
		sign, k = st.created, st.good
	case zkview.HistoryChanged:
		sign, k = st.changed, st.warn
	case zkview.HistoryDeleted:
		sign, k = st.deleted, st.bad
	}
	out := []span{{st.accent, edge}, {st.dim, clock(e.At) + "  "}, {k, sign + " " + safetext.Pad(e.Kind.String(), 16)}}
	if e.Kind != zkview.HistoryDeleted {
		out = append(out,
			span{st.text, fmt.Sprintf(" v%-5d", e.Stat.Version)},
			span{st.dim, fmt.Sprintf("%8s  %-12s", value.Size(int64(e.Stat.DataLength)), zxid(e.Zxid))})
		if e.Missed > 0 {
			out = append(out, span{st.warn, fmt.Sprintf(" %d unseen before", e.Missed)})
		}
		if !e.HasData && e.Kind != zkview.HistoryChildren {
			out = append(out, span{st.dim, " value not seen"})
		}
	}
	return append(out, span{st.dim, "  " + value.Age(now.Sub(e.At)) + " ago"})
}

// diffLines draws the difference that is in view.
func (d *detail) diffLines(st *styles, width, height int) []string {
	lines := [][]span{{{st.dim, " " + d.hist.about}}, nil}
	if len(d.hist.diff) == 0 {
		lines = append(lines, []span{{st.dim, " The values are the same."}})
	}
	for _, l := range d.hist.diff {
		lines = append(lines, st.diffLine(l))
	}
	return d.window(st, width, height, lines)
}

// diffLine is one line of a difference.
func (st *styles) diffLine(l value.DiffLine) []span {
	switch l.Kind {
	case value.Added:
		return []span{{st.good, " + " + l.Text}}
	case value.Removed:
		return []span{{st.bad, " - " + l.Text}}
	case value.Skipped:
		return []span{{st.dim, fmt.Sprintf(" %s %d lines alike", st.ellipsis, l.Count)}}
	case value.Cut:
		return []span{{st.warn, " the rest is too long to compare"}}
	default:
		return []span{{st.text, "   " + l.Text}}
	}
}

func clock(t time.Time) string { return t.Format("15:04:05") }
