package tui

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/internal/zktest"
)

// Enter all the way on a terminal, with one that is made wider meanwhile.
func TestWizardOnScreen(t *testing.T) {
	t.Parallel()
	m := newMakerFake()
	s, _ := showWizard(t, m, 80, 24)
	s.WaitForText("How many servers?", "1 of 14")
	if x, y, shown := s.Cursor(); !shown || x != 5 || y != 10 {
		t.Errorf("the cursor is at %d,%d, shown: %v", x, y, shown)
	}
	for i := 2; i <= 14; i++ {
		s.Type("enter")
		s.WaitForText(strconv.Itoa(i) + " of 14")
		switch i {
		case 5:
			s.Resize(120, 36)
			s.WaitForText("AdminServer  off") // the answers stand beside the question now
		case 8:
			s.Resize(44, 11)
			s.WaitForText("> 5")
			s.Resize(80, 24)
			s.WaitForText("syncLimit 5 × 2 s = 10 s")
		}
	}
	s.Type("enter")
	s.WaitForText("what would be written", "Enter writes 7 files")
	s.Type("enter")
	s.WaitForText("demo serves", "zkCli.sh -server 127.0.0.1:2181")
	s.Type("enter")
	s.WaitForText("finished demo, started true")
	if err := s.Quit(); err != nil {
		t.Error(err)
	}
}

// While servers start, esc asks what to do with them, and all of it can be taken back.
func TestWizardInterrupted(t *testing.T) {
	t.Parallel()
	m := newMakerFake()
	m.make = func(p *ensemble.Plan) (wizardEnsemble, error) {
		e := newMadeFake(p)
		e.serve = func(ctx context.Context, each func(ensemble.Status)) (ensemble.Status, error) {
			each(e.status(600*time.Millisecond, ensemble.Electing))
			<-ctx.Done()
			return ensemble.Status{}, ctx.Err()
		}
		m.set(func() { m.last = e })
		return e, nil
	}
	s, _ := showWizard(t, m, 80, 24)
	s.WaitForText("How many servers?")
	s.Type("ctrl+s")
	s.WaitForText("what would be written")
	s.Type("enter")
	s.WaitForText("Starting demo", "electing")
	s.Type("esc")
	s.WaitForText("They are still starting", "go on waiting")
	s.Type("esc")
	s.WaitForText("esc stop, or leave it")
	s.Type("esc")
	s.WaitForText("stop them, remove")
	s.Type("up", "enter")
	s.WaitForText("How many servers?")
	m.mu.Lock()
	downs := m.last.downs
	m.mu.Unlock()
	if downs != 1 {
		t.Errorf("%d removals", downs)
	}
	if err := s.Quit(); err != nil {
		t.Error(err)
	}
}

// A download shows how far it is, can be stopped, and goes on from there.
func TestWizardDownloadOnScreen(t *testing.T) {
	t.Parallel()
	m := newMakerFake()
	there := m.found
	m.lacking()
	calls := make(chan int, 2)
	calls <- 1
	m.fetch = func(ctx context.Context, _, _ string, tell func(distro.Progress)) (distro.ZooKeeper, error) {
		tell(distro.Progress{Step: "download", Done: 4_200_000, Total: 14_000_000, From: "dlcdn.apache.org"})
		if <-calls == 1 {
			calls <- 2
			<-ctx.Done()
			return distro.ZooKeeper{}, &distro.InterruptedError{Done: 4_200_000, Total: 14_000_000, Err: ctx.Err()}
		}
		m.set(func() { m.found = there })
		return otherFound, nil
	}
	s, _ := showWizard(t, m, 80, 24)
	s.WaitForText("Where does ZooKeeper come from?")
	s.Type("enter")
	s.WaitForText("Which version?", "3.8.6")
	s.Type("enter")
	s.WaitForText("Downloading ZooKeeper 3.8.6", "4.2 MB of 14 MB", "30%", "from dlcdn.apache.org")
	s.Type("esc")
	s.WaitForText("4.2 of 14.0 MB are kept", "go on with it")
	s.Type("enter")
	s.WaitForText("How many servers?")
	if err := s.Quit(); err != nil {
		t.Error(err)
	}
}

// Enter all the way gives three real servers that serve.
func TestWizardRealServers(t *testing.T) {
	t.Parallel()
	base := strconv.Itoa(zktest.FreePorts(t))
	dir := t.TempDir()
	store := ensemble.NewStore(dir+"/data", dir+"/cache")
	t.Cleanup(func() {
		e, err := store.Open("demo")
		if err != nil {
			t.Error(err)
			return
		}
		if err := e.Down(context.Background(), true); err != nil {
			t.Error(err)
		}
	})
	s, _ := showWizard(t, newWizardMaker(store), 120, 36)
	s.WaitForText("How many servers?")
	s.Type("enter")
	s.WaitForText("How many observers besides?")
	s.Type("enter")
	s.WaitForText("What is it called?", "> demo")
	s.Type("enter")
	s.WaitForText("From which port on?")
	s.Type("ctrl+u")
	s.Type(base)
	s.WaitForText("> " + base)
	for _, next := range []string{
		"Where is it kept?", "How long is a tick", "How many ticks may a server take", "How many ticks may a follower lag", "How much memory", "With AdminServer?",
		"Further settings?", "Which ZooKeeper?",
	} {
		s.Type("enter")
		s.WaitForText(next)
	}
	s.Type("enter")
	s.WaitFor(func(screen string) bool { // several of Java ask which
		return strings.Contains(screen, "Which Java?") || strings.Contains(screen, "How do the servers start?")
	}, "the question after ZooKeeper")
	if strings.Contains(s.Screen(), "Which Java?") {
		s.Type("enter")
	}
	s.WaitForText("How do the servers start?")
	s.Type("enter")
	s.WaitForText("what would be written", "clientPort="+base)
	s.Type("enter")
	s.WaitForText("demo serves", "leader", "and all 3 serve")
	e, err := store.Open("demo")
	if err != nil {
		t.Fatal(err)
	}
	// A single look takes a server that answers nothing for a second for one that hangs.
	status, err := e.AwaitServing(t.Context(), nil)
	if err != nil || !status.Quorum || status.Up != 3 {
		t.Errorf("the status is %+v, %v", status, err)
	}
	if err := s.Quit(); err != nil {
		t.Error(err)
	}
}
