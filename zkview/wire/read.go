package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Limits of incoming frames. Only some replies can be long; a length beyond these
// is nonsense, and the library would allocate it.
const (
	maxLongFrame  = 1 << 30
	maxShortFrame = 4 << 20
	minFrame      = 16 // a ReplyHeader
)

const bufferSize = 64 << 10

const (
	xidEvent = -1
	xidPing  = -2
)

// reading is the state of the goroutine in Read.
type reading struct {
	established bool
	armed       time.Time // when the read deadline was last moved

	deliver []byte // to be handed out first
	left    int64  // then this much, straight from the connection
	xid     int32  // of the frame being handed out
	zxid    int64
	code    int32
	walk    walker
	head    [24]byte
}

// meter counts what arrives, and moves the read deadline.
type meter Conn

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.conn.Read(p)
	if n == 0 {
		return n, err
	}
	now := time.Now()
	m.bytesIn.Add(int64(n))
	m.lastHeard.Store(now.UnixNano())
	span := time.Duration(m.allowance.Load())
	if r := &m.reading; r.established && span > 0 && now.Sub(r.armed) > span/8 {
		r.armed = now
		_ = m.conn.SetReadDeadline(now.Add(span))
	}
	return n, err
}

// Read hands the server's frames to the library, without those that answer a
// Call. What the library's decoder would trip over ends the connection instead.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r := &c.reading
	for len(r.deliver) == 0 && r.left == 0 {
		if err := c.nextFrame(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.deliver)
	r.deliver = r.deliver[n:]
	if n < len(p) && r.left > 0 && (n == 0 || c.in.Buffered() > 0) {
		m, err := c.readBody(p[n:])
		return n + m, err
	}
	return n, nil
}

// readBody passes on a piece of the frame.
func (c *Conn) readBody(p []byte) (int, error) {
	r := &c.reading
	// In pieces, so that the walker finds them in the processor's cache.
	p = p[:min(int64(len(p)), r.left, 4*bufferSize)]
	n, err := c.in.Read(p)
	r.left -= int64(n)
	c.frameGot.Add(int64(n))
	if werr := r.walk.feed(p[:n]); werr != nil {
		r.left = 0
		return 0, c.fail(c.garbled(werr))
	}
	if r.left == 0 {
		// The library must not see the last bytes of a bad frame: io.ReadFull takes
		// a full buffer for success whatever the error.
		if err := c.frameDone(); err != nil {
			return 0, err
		}
		return n, nil
	}
	if err != nil {
		r.left = 0
		return n, c.fail(c.readError(err))
	}
	return n, nil
}

// nextFrame reads a frame's header and decides whose it is.
func (c *Conn) nextFrame() error {
	select {
	case <-c.done:
		return c.endReason()
	default:
	}
	if !c.reading.established {
		return c.readHandshake()
	}
	head, err := c.in.Peek(4)
	if err != nil {
		return c.fail(c.readError(err))
	}
	length := int64(int32(binary.BigEndian.Uint32(head)))
	if length < minFrame || length > maxLongFrame {
		return c.fail(c.garbled(fmt.Errorf("a frame of %d bytes", length)))
	}
	c.frameSize.Store(4 + length)
	head, err = c.in.Peek(4 + minFrame)
	if err != nil {
		return c.fail(c.readError(err))
	}
	r := &c.reading
	r.xid = int32(binary.BigEndian.Uint32(head[4:]))
	r.zxid = int64(binary.BigEndian.Uint64(head[8:]))
	r.code = int32(binary.BigEndian.Uint32(head[16:]))

	var own *request
	var plan []part
	limit := int64(maxShortFrame)
	switch r.xid {
	case xidEvent:
		plan = planEvent
	case xidPing:
	default:
		var code OpCode
		var live bool
		if code, own, live = c.lookup(r.xid); !live {
			return c.endReason()
		}
		if r.code == 0 {
			plan = replyPlans[code]
		}
		if isLong(code) {
			limit = maxLongFrame
		}
	}
	if length > limit {
		return c.fail(c.garbled(fmt.Errorf("a frame of %d bytes", length)))
	}
	if own != nil {
		return c.takeOwn(own, length)
	}
	return c.startFrame(length, plan)
}

