package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"zkdeck/zkview/wire"
)

var (
	errNullPath = fmt.Errorf("%w: no path", wire.ErrMalformed)
	errNullID   = fmt.Errorf("%w: an ACL without an id", wire.ErrMalformed)
	errNoList   = fmt.Errorf("%w: no list of watches", wire.ErrMalformed)
	errWrongOp  = errors.New("an operation that does not belong into a multi of this kind")
)

// decodeRequest reads the body of a request. Bytes after it are passed over, as
// the real server does; whatever else is wrong is told to the client as
// MarshallingError. Data shares memory with the frame: the tree makes its own copy.
func decodeRequest(op wire.OpCode, d *wire.Decoder, acts release) (request, error) {
	r := request{op: op}
	switch op {
	case wire.OpMulti:
		return r, decodeMulti(&r, d, acts)
	case wire.OpSetWatches, wire.OpSetWatches2:
		set, err := decodeSetWatches(op, d)
		r.set = set
		return r, errors.Join(err, d.Err())
	case wire.OpReconfig:
		for range 3 { // joining, leaving, new members
			d.Buffer()
		}
		d.Long()
		return r, d.Err()
	case wire.OpCloseSession:
		return r, nil
	case wire.OpCreateSession: // nobody's but the server's own
		return r, wire.ErrMalformed
	case wire.OpDeleteContainer:
		// The real one takes the whole frame for a path, with the zeros of its header.
		r.path = "\x00"
		return r, nil
	case wire.OpGetEphemerals:
		r.path = text(d.Buffer())
		return r, d.Err()
	}
	err := decodeOp(&r, d)
	return r, err
}

// decodeOp reads a request that is about one path.
func decodeOp(r *request, d *wire.Decoder) error {
	path := d.Buffer()
	if d.Err() != nil {
		return d.Err()
	}
	if path == nil {
		switch r.op {
		case wire.OpSetData, wire.OpSetACL, wire.OpCheck: // as with any other bad path
		case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL, wire.OpRemoveWatches:
			r.noPath = true // what is wrong with the mode or the type is told first
		default:
			return errNullPath
		}
	}
	r.path = text(path)
	var err error
	switch r.op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		r.data = d.Buffer()
		r.acl, err = decodeACL(d)
		r.flags = d.Int()
		if r.op == wire.OpCreateTTL {
			r.ttl = d.Long()
		}
	case wire.OpDelete, wire.OpCheck:
		r.version = d.Int()
	case wire.OpSetData:
		r.data = d.Buffer()
		r.version = d.Int()
	case wire.OpSetACL:
		r.acl, err = decodeACL(d)
		r.version = d.Int()
	case wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2:
		r.watch = d.Bool()
	case wire.OpAddWatch, wire.OpCheckWatches, wire.OpRemoveWatches:
		r.kind = d.Int()
	case wire.OpGetACL, wire.OpGetAllChildrenNumber:
	}
	return errors.Join(err, d.Err())
}

// decodeACL reads a vector of ACL entries.
func decodeACL(d *wire.Decoder) ([]wire.ACL, error) {
	const smallest = 12
	n, _ := vector(d, smallest)
	acl := make([]wire.ACL, 0, n)
	for range n {
		a := wire.ACL{Perms: d.Int()}
		a.Scheme = text(d.Buffer())
		id := d.Buffer()
		if id == nil && d.Err() == nil && (a.Scheme == "world" || a.Scheme == "digest" || a.Scheme == "ip") {
			return nil, errNullID // which is looked at without a thought
		}
		a.ID = text(id)
		acl = append(acl, a)
	}
	return acl, nil
}

// vector reads the number of elements of a vector as Java does: one below -1 is an
// empty one, and only null is null.
func vector(d *wire.Decoder, size int) (n int, null bool) {
	probe := *d
	switch n := probe.Int(); {
	case probe.Err() == nil && n < 0:
		d.Int()
		return 0, n == -1
	default:
		return d.Vector(size), false
	}
}

// decodeMulti reads the operations of a multi.
func decodeMulti(r *request, d *wire.Decoder, acts release) error {
	for {
		op, done := wire.OpCode(d.Int()), d.Bool()
		d.Int() // always -1
		if d.Err() != nil || done {
			return d.Err()
		}
		switch op {
		case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL,
			wire.OpDelete, wire.OpSetData, wire.OpCheck:
		default:
			return errWrongOp
		}
		if !acts.knows(op) {
			return errWrongOp
		}
		one := request{op: op}
		if err := decodeOp(&one, d); err != nil {
			return err
		}
		r.ops = append(r.ops, one)
	}
}

