package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// firstOwnXid begins the range of xids of Call, which ends at the highest int32.
// go-zookeeper counts from 1 and would get there after two billion requests.
// Negative ones would work too, but servers leave them out of their throttling
// (ServerCnxn.incrOutstandingAndCheckThrottle).
const firstOwnXid = 0x7f000000

// MaxRequest is the size of a request, without its header, from which on Call
// refuses it: a server drops the connection at frames above jute.maxbuffer, which
// is 0xfffff bytes unless configured.
const MaxRequest = 0xfffff - 8

// The errors of [Conn.Call] beside a server's [Code]. What a context's end leaves
// open is told by one of the first two being wrapped with the context's error.
var (
	// ErrNotSent: the request did not leave this process.
	ErrNotSent = errors.New("not sent")
	// ErrNoReply: the request was sent, or may have been, and no reply came: the
	// outcome is unknown.
	ErrNoReply = errors.New("no reply; the outcome is unknown")
	// ErrTooBig: the request is larger than a server accepts. It wraps ErrNotSent.
	ErrTooBig = fmt.Errorf("larger than a server accepts: %w", ErrNotSent)
)

// reply is what came back for a Call.
type reply struct {
	body    []byte
	zxid    int64
	code    Code
	tooLong int64 // the length of a body that was dropped for it
}

// Call sends a request of our own in the library's session, and waits for the
// reply, whose body it returns. request is the jute record that follows the
// header; it is copied. The error is a [Code] where the server said no, or wraps
// [ErrNotSent] or [ErrNoReply].
//
// Call blocks until the reply, the end of ctx, or the end of the connection. It
// must not be called from [Events]. Any number may be under way. A server that
// does not know an operation answers Unimplemented and then closes the
// connection, so ask for its version first.
func (c *Conn) Call(ctx context.Context, op OpCode, request []byte) (body []byte, zxid int64, err error) {
	return c.call(ctx, op, request, callState{})
}

// callFor is Call for a reply of at most limit bytes, if that is not zero.
func (c *Conn) callFor(ctx context.Context, op OpCode, request []byte, limit int) ([]byte, int64, error) {
	return c.call(ctx, op, request, callState{limit: int64(limit)})
}

func (c *Conn) call(ctx context.Context, op OpCode, body []byte, how callState) ([]byte, int64, error) {
	r, err := newRequest(op, body, how)
	if err != nil {
		return nil, 0, err
	}
	if err := c.enqueue(ctx, r); err != nil {
		return nil, 0, err
	}
	return c.await(ctx, r)
}

// await waits for the reply to a request that was handed to the writer.
func (c *Conn) await(ctx context.Context, r *request) ([]byte, int64, error) {
	select {
	case got := <-r.own.reply:
		return got.result()
	case <-ctx.Done():
		return c.abandon(r, ctx.Err())
	case <-c.done:
		return c.abandon(r, c.endReason())
	}
}

func (r reply) result() ([]byte, int64, error) {
	if r.code != 0 {
		return nil, r.zxid, r.code
	}
	if r.tooLong > 0 {
		return nil, r.zxid, fmt.Errorf("%w: %d bytes", ErrReplyTooLong, r.tooLong)
	}
	return r.body, r.zxid, nil
}

// newRequest is a request of our own.
func newRequest(op OpCode, body []byte, how callState) (*request, error) {
	if len(body) > MaxRequest {
		return nil, fmt.Errorf("%v of %d bytes: %w", op, len(body), ErrTooBig)
	}
	how.reply = make(chan reply, 1)
	how.frame = frame(0, op, body)
	return &request{own: &how, op: Op{Code: op, Out: len(how.frame)}}, nil
}

