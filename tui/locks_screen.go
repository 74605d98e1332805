package tui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// locksTitle is the word of the screen in line 2.
const locksTitle = "Locks"

// locksScreen is screen 2: the table of all locks, and the queue of the one that is
// opened.
type locksScreen struct {
	locks   *locks
	host    host
	keys    *KeyMap
	now     func() time.Time
	search  func(roots []string) tea.Cmd
	missing func() // shows all that is not known

	seen  *lockctl.Snapshot // what table and queue have taken
	rev   int               // of what is ours, then
	table lockTable
	list  pickList
	sel   string // the path of the selected lock
	first int    // the line on which the list began when last drawn

	filter filterLine
	typed  bool // the filter has the keys

	path  string // of the lock that is opened
	queue *lockQueue
}

var (
	_ scene   = (*locksScreen)(nil)
	_ typist  = (*locksScreen)(nil)
	_ pointer = (*locksScreen)(nil)
)

func newLocksScreen(l *locks, h host, keys *KeyMap, now func() time.Time, search func([]string) tea.Cmd, missing func()) *locksScreen {
	return &locksScreen{locks: l, host: h, keys: keys, now: now, search: search, missing: missing, filter: newFilterLine()}
}

func (s *locksScreen) title() string { return locksTitle }

// place is the selected lock.
func (s *locksScreen) place() string {
	if s.queue != nil {
		return s.queue.place()
	}
	return safetext.Clean(s.here())
}

// here is the znode of the selected lock, or of the contender in its queue.
func (s *locksScreen) here() string {
	if s.queue != nil {
		return s.queue.here()
	}
	if s.sel == "" {
		return "/"
	}
	return s.sel
}

// openPath is the lock that is opened, "" for none.
func (s *locksScreen) openPath() string {
	if s.queue == nil {
		return ""
	}
	return s.path
}

func (s *locksScreen) typing() bool { return s.typed }

// close lets go of what was searched.
func (s *locksScreen) close() { s.locks.end() }

// sync takes the newest snapshot, if there is one that was not taken.
func (s *locksScreen) sync(now time.Time) {
	l := s.locks
	anew := s.rev != l.rev
	if s.seen == l.snap && !anew && (s.queue != nil || !s.table.overdue(now)) {
		return
	}
	fresh := s.seen != l.snap
	s.seen, s.rev = l.snap, l.rev
	s.table.sync(l.snap, l.isOurs, anew, now)
	s.settle()
	if s.queue != nil && fresh {
		s.queue.show(l.snap)
	}
}

// settle keeps the selection on its lock and on its line after rows came, went or
// changed places.
func (s *locksScreen) settle() {
	rows := s.table.rows
	at := s.list.at
	if !s.list.held {
		at = 0
	} else if i := slices.IndexFunc(rows, func(f *lockFacts) bool { return f.view.Path == s.sel }); i >= 0 {
		at = i
	}
	s.list.moved(len(rows), at)
	s.remember()
}

// remember notes which lock is selected.
func (s *locksScreen) remember() {
	s.sel = ""
	if f, ok := s.selected(); ok {
		s.sel = f.view.Path
	}
}

// selected is the selected lock.
func (s *locksScreen) selected() (*lockFacts, bool) {
	if s.list.at >= len(s.table.rows) {
		return nil, false
	}
	return s.table.rows[s.list.at], true
}

// enter opens the selected lock.
func (s *locksScreen) enter() {
	f, ok := s.selected()
	if !ok {
		return
	}
	s.enterAt(f.view.Path)
}

// enterAt opens the lock with this path.
func (s *locksScreen) enterAt(path string) {
	s.path = path
	s.list.held = true // back in the table, it is selected still
	s.queue = newLockQueue(s.host, s.path, s.locks.isOurs)
	s.queue.show(s.locks.snap)
	s.locks.show(s.path)
}

// leave goes back to the table.
func (s *locksScreen) leave() {
	s.queue = nil
	s.seen = nil
}

