package zkview

import (
	"context"
	"slices"
	"testing"
)

// queueUp starts an acquire and waits until it is in the queue.
func queueUp(ctx context.Context, t *testing.T, l *limiter, order chan<- string, name string) {
	t.Helper()
	waiting := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.interactive.Len() + l.background.Len()
	}
	before := waiting()
	go func() {
		release, err := l.acquire(ctx)
		if err != nil {
			name = "cancelled " + name
		}
		order <- name
		if err == nil {
			release()
		}
	}()
	eventually(t, "queue "+name, func() bool { return waiting() > before })
}

func TestLimiterPutsInteractiveFirst(t *testing.T) {
	l := newLimiter(1, 1)
	ctx := context.Background()
	release := must(l.acquire(ctx))
	order := make(chan string, 8)
	queueUp(Background(ctx), t, l, order, "b1")
	queueUp(Background(ctx), t, l, order, "b2")
	queueUp(ctx, t, l, order, "i1")
	gone, cancel := context.WithCancel(ctx)
	queueUp(gone, t, l, order, "i2")
	queueUp(ctx, t, l, order, "i3")
	cancel()
	got := []string{<-order}
	release()
	release() // a second time does nothing
	for range 4 {
		got = append(got, <-order)
	}
	if want := []string{"cancelled i2", "i1", "i3", "b1", "b2"}; !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
	eventually(t, "all slots are free again", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.taken == 0 && l.backTaken == 0
	})
}

func TestLimiterKeepsSlotsForPeople(t *testing.T) {
	l := newLimiter(3, 2)
	ctx := context.Background()
	must(l.acquire(Background(ctx)))
	must(l.acquire(Background(ctx)))
	order := make(chan string, 1)
	gone, cancel := context.WithCancel(Background(ctx))
	queueUp(gone, t, l, order, "third")
	must(l.acquire(ctx)) // at once
	cancel()
	if got := <-order; got != "cancelled third" {
		t.Error("a third background call got a slot")
	}
}
