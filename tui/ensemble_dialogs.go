package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// ensembleAskedMsg is an answer: do is called in Update.
type ensembleAskedMsg struct{ do func() tea.Cmd }

// onAnswer makes the command of an answer that does something to the ensembles.
func onAnswer(do func() tea.Cmd) tea.Cmd { return tell(ensembleMsg{ensembleAskedMsg{do}}) }

// askStopAll asks before the service ends.
func (d *ensembleDesk) askStopAll(s *ensembleSeat) {
	n := s.running()
	if n == 0 {
		d.say(levelInfo, "No server of "+s.clean()+" runs")
		return
	}
	text := fmt.Sprintf("Stop %s of %s? %sWhat is stored stays, and they can be started again.", theServers(n), s.clean(), s.connected())
	d.ask(newConfirmDialog(0, "Stop "+s.clean(), text, "Stop", onAnswer(func() tea.Cmd { return d.stop(s) })))
}

// connected says how many connections would be lost, "" for none.
func (s *ensembleSeat) connected() string {
	n := 0
	for _, v := range s.status.Servers {
		n += v.Conns
	}
	if n == 0 {
		return ""
	}
	return plural(n, "connection is", "connections are") + " lost. "
}

// theServers is "the server", "both servers" or "the 3 servers".
func theServers(n int) string {
	switch n {
	case 1:
		return "the server"
	case 2:
		return "both servers"
	}
	return "the " + comma(n) + " servers"
}

// askWipe asks before the data of a server is deleted.
func (d *ensembleDesk) askWipe(s *ensembleSeat, v ensemble.ServerStatus) {
	if v.State != ensemble.Exited && v.State != "" {
		d.say(levelInfo, fmt.Sprintf("Server %d runs: its data can be wiped once it is stopped", v.ID))
		return
	}
	text := fmt.Sprintf("Wipe server %d of %s? Snapshots and transaction logs in %s are deleted. When it starts it gets everything anew from the leader.",
		v.ID, s.clean(), safetext.Clean(s.plan.DataDir(v.ID)))
	d.ask(newConfirmDialog(0, fmt.Sprintf("Wipe server %d", v.ID), text, "Wipe", onAnswer(func() tea.Cmd { return d.wipe(s, v.ID) })))
}

// askRemove asks before a server leaves the ensemble.
func (d *ensembleDesk) askRemove(s *ensembleSeat, v ensemble.ServerStatus) {
	if len(s.plan.Members) == 1 {
		d.say(levelInfo, fmt.Sprintf("Server %d is the only one of %s; %s takes the ensemble down", v.ID, s.clean(), DefaultKeyMap().TakeDown.Help().Key))
		return
	}
	text := fmt.Sprintf("Remove server %d from %s? It is stopped, and its folder %s is deleted, with its data.", v.ID, s.clean(), safetext.Clean(s.plan.ServerDir(v.ID)))
	if !v.Observer {
		text += " The others have what it stores; they are restarted one by one with a list of servers without it."
		p := ensemble.Plan{}
		for _, m := range s.plan.Members {
			if m.ID != v.ID {
				p.Members = append(p.Members, m)
			}
		}
		text += fmt.Sprintf(" %s %s left, and %d needed for a quorum.", plural(p.Voters(), "voting server", "voting servers"), word(p.Voters(), "is", "are"), p.Quorum())
	}
	d.ask(newConfirmDialog(0, fmt.Sprintf("Remove server %d", v.ID), text, "Remove", onAnswer(func() tea.Cmd { return d.remove(s, v.ID) })))
}

// askAdd asks which kind of server is to be added.
func (d *ensembleDesk) askAdd(s *ensembleSeat) {
	voters := s.plan.Voters()
	text := []string{fmt.Sprintf("%s has %s, and %d needed for a quorum.", s.clean(), plural(voters, "voting server", "voting servers"), s.plan.Quorum())}
	if voters < ensemble.MaxServers {
		after := ensemble.Plan{Members: make([]ensemble.Member, voters+1)}
		text = append(text, fmt.Sprintf("With one more, %d of %d are needed%s. An observer follows without a vote.",
			after.Quorum(), voters+1, map[bool]string{true: ": an even number survives no more failures than one less", false: ""}[voters%2 == 1]))
	}
	d.ask(newChoiceDialog("Add a server to "+s.clean(), text, false, 0, choiceAnswer{"Cancel", nil},
		choiceAnswer{"A voting server", onAnswer(func() tea.Cmd { return d.grow(s, false) })},
		choiceAnswer{"An observer", onAnswer(func() tea.Cmd { return d.grow(s, true) })}))
}

