package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// question is a sentence with buttons below, the harmless one first and focused.
// It is a dialog's whole inside, or stands in for it while something is asked.
type question struct {
	text   []string // paragraphs, safe
	row    buttons
	scroll int
}

// ask makes a question whose first answer takes nothing away.
func ask(text []string, safe string, others ...string) *question {
	return &question{text: text, row: buttons{labels: append([]string{safe}, others...), danger: len(others)}}
}

// update returns the chosen answer, -1 while there is none. esc is the first one.
func (q *question) update(msg tea.Msg) int {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return -1
	}
	n := len(q.row.labels)
	switch {
	case key.Matches(k, dkeys.Cancel):
		return 0
	case key.Matches(k, dkeys.Accept):
		return q.row.at
	case key.Matches(k, dkeys.Next):
		q.row.at = (q.row.at + 1) % n
	case key.Matches(k, dkeys.Prev):
		q.row.at = (q.row.at + n - 1) % n
	case key.Matches(k, dkeys.Up):
		q.scroll--
	case key.Matches(k, dkeys.Down):
		q.scroll++
	default:
		q.row.update(k)
	}
	return -1
}

func (q *question) prefer(maxW int) (w, h int) {
	w = min(maxW, 64)
	h = 2
	for _, t := range q.text {
		h += len(wrapWords(t, w-2))
	}
	return w, h
}

func (q *question) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := page{st: st, width: width, scroll: &q.scroll}
	for _, t := range q.text {
		p.say(st.text, t)
	}
	return p.fit(height, q.row.spans(st, width, true)...)
}

func (q *question) keys() []key.Binding {
	return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.Cancel, q.row.labels[0])}
}

// confirmDialog asks one question.
type confirmDialog struct {
	head  string
	q     *question
	onYes tea.Cmd
}

var _ dialog = (*confirmDialog)(nil)

// newConfirmDialog asks text; the button yes runs onYes, anything else does
// nothing. Cancel has the focus.
func newConfirmDialog(_ int, title, text, yes string, onYes tea.Cmd) dialog {
	return &confirmDialog{
		head:  safetext.CleanLine(title),
		q:     ask([]string{safetext.CleanLine(text)}, "Cancel", safetext.CleanLine(yes)),
		onYes: onYes,
	}
}

func (d *confirmDialog) title() string   { return d.head }
func (d *confirmDialog) danger() bool    { return true }
func (d *confirmDialog) unsaved() string { return "" }

func (d *confirmDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	switch d.q.update(msg) {
	case 0:
		return nil, true
	case 1:
		return d.onYes, true
	}
	return nil, false
}

func (d *confirmDialog) prefer(maxW, _ int) (w, h int) { return d.q.prefer(maxW) }

func (d *confirmDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	return d.q.render(st, width, height)
}

func (d *confirmDialog) keys() []key.Binding { return d.q.keys() }