// decodeReadOp reads the next operation of a multiRead. Its flag for a watch means
// nothing (MultiOperationRecord).
func decodeReadOp(d *wire.Decoder) (r request, done bool, err error) {
	r.op, done = wire.OpCode(d.Int()), d.Bool()
	d.Int()
	if d.Err() != nil || done {
		return r, done, d.Err()
	}
	if r.op != wire.OpGetData && r.op != wire.OpGetChildren {
		return r, false, errWrongOp
	}
	err = decodeOp(&r, d)
	r.watch = false
	return r, false, err
}

// decodeSetWatches reads the watches that a client wants back.
func decodeSetWatches(op wire.OpCode, d *wire.Decoder) (*setWatches, error) {
	s := &setWatches{since: d.Long()}
	lists := []*[]string{&s.data, &s.exist, &s.child, &s.persistent, &s.recursive}
	if op == wire.OpSetWatches {
		lists = lists[:3]
	}
	for _, list := range lists {
		n, null := vector(d, 4)
		if null {
			return nil, errNoList
		}
		if n == 0 {
			continue
		}
		*list = make([]string, n)
		for i := range *list {
			(*list)[i] = text(d.Buffer())
		}
	}
	return s, nil
}

// text is a string as Java decodes it: what is no UTF-8 becomes U+FFFD, which no
// path may contain.
func text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string([]rune(string(b)))
}

// javaText is a string as jute writes it: a character above U+FFFF, which is two in
// Java, as three bytes each, which is no UTF-8 (BinaryOutputArchive.stringToByteBuffer).
// No znode has one in its path; ids may, and paths that are only told back.
func javaText(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return c > 0xffff }) < 0 {
		return s
	}
	var b []byte
	for _, c := range s {
		if c <= 0xffff {
			b = utf8.AppendRune(b, c)
			continue
		}
		for _, half := range utf16.AppendRune(nil, c) {
			b = append(b, 0xe0|byte(half>>12), 0x80|byte(half>>6)&0x3f, 0x80|byte(half)&0x3f)
		}
	}
	return string(b)
}

// encodeResult appends the body of a successful reply.
func encodeResult(e *wire.Encoder, r *result) {
	switch r.op {
	case wire.OpMulti:
		encodeMulti(e, r.results)
	case wire.OpAddWatch: // ErrorResponse
		e.Int(0)
	case wire.OpGetAllChildrenNumber:
		e.Int(r.number)
	case wire.OpGetACL:
		e.Int(int32(len(r.acl)))
		for _, a := range r.acl {
			e.Int(a.Perms)
			e.Ustring(javaText(a.Scheme))
			e.Ustring(javaText(a.ID))
		}
		e.Stat(r.stat)
	case wire.OpExists, wire.OpSetACL:
		e.Stat(r.stat)
	case wire.OpGetChildren2:
		encodeNames(e, r.names)
		e.Stat(r.stat)
	case wire.OpGetEphemerals:
		encodeNames(e, r.names)
	default:
		encodeBody(e, r)
	}
}

// encodeBody appends what is the same within a multi and outside.
func encodeBody(e *wire.Encoder, r *result) {
	switch r.op {
	case wire.OpCreate:
		e.Ustring(r.path)
	case wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		e.Ustring(r.path)
		e.Stat(r.stat)
	case wire.OpSetData:
		e.Stat(r.stat)
	case wire.OpGetData:
		e.Buffer(r.data)
		e.Stat(r.stat)
	case wire.OpGetChildren:
		encodeNames(e, r.names)
	}
}

// encodeMulti appends the results of a multi. If one failed, all are errors.
func encodeMulti(e *wire.Encoder, results []result) {
	failed := false
	for i := range results {
		failed = failed || results[i].code != 0
	}
	for i := range results {
		if failed {
			encodeError(e, results[i].code)
		} else {
			encodeOpResult(e, &results[i], 0)
		}
	}
	multiHeader(e, wire.OpError, true, -1)
}

// encodeOpResult appends the result of one operation of a multi or multiRead.
func encodeOpResult(e *wire.Encoder, r *result, code wire.Code) {
	if code != 0 {
		encodeError(e, code)
		return
	}
	multiHeader(e, r.op, false, 0)
	encodeBody(e, r)
}

func encodeError(e *wire.Encoder, code wire.Code) {
	multiHeader(e, wire.OpError, false, int32(code))
	e.Int(int32(code))
}

// multiHeader appends a MultiHeader.
func multiHeader(e *wire.Encoder, op wire.OpCode, done bool, code int32) {
	e.Int(int32(op))
	e.Bool(done)
	e.Int(code)
}

func encodeNames(e *wire.Encoder, names []string) {
	e.Int(int32(len(names)))
	for _, n := range names {
		e.Ustring(n)
	}
}