// askDown asks what is to become of an ensemble that is taken down.
func (d *ensembleDesk) askDown(s *ensembleSeat) {
	head := "Take " + s.clean() + " down"
	text := upper(theServers(len(s.plan.Members))) + " of " + s.clean() + " would be stopped"
	if n := s.running(); n < len(s.plan.Members) {
		text = fmt.Sprintf("Of %s of %s, %d would be stopped", theServers(len(s.plan.Members)), s.clean(), n)
		if n == 0 {
			text = "No server of " + s.clean() + " runs"
		}
	}
	text += ". " + upper(s.connected())
	purge := onAnswer(func() tea.Cmd { d.ask(newPurgeDialog(d, s)); return nil })
	if s.plan.Temp {
		text += "It is temporary: its folder " + safetext.Clean(s.plan.Dir) + " would be deleted, with all that it stores."
		d.ask(newConfirmDialog(0, head, text, "Take down", onAnswer(func() tea.Cmd { return d.down(s, false) })))
		return
	}
	text += "Its folder " + safetext.Clean(s.plan.Dir) + " can stay, to start it again, or be deleted."
	d.ask(newChoiceDialog(head, []string{text}, true, 0, choiceAnswer{"Cancel", nil},
		choiceAnswer{"Stop it", onAnswer(func() tea.Cmd { return d.down(s, false) })}, choiceAnswer{"Delete it…", purge}))
}

// purgeDialog asks for the name of an ensemble before it is deleted.
type purgeDialog struct {
	desk  *ensembleDesk
	seat  *ensembleSeat
	typed *textBox
	row   buttons
	inRow bool
	note  string
}

var _ dialog = (*purgeDialog)(nil)

func newPurgeDialog(d *ensembleDesk, s *ensembleSeat) *purgeDialog {
	return &purgeDialog{desk: d, seat: s, typed: newTextBox(false, ""), row: buttons{labels: []string{"Cancel", "Delete"}, danger: 1}}
}

func (d *purgeDialog) title() string   { return "Delete " + d.seat.clean() }
func (d *purgeDialog) danger() bool    { return true }
func (d *purgeDialog) unsaved() string { return "" }

func (d *purgeDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case isKey && key.Matches(k, dkeys.Cancel):
		return nil, true
	case isKey && key.Matches(k, dkeys.Next, dkeys.Prev):
		if d.inRow = !d.inRow; d.inRow {
			d.row.at = 1
		}
	case isKey && key.Matches(k, dkeys.Accept) && d.inRow && d.row.at == 0:
		return nil, true
	case isKey && key.Matches(k, dkeys.Accept):
		if d.typed.text() != d.seat.name {
			d.note = "That is not its name."
			return nil, false
		}
		if !d.inRow {
			d.inRow, d.row.at = true, 1
			return nil, false
		}
		desk, s := d.desk, d.seat
		return onAnswer(func() tea.Cmd { return desk.down(s, true) }), true
	case d.inRow && isKey:
		d.row.update(k)
	default:
		d.note = ""
		_, _ = d.typed.update(msg) // what is refused is not the name
	}
	return nil, false
}

func (d *purgeDialog) prefer(maxW, _ int) (w, h int) { return min(maxW, 64), 9 }

func (d *purgeDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	s := d.seat
	p := page{st: st, width: width}
	p.say(st.text, fmt.Sprintf("Delete %s? %s of it stops, and the folder %s goes with all that is in it: data, logs and configuration of %s.",
		s.clean(), "Every server", safetext.Clean(s.plan.Dir), plural(len(s.plan.Members), "server", "servers")))
	lines, cursor := p.fitTyped(height, d.typed, "Type "+s.clean()+" to delete all of it:", d.note, d.row.spans(st, width, d.inRow))
	if d.inRow {
		cursor = nil
	}
	return lines, cursor
}

func (d *purgeDialog) keys() []key.Binding {
	if d.inRow {
		return []key.Binding{named(dkeys.Next, "back to the name"), named(dkeys.Accept, strings.ToLower(d.row.labels[d.row.at])), dkeys.Cancel}
	}
	return []key.Binding{named(dkeys.Next, "to the buttons"), dkeys.Cancel}
}

// shellCommand is what talks to an ensemble from a shell: zkCli.sh, or where there is
// none, its class.
func shellCommand(p *ensemble.Plan) string {
	if p.ZooKeeper.CLI != "" {
		return shellWord(p.ZooKeeper.CLI) + " -server " + p.Connect()
	}
	return shellWord(p.Java.Path) + " -cp " + shellWord(strings.Join(p.ZooKeeper.Jars, ":")) + " org.apache.zookeeper.ZooKeeperMain -server " + p.Connect()
}

// shellWord quotes what a shell would take for more than a word.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:=,@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