// enqueue hands requests to the writer, which sends them one behind the other, with
// nothing of ours in between.
func (c *Conn) enqueue(ctx context.Context, requests ...*request) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	for _, r := range requests {
		r.op.Sent = time.Now()
		if c.dialer.Events.Op != nil {
			r.op.describe(r.own.frame[headerSize:])
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isEnded {
		return fmt.Errorf("%w: %w", ErrNotSent, c.reasonLocked())
	}
	if c.answer == nil || c.answer.Expired {
		return fmt.Errorf("%w: no session yet", ErrNotSent)
	}
	for _, r := range requests {
		r.op.Xid = c.nextXid()
		binary.BigEndian.PutUint32(r.own.frame[4:], uint32(r.op.Xid))
		c.inflight[r.op.Xid] = r
	}
	c.queue = append(c.queue, requests...)
	if !c.writer {
		c.writer = true
		go c.writeLoop()
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil
}

// nextXid is the next free number of our range.
func (c *Conn) nextXid() int32 {
	for {
		xid := c.ownXid
		if c.ownXid++; c.ownXid < firstOwnXid {
			c.ownXid = firstOwnXid
		}
		if c.inflight[xid] == nil {
			return xid
		}
	}
}

// headerSize is the length of a frame's length and RequestHeader.
const headerSize = 12

// frame is a whole request as it is sent.
func frame(xid int32, op OpCode, body []byte) []byte {
	f := make([]byte, 0, headerSize+len(body))
	f = binary.BigEndian.AppendUint32(f, uint32(8+len(body)))
	f = binary.BigEndian.AppendUint32(f, uint32(xid))
	f = binary.BigEndian.AppendUint32(f, uint32(op))
	return append(f, body...)
}

// abandon gives up waiting. A request that was sent keeps its place until its
// reply has come, which is then dropped.
func (c *Conn) abandon(r *request, why error) ([]byte, int64, error) {
	c.mu.Lock()
	r.own.gone = true
	sent := r.sent
	if !sent && !c.isEnded {
		c.queue = slices.DeleteFunc(c.queue, func(q *request) bool { return q == r })
		delete(c.inflight, r.op.Xid)
	}
	c.mu.Unlock()
	select {
	case got := <-r.own.reply: // it came in the same moment
		return got.result()
	default:
	}
	if sent {
		return nil, 0, fmt.Errorf("%v: %w: %w", r.op.Code, ErrNoReply, why)
	}
	return nil, 0, fmt.Errorf("%v: %w: %w", r.op.Code, ErrNotSent, why)
}

// takeOwn reads the reply to a Call and hands it over.
func (c *Conn) takeOwn(r *request, length int64) error {
	c.frameGot.Store(4 + minFrame)
	if _, err := c.in.Discard(4 + minFrame); err != nil {
		return c.fail(c.readError(err))
	}
	own := r.own
	c.mu.Lock()
	drop := own.gone
	c.mu.Unlock()
	tooLong := int64(0)
	if own.limit > 0 && length-minFrame > own.limit {
		drop, tooLong = true, length-minFrame
	}
	body, err := c.readWhole(length-minFrame, drop)
	if err != nil {
		return c.fail(c.readError(err))
	}
	code := Code(c.reading.code)
	if own.after != nil {
		c.reading.deliver = own.after(code)
	}
	c.frameSize.Store(0)
	c.frameGot.Store(0)
	c.settle(r.op.Xid, 4+length)
	own.reply <- reply{body: body, zxid: c.reading.zxid, code: code, tooLong: tooLong}
	return nil
}

// readWhole reads n bytes, or drops them. What it reads into is as large at once for
// replies as they are common, and beyond grows as they arrive, since n is only what the
// server says.
func (c *Conn) readWhole(n int64, drop bool) ([]byte, error) {
	const step, common = 1 << 20, 16 << 20
	if drop {
		for n > 0 {
			m, err := c.in.Discard(int(min(n, step)))
			n -= int64(m)
			c.frameGot.Add(int64(m))
			if err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	b := make([]byte, 0, min(n, common))
	for int64(len(b)) < n {
		if len(b) == cap(b) {
			b = slices.Grow(b, int(min(n-int64(len(b)), int64(len(b)))))
		}
		piece := b[len(b):min(int64(cap(b)), n)]
		m, err := c.in.Read(piece)
		b = b[:len(b)+m]
		c.frameGot.Add(int64(m))
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return b, nil
}
