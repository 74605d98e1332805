package zkview

import "context"

// SingleEvents is a queue of what a [Single] is told, for one reader, in the order in
// which the connection brought it: Deleted, DataChanged and ChildrenChanged of
// watches; Lost, after which nothing is told up to the next Resync, that is when a
// connection was made, the first one too; Over, and nothing after it. Nothing is
// dropped or merged.
//
// The watches that Get and Children have left are gone with a connection. An event is
// told before the reply that the server sent after it is handed out.
type SingleEvents struct {
	of    *single
	ready chan struct{}
	queue []Event // under of.mu
	done  bool    // closed; under of.mu
}

// Events starts a queue of what is told from now on; close it when it is no longer
// read.
func (o *Single) Events() *SingleEvents {
	of := o.s.single
	q := &SingleEvents{of: of, ready: make(chan struct{}, 1)}
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.ended {
		signal(q.ready)
		return q
	}
	of.queues[q] = struct{}{}
	return q
}

// Next waits for events and returns all that wait. It fails with ctx's error, or with
// [ErrSessionOver] when all has been told or the queue was closed.
func (q *SingleEvents) Next(ctx context.Context) ([]Event, error) {
	for {
		q.of.mu.Lock()
		events := q.queue
		q.queue = nil
		select {
		case <-q.ready: // it was about these
		default:
		}
		none := q.done || q.of.ended
		q.of.mu.Unlock()
		switch {
		case len(events) > 0:
			if none {
				signal(q.ready)
			}
			return events, nil
		case none:
			signal(q.ready)
			return nil, ErrSessionOver
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Ready gets a value when Next would return at once.
func (q *SingleEvents) Ready() <-chan struct{} { return q.ready }

// Close ends the queue and does not block.
func (q *SingleEvents) Close() {
	q.of.mu.Lock()
	defer q.of.mu.Unlock()
	q.done, q.queue = true, nil
	delete(q.of.queues, q)
	signal(q.ready)
}
