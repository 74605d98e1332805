package tui

import (
	"errors"
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

// Who quits while servers run leaves them running with enter, and stops them only on
// purpose.
func TestEnsembleQuit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keys     []string
		stops    bool
		farewell string
	}{
		"leave running": {[]string{"q", "enter"}, false, "The ensemble demo runs on at"},
		"stop":          {[]string{"q", "tab", "enter"}, true, ""},
		"at once":       {[]string{"ctrl+c"}, false, "The ensemble demo runs on at"},
		"twice":         {[]string{"q", "ctrl+c"}, false, "The ensemble demo runs on at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, from := range []string{"board", "start", "session"} {
				f := &fakeEnsembles{}
				u := f.add("demo", 3)
				o := zktest.Shared(t) + zktest.Root(t)
				s := openBoard(t, f, o, 100, 30)
				s.WaitForText("Launch an ensemble")
				s.Type("6")
				s.WaitForText("◆ leader")
				switch from {
				case "start":
					s.Type("esc")
					s.WaitForText("Open the sandbox")
				case "session":
					s.Type("c")
					s.WaitForText("Value  Stat", "● connected")
				}
				s.Type(test.keys[0])
				if len(test.keys) > 1 {
					s.WaitForText("3 servers of demo run: left running, they go on without", "[ Leave running ]")
					s.Type(test.keys[1:]...)
				}
				if err := s.Wait(); err != nil {
					t.Error(from, err)
				}
				said := strings.Join(s.said(), "\n")
				if test.farewell == "" && said != "" || !strings.Contains(said, test.farewell) {
					t.Errorf("from %s: said %q", from, said)
				}
				if test.stops {
					u.wantCall(t, "stop")
				}
				u.wantNone(t)
			}
		})
	}
}

// Esc stays, and what could not be stopped is said after the screen is gone.
func TestEnsembleQuitStays(t *testing.T) {
	t.Parallel()
	f := &fakeEnsembles{}
	u := f.add("demo", 3)
	s := onBoard(t, f, 100, 30)
	s.WaitForText("◆ leader")
	s.Type("q")
	s.WaitForText("[ Leave running ]")
	s.Type("esc")
	s.waitGone("Leave running")
	s.Type("q")
	s.WaitForText("[ Leave running ]")
	s.Type("left", "enter")
	s.waitGone("Leave running")
	hold := make(chan struct{})
	u.set(errors.New("no right to do that\x07"), hold)
	s.Type("q")
	s.WaitForText("[ Leave running ]")
	s.Type("tab", "enter")
	u.wantCall(t, "stop")
	s.WaitForText("Stopping demo …")
	close(hold)
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	if said := strings.Join(s.said(), "\n"); said != "The ensemble demo could not be stopped: no right to do that\\x07" {
		t.Errorf("said %q", said)
	}
}

// The question about leases and the one about servers are one question, and what is
// held is released before the servers go.
func TestEnsembleQuitWithLeases(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keys  []string
		stops bool
	}{
		"release":          {[]string{"tab", "enter"}, false},
		"release and stop": {[]string{"tab", "tab", "enter"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeEnsembles{}
			u := f.add("demo", 3)
			root := zktest.Root(t)
			other(t, zktest.Shared(t), root).make("", "/l")
			s := openBoard(t, f, zktest.Shared(t)+root, 100, 30)
			s.WaitForText("Launch an ensemble")
			s.Type("6")
			s.WaitForText("◆ leader")
			s.Type("c")
			s.WaitForText("● connected", "  l ")
			s.Type(":", "lock /l", "enter")
			s.WaitForText("Lock /l", "Acquire")
			s.Type("enter")
			s.WaitForText("1 lease held")
			s.Type("esc")
			s.waitGone("─ Lock /l")
			s.Type("q")
			s.WaitForText("You hold the lease on /l.", "3 servers of demo run", "[ Stay ]")
			s.Type(test.keys...)
			if err := s.Wait(); err != nil {
				t.Error(err)
			}
			if test.stops {
				u.wantCall(t, "stop")
			}
			u.wantNone(t)
			other(t, zktest.Shared(t), root).await("the lease to be given up", func() bool {
				children, _, err := other(t, zktest.Shared(t), root).Children(root + "/l")
				return err == nil && len(children) == 0
			})
		})
	}
}
