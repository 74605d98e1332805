package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// breakPhase is how far breaking a lock has come.
type breakPhase uint8

const (
	breakConfirm breakPhase = iota
	breakRunning
	breakOver
)

// breakDialog deletes the znode of a contender after a person has seen whose it is and
// what follows from it.
type breakDialog struct {
	id   int
	ctx  context.Context
	h    lockHands
	t    *lockTarget
	now  func() time.Time
	sess sessionFacts

	phase  breakPhase
	row    buttons
	typed  *textBox
	word   string // what has to be typed
	agreed string // the role that the person was asked about
	scroll int
	roomy  bool // there is room for blank lines
	note   string

	done lockBrokenMsg
	stop context.CancelFunc // ends what runs

	then   string // what was worked out for of
	thenOf *lockctl.View
}

// lockBrokenMsg tells what came of breaking. Other is the znode that is there instead
// of the one that was to be deleted.
type lockBrokenMsg struct {
	err   error
	at    time.Time
	other *lockctl.Stat
}

var _ dialog = (*breakDialog)(nil)

// newBreakDialog makes the dialog and the command that asks the servers about the
// contender's session. The calls of the dialog end with ctx.
func newBreakDialog(ctx context.Context, id int, h lockHands, t *lockTarget, now func() time.Time) (dialog, tea.Cmd) {
	d := &breakDialog{id: id, ctx: ctx, h: h, t: t, now: now, typed: newTextBox(false, ""), word: wordFor(t)}
	d.agreed = t.role()
	d.row = buttons{labels: []string{"Cancel", d.verb()}, danger: 1}
	return d, askServers(ctx, id, h)
}

// longestWord is the longest name that a person is asked to type.
const longestWord = 48

// wordFor is what has to be typed: the lock's name, or, of one that nobody can be asked
// to type, the token.
func wordFor(t *lockTarget) string {
	w := safetext.Clean(lastPart(t.lock))
	if w == "" || safetext.Width(w) > longestWord {
		return zxid(t.stat.Czxid)
	}
	return w
}

// verb is what is done, in a word or two.
func (d *breakDialog) verb() string {
	if d.t.holds() {
		return "Break"
	}
	return "Remove"
}

func (d *breakDialog) title() string {
	if d.t.holds() {
		return "Break " + d.t.lockName()
	}
	return "Remove a waiter of " + d.t.lockName()
}

func (d *breakDialog) danger() bool { return true }

func (d *breakDialog) unsaved() string {
	if d.phase == breakRunning {
		return "a znode of " + d.t.lockName() + " is being deleted"
	}
	return ""
}

func (d *breakDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case lockAnswersMsg:
		d.sess = sessionFactsOf(msg.answers, d.t.path, d.t.who.Session)
	case lockBrokenMsg:
		return d.ended(msg), false
	case tea.PasteMsg:
		if d.phase == breakConfirm && !d.moot() {
			_, _ = d.typed.update(msg) // a paste that is refused does not match either
		}
	case tea.KeyPressMsg:
		return d.key(msg)
	}
	return nil, false
}

// moot tells that there is nothing to break any more.
func (d *breakDialog) moot() bool { return d.phase == breakConfirm && (d.t.gone || d.t.replaced) }

func (d *breakDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, dkeys.Cancel) && d.phase == breakRunning:
		d.stop()
	case key.Matches(k, dkeys.Cancel):
		return nil, true
	case key.Matches(k, dkeys.Up):
		d.scroll--
	case key.Matches(k, dkeys.Down):
		d.scroll++
	case d.phase == breakRunning:
	case key.Matches(k, dkeys.Accept):
		return d.accept()
	case d.phase == breakOver || d.moot():
	case key.Matches(k, dkeys.Next, dkeys.Prev):
		d.row.at = 1 - d.row.at
	case d.row.update(k):
	default:
		d.note = ""
		_, _ = d.typed.update(k) // what is refused does not match either
	}
	return nil, false
}

// accept presses the focused button.
func (d *breakDialog) accept() (tea.Cmd, bool) {
	d.t.sync()
	switch {
	case d.row.at == 0 || d.phase == breakOver:
		return nil, true
	case d.moot(): // meant was something else than to close
		d.row.at = 0
		return nil, false
	case d.t.role() != d.agreed:
		d.agreed = d.t.role()
		d.row.labels[1] = d.verb()
		d.note = fmt.Sprintf("It is the %s by now: read again what follows, and press again.", d.agreed)
		return nil, false
	case d.typed.text() != d.word:
		d.note = "To do this, type " + d.word + " first."
		return nil, false
	}
	return d.run(), false
}

// run is the command that deletes the znode, and records that.
func (d *breakDialog) run() tea.Cmd {
	ctx, cancel := context.WithTimeout(d.ctx, callTime)
	d.phase, d.stop, d.note, d.scroll = breakRunning, cancel, "", 0
	h, t, now, id := d.h, d.t, d.now, d.id
	path, lock, czxid, who := t.path, t.lock, t.stat.Czxid, t.who
	op := "break lock"
	if !t.holds() {
		op = "remove waiter"
	}
	return func() tea.Msg {
		defer cancel()
		m := lockBrokenMsg{err: h.Break(ctx, path, czxid), at: now()}
		if errors.Is(m.err, lockctl.ErrReplaced) {
			if s, err := h.Stat(ctx, path); err == nil {
				m.other = &s
			}
		}
		h.Record(lockRecord{
			at: m.at, op: op, path: path, lock: lock, czxid: czxid, session: who.Session, identity: who.Identity,
			result: brokenWord(m.err), err: m.err,
		})
		return dialogMsg{id, m}
	}
}

// brokenWord is the outcome in a few words, for the log.
func brokenWord(err error) string {
	switch {
	case err == nil:
		return "deleted"
	case errors.Is(err, lockctl.ErrGone):
		return "was gone already"
	case errors.Is(err, lockctl.ErrReplaced):
		return "not deleted: another znode has the name"
	case errors.Is(err, lockctl.ErrUnknown):
		return "not known whether it was deleted: " + strings.TrimSuffix(actReason(err), ".")
	}
	return "not deleted: " + strings.TrimSuffix(actReason(err), ".")
}

// ended takes the outcome, and says it on the message line too.
func (d *breakDialog) ended(m lockBrokenMsg) tea.Cmd {
	d.phase, d.done, d.scroll = breakOver, m, 0
	d.row = buttons{labels: []string{"Close"}, danger: -1}
	reread := tell(wroteMsg{[]string{d.t.path, d.t.who.Dir}})
	switch {
	case m.err == nil && d.agreed == "waiter":
		return tea.Batch(reread, flash(levelGood, fmt.Sprintf("removed %s from the queue of %s", d.t.name(), d.t.lockName())))
	case m.err == nil:
		return tea.Batch(reread, flash(levelGood, fmt.Sprintf("broke %s: the znode of %s is deleted", d.t.lockName(), d.t.name())))
	case errors.Is(m.err, lockctl.ErrGone):
		return flash(levelInfo, fmt.Sprintf("%s had let go of %s already", d.t.name(), d.t.lockName()))
	}
	return flash(levelWarn, fmt.Sprintf("%s was not broken: %s", d.t.lockName(), brokenWord(m.err)))
}

func (d *breakDialog) keys() []key.Binding {
	switch {
	case d.phase == breakRunning:
		return []key.Binding{named(dkeys.Cancel, "do not wait")}
	case d.phase == breakOver || d.moot():
		return []key.Binding{named(dkeys.Accept, "close"), named(dkeys.Down, "scroll")}
	}
	return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.Down, "scroll"), dkeys.Cancel}
}
