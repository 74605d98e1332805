package wire

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Conn is the net.Conn between go-zookeeper and one server. The library calls
// Read from one goroutine at a time and Write from one at a time; everything else
// may be called from anywhere.
type Conn struct {
	dialer  *Dialer
	address string
	raw     net.Conn // TCP
	conn    net.Conn // raw, or TLS over it
	in      *bufio.Reader

	handshakeBy time.Time
	reading     reading // of the goroutine in Read

	writing       sync.Mutex // one frame at a time
	writeDeadline time.Time  // the library's, under mu; it must not cut our own frames short

	bytesIn, bytesOut    atomic.Int64
	rtt, lastZxid        atomic.Int64
	frameGot, frameSize  atomic.Int64
	lastHeard, allowance atomic.Int64 // ns
	answered             atomic.Bool  // a reply came after the handshake

	mu       sync.Mutex
	asked    *connectRequest
	answer   *Handshake
	since    time.Time // of the handshake
	inflight map[int32]*request
	pings    []time.Time // sent and unanswered, oldest first
	ownXid   int32
	queue    []*request // own frames for the writer
	writer   bool       // the writer has been started
	followed map[string]bool
	isEnded  bool
	reason   error

	wake chan struct{} // cap 1: the queue has something
	done chan struct{} // closed at the end
}

func newConn(d *Dialer, address string, raw, conn net.Conn, handshakeBy time.Time) *Conn {
	c := &Conn{
		dialer: d, address: address, raw: raw, conn: conn, handshakeBy: handshakeBy,
		inflight: map[int32]*request{}, ownXid: firstOwnXid,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	c.in = bufio.NewReaderSize((*meter)(c), bufferSize)
	return c
}

// Address is the host:port that was dialled.
func (c *Conn) Address() string { return c.address }

// LocalAddr is the local network address.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr is the server's network address.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Stats are the counters as they stand. It does not block.
func (c *Conn) Stats() Stats {
	s := Stats{
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		RTT: time.Duration(c.rtt.Load()), LastZxid: c.lastZxid.Load(),
		FrameGot: c.frameGot.Load(), FrameSize: c.frameSize.Load(),
	}
	if ns := c.lastHeard.Load(); ns != 0 {
		s.LastHeard = time.Unix(0, ns)
	}
	return s
}

// Close ends the connection for go-zookeeper, in good order as far as this side
// can tell. It does not block; after the first time it does nothing.
func (c *Conn) Close() error {
	c.finish(nil)
	return nil
}

// Kill ends the connection at once and for the given reason, which Read, Write,
// Call and [Events] report. What the system has not sent yet is dropped. It never
// blocks; once the connection has ended it does nothing.
func (c *Conn) Kill(reason error) {
	if reason == nil {
		reason = errKilled
	}
	c.finish(reason)
}

var errKilled = errors.New("the connection was killed")

// finish ends the connection, once.
func (c *Conn) finish(reason error) {
	c.mu.Lock()
	if c.isEnded {
		c.mu.Unlock()
		return
	}
	c.isEnded, c.reason = true, reason
	lost := c.inflight
	c.inflight, c.queue, c.pings = nil, nil, nil
	answer, asked, since := c.answer, c.asked, c.since
	c.mu.Unlock()

	close(c.done)
	if tcp, ok := c.raw.(*net.TCPConn); ok && reason != nil {
		_ = tcp.SetLinger(0)
	}
	c.raw.Close() // not TLS's Close: that may block, to say goodbye

	for _, r := range lost {
		if r.sent {
			r.op.Lost = true
			c.report(r)
		}
	}
	switch d := c.dialer; {
	case answer == nil:
		if reason == nil {
			reason = net.ErrClosed
		}
		d.refused(c.address, reason)
		return
	case answer.Expired && asked.sessionID != 0: // an answer in good order
	case c.answered.Load() && time.Since(since) >= d.Backoff.withDefaults().Settle:
		d.penalties.clear()
	default:
		d.penalties.add(c.address, d.Backoff.withDefaults())
	}
	if f := c.dialer.Events.Closed; f != nil {
		f(c, reason)
	}
}

// usable reports whether requests can be sent.
func (c *Conn) usable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.isEnded && c.answer != nil && !c.answer.Expired
}

// ended reports whether the connection is over.
func (c *Conn) ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isEnded
}

// endReason is why the connection ended; never nil.
func (c *Conn) endReason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reasonLocked()
}

func (c *Conn) reasonLocked() error {
	if c.reason == nil {
		return net.ErrClosed
	}
	return c.reason
}

// fail ends the connection for the reason, and returns the reason of its end,
// which may be an earlier one.
func (c *Conn) fail(reason error) error {
	c.Kill(reason)
	return c.endReason()
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets the time by which something must be heard. go-zookeeper
// means it for a whole reply; here each byte that arrives grants the same span
// anew, so that a long reply over a slow link is not cut off. The deadline of the
// handshake is not the library's to set.
func (c *Conn) SetReadDeadline(t time.Time) error {
	span := time.Duration(0)
	if !t.IsZero() {
		span = time.Until(t)
	}
	c.allowance.Store(int64(span))
	if !c.reading.established {
		return nil
	}
	return c.conn.SetReadDeadline(t)
}

// SetWriteDeadline sets the deadline of the following Writes.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.writeDeadline = t
	c.mu.Unlock()
	return nil
}
