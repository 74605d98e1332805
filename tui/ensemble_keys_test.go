package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/internal/zktest"
)

// wantCall waits for the next call on an ensemble.
func (u *fakeUnit) wantCall(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-u.calls:
		if got != want {
			t.Fatalf("called %q, want %q", got, want)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("nothing was called, want %q", want)
	}
}

// wantNone checks that nothing was called.
func (u *fakeUnit) wantNone(t *testing.T) {
	t.Helper()
	select {
	case got := <-u.calls:
		t.Fatalf("called %q", got)
	default:
	}
}

// onBoard opens the board over the start screen.
func onBoard(t *testing.T, f *fakeEnsembles, w, h int, change ...func(*Options)) *boardScreen {
	t.Helper()
	s := openBoard(t, f, "", w, h, change...)
	s.WaitForText("Launch an ensemble")
	s.Type("6")
	s.WaitForText("6 Ensembles")
	return s
}

// down is a change that ends a server on request.
func down(id int) func(*ensemble.Status) {
	return exit(id, ensemble.Exit{Code: 143, Signal: "SIGTERM", ByUs: true, At: boardNow})
}

func TestEnsembleKeys(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 120, 30)
	s.WaitForText("◆ leader")
	for _, test := range []struct{ keys, call string }{
		{"K", "kill[1]"},
		{"!", "kill[2]"},
		{"j x", "stop[2]"},
		{"j space", "pause[3]"},
		{"r", "restart[3]"},
		{"s", "start[3]"},
		{"S", "start"},
		{"g delete tab enter", "remove[1]"},
		{"a tab enter", "add observer=false"},
		{"a right right enter", "add observer=true"},
	} {
		s.Type(strings.Fields(test.keys)...)
		u.wantCall(t, test.call)
		s.waitIdle()
	}
	// What runs is not wiped, and what is paused goes on.
	s.Type("w")
	s.WaitForText("Server 1 runs: its data can be wiped once it is stopped")
	u.change(func(st *ensemble.Status) { st.Servers[0].State, st.Servers[0].Paused = ensemble.Hung, true })
	s.WaitForText("◐ paused")
	s.Type("space")
	u.wantCall(t, "resume[1]")
	u.change(down(1))
	s.WaitForText("○ stopped")
	s.waitIdle()
	s.Type("w")
	s.WaitForText("Wipe server 1 of demo?", "[ Cancel ]")
	s.Type("tab", "enter")
	u.wantCall(t, "wipe[1]")
	u.wantNone(t)
	s.quit("ctrl+c")
}

// waitIdle waits until nothing is being done to the ensembles.
func (s *boardScreen) waitIdle() {
	s.t.Helper()
	for {
		done := make(chan bool)
		s.Send(ensembleMsg{ensembleAskedMsg{func() tea.Cmd {
			busy := false
			for _, seat := range s.app.board.desk.seats {
				busy = busy || len(seat.ops) > 0
			}
			go func() { done <- busy }()
			return nil
		}}})
		if !<-done {
			return
		}
	}
}

// While something is done to a server, a second thing is not begun, and what is under
// way is said.
func TestEnsembleBusy(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	hold := make(chan struct{})
	u.set(nil, hold)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	s.Type("x")
	u.wantCall(t, "stop[1]")
	s.WaitForText("◌ stopping")
	s.Type("K")
	s.WaitForText("Server 1 is still stopping")
	s.Type("S")
	s.WaitForText("Server 1 is still stopping")
	s.Type("j", "K")
	u.wantCall(t, "kill[2]")
	s.WaitForText("◌ killing")
	s.Type("a")
	s.WaitForText("Add a server to demo")
	s.Type("tab", "enter")
	s.waitGone("Add a server to demo")
	u.wantNone(t)
	close(hold)
	s.waitIdle()
	hold = make(chan struct{})
	u.set(nil, hold)
	s.Type("a", "tab", "enter")
	u.wantCall(t, "add observer=false")
	s.WaitForText("demo is growing: copying the data of server 2 …")
	s.Type("K")
	s.WaitForText("The ensemble demo is still growing")
	close(hold)
	s.waitIdle()
	s.waitGone("demo is growing")
	s.quit("ctrl+c")
}

func TestEnsembleFailures(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	u.set(errors.New("no such process\x1b[2J"), nil)
	s.Type("K")
	s.WaitForText("Server 1 was not killed: no such process\\x1b[2J")
	s.waitIdle()
	u.set(errors.New("two things\nthe first is bad\nthe second is \x1b worse"), nil)
	s.Type("S")
	s.WaitForText("The ensemble demo was not started", "The first is bad", "The second is \\x1b worse", "[ Close ]")
	s.Type("enter")
	s.waitGone("[ Close ]")
	s.quit("ctrl+c")
}

