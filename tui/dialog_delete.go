package tui

import (
	"context"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// target is a znode that a person wants to delete, as it was seen.
type target struct {
	path string
	stat zkview.Stat
}

// deletePhase is how far a deletion has come.
type deletePhase uint8

const (
	deleteCounting deletePhase = iota
	deleteConfirm
	deleteRunning
	deleteReport
)

// remover is what the dialog asks of a session beside what others do.
type remover interface {
	cluster
	PlanRemove(ctx context.Context, targets []zkview.PathVersion, progress func(zkview.TransferProgress)) (*zkview.Removal, error)
}

var _ remover = (*zkview.Session)(nil)

// deleteDialog counts, asks, deletes and reports.
type deleteDialog struct {
	id      int
	c       remover
	targets []target
	hidden  map[string]bool
	own     int64 // our session
	ctx     context.Context

	phase  deletePhase
	row    buttons
	typed  *textBox // nil where nothing has to be typed
	word   string   // what has to be typed
	scroll int
	note   string

	job      *removeJob // under way, or the last one
	removal  *zkview.Removal
	sum      zkview.RemovalSummary
	report   zkview.RemoveReport
	progress zkview.TransferProgress
	stopping bool
	stopped  error
}

// removeJob is one long call of the dialog. What it made and found out is for
// others once it has ended.
type removeJob struct {
	*longCall[zkview.TransferProgress]
	removal *zkview.Removal
	report  zkview.RemoveReport
	applied bool // it was to delete, not to count alone
	grown   bool // there is more than was asked about: nothing was deleted
	err     error
}

// removedMsg tells that a job has ended, removingMsg how far it is.
type removedMsg struct{ job *removeJob }

type removingMsg struct {
	job      *removeJob
	progress zkview.TransferProgress
}

// newDeleteDialog makes the dialog that deletes targets and all that is below
// them, and the command that starts it, nil when there is nothing to count. hidden
// has the paths that the person does not see now, filtered out or collapsed. The
// calls of the dialog end with ctx.
func newDeleteDialog(ctx context.Context, id int, c remover, targets []target, hidden map[string]bool) (dialog, tea.Cmd) {
	targets = topmost(targets)
	for _, t := range targets {
		if why := guardPath(t.path); why != "" {
			return &confirmDialog{head: "Delete", q: ask([]string{why}, "Close")}, nil
		}
	}
	d := &deleteDialog{id: id, c: c, targets: targets, hidden: hidden, own: c.Status().SessionID, ctx: ctx}
	d.sum = zkview.RemovalSummary{Targets: len(targets), Znodes: int64(len(targets))}
	for _, t := range targets {
		if t.stat.NumChildren > 0 || t.stat.Czxid == 0 {
			return d, d.count()
		}
	}
	d.confirm()
	return d, nil
}

// start makes a job of do.
func (d *deleteDialog) start(phase deletePhase, do func(ctx context.Context, j *removeJob)) tea.Cmd {
	j := &removeJob{longCall: newLongCall[zkview.TransferProgress](d.ctx)}
	d.job, d.phase, d.note, d.stopping, d.stopped, d.progress = j, phase, "", false, nil, zkview.TransferProgress{}
	return j.run(
		func(ctx context.Context, _ func(zkview.TransferProgress)) tea.Msg {
			do(zkview.Background(ctx), j)
			return removedMsg{j}
		},
		func(p zkview.TransferProgress) tea.Msg { return removingMsg{j, p} }, d.wrap)
}

func (d *deleteDialog) wrap(msg tea.Msg) tea.Msg {
	if msg == nil {
		return nil
	}
	return dialogMsg{d.id, msg}
}

// versions are the targets with the versions that the person has seen.
func (d *deleteDialog) versions() []zkview.PathVersion {
	out := make([]zkview.PathVersion, len(d.targets))
	for i, t := range d.targets {
		out[i] = zkview.PathVersion{Path: t.path, Version: t.stat.Version}
	}
	return out
}

// count returns the command that counts.
func (d *deleteDialog) count() tea.Cmd {
	c, targets := d.c, d.versions()
	return d.start(deleteCounting, func(ctx context.Context, j *removeJob) {
		j.removal, j.err = c.PlanRemove(ctx, targets, j.tell)
	})
}

// apply returns the command that deletes what was asked about. Leaves are counted
// only now: where they have children by now, it is asked again.
func (d *deleteDialog) apply() tea.Cmd {
	c, targets, removal := d.c, d.versions(), d.removal
	return d.start(deleteRunning, func(ctx context.Context, j *removeJob) {
		j.applied = true
		if j.removal = removal; removal == nil {
			if j.removal, j.err = c.PlanRemove(ctx, targets, j.tell); j.err != nil {
				return
			}
			if j.grown = j.removal.Summary().Znodes > int64(len(targets)); j.grown {
				return
			}
		}
		j.report, j.err = j.removal.Apply(ctx, j.tell)
	})
}

// confirm asks, with what is known now.
func (d *deleteDialog) confirm() {
	d.phase = deleteConfirm
	d.row = buttons{labels: []string{"Cancel", "Delete " + comma(int(d.sum.Znodes))}, danger: 1}
	if d.below() == 0 {
		return
	}
	d.typed = newTextBox(false, "")
	d.word = fmt.Sprint(d.sum.Znodes)
	if len(d.targets) == 1 {
		d.word = safetext.Clean(lastPart(d.targets[0].path))
	}
}

// below is the number of znodes under the targets.
func (d *deleteDialog) below() int {
	return max(int(d.sum.Znodes)-len(d.targets)+len(d.sum.Missing), 0)
}

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
	case removedMsg:
		if msg.job == d.job {
			cmd, done = d.ended()
		}
	case removingMsg:
		if msg.job == d.job {
			d.progress = msg.progress
			cmd = d.job.next(func(p zkview.TransferProgress) tea.Msg { return d.wrap(removingMsg{msg.job, p}) })
		}
	case tea.PasteMsg:
		if d.phase == deleteConfirm && d.typed != nil {
			_, _ = d.typed.update(msg) // a paste that is refused does not match either
		}
	case tea.KeyPressMsg:
		cmd, done = d.key(msg)
	}
	if done && d.job != nil {
		d.job.abandon()
	}
	return cmd, done
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

