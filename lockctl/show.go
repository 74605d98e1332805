package lockctl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zkdeck/internal/safetext"
)

// show makes the view of a lock.
func (b *Board) show(l *lock) {
	v := &View{Lock: l.seen, Denied: l.dir.denied, Skew: b.skew, Timeline: l.timeline}
	v.Warnings = b.confirmed(l)
	if text := b.deadlocked[l.path]; text != "" {
		v.add(WarnDeadlock, nil, text)
	}
	v.warnClosed(l.dir)
	read := func(d *folder) {
		for i := range v.Contenders {
			if k := &v.Contenders[i]; k.Dir == d.path {
				if e := d.kids[k.Node]; e != nil && e.read {
					v.Read++
				}
			}
		}
		if !d.stale.IsZero() && (v.Stale.IsZero() || d.stale.Before(v.Stale)) {
			v.Stale = d.stale
		}
	}
	read(l.dir)
	if l.dir.queue != nil {
		read(l.dir.queue)
	}
	for _, e := range l.holders {
		if v.HeldSince.IsZero() || e.since.Before(v.HeldSince) {
			v.HeldSince, v.AtLeast = e.since, e.atLeast
		}
	}
	v.PerMinute = l.timeline.PerMinute(b.now())
	v.State = v.state()
	if len(v.Contenders) > 1 || l.view != nil && len(l.view.Contenders) > 1 {
		b.contention = true
	}
	l.view = v
	b.news()
}

// state is how a lock stands, in one word.
func (v *View) state() State {
	holders := v.Holders()
	waiters := len(v.Contenders) - holders
	switch {
	case slices.ContainsFunc(v.Warnings, v.suspicious):
		return Suspicious
	case len(v.Contenders) == 0 && v.Denied != "":
		return Denied
	case len(v.Contenders) == 0:
		return Free
	case waiters > 0:
		return Contended
	case holders > 1:
		return Shared
	}
	return Held
}

// suspicious tells whether a warning is of exclusion or progress that may be lost.
// Others are habits of a recipe, or pass by themselves: a herd, a value that was
// written, a client between two connections, a wish to let go, a counter that is only
// near its end.
func (v *View) suspicious(w Warning) bool {
	switch w.Code {
	case WarnMixed, WarnEqualSequence, WarnDuplicateID, WarnZombie, WarnGhost, WarnNegative, WarnNotGiven,
		WarnForeign, WarnOverLimit, WarnMayHoldTogether, WarnWaitsBehind, WarnDeadlock:
		return true
	case WarnPersistent: // unless the recipe is meant to be so
		return !slices.ContainsFunc(v.of, func(k groupKey) bool { return families[k.family].stays })
	}
	return false
}

// hint is what one answer of the servers said of a contender that may be wrong the next
// moment: a session was seen dead, or watching nobody while so-and-so was before it.
type hint struct {
	code      Code
	id, after uint64
}

// hinted is which answers said so, without a break.
type hinted struct{ first, last int }

// confirmed are the warnings of a lock without those of zombies, ghosts and herds that
// one answer alone has shown. The answers are snapshots, older than the queue: who moved on
// meanwhile looks like a ghost in one and not in the next.
func (b *Board) confirmed(l *lock) []Warning {
	kept := make([]Warning, 0, len(l.seen.Warnings))
	for _, w := range l.seen.Warnings {
		serial, text := b.answered, zombieText
		if w.Code == WarnGhost {
			serial, text = b.answeredWatches, ghostText
		}
		switch {
		case w.Code == WarnHerd && len(w.Nodes) == 1 && !b.twice(l, w.Code, w.Nodes[0], b.answeredWatches):
			continue
		case w.Code != WarnGhost && w.Code != WarnZombie:
			kept = append(kept, w)
			continue
		}
		var sure []string
		for _, name := range w.Nodes {
			if b.twice(l, w.Code, name, serial) {
				sure = append(sure, name)
			}
		}
		v := Lock{}
		v.about(w.Code, sure, text)
		kept = append(kept, v.Warnings...)
	}
	for h, n := range l.hints {
		serial := b.answered
		if h.code != WarnZombie {
			serial = b.answeredWatches
		}
		if n.last < serial-1 {
			delete(l.hints, h)
		}
	}
	return kept
}

