package tui

import (
	"image"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// update takes a key, a paste or a click.
func (s *startScreen) update(msg tea.Msg) (startAct, tea.Cmd) {
	k, isKey := msg.(tea.KeyPressMsg)
	if isKey && key.Matches(k, s.keys.ForceQuit) {
		return startEnds, nil
	}
	if s.opening != nil {
		if isKey {
			return s.openingKey(k), nil
		}
		return startStays, nil
	}
	if s.dialogs.top() != nil {
		return startStays, s.dialogs.update(msg)
	}
	switch msg := msg.(type) {
	case tea.PasteMsg:
		s.typeAt("")
		s.edit(msg)
	case tea.KeyPressMsg:
		if s.typing {
			return s.fieldKey(msg), nil
		}
		return s.key(msg), nil
	case tea.MouseMsg:
		return s.mouse(msg), nil
	}
	return startStays, nil
}

// openingKey takes a key while something is being opened. What is typed is for the
// session, but for the key that chose it, which was meant for this screen.
func (s *startScreen) openingKey(k tea.KeyPressMsg) startAct {
	o := s.opening
	switch {
	case key.Matches(k, s.keys.Back):
		o.cancel()
		s.opening = nil
		s.say(levelInfo, "Stopped: "+s.what(o.choice)+" was not opened")
	case len(o.typed) > 0:
		o.typed = append(o.typed, k)
	case key.Matches(k, s.keys.Quit):
		return startQuits
	case !key.Matches(k, s.keys.Choose):
		o.typed = append(o.typed, k)
	}
	return startStays
}

// what names a choice within a sentence.
func (s *startScreen) what(c Choice) string {
	if c.Kind == ChoiceSandbox {
		return "the sandbox"
	}
	return safetext.Clean(c.Text)
}

// key takes a key outside the field.
func (s *startScreen) key(msg tea.KeyPressMsg) startAct {
	k := &s.keys
	switch {
	case key.Matches(msg, k.Choose):
		return s.choose()
	case key.Matches(msg, k.Sandbox):
		s.list.sel(0)
		return s.choose()
	case key.Matches(msg, k.ConnectTo):
		s.typeAt("")
	case key.Matches(msg, k.EnsemblesScreen):
		return startEnsembles
	case key.Matches(msg, k.LabScreen):
		return s.openLab()
	case key.Matches(msg, k.Help):
		s.help()
	case key.Matches(msg, k.Back):
		s.said = message{}
		return startLeaves
	case key.Matches(msg, k.Quit):
		return startQuits
	default:
		s.list.key(k, msg)
	}
	return startStays
}

// help opens the keys of this screen.
func (s *startScreen) help() {
	s.dialogs.push(&helpDialog{groups: s.keys.startGroups(), search: newTextBox(false, "")})
}

// choose opens the selected row; on the field it begins to type.
func (s *startScreen) choose() startAct {
	r := s.rows[s.list.at]
	switch {
	case r.ensembles:
		return startEnsembles
	case r.lab:
		return s.openLab()
	}
	if s.list.at == fieldRow {
		s.typeAt("")
		return startStays
	}
	return s.take(r.choice)
}

// take chooses c, if it can be opened.
func (s *startScreen) take(c Choice) startAct {
	if c.Kind == ChoiceServers {
		if _, err := zkview.ParseServers(c.Text); err != nil {
			s.say(levelWarn, err.Error())
			return startStays
		}
	}
	s.chosen, s.lab = c, false
	return startOpens
}

// openLab opens the sandbox with the lab in front.
func (s *startScreen) openLab() startAct {
	s.list.sel(slices.IndexFunc(s.rows, func(r startRow) bool { return r.lab }))
	s.chosen, s.lab = Choice{Kind: ChoiceSandbox}, true
	return startOpens
}

// fieldKey takes a key in the field, where letters are text.
func (s *startScreen) fieldKey(msg tea.KeyPressMsg) startAct {
	k := &s.keys
	switch {
	case key.Matches(msg, k.Back):
		s.typing = false
	case key.Matches(msg, k.Accept):
		text := strings.TrimSpace(s.field.text())
		if text == "" {
			s.say(levelInfo, "Type the host and port of a server, as in zk-1:2181")
			return startStays
		}
		return s.take(Choice{ChoiceServers, text})
	case key.Matches(msg, k.HistoryBack):
		s.walk(1)
	case key.Matches(msg, k.HistoryOn):
		s.walk(-1)
	case key.Matches(msg, k.Complete), key.Matches(msg, dkeys.Right) && s.field.col == len(s.field.text()):
		if c := s.completion(); c != "" {
			s.typeAt(c)
		}
	case key.Matches(msg, k.HelpTyping):
		s.help()
	default:
		s.edit(msg)
	}
	return startStays
}

// edit changes the text of the field.
func (s *startScreen) edit(msg tea.Msg) {
	rev := s.field.rev
	_, err := s.field.update(msg)
	switch {
	case err != nil:
		s.say(levelWarn, err.Error())
	case s.field.rev != rev:
		s.walked, s.said = 0, message{}
	}
}

// walk goes through the recent connect strings.
func (s *startScreen) walk(by int) {
	to := s.walked + by
	if to < 0 || to > len(s.begin.Recent) {
		return
	}
	if s.walked == 0 {
		s.unwalked = s.field.text()
	}
	text := s.unwalked
	if to > 0 {
		text = s.begin.Recent[to-1]
	}
	s.walked = to
	s.field.set(text)
	s.field.toEnd()
}

// completion is the most recent connect string that begins with what was typed,
// empty for none.
func (s *startScreen) completion() string {
	text := s.field.text()
	i := slices.IndexFunc(s.begin.Recent, func(r string) bool { return len(r) > len(text) && strings.HasPrefix(r, text) })
	if i < 0 {
		return ""
	}
	return s.begin.Recent[i]
}

// mouse selects the row that was clicked, and chooses the selected one; the wheel
// moves.
func (s *startScreen) mouse(msg tea.MouseMsg) startAct {
	at := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		by := 1
		if msg.Button == tea.MouseWheelUp {
			by = -1
		}
		s.typing = false
		s.list.sel(s.list.at + by)
	case tea.MouseClickMsg:
		if msg.Button != tea.MouseLeft || !at.In(s.body) {
			return startStays
		}
		row := s.hits[at.Y-s.body.Min.Y]
		switch {
		case row < 0:
		case row == s.list.at:
			return s.choose()
		default:
			s.typing = false
			s.list.sel(row)
		}
	}
	return startStays
}
