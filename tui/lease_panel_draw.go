package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// leaseSteps is the least number of steps that the panel has room for, if it can.
const leaseSteps = 6

func (d *leasePanel) prefer(maxW, maxH int) (w, h int) {
	w = min(maxW, 88)
	if d.asking != nil {
		return d.asking.prefer(maxW)
	}
	if d.form != nil {
		return w, min(maxH, 13)
	}
	return w, min(maxH, 20)
}

func (d *leasePanel) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	switch {
	case d.asking != nil:
		return d.asking.render(st, width, height)
	case d.form != nil:
		p := page{st: st, width: width}
		p.say(st.dim, d.known())
		p.blank()
		d.form.draw(&p)
		return p.fitNote(height, d.form.note, levelBad, d.form.row.spans(st, width, d.form.focus == leaseButtons))
	}
	v := d.claim.look()
	d.settle(v)
	p := page{st: st, width: width}
	d.facts(&p, v, d.now())
	foot := st.line(width, false, d.row.spans(st, width, true), nil)
	lines := p.lines
	if over := len(lines) + min(leaseSteps, 3) + 1 - height; over > 0 {
		lines = lines[:max(len(lines)-over, 1)] // what comes first matters most
	}
	lines = append(lines, d.steps(st, width, max(height-len(lines)-1, 0))...)
	return append(st.fill(lines, width, height-1), foot), nil
}

// known says what is seen of the lock before it is taken.
func (d *leasePanel) known() string {
	v := d.locks.snap.At(d.path)
	if v == nil {
		return "No lock is known there. Where nobody is queued, auto takes Curator's recipe, which most clients respect."
	}
	f := lockFacts{}
	f.learn(v, d.locks.isOurs)
	text := upper(string(v.State))
	switch {
	case f.holders > 0:
		text = "Held: " + f.holder
	case v.State == lockctl.Free:
		text = "Free: nobody holds it"
	}
	switch f.waiters {
	case 0:
	case 1:
		text += "; 1 waits"
	default:
		text += "; " + comma(f.waiters) + " wait"
	}
	if v.Recipe != "" {
		text += "; the recipe is " + string(v.Recipe)
	}
	return sentence(text)
}

// fact appends a name and what is to be said under it.
func (p *page) fact(name string, k ink, text string) {
	l := p.label(name, false)
	x := safetext.Width(l.text)
	for _, t := range wrapWords(text, max(p.width-x, 8)) {
		p.add(l, span{k, t})
		l.text = strings.Repeat(" ", x)
	}
}

// facts appends how the claim stands.
func (d *leasePanel) facts(p *page, v claimView, now time.Time) {
	st := p.st
	sign, k := st.claimSign(v.state)
	p.add(span{k, sign + " "}, span{bolder(st, k), v.state.word()}, span{st.text, d.since(v, now)})
	if text := meaning(d.path, v, now); text != "" {
		p.say(k, text)
	}
	if v.asked != "" && v.state.active() {
		p.say(st.warn, "Somebody asks for it back ("+safetext.CleanLine(v.asked)+"): release it as soon as what it protects can be left.")
	}
	switch v.state {
	case claimWaiting:
		d.waiting(p, v)
	case claimHeld, claimSuspended, claimReleasing:
		d.holding(p, v, now)
	case claimRefused:
		r := refused(v.err, d.claim.want)
		p.say(st.text, r.what)
		p.blank()
		p.say(st.dim, r.todo)
	case claimLost:
		p.blank()
		p.fact("mode", st.text, fmt.Sprintf("%s, %s", v.mode, v.recipe))
		p.fact("token", st.text, zxid(v.token))
		p.fact("znode", st.text, safetext.Clean(childPath(v.dir, v.node)))
	case claimReleased, claimCancelled:
		if v.err != nil {
			p.say(st.warn, upper(sentence(leaseReason(v.err))))
		}
	}
	d.sessionFact(p, v)
	p.blank()
}

// since says for how long it has stood so.
func (d *leasePanel) since(v claimView, now time.Time) string {
	switch v.state {
	case claimWaiting:
		text := " for " + lasting(now.Sub(v.begun))
		if w := d.claim.want.wait; w > 0 {
			text += ", for at most " + spoken(w)
		}
		return text
	case claimHeld, claimSuspended, claimReleasing:
		return ", granted " + lasting(now.Sub(v.granted)) + " ago"
	case claimReleased:
		return " after " + lasting(v.ended.Sub(v.granted))
	}
	return ""
}

