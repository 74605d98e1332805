package zkview

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"zkdeck/internal/safetext"

	"github.com/go-zookeeper/zk"
)

// Config says how to open a [Session].
type Config struct {
	// Servers is the connect string, "h1:2181,[::1]:2182,h3/chroot".
	Servers string
	// Timeout is the session timeout to ask for, 10 s if zero. The server has the
	// last word: it allows 2 to 20 of its ticks.
	Timeout time.Duration
	// ReadOnly refuses every write with [ErrReadOnly], before anything is sent.
	ReadOnly bool
	// AllowReadOnlyServer accepts a server that has lost its quorum and serves
	// reads only.
	AllowReadOnlyServer bool
	// Pin is a host:port, one of Servers or beside them: only this one is
	// connected to.
	Pin string
	// Dial makes the TCP connections that sessions run over, in the place of a
	// net.Dialer. It blocks for that, until ctx ends.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS, if not nil, is used for every connection; ServerName is filled in with
	// the name from the connect string unless it is set.
	TLS *tls.Config
	// Auth are added to every session before its first request.
	Auth []Auth
	// Logger takes what go-zookeeper and this package have to say; nil discards it.
	// Nothing is ever written elsewhere.
	Logger *slog.Logger
}

// Auth is one identity for a session, as zkCli's addauth takes it ("digest",
// "user:password"). Secret is never logged.
type Auth struct {
	Scheme string
	Secret []byte
}

// LogValue keeps the secret out of logs.
func (a Auth) LogValue() slog.Value { return slog.StringValue(a.Scheme + ":…") }

// String keeps the secret out of %v and %+v.
func (a Auth) String() string { return a.Scheme + ":…" }

// GoString keeps the secret out of %#v.
func (a Auth) GoString() string { return a.String() }

// tuning holds the times that tests shorten.
type tuning struct {
	// wedged is how long a connection of the library may show no sign of trying
	// before it is replaced. What it may wait for, package wire bounds: the longest
	// is 5 s, for the answer to a handshake.
	wedged time.Duration
	// linger is how long an unwanted watch stays for re-use.
	linger time.Duration
	// authTimeout bounds the wait for the answer to an identity.
	authTimeout time.Duration
	// probeTimeout bounds a srvr request beside the session.
	probeTimeout time.Duration
	// censusSilence is how long a server that is asked in a census may say nothing,
	// censusLimit how long all that it says may take.
	censusSilence, censusLimit time.Duration
	// lookup resolves a host name.
	lookup func(ctx context.Context, host string) ([]string, error)
	// dial, if not nil, wraps what connects.
	dial func(wireDial) wireDial
}

// wireDial is the signature of zk.Dialer.
type wireDial = func(network, address string, timeout time.Duration) (net.Conn, error)

var defaultTuning = tuning{
	wedged:       30 * time.Second,
	linger:       time.Second,
	authTimeout:  5 * time.Second,
	probeTimeout: 3 * time.Second,

	censusSilence: 3 * time.Second,
	censusLimit:   15 * time.Second,

	lookup: net.DefaultResolver.LookupHost,
}

// callTimeout bounds a call whose context has no deadline, closeBudget the polite
// part of Close; refusedPause is the wait after a server granted no session.
const (
	callTimeout  = 10 * time.Second
	refusedPause = time.Second
	closeBudget  = 300 * time.Millisecond
)

// Session is one ZooKeeper session that outlives what happens to it: lost
// connections, expiry, a database replaced behind its back, and a go-zookeeper
// connection that got stuck. It is safe for concurrent use.
//
// Underneath, every ZooKeeper session has a connection of the library of its own:
// when the session ends, so does that, and no request made for the old session
// can run in the new one.
type Session struct {
	cfg     Config
	servers Servers
	log     *slog.Logger
	tune    tuning
	hosts   *hosts
	limiter *limiter
	follows followSet
	ops     *OpLog
	bigs    bigValues
	changed chan struct{}
	inbox   inbox

	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}  // closed when run has returned
	work   sync.WaitGroup // goroutines besides run

	mu     sync.Mutex
	status Status
	link   *link
	auth   []Auth
	open   bool          // requests may be given to the library
	epoch  uint64        // counts sessions that were lost for good
	turn   chan struct{} // closed and replaced when open, epoch, closed or server changes
	subs   map[*Subscription]struct{}
	// server is known of the present connection's, lacks of all.
	server serverFacts
	lacks  map[lack]bool
	single *single // nil unless the session is to be one only
	over   bool    // that one has ended
	// sumIn and sumOut are the bytes of connections that have ended.
	sumIn, sumOut int64
}

// Open starts a session and returns at once: it asks no name server and waits for
// no network. Only a configuration that can never work is an error. The session
// connects in the background; calls wait for it.
func Open(cfg Config) (*Session, error) { return open(cfg, defaultTuning) }

func open(cfg Config, tune tuning) (*Session, error) { return openAs(cfg, tune, nil) }

