package zkview

import (
	"container/list"
	"context"
	"sync"
)

const (
	// callLimit is how many requests are under way at once: beyond 32 to 64 a
	// server answers no faster, and what waits here can still be reordered.
	callLimit = 32
	// backgroundLimit leaves slots free for a person while a walk is under way.
	backgroundLimit = 24
)

type backgroundKey struct{}

// Background marks the calls made with the returned context as background: they
// start only when no interactive call waits, and never take all the slots.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

func isBackground(ctx context.Context) bool { return ctx.Value(backgroundKey{}) != nil }

// limiter hands out slots to calls, interactive before background and each kind
// in order of arrival.
type limiter struct {
	limit, backLimit int

	mu          sync.Mutex
	taken       int // all slots taken
	backTaken   int // those taken by background calls
	interactive list.List
	background  list.List
}

func newLimiter(limit, backLimit int) *limiter {
	return &limiter{limit: limit, backLimit: backLimit}
}

// acquire waits for a slot and returns what gives it back, or ctx's error.
func (l *limiter) acquire(ctx context.Context) (release func(), err error) {
	back := isBackground(ctx)
	l.mu.Lock()
	queue := &l.interactive
	if back {
		queue = &l.background
	}
	granted := make(chan struct{})
	place := queue.PushBack(granted)
	l.grant()
	l.mu.Unlock()

	select {
	case <-granted:
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		select {
		case <-granted: // while we were giving up
			l.put(back)
		default:
			queue.Remove(place)
			l.grant()
		}
		return nil, context.Cause(ctx)
	}
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.put(back)
	}), nil
}

// put gives a slot back; l.mu is held.
func (l *limiter) put(back bool) {
	l.taken--
	if back {
		l.backTaken--
	}
	l.grant()
}

// grant gives the free slots to those who wait; l.mu is held.
func (l *limiter) grant() {
	for l.taken < l.limit {
		switch {
		case l.interactive.Len() > 0:
			close(l.interactive.Remove(l.interactive.Front()).(chan struct{}))
		case l.background.Len() > 0 && l.backTaken < l.backLimit:
			close(l.background.Remove(l.background.Front()).(chan struct{}))
			l.backTaken++
		default:
			return
		}
		l.taken++
	}
}
