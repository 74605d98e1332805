package tui

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

// TestScreenEnsembleOfRealServers starts three servers on the board, kills the one that
// leads, opens the tree on them, and leaves them running.
func TestScreenEnsembleOfRealServers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := ensemble.NewStore(filepath.Join(dir, "data"), filepath.Join(dir, "cache"))
	plan, err := store.Plan(t.Context(), ensemble.Wish{Name: "demo", BasePort: zktest.FreePorts(t)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := store.Create(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := e.Down(ctx, true); err != nil {
			t.Error(err)
		}
	})
	s := begin(t, newOpener(plan.Connect()), 120, 36, func(o *Options) { o.Ensembles = store })
	s.WaitForText("Launch an ensemble")
	s.Type("6")
	s.WaitForText("○ not started", "○ stopped")
	s.Type("S")
	s.WaitForText("◆ leader", "● quorum: 2 of 3 needed, 3 are up")

	later := regexp.MustCompile(`server \d became leader, epoch 2, [0-9.]+ s after`)
	leads := regexp.MustCompile(`(\d) ◆ leader`)
	first := leads.FindStringSubmatch(s.Screen())[1]
	began := time.Now()
	s.Type("!")
	seen := s.WaitFor(func(screen string) bool {
		now := leads.FindStringSubmatch(screen)
		return now != nil && now[1] != first && strings.Contains(screen, "✕ killed") && strings.Contains(screen, "2 are up")
	}, "another leader")
	t.Logf("another leader %v after the key", seen.Sub(began))
	s.Type("e")
	s.WaitFor(func(screen string) bool {
		return strings.Contains(screen, "server "+first) && strings.Contains(screen, "was killed") && later.MatchString(screen)
	}, "the event")
	s.Type("esc", "m")
	s.WaitForText("All logs of demo", "following")
	s.Type("/", "leading", "enter")
	s.WaitFor(regexp.MustCompile(`(?i) \d  ?INFO .*leading`).MatchString, "a line of the log of the new leader")
	s.Type("esc")
	s.waitGone("filter leading")
	s.Type("esc")
	s.WaitForText("✕ killed", "● quorum: 2 of 3 needed, 2 are up")

	s.Type("c")
	s.WaitForText("● connected", "Value  Stat")
	s.Type("q")
	s.WaitForText("2 servers of demo run: left running, they go on without zkdeck", "[ Leave running ]")
	s.Type("enter")
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	if said := strings.Join(s.said(), "\n"); !strings.Contains(said, "The ensemble demo runs on at "+plan.Connect()) {
		t.Errorf("said %q", said)
	}
	st, err := e.Status(t.Context())
	if err != nil || !st.Quorum {
		t.Errorf("they are %+v, %v", st, err)
	}
	if s.app.main.sess.Status().State != zkview.Closed {
		t.Error("the session is open")
	}
}
