package tui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// quitMsg tells that a person wants to quit and was asked: with release all leases are
// given up first, with stop the servers of all ensembles are stopped.
type quitMsg struct{ release, stop bool }

// stoppedMsg tells that the servers were stopped, and which could not be.
type stoppedMsg struct{ failed []string }

// quit ends the program from the start screen, unless leases would be given up or
// servers run: then it asks.
func (a *app) quit() tea.Cmd {
	if a.main != nil && len(a.main.leases.active()) > 0 {
		a.start, a.alone = nil, nil // its screen asks
		return a.tellMain(askQuitMsg{})
	}
	if a.board != nil && len(a.board.desk.alive()) > 0 {
		if a.board.desk.stillStopping() {
			return nil
		}
		a.board.desk.ask(a.board.desk.quitDialog(nil, "", false))
		return nil
	}
	return a.quitNow()
}

// forceQuit ends the program from the start screen at once; where leases would be given
// up it asks.
func (a *app) forceQuit() tea.Cmd {
	if a.main != nil && len(a.main.leases.active()) > 0 {
		return a.quit()
	}
	return a.quitNow()
}

// quitDialog asks what is to become of the servers that run. What else would end stands
// in text; yes is the button for that, and empty where nothing is lost by leaving.
func (d *ensembleDesk) quitDialog(text []string, yes string, release bool) *choiceDialog {
	alive := d.alive()
	servers := 0
	for _, s := range alive {
		servers += s.running()
	}
	names := seatNames(alive)
	text = append(text, fmt.Sprintf("%s of %s %s: left running, %s on without zkdeck and %s here again the next time.",
		upper(plural(servers, "server", "servers")), names, word(servers, "runs", "run"), word(servers, "it goes", "they go"), word(servers, "is", "are")))
	at, stop := 0, "Stop "+word(servers, "it", "them")+" and quit"
	leave := yes
	if yes == "" { // nothing is lost by leaving
		at, leave = 1, "Leave running"
	} else if release {
		stop = "Release, stop " + word(servers, "it", "them") + ", quit"
	}
	return newChoiceDialog("Quit", text, true, at, choiceAnswer{"Stay", nil},
		choiceAnswer{leave, tell(ensembleMsg{quitMsg{release: release}})},
		choiceAnswer{stop, tell(ensembleMsg{quitMsg{release: release, stop: true}})})
}

// quitAfter ends the program once everything is done that was chosen.
func (a *app) quitAfter(msg quitMsg) tea.Cmd {
	if !msg.stop {
		if msg.release && a.main != nil {
			return a.tellMain(releaseAllMsg{})
		}
		return a.quitNow()
	}
	release := func() {}
	if msg.release && a.main != nil {
		end := a.main.leases.closer()
		release = func() { end() } // before the servers go that may hold them
	}
	return a.board.desk.stopAll(release)
}

// stopAll calls before, stops the servers of all ensembles that run, and tells which
// could not be.
func (d *ensembleDesk) stopAll(before func()) tea.Cmd {
	alive := d.alive()
	d.say(levelInfo, "Stopping "+seatNames(alive)+" …")
	d.leaving = true
	units := make([]ensembleUnit, 0, len(alive))
	for _, s := range alive {
		units = append(units, s.unit)
	}
	return d.call(func(ctx context.Context) tea.Msg {
		before()
		var failed []string
		for i, u := range units {
			if err := u.Stop(ctx); err != nil {
				failed = append(failed, fmt.Sprintf("The ensemble %s could not be stopped: %s", alive[i].clean(), safetext.CleanLine(err.Error())))
			}
		}
		return stoppedMsg{failed}
	})
}

// stillStopping tells that all servers are being stopped already, and says so.
func (d *ensembleDesk) stillStopping() bool {
	if d.leaving {
		d.say(levelInfo, "Stopping "+seatNames(d.alive())+" …; "+DefaultKeyMap().ForceQuit.Help().Key+" does not wait for that")
	}
	return d.leaving
}

// leftRunning says which ensembles run on.
func (d *ensembleDesk) leftRunning() []string {
	if d.stopped {
		return nil
	}
	var out []string
	for _, s := range d.alive() {
		out = append(out, fmt.Sprintf("The ensemble %s runs on at %s; zkdeck ensemble down %s ends it", s.clean(), safetext.Clean(s.plan.Connect()), s.clean()))
	}
	return out
}