func TestEnsembleAsks(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	s.Type("X")
	s.WaitForText("Stop the 3 servers of demo? 3 connections are lost.", "[ Cancel ]")
	s.Type("enter")
	s.waitGone("[ Cancel ]")
	s.Type("X", "tab", "enter")
	u.wantCall(t, "stop")
	s.WaitForText("○ stopped")
	s.waitIdle()
	s.Type("X")
	s.WaitForText("No server of demo runs")
	s.Type("c")
	s.WaitForText("Stopped: nothing would answer")
	s.Type("D")
	s.WaitForText("No server of demo runs. Its folder", "[ Cancel ]", "Delete it…")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Type demo to delete all of it:")
	s.Type("dem", "enter")
	s.WaitForText("That is not its name.")
	s.Type("o", "enter")
	s.WaitForText("[ Delete ]")
	u.wantNone(t)
	s.Type("enter")
	u.wantCall(t, "down purge=true")
	s.WaitForText("There is no ensemble on this machine yet.")
	s.quit("q") // nothing runs
}

// A temporary ensemble goes with its folder, and the question says so.
func TestEnsembleTemporary(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 1)
	u.plan.Temp = true
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ standalone", "● serves", "temporary")
	s.Type("d")
	s.WaitForText("Server 1 is the only one of demo; D takes the ensemble down")
	s.Type("D")
	s.WaitForText("It is temporary: its", "deleted, with all that it stores.")
	s.Type("tab", "enter")
	u.wantCall(t, "down purge=false")
	s.WaitForText("There is no ensemble on this machine yet.", "The ensemble demo is deleted, with its folder")
	s.quit("q")
}

// Ensembles that others make and take away come and go, and one that cannot be read
// says why.
func TestEnsembleSeveral(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{lost: []string{"pid 99 runs /gone/zoo.cfg, and its ensemble is gone"}}
	f.add("beta", 3)
	s := onBoard(t, f, 120, 30, func(o *Options) { o.Mouse = true })
	s.WaitForText("● quorum", "pid 99 runs /gone/zoo.cfg")
	alpha := f.add("alpha", 5)
	f.mu.Lock()
	f.bad = []ensembleListed{{name: "gamma", err: errors.New("its plan.json is no JSON")}}
	f.mu.Unlock()
	s.WaitForText("● alpha", "● beta", "▲ gamma")
	s.waitPlace("beta")
	s.Type("[")
	s.waitPlace("alpha")
	s.WaitForText(":21911", "3 of 5 needed")
	s.Type("[")
	s.waitPlace("gamma")
	s.WaitForText("Its plan.json is no JSON.", "cannot be opened")
	s.Type("K", "enter", "m", "c", "D") // nothing to do that to
	s.Type("]", "]")
	s.waitPlace("beta")
	x, y := s.Find("alpha")
	s.Click(x, y)
	s.waitPlace("alpha")
	x, y = s.Find(" 4 ●")
	s.Click(x, y)
	s.WaitFor(func(string) bool { return strings.Contains(s.lines()[y], "▌ 4") }, "server 4 to be selected")
	s.Wheel(x, y, true)
	s.WaitFor(func(string) bool { return strings.Contains(s.lines()[y-1], "▌ 3") }, "server 3 to be selected")
	s.Type("K")
	alpha.wantCall(t, "kill[3]")
	s.Click(x, y)
	s.WaitFor(func(string) bool { return strings.Contains(s.lines()[y], "▌ 4") }, "server 4 to be selected")
	s.Click(x, y)
	s.waitPlace("server 4 of alpha")
	s.quit("ctrl+c")
}

// waitPlace waits until line 2 says where we are.
func (s *boardScreen) waitPlace(place string) {
	s.t.Helper()
	s.WaitFor(func(string) bool { return strings.HasSuffix(strings.TrimRight(s.lines()[1], " "), " "+place) }, "the place "+place)
}

// The one that ended by itself is selected, to explain itself, unless somebody chose
// another.
func TestEnsembleSelectsWhatFailed(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("▌ 1")
	u.change(exit(3, ensemble.Exit{Code: 1, At: boardNow, Why: "its disk is full", Mend: "make room"}))
	s.WaitForText("▌ 3", "why       its disk is full", "mend      make room")
	s.Type("k")
	s.WaitForText("▌ 2")
	u.change(exit(1, ensemble.Exit{Code: 1, At: boardNow, Why: "its disk is full too"}))
	s.WaitForText("its disk is full too", "▌ 2", "▲ no quorum: 2 of 3 needed, 1 is up")
	s.quit("ctrl+c")
}