func (b *Board) twice(l *lock, code Code, name string, serial int) bool {
	i := slices.IndexFunc(l.seen.Contenders, func(k Contender) bool { return k.Node == name })
	if i < 0 {
		return false
	}
	k := &l.seen.Contenders[i]
	e := b.entryOf(l, k)
	if e == nil {
		return false
	}
	h := hint{code: code, id: e.id}
	if code == WarnGhost && k.WaitsFor >= 0 {
		if before := b.entryOf(l, &l.seen.Contenders[k.WaitsFor]); before != nil {
			h.after = before.id
		}
	}
	n := l.hints[h]
	switch {
	case n == nil || n.last < serial-1:
		n = &hinted{serial, serial}
		l.hints[h] = n
	default:
		n.last = serial
	}
	return n.last > n.first
}

// refresh makes views whose counts have changed with time alone.
func (b *Board) refresh() {
	for _, l := range b.sorted {
		v := l.view
		if v == nil {
			continue
		}
		if l.seen.Until != 0 && v.Holders() > 0 && b.now().UnixMilli() >= l.seen.Until {
			b.soil(l.dir)
		}
		if v.PerMinute == 0 {
			continue
		}
		if n := l.timeline.PerMinute(b.now()); n != v.PerMinute {
			next := *v
			next.PerMinute = n
			l.view = &next
			b.news()
		}
	}
}

// publish hands out a snapshot.
func (b *Board) publish(now time.Time) {
	if !b.stirred {
		return
	}
	if due := b.published.Add(leastPause); now.Before(due) {
		b.wakeAt(due)
		return
	}
	b.stirred, b.published = false, now
	s := &Snapshot{
		Locks: make([]*View, 0, len(b.sorted)), Search: b.searched(), Answers: b.answers, AskErr: b.askErr, Deadlocks: b.deadlocks,
	}
	for _, l := range b.sorted {
		if l.view != nil {
			s.Locks = append(s.Locks, l.view)
		}
	}
	b.snapshot.Store(s)
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// news notes that a snapshot would be another.
func (b *Board) news() { b.stirred = true }

// findDeadlocks looks for circles among the locks on which somebody waits.
func (b *Board) findDeadlocks(now time.Time) {
	if !b.contention {
		return
	}
	if due := b.circled.Add(max(250*time.Millisecond, b.circleCost*share)); now.Before(due) && len(b.waiting) == 0 {
		b.wakeAt(due)
		return
	}
	b.contention = false
	var in []*Lock
	for _, l := range b.sorted {
		if l.view != nil && len(l.view.Contenders) > 0 && l.view.Stale.IsZero() {
			in = append(in, &l.view.Lock)
		}
	}
	b.deadlocks = Deadlocks(in)
	b.circled = time.Now()
	b.circleCost = b.circled.Sub(now)
	was := b.deadlocked
	b.deadlocked = map[string]string{}
	for i := range b.deadlocks {
		text := inWords(b.deadlocks[i])
		for _, w := range b.deadlocks[i].Chain {
			b.deadlocked[w.Lock] = text
		}
	}
	for path, text := range b.deadlocked {
		if was[path] != text {
			b.reshow(path)
		}
		delete(was, path)
	}
	for path := range was {
		b.reshow(path)
	}
}

func (b *Board) reshow(path string) {
	if l := b.locks[path]; l != nil && l.view != nil {
		was := b.contention
		b.show(l)
		b.contention = was
	}
}

// inWords writes a circle as who waits for whom.
func inWords(d Deadlock) string {
	var s strings.Builder
	s.WriteString("Sessions wait for each other in a circle: ")
	for i, w := range d.Chain {
		if i == 8 && len(d.Chain) > 9 {
			fmt.Fprintf(&s, "; and %d more", len(d.Chain)-i)
			break
		}
		if i > 0 {
			s.WriteString("; ")
		}
		who := w.Identity
		if w.Address != "" {
			who = strings.TrimSpace(who + " @ " + w.Address)
		}
		if who == "" {
			who = fmt.Sprintf("session 0x%x", uint64(w.Session))
		}
		fmt.Fprintf(&s, "%s has %s and waits for %s", who, safetext.Clean(w.Holds), safetext.Clean(w.Lock))
	}
	s.WriteString(". Nobody of them goes on until one is stopped.")
	return s.String()
}
