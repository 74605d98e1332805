package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// errCut is what the network of a crashed worker says.
var errCut = errors.New("the lab has cut this connection")

// tally counts what passes on the lines of all workers.
type tally struct {
	requests, wakeups atomic.Int64
}

// line is what one session of a worker runs over. It makes the session's connections,
// counts what passes, knows from that which watches are left, freezes and cuts.
type line struct {
	dir     string // of the run, below the chroot: a sync of anything else is upkeep
	tally   *tally
	changed func()
	deleted func(path string) // called with what the session is told to be deleted

	mu       sync.Mutex
	cutOff   bool
	frozen   bool
	thawed   chan struct{} // closed when it is not frozen any more
	conns    map[*lineConn]struct{}
	lastSent time.Time
	watches  watchTable
	own      map[string]bool // paths of the worker's znodes on the server
	opaque   bool            // what passes cannot be read: TLS
	fired    time.Time
}

func newLine(dir string, t *tally, changed func(), deleted func(path string)) *line {
	return &line{dir: dir, tally: t, changed: changed, deleted: deleted, conns: map[*lineConn]struct{}{}, watches: newWatchTable(), own: map[string]bool{}}
}

// lineConn is one connection. Read and Write are called by one goroutine each at a time.
type lineConn struct {
	net.Conn
	line    *line
	in, out frames
	greeted bool // of out: the first frame is the ConnectRequest
	heard   bool // of in: and the first answer is to that

	closed bool          // under line.mu
	done   chan struct{} // closed with closed
}

// dial makes a connection for the session. While the line is frozen it blocks, as a
// process does that stands still.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if err := l.flow(ctx.Done()); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err //nolint:wrapcheck // the session says to where
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cutOff {
		_ = c.Close()
		return nil, fmt.Errorf("connect to %s: %w", address, errCut)
	}
	lc := &lineConn{Conn: c, line: l, done: make(chan struct{})}
	l.conns[lc] = struct{}{}
	l.watches.drop() // those of the connection before
	return lc, nil
}

// flow waits while the line is frozen, and fails when it is cut or stop ends the wait.
func (l *line) flow(stop <-chan struct{}) error {
	for {
		l.mu.Lock()
		cut, frozen, thawed := l.cutOff, l.frozen, l.thawed
		l.mu.Unlock()
		switch {
		case cut:
			return errCut
		case !frozen:
			return nil
		}
		select {
		case <-thawed:
		case <-stop:
			return net.ErrClosed
		}
	}
}

// Read hands out what the server sent, and nothing while the line is frozen.
func (c *lineConn) Read(p []byte) (int, error) {
	if err := c.line.flow(c.done); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if stopped := c.line.flow(c.done); stopped != nil {
		return 0, stopped
	}
	c.in.feed(p[:n], c.got)
	return n, err //nolint:wrapcheck // a net.Conn's error, as it is
}

// Write sends, and blocks while the line is frozen. The frames are taken in before they
// leave: their answers may be read before Write has returned.
func (c *lineConn) Write(p []byte) (int, error) {
	if err := c.line.flow(c.done); err != nil {
		return 0, err
	}
	c.line.mu.Lock()
	c.line.lastSent = time.Now()
	c.line.mu.Unlock()
	c.out.feed(p, c.sent)
	if c.out.lost {
		c.line.mu.Lock()
		c.line.opaque = true
		c.line.mu.Unlock()
	}
	return c.Conn.Write(p) //nolint:wrapcheck // a net.Conn's error, as it is
}

// Close ends the connection; that of a frozen line goes when it is thawed or cut.
func (c *lineConn) Close() error {
	l := c.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.done)
	}
	if l.frozen && !l.cutOff {
		return nil
	}
	if _, open := l.conns[c]; open {
		delete(l.conns, c)
		l.watches.drop()
	}
	return c.Conn.Close() //nolint:wrapcheck // a net.Conn's error, as it is
}

// sent takes in a frame that leaves.
func (c *lineConn) sent(body []byte) {
	if !c.greeted {
		c.greeted = true
		return
	}
	f := read(body)
	xid, op := f.number(), f.number()
	if !f.ok {
		return
	}
	switch op {
	case opPing, opAuth, opSASL, opSetWatches, opSetWatches2, opCloseSession:
		return
	case opSync:
		if !strings.Contains(read(f.rest).text(), c.line.dir) {
			return // zkview's, to prove that the session lives
		}
	case opExists, opGetData, opGetChildren, opGetChildren2, opRemoveWatches:
		c.line.mu.Lock()
		c.line.watches.ask(xid, op, f.rest)
		c.line.mu.Unlock()
	}
	c.line.tally.requests.Add(1)
}

// got takes in a frame that has come.
func (c *lineConn) got(body []byte) {
	if !c.heard {
		c.heard = true
		return
	}
	f := read(body)
	xid := f.number()
	f.take(8) // the zxid
	code := f.number()
	if !f.ok {
		return
	}
	l := c.line
	if xid != xidEvent {
		l.mu.Lock()
		l.watches.answer(xid, code)
		l.mu.Unlock()
		return
	}
	kind := f.number()
	f.number() // the state
	path := f.text()
	if kind < eventCreated || kind > eventChildren || !f.ok {
		return
	}
	l.told(kind, path)
	if kind == eventDeleted {
		l.deleted(path)
	}
}

// told takes in an event.
func (l *line) told(kind int32, path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watches.fire(kind, path, l.owns(path), time.Now())
	if l.owns(path) {
		if kind == eventDeleted {
			delete(l.own, path)
		}
		return
	}
	l.tally.wakeups.Add(1)
	l.fired = time.Now()
	l.changed()
}

// made notes a znode of the worker's own, by its path on the server.
func (l *line) made(path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own[path] = true
}

// unmade notes that it is gone. An event about it has come before the answer to its
// deletion.
func (l *line) unmade(path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.own, path)
}

// owns tells whether a path is of an own znode; l.mu is held.
func (l *line) owns(path string) bool { return l.own[path] }

// freeze lets nothing pass any more. Connections stay open.
func (l *line) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.frozen {
		l.frozen, l.thawed = true, make(chan struct{})
	}
}

// thaw undoes freeze, and closes what was closed from this side meanwhile.
func (l *line) thaw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.frozen {
		return
	}
	l.frozen = false
	close(l.thawed)
	for c := range l.conns {
		if c.closed {
			delete(l.conns, c)
			_ = c.Conn.Close()
			l.watches.drop()
		}
	}
}

// cut ends the connections, and refuses new ones from then on.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cutOff = true
	if l.frozen {
		l.frozen = false
		close(l.thawed)
	}
	for c := range l.conns {
		delete(l.conns, c)
		_ = c.Conn.Close()
	}
	l.watches.drop()
}

// sentLast is when something was sent last, zero if nothing ever was.
func (l *line) sentLast() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lastSent
}

// firedLast is when a watch that counts was told last.
func (l *line) firedLast() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fired
}

// veiled tells whether what passes cannot be read.
func (l *line) veiled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opaque
}

// showWatches is what the session has left below dir, as the server knows that path.
func (l *line) showWatches(dir string, now, let time.Time, shown func(time.Time) time.Time) []Watch {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watches.show(dir, l.owns, now, let, shown)
}

// watched tells whether the session is told when the znode at that path is deleted.
func (l *line) watched(path string) bool {
	dir, _ := splitPath(path)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watches.left[target{path, false}] || l.watches.left[target{path, true}] || l.watches.left[target{dir, true}]
}
