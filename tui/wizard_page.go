package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// wizardPage is what the wizard shows at a time.
type wizardPage interface {
	key(k tea.KeyPressMsg) tea.Cmd
	// update takes pastes, and what the page's own commands found out.
	update(msg tea.Msg) tea.Cmd
	render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor)
	hints() []hint
	// typing tells that letters are text.
	typing() bool
}

// wizardKeys are the keys of the wizard besides those of all dialogs.
var wizardKeys = struct {
	NewLine, Copy, Explain, Zoom, Again, Choose, Scroll, Sideways key.Binding
}{
	NewLine:  key.NewBinding(key.WithKeys("alt+enter", "ctrl+j"), key.WithHelp("alt-enter", "a further line")),
	Copy:     key.NewBinding(key.WithKeys("y"), key.WithHelp("y", "copy")),
	Explain:  key.NewBinding(key.WithKeys("e"), key.WithHelp("e", "explanations, with or without")),
	Choose:   key.NewBinding(key.WithKeys("up", "down"), key.WithHelp("↑ ↓", "choose")),
	Scroll:   key.NewBinding(key.WithKeys("up", "down"), key.WithHelp("↑ ↓", "scroll")),
	Sideways: key.NewBinding(key.WithKeys("left", "right"), key.WithHelp("← →", "other servers")),
	Again:    key.NewBinding(key.WithKeys("r"), key.WithHelp("r", "check again")),
	Zoom:     key.NewBinding(key.WithKeys("z"), key.WithHelp("z", "one server with whole lines, or all")),
}

// Below railWidth the answers stand in one line above the question, else in a column.
const (
	railWidth = 100
	railCells = 34
)

// proseWidth is the widest that sentences get: longer lines are hard to read.
const proseWidth = 100

// wizardHead is the first line of every page.
func wizardHead(st *styles, width int, title, right string) string {
	return st.line(width, false, []span{{st.title, " " + title}}, []span{{st.dim, right + " "}})
}

// formPage is a question aside of the steps: what to do about something that is
// missing, or where it is.
type formPage struct {
	w      *wizard
	head   string
	title  string
	about  []remark // what led here
	q      *wizardQuestion
	copies string // what the key that copies puts on the clipboard; empty for nothing
	what   string // what that is
	answer func() tea.Cmd
	back   func() tea.Cmd
}

var _ wizardPage = (*formPage)(nil)

func (f *formPage) typing() bool { return f.q.typing() }

func (f *formPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, dkeys.Cancel, dkeys.Prev):
		return f.back()
	case !f.q.typing() && f.copies != "" && key.Matches(k, wizardKeys.Copy):
		return f.w.deps.copyText(f.what, f.copies)
	case f.q.press(k):
		return f.answer()
	}
	return nil
}

func (f *formPage) update(msg tea.Msg) tea.Cmd {
	if p, ok := msg.(tea.PasteMsg); ok {
		f.q.paste(p.Content)
	}
	return nil
}

func (f *formPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	p := page{st: st, width: width}
	place := ""
	if f.q.height() > height-8 {
		place = f.q.place() // not all of them are in sight
	}
	p.lines = append(p.lines, wizardHead(st, width, f.head, place))
	if height >= 12 {
		p.blank()
	}
	for _, s := range f.about {
		p.remark(s, 1)
	}
	if len(f.about) > 0 {
		p.blank()
	}
	p.question(f.q, f.title, "", nil, height-len(p.lines))
	return p.fit(height)
}

func (f *formPage) hints() []hint {
	out := []hint{{dkeys.Accept, "do it"}}
	if f.q.typing() {
		out[0].word = "go on"
	} else {
		out = append(out, hint{wizardKeys.Choose, "choose"})
	}
	if f.copies != "" && !f.q.typing() {
		out = append(out, hint{wizardKeys.Copy, "copy " + f.what})
	}
	return append(out, hint{dkeys.Cancel, "back"})
}

// question appends a title, what it means, the field, and what its answer means. Where
// there is no room for all of it, what the question means goes first.
func (p *page) question(q *wizardQuestion, title, about string, means []remark, room int) {
	if q.note != "" {
		means = []remark{{levelBad, q.note}}
	}
	head, below := 0, 0
	if title != "" {
		head = 2
	}
	if len(means) > 0 {
		below = 1
	}
	for _, m := range means {
		below += len(wrapWords(m.text, max(p.width-4, 1)))
	}
	above := len(wrapWords(about, max(p.width-2, 1)))
	if about == "" || head+above+q.height()+below > room {
		about, above = "", 0
	}
	if title != "" {
		p.indent(p.st.title, title, 1)
	}
	if about != "" {
		p.indent(p.st.text, about, 1)
	}
	if title != "" && head+above+q.height()+below <= room {
		p.blank()
	}
	from := len(p.lines)
	lines, cursor := q.render(p.st, max(p.width-2, 1), max(room-head-above-below, min(q.height(), 3), 1))
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	p.put(lines, cursor, 2)
	p.focusFrom(from)
	if len(means) > 0 {
		p.blank()
	}
	for _, m := range means {
		p.remark(m, 1)
	}
	if q.note != "" {
		p.to = len(p.lines)
	}
}

// indent appends a safe text, n cells from the left edge, in as many lines as it needs.
func (p *page) indent(k ink, text string, n int) {
	blanks := safetext.Pad("", n)
	for _, l := range wrapWords(text, max(min(p.width-n-1, proseWidth), 1)) {
		p.add(span{k, blanks + l})
	}
}

// remark appends a sentence; what warns has a sign as well as a colour.
func (p *page) remark(s remark, n int) {
	k, sign := s.level.ink(p.st), ""
	if s.level >= levelWarn {
		sign = p.st.warnSign + " "
	}
	blanks := safetext.Pad("", n)
	for i, l := range wrapWords(s.text, max(min(p.width-n-1-safetext.Width(sign), proseWidth), 1)) {
		if i > 0 {
			sign = safetext.Pad("", safetext.Width(sign))
		}
		p.add(span{k, blanks + sign + l})
	}
}
