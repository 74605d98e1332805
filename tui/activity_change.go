package tui

import (
	"fmt"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// besideDiff is the width from which two values stand side by side.
const besideDiff = 100

// changeView shows one change of the feed in the place of the list: the value
// before and after.
type changeView struct {
	open   bool
	gen    int // of the comparison under way
	act    zkview.Action
	ready  bool
	lines  []value.DiffLine // one below the other
	beside []value.Row      // side by side
	top    int              // the first line shown
	shown  int              // lines there are, when last drawn
	height int              // and how many of them fit
}

// changeReadyMsg is the comparison of the values of a change.
type changeReadyMsg struct {
	gen    int
	lines  []value.DiffLine
	beside []value.Row
}

// show opens the view of a change and compares its values aside.
func (c *changeView) show(act zkview.Action) tea.Cmd {
	*c = changeView{open: true, gen: c.gen + 1, act: act}
	return c.compare()
}

func (c *changeView) close() { *c = changeView{gen: c.gen + 1} }

// compare compares what is known of the values.
func (c *changeView) compare() tea.Cmd {
	gen, before, after := c.gen, c.act.Before, c.act.Data
	both := c.act.HasBefore && c.act.HasData
	if !c.act.HasBefore {
		before = after
	}
	if !c.act.HasData {
		after = before
	}
	return func() tea.Msg {
		if !both { // one value, all of it
			return changeReadyMsg{gen: gen, lines: value.Diff(before, after)}
		}
		return changeReadyMsg{
			gen:    gen,
			lines:  value.Collapse(value.Diff(before, after), 3),
			beside: value.SideBySide(before, after, 3),
		}
	}
}

// again compares anew when more was read of the change on screen.
func (c *changeView) again(acts []zkview.Action) tea.Cmd {
	if !c.open {
		return nil
	}
	for i := range acts {
		if acts[i].Seq == c.act.Seq {
			c.gen++
			c.act = acts[i]
			return c.compare()
		}
	}
	return nil
}

// take shows a comparison.
func (c *changeView) take(msg changeReadyMsg) {
	if msg.gen == c.gen && c.open {
		c.lines, c.beside, c.ready = msg.lines, msg.beside, true
	}
}

func (c *changeView) scroll(by int) { c.top = max(min(c.top+by, c.shown-c.height), 0) }

// key does what a key does while a change is shown.
func (c *changeView) key(msg tea.KeyPressMsg, k *KeyMap) bool {
	page := max(c.height-1, 1)
	switch {
	case key.Matches(msg, k.Back), key.Matches(msg, k.ShowChange), key.Matches(msg, k.Close):
		c.close()
	case key.Matches(msg, k.Up):
		c.scroll(-1)
	case key.Matches(msg, k.Down):
		c.scroll(1)
	case key.Matches(msg, k.HalfUp):
		c.scroll(-page / 2)
	case key.Matches(msg, k.HalfDown):
		c.scroll(page / 2)
	case key.Matches(msg, k.PageUp):
		c.scroll(-page)
	case key.Matches(msg, k.PageDown):
		c.scroll(page)
	case key.Matches(msg, k.Top):
		c.top = 0
	case key.Matches(msg, k.Bottom):
		c.scroll(c.shown)
	default:
		return false
	}
	return true
}

// render draws the change on height rows of width cells.
func (c *changeView) render(st *styles, width, height int, now time.Time) []string {
	p := page{st: st, width: width}
	sign, k, word := st.activityKind(c.act.Kind)
	head := []span{{k, " " + sign + " " + word}, {st.dim, "  " + c.act.At.Format(feedClock)}}
	if c.act.HasStat {
		head = append(head,
			span{st.text, "  v" + itoa(c.act.Stat.Version)},
			span{st.dim, "  " + value.Size(int64(c.act.Stat.DataLength)) + "  zxid " + zxid(c.act.Stat.Mzxid)})
	}
	p.lines = append(p.lines, st.line(width, false, head, nil))
	p.add(span{st.bold, " " + safetext.TruncateMiddle(safetext.Clean(c.act.Path), width-2)})
	for _, note := range c.notes(now) {
		for _, l := range wrapWords(note, max(width-2, 1)) {
			p.add(span{st.warn, " " + l})
		}
	}
	p.lines = p.lines[:min(len(p.lines), max(height-1, 0))]
	room := height - len(p.lines)
	if room > 6 {
		p.blank()
		room--
	}
	body := c.body(st, width)
	c.shown, c.height = body.n, room
	c.scroll(0)
	for i := range room {
		if c.top+i >= c.shown {
			p.blank()
			continue
		}
		p.lines = append(p.lines, body.draw(c.top+i))
	}
	return p.lines
}

// notes say what is to be known of the change before one looks at the values.
func (c *changeView) notes(now time.Time) []string {
	a := &c.act
	if a.Kind == zkview.Resync {
		out := []string{resyncText(a) + "."}
		if a.Note != "" {
			out = append(out, upper(safetext.CleanLine(a.Note))+".")
		}
		return out
	}
	out := []string{valuesNote(a, now)}
	if a.Missed {
		out = append(out, "Found by reading again: it happened some time before.")
	}
	if a.Cut && a.HasData {
		out = append(out, fmt.Sprintf("Only the first %s of the value are kept.", value.Size(zkview.HeldAction)))
	}
	return slices.DeleteFunc(out, func(note string) bool { return note == "" })
}

// valuesNote says what the values below it are, or why there are none; empty where
// they are before and after.
func valuesNote(a *zkview.Action, now time.Time) string {
	held := ""
	if a.HasBefore {
		held = " Before, it held:"
	}
	switch {
	case a.Err != nil:
		return upper(reason(a.Err)) + "." + held
	case a.Note != "":
		return upper(safetext.CleanLine(a.Note)) + "."
	case a.Kind == zkview.Deleted && a.HasBefore:
		return "This is what it held last:"
	case a.Kind == zkview.Deleted:
		return "Nothing is known of what it held."
	case !a.HasData && reading(a, now):
		return "The value is being read …" + held
	case !a.HasData && a.Cut:
		return fmt.Sprintf("The value is longer than %s and was not read.", value.Size(zkview.HeldAction)) + held
	case !a.HasData:
		return "The value was not read: it had changed again by then, or is gone." + held
	case a.Kind == zkview.Created:
		return "Nothing was there before. It holds now:"
	case !a.HasBefore:
		return "Nothing is known of the value before. It holds now:"
	}
	return ""
}

// drawn is a number of rows that are drawn one by one.
type drawn struct {
	n    int
	draw func(i int) string
}

// body is the comparison as it fits the width; only rows in view are drawn.
func (c *changeView) body(st *styles, width int) drawn {
	a := &c.act
	one := func(text string) drawn {
		return drawn{1, func(int) string { return st.line(width, false, []span{{st.dim, " " + text}}, nil) }}
	}
	switch {
	case a.Kind == zkview.Resync, !a.HasData && !a.HasBefore:
		return drawn{}
	case !c.ready:
		return one("comparing …")
	case len(c.lines) == 0, len(a.Data) == 0 && len(a.Before) == 0:
		return one("The value is empty.")
	case a.HasData && a.HasBefore && width >= besideDiff:
		return drawn{len(c.beside), func(i int) string { return st.besideLine(c.beside[i], width) }}
	}
	return drawn{len(c.lines), func(i int) string { return st.line(width, false, st.diffLine(c.lines[i]), nil) }}
}

// besideLine is one row of two values side by side.
func (st *styles) besideLine(r value.Row, width int) string {
	switch r.Left.Kind {
	case value.Skipped:
		return st.line(width, false, st.diffLine(value.DiffLine{Kind: value.Skipped, Count: r.Count}), nil)
	case value.Cut:
		return st.line(width, false, st.diffLine(value.DiffLine{Kind: value.Cut}), nil)
	}
	half := max((width-7)/2, 1)
	row := diffRow{r.Left.Text, r.Right.Text, r.Left.Kind != value.Same || r.Right.Kind != value.Same}
	left, right := row.halves(half)
	ink := func(k value.DiffKind) (ink, string) {
		switch k {
		case value.Removed:
			return st.bad, " - "
		case value.Added:
			return st.good, " + "
		default:
			return st.text, "   "
		}
	}
	li, ls := ink(r.Left.Kind)
	ri, rs := ink(r.Right.Kind)
	if r.Left.Number == 0 {
		ls = "   "
	}
	if r.Right.Number == 0 {
		rs = "   "
	}
	return st.line(width, false, []span{{li, ls + left}, {st.dim, st.divider}, {ri, rs + right}}, nil)
}
