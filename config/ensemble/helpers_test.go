package ensemble

import (
	"context"
	"errors"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// newStore returns a store in folders of the test's own.
func newStore(t *testing.T) *Store {
	t.Helper()
	return NewStore(t.TempDir(), testCache)
}

// newEnsemble plans and writes an ensemble on ports of the test's own, and ends its
// servers when the test is over.
func newEnsemble(t *testing.T, s *Store, w Wish) *Ensemble {
	t.Helper()
	if w.BasePort == 0 {
		w.BasePort = zktest.FreePorts(t)
	}
	p, err := s.Plan(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killAll(t, e) })
	return e
}

// killAll ends the servers of an ensemble, also after a test that has failed.
func killAll(t *testing.T, e *Ensemble) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := e.Kill(ctx)
	if err != nil && !errors.Is(err, ErrNoEnsemble) {
		t.Errorf("ending the servers of %s: %v", e.Name(), err)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !so(); {
		if time.Now().After(deadline) {
			t.Fatalf("not so within a minute: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
