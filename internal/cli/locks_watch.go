package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"zkdeck/lockctl"
)

// locksHeld is how many events wait at most for whoever reads the output.
const locksHeld = 100_000

// lockEvents are events on their way from a Board, which they must not hold up.
type lockEvents struct {
	mu     sync.Mutex
	events []lockctl.Event
	lost   int
	some   chan struct{} // signalled when there are events
}

func newLockEvents() *lockEvents { return &lockEvents{some: make(chan struct{}, 1)} }

// add takes an event in; it is given to [lockctl.Options].
func (q *lockEvents) add(e lockctl.Event) {
	q.mu.Lock()
	if len(q.events) < locksHeld {
		q.events = append(q.events, e)
	} else {
		q.lost++
	}
	q.mu.Unlock()
	select {
	case q.some <- struct{}{}:
	default:
	}
}

// take returns what has come, and how many more were dropped after that.
func (q *lockEvents) take() (events []lockctl.Event, lost int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	events, lost = q.events, q.lost
	q.events, q.lost = nil, 0
	return events, lost
}

// watchLocks prints what happens to locks until it is interrupted, or nobody reads it.
func (j *job) watchLocks(ctx context.Context, root string, o locksFlags) error {
	// Without this a closed pipe would end the process by a signal.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)

	err := j.followLocks(ctx, root, o)
	switch {
	case errors.Is(err, syscall.EPIPE):
		return &outcome{code: exitOK}
	case ctx.Err() != nil: // no error, which would have the terminal asked for its colours
		return nil
	}
	return err
}

func (j *job) followLocks(ctx context.Context, root string, o locksFlags) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := newLockEvents()
	b, err := j.board(ctx, root, o, queue.add)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := j.settle(ctx, b); err != nil {
		return err
	}
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { j.tellConnection(ctx) })

	w := lockLines{j: j, o: o}
	told := map[string]bool{}
	s := b.Snapshot()
	j.tellTroubles(s, o, told)
	if err := w.begin(s, time.Now()); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	for {
		events, lost := queue.take()
		for _, e := range events {
			w.print(e)
		}
		if lost > 0 {
			w.lost(lost, time.Now())
		}
		if err := j.out.Flush(); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
		select {
		case <-queue.some:
		case <-b.Changed():
			j.tellTroubles(b.Snapshot(), o, told)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
