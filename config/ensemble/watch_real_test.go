package ensemble

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// awaitEvent waits for an event that the watcher has not told before the first from,
// and returns its place.
func awaitEvent(t *testing.T, w *Watcher, from int, what string, is func(Event) bool) (Event, int) {
	t.Helper()
	for deadline := time.After(60 * time.Second); ; {
		events := w.Events()
		for i, e := range events[min(from, len(events)):] {
			if is(e) {
				return e, from + i
			}
		}
		select {
		case <-w.Changed():
		case <-deadline:
			for _, e := range events {
				t.Logf("%s %-11s %d %s", e.At.Format("05.000"), e.Kind, e.Server, e.Text)
			}
			t.Fatalf("not told within a minute: %s; %+v", what, w.Status())
		}
	}
}

// kind picks events of a kind, of a server if it is not 0.
func kind(kind string, server int) func(Event) bool {
	return func(e Event) bool { return e.Kind == kind && (server == 0 || e.Server == server) }
}

// awaitStatus waits until the watcher sees something.
func awaitStatus(t *testing.T, w *Watcher, what string, is func(Status) bool) Status {
	t.Helper()
	for deadline := time.After(60 * time.Second); ; {
		st := w.Status()
		if is(st) {
			return st
		}
		select {
		case <-w.Changed():
		case <-deadline:
			t.Fatalf("not seen within a minute: %s; %+v", what, st)
		}
	}
}

// of is the status of a server.
func of(st Status, id int) ServerStatus {
	for _, s := range st.Servers {
		if s.ID == id {
			return s
		}
	}
	return ServerStatus{}
}

