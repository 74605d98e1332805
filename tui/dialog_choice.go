package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// choiceAnswer is a button of a choiceDialog, with what it does, nil for nothing.
type choiceAnswer struct {
	label string
	do    tea.Cmd
}

// choiceDialog asks a question with several answers. The first takes nothing away, and
// is that of esc; the last is drawn as what can hurt where hurts is set.
type choiceDialog struct {
	head    string
	q       *question
	answers []choiceAnswer
	hurts   bool
}

var _ dialog = (*choiceDialog)(nil)

// newChoiceDialog asks safe paragraphs; the answer at has the focus.
func newChoiceDialog(head string, text []string, hurts bool, at int, answers ...choiceAnswer) *choiceDialog {
	d := &choiceDialog{head: head, answers: answers, hurts: hurts, q: &question{text: text, row: buttons{at: at, danger: -1}}}
	for _, a := range answers {
		d.q.row.labels = append(d.q.row.labels, a.label)
	}
	if hurts {
		d.q.row.danger = len(answers) - 1
	}
	return d
}

// newTextDialog shows safe paragraphs about what went wrong.
func newTextDialog(head string, text []string) dialog {
	return &confirmDialog{head: head, q: ask(text, "Close")}
}

func (d *choiceDialog) title() string   { return d.head }
func (d *choiceDialog) danger() bool    { return d.hurts }
func (d *choiceDialog) unsaved() string { return "" }

func (d *choiceDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	if at := d.q.update(msg); at >= 0 {
		return d.answers[at].do, true
	}
	return nil, false
}

func (d *choiceDialog) prefer(maxW, _ int) (w, h int) { return d.q.prefer(maxW) }

func (d *choiceDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	return d.q.render(st, width, height)
}

func (d *choiceDialog) keys() []key.Binding { return d.q.keys() }
