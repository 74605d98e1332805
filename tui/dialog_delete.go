package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// deletePhase is how far a deletion has come.
type deletePhase uint8

const (
	deleteCounting deletePhase = iota
	deleteConfirm
	deleteRunning
	deleteReport
)

// deleteDialog counts, asks, deletes and reports.
type deleteDialog struct {
	id      int
	c       cluster
	targets []target
	hidden  map[string]bool
	own     int64 // our session
	ctx     context.Context
	cancel  context.CancelFunc

	phase   deletePhase
	row     buttons
	typed   *textBox // nil where nothing has to be typed
	word    string   // what has to be typed
	scroll  int
	note    string
	counted int      // znodes found
	listed  int      // of these, how many have been looked into
	tree    *subtree // while no command has it

	run      *remover // while no command has it
	progress progress
	began    time.Time
	at       time.Time // of the last progress
	stopping bool
	stopped  error
}

// progress is what a running deletion has done so far.
type progress struct{ total, deleted, vanished, kept int }

// countedMsg hands the subtree back; done tells that it is complete.
type countedMsg struct {
	tree      *subtree
	n, listed int
	done      bool
	err       error
}

// stepMsg hands the remover back after one batch.
type stepMsg struct {
	run      *remover
	progress progress
	done     bool
	at       time.Time
	err      error
}

// newDeleteDialog makes the dialog that deletes targets and all that is below
// them, and the command that starts it, nil when there is nothing to count. hidden
// has the paths that the person does not see now, filtered out or collapsed.
func newDeleteDialog(id int, c cluster, targets []target, hidden map[string]bool) (dialog, tea.Cmd) {
	targets = topmost(targets)
	for _, t := range targets {
		if why := guardPath(t.path); why != "" {
			return &confirmDialog{head: "Delete", q: ask([]string{why}, "Close")}, nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &deleteDialog{
		id: id, c: c, targets: targets, hidden: hidden, own: c.Status().SessionID, ctx: ctx, cancel: cancel,
		tree: newSubtree(targets), counted: len(targets),
	}
	for _, t := range targets {
		if t.stat.NumChildren > 0 || t.stat.Czxid == 0 {
			return d, d.count()
		}
	}
	d.confirm()
	return d, nil
}

// count returns the command that lists for a moment.
func (d *deleteDialog) count() tea.Cmd {
	tree, ctx, c, id := d.tree, zkview.Background(d.ctx), d.c, d.id
	d.tree = nil
	return func() tea.Msg {
		done, err := tree.walk(ctx, c)
		return dialogMsg{id, countedMsg{tree, len(tree.nodes), tree.listed, done, err}}
	}
}

// confirm asks, with what is known now.
func (d *deleteDialog) confirm() {
	d.phase = deleteConfirm
	d.row = buttons{labels: []string{"Cancel", "Delete " + comma(d.counted)}, danger: 1}
	if d.below() == 0 {
		return
	}
	d.typed = newTextBox(false, "")
	d.word = fmt.Sprint(d.counted)
	if len(d.targets) == 1 {
		d.word = safetext.Clean(lastPart(d.targets[0].path))
	}
}

// below is the number of znodes under the targets.
func (d *deleteDialog) below() int { return d.counted - len(d.targets) }

func (d *deleteDialog) title() string {
	if len(d.targets) == 1 {
		return "Delete " + safetext.Clean(d.targets[0].path)
	}
	return "Delete " + plural(len(d.targets), "znode", "znodes")
}

func (d *deleteDialog) danger() bool { return true }

func (d *deleteDialog) unsaved() string {
	if d.phase == deleteRunning {
		return "a deletion is running; what it has not reached yet stays"
	}
	return ""
}

func (d *deleteDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	var cmd tea.Cmd
	done := false
	switch msg := msg.(type) {
	case countedMsg:
		cmd = d.gotCount(msg)
	case stepMsg:
		cmd, done = d.stepped(msg)
	case tea.PasteMsg:
		if d.phase == deleteConfirm && d.typed != nil {
			_, _ = d.typed.update(msg) // a paste that is refused does not match either
		}
	case tea.KeyPressMsg:
		cmd, done = d.key(msg)
	}
	if done {
		d.cancel()
	}
	return cmd, done
}

func (d *deleteDialog) gotCount(m countedMsg) tea.Cmd {
	d.tree, d.counted, d.listed = m.tree, m.n, m.listed
	switch {
	case m.err != nil:
		d.phase, d.stopped = deleteReport, m.err
		d.row = buttons{labels: []string{"Close", "Go on counting"}, danger: -1}
	case m.done:
		d.confirm()
	default:
		return d.count()
	}
	return nil
}

func (d *deleteDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, dkeys.Cancel):
		return d.escape()
	case key.Matches(k, dkeys.Up):
		d.scroll--
	case key.Matches(k, dkeys.Down):
		d.scroll++
	case d.phase == deleteCounting || d.phase == deleteRunning:
	case key.Matches(k, dkeys.Next):
		d.row.at = (d.row.at + 1) % len(d.row.labels)
	case key.Matches(k, dkeys.Prev):
		d.row.at = (d.row.at + len(d.row.labels) - 1) % len(d.row.labels)
	case key.Matches(k, dkeys.Accept):
		return d.accept()
	case d.row.update(k):
	case d.typed != nil && d.phase == deleteConfirm:
		d.note = ""
		_, _ = d.typed.update(k) // what is refused does not match either
	}
	return nil, false
}

