package ensemble

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// orphanOf is the orphan that runs a zoo.cfg. Other tests, in other processes, may
// have orphans at the same time.
func orphanOf(t *testing.T, s *Store, config string) (Orphan, bool) {
	t.Helper()
	orphans, err := s.Orphans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orphans {
		if o.Config == config {
			return o, true
		}
	}
	return Orphan{}, false
}

func TestOrphans(t *testing.T) {
	s := newStore(t)
	// It has a child with its own command line, as every process has one between fork and
	// exec. That child has none, which could outlive it.
	fifo := filepath.Join(t.TempDir(), "fifo")
	e := create(t, s, fakePlan(t, s, Wish{Name: "lost", Servers: 1}, "mkfifo '"+fifo+"'\n"+
		"(read -r x <'"+fifo+"') &\ntwin=$!\ntrap 'kill $twin; wait $twin; exit 143' TERM\nwhile :; do sleep 0.02; done\n"))
	plan := e.Plan()
	start(t, e)
	if o, is := orphanOf(t, s, plan.ConfigFile(1)); is {
		t.Errorf("a server of an ensemble is an orphan: %+v", o)
	}
	// Somebody removes the folder while the server runs.
	away := filepath.Join(t.TempDir(), "away")
	if err := os.Rename(e.Dir(), away); err != nil {
		t.Fatal(err)
	}
	o, is := orphanOf(t, s, plan.ConfigFile(1))
	if !is || o.Name != "lost" || o.Pid <= 1 {
		t.Fatalf("%+v, %v", o, is)
	}
	// It comes back.
	if err := os.Rename(away, e.Dir()); err != nil {
		t.Fatal(err)
	}
	if _, is := orphanOf(t, s, plan.ConfigFile(1)); is {
		t.Error("with its folder back it is an orphan")
	}
	// Its pid file is lost: nobody knows that it is there, but the lock of its data is.
	if err := os.Remove(filepath.Join(plan.ServerDir(1), pidFile)); err != nil {
		t.Fatal(err)
	}
	s.turn = 20 * time.Millisecond
	var pre *PreflightError
	if err := e.Start(t.Context()); !errors.As(err, &pre) {
		t.Errorf("a second one was started: %v", err)
	}
	if err := e.Down(t.Context(), true); err == nil || !strings.Contains(err.Error(), "another server runs on") {
		t.Errorf("its data was removed: %v", err)
	}
	if o, is = orphanOf(t, s, plan.ConfigFile(1)); !is {
		t.Fatal("without its pid file it is no orphan")
	}
	if err := o.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, is := orphanOf(t, s, plan.ConfigFile(1)); is {
		t.Error("it has not ended")
	}
	if err := o.End(t.Context()); err != nil {
		t.Errorf("ending what has ended: %v", err)
	}
}