// Watchers are lively while the board is in front, and calm else.
func TestEnsembleCalm(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	calm := func() bool {
		w := u.watchers[0]
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.calm
	}
	if calm() {
		t.Error("in front it is calm")
	}
	s.Type("esc")
	s.WaitForText("Open the sandbox")
	s.settle()
	if !calm() {
		t.Error("behind it is not calm")
	}
	s.quit("ctrl+c")
	if w := u.watchers[0]; !w.closed || len(u.watchers) != 1 {
		t.Errorf("of %d watchers the first is closed: %v", len(u.watchers), w.closed)
	}
	if said := strings.Join(s.said(), "\n"); !strings.Contains(said, "The ensemble demo runs on at 127.0.0.1:21811,127.0.0.1:21812,127.0.0.1:21813; zkdeck ensemble down demo ends it") {
		t.Errorf("said %q", said)
	}
}

func TestEnsembleCopies(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	s.Type("y")
	s.WaitFor(func(string) bool { return s.Clipboard() == "127.0.0.1:21811,127.0.0.1:21812,127.0.0.1:21813" }, "the connect string to be copied")
	s.Type("Y")
	s.WaitForText("/usr/share/zookeeper/bin/zkCli.sh -server", "[ Copy ]")
	s.Type("enter")
	s.WaitFor(func(string) bool {
		return strings.HasPrefix(s.Clipboard(), "/usr/share/zookeeper/bin/zkCli.sh -server ")
	}, "the command to be copied")
	s.quit("ctrl+c")
}

// The board connects: over the start screen, and over a session, which then gives way.
func TestEnsembleConnect(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	f := &fakeEnsembles{}
	one, two := f.add("demo", 3), f.add("lab", 3)
	s := openBoard(t, f, zktest.Shared(t)+root, 100, 30)
	s.WaitForText("Launch an ensemble")
	s.Type("6")
	s.WaitForText("◆ leader")
	s.Type("c")
	s.WaitForText("● connected", "1 Tree  2 Locks  6 Ensembles")
	if c := <-s.opener.began; c != (Choice{ChoiceServers, one.plan.Connect()}) {
		t.Errorf("opened %+v", c)
	}
	s.Type("6")
	s.waitPlace("demo")
	s.WaitForText("◆ leader", "● connected")
	s.Type("c") // that is here
	s.WaitForText("Value  Stat")
	s.Type(":", "ensemble l", "tab", "enter")
	s.waitPlace("lab")
	s.WaitForText("◆ leader")
	s.Type("c")
	if c := <-s.opener.began; c != (Choice{ChoiceServers, two.plan.Connect()}) {
		t.Errorf("opened %+v", c)
	}
	s.WaitForText("Value  Stat", "● connected")
	s.Type(":", "ensemble zoo", "enter")
	s.WaitForText("There is no ensemble zoo, but demo and lab")
	s.waitPlace("lab")
	s.Type("?")
	s.WaitForText("─ Keys ─")
	s.Type("esc", "1")
	s.WaitForText("Value  Stat")
	s.Type("6", "esc")
	s.WaitForText("Value  Stat")
	s.quit("ctrl+c")
	s.opener.wantClosed(t, 2)
}

// The wizard takes the place of the board, and gives it back with what it made, or as
// it was.
func TestEnsembleWizard(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	maker := newMakerFake()
	maker.make = func(p *ensemble.Plan) (wizardEnsemble, error) {
		f.add(p.Name, len(p.Members))
		return newMadeFake(p), nil
	}
	f.makes = maker
	s := onBoard(t, f, 100, 30)
	s.WaitForText("There is no ensemble on this machine yet.")
	s.Type("n")
	s.WaitForText("a new ensemble", "How many servers?")
	s.Type("f1")
	s.WaitForText("─ Keys ─")
	s.Type("esc")
	s.waitGone("─ Keys ─")
	s.Type("esc")
	s.WaitForText("There is no ensemble on this machine yet.")
	s.Type("n")
	s.WaitForText("How many servers?")
	s.Type("ctrl+s")
	s.WaitForText("zoo.cfg", "enter start")
	s.Type("enter")
	s.WaitForText("demo serves")
	s.Type("enter")
	s.waitPlace("demo")
	s.WaitForText("◆ leader", "● quorum")
	s.quit("ctrl+c")
}

// An answer that comes after an ensemble is gone does nothing but say so.
func TestEnsembleGoneMeanwhile(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	s.Type("m")
	s.WaitForText("All logs of demo")
	s.Type("esc", "X")
	s.WaitForText("[ Cancel ]")
	f.mu.Lock()
	f.units = nil
	f.mu.Unlock()
	s.WaitForText("There is no ensemble on this machine yet.", "[ Cancel ]")
	s.Type("tab", "enter")
	s.WaitForText("The ensemble demo is gone, or cannot be opened any more")
	u.wantNone(t)
	s.quit("q")
}
