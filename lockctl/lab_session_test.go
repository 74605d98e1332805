package lockctl

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-zookeeper/zk"
)

// labSession is a session at a lab. All of it is under the lab's mutex.
type labSession struct {
	lab     *lab
	id      int64
	timeout time.Duration

	// At the leader.
	expiry  *time.Timer
	expired bool

	// At the client.
	conn    *labConn // nil: none
	last    *labConn // the last one
	count   uint64
	over    bool
	proven  time.Time
	seen    int       // of the log
	heard   time.Time // the last answer
	down    time.Time // no connection is made before
	changed chan struct{}
	queues  []*labEvents

	// lose, if not nil, is asked about each request whether its connection breaks before
	// it is done, or after.
	lose func(op, path string) (before, after bool)
	// sent, if not nil, is told of each request when it is done.
	sent func(op, path string)
}

var _ Session = (*labSession)(nil)

// open opens a session, and connects it.
func (b *lab) open(timeout time.Duration) *labSession {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &labSession{lab: b, id: int64(len(b.sessions)+1) << 32, timeout: timeout, changed: make(chan struct{})}
	b.sessions = append(b.sessions, s)
	s.expiry = time.AfterFunc(timeout, s.expire)
	s.connect()
	b.wg.Go(s.beat)
	return s
}

// expire ends the session at the leader.
func (s *labSession) expire() {
	s.lab.mu.Lock()
	defer s.lab.mu.Unlock()
	if !s.expired {
		s.expired = true
		s.lab.write(labTxn{kind: "close", owner: s.id})
	}
}

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

