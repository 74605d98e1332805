package tui

import (
	"context"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// transferKind is what a transfer dialog does.
type transferKind uint8

const (
	transferCopy transferKind = iota
	transferMove
	transferRename
	transferImport
	transferExport
)

// verb is the word on the button, done the one in the report.
func (k transferKind) verb() string {
	return [...]string{"Copy", "Move", "Rename", "Import", "Export"}[k]
}

func (k transferKind) done() string {
	return [...]string{"Copied", "Moved", "Renamed", "Imported", "Exported"}[k]
}

// deletes tells that the source goes when all of it has arrived.
func (k transferKind) deletes() bool { return k == transferMove || k == transferRename }

// transferPhase is how far the dialog has come.
type transferPhase uint8

const (
	transferForm transferPhase = iota
	transferPlanning
	transferPreview
	transferRunning
	transferReport
)

// transferDialog asks where to, finds out what would happen, shows it, does it and
// tells what was done: one dialog for copy, move, rename, import and export.
type transferDialog struct {
	id   int
	c    transferrer
	kind transferKind
	from string // the selected znode
	ctx  context.Context

	phase transferPhase
	form  transferFields
	note  string // what is wrong with the form, or why planning stopped
	row   buttons
	list  scrollList
	typed *textBox // nil where nothing has to be typed
	word  string

	job      *transferJob // under way, or the last one
	planned  *transferJob // what the preview shows and apply carries out
	progress zkview.TransferProgress
	stopping bool
	asking   *question
}

var _ dialog = (*transferDialog)(nil)

// newTransferDialog makes the form of a kind for the znode at from. The calls of
// the dialog end with ctx.
func newTransferDialog(ctx context.Context, id int, c transferrer, kind transferKind, from string) *transferDialog {
	d := &transferDialog{id: id, c: c, kind: kind, from: from, ctx: ctx}
	d.form = newTransferFields(c, kind, from)
	d.backToForm("")
	return d
}

func (d *transferDialog) title() string {
	from := safetext.Clean(d.from)
	switch d.kind {
	case transferImport:
		return "Import into " + from
	default:
		return d.kind.verb() + " " + from
	}
}

// danger is for what takes something away: the source of a move, and what is
// overwritten.
func (d *transferDialog) danger() bool {
	switch d.phase {
	case transferPreview, transferRunning, transferReport:
		return d.kind.deletes() || d.planned != nil && d.planned.summary().Overwrite > 0
	}
	return false
}

func (d *transferDialog) unsaved() string {
	switch {
	case d.phase != transferRunning:
		return ""
	case d.kind == transferExport:
		return "an export is running; nothing of it would be left"
	}
	return "the " + transferNouns[d.kind] + " of " + safetext.Clean(d.from) + " is running; what it has not reached yet stays undone"
}

var transferNouns = [...]string{"copying", "move", "renaming", "import", "export"}

// wrap addresses a message to this dialog.
func (d *transferDialog) wrap(msg tea.Msg) tea.Msg {
	if msg == nil {
		return nil
	}
	return dialogMsg{d.id, msg}
}

func (d *transferDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	if d.asking != nil {
		if _, isKey := msg.(tea.KeyPressMsg); isKey {
			return d.answered(d.asking.update(msg)), false
		}
	}
	var cmd tea.Cmd
	done := false
	switch msg := msg.(type) {
	case transferDoneMsg:
		if msg.job == d.job {
			cmd = d.ended()
		}
	case transferProgressMsg:
		if msg.job == d.job {
			d.progress = msg.progress
			cmd = d.job.await(d.wrap)
		}
	case namesMsg:
		msg.field.came(msg)
	case tea.PasteMsg:
		cmd = d.paste(msg)
	case tea.KeyPressMsg:
		cmd, done = d.key(msg)
	}
	if done {
		cmd = tea.Batch(cmd, d.release())
	}
	return cmd, done
}

func (d *transferDialog) paste(msg tea.PasteMsg) tea.Cmd {
	switch {
	case d.phase == transferForm:
		return d.edit(msg)
	case d.phase == transferPreview && d.typed != nil:
		_, _ = d.typed.update(msg) // a paste that is refused does not match either
	}
	return nil
}

func (d *transferDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch d.phase {
	case transferForm:
		return d.formKey(k)
	case transferPlanning, transferRunning:
		if key.Matches(k, dkeys.Cancel) {
			d.stopping = true
			d.job.stop()
		}
		return nil, false
	}
	switch {
	case key.Matches(k, dkeys.Cancel):
		return d.leave(), true
	case d.list.update(k):
	case key.Matches(k, dkeys.Next):
		d.row.at = (d.row.at + 1) % len(d.row.labels)
	case key.Matches(k, dkeys.Prev):
		d.row.at = (d.row.at + len(d.row.labels) - 1) % len(d.row.labels)
	case key.Matches(k, dkeys.Accept):
		return d.accept()
	case d.row.update(k):
	case d.typed != nil && d.phase == transferPreview:
		d.note = ""
		_, _ = d.typed.update(k) // what is refused does not match either
	}
	return nil, false
}

// The buttons of the preview and of the report say what they do; the first always
// closes.
const (
	buttonChange = "Change …"
	buttonAgain  = "Plan again"
	buttonGo     = "Go there"
)

// accept presses the focused button.
func (d *transferDialog) accept() (tea.Cmd, bool) {
	switch label := d.row.labels[d.row.at]; {
	case d.row.at == 0:
		return d.leave(), true
	case label == buttonChange:
		d.turnToReason()
		cmd := d.release()
		d.backToForm("")
		return cmd, false
	case label == buttonAgain:
		return d.plan(), false
	case label == buttonGo:
		return tea.Batch(d.leave(), tell(jumpMsg{d.target()})), true
	case d.typed != nil && d.typed.text() != d.word:
		d.note = "To move all this, type " + d.word + " first."
		return nil, false
	}
	return d.apply(), false
}

// turnToReason puts the focus of the form on what most likely is to be changed.
func (d *transferDialog) turnToReason() {
	s := d.planned.summary()
	want := fieldsOf[d.kind][0]
	switch {
	case s.Conflict+s.Skip+s.Overwrite > 0:
		want = fieldConflict
	case s.Blocked != nil && s.Ephemerals > 0 && s.Unread+s.Refused == 0:
		want = fieldEphemerals
	}
	d.form.at = max(slices.Index(fieldsOf[d.kind], want), 0)
}

// leave is what the panes have to know when the dialog closes.
func (d *transferDialog) leave() tea.Cmd {
	if d.phase != transferReport {
		return nil
	}
	return d.reread()
}

// backToForm shows the form, with a note.
func (d *transferDialog) backToForm(note string) {
	d.phase, d.note, d.stopping, d.typed = transferForm, note, false, nil
	d.progress = zkview.TransferProgress{}
	action := "Preview"
	if d.kind == transferExport {
		action = "Export"
	}
	d.row = buttons{labels: []string{"Cancel", action}, at: 1, danger: -1}
}

// bigMove is from how many znodes on a move asks for the name to be typed.
const bigMove = 100

// showPlan shows what would happen.
func (d *transferDialog) showPlan() {
	d.phase, d.note, d.list, d.typed = transferPreview, "", scrollList{}, nil
	s := d.planned.summary()
	d.row = buttons{labels: []string{"Cancel", buttonChange}, danger: -1}
	switch {
	case s.Blocked != nil:
		return
	case s.Changes() == 0 && !d.kind.deletes():
		d.row.labels[0] = "Close"
		return
	}
	d.row.labels = append(d.row.labels, d.kind.verb()+" "+comma(int(s.Create+s.Overwrite)))
	if d.kind.deletes() || s.Overwrite > 0 {
		d.row.danger = 2
	}
	if d.kind.deletes() {
		d.row.labels[2] = d.kind.verb() + " " + comma(int(s.Znodes))
		if s.Znodes > bigMove {
			d.typed, d.word = newTextBox(false, ""), safetext.Clean(lastPart(d.from))
		}
	}
}

// reread tells the panes which znodes look different now.
func (d *transferDialog) reread() tea.Cmd {
	if d.kind == transferExport {
		return nil
	}
	paths := []string{d.target()}
	if d.kind.deletes() {
		paths = append(paths, d.from, parentOf(d.from))
	}
	for p := d.target(); p != "/"; {
		p = parentOf(p)
		paths = append(paths, p)
	}
	return tell(wroteMsg{paths})
}

// target is where the root of the source goes.
func (d *transferDialog) target() string {
	if d.planned == nil || d.planned.plan == nil {
		return d.from
	}
	return d.planned.plan.Target()
}

func (d *transferDialog) keys() []key.Binding {
	if d.asking != nil {
		return d.asking.keys()
	}
	switch d.phase {
	case transferForm:
		return d.formHints()
	case transferPlanning, transferRunning:
		return []key.Binding{named(dkeys.Cancel, "stop")}
	}
	return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.Down, "scroll"), dkeys.Cancel}
}