// escape closes the dialog; a running deletion it stops after the transaction that
// is under way.
func (d *deleteDialog) escape() (tea.Cmd, bool) {
	switch d.phase {
	case deleteRunning:
		d.stopping = true
		d.job.stop()
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
	case d.phase == deleteReport && !d.job.applied: // counting was interrupted
		return d.count(), false
	case d.phase == deleteConfirm && d.typed != nil && d.typed.text() != d.word:
		d.note = "To delete all this, type " + d.word + " first."
		return nil, false
	}
	return d.apply(), false
}

// ended takes what a job found out.
func (d *deleteDialog) ended() (tea.Cmd, bool) {
	j := d.job
	if j.removal != nil {
		d.removal, d.sum = j.removal, j.removal.Summary()
	}
	d.report = j.report
	switch {
	case j.grown:
		d.note = "There are znodes below by now; look again."
		d.confirm()
		return nil, false
	case !j.applied && j.err == nil:
		d.confirm()
		return nil, false
	case j.applied && j.err == nil && j.report.Complete():
		return tea.Batch(d.reread(), flash(levelGood, "deleted "+d.doneText())), true
	}
	d.phase, d.stopped, d.scroll = deleteReport, j.err, 0
	d.row = buttons{labels: []string{"Close"}, danger: -1}
	switch {
	case !j.applied:
		d.row.labels = append(d.row.labels, "Count again")
		return nil, false
	case j.err != nil:
		d.row = buttons{labels: []string{"Close", "Go on deleting"}, danger: 1}
	}
	return flash(levelWarn, fmt.Sprintf("deleted %s; %s", d.doneText(), plural(d.remaining(), "znode remains", "znodes remain"))), false
}

// end stops what runs because the program ends, and returns what is to be said of
// it then.
func (d *deleteDialog) end(limit time.Duration) string {
	if d.job == nil {
		return ""
	}
	d.job.abandon()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-d.job.ended:
	case <-timer.C:
		return "The deletion did not end in time; what it did last is not known"
	}
	if d.phase != deleteRunning {
		return ""
	}
	d.report = d.job.report
	return fmt.Sprintf("The deletion was stopped: deleted %s; %s", d.doneText(), plural(d.remaining(), "znode remains", "znodes remain"))
}

// remaining is what has not been deleted.
func (d *deleteDialog) remaining() int {
	return int(d.report.Kept + d.report.Unknown + d.report.Remaining)
}

// doneText says how much is gone.
func (d *deleteDialog) doneText() string {
	text := plural(int(d.report.Deleted), "znode", "znodes")
	if len(d.targets) == 1 && d.report.Deleted == 1 && d.remaining()+int(d.report.Vanished) == 0 {
		text = safetext.Clean(d.targets[0].path)
	}
	if n := d.report.Vanished; n > 0 {
		text += fmt.Sprintf("; %s had been deleted by somebody else meanwhile", comma(int(n)))
	}
	return text
}

// reread tells the panes which znodes look different now.
func (d *deleteDialog) reread() tea.Cmd {
	if d.report.Deleted+d.report.Vanished == 0 {
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
