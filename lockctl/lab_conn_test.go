package lockctl

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// labConn is a connection. What goes either way keeps its order.
type labConn struct {
	of      *labSession
	server  *labServer
	alive   bool // the client has it
	moved   bool // the session has another one: what was sent is refused
	up      []labPacket
	down    []labPacket
	upReady chan struct{}
	dnReady chan struct{}
	stall   time.Time // nothing arrives before
}

type labPacket struct {
	at time.Time
	do func()
}

// carry does what arrives at one end of the connection, in order.
func (c *labConn) carry(queue *[]labPacket, ready chan struct{}) {
	b := c.of.lab
	for {
		b.mu.Lock()
		wait := time.Hour
		if len(*queue) > 0 {
			p := (*queue)[0]
			at := p.at
			if c.stall.After(at) {
				at = c.stall
			}
			if wait = time.Until(at); wait <= 0 {
				*queue = (*queue)[1:]
				p.do()
				b.mu.Unlock()
				continue
			}
		}
		b.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ready:
		case <-timer.C:
		case <-b.ended:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

func (c *labConn) toServer(do func()) { c.put(&c.up, c.upReady, func() { c.serve(do) }) }

func (c *labConn) toClient(do func()) {
	c.put(&c.down, c.dnReady, func() {
		if c.alive {
			do()
		}
	})
}

func (c *labConn) put(queue *[]labPacket, ready chan struct{}, do func()) {
	at := time.Now().Add(c.of.lab.after())
	if n := len(*queue); n > 0 && (*queue)[n-1].at.After(at) {
		at = (*queue)[n-1].at
	}
	*queue = append(*queue, labPacket{at, do})
	signal(ready)
}

// serve does a request at the server.
func (c *labConn) serve(do func()) {
	if c.moved || c.of.expired {
		return
	}
	c.of.expiry.Reset(c.of.timeout)
	do()
}

// lose breaks the connection for the client.
func (c *labConn) lose() {
	s := c.of
	if s.conn != c {
		return
	}
	c.alive, s.conn = false, nil
	s.push(SessionEvent{Kind: ConnectionLost, At: time.Now()})
	s.wake()
}

// call has the server do something; what that returns is done when the answer arrives,
// unless nobody waits for it any more. What is written is written by the leader; the
// server has it when it answers. A read is sent again when the connection breaks.
func (s *labSession) call(ctx context.Context, op, path string, write bool, do func(c *labConn) (answer func())) error {
	b := s.lab
	for {
		b.mu.Lock()
		if s.over {
			b.mu.Unlock()
			return fmt.Errorf("%s %s: %w", op, path, ErrEnded)
		}
		c, changed := s.conn, s.changed
		if c == nil {
			b.mu.Unlock()
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return fmt.Errorf("%s %s: %w (%w)", op, path, ctx.Err(), ErrNotSent)
			}
		}
		done, sent := make(chan struct{}), time.Now()
		before, after, given := false, false, false
		if s.lose != nil {
			before, after = s.lose(op, path)
		}
		c.toServer(func() {
			if before {
				c.lose()
				return
			}
			answer := do(c)
			if s.sent != nil {
				s.sent(op, path)
			}
			if write || op == "sync" {
				c.server.catchUp(len(b.log))
			}
			seen := c.server.applied
			if after {
				c.lose()
				return
			}
			c.toClient(func() {
				s.answered(sent, seen)
				if !given {
					answer()
					close(done)
				}
			})
		})
		b.mu.Unlock()
		for waiting := true; waiting; {
			select {
			case <-done:
				return nil
			case <-changed:
				b.mu.Lock()
				changed = s.changed
				waiting = c.alive && !s.over
				b.mu.Unlock()
			case <-ctx.Done():
				b.do(func() { given = true })
				return fmt.Errorf("%s %s: %w (%w)", op, path, ctx.Err(), ErrUnknown)
			}
		}
		b.do(func() { given = true })
		select {
		case <-done: // just before
			return nil
		default:
		}
		if write {
			return fmt.Errorf("%s %s: %w", op, path, ErrUnknown)
		}
	}
}

// answered is a call with its answer.
func answered[T any](ctx context.Context, s *labSession, op, path string, write bool, do func(c *labConn) (T, error)) (T, error) {
	var got, none T
	var failed error
	err := s.call(ctx, op, path, write, func(c *labConn) func() {
		v, err := do(c)
		return func() { got, failed = v, err }
	})
	if err != nil {
		return none, err
	}
	return got, failed
}

// labEvents is a queue of events.
type labEvents struct {
	s      *labSession
	events []SessionEvent
	ready  chan struct{}
}

func (s *labSession) Events() SessionEvents {
	s.lab.mu.Lock()
	defer s.lab.mu.Unlock()
	q := &labEvents{s: s, ready: make(chan struct{}, 1)}
	s.queues = append(s.queues, q)
	if s.over {
		signal(q.ready)
	}
	return q
}

func (q *labEvents) Next(ctx context.Context) ([]SessionEvent, error) {
	for {
		q.s.lab.mu.Lock()
		events, over := q.events, q.s.over
		q.events = nil
		if over {
			signal(q.ready)
		}
		q.s.lab.mu.Unlock()
		switch {
		case len(events) > 0:
			return events, nil
		case over:
			return nil, ErrEnded
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (q *labEvents) Ready() <-chan struct{} { return q.ready }

func (q *labEvents) Close() {
	q.s.lab.do(func() { q.s.queues = slices.DeleteFunc(q.s.queues, func(o *labEvents) bool { return o == q }) })
}
