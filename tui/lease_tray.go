package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// meaning says in sentences what it means that a lease is suspended or lost; "" for
// other states.
func meaning(path string, v claimView, now time.Time) string {
	name := safetext.Clean(path)
	switch v.state {
	case claimSuspended:
		left := v.deadline.Sub(now)
		if left <= 0 {
			return "It is not known whether the lease on " + name + " is held still: another may hold it. Pause what relies on it."
		}
		return "The servers have not been heard, and it is not known whether the lease on " + name + " is held still. Nobody else can be granted it for " +
			whole(left) + " more; then it is lost. Pause what relies on it."
	case claimLost:
		text := "Another may hold " + name + ": stop what relies on it."
		if why := leaseReason(v.err); why != "" {
			text += " " + upper(sentence(why))
		}
		return text
	}
	return ""
}

// trayCount is how many claims stand how.
type trayCount struct{ held, waiting, suspended, lost, refused, asked int }

// count counts the claims.
func (d *leaseDesk) count() trayCount {
	var n trayCount
	for _, c := range d.claims {
		v := c.look()
		switch v.state {
		case claimWaiting, claimCancelling:
			n.waiting++
		case claimHeld, claimReleasing:
			n.held++
		case claimSuspended:
			n.suspended++
		case claimLost:
			n.lost++
		case claimRefused:
			n.refused++
		}
		if v.asked != "" && v.state.active() {
			n.asked++
		}
	}
	return n
}

// tray is the right side of the footer in at most room cells: how many leases we hold
// and wait for, and what is wrong with them.
func (d *leaseDesk) tray(st *styles, room int) []span {
	if len(d.claims) == 0 {
		return nil
	}
	n := d.count()
	type part struct {
		n    int
		word string
		sign string
		ink  ink
	}
	held := " held"
	if n.lost+n.suspended+n.refused+n.waiting+n.asked == 0 {
		held = " " + word(n.held, "lease", "leases") + " held"
	}
	parts := []part{
		{n.lost, " LOST", st.warnSign, st.bad},
		{n.suspended, " suspended", st.half, st.warn},
		{n.asked, " asked back", "!", st.warn},
		{n.refused, " not granted", st.denied, st.warn},
		{n.waiting, " " + word(n.waiting, "waits", "wait"), st.dotted, st.accent},
		{n.held, held, st.marked, st.good},
	}
	for _, words := range []bool{true, false} {
		var out []span
		for _, p := range parts {
			if p.n == 0 {
				continue
			}
			if out != nil {
				out = append(out, span{st.text, "  "})
			}
			text := comma(p.n)
			if words {
				text += p.word
			}
			out = append(out, span{bolder(st, p.ink), text + " "}, span{p.ink, p.sign})
		}
		if out = append(out, span{st.text, " "}); spansWidth(out) <= room {
			return out
		}
	}
	return nil
}

// alarm is the line across the screen that says what is lost or suspended and what
// that means; "" while nothing is. It stays until a person has taken note of it.
func (d *leaseDesk) alarm(st *styles, width int, leasesKey string, now time.Time) string {
	var lost, suspended []claimView
	var lostPath, suspendedPath string
	var since time.Time
	for _, c := range d.claims {
		v := c.look()
		switch v.state {
		case claimLost:
			if lost = append(lost, v); len(lost) == 1 {
				lostPath, since = c.path, c.lostAt
			}
		case claimSuspended:
			if suspended = append(suspended, v); len(suspended) == 1 {
				suspendedPath = c.path
			}
		}
	}
	more := ""
	if n := len(lost) + len(suspended); n > 1 {
		more = fmt.Sprintf(" (and %s more)", comma(n-1))
	}
	switch {
	case lost != nil:
		ago := ""
		if !since.IsZero() {
			ago = " since " + seconds(now.Sub(since))
		}
		return st.alarmLine(st.alarm, width, st.warnSign, leasesKey, lostPath,
			"your lease on %s is LOST"+ago+": another may hold it; stop what relies on it"+more,
			"%s is LOST: another may hold it; stop what relies on it"+more,
			"%s is LOST: another may hold it"+more)
	case suspended != nil:
		left := "it may be lost"
		if d := suspended[0].deadline.Sub(now); d > 0 {
			left = "it is lost in " + whole(d) + " unless the servers answer"
		}
		return st.alarmLine(st.caution, width, st.half, leasesKey, suspendedPath,
			"your lease on %s is SUSPENDED: "+left+"; pause what relies on it"+more,
			"%s is SUSPENDED: "+left+"; pause what relies on it"+more,
			"%s is SUSPENDED: "+left+more)
	}
	return ""
}

