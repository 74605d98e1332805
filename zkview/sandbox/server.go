package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a ZooKeeper server in memory. Its methods may be called by anybody at
// any time.
type Server struct {
	opts     Options
	log      *slog.Logger
	listener net.Listener
	started  time.Time
	secret   [32]byte
	done     chan struct{}
	closing  sync.Once
	group    sync.WaitGroup

	// mu guards the tree and the sessions. Whoever changes or reads the tree holds it
	// until the reply is queued, so that each connection sees replies and events in
	// their true order.
	mu       sync.RWMutex
	tree     *tree
	sessions map[int64]*session
	lastID   int64
	acts     release
	serving  bool
	readOnly bool

	connMu sync.Mutex
	peers  map[*peer]owner // also of those who have no session yet
	last   uint64          // number of the last peer
	ended  bool            // nobody comes any more

	delay  atomic.Int64 // time.Duration
	refuse atomic.Bool
	stats  stats
}

// Start listens and serves until Close. An error of Options.Prepare is returned as it
// is.
func Start(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	acts, err := parseRelease(o.Version)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("sandbox: cannot listen on %s: %w", o.Listen, err)
	}
	s := &Server{
		opts: o, log: o.Logger, listener: listener, started: time.Now(),
		done: make(chan struct{}), sessions: map[int64]*session{}, peers: map[*peer]owner{},
		lastID: firstSession(o.Now()), acts: acts, serving: true,
		tree: newTree(treeConfig{now: o.Now, maxMemory: o.MaxMemory, logger: o.Logger}),
	}
	if _, err := rand.Read(s.secret[:]); err != nil {
		listener.Close()
		return nil, fmt.Errorf("sandbox: no secret for passwords: %w", err)
	}
	s.group.Add(1)
	go s.tick()
	if err := s.prepare(); err != nil {
		_ = s.Close() // nobody was there
		return nil, err
	}
	s.group.Add(1)
	go s.accept(listener)
	return s, nil
}

// prepare has the server filled before anybody is let in: connections wait until
// then.
func (s *Server) prepare() error {
	if s.opts.Prepare == nil {
		return nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("sandbox: cannot listen on a free port: %w", err)
	}
	defer listener.Close()
	s.group.Add(1)
	go s.accept(listener)
	return s.opts.Prepare(s, listener.Addr().String())
}

// Addr is host:port of the listener.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends all connections and sessions and waits until nothing of the server
// runs any more. Everything that it held is gone.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.done)
		err = s.listener.Close()
		s.connMu.Lock()
		s.ended = true
		s.connMu.Unlock()
		s.mu.Lock()
		s.serving = false
		for _, n := range s.sessions {
			n.ended = true
		}
		s.mu.Unlock()
		s.cutAll("the server ends", func(owner) bool { return true })
	})
	s.group.Wait()
	if err != nil {
		return fmt.Errorf("sandbox: closing the listener: %w", err)
	}
	return nil
}

// accept takes connections until the listener is closed.
func (s *Server) accept(listener net.Listener) {
	defer s.group.Done()
	for {
		socket, err := listener.Accept()
		switch {
		case err == nil:
			s.welcome(socket)
			continue
		case errors.Is(err, net.ErrClosed):
			return
		}
		select {
		case <-s.done:
			return
		case <-time.After(50 * time.Millisecond): // too many open files, most likely
			s.log.Warn("cannot accept a connection", "error", err)
		}
	}
}

// welcome serves a new connection, unless there are too many.
func (s *Server) welcome(socket net.Conn) {
	address, err := netip.ParseAddrPort(socket.RemoteAddr().String())
	switch {
	case err != nil:
		s.log.Warn("connection from an address that is none", "error", err)
		socket.Close()
		return
	case s.refuse.Load():
		s.stats.rejected.Add(1)
		socket.Close()
		return
	}
	c := newConn(s, socket, address)
	if !s.enter(c) {
		s.stats.rejected.Add(1)
		s.log.Warn("connection refused: there are too many", "client", address, "limit", s.opts.MaxConnections)
		socket.Close()
		return
	}
	s.group.Add(1)
	go c.serve()
}

// enter adds a connection, and reports whether there was room.
func (s *Server) enter(o owner) bool {
	s.connMu.Lock()
	defer s.connMu.Unlock()
	if s.ended || len(s.peers) >= s.opts.MaxConnections {
		return false
	}
	s.last++
	p := o.about()
	p.number = s.last
	s.peers[p] = o
	return true
}

// leave removes a connection; its session lives on.
func (s *Server) leave(o owner, n *session) {
	s.connMu.Lock()
	delete(s.peers, o.about())
	s.connMu.Unlock()
	s.detach(o, n)
}

// detach parts a connection from its session.
func (s *Server) detach(o owner, n *session) {
	if n == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tree.forget(o)
	if n.owner == o {
		n.owner = nil
	}
}

// cutAll ends the connections that match.
func (s *Server) cutAll(why string, match func(owner) bool) {
	s.connMu.Lock()
	defer s.connMu.Unlock()
	for _, o := range s.peers {
		if match(o) {
			o.cut(why)
		}
	}
}
