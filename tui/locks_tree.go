package tui

import (
	"errors"
	"maps"
	"slices"
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
	told  []string              // what the board was told
	armed bool                  // a message is on its way
	seen  map[string]*lockFacts // of the rows in view
}

// lookDueMsg tells that the rows of the tree have rested.
type lookDueMsg struct{}

// lookLater arranges for the rows in view to be looked at, if they are others than
// before.
func (m *model) lookLater() tea.Cmd {
	look := &m.locks.look
	if look.armed || !m.ready || m.screens.front != 0 || m.lay.tree.Empty() || m.header.status.State != zkview.Connected {
		return nil
	}
	if slices.Equal(m.lookWants(), look.told) {
		return nil
	}
	look.armed = true
	return m.after(lookRest, func(time.Time) tea.Msg { return lookDueMsg{} })
}

// lookNow tells the board the rows that are in view now.
func (m *model) lookNow() tea.Cmd {
	look := &m.locks.look
	look.armed = false
	if m.screens.front != 0 || m.ended {
		return nil
	}
	look.told = m.lookWants()
	maps.DeleteFunc(look.seen, func(path string, _ *lockFacts) bool {
		row, ok := m.tree.find(path)
		return !ok || row < m.tree.top || row >= m.tree.top+m.tree.height
	})
	var cmd tea.Cmd
	if len(look.told) > 0 {
		cmd = m.locks.begin()
	}
	if m.locks.board != nil {
		m.locks.board.Look(look.told...)
	}
	return cmd
}

// lookWants are the directories that may be locks, or hold znodes in view that may
// be.
func (m *model) lookWants() []string {
	var dirs []string
	for _, r := range m.tree.rows(m.tree.height) {
		dir := r.Path
		switch {
		case !r.HasStat || r.Err != nil || errors.Is(r.ChildErr, zkview.ErrNoAuth) || r.Mark == zkview.MarkDeleted:
			continue
		case r.Stat.EphemeralOwner != 0:
			dir = parentOf(r.Path)
			if row, ok := m.tree.find(dir); !ok || !worthLook(m.tree.at(row)) {
				continue
			}
		case !worthLook(r) && m.locks.snap.At(r.Path) == nil: // a lock that is free stays one
			continue
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
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
	if f.view != v || f.owner != l.ours {
		f.owner = l.ours
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
