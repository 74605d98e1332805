package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// ensemblesTitle is the word of the screen in line 2.
const ensemblesTitle = "Ensembles"

// boardHost is what the board asks of whatever shows it.
type boardHost interface {
	say(l level, text string)
	copyText(what, text string) tea.Cmd
	// openTree opens the tree of the servers of a connect string.
	openTree(servers string) tea.Cmd
}

// ensembleBoard is screen 6: the servers of one ensemble, and what happens to them.
// There is one, whatever shows it.
type ensembleBoard struct {
	desk *ensembleDesk
	keys *KeyMap // those of the board do not depend on the session

	name    string // of the ensemble in front
	want    string // to come to the front as soon as it is known
	wizard  *wizard
	wizards int
	logs    *ensembleLogs

	hits []boardHit // what is on which row, when last drawn
}

// boardHit is what a click on a part of a row means.
type boardHit struct {
	y, from, to int
	seat        string // an ensemble to turn to
	id          int    // a server to select
}

// wizardDoneMsg tells that the wizard is through: which ensemble it has written, none
// if the name is empty.
type wizardDoneMsg struct {
	id      int
	name    string
	started bool
}

func newEnsembleBoard(d *ensembleDesk) *ensembleBoard {
	keys := DefaultKeyMap()
	return &ensembleBoard{desk: d, keys: &keys}
}

// seat is the ensemble in front, nil for none.
func (b *ensembleBoard) seat() *ensembleSeat {
	if s := b.desk.seat(b.name); s != nil {
		return s
	}
	if len(b.desk.seats) == 0 {
		return nil
	}
	b.name = b.desk.seats[0].name
	return b.desk.seats[0]
}

// place is what stands at the right of line 2.
func (b *ensembleBoard) place() string {
	switch s := b.seat(); {
	case b.wizard != nil:
		return "a new ensemble"
	case s == nil:
		return ""
	case b.logs != nil:
		return b.logs.what()
	default:
		return s.clean()
	}
}

func (b *ensembleBoard) typing() bool { return b.wizard != nil || b.logs != nil && b.logs.typed }

// update takes what is addressed to the ensembles.
func (b *ensembleBoard) update(msg tea.Msg) tea.Cmd {
	cmd := b.desk.update(msg)
	switch msg := msg.(type) {
	case ensemblesListedMsg:
		b.turnToWanted()
		if b.logs != nil && b.desk.seat(b.logs.seat.name) != b.logs.seat {
			b.closeLogs()
		}
	case ensembleLookMsg:
		b.settle(msg.seat)
	case ensembleAskedMsg:
		return msg.do()
	case logLinesMsg:
		if b.logs != nil {
			return b.logs.take(msg)
		}
	case wizardMsg:
		if b.wizard != nil && b.wizard.id == msg.id {
			return b.wizard.update(msg)
		}
	case wizardDoneMsg:
		return b.wizardDone(msg)
	}
	return cmd
}

// turnToWanted brings the ensemble to the front that was asked for.
func (b *ensembleBoard) turnToWanted() {
	if b.want == "" {
		return
	}
	switch {
	case b.desk.seat(b.want) != nil:
		b.closeLogs()
		b.name = b.want
	case len(b.desk.seats) == 0:
		b.desk.say(levelWarn, "There is no ensemble "+safetext.Clean(b.want)+", and no other one")
	default:
		b.desk.say(levelWarn, "There is no ensemble "+safetext.Clean(b.want)+", but "+seatNames(b.desk.seats))
	}
	b.want = ""
}

// turnTo brings an ensemble to the front, at once or when it is known.
func (b *ensembleBoard) turnTo(name string) {
	if name == "" {
		return
	}
	b.want = name
	if b.desk.listed && b.desk.seat(name) != nil {
		b.turnToWanted()
	}
}

// turn brings the ensemble by places later to the front.
func (b *ensembleBoard) turn(by int) {
	n := len(b.desk.seats)
	if n == 0 {
		return
	}
	at := slices.Index(b.desk.seats, b.seat())
	b.name = b.desk.seats[(at+by+n)%n].name
}

// settle keeps the selection on its server. Until a person chooses, it is on one that
// has ended by itself, if there is any: it has to explain itself.
func (b *ensembleBoard) settle(s *ensembleSeat) {
	servers := s.servers()
	at := slices.IndexFunc(servers, func(v ensemble.ServerStatus) bool { return v.ID == s.sel })
	if !s.held || at < 0 {
		at = max(slices.IndexFunc(servers, func(v ensemble.ServerStatus) bool {
			return v.Exit != nil && !v.Exit.ByUs
		}), 0)
		s.held = false
	}
	s.list.moved(len(servers), at)
	s.sel = 0
	if s.list.at < len(servers) {
		s.sel = servers[s.list.at].ID
	}
}

