package tui

import (
	"errors"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// page collects the lines of a dialog, of any height, and then shows the part of
// them that fits.
type page struct {
	st     *styles
	width  int
	lines  []string
	cursor *tea.Cursor
	// from and to are the lines that must be seen: those of the field with the focus.
	from, to int
	// scroll is how far the person scrolled where no field has the focus.
	scroll *int
}

// add appends one line of spans.
func (p *page) add(left ...span) { p.lines = append(p.lines, p.st.line(p.width, false, left, nil)) }

// blank appends an empty line.
func (p *page) blank() { p.lines = append(p.lines, strings.Repeat(" ", max(p.width, 0))) }

// say appends a safe text in as many lines as it needs.
func (p *page) say(k ink, text string) {
	for _, l := range wrapWords(text, p.width) {
		p.add(span{k, l})
	}
}

// put appends lines that are width cells wide already, with their cursor.
func (p *page) put(lines []string, c *tea.Cursor, x int) {
	if c != nil {
		c.X += x
		c.Y += len(p.lines)
		p.cursor = c
	}
	p.lines = append(p.lines, lines...)
}

// focusFrom tells that the lines appended since line from have the focus.
func (p *page) focusFrom(from int) { p.from, p.to = from, len(p.lines) }

// fit returns exactly height lines: as much of the page as there is room for, the
// focus in any case, and the line foot below it.
func (p *page) fit(height int, foot ...span) ([]string, *tea.Cursor) {
	room := height
	if foot != nil {
		room--
	}
	top := min(p.from, max(p.to-room, 0))
	if c := p.cursor; c != nil && (c.Y < top || c.Y >= top+room) {
		top = max(c.Y-room+1, 0)
	}
	if p.scroll != nil {
		*p.scroll = min(max(*p.scroll, 0), max(len(p.lines)-room, 0))
		top = *p.scroll
	}
	out := make([]string, 0, height)
	out = append(out, p.lines[min(top, len(p.lines)):min(top+max(room, 0), len(p.lines))]...)
	for len(out) < room {
		out = append(out, strings.Repeat(" ", max(p.width, 0)))
	}
	if foot != nil && height > 0 {
		right := p.st.more(p.width-spansWidth(foot)-1, top > 0, len(p.lines) > top+room)
		out = append(out, p.st.line(p.width, false, foot, right))
	}
	c := p.cursor
	if c != nil {
		if c.Y -= top; c.Y < 0 || c.Y >= room {
			c = nil
		}
	}
	return out[:max(height, 0)], c
}

// more says that there are lines out of sight, in as many words as fit.
func (st *styles) more(room int, above, below bool) []span {
	text := ""
	switch {
	case above && below:
		text = "more above and below"
	case above:
		text = "more above"
	case below:
		text = "more below"
	}
	if len(text) > room {
		text = "more"
	}
	if !above && !below || len(text) > room {
		return nil
	}
	return []span{{st.dim, text}}
}

// wrapWords breaks safe text at blanks, and within words that are longer than a
// line.
func wrapWords(text string, width int) []string {
	if width <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(text, width, ""), "\n")
}

// labelWidth is the column in which the fields of a form begin.
const labelWidth = 10

// label is the name of a field, in the accent when the field has the focus.
func (p *page) label(text string, focused bool) span {
	k := p.st.dim
	if focused {
		k = p.st.title
	}
	return span{k, safetext.Pad(text, min(labelWidth, p.width/2))}
}

// field appends a one-line text field.
func (p *page) field(name string, box *textBox, focused bool) {
	from := len(p.lines)
	l := p.label(name, focused)
	x := safetext.Width(l.text)
	lines, c := box.render(p.st, p.width-x, 1, focused)
	p.put([]string{p.st.line(x, false, []span{l}, nil) + lines[0]}, c, x)
	if focused {
		p.focusFrom(from)
	}
}

// choice is one of several words.
type choice struct {
	options []string
	at      int
}

// update moves with left, right and space.
func (c *choice) update(k tea.KeyPressMsg) bool {
	n := len(c.options)
	switch {
	case key.Matches(k, dkeys.Left):
		c.at = (c.at + n - 1) % n
	case key.Matches(k, dkeys.Right), key.Matches(k, dkeys.Toggle):
		c.at = (c.at + 1) % n
	default:
		return false
	}
	return true
}