// waiting appends where we stand and for whom we wait.
func (d *leasePanel) waiting(p *page, v claimView) {
	if v.position > 0 {
		text := fmt.Sprintf("%s of %s", comma(v.position), comma(v.of))
		if v.position > 1 {
			text += ", " + comma(v.position-1) + " before us"
		}
		p.fact("place", p.st.text, text)
	}
	if v.before != "" {
		p.fact("waits for", p.st.text, d.whom(v.before))
	}
	if v.node != "" {
		p.fact("our znode", p.st.dim, safetext.Clean(v.node))
	}
}

// whom says who the contender with this znode is, as far as the board knows.
func (d *leasePanel) whom(node string) string {
	name := shortNode(node)
	v := d.locks.snap.At(d.path)
	if v == nil {
		return name
	}
	for i := range v.Contenders {
		c := &v.Contenders[i]
		if c.Node != node {
			continue
		}
		who, _ := whoIs(c)
		if d.locks.isOurs(c.Session) {
			who = "you (" + who + ")"
		}
		if who != safetext.Clean(node) {
			name = who + " (" + name + ")"
		}
		if c.Role == lockctl.Holder {
			return name + ", which holds it"
		}
		return name + ", which waits too"
	}
	return name
}

// holding appends what is held and what that is good for.
func (d *leasePanel) holding(p *page, v claimView, now time.Time) {
	st := p.st
	p.fact("mode", st.text, fmt.Sprintf("%s, %s", v.mode, v.recipe))
	p.fact("token", st.bold, zxid(v.token))
	p.fact("", st.dim, "The fencing token, which grows with every grant: whoever writes on behalf of the lock shows it, and what it writes to refuses a lower one.")
	p.fact("znode", st.text, safetext.Clean(childPath(v.dir, v.node)))
	p.fact("guard", st.dim, "A multi with a check of this znode fails once the lock is gone, so that a late write in ZooKeeper does nothing.")
	if v.err != nil {
		p.fact("", st.bad, "It could not be released: "+sentence(leaseReason(v.err)))
	}
}

// sessionFact appends what there is to say of the claim's own session.
func (d *leasePanel) sessionFact(p *page, v claimView) {
	s := v.session
	text, k := "", p.st.dim
	switch {
	case !v.state.active():
		return
	case s.State == lockctl.SessionLive:
		text = zxid(s.ID) + ", its own, at " + safetext.Clean(s.Server) + ", timeout " + spoken(s.Timeout)
		if s.Timeout != d.claim.want.timeout {
			text += " (" + spoken(d.claim.want.timeout) + " was asked for)"
		}
	case s.State == lockctl.SessionEnded:
		text, k = "ended: "+safetext.CleanLine(s.Why), p.st.warn
	case s.State == lockctl.SessionSuspended:
		text, k = "not connected: "+safetext.CleanLine(s.Why), p.st.warn
	default:
		text = "connecting " + p.st.ellipsis
		if s.Why != "" {
			text, k = "connecting: "+safetext.CleanLine(s.Why), p.st.warn
		}
	}
	p.fact("session", k, text)
}

// steps draws the last steps of the recipe, each with its time and how long after the
// one before.
func (d *leasePanel) steps(st *styles, width, height int) []string {
	steps, dropped := d.claim.log()
	from, to := d.list.window(len(steps), height)
	rows := make([]string, 0, height)
	for i := from; i < to; i++ {
		s := &steps[i]
		after := ""
		if i > 0 {
			after = "+" + strings.TrimSpace(took(s.At.Sub(steps[i-1].At)))
		}
		k := st.text
		switch s.Kind {
		case lockctl.StepGranted, lockctl.StepResumed:
			k = st.good
		case lockctl.StepSuspended, lockctl.StepRequeue, lockctl.StepRecover, lockctl.StepRevoke:
			k = st.warn
		case lockctl.StepLost:
			k = st.bad
		}
		left := []span{{st.dim, s.At.Format("15:04:05.000") + " "}}
		if width >= 60 {
			left = append(left, span{st.dim, safetext.PadLeft(after, 9) + "  "})
		}
		left = append(left, span{k, safetext.Pad(string(s.Kind), 10)}, span{st.text, stepWords(s)})
		if i == from && (from > 0 || dropped > 0) && height > 3 {
			left = []span{{st.dim, fmt.Sprintf("%s %s before", st.ellipsis, plural(from+dropped+1, "step", "steps"))}}
		}
		rows = append(rows, st.line(width, false, left, nil))
	}
	return rows
}
