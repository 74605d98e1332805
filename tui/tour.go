package tui

import (
	"sync"
	"sync/atomic"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Tour is how somebody new is shown around, and whom to tell that it was done. One
// Tour goes through all sessions of a run, and is used by one Run alone. The command
// :tour begins the tour at any time, also without a Tour.
type Tour struct {
	// Show begins the tour as soon as there is a session with the sandbox: it is no
	// welcome to whoever came to look after a cluster.
	Show bool
	// Done, if not nil, is called once, when the tour was first finished or skipped,
	// and has returned before Run does. It may block. Who leaves the program in the
	// middle of the tour has done neither: Done is not called, and with Show the tour
	// begins at its first step the next time.
	Done func()

	over atomic.Bool
	once sync.Once
}

// tell calls Done if that is due. It may be called by many at once.
func (t *Tour) tell() {
	if t != nil && t.over.Load() && t.Done != nil {
		t.once.Do(t.Done)
	}
}

// tour shows a newcomer around a session. It watches what the person does and takes
// two keys where letters are keys; everything else goes on as without it.
type tour struct {
	on    bool
	at    int    // the step
	there bool   // what the step leads to was in front after the last message
	sel   string // the znode that was selected then
	open  bool   // its children showed
	about *Tour  // nil where nobody wants to know
}

func newTour(o *Options) tour {
	about := o.Tour
	return tour{about: about, on: about != nil && about.Show && o.Sandbox && !about.over.Load()}
}

// end ends the tour. Done may be slow, so that the call is a command; close makes it
// where the program ended before.
func (t *tour) end() tea.Cmd {
	t.on = false
	about := t.about
	if about == nil {
		return nil
	}
	about.over.Store(true)
	return func() tea.Msg {
		about.tell()
		return nil
	}
}

// close waits until Done has returned, if it is due.
func (t *tour) close() { t.about.tell() }

// step is the step that is shown.
func (t *tour) step() *tourStep { return &tourSteps[t.at] }

// beginTour shows the first step, on the tree.
func (m *model) beginTour() {
	m.screens.leave(false)
	m.zoom, m.focus = false, focusTree
	m.relayout()
	m.said.dismiss() // perhaps that the tour is over
	m.tour = tour{on: true, about: m.tour.about}
}

// nextStep goes on, after the last step to the end.
func (m *model) nextStep() tea.Cmd {
	t := &m.tour
	if t.at+1 == len(tourSteps) {
		m.say(levelGood, "That was the tour; :tour begins it again")
		return t.end()
	}
	t.at++
	leads := t.step().leads
	t.there = leads != nil && leads(m)
	return nil
}

// skipTour ends the tour.
func (m *model) skipTour() tea.Cmd {
	m.say(levelInfo, "The tour is over; :tour begins it again")
	return m.tour.end()
}

// tourKey takes the keys of the tour; the caller has seen that none is text here.
func (m *model) tourKey(msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool) {
	switch {
	case !m.tourShows():
	case key.Matches(msg, m.keys.TourNext):
		return m.nextStep(), true
	case key.Matches(msg, m.keys.TourSkip):
		return m.skipTour(), true
	}
	return nil, false
}

// tourShows tells that there is a tour and something to point at.
func (m *model) tourShows() bool {
	return m.tour.on && m.session != 0 && !m.lay.tooSmall && !m.boardInFront() && !m.labInFront()
}

// watchTour runs after every message: a step is over when the person did what it
// asks for, and, where that leads somewhere, came back.
func (m *model) watchTour() tea.Cmd {
	t := &m.tour
	if !t.on {
		return nil
	}
	r, ok := m.selected()
	open := ok && r.Expanded && r.Expandable
	opened := open && !t.open && r.Path == t.sel && r.Path != "/" // the root opens by itself
	t.sel, t.open = r.Path, open
	leads := t.step().leads
	switch {
	case leads == nil:
		if opened && m.tourShows() {
			return m.nextStep()
		}
	case leads(m):
		t.there = true
	case t.there:
		return m.nextStep()
	}
	return nil
}

// typing tells that letters are text now.
func (m *model) typing() bool {
	t, ok := m.screens.top().(typist)
	return m.dialogs.top() != nil || m.mode != modeKeys || ok && t.typing()
}
