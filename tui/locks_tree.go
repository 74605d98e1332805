package tui

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

const (
	// lookRest is how long the rows of the tree rest before it is looked whether they
	// are locks: what is scrolled past is not listed.
	lookRest = 150 * time.Millisecond
	// maxLookedAt is up to how many children a row is listed for that, unless its path
	// speaks of a lock.
	maxLookedAt = 2000
)

// lockLook is which rows of the tree the board looks at.
type lockLook struct {
	told map[string]*lookedAt  // what the board was told
	due  time.Time             // when a message comes; zero: none is on its way
	gen  int                   // of that message
	seen map[string]*lockFacts // of the rows in view
}

// lookedAt is a directory that was looked at.
type lookedAt struct {
	cversion int32 // which tells whether its children have changed since
	again    time.Time
	pause    time.Duration
	lease    bool
}

// lookAgain is how long a directory rests before it is looked at again because its
// children have changed; it doubles with each time, up to lookAgainMost.
const (
	lookAgain     = time.Second
	lookAgainMost = time.Minute
)

// lookDueMsg tells that the rows of the tree have rested.
type lookDueMsg struct{ gen int }

// lookWant is a directory that is to be looked at.
type lookWant struct {
	path     string
	cversion int32
	lease    bool // we are in its queue, whether the tree shows it or not
}

// lookLater arranges for the rows in view to be looked at, if they are others than
// before, or have other children.
func (m *model) lookLater() tea.Cmd {
	look, now := &m.locks.look, m.now()
	if !m.ready || m.header.status.State != zkview.Connected {
		return nil
	}
	rest := look.rest(m.lookWants(), now)
	due := now.Add(rest)
	if rest == 0 || !look.due.IsZero() && !due.Before(look.due) {
		return nil
	}
	look.gen++
	look.due = due
	gen := look.gen
	return m.after(rest, func(time.Time) tea.Msg { return lookDueMsg{gen} })
}

// rest is how long until the board is to be told; 0: it knows all.
func (l *lockLook) rest(wants []lookWant, now time.Time) time.Duration {
	if len(wants) != len(l.told) {
		return lookRest
	}
	rest := time.Duration(0)
	for _, w := range wants {
		t := l.told[w.path]
		if t == nil {
			return lookRest
		}
		if t.cversion != w.cversion {
			if d := max(t.again.Sub(now), lookRest); rest == 0 || d < rest {
				rest = d
			}
		}
	}
	return rest
}

// lookNow tells the board the rows that are in view now.
func (m *model) lookNow(msg lookDueMsg) tea.Cmd {
	look := &m.locks.look
	if msg.gen != look.gen {
		return nil
	}
	look.due = time.Time{}
	if m.ended {
		return nil
	}
	paths, again := look.tell(m.lookWants(), m.now())
	maps.DeleteFunc(look.seen, func(path string, _ *lockFacts) bool {
		row, ok := m.tree.find(path)
		return !ok || row < m.tree.top || row >= m.tree.top+m.tree.height
	})
	var cmd tea.Cmd
	if len(paths) > 0 {
		cmd = m.locks.begin()
	}
	if m.locks.board != nil {
		m.locks.board.Look(paths...)
	}
	if len(again) > 0 {
		m.locks.board.LookAgain(again...)
	}
	return cmd
}

// tell notes what the board is told: what is in view, and what of it has other
// children than when it was looked at.
func (l *lockLook) tell(wants []lookWant, now time.Time) (paths, again []string) {
	was := l.told
	l.told = make(map[string]*lookedAt, len(wants))
	for _, w := range wants {
		paths = append(paths, w.path)
		t := was[w.path]
		switch {
		case t == nil:
			t = &lookedAt{cversion: w.cversion, again: now.Add(lookAgain), pause: lookAgain}
		case t.cversion != w.cversion && !now.Before(t.again):
			again = append(again, w.path)
			t.pause = min(2*t.pause, lookAgainMost)
			t.cversion, t.again = w.cversion, now.Add(t.pause)
		}
		t.lease = w.lease
		l.told[w.path] = t
	}
	return paths, again
}

