package zkview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"zkdeck/zkview/wire"
)

// Bounds of one transaction: far enough under what a server takes in one request
// that its own records of it fit too, and small enough to be told about.
const (
	txOps   = 1000
	txBytes = 512 << 10
)

// txOp is one operation of a transaction: a create of some kind, setData or delete.
type txOp struct {
	path    string
	data    []byte
	acl     []ACL // of a create; nil is open
	set     bool  // setData instead of create, guarded by version
	del     bool  // delete, guarded by version; -1 is any
	version int32
	kind    Kind
	ttl     time.Duration
}

// code is the operation's. createContainer and createTTL may stand in a multi as
// they do alone (org.apache.zookeeper.MultiOperationRecord, 3.5.3 and later), which
// go-zookeeper does not know.
func (o *txOp) code() wire.OpCode {
	switch {
	case o.del:
		return wire.OpDelete
	case o.set:
		return wire.OpSetData
	case o.kind == Container:
		return wire.OpCreateContainer
	case o.kind == TTL:
		return wire.OpCreateTTL
	default:
		return wire.OpCreate
	}
}

// size is about what the operation takes in a request.
func (o *txOp) size() int {
	if o.del {
		return 9 + 4 + len(o.path) + 4
	}
	acl := o.acl
	if acl == nil {
		acl = openACL
	}
	return 9 + 4 + len(o.path) + 4 + len(o.data) + aclSize(acl) + 4 + 8
}

// flags are the CreateMode's (org.apache.zookeeper.CreateMode).
func (o *txOp) flags() int32 {
	switch o.kind {
	case Container:
		return 4
	case TTL:
		return 5
	default:
		return 0
	}
}

// encodeTx makes a MultiTransactionRecord.
func (s *Session) encodeTx(ops []txOp) []byte {
	var e wire.Encoder
	for i := range ops {
		o := &ops[i]
		e.Int(int32(o.code()))
		e.Bool(false)
		e.Int(-1)
		e.Ustring(s.servers.abs(o.path))
		if o.del {
			e.Int(o.version)
			continue
		}
		e.Buffer(o.data)
		if o.set {
			e.Int(o.version)
			continue
		}
		acl := o.acl
		if acl == nil {
			acl = openACL
		}
		e.Int(int32(len(acl)))
		for _, a := range acl {
			e.Int(int32(a.Perms))
			e.Ustring(a.Scheme)
			e.Ustring(a.ID)
		}
		e.Int(o.flags())
		if o.kind == TTL {
			e.Long(o.ttl.Milliseconds())
		}
	}
	e.Int(-1)
	e.Bool(true)
	e.Int(-1)
	return e.Bytes()
}

// decodeTx reads a MultiResponse far enough to tell which operation failed: nothing
// was done then. The results of a transaction that was carried out are ours already.
func decodeTx(body []byte, ops int) (failed int, err error) {
	d := wire.NewDecoder(body)
	for i := 0; ; i++ {
		code, done := wire.OpCode(d.Int()), d.Bool()
		d.Int()
		if d.Err() != nil {
			return 0, d.Err()
		}
		if done || code != wire.OpError {
			return 0, nil
		}
		// Those before the failed one are 0, those after it RuntimeInconsistency.
		if c := wire.Code(d.Int()); c != 0 && c != wire.RuntimeInconsistency && d.Err() == nil {
			return i, c
		}
		if i >= ops {
			return 0, fmt.Errorf("%w: a multi of %d that failed without a reason", wire.ErrMalformed, ops)
		}
	}
}

// txError is the error of a transaction that was not carried out because of one of
// its operations.
type txError struct {
	index int
	err   error
}

func (e *txError) Error() string { return e.err.Error() }
func (e *txError) Unwrap() error { return e.err }

// transact carries out all the operations in one transaction, or none. A *txError
// tells which one prevented it. An error that matches ErrUnknownOutcome means that
// nobody could find out what became of it; everything else, that nothing was done.
func (s *Session) transact(ctx context.Context, ops []txOp) error {
	size := 9
	for i := range ops {
		size += ops[i].size() + len(s.servers.Chroot)
	}
	w := writing{op: "multi", path: ops[0].path, size: size}
	before := s.lastZxid()
	failed, err := write(ctx, s, w, func(l *link) (int, error) {
		s.mu.Lock()
		conn := l.wire
		s.mu.Unlock()
		if conn == nil {
			return -1, errNoConn
		}
		body, _, err := conn.Call(ctx, wire.OpMulti, s.encodeTx(ops))
		if err != nil {
			return -1, err
		}
		return decodeTx(body, len(ops))
	}, s.settleTx(ops, before))
	if err == nil || failed < 0 || errors.Is(err, ErrUnknownOutcome) || errors.Is(err, ErrNotSent) {
		return err
	}
	var op *OpError
	if !errors.As(err, &op) || op.Err == nil || !ofOne(op.Err) {
		return err
	}
	return &txError{failed, op.Err}
}

// ofOne tells errors that are about one znode from those about the connection or
// the server.
func ofOne(err error) bool {
	for _, about := range []error{
		ErrNoNode, ErrNodeExists, ErrBadVersion, ErrNotEmpty, ErrNoChildrenForEph, ErrNoAuth, ErrInvalidACL,
		ErrBadArguments, ErrQuotaExceeded, ErrUnimplemented, ErrBadPath, ErrTooBig,
	} {
		if errors.Is(err, about) {
			return true
		}
	}
	return false
}

// lastZxid is the highest that the session has seen.
func (s *Session) lastZxid() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	zxid := s.link.zxid
	if s.link.wire != nil {
		zxid = max(zxid, s.link.wire.Stats().LastZxid)
	}
	return zxid
}

// settleTx looks at what a transaction was to do. All or nothing was done, in one
// zxid: where everything looked at was done by one transaction later than before,
// with our data, it was ours. Of what is gone it does not matter who deleted it.
func (s *Session) settleTx(ops []txOp, before int64) settler[int] {
	looked := slices.Compact([]int{0, len(ops) / 2, len(ops) - 1})
	return func(ctx context.Context) (int, verdict) {
		if s.Sync(ctx, ops[0].path) != nil {
			return -1, unsettled
		}
		var zxid int64
		for n, i := range looked {
			o := &ops[i]
			if o.del {
				stat, err := s.Stat(ctx, o.path)
				switch {
				case errors.Is(err, ErrNoNode):
					continue
				case err == nil && (o.version < 0 || o.version == stat.Version):
					return -1, absent
				}
				return -1, unsettled
			}
			data, stat, err := s.Get(ctx, o.path)
			did := stat.Czxid
			if o.set {
				did = stat.Mzxid
			}
			switch {
			case errors.Is(err, ErrNoNode) && !o.set && n == 0:
				return -1, absent
			case err == nil && o.set && stat.Version == o.version && n == 0:
				return -1, absent
			case err != nil || did <= before || n > 0 && did != zxid || !bytes.Equal(data, o.data):
				return -1, unsettled
			}
			zxid = did
		}
		return 0, applied
	}
}
