package wire

import (
	"context"
	"errors"
	"fmt"
)

// ErrReplyTooLong is a reply that was longer than the caller wanted to hold, and
// was dropped as it arrived.
var ErrReplyTooLong = errors.New("the reply is longer than wanted")

// ReadOp is one question to [Conn.MultiRead].
type ReadOp struct {
	Code OpCode // OpGetData or OpGetChildren
	Path string
}

// ReadResult is the answer to a ReadOp.
type ReadResult struct {
	// Err is why this path could not be read, zero if it was: NoNode, NoAuth, …
	Err Code
	// Data and Stat answer OpGetData, Names OpGetChildren. They share memory with
	// the whole reply.
	Data  []byte
	Stat  Stat
	Names Names
}

// Size is about how many bytes of the reply the result took.
func (r *ReadResult) Size() int {
	switch {
	case r.Err != 0:
		return multiHeaderSize + 4
	case r.Stat != Stat{}:
		return multiHeaderSize + 4 + len(r.Data) + statSize
	default:
		return multiHeaderSize + 4 + r.Names.Size()
	}
}

// multiHeaderSize is the length of a MultiHeader: int type, bool done, int err.
const multiHeaderSize = 9

// OpSize is what the ReadOp of a path adds to the size of a request.
func OpSize(path string) int { return multiHeaderSize + 4 + len(path) + 1 }

// MultiRead asks for many znodes by one request (ZOOKEEPER-3402, servers from 3.6
// on). A path that cannot be read fails alone, by the Err of its result; results
// stand in the order of ops. A reply that does not answer ops is ErrMalformed.
//
// It blocks and fails as Call does; more than about a megabyte of paths (see
// [OpSize]) is ErrTooBig. If limit is not zero, a reply of more bytes than that
// is dropped without being held, and the error is ErrReplyTooLong.
func (c *Conn) MultiRead(ctx context.Context, limit int, ops ...ReadOp) ([]ReadResult, error) {
	body, err := encodeMultiRead(ops)
	if err != nil {
		return nil, err
	}
	reply, _, err := c.callFor(ctx, OpMultiRead, body, limit)
	if err != nil {
		return nil, err
	}
	return decodeMultiRead(reply, ops)
}

// ReadOne asks for one znode, by a request that every server knows. It blocks and
// fails as MultiRead does, but an error code of the server is always in the result,
// also one that concerns more than the path (Throttled, SessionMoved).
func (c *Conn) ReadOne(ctx context.Context, op ReadOp) (ReadResult, error) {
	if op.Code != OpGetData && op.Code != OpGetChildren {
		return ReadResult{}, fmt.Errorf("%w: %v is no read", ErrNotSent, op.Code)
	}
	var e Encoder
	e.Ustring(op.Path)
	e.Bool(false)
	body, _, err := c.Call(ctx, op.Code, e.Bytes())
	var code Code
	if errors.As(err, &code) {
		return ReadResult{Err: code}, nil
	}
	if err != nil {
		return ReadResult{}, err
	}
	d := NewDecoder(body)
	r := d.readResult(op.Code)
	return r, d.Err()
}

// encodeMultiRead is the request: a MultiHeader and a path without a watch for each
// operation, and a last header.
func encodeMultiRead(ops []ReadOp) ([]byte, error) {
	size := multiHeaderSize
	for _, op := range ops {
		if op.Code != OpGetData && op.Code != OpGetChildren {
			return nil, fmt.Errorf("%w: a multiRead knows no %v", ErrNotSent, op.Code)
		}
		size += OpSize(op.Path)
	}
	if size > MaxRequest {
		return nil, fmt.Errorf("%v of %d bytes: %w", OpMultiRead, size, ErrTooBig)
	}
	e := Encoder{buf: make([]byte, 0, size)}
	for _, op := range ops {
		e.multiHeader(op.Code, false)
		e.Ustring(op.Path)
		e.Bool(false)
	}
	e.multiHeader(OpError, true)
	return e.Bytes(), nil
}

func (e *Encoder) multiHeader(code OpCode, done bool) {
	e.Int(int32(code))
	e.Bool(done)
	e.Int(-1)
}

// decodeMultiRead reads the answer to ops.
func decodeMultiRead(body []byte, ops []ReadOp) ([]ReadResult, error) {
	d := NewDecoder(body)
	if len(ops)*multiHeaderSize > len(body) {
		return nil, fmt.Errorf("%w: %d bytes for the answers to %d reads", ErrMalformed, len(body), len(ops))
	}
	results := make([]ReadResult, len(ops))
	for i, op := range ops {
		code, done := OpCode(d.Int()), d.Bool()
		d.Int() // the error, which follows again
		switch {
		case d.Err() != nil:
			return nil, d.Err()
		case !done && code == OpError:
			if results[i].Err = Code(d.Int()); results[i].Err == 0 && d.Err() == nil {
				return nil, fmt.Errorf("%w: an error without a code", ErrMalformed)
			}
		case !done && code == op.Code:
			results[i] = d.readResult(code)
		default:
			return nil, fmt.Errorf("%w: answer %d of %d is of type %d, asked was %v", ErrMalformed, i+1, len(ops), int32(code), op.Code)
		}
	}
	code, done := OpCode(d.Int()), d.Bool()
	if d.Int(); d.Err() == nil && (code != OpError || !done) {
		return nil, fmt.Errorf("%w: more answers than questions", ErrMalformed)
	}
	if d.Err() != nil {
		return nil, d.Err()
	}
	return results, nil
}

// readResult reads a GetDataResponse or a GetChildrenResponse.
func (d *Decoder) readResult(code OpCode) ReadResult {
	if code == OpGetChildren {
		return ReadResult{Names: d.Names()}
	}
	return ReadResult{Data: d.Buffer(), Stat: d.Stat()}
}