func (s *locksScreen) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := s.keys
	if s.typed {
		return s.filterKey(msg), true
	}
	if s.queue != nil {
		return s.queueKey(msg)
	}
	switch {
	case s.list.key(k, msg):
		s.remember()
	case key.Matches(msg, k.Back) && s.filter.text() != "":
		s.setFilter("")
	case key.Matches(msg, k.OpenLock):
		s.enter()
	case key.Matches(msg, k.Filter):
		s.typed = true
		s.filter.open()
	case key.Matches(msg, k.LocksBy):
		s.list.held = false
		s.table.sortBy((s.table.order+1)%numLockOrders, s.now())
		s.settle()
	case key.Matches(msg, k.Jump) && s.sel != "":
		return s.host.jump(s.sel), true
	case key.Matches(msg, k.CopyPath) && s.sel != "":
		return s.host.copyText("path", s.sel), true
	default:
		if s.sel != "" {
			if cmd, taken := lockActKey(msg, k, s.sel, s.sel); taken {
				return cmd, true
			}
		}
		return s.searchKey(msg)
	}
	return nil, true
}

// searchKey takes the keys that mean the search, which work in an opened lock too.
func (s *locksScreen) searchKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := s.keys
	switch {
	case key.Matches(msg, k.SearchAgain):
		return s.search(s.locks.roots), true
	case key.Matches(msg, k.LocksMissing):
		s.missing()
	case key.Matches(msg, k.EndScreen):
		s.host.say(levelInfo, "No locks are searched for any more")
		return tell(leaveScreenMsg{shut: true}), true
	default:
		return nil, false
	}
	return nil, true
}

// queueKey takes a key while a lock is opened.
func (s *locksScreen) queueKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := s.keys
	if cmd, taken := s.queue.key(msg, k); taken {
		return cmd, true
	}
	switch {
	case key.Matches(msg, k.Back, k.Close, k.LocksScreen):
		s.leave()
	case key.Matches(msg, k.Jump):
		return s.host.jump(s.queue.here()), true
	case key.Matches(msg, k.CopyPath):
		return s.host.copyText("path", s.queue.here()), true
	default:
		return s.searchKey(msg)
	}
	return nil, true
}

// filterKey takes what is typed while the filter is.
func (s *locksScreen) filterKey(msg tea.Msg) tea.Cmd {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, s.keys.Accept):
			s.typed = false
			return nil
		case key.Matches(press, s.keys.Back):
			s.typed = false
			s.setFilter("")
			return nil
		}
	}
	var cmd tea.Cmd
	s.filter.input, cmd = s.filter.input.Update(msg)
	s.setFilter(s.filter.text())
	return cmd
}

// setFilter lists the locks that match what was typed.
func (s *locksScreen) setFilter(text string) {
	if s.filter.text() != text {
		s.filter.input.SetValue(text)
	}
	s.table.filter = parseLockFilter(text)
	s.table.arrange()
	s.settle()
}

func (s *locksScreen) update(msg tea.Msg) tea.Cmd {
	if mouse, ok := msg.(tea.MouseMsg); ok && s.queue != nil {
		return s.queue.mouse(mouse)
	}
	switch msg := msg.(type) {
	case tea.PasteMsg:
		if s.typed {
			return s.filterKey(msg)
		}
		s.host.say(levelInfo, "Pasted text goes nowhere here; "+s.keys.Filter.Help().Key+" takes a filter")
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		s.list.scroll(by)
		s.remember()
	case tea.MouseClickMsg:
		row := s.list.top + msg.Y - s.first
		switch {
		case msg.Button != tea.MouseLeft || msg.Y < s.first || row >= len(s.table.rows):
		case row == s.list.at:
			s.enter()
		default:
			s.list.sel(row)
			s.remember()
		}
	}
	return nil
}

func (s *locksScreen) hints() []hint {
	k := s.keys
	switch {
	case s.typed:
		return []hint{{k.Accept, "keep"}, {k.Back, "clear"}}
	case s.queue != nil:
		return append([]hint{{k.Back, "all locks"}}, s.queue.hints(k)...)
	}
	var hints []hint
	if s.filter.text() != "" {
		hints = append(hints, hint{k.Back, "no filter"})
	}
	if s.sel != "" {
		hints = append(hints, hint{k.OpenLock, "open"})
	}
	next := (s.table.order + 1) % numLockOrders
	hints = append(hints, hint{k.Filter, "filter"}, hint{k.LocksBy, "by " + next.String()})
	if s.sel != "" {
		hints = append(hints, hint{k.Jump, "in tree"})
	}
	return append(hints, hint{k.SearchAgain, "search again"}, hint{k.EndScreen, "end"})
}
