package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// Every message that the program sends itself stands here, named as a fact.
// What answers a question carries the generation for which it was asked; a stale
// one is dropped.

// newsMsg is a batch of what the feed learned.
type newsMsg struct{ batch []zkview.News }

// statusChangedMsg tells that the session has a new Status. It does not carry it: by the
// time that it is taken, others may have brought a newer one.
type statusChangedMsg struct{}

// tickMsg redraws what depends on the time: marks that fade, ages, countdowns.
type tickMsg struct {
	gen int
	at  time.Time
}

// settledMsg tells that the selection has rested: now its value is asked for.
type settledMsg struct{ gen int }

// valueReadyMsg is a value recognised and laid out.
type valueReadyMsg struct {
	gen  int
	path string
	doc  *value.Document
}

// aclReadMsg answers the ACL tab.
type aclReadMsg struct {
	path string
	acl  []zkview.ACL
	stat zkview.Stat
	err  error
	at   time.Time
}

// diffReadyMsg is the difference of two values of the history.
type diffReadyMsg struct {
	path, about string
	lines       []value.DiffLine
}

// jobDoneMsg carries a sort or filter of a big listing that ran aside.
type jobDoneMsg struct{ job *zkview.Job }

// statsReadMsg are Stats that the sort order needed.
type statsReadMsg struct{ news []zkview.News }

// completedMsg are the children for which the command bar asked.
type completedMsg struct {
	gen   int
	dir   string
	names []string
	err   error
}

// flashMsg is said on the message line and kept in the messages.
type flashMsg struct {
	level level
	text  string
}

// jumpMsg moves the selection to a path.
type jumpMsg struct{ path string }

// compareMsg opens the screen that compares two sides.
type compareMsg struct{ left, right compareSide }

// wroteMsg tells that we changed znodes, so that what is shown of them is read
// again without waiting for a watch.
type wroteMsg struct{ paths []string }

// pushDialogMsg opens a dialog for which something had to be read first.
type pushDialogMsg struct {
	make func(id int) (dialog, tea.Cmd)
}

// readForDialogMsg carries what was read for a dialog; it is dropped when the
// dialog was called off meanwhile.
type readForDialogMsg struct {
	gen int
	msg tea.Msg
}

// notOpenedMsg says why a dialog that was asked for does not open.
type notOpenedMsg struct{ flashMsg }

// externalEditMsg hands the terminal to the person's editor.
type externalEditMsg struct{ run tea.Cmd }

// connectMsg asks for the start screen over the session, or, with arg, to open that.
type connectMsg struct{ arg string }

// openedMsg tells the end of an opening: what was opened, or why nothing was.
type openedMsg struct {
	gen    int
	opened *holding
	err    error
}

// leaveMsg tells that a signal or the caller wants the program to end.
type leaveMsg struct{}

// foundMsg is what there is on this machine for servers to run on.
type foundMsg struct{ found wizardFound }

// portsTriedMsg is what came of trying the ports of a wish.
type portsTriedMsg struct {
	wish *ensemble.Wish
	err  error
}

// plannedMsg is what the wizard would write, or why it cannot be.
type plannedMsg struct {
	plan     *ensemble.Plan
	files    []ensemble.File
	findings []zoocfg.Finding
	err      error
}

// launchedMsg is how far the wizard's writing and starting came; with done it ended.
type launchedMsg struct {
	call     *launchCall
	progress launchProgress
	done     bool
}

// launchTickMsg draws the seconds of a start.
type launchTickMsg struct {
	call *launchCall
	at   time.Time
}

// versionsMsg are the versions of ZooKeeper that can be downloaded.
type versionsMsg struct {
	versions []distro.Version
	err      error
}

// fetchedMsg is how far a download came; with done it ended.
type fetchedMsg struct {
	call     *longCall[distro.Progress]
	progress distro.Progress
	done     bool
	got      distro.ZooKeeper
	err      error
}

// serverLogMsg is the end of the log of a server.
type serverLogMsg struct {
	lines []string
	err   error
}