// openAs opens a session that lives on under other ids, or with single only one.
func openAs(cfg Config, tune tuning, single *single) (*Session, error) {
	servers, err := ParseServers(cfg.Servers)
	if err != nil {
		return nil, err
	}
	names := servers.Hosts
	if cfg.Pin != "" {
		pin, err := hostPort(cfg.Pin)
		if err != nil {
			return nil, fmt.Errorf("server to pin %q: %w", cfg.Pin, err)
		}
		names = []string{pin}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Timeout < 0 {
		return nil, errors.New("the session timeout is negative")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	for _, a := range cfg.Auth {
		if a.Scheme == "" {
			return nil, errors.New("an identity has no scheme; want digest:user:password")
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Session{
		cfg: cfg, servers: servers, log: cfg.Logger, tune: tune,
		hosts:   newHosts(names, tune.lookup),
		limiter: newLimiter(callLimit, backgroundLimit),
		ops:     newOpLog(),
		changed: make(chan struct{}, 1),
		inbox:   inbox{ready: make(chan struct{}, 1)},
		ctx:     ctx, cancel: cancel, ended: make(chan struct{}),
		auth:  append([]Auth(nil), cfg.Auth...),
		turn:  make(chan struct{}),
		subs:  map[*Subscription]struct{}{},
		lacks: map[lack]bool{},

		single: single,
	}
	s.status = Status{
		State: Connecting, Since: time.Now(), Timeout: cfg.Timeout,
		Servers: len(names), ReadOnly: cfg.ReadOnly,
	}
	first, err := s.newLink("")
	if err != nil {
		cancel()
		return nil, err
	}
	s.mu.Lock() // the link tells already
	s.link = first
	s.mu.Unlock()
	go s.run()
	return s, nil
}

// go-zookeeper's default logger writes to stderr and so into the terminal.
func init() { zk.DefaultLogger = libraryLog{slog.New(slog.DiscardHandler)} }

// libraryLog gives the library's lines to slog, as detail: what matters of them
// is in Status and in our own lines.
type libraryLog struct{ log *slog.Logger }

// Printf implements zk.Logger.
func (l libraryLog) Printf(format string, args ...any) {
	l.log.Debug("go-zookeeper: " + fmt.Sprintf(format, args...))
}

// Close ends the session; on a live connection the server is told, so that
// ephemerals go at once. It takes at most half a second whatever the state, may
// be called again, and makes every waiting call fail with [ErrClosed].
func (s *Session) Close() error {
	s.mu.Lock()
	if s.status.State == Closed {
		s.mu.Unlock()
		<-s.ended
		return nil
	}
	live := s.open
	s.open = false
	s.setState(Closed, "the session was closed")
	s.finish()
	s.wake()
	l := s.link
	subs := s.subs
	s.subs = nil
	s.mu.Unlock()

	s.cancel()
	l.end(live)
	<-s.ended
	for sub := range subs {
		sub.end()
	}
	return nil
}

// Ops is the log of the requests that were sent.
func (s *Session) Ops() *OpLog { return s.ops }

// Changed gets a value when [Session.Status] has changed in more than counters;
// it is for one reader, and several changes may share one value.
func (s *Session) Changed() <-chan struct{} { return s.changed }

// Status is what there is to say about the connection now. It asks nothing of the
// server and does not block.
func (s *Session) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statusNow()
}

// statusNow is Status; s.mu is held.
func (s *Session) statusNow() Status {
	st := s.status
	st.BytesIn, st.BytesOut = s.sumIn, s.sumOut
	if l := s.link; l != nil {
		st.Watches = l.watches.held() + s.follows.count()
		if l.wire != nil {
			stats := l.wire.Stats()
			st.BytesIn += stats.BytesIn
			st.BytesOut += stats.BytesOut
			st.FrameGot, st.FrameSize = stats.FrameGot, stats.FrameSize
			if stats.RTT > 0 {
				st.RTT = stats.RTT
			}
		}
	}
	return st
}

// Subscribe returns a new queue of events; close it when it is no longer read.
func (s *Session) Subscribe() *Subscription {
	sub := newSubscription(func(sub *Subscription) {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subs, sub)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs == nil {
		sub.end()
		return sub
	}
	s.subs[sub] = struct{}{}
	return sub
}

// publish gives an event to every subscription.
func (s *Session) publish(e Event) {
	e.At = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subs {
		sub.push(e)
	}
}

// setState records a state and why; s.mu is held.
func (s *Session) setState(state State, why string) {
	if s.status.State == Closed || s.over {
		return
	}
	if s.status.State != state {
		s.status.State, s.status.Since = state, time.Now()
	}
	s.status.Why = safetext.CleanLine(why) // a certificate may say anything, as TLS reports it
	signal(s.changed)
}

// wake makes every call that waits look again; s.mu is held.
func (s *Session) wake() {
	close(s.turn)
	s.turn = make(chan struct{})
}
