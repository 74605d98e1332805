package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// lockRootsMsg are the roots that were remembered for this cluster, none for the
// whole tree.
type lockRootsMsg struct {
	search int // which search they are for
	roots  []string
}

// locksMessage takes what is addressed to the locks.
func (m *model) locksMessage(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case locksChangedMsg:
		return m.locks.take(), true
	case lockRootsMsg:
		if msg.search == m.locks.searches {
			return m.searchLocks(msg.roots), true
		}
	case lockActMsg:
		return m.actOnLock(msg), true
	case lookDueMsg:
		return m.lookNow(msg), true
	default:
		return nil, false
	}
	return nil, true
}

// locksNumber is the number of the screen.
func (m *model) locksNumber() string { return m.keys.LocksScreen.Help().Key }

// openLocks brings the screen Locks to the front, and searches unless that was done.
func (m *model) openLocks() tea.Cmd {
	cmd := m.showLocks()
	if m.locks.roots != nil {
		return cmd
	}
	m.locks.searches++
	search, title, read := m.locks.searches, m.opts.Title, m.opts.LockRoots
	if read == nil {
		return tea.Batch(cmd, m.searchLocks(nil))
	}
	return tea.Batch(cmd, func() tea.Msg { return lockRootsMsg{search, read(title)} })
}

// showLocks brings the screen Locks to the front.
func (m *model) showLocks() tea.Cmd {
	return m.screens.show(locksTitle, m.locksNumber(), func(int) (scene, tea.Cmd) {
		return newLocksScreen(m.locks, m, &m.keys, m.now, m.searchLocks, m.missingDialog), nil
	})
}

// searchLocks searches below roots; nil is the whole tree.
func (m *model) searchLocks(roots []string) tea.Cmd {
	roots = slices.DeleteFunc(slices.Clone(roots), func(r string) bool { return zkview.CheckPath(r) != nil })
	if len(roots) == 0 {
		roots = []string{"/"}
	}
	return m.locks.search(roots)
}

// locksCommand is :locks; its paths become the roots, and are remembered.
func (m *model) locksCommand(arg string) tea.Cmd {
	if arg == "" {
		return m.openLocks()
	}
	if !strings.HasPrefix(arg, "/") {
		m.say(levelWarn, "A path begins with /, as in :locks /apps /jobs")
		return nil
	}
	roots := splitPaths(arg)
	for _, r := range roots {
		if err := zkview.CheckPath(r); err != nil {
			m.say(levelWarn, fmt.Sprintf("%s: %v", safetext.Clean(r), err))
			return nil
		}
	}
	cmds := []tea.Cmd{m.showLocks(), m.searchLocks(roots)}
	if s, ok := m.screens.top().(*locksScreen); ok {
		s.leave() // what was searched for stands in the table
	}
	if write := m.opts.RememberLockRoots; write != nil && !m.opts.Sandbox { // of the sandbox nothing is kept
		title := m.opts.Title
		if slices.Equal(roots, []string{"/"}) {
			roots = nil
		}
		cmds = append(cmds, func() tea.Msg {
			if err := write(title, roots); err != nil {
				return flashMsg{levelWarn, "The roots are not remembered: " + err.Error()}
			}
			return nil
		})
	}
	return tea.Batch(cmds...)
}

// splitPaths parts what was typed before each slash that follows a blank, as names
// may have blanks in them, and leaves out what is named twice.
func splitPaths(text string) []string {
	var paths []string
	for i, part := range strings.Split(text, " /") {
		part = strings.TrimRight(part, " ")
		if i > 0 {
			part = "/" + part
		}
		if len(part) > 1 {
			part = strings.TrimRight(part, "/")
		}
		if part == "" {
			part = "/"
		}
		if !slices.Contains(paths, part) {
			paths = append(paths, part)
		}
	}
	return paths
}

// followLocks runs after every message: it tells the board which lock is in front,
// and which rows of the tree are to be looked at.
func (m *model) followLocks() tea.Cmd {
	if id := m.header.status.SessionID; id != m.locks.ours {
		m.locks.ours = id
		m.locks.rev++
	}
	m.locks.lost = time.Time{}
	if m.header.old() {
		m.locks.lost = m.header.status.Since
	}
	switch s, _ := m.screens.top().(*locksScreen); {
	case m.leaseInFront() != "":
		m.locks.show(m.leaseInFront())
	case s == nil:
		m.locks.show("")
	default:
		m.locks.show(s.openPath())
	}
	return m.lookLater()
}

// missingDialog lists what the screen Locks does not know, and why.
func (m *model) missingDialog() {
	m.dialogs.push(&readDialog{head: "Locks: what is missing", lines: func(st *styles, width int) [][]span {
		notes := lockNotes(m.locks.snap)
		if len(notes) == 0 {
			return [][]span{{{st.dim, "Nothing that is known of."}}}
		}
		var rows [][]span
		for _, n := range notes {
			k := st.text
			if n.loud {
				k = st.warn
			}
			for i, line := range wrapWords(n.text, max(width-2, 8)) {
				if i > 0 {
					line = "  " + line
				}
				rows = append(rows, []span{{k, line}})
			}
		}
		return rows
	}})
}
