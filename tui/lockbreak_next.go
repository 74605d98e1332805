package tui

import (
	"fmt"
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// afterwards is who has a lock when one of its contenders is gone, by the rule of its
// recipe.
type afterwards struct {
	next  []int // who gets in by it, as indices of the view's contenders, in order
	still []int // who has it and keeps it
	rest  int   // how many wait on
	why   string
}

// after works out who has the lock when the contender with this index is gone. Where
// the znodes do not tell, why says so. It looks at every contender.
func after(v *lockctl.View, gone int) afterwards {
	var a afterwards
	for i := range v.Contenders {
		if i != gone && v.Contenders[i].Role == lockctl.Holder {
			a.still = append(a.still, i)
		}
	}
	switch {
	case v.Recipe == lockctl.Mixed:
		a.why = "the recipes that meet here do not agree on who is next"
	case v.Kind == lockctl.ExclusiveNode || v.Kind == lockctl.TimedLease: // there is no queue
	case v.Recipe == lockctl.CuratorSemaphore || v.Recipe == lockctl.KazooSemaphore:
		a.place(v, gone)
	case v.Kind == lockctl.Semaphore && v.Limit == 0:
		a.why = "how many places there are is not in ZooKeeper"
	default:
		a.queue(v, gone, max(v.Limit, 1))
	}
	a.rest = len(v.Contenders) - 1 - len(a.still) - len(a.next)
	return a
}

// place is who gets the place of a semaphore that has its queue in another directory:
// the first of that.
func (a *afterwards) place(v *lockctl.View, gone int) {
	if v.Contenders[gone].Mode == lockctl.Exclusive { // it queued
		return
	}
	for i := range v.Contenders {
		if v.Contenders[i].Mode == lockctl.Exclusive {
			a.next = []int{i}
			return
		}
	}
}

// queue is who gets in where one goes of a queue that lets in the first limit, or
// readers together.
func (a *afterwards) queue(v *lockctl.View, gone, limit int) {
	before, writers := 0, 0
	for i := range v.Contenders {
		if i == gone {
			continue
		}
		c := &v.Contenders[i]
		in := before < limit || c.Mode == lockctl.Read && writers == 0
		if !in && writers > 0 {
			return
		}
		if in && c.Role != lockctl.Holder {
			a.next = append(a.next, i)
			if c.Role == lockctl.Unknown {
				a.why = "the znodes do not settle who is next"
			}
		}
		before++
		writers += boolInt(c.Mode != lockctl.Read)
	}
}

// longestName is how many cells a name of somebody takes in a sentence.
const longestName = 40

// called names a contender in a sentence: who it says to be, and its number.
func called(c *lockctl.Contender, ours func(int64) bool) string {
	_, short := whoIs(c)
	if c.Session != 0 && ours(c.Session) {
		short = "your contender"
	}
	short = safetext.TruncateMiddle(short, longestName)
	if c.Sequential {
		short += fmt.Sprintf(" (%010d)", c.Sequence)
	}
	return short
}

// calledAll names several, at most three of them one by one.
func calledAll(v *lockctl.View, list []int, ours func(int64) bool) string {
	var names []string
	for _, i := range list[:min(len(list), 3)] {
		names = append(names, called(&v.Contenders[i], ours))
	}
	if n := len(list) - len(names); n > 0 {
		return strings.Join(names, ", ") + " and " + comma(n) + " more"
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// text says who has the lock then, in a sentence or two.
func (a *afterwards) text(v *lockctl.View, gone int, ours func(int64) bool) string {
	c := &v.Contenders[gone]
	has := hasWords(v.Kind)
	switch {
	case a.why != "":
		return fmt.Sprintf("Who %s then is not known: %s.", has.one, a.why)
	case v.Kind == lockctl.ExclusiveNode:
		if n := len(v.Standbys); n > 0 {
			return fmt.Sprintf("Whoever creates it anew first has it; %s it, and %s told at once.",
				plural(n, "session watches", "sessions watch"), word(n, "is", "are"))
		}
		return "Whoever creates it anew first has it; nobody is known to wait for that, and it may be the same client."
	case v.Kind == lockctl.TimedLease:
		return "Then nobody has it, and whoever asks first gets it; nobody is told."
	case len(a.next) > 0 && v.Kind == lockctl.Semaphore:
		return fmt.Sprintf("Next for a place is %s, the first of those who wait.", calledAll(v, a.next, ours))
	case len(a.next) > 1 && len(a.still) == 0:
		return fmt.Sprintf("Then %s %s together: %s.%s", plural(len(a.next), "contender", "contenders"), has.many, calledAll(v, a.next, ours), a.woken(v))
	case len(a.next) > 0 && len(a.still) > 0:
		return fmt.Sprintf("Then %s %s too, beside %s.%s", calledAll(v, a.next, ours), has.of(len(a.next)), calledAll(v, a.still, ours), a.woken(v))
	case len(a.next) > 0:
		return fmt.Sprintf("Then %s is the first in the queue and %s.%s", calledAll(v, a.next, ours), has.one, a.woken(v))
	case len(a.still) > 0 && c.Role == lockctl.Holder:
		return fmt.Sprintf("Nobody else gets in by this; %s %s still.", calledAll(v, a.still, ours), has.of(len(a.still)))
	case len(a.still) > 0:
		return fmt.Sprintf("As before %s %s; who waits for this one waits for the one before it then.", calledAll(v, a.still, ours), has.of(len(a.still)))
	case a.rest > 0:
		return fmt.Sprintf("Nobody gets in by this; %s.", plural(a.rest, "contender waits on", "contenders wait on"))
	}
	return "Nobody waits for it: it is free then."
}

// woken says how those who are next learn of it.
func (a *afterwards) woken(v *lockctl.View) string {
	seen := 0
	for _, i := range a.next {
		seen += boolInt(v.Contenders[i].Seen)
	}
	switch {
	case v.Wake == lockctl.WakeAll && a.rest > 0:
		return fmt.Sprintf(" All %s waiters are woken by it.", comma(a.rest+len(a.next)))
	case v.Wake == lockctl.WakeNobody:
		return " Nobody is woken: clients of this recipe sleep and look again."
	case seen > 0 && seen == len(a.next):
		return word(seen, " Its session is seen to watch this one, so it is told at once.", " Their sessions are seen to watch this one, so they are told at once.")
	}
	return ""
}

// heldWords say that somebody has a lock of some kind.
type heldWords struct{ one, many string }

// of is the word for so many.
func (h heldWords) of(n int) string { return word(n, h.one, h.many) }

// hasWords is what holding is called where the lock is of this kind.
func hasWords(k lockctl.Kind) heldWords {
	switch k {
	case lockctl.Election:
		return heldWords{"leads", "lead"}
	case lockctl.Semaphore:
		return heldWords{"has a place", "have places"}
	case lockctl.ExclusiveNode, lockctl.TimedLease:
		return heldWords{"has it", "have it"}
	}
	return heldWords{"holds the lock", "hold the lock"}
}
