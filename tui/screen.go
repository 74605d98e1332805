package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// scene is a screen beside the tree. It takes the place of tree and detail between the two rules. A screen that
// is not in front goes on with its work, and its messages reach it; nothing of it
// is drawn.
type scene interface {
	// title is the screen's word in line 2, place what stands at that line's right;
	// both are drawn as they are, so names in them are cleaned.
	title() string
	place() string
	// key takes a key press, and reports whether it meant anything here. What is not
	// taken goes to the keys that work on every screen.
	key(msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool)
	// update takes pastes, mouse messages with coordinates of the screen's own rows,
	// and what was addressed to it by a screenMsg. It does no I/O: that is in the
	// command.
	update(msg tea.Msg) tea.Cmd
	// render draws exactly height rows of width cells, and the text cursor in their
	// coordinates, nil for none. Its cost depends on what is visible alone.
	render(st *styles, width, height int, now time.Time) (rows []string, cursor *tea.Cursor)
	// hints are what the footer shows.
	hints() []hint
	// nextChange is how long what is drawn stays true while nothing happens; 0 is for
	// ever.
	nextChange(now time.Time) time.Duration
	// close ends its work.
	close()
}

// screenMsg is a message for the screen with this id; it is dropped when that
// screen is gone.
type screenMsg struct {
	id  int
	msg tea.Msg
}

// leaveScreenMsg goes back to the tree; with shut the screen in front is closed
// rather than kept.
type leaveScreenMsg struct{ shut bool }

// typist is a scene where letters may be text. While they are, the keys that are
// letters elsewhere are not offered.
type typist interface{ typing() bool }

// pointer is a scene with a znode of its own that other screens can begin at.
type pointer interface{ here() string }

// rereader is a scene that shows znodes: it is told which were changed by us.
type rereader interface{ wrote(paths []string) tea.Cmd }

// slot is a screen that was opened. The number is the key that brings it to the
// front, empty for one that has none.
type slot struct {
	id     int
	number string
	scene
}

// screens are the open ones beside the tree; front is the id of the one that is
// drawn, 0 for the tree.
type screens struct {
	open   []slot
	front  int
	lastID int
	// led is the znode to which the screen ledBy led: back on it, esc returns there.
	led   string
	ledBy int
}

// top is the screen in front, nil for the tree.
func (s *screens) top() scene {
	for _, o := range s.open {
		if o.id == s.front {
			return o.scene
		}
	}
	return nil
}

// show brings the open screen with this number, or title if it has none, to the
// front, and makes it with its first command if there is none.
func (s *screens) show(title, number string, make func(id int) (scene, tea.Cmd)) tea.Cmd {
	for _, o := range s.open {
		if o.number == number && (number != "" || o.title() == title) {
			s.front = o.id
			return nil
		}
	}
	s.lastID++
	made, cmd := make(s.lastID)
	s.open = append(s.open, slot{s.lastID, number, made})
	s.front = s.lastID
	return cmd
}

// numbered returns the id of the open screen with this number, 0 for none.
func (s *screens) numbered(number string) int {
	for _, o := range s.open {
		if o.number == number {
			return o.id
		}
	}
	return 0
}

// leave goes back to the tree.
func (s *screens) leave(shut bool) {
	for i, o := range s.open {
		if o.id == s.front && shut {
			o.close()
			s.open = append(s.open[:i:i], s.open[i+1:]...)
			break
		}
	}
	s.front = 0
}

// lead goes back to the tree because the screen in front shows path there.
func (s *screens) lead(path string) {
	s.led, s.ledBy, s.front = path, s.front, 0
}

// ledFrom is the open screen that led to path, 0 for none.
func (s *screens) ledFrom(path string) int {
	for _, o := range s.open {
		if o.id == s.ledBy && s.led == path {
			return o.id
		}
	}
	return 0
}

// titleOf is the word of an open screen.
func (s *screens) titleOf(id int) string {
	for _, o := range s.open {
		if o.id == id {
			return o.title()
		}
	}
	return ""
}

// wrote tells the screens that show znodes that some were changed.
func (s *screens) wrote(paths []string) tea.Cmd {
	var cmds []tea.Cmd
	for _, o := range s.open {
		if r, ok := o.scene.(rereader); ok {
			cmds = append(cmds, r.wrote(paths))
		}
	}
	return tea.Batch(cmds...)
}

