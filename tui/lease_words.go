package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// word is the state of a claim in a word.
func (s claimState) word() string {
	return [...]string{
		claimWaiting: "waiting", claimCancelling: "cancelling", claimHeld: "held", claimSuspended: "SUSPENDED",
		claimReleasing: "releasing", claimReleased: "released", claimCancelled: "cancelled", claimRefused: "not granted",
		claimLost: "LOST",
	}[s]
}

// sign is the glyph and the ink of a claim's state.
func (st *styles) claimSign(s claimState) (string, ink) {
	switch s {
	case claimHeld, claimReleasing:
		return st.marked, st.good
	case claimSuspended:
		return st.half, st.warn
	case claimLost:
		return st.warnSign, st.bad
	case claimRefused:
		return st.denied, st.warn
	case claimWaiting, claimCancelling:
		return st.dotted, st.accent
	}
	return st.ring, st.dim
}

// refusal is why a lock was not granted, in words.
type refusal struct {
	what  string // what is the matter; safe
	todo  string // what one can do; safe
	force bool   // it can be taken all the same
	wait  bool   // one can queue for it
}

// refused explains an error of an acquisition.
func refused(err error, want leaseWant) refusal {
	why := upper(sentence(leaseReason(err)))
	var busy *lockctl.BusyError
	switch {
	case errors.As(err, &busy):
		return refusal{what: busyWords(busy), todo: "Acquire queues behind them, and waits in the background.", wait: true}
	case errors.Is(err, lockctl.ErrMixed):
		return refusal{what: why, force: true, todo: "Nobody promises that there is one holder. Wait until one of the queues is empty, or have its clients stopped. " +
			"Force joins the queue all the same."}
	case errors.Is(err, lockctl.ErrForeign):
		return refusal{what: why, force: true, todo: "Choose another path, or name the recipe. Force makes a queue here all the same, which the clients of what is there do not respect."}
	case errors.Is(err, lockctl.ErrExhausted):
		return refusal{what: why, force: true, todo: "Once nobody uses it, delete the directory: then it counts from 0 again. Force queues all the same; past the end of the counter the order breaks."}
	case errors.Is(err, lockctl.ErrSlots):
		return refusal{what: why, todo: "Choose the number of places that the others use."}
	case errors.Is(err, lockctl.ErrReadOnly):
		return refusal{what: "This session is read-only: taking a lock creates a znode.", todo: "Open it without --readonly."}
	case errors.Is(err, lockctl.ErrDenied):
		return refusal{what: why, todo: "An ACL does not let us. Open the session with an identity that may read and create there."}
	case errors.Is(err, context.DeadlineExceeded) && want.wait > 0:
		why = upper(sentence(strings.Replace(leaseReason(err), context.DeadlineExceeded.Error(), "the time is up", 1)))
		return refusal{what: why, wait: true, todo: "It was not granted within " + spoken(want.wait) + ", which was the limit; our znode is taken back."}
	case errors.Is(err, lockctl.ErrEnded):
		return refusal{what: why, wait: true, todo: "The session of this wait has ended, and our znode with it. Acquire queues anew, at the end."}
	}
	return refusal{what: why, todo: "Nothing is held."}
}

// busyWords says who holds a lock.
func busyWords(b *lockctl.BusyError) string {
	who := safetext.CleanLine(b.Holder)
	if who == "" {
		who = "znode " + safetext.Clean(b.Node)
		if b.Session != 0 {
			who += " of session " + zxid(b.Session)
		}
	}
	switch b.Waiting {
	case 0:
		return who + " holds it; nobody waits."
	case 1:
		return who + " holds it, and 1 waits."
	}
	return who + " holds it, and " + comma(b.Waiting) + " wait."
}

// leaseReason is an error without what was being done, which is known. It is safe.
func leaseReason(err error) string {
	if err == nil {
		return ""
	}
	return bareReason(reason(err))
}

// bareReason is what a text of lockctl says without the path and without the state,
// which stand beside it.
func bareReason(text string) string {
	for _, verb := range []string{"take /", "release /", "/"} {
		if strings.HasPrefix(text, verb) {
			if _, rest, ok := strings.Cut(text, ": "); ok {
				text = rest
			}
			break
		}
	}
	return strings.TrimPrefix(text, lockctl.ErrLost.Error()+": ")
}

// shortTime is a duration as a person would type it.
func shortTime(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// spoken is a duration as sentences have it.
func spoken(d time.Duration) string {
	if d < time.Minute && d%time.Second == 0 {
		return seconds(d)
	}
	return shortTime(d)
}

// whole is a duration in whole seconds, those begun counted.
func whole(d time.Duration) string { return seconds((d + time.Second - 1).Truncate(time.Second)) }

// stepWords is what a step says.
func stepWords(s *lockctl.Step) string {
	node, before := shortNode(lastPart(s.Node)), shortNode(lastPart(s.Before))
	place := ""
	if s.Of > 0 && s.Position > 0 {
		place = fmt.Sprintf("%s of %s", comma(s.Position), comma(s.Of))
	}
	why := bareReason(safetext.CleanLine(s.Why))
	switch s.Kind {
	case lockctl.StepLook:
		if why == "" {
			if why = "nothing is there"; s.Of > 0 {
				why = plural(s.Of, "child is there", "children are there")
			}
		}
	case lockctl.StepCreate, lockctl.StepRecover, lockctl.StepRequeue:
		return joined(node, why)
	case lockctl.StepList:
		return place
	case lockctl.StepWatch:
		return joined(before, why)
	case lockctl.StepWake:
		if why == "" {
			why = "has changed"
		}
		return joined(before, why)
	case lockctl.StepGranted:
		return "token " + zxid(s.Token)
	case lockctl.StepSuspended:
		return joined(why, "lost at "+clock(s.Until)+" at the latest")
	case lockctl.StepResumed:
		return "held again: our znode was seen"
	case lockctl.StepRevoke:
		return "somebody wrote " + why + ": asks for it back"
	}
	return why
}

// shortNode is the name of a contender with its number, but perhaps not all of its id.
func shortNode(name string) string { return safetext.TruncateMiddle(safetext.Clean(name), 32) }

// joined joins what is not empty.
func joined(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, "  ")
}
