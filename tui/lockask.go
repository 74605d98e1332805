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

// askPhase is how far asking a holder back has come.
type askPhase uint8

const (
	askConfirm askPhase = iota
	askRunning
	askDone
)

// askDialog writes the word that the recipe knows into the znode of who holds a lock,
// and shows whether it lets go.
type askDialog struct {
	id   int
	ctx  context.Context
	h    lockHands
	t    *lockTarget
	now  func() time.Time
	sess sessionFacts

	word  string // "" where nobody of the family listens
	phase askPhase
	row   buttons

	scroll int
	done   lockAskedMsg
	stop   context.CancelFunc
	letGo  time.Time // when it was first seen to be gone
}

// lockAskedMsg tells what came of asking.
type lockAskedMsg struct {
	err error
	at  time.Time
}

var _ dialog = (*askDialog)(nil)

// newAskDialog makes the dialog and the command that asks the servers whether the
// holder listens. The calls of the dialog end with ctx.
func newAskDialog(ctx context.Context, id int, h lockHands, t *lockTarget, now func() time.Time) (dialog, tea.Cmd) {
	d := &askDialog{id: id, ctx: ctx, h: h, t: t, now: now}
	if word, ok := lockctl.RevokeWord(t.who.Recipe); ok && t.who.Session != 0 {
		d.word = word
	}
	d.buttons()
	return d, askServers(ctx, id, h)
}

// The labels of its buttons.
const (
	askLabel   = "Ask"
	breakLabel = "Break it …"
)

// buttons offers what can be done now. Breaking is another dialog, which asks anew.
func (d *askDialog) buttons() {
	switch {
	case d.phase == askDone && d.done.err == nil, d.word == "":
		d.row = buttons{labels: []string{"Close", breakLabel}, danger: 1}
	default:
		d.row = buttons{labels: []string{"Cancel", askLabel, breakLabel}, danger: 2}
	}
}

func (d *askDialog) title() string   { return "Ask back " + d.t.lockName() }
func (d *askDialog) danger() bool    { return false }
func (d *askDialog) unsaved() string { return "" }

func (d *askDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case lockAnswersMsg:
		d.sess = sessionFactsOf(msg.answers, d.t.path, d.t.who.Session)
	case lockAskedMsg:
		d.phase, d.done, d.scroll = askDone, msg, 0
		d.buttons()
		if msg.err != nil {
			return flash(levelWarn, fmt.Sprintf("%s was not asked for %s: %s", d.t.name(), d.t.lockName(), askedWord(msg.err))), false
		}
		return tea.Batch(tell(wroteMsg{[]string{d.t.path}}), flash(levelGood, fmt.Sprintf("asked %s for %s", d.t.name(), d.t.lockName()))), false
	case tea.KeyPressMsg:
		return d.key(msg)
	}
	return nil, false
}

func (d *askDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	n := len(d.row.labels)
	switch {
	case key.Matches(k, dkeys.Cancel) && d.phase == askRunning:
		d.stop()
	case key.Matches(k, dkeys.Cancel):
		return nil, true
	case key.Matches(k, dkeys.Up):
		d.scroll--
	case key.Matches(k, dkeys.Down):
		d.scroll++
	case d.phase == askRunning:
	case key.Matches(k, dkeys.Accept):
		return d.accept()
	case d.over():
	case key.Matches(k, dkeys.Next):
		d.row.at = (d.row.at + 1) % n
	case key.Matches(k, dkeys.Prev):
		d.row.at = (d.row.at + n - 1) % n
	default:
		d.row.update(k)
	}
	return nil, false
}

// over tells that there is nobody left to be asked.
func (d *askDialog) over() bool { return d.t.gone || d.t.replaced }

// accept presses the focused button.
func (d *askDialog) accept() (tea.Cmd, bool) {
	d.t.sync()
	switch label := d.row.labels[d.row.at]; {
	case d.row.at == 0:
		return nil, true
	case d.over(): // meant was something else than to close
		d.row.at = 0
		return nil, false
	case label == askLabel:
		return d.run(), false
	}
	return tell(lockActMsg{actBreak, d.t.lock, d.t.path}), true
}

