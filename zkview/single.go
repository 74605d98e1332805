package zkview

import (
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

// Single is one ZooKeeper session, from when it is granted to its end: when it
// expires, or has to be given up, nothing takes its place and every call fails with
// [ErrSessionOver]. Up to then it finds its way as a [Session] does: over the same
// hosts, TLS, identities, chroot and back-off.
//
// Its calls go past go-zookeeper's queue and have no limit of how many may be under
// way; they wait for a connection, and end with their context, which needs no
// deadline. A read is sent again when its connection is lost. A write that may have
// been sent is not: its error matches [ErrUnknownOutcome].
//
// Watches go with the connection. What they tell comes by [Single.Events], straight
// from where it was read.
//
// It does not take a server that has lost its quorum: such a one goes on with sessions
// that the others may have ended.
type Single struct{ s *Session }

// OpenSingle starts a session and returns at once, as [Open] does.
// Config.AllowReadOnlyServer has no effect.
func OpenSingle(cfg Config) (*Single, error) { return openSingle(cfg, defaultTuning) }

func openSingle(cfg Config, tune tuning) (*Single, error) {
	cfg.AllowReadOnlyServer = false
	s, err := openAs(cfg, tune, newSingle())
	if err != nil {
		return nil, err
	}
	return &Single{s}, nil
}

// single is what a Session needs to be one only. Its lock may be taken while the
// Session's is held.
type single struct {
	proofs proofs // under Session.mu

	mu     sync.Mutex
	queues map[*SingleEvents]struct{}
	ended  bool
	wanted map[string]int // who wants the watches on a path of the server
}

func newSingle() *single {
	return &single{queues: map[*SingleEvents]struct{}{}, wanted: map[string]int{}}
}

// SingleStatus is how a [Single] stands at one moment.
type SingleStatus struct {
	Status
	// Over: the session has ended, for good. State and Why tell how.
	Over bool
	// Proven is a moment of which it is known that the leader's count of the session's
	// timeout began no earlier: when a request was sent that it has heard of since.
	// It moves on a few times in a timeout while there is a leader that answers.
	Proven time.Time
}

// Status is what there is to say about the session now. It asks nothing of the server
// and does not block. SessionID is zero until the first connection was made, whose
// Generation is 1, and stays after the end.
func (o *Single) Status() SingleStatus {
	s := o.s
	s.mu.Lock()
	defer s.mu.Unlock()
	st := SingleStatus{Status: s.statusNow(), Over: s.over, Proven: s.single.proofs.proven}
	if st.Generation == 0 {
		st.SessionID = 0
	}
	return st
}

// Absolute is the path as the server knows it, below the chroot.
func (o *Single) Absolute(path string) string { return o.s.servers.abs(path) }

// Close ends the session; on a live connection the server is told, so that ephemerals
// go at once. It takes at most half a second whatever the state, may be called again,
// and makes every waiting call fail with [ErrSessionOver].
func (o *Single) Close() error { return o.s.Close() }

// finish ends the one session; s.mu is held.
func (s *Session) finish() {
	if s.single != nil && !s.over {
		s.over = true
		s.single.end()
	}
}

// endSingle ends the one session that there is to be, with the link that had it.
func (s *Session) endSingle(l *link, why string) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	s.open = false
	s.status.Deadline = time.Time{}
	s.setState(Expired, why)
	s.finish()
	s.wake()
	s.mu.Unlock()
	s.log.Info("session over", "why", why)
	s.spawn(func() { l.end(false) })
}

// fired takes in an event of a watch. It is called where the connection is read.
func (o *single) fired(servers Servers, e zk.Event) {
	kind, ok := eventKinds[e.Type]
	if !ok {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.wanted, e.Path)
	o.tell(Event{Kind: kind, Path: servers.rel(e.Path), At: time.Now()})
}

// lost tells that the connection was lost, and the watches with it.
func (o *single) lost() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.wanted)
	o.tell(Event{Kind: Lost, At: time.Now()})
}

func (o *single) push(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tell(e)
}

// tell gives an event to every queue; o.mu is held.
func (o *single) tell(e Event) {
	for q := range o.queues {
		q.queue = append(q.queue, e)
		signal(q.ready)
	}
}

// end tells that the session is over, the last thing that is told.
func (o *single) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tell(Event{Kind: Over, At: time.Now()})
	o.ended = true
	clear(o.queues)
	clear(o.wanted)
}