// startFrame begins to hand out a frame of the library's: its first bytes are
// copied, so that a null vector can become an empty one (the library would
// allocate 4,294,967,295 elements and panic).
func (c *Conn) startFrame(length int64, plan []part) error {
	r := &c.reading
	n := min(int64(len(r.head)), 4+length)
	if _, err := io.ReadFull(c.in, r.head[:n]); err != nil {
		return c.fail(c.readError(err))
	}
	if r.xid >= 0 {
		// The library keeps the zxid of each reply in a field that it reads without a
		// lock when it registers watches again. We keep it instead; see writeHandshake.
		clear(r.head[8:16])
	}
	body := r.head[4+minFrame : n]
	if len(plan) > 0 && plan[0].isVector() && len(body) == 4 && binary.BigEndian.Uint32(body) == 1<<32-1 {
		clear(body)
	}
	r.deliver, r.left = r.head[:n], 4+length-n
	c.frameGot.Store(n)
	r.walk = newWalker(plan, length-minFrame)
	if err := r.walk.feed(body); err != nil {
		r.deliver, r.left = nil, 0
		return c.fail(c.garbled(err))
	}
	if r.left == 0 {
		return c.frameDone()
	}
	return nil
}

// frameDone settles a frame of which everything has been read.
func (c *Conn) frameDone() error {
	r := &c.reading
	size := c.frameSize.Swap(0)
	c.frameGot.Store(0)
	if err := r.walk.end(); err != nil {
		r.deliver = nil
		return c.fail(c.garbled(err))
	}
	switch r.xid {
	case xidEvent:
	case xidPing:
		c.ponged()
	default:
		c.settle(r.xid, size)
	}
	return nil
}

// lookup finds what a reply answers; own is nil if it is the library's. Once the
// connection has ended (live is false) nobody knows any more what a reply is, and
// none may reach the library unchecked.
func (c *Conn) lookup(xid int32) (code OpCode, own *request, live bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.inflight[xid]
	if r == nil {
		return 0, nil, !c.isEnded
	}
	if r.own != nil {
		own = r
	}
	return r.op.Code, own, true
}

// settle takes an answered request off the books and reports it.
func (c *Conn) settle(xid int32, size int64) {
	c.mu.Lock()
	r := c.inflight[xid]
	delete(c.inflight, xid)
	c.mu.Unlock()
	c.answered.Store(true)
	raise(&c.lastZxid, c.reading.zxid)
	raise(&c.dialer.lastZxid, c.reading.zxid)
	if r == nil {
		return
	}
	r.op.In, r.op.Zxid, r.op.Err = int(size), c.reading.zxid, c.reading.code
	c.report(r)
}

// raise makes v at least z.
func raise(v *atomic.Int64, z int64) {
	for old := v.Load(); z > old && !v.CompareAndSwap(old, z); old = v.Load() {
	}
}

// report tells of a request that has come to its end.
func (c *Conn) report(r *request) {
	r.op.Took = time.Since(r.op.Sent)
	if !r.op.Lost && r.op.In < 4<<10 && isRead(r.op.Code) {
		c.rtt.Store(int64(r.op.Took))
	}
	if f := c.dialer.Events.Op; f != nil {
		f(r.op)
	}
}

// ponged measures an answered ping.
func (c *Conn) ponged() {
	c.answered.Store(true)
	c.mu.Lock()
	if len(c.pings) == 0 {
		c.mu.Unlock()
		return
	}
	rtt := time.Since(c.pings[0])
	c.pings = append(c.pings[:0], c.pings[1:]...)
	c.mu.Unlock()
	c.rtt.Store(int64(rtt))
	if f := c.dialer.Events.Pong; f != nil {
		f(rtt)
	}
}

func (c *Conn) garbled(err error) error {
	return fmt.Errorf("%s sent what is not ZooKeeper's protocol: %w", c.address, err)
}

func (c *Conn) readError(err error) error {
	switch {
	case isTimeout(err):
		return fmt.Errorf("nothing heard from %s for %v: %w", c.address,
			time.Duration(c.allowance.Load()).Round(time.Millisecond), err)
	case isHangUp(err):
		return fmt.Errorf("%s closed the connection: %w", c.address, err)
	default:
		return fmt.Errorf("reading from %s: %w", c.address, err)
	}
}

// isRead reports whether a request is answered without the quorum, so that its
// time is that of the way.
func isRead(code OpCode) bool {
	switch code {
	case OpExists, OpGetData, OpGetACL, OpGetChildren, OpGetChildren2:
		return true
	default:
		return false
	}
}

// isLong reports whether a reply can exceed maxShortFrame.
func isLong(code OpCode) bool {
	switch code {
	case OpGetData, OpGetACL, OpGetChildren, OpGetChildren2, OpMulti, OpMultiRead, OpReconfig, OpGetEphemerals:
		return true
	default:
		return false
	}
}