// run is the command that writes the word, and records that.
func (d *askDialog) run() tea.Cmd {
	ctx, cancel := context.WithTimeout(d.ctx, callTime)
	d.phase, d.stop, d.scroll = askRunning, cancel, 0
	h, now, id, word := d.h, d.now, d.id, d.word
	t, who := d.t, d.t.who
	return func() tea.Msg {
		defer cancel()
		m := lockAskedMsg{err: h.AskBack(ctx, who), at: now()}
		result := "wrote " + word
		if m.err != nil {
			result = askedWord(m.err)
		}
		h.Record(lockRecord{
			at: m.at, op: "ask back", path: t.path, lock: t.lock, czxid: who.Stat.Czxid, session: who.Session, identity: who.Identity,
			result: result, err: m.err,
		})
		return dialogMsg{id, m}
	}
}

// askedWord says why it was not asked.
func askedWord(err error) string {
	switch {
	case errors.Is(err, lockctl.ErrGone):
		return "it had let go already"
	case errors.Is(err, lockctl.ErrReplaced):
		return "another znode has its name by now"
	case errors.Is(err, lockctl.ErrChanged):
		return "its value was written to meanwhile"
	case errors.Is(err, lockctl.ErrUnknown):
		return "not known: " + strings.TrimSuffix(actReason(err), ".")
	}
	return strings.TrimSuffix(actReason(err), ".")
}

func (d *askDialog) prefer(maxW, maxH int) (w, h int) {
	w = min(maxW, lockDialogWidth)
	return w, min(len(d.page(&styles{}, w-2).lines)+1, maxH)
}

func (d *askDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := d.page(st, width)
	switch {
	case d.phase == askRunning:
		return p.fit(height, span{st.dim, "esc stops waiting for the answer"})
	case d.over():
		row := buttons{labels: []string{"Close"}, danger: -1}
		return p.fit(height, row.spans(st, width, true)...)
	}
	return p.fit(height, d.row.spans(st, width, true)...)
}

func (d *askDialog) keys() []key.Binding {
	switch {
	case d.phase == askRunning:
		return []key.Binding{named(dkeys.Cancel, "do not wait")}
	case d.over():
		return []key.Binding{named(dkeys.Accept, "close"), named(dkeys.Down, "scroll")}
	}
	return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.Down, "scroll"), dkeys.Cancel}
}

// page are all lines above the buttons.
func (d *askDialog) page(st *styles, width int) *page {
	p := &page{st: st, width: width, scroll: &d.scroll}
	d.t.sync()
	if d.over() && d.letGo.IsZero() {
		d.letGo = d.now()
	}
	switch {
	case d.phase == askRunning:
		p.say(st.text, fmt.Sprintf("Writing %s into the znode of %s %s", d.word, d.t.name(), st.ellipsis))
	case d.phase == askDone:
		d.outcome(p)
	case d.over():
		p.say(st.good, d.t.name()+" has let go by itself: there is nobody to be asked any more.")
		p.say(st.text, d.t.nowHas())
	default:
		d.question(p)
	}
	return p
}

// question says what would be written where, and who would read it.
func (d *askDialog) question(p *page) {
	st, t := p.st, d.t
	switch {
	case d.word != "":
		p.say(st.text, fmt.Sprintf("Ask %s to give %s back? %s is written into its znode, in place of its value, if nobody has written there since (version %d).",
			t.name(), t.lockName(), d.word, t.stat.Version))
	case t.who.Session == 0:
		p.say(st.warn, fmt.Sprintf("%s cannot be asked: its znode is persistent, so nobody is known to be there.", t.name()))
	default:
		p.say(st.warn, fmt.Sprintf("%s cannot be asked: clients of %s do not know such a thing, and nobody would read it.", t.name(), t.who.Recipe))
	}
	p.facts(t.facts(&d.sess, d.now()))
	p.facts([][2]string{{"znode", safetext.TruncateMiddle(safetext.Clean(t.path), 2*max(p.width-9, 8))}})
	p.blank()
	if d.word == "" {
		p.say(st.text, "What is left is to stop its client, to wait, or to break the lock.")
		return
	}
	d.listens(p)
	if d.asked(t.contender()) {
		p.say(st.warn, fmt.Sprintf("It has been asked already: the word stands there since %s.", stamp(time.UnixMilli(t.stat.Mtime))))
	}
}

