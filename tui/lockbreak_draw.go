package tui

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// lockDialogWidth is how wide the dialogs about a contender like to be.
const lockDialogWidth = 84

// roomyHeight is the height from which paragraphs have a blank line between them.
const roomyHeight = 26

func (d *breakDialog) prefer(maxW, maxH int) (w, h int) {
	w = min(maxW, lockDialogWidth)
	d.roomy = maxH >= roomyHeight
	h = len(d.page(&styles{}, w-2).lines) + 1
	if d.phase == breakConfirm && !d.moot() {
		h += 2 // what is typed
		h += boolInt(safetext.Width(d.prompt()) > w-2)
	}
	return w, min(h, maxH)
}

func (d *breakDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := d.page(st, width)
	switch {
	case d.phase == breakRunning:
		return p.fit(height, span{st.dim, "esc stops waiting for the answer"})
	case d.phase == breakOver || d.moot():
		row := buttons{labels: []string{"Close"}, danger: -1}
		return p.fit(height, row.spans(st, width, true)...)
	}
	return p.fitTyped(height, d.typed, d.prompt(), d.note, d.row.spans(st, width, true))
}

// prompt says what has to be typed.
func (d *breakDialog) prompt() string {
	return fmt.Sprintf("Type %s to %s it:", d.word, strings.ToLower(d.verb()))
}

// page are all lines above the buttons.
func (d *breakDialog) page(st *styles, width int) *page {
	p := &page{st: st, width: width, scroll: &d.scroll}
	d.t.sync()
	switch {
	case d.phase == breakRunning:
		p.say(st.text, fmt.Sprintf("Deleting the znode of %s %s", d.t.name(), st.ellipsis))
	case d.phase == breakOver:
		d.outcome(p)
	case d.t.replaced:
		p.say(st.warn, "Another znode of this name is there by now: the one that you looked at is gone. Nothing was deleted.")
		p.say(st.text, d.t.nowHas())
	case d.t.gone:
		p.say(st.good, fmt.Sprintf("%s is gone from the queue by itself: there is nothing to break any more.", d.t.name()))
		p.say(st.text, d.t.nowHas())
	default:
		d.question(p)
	}
	return p
}

// question says whose znode is to be deleted, and what follows from it.
func (d *breakDialog) question(p *page) {
	st, t := p.st, d.t
	has := hasWords(t.view.Kind)
	if t.holds() {
		p.say(st.text, fmt.Sprintf("Delete the znode of %s, who %s %s?", t.name(), heldOf(t), t.lockName()))
	} else {
		p.say(st.text, fmt.Sprintf("Delete the znode of %s, who waits for %s?", t.name(), t.lockName()))
	}
	p.facts(t.facts(&d.sess, d.now()))
	p.facts([][2]string{{"znode", safetext.TruncateMiddle(safetext.Clean(t.path), 2*max(p.width-9, 8))}})
	p.blank()
	gap := func() {
		if d.roomy {
			p.blank()
		}
	}
	alive := d.sess.lives == yes && d.sess.connected != no
	switch {
	case alive && t.holds():
		p.say(st.warn, fmt.Sprintf("%s Its session lives%s: whoever %s is most likely at work at this moment.", st.warnSign, d.sess.connection(), has.one))
		gap()
	case d.sess.lives == no:
		p.say(st.text, "Its session has ended, and its znode is still there. If it stays (ZOOKEEPER-4837), this removes it.")
		gap()
	case t.who.Session == 0 && t.view.Kind == lockctl.TimedLease:
		p.say(st.text, "It ends by itself at its time.")
	case t.who.Session == 0:
		p.say(st.warn, "It does not go away by itself: without this it stays when its client is dead.")
	}
	if !t.holds() {
		if text := danger(t.contender()); text != "" && d.sess.lives != no {
			p.say(st.bad, st.warnSign+" "+text)
		} else {
			p.say(st.text, missing(t.contender(), &d.sess))
		}
		gap()
	}
	p.say(st.text, d.follows())
	gap()
	if t.holds() {
		p.say(st.text, notice(t.contender(), &d.sess))
		if _, ok := lockctl.RevokeWord(t.who.Recipe); ok && d.sess.lives != no && d.sess.listens != no {
			p.say(st.dim, "It may be asked to give it back instead: "+t.askKey+".")
		}
		gap()
	}
}