// selected is the selected server of the ensemble in front.
func (b *ensembleBoard) selected() (*ensembleSeat, ensemble.ServerStatus, bool) {
	s := b.seat()
	if s == nil {
		return nil, ensemble.ServerStatus{}, false
	}
	if s.sel == 0 {
		b.settle(s)
	}
	for _, v := range s.servers() {
		if v.ID == s.sel {
			return s, v, true
		}
	}
	return s, ensemble.ServerStatus{}, false
}

// connect opens the tree of an ensemble that serves.
func (b *ensembleBoard) connect(s *ensembleSeat, h boardHost) tea.Cmd {
	if !s.status.Quorum {
		h.say(levelWarn, upper(s.quorumText())+": nothing would answer")
		return nil
	}
	return h.openTree(s.plan.Connect())
}

// showShell shows what talks to the ensemble from a shell.
func (b *ensembleBoard) showShell(s *ensembleSeat, h boardHost) {
	command := shellCommand(&s.plan)
	b.desk.ask(newChoiceDialog("From a shell", []string{"This talks to " + s.clean() + ":", safetext.CleanLine(command)}, false, 1,
		choiceAnswer{"Close", nil}, choiceAnswer{"Copy", onAnswer(func() tea.Cmd { return h.copyText("command", command) })}))
}

// openLogs shows the log of a server, of all where id is 0.
func (b *ensembleBoard) openLogs(s *ensembleSeat, id int) tea.Cmd {
	b.closeLogs()
	var cmd tea.Cmd
	b.logs, cmd = newEnsembleLogs(b.desk, s, id)
	return cmd
}

func (b *ensembleBoard) closeLogs() {
	if b.logs != nil {
		b.logs.close()
		b.logs = nil
	}
}

// openWizard asks what a new ensemble is to be like.
func (b *ensembleBoard) openWizard(h boardHost) tea.Cmd {
	b.wizards++
	id := b.wizards
	var cmd tea.Cmd
	b.wizard, cmd = newWizard(wizardDeps{
		ctx:      b.desk.ctx,
		maker:    b.desk.store.maker(),
		after:    b.desk.after,
		copyText: h.copyText,
		finished: func(name string, started bool) tea.Msg {
			return ensembleMsg{wizardDoneMsg{id, name, started}}
		},
		cancelled: ensembleMsg{wizardDoneMsg{id: id}},
	}, id)
	return cmd
}

// wizardDone goes back to the board, to the ensemble that was written.
func (b *ensembleBoard) wizardDone(msg wizardDoneMsg) tea.Cmd {
	if b.wizard == nil || b.wizard.id != msg.id {
		return nil
	}
	b.wizard.close()
	b.wizard = nil
	if msg.name == "" {
		return nil
	}
	b.want = msg.name
	return b.desk.relist()
}

// nextChange is how long what is drawn stays true.
func (b *ensembleBoard) nextChange(now time.Time) time.Duration {
	if b.wizard != nil {
		return b.wizard.nextChange(now)
	}
	if s := b.seat(); s != nil && b.logs == nil && !s.status.At.IsZero() {
		return time.Second
	}
	return 0
}

// close ends what is under way on the board.
func (b *ensembleBoard) close() {
	b.closeLogs()
	if b.wizard != nil {
		b.wizard.close()
		b.wizard = nil
	}
	b.desk.close()
}

// boardScene shows the board as a screen of a session.
type boardScene struct {
	*ensembleBoard
	host boardHost
}

var (
	_ scene  = boardScene{}
	_ typist = boardScene{}
)

func (s boardScene) title() string { return ensemblesTitle }

func (s boardScene) key(msg tea.KeyPressMsg) (tea.Cmd, bool) { return s.ensembleBoard.key(msg, s.host) }

func (s boardScene) update(msg tea.Msg) tea.Cmd { return s.input(msg, s.host) }

// close leaves the board as it is: it is not the session's.
func (s boardScene) close() {}

// newEventsDialog lists what has happened to an ensemble.
func newEventsDialog(s *ensembleSeat) dialog {
	return newLogDialog("Events of "+s.clean(), "nothing has happened yet", nil, func() []logRow {
		var rows []logRow
		for _, e := range s.events {
			rows = append(rows, logRow{text: e.Text, spans: func(st *styles, _ int) []span { return st.eventSpans(e) }})
		}
		return rows
	})
}
