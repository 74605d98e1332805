package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"
)

// maxConnectResponse is far above what a ConnectResponse takes (40 bytes and a
// length), and far below what another protocol's first four bytes amount to.
const maxConnectResponse = 4 << 10

// maxPassword is what go-zookeeper can send back in its connect request's buffer
// of 256 bytes, with room to spare. Apache's is 16.
const maxPassword = 128

// connectRequest is what matters of a ConnectRequest.
type connectRequest struct {
	lastZxidSeen int64
	sessionID    int64
	at           time.Time // when it was about to be sent
}

// writeHandshake sends the library's first frame, the ConnectRequest, with the
// readOnly flag added where wanted.
func (c *Conn) writeHandshake(p []byte) (int, error) {
	d := NewDecoder(p)
	d.Int() // length
	d.Int() // protocol version
	asked := &connectRequest{lastZxidSeen: d.Long(), at: time.Now()}
	d.Int() // timeout
	asked.sessionID = d.Long()
	d.Buffer() // password
	if d.Err() != nil || d.Len() != 0 {
		return 0, c.fail(fmt.Errorf("connect request of go-zookeeper not understood: %d bytes", len(p)))
	}
	out := slices.Clone(p)
	if asked.sessionID != 0 { // the library is not told what its session has seen; we know
		asked.lastZxidSeen = max(asked.lastZxidSeen, c.dialer.lastZxid.Load())
		binary.BigEndian.PutUint64(out[8:], uint64(asked.lastZxidSeen))
	}
	c.mu.Lock()
	c.asked = asked
	c.mu.Unlock()

	if c.dialer.AllowReadOnly {
		out = append(out, 1)
		binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(c.handshakeBy)
	n, err := c.conn.Write(out)
	c.bytesOut.Add(int64(n))
	if err != nil {
		return 0, c.fail(c.handshakeError(0, err))
	}
	return len(p), nil
}

// readHandshake reads the whole ConnectResponse and leaves it for Read to
// deliver.
func (c *Conn) readHandshake() error {
	_ = c.conn.SetReadDeadline(c.handshakeBy)
	head, err := c.in.Peek(4)
	if err != nil {
		return c.fail(c.handshakeError(len(head), err))
	}
	length := binary.BigEndian.Uint32(head)
	if length > maxConnectResponse || length < 36 {
		return c.fail(&NotZooKeeperError{Address: c.address, Speaks: sniff(head)})
	}
	frame := make([]byte, 4+length)
	if n, err := io.ReadFull(c.in, frame); err != nil {
		return c.fail(c.handshakeError(n, err))
	}
	h, err := c.parseAnswer(frame[4:])
	if err != nil {
		return c.fail(err)
	}
	c.reading.deliver = frame
	c.established(h)
	return nil
}

// parseAnswer reads a ConnectResponse, and refuses what go-zookeeper would trip
// over: a timeout that is not positive panics in its ping ticker.
func (c *Conn) parseAnswer(body []byte) (Handshake, error) {
	c.mu.Lock()
	asked := c.asked
	c.mu.Unlock()
	d := NewDecoder(body)
	d.Int() // protocol version
	timeout := d.Int()
	h := Handshake{Address: c.address, SessionID: d.Long()}
	password := d.Buffer()
	if d.Err() == nil && d.Len() > 0 { // absent in answers to clients of before 3.4
		h.ReadOnly = d.Bool()
	}
	h.Timeout = time.Duration(timeout) * time.Millisecond
	h.Expired = h.SessionID == 0
	switch {
	case asked == nil:
		return h, &NotZooKeeperError{Address: c.address, Speaks: speaksOther}
	case d.Err() != nil || len(password) > maxPassword || (!h.Expired && timeout <= 0):
		return h, fmt.Errorf("%s sent a connect response that makes no sense", c.address)
	}
	h.Resumed = !h.Expired && h.SessionID == asked.sessionID
	h.Asked = asked.at
	return h, nil
}

// established switches from handshake to session.
func (c *Conn) established(h Handshake) {
	_ = c.conn.SetReadDeadline(time.Time{})
	c.reading.established = true
	c.mu.Lock()
	c.answer, c.since = &h, time.Now()
	c.mu.Unlock()
	if f := c.dialer.Events.Handshake; f != nil {
		f(c, h)
	}
	if h.Expired {
		// go-zookeeper forgets such a connection without closing it.
		c.Kill(errExpired)
	}
}

var errExpired = fmt.Errorf("the session has expired: %w", SessionExpired)
