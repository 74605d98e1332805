package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// wizard asks, one question a step, what an ensemble is to be like, shows every file
// that it would write, and then writes and starts it.
type wizard struct {
	deps wizardDeps
	id   int
	ctx  context.Context // ends with close
	stop context.CancelFunc
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
	Plan(ctx context.Context, w wizardWish) (*ensemble.Plan, error)
	Preflight(ctx context.Context, p *ensemble.Plan) []zoocfg.Finding
}

// wizardWish is what a person wants of an ensemble; zero values leave it to the maker.
type wizardWish struct {
	Name                         string
	Servers, Observers, BasePort int
	Dir                          string
	Temp                         bool
	Tick                         time.Duration
	InitLimit, SyncLimit, HeapMB int
	Admin                        bool
	Extra                        []ensemble.Setting
	ZooKeeper                    *distro.ZooKeeper
}

// wizardMsg is a message for the wizard with this id; another one drops it. Whoever
// shows a wizard hands it to update, wherever it comes from.
type wizardMsg struct {
	id  int
	msg tea.Msg
}

// newWizard makes a wizard with its first command. Its id is that of its messages.
func newWizard(deps wizardDeps, id int) (*wizard, tea.Cmd) {
	w := &wizard{deps: deps, id: id}
	w.ctx, w.stop = context.WithCancel(deps.ctx)
	return w, nil
}

// key takes a key press: all of them are the wizard's while it is in front, but for
// the one that quits at once.
func (w *wizard) key(msg tea.KeyPressMsg) tea.Cmd {
	if msg.String() == "esc" {
		return tell(w.deps.cancelled)
	}
	return nil
}

// update takes pastes, clicks with coordinates of the wizard's own rows, and its own
// messages.
func (w *wizard) update(msg tea.Msg) tea.Cmd { return nil }

// render draws exactly height rows of width cells, and the text cursor in their
// coordinates, nil for none.
func (w *wizard) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	p := page{st: st, width: width}
	return p.fit(height)
}

// hints are what the footer shows.
func (w *wizard) hints() []hint { return []hint{{named(dkeys.Cancel, "cancel"), "cancel"}} }

// nextChange is how long what is drawn stays true while nothing happens; 0 is for
// ever.
func (w *wizard) nextChange(now time.Time) time.Duration { return 0 }

// close ends the wizard's work. What was started goes on; a download's part stays.
func (w *wizard) close() { w.stop() }
