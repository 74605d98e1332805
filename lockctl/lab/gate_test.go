package lab

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// queue has workers ask for passage, and notes who got through.
type queue struct {
	*gate
	wg   sync.WaitGroup
	mu   sync.Mutex
	left []int
}

func newQueue(paused bool, pace time.Duration) *queue {
	return &queue{gate: newGate(paused, pace, func() {})}
}

func (q *queue) ask(ctx context.Context, workers ...int) {
	for _, n := range workers {
		q.wg.Go(func() {
			if q.wait(ctx, request{n, func() string { return "somebody" }}, nil, nil) == nil {
				q.mu.Lock()
				defer q.mu.Unlock()
				q.left = append(q.left, n)
			}
		})
	}
	synctest.Wait()
}

func (q *queue) went(t *testing.T, want ...int) {
	t.Helper()
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Equal(q.left, want) {
		t.Fatalf("%v went, and not %v", q.left, want)
	}
}

// Step by step the oldest goes, and of those that came together the lowest worker's.
func TestGateSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(true, 0)
		q.ask(t.Context(), 3, 2, 1)
		q.went(t)
		q.step()
		q.went(t, 1)
		q.ask(t.Context(), 1)
		q.step()
		q.went(t, 1, 2)
		q.freeze(3, true)
		q.step()
		q.went(t, 1, 2, 1)
		q.step()
		q.went(t, 1, 2, 1)
		if next := q.show().next; next != "" {
			t.Errorf("%q is next, who is frozen", next)
		}
		q.pause(false)
		q.went(t, 1, 2, 1)
		q.freeze(3, false)
		q.went(t, 1, 2, 1, 3)
		q.ask(t.Context(), 4)
		q.went(t, 1, 2, 1, 3, 4)
		q.step() // pauses
		q.ask(t.Context(), 5)
		q.went(t, 1, 2, 1, 3, 4)
		q.gate.close()
		q.wg.Wait()
		q.went(t, 1, 2, 1, 3, 4)
		if err := q.wait(t.Context(), request{worker: 1}, nil, nil); !errors.Is(err, errShut) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// With a pace one goes at a time; who gives up takes no turn.
func TestGatePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(false, time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		q.ask(ctx, 1)
		q.ask(t.Context(), 2, 3)
		time.Sleep(900 * time.Millisecond)
		q.went(t)
		cancel()
		time.Sleep(200 * time.Millisecond)
		q.went(t, 2)
		time.Sleep(800 * time.Millisecond)
		q.went(t, 2)
		time.Sleep(200 * time.Millisecond)
		q.went(t, 2, 3)
		q.ask(t.Context(), 4, 5)
		q.setPace(0)
		q.wg.Wait()
		q.gate.close()
	})
}

// Of one that may skip the gate, or is over, the wait ends.
func TestGateEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(true, 0, func() {})
		over, skip := make(chan struct{}), make(chan struct{})
		got := make(chan error, 2)
		go func() { got <- g.wait(t.Context(), request{worker: 1}, over, nil) }()
		go func() { got <- g.wait(t.Context(), request{worker: 2}, nil, skip) }()
		synctest.Wait()
		close(over)
		if err := <-got; !errors.Is(err, errShut) {
			t.Errorf("over: %v", err)
		}
		close(skip)
		if err := <-got; err != nil {
			t.Errorf("skipped: %v", err)
		}
		if len(g.waiting) != 0 {
			t.Errorf("%d wait", len(g.waiting))
		}
	})
}

// What happens while it is paused was made by the request that it let go last.
func TestGateLet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(false, 0)
		wants := func(what string, want time.Time) {
			t.Helper()
			if got := q.show().let; !got.Equal(want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
			time.Sleep(time.Second)
		}
		wants("open", time.Now())
		wants("open", time.Now())
		paused := time.Now()
		q.pause(true)
		wants("paused", paused)
		q.ask(t.Context(), 1)
		q.pause(true)
		wants("paused again", paused)
		stepped := time.Now()
		q.step()
		wants("stepped", stepped)
		q.step()
		wants("with nothing to let go", stepped)
		q.setPace(time.Minute)
		q.pause(false)
		asked := time.Now()
		q.ask(t.Context(), 2)
		wants("with a pace", asked)
		time.Sleep(time.Minute)
		q.pause(true)
		wants("paused between two", asked.Add(time.Minute))
		q.gate.close()
		q.wg.Wait()
	})
}
