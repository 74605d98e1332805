package tui

import (
	"image"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
)

// key takes a key press.
func (b *ensembleBoard) key(msg tea.KeyPressMsg, h boardHost) (tea.Cmd, bool) {
	k := b.keys
	switch {
	case b.typing() && key.Matches(msg, k.HelpTyping):
		return nil, false
	case b.wizard != nil:
		return b.wizard.key(msg), true
	}
	if b.logs != nil {
		cmd, taken, shut := b.logs.key(msg, k)
		if shut {
			b.closeLogs()
		}
		return cmd, taken
	}
	if key.Matches(msg, k.NewEnsemble) {
		return b.openWizard(h), true
	}
	s, v, some := b.selected()
	if s == nil {
		return nil, false
	}
	if cmd, taken := b.seatKey(msg, s, h); taken {
		return cmd, true
	}
	if s.unit == nil || !some {
		return nil, false
	}
	return b.serverKey(msg, s, v)
}

// seatKey takes the keys that mean the ensemble in front.
func (b *ensembleBoard) seatKey(msg tea.KeyPressMsg, s *ensembleSeat, h boardHost) (tea.Cmd, bool) {
	k, d := b.keys, b.desk
	switch {
	case key.Matches(msg, k.PrevEnsemble):
		b.turn(-1)
	case key.Matches(msg, k.NextEnsemble):
		b.turn(1)
	case s.unit == nil:
		return nil, false
	case s.list.key(k, msg):
		s.held = true
		if servers := s.servers(); s.list.at < len(servers) {
			s.sel = servers[s.list.at].ID
		}
	case key.Matches(msg, k.StartAll):
		return d.start(s), true
	case key.Matches(msg, k.StopAll):
		d.askStopAll(s)
	case key.Matches(msg, k.KillLeader):
		return d.killLeader(s), true
	case key.Matches(msg, k.AddServer):
		d.askAdd(s)
	case key.Matches(msg, k.TakeDown):
		d.askDown(s)
	case key.Matches(msg, k.ConnectHere):
		return b.connect(s, h), true
	case key.Matches(msg, k.CopyConnect):
		return h.copyText("connect string", s.plan.Connect()), true
	case key.Matches(msg, k.ShellCommand):
		b.showShell(s, h)
	case key.Matches(msg, k.AllLogs):
		return b.openLogs(s, 0), true
	case key.Matches(msg, k.AllEvents):
		d.ask(newEventsDialog(s))
	default:
		return nil, false
	}
	return nil, true
}

// serverKey takes the keys that mean the selected server.
func (b *ensembleBoard) serverKey(msg tea.KeyPressMsg, s *ensembleSeat, v ensemble.ServerStatus) (tea.Cmd, bool) {
	k, d := b.keys, b.desk
	switch {
	case key.Matches(msg, k.StartServer):
		return d.start(s, v.ID), true
	case key.Matches(msg, k.StopServer):
		return d.stop(s, v.ID), true
	case key.Matches(msg, k.KillServer):
		return d.kill(s, v.ID), true
	case key.Matches(msg, k.PauseServer):
		return d.pause(s, v.ID, v.Paused), true
	case key.Matches(msg, k.RestartServer):
		return d.restart(s, v.ID), true
	case key.Matches(msg, k.WipeServer):
		d.askWipe(s, v)
	case key.Matches(msg, k.RemoveServer):
		d.askRemove(s, v)
	case key.Matches(msg, k.ServerLog):
		return b.openLogs(s, v.ID), true
	default:
		return nil, false
	}
	return nil, true
}

// input takes pastes and mouse messages.
func (b *ensembleBoard) input(msg tea.Msg, h boardHost) tea.Cmd {
	if b.wizard != nil {
		return b.wizard.update(msg)
	}
	switch msg := msg.(type) {
	case tea.PasteMsg:
		if b.typing() {
			return b.logs.filterKey(msg, b.keys)
		}
		h.say(levelInfo, "Pasted text goes nowhere here")
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		if b.logs != nil {
			b.logs.list.by(by)
		} else if s := b.seat(); s != nil {
			s.held = true
			s.list.sel(s.list.at + by/wheelRows)
			s.sel = 0
			if servers := s.servers(); s.list.at < len(servers) {
				s.sel = servers[s.list.at].ID
			}
		}
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft && b.logs == nil {
			return b.click(image.Pt(msg.X, msg.Y))
		}
	}
	return nil
}

// click turns to an ensemble, or selects a server; on the selected one it opens its
// log.
func (b *ensembleBoard) click(at image.Point) tea.Cmd {
	for _, hit := range b.hits {
		switch s := b.seat(); {
		case hit.y != at.Y || at.X < hit.from || at.X >= hit.to || s == nil:
		case hit.seat != "":
			b.name = hit.seat
			return nil
		case hit.id == s.sel && s.unit != nil:
			return b.openLogs(s, hit.id)
		default:
			s.sel, s.held = hit.id, true
			s.list.at = slices.IndexFunc(s.servers(), func(v ensemble.ServerStatus) bool { return v.ID == hit.id })
			return nil
		}
	}
	return nil
}

// hints are what the footer shows.
func (b *ensembleBoard) hints() []hint {
	k := b.keys
	switch {
	case b.wizard != nil:
		return b.wizard.hints()
	case b.logs != nil:
		return b.logs.hints(k)
	}
	s, v, some := b.selected()
	if s == nil || s.unit == nil || !some {
		hints := []hint{{k.NewEnsemble, "new ensemble"}}
		if len(b.desk.seats) > 1 {
			hints = append(hints, hint{k.PrevEnsemble, ""}, hint{k.NextEnsemble, "another"})
		}
		return hints
	}
	log := k.ServerLog
	log.SetHelp("enter", log.Help().Desc) // the other keys for it are in the help
	if v.State == ensemble.Exited || v.State == "" {
		hints := []hint{{k.StartServer, "start"}}
		if s.running() < len(s.servers())-1 {
			hints = append(hints, hint{k.StartAll, "start all"})
		}
		return append(hints, hint{log, "log"}, hint{k.WipeServer, "wipe"}, hint{k.NewEnsemble, "new"}, hint{k.TakeDown, "take down"})
	}
	if v.Paused {
		return []hint{{k.PauseServer, "resume"}, {k.KillServer, "kill"}, {k.StopServer, "stop"}, {log, "log"}, {k.NewEnsemble, "new"}, {k.TakeDown, "take down"}}
	}
	return []hint{
		{k.KillServer, "kill"},
		{k.KillLeader, "kill leader"},
		{k.StopServer, "stop"},
		{k.PauseServer, "pause"},
		{log, "log"},
		{k.ConnectHere, "connect"},
		{k.NewEnsemble, "new"},
	}
}
