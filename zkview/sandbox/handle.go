package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"zkdeck/zkview/wire"
)

// maxReply is the longest reply: what a client could ask for by one multiRead
// knows no other bounds.
const maxReply = 256 << 20

var (
	errMoved   = errors.New("the session is on another connection")
	errTooLong = fmt.Errorf("a reply of more than %d bytes", maxReply)
)

// inquiry is a request that is being answered.
type inquiry struct {
	xid   int32
	op    wire.OpCode
	start time.Time
}

// handle answers one frame. An error ends the connection.
func (c *conn) handle(frame []byte) error {
	d := wire.NewDecoder(frame)
	q := inquiry{xid: d.Int(), op: wire.OpCode(d.Int()), start: time.Now()}
	if d.Err() != nil {
		return fmt.Errorf("request of %d bytes: %w", len(frame), d.Err())
	}
	switch {
	case q.op == wire.OpAuth:
		return c.auth(q, d)
	case q.op == wire.OpSASL:
		return c.sasl(q, d)
	case !c.acts.knows(q.op): // UnimplementedRequestProcessor
		c.header(q, -1, wire.Unimplemented)
		c.submit(q, -1)
		return errFinish
	case isWrite(q.op):
		return c.change(q, d)
	default:
		return c.look(q, d)
	}
}

// isWrite tells the requests that take a zxid.
func isWrite(op wire.OpCode) bool {
	switch op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpDelete,
		wire.OpDeleteContainer, wire.OpSetData, wire.OpSetACL, wire.OpMulti, wire.OpCheck,
		wire.OpReconfig, wire.OpCreateSession, wire.OpCloseSession:
		return true
	default:
		return false
	}
}

// present reports whether the session is still there and on this connection, and
// puts its end off. Any lock of the server is held.
func (c *conn) present() error {
	switch n := c.session; {
	case n.ended:
		return errors.New("the session has ended")
	case n.owner != c:
		return errMoved
	default:
		c.server.touch(n)
		return nil
	}
}

// change answers a request that takes a zxid.
func (c *conn) change(q inquiry, d *wire.Decoder) error {
	s := c.server
	r, malformed := decodeRequest(q.op, d, c.acts)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := c.present(); err != nil {
		return err
	}
	var res result
	switch {
	case q.op == wire.OpCloseSession && (!s.readOnly || c.session.local):
		zxid := s.endSession(c.session)
		c.header(q, zxid, 0)
		c.submit(q, zxid)
		return errFinish
	case s.readOnly: // ReadOnlyRequestProcessor
		res = result{code: wire.NotReadOnly, zxid: s.tree.lastZxid()}
	case malformed != nil && q.op == wire.OpReconfig: // it takes a zxid later than the others
		res = result{code: wire.MarshallingError, zxid: s.tree.lastZxid()}
	case malformed != nil:
		res = result{code: wire.MarshallingError, zxid: s.tree.next()}
	case q.op == wire.OpReconfig:
		res = result{code: wire.ReconfigDisabled, zxid: s.tree.next()}
	default:
		res = s.tree.write(&c.caller, &r)
	}
	return c.respond(q, &res)
}

// look answers a request that takes no zxid.
func (c *conn) look(q inquiry, d *wire.Decoder) error {
	s := c.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := c.present(); err != nil {
		return err
	}
	zxid := s.tree.lastZxid()
	switch q.op {
	case wire.OpPing:
		q.xid = -2 // ClientCnxn.PING_XID, whatever the client sent
		c.header(q, zxid, 0)
		c.submit(q, zxid)
		return nil
	case wire.OpWhoAmI:
		return c.whoAmI(q, zxid)
	case wire.OpSync:
		return c.sync(q, d, zxid)
	case wire.OpMultiRead:
		return c.multiRead(q, d, zxid)
	}
	r, malformed := decodeRequest(q.op, d, c.acts)
	if malformed != nil {
		return c.respond(q, &result{code: wire.MarshallingError, zxid: zxid})
	}
	res := c.lookUp(&r, zxid)
	return c.respond(q, &res)
}

