package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// wizardTitle stands over its questions.
const wizardTitle = "New ensemble"

// wizard asks, one question a step, what an ensemble is to be like, shows every file
// that it would write, and then writes and starts it.
type wizard struct {
	deps wizardDeps
	id   int
	ctx  context.Context // ends with close
	stop context.CancelFunc

	steps []wizardStep
	a     wizardAnswers
	found wizardFound
	named namedPlaces
	asks  *askPage // kept while other pages are shown, nil before the first question
	page  wizardPage
}

// wizardDeps is what the wizard asks of the program around it.
type wizardDeps struct {
	ctx   context.Context // ends with the program
	maker wizardMaker
	// after sends what tell makes when d has passed.
	after func(d time.Duration, tell func(time.Time) tea.Msg) tea.Cmd
	// copyText puts text on the clipboard of the terminal.
	copyText func(what, text string) tea.Cmd
	// finished makes the message that says which ensemble was written, and whether it
	// was started; cancelled is the one that says that none was. With either the
	// wizard is through.
	finished  func(name string, started bool) tea.Msg
	cancelled tea.Msg
}

// wizardMaker is what the wizard asks of the ensembles on this machine. The calls
// block until they are done or their context ends.
type wizardMaker interface {
	// Look finds what servers can run on; java and zookeeper are the places that a
	// person named, empty for none.
	Look(ctx context.Context, java, zookeeper string) wizardFound
	Plan(ctx context.Context, w ensemble.Wish) (*ensemble.Plan, error)
	Preflight(ctx context.Context, p *ensemble.Plan) []zoocfg.Finding
	// Files are all files of a plan as they would be written.
	Files(p *ensemble.Plan) ([]ensemble.File, error)
	Create(ctx context.Context, p *ensemble.Plan) (wizardEnsemble, error)
	// Versions lists what a mirror has, the newest first; an empty mirror is Apache's.
	Versions(ctx context.Context, mirror string) ([]distro.Version, error)
	Fetch(ctx context.Context, mirror, version string, progress func(distro.Progress)) (distro.ZooKeeper, error)
	// Install unpacks an archive that is on this machine already.
	Install(ctx context.Context, file string, progress func(distro.Progress)) (distro.ZooKeeper, error)
}

// wizardEnsemble is an ensemble that was written. The calls block.
type wizardEnsemble interface {
	Start(ctx context.Context, ids ...int) error
	Status(ctx context.Context) (ensemble.Status, error)
	AwaitServing(ctx context.Context, each func(ensemble.Status)) (ensemble.Status, error)
	// Down stops all servers and deletes the folder.
	Down(ctx context.Context) error
	// Log is the end of a server's log.
	Log(ctx context.Context, id int) ([]string, error)
}

// wizardMsg is a message for a page of the wizard with this id; another one drops it.
// Whoever shows a wizard hands it to update, wherever it comes from.
type wizardMsg struct {
	id   int
	page wizardPage
	msg  tea.Msg
}

// newWizard makes a wizard with its first command. Its id is that of its messages.
func newWizard(deps wizardDeps, id int) (*wizard, tea.Cmd) {
	w := &wizard{deps: deps, id: id, steps: wizardSteps(), a: defaultAnswers()}
	w.ctx, w.stop = context.WithCancel(deps.ctx)
	return w, w.look()
}

// wrap addresses what a page's command found out to that page.
func (w *wizard) wrap(p wizardPage) func(tea.Msg) tea.Msg {
	return func(msg tea.Msg) tea.Msg {
		if msg == nil {
			return nil
		}
		return wizardMsg{w.id, p, msg}
	}
}

// key takes a key press: all of them are the wizard's while it is in front, but for
// the one that quits at once.
func (w *wizard) key(msg tea.KeyPressMsg) tea.Cmd { return w.page.key(msg) }

// update takes pastes, mouse messages with coordinates of the wizard's own rows, and
// its own messages.
func (w *wizard) update(msg tea.Msg) tea.Cmd {
	if own, ok := msg.(wizardMsg); ok {
		if own.id != w.id || own.page != w.page {
			return nil // of a page that was left meanwhile
		}
		msg = own.msg
	}
	return w.page.update(msg)
}

// render draws exactly height rows of width cells, and the text cursor in their
// coordinates, nil for none.
func (w *wizard) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	return w.page.render(st, width, height, now)
}

// hints are what the footer shows.
func (w *wizard) hints() []hint { return w.page.hints() }

// nextChange is how long what is drawn stays true while nothing happens: for ever,
// since what counts seconds here sends itself messages.
func (w *wizard) nextChange(time.Time) time.Duration { return 0 }

// typing tells that letters are text here.
func (w *wizard) typing() bool { return w.page.typing() }

// close ends the wizard's work. What was started goes on; a download's part stays.
func (w *wizard) close() { w.stop() }

// cancel leaves the wizard with nothing made.
func (w *wizard) cancel() tea.Cmd { return tell(w.deps.cancelled) }

// ask shows the questions, from the one that was last asked on.
func (w *wizard) ask() {
	if w.asks == nil {
		w.asks = newAskPage(w)
	}
	w.page = w.asks
}