// One ensemble of three lives through all that can happen to it while it is watched.
func TestWatchedEnsemble(t *testing.T) {
	t.Parallel()
	e := newEnsemble(t, newStore(t), Wish{Tick: 500 * time.Millisecond, SyncLimit: 4})
	w := e.Watch(WatchOptions{})
	defer w.Close()
	if st := w.Status(); len(st.Servers) != 3 || st.Need != 2 || st.Servers[0].State != Exited {
		t.Errorf("before anything: %+v", st)
	}
	awaitStatus(t, w, "three that were never started", func(st Status) bool {
		// One that was not seen yet counts as starting.
		return !st.At.IsZero() && !slices.ContainsFunc(st.Servers, func(s ServerStatus) bool { return s.State != Exited })
	})

	begun := time.Now()
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	looks := 0
	st, err := e.AwaitServing(t.Context(), func(Status) { looks++ })
	if err != nil || !st.Quorum || st.Up != 3 || looks == 0 {
		t.Fatalf("%+v, %v", st, err)
	}
	t.Logf("all serve after %v", time.Since(begun))
	leader, ok := st.Leader()
	if !ok || leader.Version == "" || leader.Epoch < 1 || leader.Pid == 0 || leader.RSS == 0 {
		t.Errorf("the leader is %+v", leader)
	}
	awaitEvent(t, w, 0, "the first leader", func(e Event) bool {
		return e.Kind == "leader" && e.Epoch >= 1 && e.Took > 0 && strings.Contains(e.Text, "was started")
	})
	for _, s := range st.Servers {
		if s.State != Leader {
			awaitEvent(t, w, 0, "a follower", kind("serving", s.ID))
		}
	}

	t.Run("the leader is killed", func(t *testing.T) {
		old := leads(allServe(t, w))
		n := len(w.Events())
		killed := time.Now()
		if err := e.Kill(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		next := awaitStatus(t, w, "another leader", func(st Status) bool {
			l, ok := st.Leader()
			return ok && l.ID != old.ID && of(st, old.ID).State == Exited && st.Quorum
		})
		t.Logf("seen %v after the kill", time.Since(killed))
		x := of(next, old.ID).Exit
		if x == nil || !x.ByUs || x.Signal != "SIGKILL" || x.Code != 137 || !strings.Contains(x.Why, "killed") {
			t.Errorf("the old one ended with %+v", x)
		}
		l, _ := next.Leader()
		told, _ := awaitEvent(t, w, n, "the new leader", kind("leader", l.ID))
		if told.Epoch <= old.Epoch || told.Took <= 0 || !strings.Contains(told.Text, "became leader, epoch ") || !strings.HasSuffix(told.Text, " was killed") {
			t.Errorf("told %+v", told)
		}
		awaitEvent(t, w, n, "the kill", kind("killed", old.ID))

		m := len(w.Events())
		if err := e.Start(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		w.Poke()
		awaitEvent(t, w, m, "that it is back", kind("serving", old.ID))
	})

	t.Run("a follower is paused", func(t *testing.T) {
		id := follow(allServe(t, w))
		n := len(w.Events())
		if err := e.Pause(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		w.Poke()
		st := awaitStatus(t, w, "a paused server", func(st Status) bool { return of(st, id).Paused })
		if s := of(st, id); s.State != Hung || !strings.Contains(s.Trouble, "paused") {
			t.Errorf("a paused server is %+v", s)
		}
		awaitStatus(t, w, "a quorum without it", func(st Status) bool { return st.Quorum && st.Up == 2 })
		awaitEvent(t, w, n, "the pause", kind("paused", id))
		if err := e.Resume(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		w.Poke()
		awaitEvent(t, w, n, "the end of the pause", kind("resumed", id))
		awaitEvent(t, w, n, "that it serves", kind("serving", id))
	})

	t.Run("the leader is paused", func(t *testing.T) {
		old := leads(allServe(t, w))
		n := len(w.Events())
		if err := e.Pause(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		w.Poke()
		awaitEvent(t, w, n, "the loss", kind("quorum-lost", 0))
		next, _ := awaitEvent(t, w, n, "the next leader", kind("leader", 0))
		if next.Server == old.ID || next.Epoch <= old.Epoch || next.Took <= 0 {
			t.Errorf("told %+v", next)
		}
		awaitEvent(t, w, n, "the quorum's return", kind("quorum-back", 0))
		if err := e.Resume(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		w.Poke()
		awaitStatus(t, w, "the old one among the followers", func(st Status) bool { return of(st, old.ID).State == Follower })
	})

	t.Run("the quorum is lost", func(t *testing.T) {
		l := leads(allServe(t, w))
		n := len(w.Events())
		var rest []int
		for _, m := range e.Plan().Members {
			if m.ID != l.ID {
				rest = append(rest, m.ID)
			}
		}
		if err := e.Kill(t.Context(), rest...); err != nil {
			t.Fatal(err)
		}
		awaitEvent(t, w, n, "the loss", kind("quorum-lost", 0))
		awaitStatus(t, w, "an election without an end", func(st Status) bool {
			s := of(st, l.ID)
			return s.State == Electing && strings.HasSuffix(s.Trouble, "2 of 3 needed, 1 is up") && !st.Quorum && st.Up == 0
		})
		var failed *FailedError
		if _, err := e.AwaitServing(t.Context(), nil); !errors.As(err, &failed) || failed.Server != 0 || !strings.Contains(failed.Why, "no quorum") {
			t.Errorf("waiting ended with %v", err)
		}
		if err := e.Start(t.Context(), rest[0]); err != nil {
			t.Fatal(err)
		}
		w.Poke()
		back, _ := awaitEvent(t, w, n, "the quorum's return", kind("quorum-back", 0))
		if back.Took <= 0 || !strings.HasPrefix(back.Text, "quorum is back after ") {
			t.Errorf("told %+v", back)
		}
	})

	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Poke()
	allServe(t, w)

	t.Run("a server runs alone", func(t *testing.T) {
		n := len(w.Events())
		id := wreck(t, e, leads(allServe(t, w)), func(id int, plan *Plan) (string, *regexp.Regexp, string) {
			return plan.ConfigFile(id), regexp.MustCompile(`(?m)^server\.`), "#server."
		})
		st := awaitStatus(t, w, "a server alone", func(st Status) bool { return of(st, id).State == Standalone })
		if s := of(st, id); !strings.HasPrefix(s.Trouble, "split brain: ") {
			t.Errorf("%+v", s)
		}
		if l := leads(st); l.ID == id {
			t.Error("it counts as the leader")
		}
		awaitEvent(t, w, n, "the split brain", kind("failed", id))
		var failed *FailedError
		if _, err := e.AwaitServing(t.Context(), nil); !errors.As(err, &failed) || failed.Server != id {
			t.Errorf("waiting ended with %v", err)
		}
	})

	t.Run("two servers have one id", func(t *testing.T) {
		n := len(w.Events())
		leader := leads(awaitStatus(t, w, "a leader", func(st Status) bool { return st.Quorum }))
		id := wreck(t, e, leader, func(id int, plan *Plan) (string, *regexp.Regexp, string) {
			return filepath.Join(plan.DataDir(id), "myid"), regexp.MustCompile(`\d+`), strconv.Itoa(leader.ID)
		})
		told, _ := awaitEvent(t, w, n, "its end", kind("exited", id))
		if !strings.Contains(told.Text, "exited with code 14: its election port ") || !strings.Contains(told.Text, "same myid") {
			t.Errorf("told %q", told.Text)
		}
	})

	for _, e := range w.Events() {
		t.Logf("%s %-11s %d %s", e.At.Format("05.000"), e.Kind, e.Server, e.Text)
	}
}

// wreck ends a server that does not lead, replaces something in one of its files, starts
// it again without a look at them, and undoes that when the test is over.
func wreck(t *testing.T, e *Ensemble, leader ServerStatus, replace func(id int, plan *Plan) (path string, what *regexp.Regexp, by string)) int {
	t.Helper()
	plan := e.Plan()
	var m Member
	for _, m = range plan.Members {
		if m.ID != leader.ID {
			break
		}
	}
	start := func() {
		if err := e.launch(t.Context(), &plan, m); err != nil {
			t.Fatal(err)
		}
	}
	end := func() {
		var not *NotRunningError
		if err := e.Kill(context.Background(), m.ID); err != nil && !errors.As(err, &not) {
			t.Error(err)
		}
	}
	end()
	path, what, by := replace(m.ID, &plan)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end()
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(path, what.ReplaceAll(good, []byte(by)), 0o600); err != nil {
		t.Fatal(err)
	}
	start()
	return m.ID
}

// allServe waits until all three serve.
func allServe(t *testing.T, w *Watcher) Status {
	t.Helper()
	return awaitStatus(t, w, "all three", func(st Status) bool { return st.Quorum && st.Up == 3 })
}

// follow is the id of a follower.
func follow(st Status) int {
	for _, s := range st.Servers {
		if s.State == Follower {
			return s.ID
		}
	}
	return 0
}

// leads is the leader.
func leads(st Status) ServerStatus {
	l, _ := st.Leader()
	return l
}
