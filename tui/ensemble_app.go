package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// ensemblesCame hands a message to the ensembles, says what comes of it where a person
// looks, and lets what is in front draw on time.
func (a *app) ensemblesCame(msg tea.Msg) tea.Cmd {
	if a.board == nil {
		return nil
	}
	switch msg := msg.(type) {
	case aloneTickMsg:
		if a.alone != nil && msg.gen == a.alone.tickGen {
			a.alone.tickAt = time.Time{}
		}
		return nil
	case quitMsg:
		return a.quitAfter(msg)
	case stoppedMsg:
		a.held.mourn(msg.failed)
		a.board.desk.stopped = true
		return a.quitNow()
	}
	cmd := a.board.update(msg)
	return tea.Batch(cmd, a.tellMain(ensemblesChangedMsg{}))
}

// ensemblesChangedMsg tells a session that something about the ensembles has changed,
// which its screen may show.
type ensemblesChangedMsg struct{}

// followEnsembles runs after every message: it says what is new, and lets the board
// be calm when it is not in front.
func (a *app) followEnsembles() tea.Cmd {
	if a.board == nil {
		return nil
	}
	front := a.alone != nil || a.start == nil && a.main != nil && a.main.boardInFront()
	cmds := []tea.Cmd{a.board.desk.show(front)}
	for _, n := range a.board.desk.takeNotes() {
		a.note(n)
	}
	if a.alone != nil {
		cmds = append(cmds, a.alone.scheduleTick(a.now()))
	}
	return tea.Batch(cmds...)
}

// takeNotes hands over what is to be said and asked.
func (d *ensembleDesk) takeNotes() []ensembleNote {
	notes := d.notes
	d.notes = nil
	return notes
}

// note says or asks something in front; what is said goes to the messages of a session
// too.
func (a *app) note(n ensembleNote) {
	switch {
	case n.dialog != nil && a.alone != nil:
		a.alone.dialogs.push(n.dialog)
	case n.dialog != nil && a.start != nil:
		a.start.dialogs.push(n.dialog)
	case n.dialog != nil:
		a.main.dialogs.push(n.dialog)
	case a.alone != nil:
		a.alone.say(n.level, n.text)
	case a.start != nil:
		a.start.say(n.level, n.text)
	}
	if n.dialog == nil && a.main != nil {
		a.main.say(n.level, n.text)
	}
}

// showAlone puts the board over the start screen.
func (a *app) showAlone() {
	a.alone = newAloneBoard(a.board, a.now, a.openTree)
}

// openTree opens the tree of servers from the start screen.
func (a *app) openTree(servers string) tea.Cmd {
	a.alone = nil
	if a.main != nil && a.main.opts.Title == servers {
		a.start = nil
		a.main.screens.leave(false)
		return nil
	}
	c := Choice{ChoiceServers, servers}
	a.start.pick(c)
	return a.open(c, false)
}

// aloneInput takes what is typed and clicked on the board over the start screen, and
// does what comes of it.
func (a *app) aloneInput(msg tea.Msg) tea.Cmd {
	defer logPanic(a.opts.Logger)
	act, cmd := a.alone.update(msg)
	switch act {
	case aloneLeaves:
		a.alone = nil
	case aloneQuits:
		return a.quit()
	case aloneEnds:
		return a.forceQuit()
	}
	return cmd
}

// boardInFront tells that the board is what the session shows.
func (m *model) boardInFront() bool {
	_, ok := m.screens.top().(boardScene)
	return ok
}

// ensemblesNumber is the number of the screen.
func (m *model) ensemblesNumber() string { return m.keys.EnsemblesScreen.Help().Key }

// openEnsembles brings the board to the front, and on it the ensemble with this name if
// one is given.
func (m *model) openEnsembles(name string) tea.Cmd {
	if m.board == nil {
		m.say(levelWarn, "There are no ensembles here")
		return nil
	}
	m.board.turnTo(name)
	return m.screens.show(ensemblesTitle, m.ensemblesNumber(), func(int) (scene, tea.Cmd) { return boardScene{m.board, m}, nil })
}

// openTree shows the tree of servers: that of this session if it is theirs.
func (m *model) openTree(servers string) tea.Cmd {
	if m.opts.Title == servers {
		m.screens.leave(false)
		return nil
	}
	return m.connect(servers)
}
