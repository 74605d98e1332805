package ensemble

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/zktest"
)

// newStore returns a store in folders of the test's own, but for the cache.
func newStore(t *testing.T) *Store {
	t.Helper()
	return storeIn(t.TempDir(), testCache)
}

// storeIn returns a store that has all the time that a busy machine needs.
func storeIn(data, cache string) *Store {
	s := NewStore(data, cache)
	s.turn, s.patience = time.Minute, time.Minute
	return s
}

// plan plans an ensemble on ports of the test's own.
func plan(t *testing.T, s *Store, w Wish) *Plan {
	t.Helper()
	if w.BasePort == 0 {
		w.BasePort = zktest.FreePorts(t)
	}
	p, err := s.Plan(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// create writes a planned ensemble, and ends its servers when the test is over.
func create(t *testing.T, s *Store, p *Plan) *Ensemble {
	t.Helper()
	e, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killAll(t, e) })
	return e
}

// newEnsemble plans and writes an ensemble.
func newEnsemble(t *testing.T, s *Store, w Wish) *Ensemble {
	t.Helper()
	return create(t, s, plan(t, s, w))
}

// fakePlan plans an ensemble whose Java is a script: it is there at once and serves
// nothing, for tests of processes alone.
func fakePlan(t *testing.T, s *Store, w Wish, script string) *Plan {
	t.Helper()
	w.Distro = &distro.ZooKeeper{Version: "3.8.0", Logging: "log4j"}
	p := plan(t, s, w)
	p.Java = distro.Java{Path: filepath.Join(t.TempDir(), "java"), Version: "17.0.15", Major: 17}
	p.Archive = ""
	write(t, p.Java.Path, "#!/bin/sh\n"+script)
	if err := os.Chmod(p.Java.Path, 0o700); err != nil {
		t.Fatal(err)
	}
	return p
}

// A Java that runs until a signal ends it, and one that does not heed SIGTERM. The
// last argument is the zoo.cfg, as it must be of a server.
const (
	idle = `for last; do :; done
exec tail -n 0 -f "$last"
`
	stubborn = "trap '' TERM\n" + idle
)

// newFake writes an ensemble that runs a script for Java.
func newFake(t *testing.T, s *Store, w Wish) *Ensemble {
	t.Helper()
	return create(t, s, fakePlan(t, s, w, idle))
}

// killAll ends the servers of an ensemble, also after a test that has failed.
func killAll(t *testing.T, e *Ensemble) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := e.Kill(ctx); err != nil && !errors.Is(err, ErrNoEnsemble) && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ending the servers of %s: %v", e.Name(), err)
	}
}

func start(t *testing.T, e *Ensemble, ids ...int) {
	t.Helper()
	if err := e.Start(t.Context(), ids...); err != nil {
		t.Fatal(err)
	}
}

// process is what is known of a server's process.
func processOf(t *testing.T, e *Ensemble, id int) process {
	t.Helper()
	p, err := e.process(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// findings are what is found before a start, notes left out.
func findings(s *Store, t *testing.T, p *Plan) []zoocfg.Finding {
	t.Helper()
	return slices.DeleteFunc(s.Preflight(t.Context(), p), func(f zoocfg.Finding) bool { return f.Severity == zoocfg.Note })
}

// await waits until an ensemble serves.
func await(t *testing.T, e *Ensemble) Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	status, err := e.AwaitServing(ctx, func(Status) {})
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}

// awaitProgram waits until the shell that was put into the background for a server has
// become the program that stands for Java: see idle.
func awaitProgram(t *testing.T, e *Ensemble, id int) {
	t.Helper()
	eventually(t, "the shell has become another program", func() bool {
		seen, _ := look(processOf(t, e, id).Pid)
		return seen.arguments()[0] == "tail"
	})
}

// endNoted waits until the end of a server has been noted.
func endNoted(t *testing.T, e *Ensemble, id int) {
	t.Helper()
	eventually(t, "its end has been noted", func() bool { return !processOf(t, e, id).Alive })
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(deadline) {
			t.Fatalf("not so within a minute: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