// tell hands a message to its screen.
func (s *screens) tell(msg screenMsg) tea.Cmd {
	for _, o := range s.open {
		if o.id == msg.id {
			return o.update(msg.msg)
		}
	}
	return nil
}

// close ends the work of all.
func (s *screens) close() {
	for _, o := range s.open {
		o.close()
	}
	s.open, s.front = nil, 0
}

// screenKey routes a key while a screen is in front: to it, then to what works
// everywhere.
func (m *model) screenKey(top scene, msg tea.KeyPressMsg) tea.Cmd {
	if cmd, taken := top.key(msg); taken {
		return cmd
	}
	k := &m.keys
	switch {
	case key.Matches(msg, k.Back), key.Matches(msg, k.TreeScreen):
		m.screens.leave(false)
	case key.Matches(msg, k.Quit):
		return m.quit()
	case key.Matches(msg, k.Help):
		m.dialogs.push(newHelpDialog(m.keys, top.title()))
	case key.Matches(msg, k.Ops):
		m.openOps()
	case key.Matches(msg, k.Command):
		m.mode = modeCommand
		m.command.open("")
	default:
		if cmd, ok := m.transferKey(msg); ok {
			return cmd
		}
		return m.openScreen(msg)
	}
	return nil
}

// openScreen does what the keys do that bring a screen to the front.
func (m *model) openScreen(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.Comparison):
		m.backToCompare()
	case key.Matches(msg, m.keys.Find):
		return m.openFind("")
	case key.Matches(msg, m.keys.Sizes):
		return m.openUsage(m.here())
	case key.Matches(msg, m.keys.LocksScreen):
		return m.openLocks()
	case key.Matches(msg, m.keys.ActivityScreen):
		return m.openActivity()
	case key.Matches(msg, m.keys.ActivityPane):
		return m.togglePane()
	case key.Matches(msg, m.keys.EnsemblesScreen):
		return m.openEnsembles("")
	case key.Matches(msg, m.keys.LabScreen):
		return m.openLab()
	}
	return nil
}

// here is the znode at which a screen begins that is opened now: what is selected in
// front, or in the tree.
func (m *model) here() string {
	if p, ok := m.screens.top().(pointer); ok {
		return p.here()
	}
	return m.tree.sel
}

// screenHints are what the footer says of the screen in front.
func (m *model) screenHints(top scene) []hint {
	if t, ok := top.(typist); ok && t.typing() {
		return append(top.hints(), hint{m.keys.HelpTyping, "help"})
	}
	return append(top.hints(), hint{m.keys.TreeScreen, "tree"}, hint{m.keys.Help, "help"})
}

// screenNames are the words of line 2 for the screens, that of the one in front
// lit.
func (m *model) screenNames() []span {
	ink := func(front bool) ink {
		if front {
			return m.st.title
		}
		return m.st.dim
	}
	at := m.screens.numbered(m.locksNumber())
	names := []span{
		{m.st.text, " "},
		{ink(m.screens.front == 0), m.keys.TreeScreen.Help().Key + " Tree"},
		{m.st.text, "  "},
		{ink(at != 0 && at == m.screens.front), m.locksNumber() + " " + locksTitle},
	}
	board, lab := m.screens.numbered(m.ensemblesNumber()), m.screens.numbered(m.labNumber())
	for _, o := range m.screens.open {
		if o.id == at || o.id == board || o.id == lab {
			continue
		}
		name := safetext.CleanLine(o.title())
		if o.number != "" {
			name = o.number + " " + name
		}
		names = append(names, span{m.st.text, "  "}, span{ink(o.id == m.screens.front), name})
	}
	if m.board != nil {
		names = append(names, span{m.st.text, "  "}, span{ink(board != 0 && board == m.screens.front), m.ensemblesNumber() + " " + ensemblesTitle})
	}
	if lab != 0 || m.width >= labNamed { // paths need the room more than what nobody has opened
		names = append(names, span{m.st.text, "  "}, span{ink(lab != 0 && lab == m.screens.front), m.labNumber() + " " + labTitle})
	}
	return names
}
