package tui

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/tui/value"
)

// readDialog shows lines to be read and scrolled.
type readDialog struct {
	head  string
	lines func(st *styles, width int) [][]span
	list  scrollList
	tall  int // how many lines there are, when last drawn
}

var _ dialog = (*readDialog)(nil)

func (d *readDialog) title() string   { return d.head }
func (d *readDialog) danger() bool    { return false }
func (d *readDialog) unsaved() string { return "" }

// prefer counts the lines; which styles they have does not matter for that.
func (d *readDialog) prefer(maxW, maxH int) (w, h int) {
	w = min(maxW, 96)
	return w, min(len(d.lines(&styles{}, w-2))+1, maxH)
}

func (d *readDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case !isKey:
	case key.Matches(k, dkeys.Close, dkeys.Accept):
		return nil, true
	case key.Matches(k, dkeys.ListTop):
		d.list.top = 0
	case key.Matches(k, dkeys.ListBottom):
		d.list.top = d.tall
	case key.Matches(k, dkeys.ScrollUp):
		d.list.by(-1)
	case key.Matches(k, dkeys.ScrollDown):
		d.list.by(1)
	default:
		d.list.update(k)
	}
	return nil, false
}

func (d *readDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	lines := d.lines(st, width)
	d.tall = len(lines)
	from, to := d.list.window(len(lines), max(height-1, 0))
	out := make([]string, 0, height)
	for _, l := range lines[from:to] {
		out = append(out, st.line(width, false, l, nil))
	}
	out = st.fill(out, width, max(height-1, 0))
	return append(out, st.line(width, false, nil, st.more(width, from > 0, to < len(lines)))), nil
}

func (d *readDialog) keys() []key.Binding {
	return []key.Binding{named(dkeys.ScrollUp, "scroll"), dkeys.ListTop, dkeys.ListBottom, dkeys.Close}
}

// newContenderDialog shows all that is known of the contender with this index of a
// view, and the beginning of its value, as they were when it was opened.
func newContenderDialog(v *lockctl.View, index int, ours bool, now time.Time) dialog {
	k := &v.Contenders[index]
	facts := contenderFacts(v, k, ours, now)
	note, doc := contenderValue(k)
	return &readDialog{head: safetext.Clean(k.Node), lines: func(st *styles, width int) [][]span {
		var rows [][]span
		for _, f := range facts {
			label := safetext.Pad(f[0], 14)
			for _, l := range wrapWords(f[1], max(width-14, 8)) {
				rows = append(rows, []span{{st.dim, label}, {st.text, l}})
				label = safetext.Pad("", 14)
			}
		}
		rows = append(rows, nil, []span{{st.dim, note}})
		if doc != nil {
			for _, l := range doc.Page(max(width-1, 1), true).Rows(0, maxContenderLines, 0) {
				rows = append(rows, st.valueSpans(l))
			}
		}
		return rows
	}}
}

// maxContenderLines is how many lines of a value are shown at most: only its
// beginning is read.
const maxContenderLines = 300

// contenderFacts are what is known of a contender, each under its name.
func contenderFacts(v *lockctl.View, k *lockctl.Contender, ours bool, now time.Time) [][2]string {
	var out [][2]string
	add := func(name, text string) {
		if text != "" {
			out = append(out, [2]string{name, text})
		}
	}
	add("path", safetext.Clean(childPath(k.Dir, k.Node)))
	add("as", fmt.Sprintf("%s, %s", k.Mode, k.Recipe))
	add("stands", standing(v, k))
	add("identity", safetext.CleanLine(k.Identity))
	add("address", safetext.CleanLine(k.Address))
	switch {
	case k.Session != 0 && ours:
		add("session", zxid(k.Session)+", of ours")
	case k.Session != 0:
		add("session", zxid(k.Session))
	case k.Stat.Known():
		add("session", "none: it is persistent and does not go by itself")
	}
	if !k.Stat.Known() {
		add("", "Nothing but its name is known: it has not been read, or its ACL does not let us.")
		return out
	}
	if at := v.QueuedAt(k); !at.IsZero() {
		add("queued", stamp(at)+", "+value.Age(now.Sub(at))+" ago, by our clock")
	}
	s := &k.Stat
	add("token", zxid(s.Czxid)+", its czxid: who queues later has a higher one")
	add("ctime", stamp(time.UnixMilli(s.Ctime)))
	if s.Mtime != s.Ctime || s.Version != 0 {
		add("mtime", stamp(time.UnixMilli(s.Mtime)))
		add("dataVersion", itoa(s.Version))
	}
	add("dataLength", fmt.Sprint(s.DataLength))
	return out
}

// standing says in a sentence how a contender stands.
func standing(v *lockctl.View, k *lockctl.Contender) string {
	switch {
	case k.Role == lockctl.Holder:
		return "holds: it is who the recipe lets in, whether its client knows or not"
	case k.Role != lockctl.Waiter || k.WaitsFor < 0:
		return "role unknown: the znodes do not settle it"
	}
	text := "waits for " + safetext.Clean(v.Contenders[k.WaitsFor].Node)
	if k.All {
		text += " and all before that"
	}
	if k.Seen {
		text += "; its session was seen to watch that"
	}
	return text
}

// contenderValue is the value as far as it was read, and what it is.
func contenderValue(k *lockctl.Contender) (note string, doc *value.Document) {
	switch n := int(k.Stat.DataLength); {
	case k.Data == nil && (n > 0 || !k.Stat.Known()):
		return "The value has not been read.", nil
	case len(k.Data) == 0:
		return "The value is empty.", nil
	case len(k.Data) < n:
		note = fmt.Sprintf("The first %s of %s of the value:", value.Size(int64(len(k.Data))), value.Size(int64(n)))
	default:
		note = "The value:"
	}
	return note, value.Layout(value.Recognise(k.Data), value.Options{})
}