// over draws tray and alarm over the upper rows of the start screen, where our leases
// are held on: the lists are on the screen behind it.
func (d *leaseDesk) over(st *styles, rows []string, width int, leasesKey string, now time.Time) {
	if len(rows) < minHeight {
		return
	}
	if tray := d.tray(st, width*2/5); tray != nil {
		w := spansWidth(tray)
		overlay(rows, []string{st.line(w, false, tray, nil)}, width-w, 1)
	}
	if line := d.alarm(st, width, "esc "+leasesKey, now); line != "" {
		rows[2] = line
	}
}

// alarmLine draws the longest of the texts in which the path is whole or nearly so.
func (st *styles) alarmLine(k ink, width int, sign, key, path string, texts ...string) string {
	right := " " + key + " "
	name := safetext.Clean(path)
	for i, t := range texts {
		fixed := safetext.Width(" "+sign+" ") + safetext.Width(t) - 2 + safetext.Width(right) + 1
		room := width - fixed
		if room < min(safetext.Width(name), 16) && i < len(texts)-1 {
			continue
		}
		text := " " + sign + " " + strings.Replace(t, "%s", safetext.TruncateMiddle(name, max(room, 8)), 1)
		text = safetext.Truncate(text, max(width-safetext.Width(right), 1))
		return k.on + text + strings.Repeat(" ", max(width-safetext.Width(text)-safetext.Width(right), 0)) + right + off
	}
	return ""
}

// nextChange is how long what is shown of the leases stays true; 0 is for ever. A
// lease that is held says nothing that changes but in a dialog.
func (d *leaseDesk) nextChange(dialog bool, now time.Time) time.Duration {
	next := time.Duration(0)
	for _, c := range d.claims {
		v := c.look()
		switch {
		case v.state == claimSuspended, v.state == claimLost, dialog && v.state.active():
			return time.Second
		case v.state == claimHeld: // by the clock alone it may be suspended and lost
			if left := v.deadline.Sub(now); next == 0 || left < next {
				next = max(left, 100*time.Millisecond)
			}
		}
	}
	return next
}

// names lists paths in words, at most three of them.
func leaseNames(paths []string) string {
	var names []string
	for _, p := range paths {
		names = append(names, safetext.Clean(p))
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return names[0]
	case n > 3:
		return strings.Join(names[:3], ", ") + " and " + comma(n-3) + " more"
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// ending says what would end if the program did, as in "You hold the lease on /a, and
// wait for /b."; "" if nothing would.
func (d *leaseDesk) ending() string {
	var held, waiting []string
	for _, c := range d.active() {
		if c.look().granted.IsZero() {
			waiting = append(waiting, c.path)
		} else {
			held = append(held, c.path)
		}
	}
	hold, wait := "", ""
	if len(held) > 0 {
		hold = "hold " + word(len(held), "the lease", "the leases") + " on " + leaseNames(held)
	}
	if len(waiting) > 0 {
		wait = "wait for " + leaseNames(waiting)
	}
	switch {
	case hold != "" && wait != "":
		return "You " + hold + ", and " + wait + "."
	case hold+wait != "":
		return "You " + hold + wait + "."
	}
	return ""
}

// holdTime is for how long a claim has been held, "" where it never was.
func holdTime(v claimView, now time.Time) string {
	if v.granted.IsZero() {
		return ""
	}
	if !v.ended.IsZero() {
		now = v.ended
	}
	return lasting(now.Sub(v.granted))
}

// placeWord is where a claim that waits stands.
func placeWord(v claimView) string {
	switch {
	case v.state != claimWaiting:
		return ""
	case v.position > 0:
		return comma(v.position) + " of " + comma(v.of)
	case v.session.State != lockctl.SessionLive:
		return "connecting"
	}
	return ""
}