// connection says that the session is connected, after "lives".
func (s *sessionFacts) connection() string {
	if s.connected == yes {
		return " and is connected"
	}
	return ""
}

// heldOf says what the contender has of the lock.
func heldOf(t *lockTarget) string {
	switch {
	case t.contender().Role == lockctl.Unknown:
		return "may hold"
	case t.view.Kind == lockctl.Semaphore:
		return "has a place in"
	case t.view.Kind == lockctl.Election:
		return "leads in"
	}
	return "holds"
}

// follows says who has the lock then; it is worked out once for each view.
func (d *breakDialog) follows() string {
	if d.thenOf != d.t.view {
		a := after(d.t.view, d.t.at)
		d.then, d.thenOf = a.text(d.t.view, d.t.at, d.t.ours), d.t.view
	}
	return d.then
}

// actReason is why something that was done to a contender failed, in a sentence: what the
// server said, without the path, which the dialog names.
func actReason(err error) string {
	var op *zkview.OpError
	if errors.As(err, &op) {
		return op.Op + ": " + sentence(reason(op.Err))
	}
	return sentence(safetext.Truncate(reason(err), maxIdentity))
}

// outcome says what came of it, and who has the lock now.
func (d *breakDialog) outcome(p *page) {
	st, t, err := p.st, d.t, d.done.err
	at := clock(d.done.at)
	switch {
	case err == nil:
		p.say(st.good, fmt.Sprintf("At %s the znode of %s was deleted.", at, t.name()))
		if d.agreed != "waiter" && d.sess.lives == yes {
			p.say(st.warn, notice(t.contender(), &d.sess))
		}
	case errors.Is(err, lockctl.ErrGone):
		p.say(st.good, fmt.Sprintf("The znode of %s was gone already: nothing was deleted.", t.name()))
	case errors.Is(err, lockctl.ErrReplaced):
		p.say(st.warn, "Nothing was deleted: another znode has this name by now, that of somebody who came later.")
		if s := d.done.other; s != nil {
			p.facts([][2]string{
				{"session", zxid(s.EphemeralOwner)},
				{"token", fmt.Sprintf("%s; you looked at %s", zxid(s.Czxid), zxid(t.stat.Czxid))},
			})
		}
	case errors.Is(err, lockctl.ErrChanged):
		p.say(st.warn, "Nothing was deleted: the znode was written to at this moment. Look again, and try again.")
	case errors.Is(err, lockctl.ErrDenied):
		p.say(st.bad, fmt.Sprintf("Nothing was deleted: an ACL does not let us. Reading needs READ on the znode, deleting needs DELETE on %s.", safetext.Truncate(safetext.Clean(t.who.Dir), longestName)))
		p.say(st.text, actReason(err))
	case errors.Is(err, lockctl.ErrUnknown), errors.Is(err, lockctl.ErrEnded):
		p.say(st.bad, "It is not known whether the znode was deleted: no answer came.")
		p.say(st.text, actReason(err))
	default:
		p.say(st.bad, "Nothing was deleted.")
		p.say(st.text, actReason(err))
	}
	t.sync()
	switch {
	case t.gone && err != nil && !errors.Is(err, lockctl.ErrGone):
		p.say(st.text, "It is gone from the queue.")
	case !t.gone && !t.replaced && err == nil:
		p.say(st.dim, "The queue does not show that yet "+st.ellipsis)
		return
	}
	p.say(st.text, t.nowHas())
}