// lookUp asks the tree.
func (c *conn) lookUp(r *request, zxid int64) result {
	t := c.server.tree
	switch r.op {
	case wire.OpAddWatch:
		return t.addWatch(&c.caller, r)
	case wire.OpCheckWatches:
		return t.checkWatches(&c.caller, r)
	case wire.OpRemoveWatches:
		return t.removeWatches(&c.caller, r)
	case wire.OpSetWatches, wire.OpSetWatches2:
		t.setWatches(&c.caller, r.set)
		return result{op: r.op, zxid: zxid}
	default:
		return t.read(&c.caller, r)
	}
}

// sync has nothing to wait for: there is one server. The path is told back, null as
// well.
func (c *conn) sync(q inquiry, d *wire.Decoder, zxid int64) error {
	path := d.Buffer()
	switch {
	case c.server.readOnly:
		c.header(q, zxid, wire.NotReadOnly)
	case d.Err() != nil:
		c.header(q, zxid, wire.MarshallingError)
	default:
		c.header(q, zxid, 0)
		if path != nil {
			path = []byte(javaText(text(path)))
		}
		c.reply.Buffer(path)
	}
	c.submit(q, zxid)
	return nil
}

// multiRead reads and encodes path by path, so that no more than the reply is
// ever held (FinalRequestProcessor: a read that fails fails alone, an operation of
// another kind all).
func (c *conn) multiRead(q inquiry, d *wire.Decoder, zxid int64) error {
	c.header(q, zxid, 0)
	e := &c.reply
	whole := *d
	for {
		r, done, malformed := decodeReadOp(d)
		if malformed != nil {
			c.refuseReads(q, zxid, malformed, &whole)
			break
		}
		if done {
			multiHeader(e, wire.OpError, true, -1)
			break
		}
		res := c.server.tree.read(&c.caller, &r)
		res.op = r.op
		encodeOpResult(e, &res, res.code)
		if len(e.Bytes()) > maxReply {
			return errTooLong
		}
	}
	c.submit(q, zxid)
	return nil
}

// refuseReads answers a multiRead at which the real server stumbles. A transaction is
// well formed and a null path too, and so there is a list of answers: those up to there.
func (c *conn) refuseReads(q inquiry, zxid int64, why error, whole *wire.Decoder) {
	e := &c.reply
	switch {
	case errors.Is(why, errNullPath):
		code := wire.MarshallingError
		binary.BigEndian.PutUint32(e.Bytes()[12:], uint32(code)) // after xid and zxid
		multiHeader(e, wire.OpError, true, -1)
	case decodeMulti(new(request), whole, c.acts) == nil:
		c.header(q, zxid, wire.MarshallingError)
		multiHeader(e, wire.OpError, true, -1)
	default:
		c.header(q, zxid, wire.MarshallingError)
	}
}

// respond queues the reply to a request that the tree has answered.
func (c *conn) respond(q inquiry, r *result) error {
	c.header(q, r.zxid, r.code)
	if r.code == 0 {
		r.op = q.op
		encodeResult(&c.reply, r)
	}
	if len(c.reply.Bytes()) > maxReply {
		return errTooLong
	}
	c.submit(q, r.zxid)
	return nil
}

// header begins the reply.
func (c *conn) header(q inquiry, zxid int64, code wire.Code) {
	e := &c.reply
	e.Reset()
	e.Int(q.xid)
	e.Long(zxid)
	e.Int(int32(code))
}

// submit queues the reply, and counts the request.
func (c *conn) submit(q inquiry, zxid int64) {
	took := time.Since(q.start)
	c.answered(q.op, q.xid, zxid, c.server.opts.Now(), took)
	c.server.stats.latency(took)
	c.send(c.reply.Bytes(), false)
	if cap(c.reply.Bytes()) > keptReply {
		c.reply = wire.Encoder{}
	}
}

// keptReply is the largest buffer for replies that a connection keeps.
const keptReply = 256 << 10
