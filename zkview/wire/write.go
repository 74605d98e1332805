package wire

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// request is one that was sent, or waits to be.
type request struct {
	op   Op
	sent bool
	own  *callState // nil for the library's
}

// callState is what belongs to a request of a Call.
type callState struct {
	frame []byte            // nil once handed to the writer
	reply chan reply        // cap 1
	gone  bool              // nobody waits any more
	limit int64             // a longer reply is dropped; 0 for none
	after func(Code) []byte // gives frames to put into the stream in the reply's place
}

// Write sends one frame of the library. It may block until the write deadline.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	asked, answered, deadline := c.asked != nil, c.answer != nil, c.writeDeadline
	c.mu.Unlock()
	if !asked {
		return c.writeHandshake(p)
	}
	if len(p) < 12 || int(binary.BigEndian.Uint32(p)) != len(p)-4 || !answered {
		return 0, c.fail(fmt.Errorf("go-zookeeper wrote %d bytes that are not one request", len(p)))
	}
	frame := c.outgoing(p)
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(deadline)
	n, err := c.conn.Write(frame)
	c.bytesOut.Add(int64(n))
	if err != nil {
		return n, c.fail(c.writeError(err))
	}
	return len(p), nil
}

// outgoing notes a request of the library before it is sent, and returns the
// frame to send for it.
func (c *Conn) outgoing(p []byte) []byte {
	now := time.Now()
	r := &request{sent: true, op: Op{
		Sent: now,
		Xid:  int32(binary.BigEndian.Uint32(p[4:])),
		Code: OpCode(binary.BigEndian.Uint32(p[8:])),
		Out:  len(p),
	}}
	if r.op.Code != OpPing && c.dialer.Events.Op != nil {
		r.op.describe(p[12:])
	}
	c.mu.Lock()
	seen := c.asked.lastZxidSeen
	setWatches := r.op.Code == OpSetWatches && len(p) >= 20
	if setWatches {
		p = c.withoutFollowed(p)
	}
	switch {
	case c.isEnded:
	case r.op.Code == OpPing:
		c.pings = append(c.pings, now)
	default:
		c.inflight[r.op.Xid] = r
	}
	c.mu.Unlock()
	if !setWatches {
		return p
	}
	// The library takes the zxid of each batch of watches when it builds the batch,
	// while replies raise it already: what changed in between would never be told.
	// What the connect request said is right for all of them.
	p = slices.Clone(p)
	binary.BigEndian.PutUint64(p[12:], uint64(seen))
	return p
}

// writeLoop sends the frames of Calls, so that a Call can give up while the
// server does not read. It ends with the connection.
func (c *Conn) writeLoop() {
	var batch []byte
	for {
		select {
		case <-c.wake:
		case <-c.done:
			return
		}
		for {
			batch = c.nextBatch(batch[:0])
			if len(batch) == 0 {
				break
			}
			if err := c.writeOwn(batch); err != nil {
				c.Kill(c.writeError(err))
				return
			}
			if cap(batch) > 1<<20 {
				batch = nil
			}
		}
	}
}

// nextBatch takes frames off the queue, up to 64 KiB or one frame, and appends
// them to batch. Those whose Call has given up are no longer there.
func (c *Conn) nextBatch(batch []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 {
		r := c.queue[0]
		if len(batch) > 0 && len(batch)+len(r.own.frame) > 64<<10 {
			break
		}
		c.queue[0] = nil
		c.queue = c.queue[1:]
		batch = append(batch, r.own.frame...)
		r.own.frame, r.sent, r.op.Sent = nil, true, time.Now()
	}
	return batch
}

func (c *Conn) writeOwn(batch []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.patience()))
	n, err := c.conn.Write(batch)
	c.bytesOut.Add(int64(n))
	return err
}

// patience is how long a write may take: two thirds of the session timeout, as in
// go-zookeeper.
func (c *Conn) patience() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(c.answer.Timeout*2/3, time.Millisecond)
}

func (c *Conn) writeError(err error) error {
	if isTimeout(err) {
		return fmt.Errorf("%s does not take what is sent to it: %w", c.address, err)
	}
	return fmt.Errorf("sending to %s: %w", c.address, err)
}