// lookWants are the directories that the board is to look at: those in view, and where
// we are in the queue. While the tree is not in view, those stay that were.
func (m *model) lookWants() []lookWant {
	var wants []lookWant
	if m.screens.front != 0 || m.lay.tree.Empty() {
		for path, t := range m.locks.look.told {
			if !t.lease {
				wants = append(wants, lookWant{path: path, cversion: t.cversion})
			}
		}
		slices.SortFunc(wants, func(a, b lookWant) int { return strings.Compare(a.path, b.path) })
	} else {
		wants = m.treeWants()
	}
	for _, l := range m.leaseWants() {
		if !slices.ContainsFunc(wants, func(w lookWant) bool { return w.path == l.path }) {
			wants = append(wants, l)
		}
	}
	return wants
}

// treeWants are the directories that may be locks, or hold znodes in view that may be.
func (m *model) treeWants() []lookWant {
	var wants []lookWant
	for _, r := range m.tree.rows(m.tree.height) {
		switch {
		case !r.HasStat || r.Err != nil || errors.Is(r.ChildErr, zkview.ErrNoAuth) || r.Mark == zkview.MarkDeleted:
			continue
		case r.Stat.EphemeralOwner != 0:
			row, ok := m.tree.find(parentOf(r.Path))
			if !ok {
				continue
			}
			if r = m.tree.at(row); !worthLook(r) {
				continue
			}
		case !worthLook(r) && m.locks.snap.At(r.Path) == nil: // a lock that is free stays one
			continue
		}
		if !slices.ContainsFunc(wants, func(w lookWant) bool { return w.path == r.Path }) {
			wants = append(wants, lookWant{path: r.Path, cversion: r.Stat.Cversion})
		}
	}
	return wants
}

// worthLook tells whether a znode is listed to see whether it is a lock.
func worthLook(r zkview.Row) bool {
	n := r.Stat.NumChildren
	return n > 0 && n <= maxLookedAt || lockctl.Promising(r.Path, anyName)
}

// anyName is a name of no recipe: with it, the path alone can promise a lock.
var anyName = []string{"-"}

// lockAt is the lock that a row of the tree is, false for none.
func (l *locks) lockAt(path string) (*lockFacts, bool) {
	if len(l.snap.Locks) == 0 {
		return nil, false
	}
	v := l.snap.At(path)
	if v == nil {
		return nil, false
	}
	f := l.look.seen[path]
	if f == nil {
		f = &lockFacts{}
		l.look.seen[path] = f
	}
	if f.view != v || f.rev != l.rev {
		f.rev = l.rev
		f.learn(v, l.isOurs)
	}
	return f, true
}

// lockMark is what a row of the tree says of its lock in at most room cells: the
// glyph, who holds it, and how many wait.
func (st *styles) lockMark(f *lockFacts, room int) []span {
	sign, k := st.lockGlyph(f.state)
	if f.ours {
		k = st.accent
	}
	if !f.view.Stale.IsZero() {
		k = st.dim
	}
	waiting := ""
	if f.waiters > 0 {
		waiting = "  +" + comma(f.waiters) + " waiting"
		if safetext.Width(f.short)+safetext.Width(waiting)+4 > room {
			waiting = " +" + comma(f.waiters)
		}
	}
	left := room - safetext.Width(sign) - safetext.Width(waiting) - 3
	switch {
	case room < 4:
		return nil
	case left < 3:
		return []span{{k, " " + sign + " "}}
	}
	who := k
	if f.holders > 0 && !f.ours && f.view.Stale.IsZero() {
		who = st.text
	}
	wait := st.warn
	if f.queued {
		wait = st.accent
	}
	return []span{{k, " " + sign + " "}, {who, f.holderIn(left)}, {wait, waiting}, {st.text, " "}}
}