// connect makes a connection; the lab's mutex is held.
func (s *labSession) connect() {
	b := s.lab
	if s.over || s.conn != nil || time.Now().Before(s.down) {
		return
	}
	sv := b.servers[b.rng.IntN(len(b.servers))]
	if sv.applied < s.seen {
		return
	}
	if s.expired {
		s.finish()
		return
	}
	if s.last != nil {
		s.last.moved = true
	}
	c := &labConn{of: s, server: sv, alive: true, upReady: make(chan struct{}, 1), dnReady: make(chan struct{}, 1)}
	s.conn, s.last = c, c
	s.count++
	s.expiry.Reset(s.timeout)
	s.proven, s.heard = time.Now(), time.Now()
	s.push(SessionEvent{Kind: ConnectionMade, At: time.Now()})
	s.wake()
	b.wg.Go(func() { c.carry(&c.up, c.upReady) })
	b.wg.Go(func() { c.carry(&c.down, c.dnReady) })
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

// cut breaks the connection, and none is made for a while.
func (s *labSession) cut(down time.Duration) {
	s.lab.do(func() {
		s.down = time.Now().Add(down)
		if s.conn != nil {
			s.conn.lose()
		}
	})
}

// stall has nothing arrive for a while, in either direction.
func (s *labSession) stall(d time.Duration) {
	s.lab.do(func() {
		if s.conn != nil {
			s.conn.stall = time.Now().Add(d)
		}
	})
}

func (s *labSession) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// finish ends the session at the client.
func (s *labSession) finish() {
	if s.over {
		return
	}
	s.over, s.conn = true, nil
	s.push(SessionEvent{Kind: SessionOver, At: time.Now()})
	s.wake()
}

func (s *labSession) push(e SessionEvent) {
	for _, q := range s.queues {
		q.events = append(q.events, e)
		signal(q.ready)
	}
}

func (s *labSession) tell(kind SessionEventKind, path string) {
	s.push(SessionEvent{Kind: kind, Path: path, At: time.Now()})
}

// beat keeps the session alive, gives up a silent connection and makes new ones.
func (s *labSession) beat() {
	b := s.lab
	for {
		select {
		case <-b.ended:
			return
		case <-time.After(s.timeout / 8):
		}
		b.mu.Lock()
		if s.over {
			b.mu.Unlock()
			return
		}
		switch c := s.conn; {
		case c == nil:
			s.connect()
		case time.Since(s.heard) > s.timeout*2/3:
			c.lose()
		default:
			sent := time.Now()
			c.toServer(func() { c.toClient(func() { s.answered(sent, 0) }) })
		}
		b.mu.Unlock()
	}
}

func (s *labSession) answered(sent time.Time, seen int) {
	s.heard, s.seen = time.Now(), max(s.seen, seen)
	if sent.After(s.proven) {
		s.proven = sent
	}
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

func (s *labSession) Status() SessionStatus {
	s.lab.mu.Lock()
	defer s.lab.mu.Unlock()
	st := SessionStatus{State: SessionLive, ID: s.id, Timeout: s.timeout, Proven: s.proven, Connection: s.count}
	switch {
	case s.over:
		st.State = SessionEnded
	case s.conn == nil:
		st.State = SessionSuspended
	}
	return st
}

func (s *labSession) Enter(ctx context.Context, prefix string, data []byte, _ []zk.ACL) (Entered, error) {
	return answered(ctx, s, "enter", prefix, true, func(c *labConn) (e Entered, err error) {
		path, st, err := s.lab.create(prefix, data, s.id, true)
		if err != nil {
			return e, err
		}
		c.server.catchUp(len(s.lab.log))
		dir, node := split(path)
		return Entered{Node: node, Stat: st, Names: c.server.tree.children(dir), Dir: c.server.tree.stat(dir)}, nil
	})
}

func (s *labSession) Create(ctx context.Context, path string, data []byte, _ []zk.ACL, kind NodeKind) (string, Stat, error) {
	owner := int64(0)
	if kind == EphemeralNode || kind == EphemeralSequentialNode {
		owner = s.id
	}
	r, err := answered(ctx, s, "create", path, true, func(*labConn) (Entered, error) {
		made, st, err := s.lab.create(path, data, owner, kind == EphemeralSequentialNode)
		return Entered{Node: made, Stat: st}, err
	})
	return r.Node, r.Stat, err
}

// labRead is what a read answers.
type labRead struct {
	names []string
	data  []byte
	stat  Stat
}

func (s *labSession) List(ctx context.Context, path string, watch bool) ([]string, Stat, error) {
	r, err := answered(ctx, s, "list", path, false, func(c *labConn) (labRead, error) {
		if c.server.tree[path] == nil {
			return labRead{}, fmt.Errorf("list %s: %w", path, ErrGone)
		}
		if watch {
			c.server.watch("/"+path, c)
		}
		return labRead{names: c.server.tree.children(path), stat: c.server.tree.stat(path)}, nil
	})
	return r.names, r.stat, err
}

func (s *labSession) Get(ctx context.Context, path string, watch bool) ([]byte, Stat, error) {
	op := "get"
	if watch {
		op = "watch"
	}
	r, err := answered(ctx, s, op, path, false, func(c *labConn) (labRead, error) {
		n := c.server.tree[path]
		if n == nil {
			return labRead{}, fmt.Errorf("get %s: %w", path, ErrGone)
		}
		if watch {
			c.server.watch(path, c)
		}
		return labRead{data: n.data, stat: c.server.tree.stat(path)}, nil
	})
	return r.data, r.stat, err
}

func (s *labSession) Read(ctx context.Context, dir string, names []string) ([]ReadNode, error) {
	return answered(ctx, s, "read", dir, false, func(c *labConn) ([]ReadNode, error) {
		var nodes []ReadNode
		for _, name := range names {
			r := ReadNode{Node: Node{Name: name}}
			if n := c.server.tree[join(dir, name)]; n == nil {
				r.Err = ErrGone
			} else {
				r.Stat, r.Data = c.server.tree.stat(join(dir, name)), n.data
			}
			nodes = append(nodes, r)
		}
		return nodes, nil
	})
}

func (s *labSession) Set(ctx context.Context, path string, data []byte, version int32) (Stat, error) {
	return answered(ctx, s, "set", path, true, func(*labConn) (Stat, error) { return s.lab.set(path, data, version) })
}

func (s *labSession) Delete(ctx context.Context, path string, version int32) error {
	_, err := answered(ctx, s, "delete", path, true, func(*labConn) (any, error) { return nil, s.lab.remove(path, version) })
	return err
}

func (s *labSession) Sync(ctx context.Context, path string) error {
	_, err := answered(ctx, s, "sync", path, false, func(*labConn) (any, error) { return nil, nil })
	return err
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

func (s *labSession) Unwatch(string) {}

func (s *labSession) Absolute(path string) string { return path }

func (s *labSession) Close() error {
	s.lab.do(func() {
		if !s.over && !s.expired && s.conn != nil {
			s.expired = true
			s.lab.write(labTxn{kind: "close", owner: s.id})
		}
		s.expiry.Stop()
		s.finish()
	})
	return nil
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