// choice appends the options in a row, the chosen one in brackets; where they do
// not fit, only that one.
func (p *page) choice(name string, c *choice, focused bool) {
	from := len(p.lines)
	spans := []span{p.label(name, focused)}
	for i, o := range c.options {
		if i == c.at {
			spans = append(spans, span{p.chosen(focused), "[" + o + "]"}, span{p.st.text, " "})
		} else {
			spans = append(spans, span{p.st.dim, " " + o + " "}, span{p.st.text, " "})
		}
	}
	if spansWidth(spans) > p.width+1 {
		spans = []span{spans[0], {p.chosen(focused), "< " + c.options[c.at] + " >"}}
	}
	p.add(spans...)
	if focused {
		p.focusFrom(from)
	}
}

// toggle appends a box to tick.
func (p *page) toggle(name, what string, on, focused bool) {
	from := len(p.lines)
	box := "[ ] "
	if on {
		box = "[x] "
	}
	p.add(p.label(name, focused), span{p.chosen(focused), box + what})
	if focused {
		p.focusFrom(from)
	}
}

// area appends a text of several lines, rows high, with an edge that shows how big
// the field is while it is empty.
func (p *page) area(name string, box *textBox, rows int, focused bool) {
	from := len(p.lines)
	l, edge := p.label(name, focused), span{p.st.dim, p.st.divider + " "}
	if focused {
		edge.ink = p.st.accent
	}
	x := safetext.Width(l.text) + 2
	lines, c := box.render(p.st, max(p.width-x, 1), rows, focused)
	for i := range lines {
		if i == 1 {
			l.text = strings.Repeat(" ", x-2)
		}
		lines[i] = p.st.line(x, false, []span{l, edge}, nil) + lines[i]
	}
	p.put(lines, c, x)
	if focused {
		p.focusFrom(from)
	}
}

// indented appends a safe text below the fields.
func (p *page) indented(k ink, text string) {
	by := 0
	if p.width >= 60 {
		by = labelWidth
	}
	for _, l := range wrapWords(text, p.width-by) {
		p.add(span{k, strings.Repeat(" ", by) + l})
	}
}

// chosen is the ink of what space or enter would act upon.
func (p *page) chosen(focused bool) ink {
	if focused {
		return ink{p.st.accent.onSelected, p.st.accent.onSelected}
	}
	return p.st.text
}

// buttons is a row of them; brackets mark the focused one.
type buttons struct {
	labels []string
	at     int
	danger int // the one that can hurt, -1 for none
}

// update moves with the arrows; tab is the form's.
func (b *buttons) update(k tea.KeyPressMsg) bool {
	switch {
	case key.Matches(k, dkeys.Left):
		b.at = max(b.at-1, 0)
	case key.Matches(k, dkeys.Right):
		b.at = min(b.at+1, len(b.labels)-1)
	default:
		return false
	}
	return true
}

// spans draws the row; without the focus no button is marked. When the row is
// wider than width it begins with the focused one.
func (b *buttons) spans(st *styles, width int, focused bool) []span {
	from := 0
	if total := safetext.Width(strings.Join(b.labels, "     ")) + 4; total > width {
		from = b.at
	}
	var out []span
	for i, l := range b.labels[from:] {
		k, text := st.text, "  "+l+"  "
		if from+i == b.danger {
			k = st.bad
		}
		if focused && from+i == b.at {
			k, text = ink{k.onSelected, k.onSelected}, "[ "+l+" ]"
		}
		if i > 0 {
			out = append(out, span{st.text, " "})
		}
		out = append(out, span{k, text})
	}
	return out
}

// reason is what err says without operation and path, for sentences that name
// both already. The result is safe to draw.
func reason(err error) string {
	return safetext.CleanLine(bare(err).Error())
}

// bare is err without operation and path, where it is just an OpError.
func bare(err error) error {
	var op *zkview.OpError
	if errors.As(err, &op) && op.Error() == err.Error() {
		return op.Err
	}
	return err
}

// tell is a command that yields msg at once.
func tell(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// flash is a command that says text on the message line.
func flash(l level, text string) tea.Cmd { return tell(flashMsg{l, text}) }