// listens says whether the holder would learn of it.
func (d *askDialog) listens(p *page) {
	st, s := p.st, &d.sess
	switch {
	case !s.asked:
		p.say(st.dim, "The servers are being asked whether it listens "+st.ellipsis)
	case s.listens == yes:
		p.say(st.good, "It listens: its session watches its znode, so it is told at once. Whether and when it lets go is up to it.")
	case s.listens == no:
		p.say(st.warn, "It does not listen: its session does not watch its znode, so nobody would be told. "+howToListen(d.t.who.Recipe))
	default:
		p.say(st.warn, "Whether it listens is not known. "+howToListen(d.t.who.Recipe))
		if s.refused != "" {
			p.say(st.dim, s.refused)
		}
	}
}

// howToListen says what a client has to do to be asked.
func howToListen(r lockctl.Recipe) string {
	switch r {
	case lockctl.CuratorMutex, lockctl.CuratorRWLock, lockctl.CuratorSemaphore, lockctl.CuratorSemaphoreV1:
		return "A program that uses Curator listens if it has called makeRevocable."
	}
	return "By the recipe a holder watches its own znode, and not all do."
}

// asked tells whether the word stands in a contender's znode.
func (d *askDialog) asked(c *lockctl.Contender) bool { return d.word != "" && string(c.Data) == d.word }

// outcome says what came of asking, and how the holder takes it.
func (d *askDialog) outcome(p *page) {
	st, t, err := p.st, d.t, d.done.err
	switch {
	case errors.Is(err, lockctl.ErrGone):
		p.say(st.good, fmt.Sprintf("%s had let go already: nothing was written.", t.name()))
		p.say(st.text, t.nowHas())
		return
	case errors.Is(err, lockctl.ErrReplaced):
		p.say(st.warn, "Nothing was written: another znode has this name by now. Close this, and look again.")
		return
	case errors.Is(err, lockctl.ErrChanged):
		p.say(st.warn, "Nothing was written: somebody else has written there since you looked. Close this, and look again.")
		return
	case errors.Is(err, lockctl.ErrDenied):
		p.say(st.bad, "Nothing was written: the ACL of its znode does not let us.")
		p.say(st.text, actReason(err))
		return
	case errors.Is(err, lockctl.ErrUnknown), errors.Is(err, lockctl.ErrEnded):
		p.say(st.bad, "It is not known whether the word was written: no answer came.")
		p.say(st.text, actReason(err))
	case err != nil:
		p.say(st.bad, "Nothing was written.")
		p.say(st.text, actReason(err))
		return
	default:
		p.say(st.text, fmt.Sprintf("At %s %s was written into the znode of %s.", clock(d.done.at), d.word, t.name()))
	}
	c := t.contender()
	switch {
	case d.over():
		took := max(d.letGo.Sub(d.done.at), 0)
		p.say(st.good, fmt.Sprintf("It let go at %s, %s later.", clock(d.letGo), lasting(took)))
		p.say(st.text, t.nowHas())
		return
	case t.seen == nil || c.Stat.Known() && c.Stat.Version <= t.stat.Version:
		p.say(st.dim, "The queue does not show that yet "+st.ellipsis)
	case d.asked(c):
		p.say(st.warn, "The word stands there, and it has not let go so far.")
	default:
		p.say(st.warn, "The word does not stand there any more: somebody has written another value since. It has not let go so far.")
	}
	d.listens(p)
}
