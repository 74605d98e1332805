package lockctl

import (
	"context"
	"fmt"
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
