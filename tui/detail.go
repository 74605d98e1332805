package tui

import (
	"errors"
	"image"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// tab is a page of the detail.
type tab uint8

const (
	tabValue tab = iota
	tabStat
	tabACL
	tabHistory
	tabCount
)

func (t tab) String() string { return [...]string{"Value", "Stat", "ACL", "History"}[t] }

// detail shows the selected znode. It keeps the last thing it knew while the
// next is loading, and says so.
type detail struct {
	path          string
	rested        bool // the selection has rested here, so the value was asked for
	width, height int
	tab           tab

	stat    zkview.Stat
	hasStat bool
	err     error // why the value or the znode could not be read

	val valueView

	acl    []zkview.ACL
	aclErr error
	aclAt  time.Time // zero: not read yet

	history []zkview.HistoryEntry
	hist    historyView

	offset [tabCount]int // the first line shown of each tab
	lines  int           // lines of the current tab, when last drawn
}

// turnTo shows another znode: what is known of the old one goes.
func (d *detail) turnTo(path string, history []zkview.HistoryEntry) {
	*d = detail{
		path: path, tab: d.tab, width: d.width, height: d.height, history: history,
		val: valueView{style: d.val.style, wrap: d.val.wrap, gen: d.val.gen + 1},
	}
}

func (d *detail) resize(width, height int) { d.width, d.height = width, height }

// news takes what the feed learned of the znode and returns the command that
// recognises a new value.
func (d *detail) news(n zkview.News) tea.Cmd {
	switch n.Kind {
	case zkview.StatNews:
		switch {
		case n.Err != nil:
			d.err, d.val.stale = n.Err, true
		case errors.Is(d.err, zkview.ErrNoNode): // it is back
			d.err = nil
			fallthrough
		default: // that it exists says nothing about why its value could not be read
			d.stat, d.hasStat = n.Stat, true
		}
	case zkview.DataNews:
		d.val.loading = false
		if n.Err != nil {
			if !errors.Is(n.Err, zkview.ErrHeld) {
				d.err = n.Err
			}
			d.val.held = errors.Is(n.Err, zkview.ErrHeld)
			if n.Stat != (zkview.Stat{}) {
				d.stat, d.hasStat = n.Stat, true
			}
			return nil
		}
		d.err = nil
		d.stat, d.hasStat = n.Stat, true
		return d.val.take(d.path, n.Data)
	case zkview.ProgressNews:
		d.val.got, d.val.size = n.Got, n.Size
	}
	return nil
}

// held tells that the value waits to be loaded because it is large.
func (d *detail) held() bool { return d.val.held }

// bytes is the whole value, if it is here.
func (d *detail) bytes() ([]byte, bool) { return d.val.data, d.val.have }

// aclRead takes the answer of the ACL tab.
func (d *detail) aclRead(msg aclReadMsg) {
	if msg.path != d.path {
		return
	}
	d.acl, d.aclErr, d.aclAt = msg.acl, msg.err, msg.at
}

// switchTab goes by tabs to the right, around the end.
func (d *detail) switchTab(by int) {
	d.tab = (d.tab + tab(by+int(tabCount))) % tabCount
}

// scroll moves the lines, not past the last.
func (d *detail) scroll(by int) {
	if d.tab == tabHistory && !d.hist.diffing() {
		d.hist.move(by, len(d.history))
		return
	}
	o := &d.offset[d.tab]
	*o = max(min(*o+by, d.lines-d.page()), 0)
}

// page is the number of lines below the tabs.
func (d *detail) page() int { return max(d.height-3, 1) }

// detailKey does what a key does in the detail.
func (m *model) detailKey(msg tea.KeyPressMsg) tea.Cmd {
	k, d := &m.keys, &m.detail
	switch {
	case key.Matches(msg, k.Up):
		d.scroll(-1)
	case key.Matches(msg, k.Down):
		d.scroll(1)
	case key.Matches(msg, k.HalfUp):
		d.scroll(-d.page() / 2)
	case key.Matches(msg, k.HalfDown):
		d.scroll(d.page() / 2)
	case key.Matches(msg, k.PageUp):
		d.scroll(-d.page())
	case key.Matches(msg, k.PageDown):
		d.scroll(d.page())
	case key.Matches(msg, k.Top):
		d.scroll(-1 << 30)
	case key.Matches(msg, k.Bottom):
		d.scroll(1 << 30)
	case key.Matches(msg, k.Open) && d.tab == tabValue:
		d.val.pan(8)
	case key.Matches(msg, k.Close) && d.tab == tabValue && d.val.pan(-8):
	case key.Matches(msg, k.Close):
		m.switchFocus()
	case key.Matches(msg, k.Raw) && d.tab == tabValue:
		return d.val.nextStyle(d.path)
	case key.Matches(msg, k.Wrap) && d.tab == tabValue:
		d.val.wrap = !d.val.wrap
		return d.val.layOut(d.path)
	case d.tab == tabHistory:
		return m.historyKey(msg)
	case key.Matches(msg, k.Toggle) && d.held():
		m.load(d.path)
	}
	return nil
}

// hints are the keys that do something in this tab.
func (d *detail) hints(k *KeyMap) []hint {
	out := []hint{{k.PrevTab, ""}, {k.NextTab, "tabs"}}
	switch d.tab {
	case tabValue:
		if d.held() {
			out = append(out, hint{k.Load, "load"})
		}
		out = append(out, hint{k.Raw, "pretty/raw/hex"}, hint{k.Wrap, "wrap"}, hint{k.Edit, "edit"}, hint{k.CopyValue, "copy"})
	case tabHistory:
		out = append(out, d.hist.hints(k)...)
	}
	return out
}

// click on a tab's name shows it.
func (d *detail) click(at image.Point, m *model) tea.Cmd {
	if at.Y != 1 {
		return nil
	}
	x := 1
	for t := tabValue; t < tabCount; t++ {
		w := safetext.Width(d.tabName(t))
		if at.X >= x && at.X < x+w {
			d.tab = t
			return m.readACL()
		}
		x += w + 2
	}
	return nil
}

func (d *detail) tabName(t tab) string {
	n := len(d.history)
	if t != tabHistory || n == 0 {
		return t.String()
	}
	if d.history[0].Kind == zkview.HistoryRead {
		n-- // how it was found is no change
	}
	if n == 0 {
		return t.String()
	}
	return t.String() + " " + itoa(int32(n))
}

// render draws path, tabs, and the lines of the tab.
func (d *detail) render(st *styles, width, height int, focused bool, ours int64, now time.Time) []string {
	rows := make([]string, 0, height)
	rows = append(rows, d.titleLine(st, width, focused), d.tabsLine(st, width, now))
	rows = append(rows, st.line(width, false, nil, nil))
	if body := height - len(rows); body > 0 {
		rows = append(rows, d.bodyLines(st, width, body, ours, now)...)
	}
	for len(rows) < height {
		rows = append(rows, st.line(width, false, nil, nil))
	}
	return rows[:height]
}

func (d *detail) titleLine(st *styles, width int, focused bool) string {
	edge := span{st.text, " "}
	if focused {
		edge = span{st.accent, st.bar}
	}
	kind := ""
	if k := d.stat.Kind(); d.hasStat && d.err == nil && k != zkview.Persistent { // what servers do not tell is not said
		kind = k.String() + " "
	}
	room := width - 2 - safetext.Width(kind) - 1
	path := safetext.TruncateMiddle(safetext.Clean(d.path), max(room, 8))
	return st.line(width, false, []span{edge, {st.bold, path}}, []span{{st.dim, kind}})
}

func (d *detail) tabsLine(st *styles, width int, now time.Time) string {
	left := []span{{st.text, " "}}
	for t := tabValue; t < tabCount; t++ {
		k := st.dim
		name := d.tabName(t)
		if t == d.tab {
			k = st.title
			if st.mono {
				name = "[" + name + "]"
			}
		}
		left = append(left, span{k, name}, span{st.text, "  "})
	}
	return st.line(width, false, left, []span{{st.dim, d.about(now) + " "}})
}

// about describes what is shown, in the corner of the tabs.
func (d *detail) about(now time.Time) string {
	switch d.tab {
	case tabValue:
		return d.val.about()
	case tabACL:
		if !d.aclAt.IsZero() {
			return "read " + value.Age(now.Sub(d.aclAt)) + " ago"
		}
	}
	return ""
}

// bodyLines are the lines of the tab that are in view.
func (d *detail) bodyLines(st *styles, width, height int, ours int64, now time.Time) []string {
	var lines [][]span
	switch {
	case d.err != nil && d.tab != tabHistory && d.tab != tabACL:
		lines = d.trouble(st)
	case d.tab == tabValue:
		return d.valueLines(st, width, height)
	case d.tab == tabStat && d.hasStat:
		lines = statLines(st, d.stat, ours, now)
	case d.tab == tabACL && d.aclErr != nil:
		lines = [][]span{{{st.warn, " " + upper(safetext.CleanLine(d.aclErr.Error()))}}}
	case d.tab == tabACL && !d.aclAt.IsZero():
		lines = aclLines(st, d.acl)
	case d.tab == tabHistory:
		return d.historyLines(st, width, height, now)
	default:
		lines = [][]span{{{st.dim, " loading " + st.ellipsis}}}
	}
	return d.window(st, width, height, lines)
}

// window draws the lines that are in view and remembers how many there are.
func (d *detail) window(st *styles, width, height int, lines [][]span) []string {
	d.lines = len(lines)
	from := min(d.offset[d.tab], max(len(lines)-height, 0))
	out := make([]string, 0, height)
	for _, l := range lines[from:min(from+height, len(lines))] {
		out = append(out, st.line(width, false, l, nil))
	}
	return out
}

// trouble says why the znode is not shown.
func (d *detail) trouble(st *styles) [][]span {
	lines := [][]span{{{st.warn, " " + st.warnSign + " " + upper(reason(d.err))}}}
	hint := ""
	switch {
	case errors.Is(d.err, zkview.ErrNoNode):
		hint = "It was deleted. History keeps what was seen of it."
	case errors.Is(d.err, zkview.ErrNoAuth):
		hint = "The ACL tab may tell who may read it; credentials come with the profile."
	case errors.Is(d.err, zkview.ErrBadPath):
		hint = "Its name can be listed but not sent in a request."
	}
	if hint != "" {
		lines = append(lines, []span{{st.dim, "   " + hint}})
	}
	return lines
}

// nextChange is how long the ages that are shown stay true; 0 means that none is
// shown.
func (d *detail) nextChange(now time.Time) time.Duration {
	var youngest time.Time
	switch d.tab {
	case tabStat:
		if d.hasStat {
			youngest = d.stat.Modified()
		}
	case tabACL:
		youngest = d.aclAt
	case tabHistory:
		if n := len(d.history); n > 0 {
			youngest = d.history[n-1].At
		}
	}
	if youngest.IsZero() {
		return 0
	}
	unit := time.Second
	if age := now.Sub(youngest); age > time.Minute {
		unit = time.Minute
	}
	return unit
}