// escape closes the dialog; a running deletion it stops before the next batch.
func (d *deleteDialog) escape() (tea.Cmd, bool) {
	switch d.phase {
	case deleteRunning:
		d.stopping = true
		return nil, false
	case deleteReport:
		return d.reread(), true
	}
	return nil, true
}

// accept presses the focused button.
func (d *deleteDialog) accept() (tea.Cmd, bool) {
	switch {
	case d.row.at == 0:
		return d.escape()
	case d.phase == deleteReport && d.run == nil: // counting was interrupted
		d.phase, d.stopped = deleteCounting, nil
		return d.count(), false
	case d.phase == deleteReport:
		return d.start(), false
	case d.typed != nil && d.typed.text() != d.word:
		d.note = "To delete all this, type " + d.word + " first."
		return nil, false
	}
	d.run, d.tree = newRemover(d.tree, d.typed != nil), nil
	d.progress.total = d.counted
	return d.start(), false
}

// start goes on deleting.
func (d *deleteDialog) start() tea.Cmd {
	d.phase, d.stopping, d.stopped, d.note = deleteRunning, false, nil, ""
	d.began = time.Now()
	d.at = d.began
	return d.step()
}

// step returns the command for one batch.
func (d *deleteDialog) step() tea.Cmd {
	run, ctx, c, id := d.run, d.ctx, d.c, d.id
	return func() tea.Msg {
		done, err := run.step(ctx, c)
		p := progress{len(run.nodes), run.deleted, run.vanished, run.kept}
		return dialogMsg{id, stepMsg{run, p, done, time.Now(), err}}
	}
}

// stepped goes on, or ends.
func (d *deleteDialog) stepped(m stepMsg) (tea.Cmd, bool) {
	d.run, d.progress, d.at = m.run, m.progress, m.at
	if m.err == nil && !m.done && !d.stopping {
		return d.step(), false
	}
	if m.done && d.progress.kept == 0 {
		text := "deleted " + d.doneText()
		return tea.Batch(d.reread(), flash(levelGood, text)), true
	}
	d.phase, d.stopped, d.scroll = deleteReport, m.err, 0
	d.row = buttons{labels: []string{"Close"}, danger: -1}
	if !m.done {
		d.row = buttons{labels: []string{"Close", "Go on deleting"}, danger: 1}
	}
	return nil, false
}

// doneText says how much is gone.
func (d *deleteDialog) doneText() string {
	text := plural(d.progress.deleted, "znode", "znodes")
	if len(d.targets) == 1 && d.progress.total == 1 && d.progress.deleted == 1 {
		text = safetext.Clean(d.targets[0].path)
	}
	if n := d.progress.vanished; n > 0 {
		text += fmt.Sprintf("; %d had been deleted by somebody else meanwhile", n)
	}
	return text
}

// reread tells the panes which znodes look different now.
func (d *deleteDialog) reread() tea.Cmd {
	if d.progress.deleted+d.progress.vanished == 0 {
		return nil
	}
	seen := map[string]bool{}
	var paths []string
	for _, t := range d.targets {
		for _, p := range []string{t.path, parentOf(t.path)} {
			if !seen[p] {
				seen[p] = true
				paths = append(paths, p)
			}
		}
	}
	return tell(wroteMsg{paths})
}

// rate is how many znodes a second go.
func (d *deleteDialog) rate() string {
	took := d.at.Sub(d.began).Seconds()
	if took < 0.2 {
		return ""
	}
	return fmt.Sprintf(", %d a second", int(float64(d.progress.deleted)/took))
}

// remaining is what has not been deleted.
func (p progress) remaining() int { return p.total - p.deleted - p.vanished }

// sentence puts a full stop to text.
func sentence(text string) string { return strings.TrimRight(text, ".") + "." }
