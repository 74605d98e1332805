package zktest

import (
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
)

// Relay stands between clients and a server as [Proxy] does, and knows the frames of
// ZooKeeper's protocol: it tells which requests were made, and breaks the network at
// one of them. Its methods take effect before they return and may be called from any
// goroutine.
type Relay struct {
	tb       TB
	upstream string
	listener net.Listener
	all      sync.WaitGroup

	mu       sync.Mutex
	ended    bool
	cut      bool
	flowing  chan struct{} // closed while bytes go through
	conns    map[*relayed]bool
	count    int // of connections
	requests []Request
	traps    []*Trap
	session  int64 // of the latest connection that was granted one
	password []byte
}

// Request is one that a client made through a [Relay].
type Request struct {
	Connection int   // the how manieth through this relay, from 1
	Session    int64 // of the client
	Op         int32 // one of the Op constants, or another of ZooDefs.OpCode
	Path       string
	Watch      bool // a read that leaves a watch
}

// The requests that tests ask for (ZooDefs.OpCode).
const (
	OpCreate          int32 = 1
	OpDelete          int32 = 2
	OpExists          int32 = 3
	OpGetData         int32 = 4
	OpSync            int32 = 9
	OpMulti           int32 = 14
	OpCreate2         int32 = 15
	OpCreateContainer int32 = 19
	OpMultiRead       int32 = 22

	opGetChildren  int32 = 8
	opGetChildren2 int32 = 12
	opCloseSession int32 = -11
)

// Creates tells whether it makes a znode that is no container.
func (r Request) Creates() bool { return r.Op == OpCreate || r.Op == OpCreate2 }

// Lists tells whether it asks for the children of its path.
func (r Request) Lists() bool { return r.Op == opGetChildren || r.Op == opGetChildren2 }

// Fault is what a [Trap] does with the request that it catches.
type Fault uint8

// The faults. Where the network is cut it stays so until [Relay.Heal].
const (
	HoldRequest Fault = iota // it and all behind it wait for Release
	HoldReply                // the server has it, its reply and all behind that wait for Release
	LoseRequest              // the network is cut before the server gets it
	LoseReply                // the network is cut when the server answers, the answer is lost
	LoseReplies              // the same, and the server gets the request twice
)

// Trap waits for a request: see [Relay.Trap].
type Trap struct {
	fault   Fault
	match   func(Request) bool
	sprung  chan struct{}
	release chan struct{}
	once    sync.Once
}

// Sprung is closed when the fault has happened: a request or reply is held, or the
// network was cut.
func (t *Trap) Sprung() <-chan struct{} { return t.sprung }

// Release lets go what is held.
func (t *Trap) Release() { t.once.Do(func() { close(t.release) }) }

// NewRelay starts a relay in front of upstream, a host:port. It ends with the test.
func NewRelay(tb TB, upstream string) *Relay {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("zktest: starting a relay for %s: %v", upstream, err)
	}
	r := &Relay{tb: tb, upstream: upstream, listener: l, flowing: make(chan struct{}), conns: map[*relayed]bool{}}
	close(r.flowing)
	r.all.Add(1)
	go r.accept()
	tb.Cleanup(func() {
		r.mu.Lock()
		r.ended = true
		r.mu.Unlock()
		l.Close()
		r.Cut()
		r.all.Wait()
	})
	return r
}

// Addr is the host:port to connect to instead of the upstream. It stays the same.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// Redirect has new connections go to another server.
func (r *Relay) Redirect(upstream string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upstream = upstream
}

// Requests are all that were made so far, in the order in which they came.
func (r *Relay) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Trap waits for the next request that match is true of, which it is asked once for
// each; a trap that has sprung is used up. match must not call the relay.
func (r *Relay) Trap(f Fault, match func(Request) bool) *Trap {
	t := &Trap{fault: f, match: match, sprung: make(chan struct{}), release: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traps = append(r.traps, t)
	return t
}

// Cut closes all connections, and new ones as soon as they are made.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cutLocked()
}

func (r *Relay) cutLocked() {
	r.cut = true
	for c := range r.conns {
		c.close()
	}
}

// Stall lets no more bytes through in either direction; connections stay open and new
// ones are accepted.
func (r *Relay) Stall() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.flowing:
		r.flowing = make(chan struct{})
	default:
	}
}

// Heal undoes [Relay.Cut] and [Relay.Stall]. What was stalled is delivered.
func (r *Relay) Heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = false
	select {
	case <-r.flowing:
	default:
		close(r.flowing)
	}
}

// Expire ends the session of the latest connection on the server, as its expiry would,
// without the wait: it closes it in the client's name from another connection. The
// client is disconnected and learns of it when it comes back, unless the relay is cut.
func (r *Relay) Expire() {
	r.tb.Helper()
	r.mu.Lock()
	was, upstream, session, password := r.cut, r.upstream, r.session, r.password
	r.cutLocked() // it must not come back before it is over
	r.mu.Unlock()
	if err := closeSession(upstream, session, password); err != nil {
		r.tb.Fatalf("zktest: expiring session %#x: %v", session, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = was
}

func (r *Relay) accept() {
	defer r.all.Done()
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.all.Add(1)
		go func() {
			defer r.all.Done()
			r.serve(client)
		}()
	}
}

// serve relays one connection to its end.
func (r *Relay) serve(client net.Conn) {
	defer client.Close()
	r.mu.Lock()
	upstream := r.upstream
	r.mu.Unlock()
	server, err := net.Dial("tcp", upstream)
	if err != nil {
		return
	}
	defer server.Close()
	c := &relayed{relay: r, client: client, server: server, gone: make(chan struct{}), replies: map[int32]*Trap{}}
	r.mu.Lock()
	if r.cut || r.ended {
		r.mu.Unlock()
		return
	}
	r.count++
	c.number = r.count
	r.conns[c] = true
	r.mu.Unlock()
	defer func() {
		c.close()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.conns, c)
	}()
	var word [4]byte
	if _, err := io.ReadFull(client, word[:]); err != nil {
		return
	}
	back := make(chan struct{})
	if word[0] != 0 { // a four letter word, or more than a server takes
		go func() {
			defer close(back)
			_, _ = io.Copy(client, server)
		}()
		_, _ = server.Write(word[:])
		<-back
		return
	}
	go func() {
		defer close(back)
		c.answer()
		c.close()
	}()
	c.ask(int(binary.BigEndian.Uint32(word[:])))
	c.close()
	<-back
}
