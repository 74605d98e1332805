package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"zkdeck/lockctl"
	"zkdeck/lockctl/lab"
)

// fakeLab starts runs that a test moves.
type fakeLab struct {
	mu   sync.Mutex
	runs []*fakeRun
	err  error
	// calls are what was called on all of them, as "fair crash 2".
	calls chan string
}

func newFakeLab() *fakeLab { return &fakeLab{calls: make(chan string, 256)} }

// setLab has the screen start runs of f.
func setLab(f *fakeLab) func(*setup) { return func(s *setup) { s.lab = f.start } }

func (f *fakeLab) start(_ context.Context, o lab.Options) (labRun, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	r := &fakeRun{of: f, recipe: o.Recipe, changed: make(chan struct{}, 1)}
	r.snap = lab.Snapshot{
		At: time.Now(), Options: o, State: lab.Running, Dir: lab.DefaultBase + "/" + string(o.Recipe),
		Counters: lab.Counters{Recipe: o.Recipe, Workers: o.Workers},
	}
	if o.Base != "" {
		r.snap.Dir = o.Base + "/" + string(o.Recipe)
	}
	r.workers(o.Workers)
	f.runs = append(f.runs, r)
	f.calls <- fmt.Sprintf("%s start %d", o.Recipe, o.Workers)
	return r, nil
}

// of is the last run of a recipe that was started.
func (f *fakeLab) of(t *testing.T, recipe lab.Recipe) *fakeRun {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range slices.Backward(f.runs) {
		if r.recipe == recipe {
			return r
		}
	}
	t.Fatalf("no run of %s was started", recipe)
	return nil
}

// wantCalls waits for calls in their order, and leaves out others between them.
func (f *fakeLab) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	late := time.After(30 * time.Second)
	for _, w := range want {
		for got := ""; got != w; {
			select {
			case got = <-f.calls:
			case <-late:
				t.Fatalf("%q was not called", w)
			}
		}
	}
}

// wantClosed checks that every run but the last few was closed, once.
func (f *fakeLab) wantClosed(t *testing.T, but int) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.runs {
		r.mu.Lock()
		if want := i < len(f.runs)-but; r.closed != want {
			t.Errorf("run %d of %d closed is %v, want %v", i+1, len(f.runs), r.closed, want)
		}
		r.mu.Unlock()
	}
}

// fakeRun is a run that does nothing by itself.
type fakeRun struct {
	of      *fakeLab
	recipe  lab.Recipe
	changed chan struct{}

	mu     sync.Mutex
	snap   lab.Snapshot
	closed bool
}

var _ labRun = (*fakeRun)(nil)

// change moves what is seen, and tells.
func (r *fakeRun) change(do func(s *lab.Snapshot)) {
	r.mu.Lock()
	s := r.snap
	s.Workers = slices.Clone(s.Workers)
	do(&s)
	r.snap = s
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// called notes a call.
func (r *fakeRun) called(format string, args ...any) {
	r.of.calls <- string(r.recipe) + " " + fmt.Sprintf(format, args...)
}

// workers makes n of them, the first holding; the caller has the run for itself.
func (r *fakeRun) workers(n int) {
	r.snap.Options.Workers = n
	r.snap.Workers, r.snap.Queue = nil, nil
	for i := 1; i <= n; i++ {
		w := lab.Worker{N: i, State: lab.Waiting, Link: lockctl.SessionLive, Node: fmt.Sprintf("lock-%010d", i), Turns: i}
		if i == 1 {
			w.State, w.First = lab.Holding, true
		}
		r.snap.Workers = append(r.snap.Workers, w)
		r.snap.Queue = append(r.snap.Queue, lab.Znode{Name: w.Node, Worker: i, Holder: i == 1})
	}
}

func (r *fakeRun) Changed() <-chan struct{} { return r.changed }

func (r *fakeRun) Snapshot() lab.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.snap
}

func (r *fakeRun) state(s lab.State) { r.change(func(snap *lab.Snapshot) { snap.State = s }) }

func (r *fakeRun) Pause()  { r.called("pause"); r.state(lab.Paused) }
func (r *fakeRun) Resume() { r.called("resume"); r.state(lab.Running) }
func (r *fakeRun) Step()   { r.called("step") }
func (r *fakeRun) Reset()  { r.called("reset") }

func (r *fakeRun) SetPace(d time.Duration) {
	r.called("pace %s", d)
	r.change(func(s *lab.Snapshot) { s.Options.Pace = d })
}

func (r *fakeRun) SetTimes(hold, think time.Duration) {
	r.called("times %s %s", hold, think)
	r.change(func(s *lab.Snapshot) { s.Options.Hold, s.Options.Think = hold, think })
}

func (r *fakeRun) SetWorkers(n int) error {
	r.called("workers %d", n)
	if n < 1 || n > lab.MaxWorkers {
		return fmt.Errorf("%d workers: 1 to %d are possible", n, lab.MaxWorkers)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.workers(n)
	return nil
}

func (r *fakeRun) Add() (int, error) {
	n := r.Snapshot().Options.Workers + 1
	return n, r.SetWorkers(n)
}

// worker changes one worker.
func (r *fakeRun) worker(what string, n int, do func(w *lab.Worker)) error {
	r.called("%s %d", what, n)
	err := errors.New("there is no such worker")
	r.change(func(s *lab.Snapshot) {
		for i := range s.Workers {
			if s.Workers[i].N == n {
				do(&s.Workers[i])
				err = nil
			}
		}
	})
	return err
}

func (r *fakeRun) Kill(n int) error {
	return r.worker("kill", n, func(w *lab.Worker) { w.State = lab.Gone })
}

func (r *fakeRun) Crash(n int) error {
	return r.worker("crash", n, func(w *lab.Worker) { w.State, w.Until = lab.Crashed, time.Now().Add(6*time.Second) })
}

func (r *fakeRun) Freeze(n int) error {
	return r.worker("freeze", n, func(w *lab.Worker) { w.Frozen = true })
}

func (r *fakeRun) Thaw(n int) error {
	return r.worker("thaw", n, func(w *lab.Worker) { w.Frozen = false })
}

func (r *fakeRun) Try(n int) error { return r.worker("try", n, func(*lab.Worker) {}) }

func (r *fakeRun) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}
