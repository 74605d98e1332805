package tui

import (
	"image"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// aloneBoard shows the board over the start screen, where there is no session around
// it: it has the lines of a screen, dialogs and messages of its own.
type aloneBoard struct {
	board   *ensembleBoard
	keys    KeyMap
	now     func() time.Time
	open    func(servers string) tea.Cmd // their tree
	dialogs dialogs
	said    messages
	body    image.Rectangle

	tickGen int
	tickAt  time.Time
}

// aloneTickMsg redraws what depends on the time.
type aloneTickMsg struct{ gen int }

// aloneAct is what comes of a key.
type aloneAct uint8

const (
	aloneStays  aloneAct = iota
	aloneLeaves          // back to the start screen
	aloneQuits
	aloneEnds // at once
)

var _ boardHost = (*aloneBoard)(nil)

func newAloneBoard(b *ensembleBoard, now func() time.Time, open func(string) tea.Cmd) *aloneBoard {
	return &aloneBoard{board: b, keys: DefaultKeyMap(), now: now, open: open}
}

func (s *aloneBoard) say(l level, text string) { s.said.say(l, upper(text), s.now()) }

func (s *aloneBoard) copyText(what, text string) tea.Cmd {
	cmd, l, said := copying(what, text)
	s.say(l, said)
	return cmd
}

func (s *aloneBoard) openTree(servers string) tea.Cmd { return s.open(servers) }

// update takes a key, a paste or a mouse message.
func (s *aloneBoard) update(msg tea.Msg) (aloneAct, tea.Cmd) {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case isKey && key.Matches(k, s.keys.ForceQuit):
		return aloneEnds, nil
	case s.dialogs.top() != nil:
		return aloneStays, s.dialogs.update(msg)
	case isKey:
		return s.key(k)
	}
	if mouse, ok := msg.(tea.MouseMsg); ok {
		if at := image.Pt(mouse.Mouse().X, mouse.Mouse().Y); !at.In(s.body) {
			return aloneStays, nil
		}
		msg = moved(mouse, s.body.Min)
	}
	return aloneStays, s.board.input(msg, s)
}

func (s *aloneBoard) key(msg tea.KeyPressMsg) (aloneAct, tea.Cmd) {
	if cmd, taken := s.board.key(msg, s); taken {
		return aloneStays, cmd
	}
	switch {
	case key.Matches(msg, s.keys.Back):
		return aloneLeaves, nil
	case key.Matches(msg, s.keys.Quit):
		return aloneQuits, nil
	case key.Matches(msg, s.keys.Help):
		s.dialogs.push(&helpDialog{groups: s.keys.aloneGroups(), search: newTextBox(false, "")})
	}
	return aloneStays, nil
}

// aloneGroups are the keys that work on the board over the start screen.
func (k *KeyMap) aloneGroups() []keyGroup {
	return []keyGroup{
		{"Ensembles", k.ensembles()},
		{"Move", []key.Binding{k.Up, k.Down, k.Top, k.Bottom, k.HalfUp, k.HalfDown, k.PageUp, k.PageDown, k.Filter, k.Wrap}},
		{"Leave", []key.Binding{named(k.Back, "back"), k.Help, k.Quit, named(k.ForceQuit, "quit at once")}},
		dkeys.group(),
	}
}

// render draws the whole screen, with head as its first line and tray at the right of
// its last.
func (s *aloneBoard) render(st *styles, width, height int, head string, tray []span) ([]string, *tea.Cursor) {
	now := s.now()
	s.body = image.Rect(0, 3, width, height-3)
	names := []span{{st.dim, " Start"}, {st.title, "  " + s.keys.EnsemblesScreen.Help().Key + " " + ensemblesTitle}}
	place := []span{{st.text, safetext.Truncate(s.board.place(), max(width-spansWidth(names)-3, 8)) + " "}}
	rows := append(make([]string, 0, height), head, st.line(width, false, names, place), st.hrule(width, 0, ""))
	body, cursor := s.board.render(st, width, s.body.Dy(), now)
	rows = append(append(rows, body...), st.hrule(width, 0, ""))
	line := strings.Repeat(" ", width)
	if msg, ok := s.said.current(now); ok {
		line = st.line(width, false, []span{{msg.level.ink(st), " " + msg.text}}, nil)
	}
	hints := s.board.hints()
	switch d := s.dialogs.top(); {
	case d != nil:
		hints = keyHints(d.keys())
	case !s.board.typing():
		back := hint{s.keys.Back, "back"}
		if s.board.logs == nil {
			hints = append(hints[:min(len(hints), footerKeys-2)], back)
		}
		hints = append(hints, hint{s.keys.Help, "help"})
	}
	rows = append(rows, line, footerLine(st, width, hints, tray))
	if s.dialogs.top() != nil {
		return rows, s.dialogs.draw(st, rows, width)
	}
	if cursor != nil {
		cursor.Y += s.body.Min.Y
	}
	return rows, cursor
}

// scheduleTick arranges one tick for the moment at which something on screen stops
// being true.
func (s *aloneBoard) scheduleTick(now time.Time) tea.Cmd {
	next := s.board.nextChange(now)
	if _, ok := s.said.current(now); ok {
		if left := s.said.until.Sub(now); next == 0 || left < next {
			next = left
		}
	}
	if next == 0 {
		return nil
	}
	due := now.Add(next)
	if !s.tickAt.IsZero() && !due.Before(s.tickAt.Add(-time.Millisecond)) && s.tickAt.After(now) {
		return nil
	}
	s.tickGen++
	s.tickAt = due
	gen := s.tickGen
	return s.board.desk.after(next, func(time.Time) tea.Msg { return aloneTickMsg{gen} })
}
