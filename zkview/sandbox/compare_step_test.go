package sandbox_test

import (
	"fmt"
	"strings"

	"zkdeck/zkview/wire"
)

// What a step does beside sending a request.
const (
	stepCut    wire.OpCode = 1000 + iota // the connection breaks; the session lives
	stepResume                           // a broken connection comes back and sets its watches
)

// step is one thing that one of the sessions does.
type step struct {
	conn    int
	op      wire.OpCode
	path    string // "$0" is the last path that a create told, "$1" the one before
	noPath  bool   // a null string
	data    []byte
	noACL   bool // a null vector
	acl     []wire.ACL
	flags   int32
	ttl     int64
	version int32
	watch   bool
	kind    int32
	ops     []step
	since   int // of setWatches: see world.since
	lists   [5][]string
	cut     int // bytes that are missing at the end of the request
}

// GoString keeps what rapid prints readable.
func (s step) GoString() string { return s.String() }

func (s step) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d: ", s.conn)
	switch s.op {
	case stepCut:
		return b.String() + "cut"
	case stepResume:
		b.WriteString("resume, ")
	}
	fmt.Fprintf(&b, "%v %s", s.op, short([]byte(s.path)))
	if s.noPath {
		b.WriteString(" (null)")
	}
	switch s.op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		fmt.Fprintf(&b, " %s %v flags %d", short(s.data), s.acl, s.flags)
		if s.op == wire.OpCreateTTL {
			fmt.Fprintf(&b, " ttl %d", s.ttl)
		}
	case wire.OpSetData:
		fmt.Fprintf(&b, " %s version %d", short(s.data), s.version)
	case wire.OpSetACL:
		fmt.Fprintf(&b, " %v version %d", s.acl, s.version)
	case wire.OpDelete, wire.OpCheck:
		fmt.Fprintf(&b, " version %d", s.version)
	case wire.OpAddWatch, wire.OpCheckWatches, wire.OpRemoveWatches, wire.OpAuth:
		fmt.Fprintf(&b, " %d %q", s.kind, s.data)
	case wire.OpMulti, wire.OpMultiRead:
		for _, op := range s.ops {
			fmt.Fprintf(&b, "\n      %v", op)
		}
	case wire.OpSetWatches, wire.OpSetWatches2, stepResume:
		fmt.Fprintf(&b, " since %d %q", s.since, s.lists)
	default:
		fmt.Fprintf(&b, " watch %v", s.watch)
	}
	if s.cut > 0 {
		fmt.Fprintf(&b, " less %d bytes", s.cut)
	}
	return b.String()
}

func short(b []byte) string {
	switch {
	case b == nil:
		return "null"
	case len(b) > 80:
		return fmt.Sprintf("%q… (%d)", b[:80], len(b))
	}
	return fmt.Sprintf("%q", b)
}

// encode is the body of the request; path gives the meaning of "$0", and since is
// the zxid of setWatches.
func (s step) encode(path func(string) string, since int64) []byte {
	var e wire.Encoder
	s.encodeTo(&e, path, since)
	b := e.Bytes()
	return b[:max(len(b)-s.cut, 0)]
}

func (s step) encodeTo(e *wire.Encoder, path func(string) string, since int64) {
	switch s.op {
	case wire.OpPing, wire.OpWhoAmI, wire.OpCloseSession:
		return
	case wire.OpAuth:
		e.Int(s.kind)
		e.Ustring(s.path)
		e.Buffer(s.data)
		return
	case wire.OpSetWatches, wire.OpSetWatches2:
		s.encodeWatches(e, path, since)
		return
	case wire.OpMulti, wire.OpMultiRead:
		for _, op := range s.ops {
			multiHeader(e, op.op, false)
			op.encodeTo(e, path, since)
		}
		multiHeader(e, wire.OpError, true)
		return
	}
	if s.noPath {
		e.Buffer(nil)
	} else {
		e.Ustring(path(s.path))
	}
	switch s.op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		e.Buffer(s.data)
		s.encodeACL(e)
		e.Int(s.flags)
		if s.op == wire.OpCreateTTL {
			e.Long(s.ttl)
		}
	case wire.OpDelete, wire.OpCheck:
		e.Int(s.version)
	case wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2:
		e.Bool(s.watch)
	case wire.OpSetData:
		e.Buffer(s.data)
		e.Int(s.version)
	case wire.OpSetACL:
		s.encodeACL(e)
		e.Int(s.version)
	case wire.OpAddWatch, wire.OpCheckWatches, wire.OpRemoveWatches:
		e.Int(s.kind)
	}
}

func multiHeader(e *wire.Encoder, op wire.OpCode, done bool) {
	e.Int(int32(op))
	e.Bool(done)
	e.Int(-1)
}

func (s step) encodeACL(e *wire.Encoder) {
	if s.noACL {
		e.Int(-1)
		return
	}
	e.Int(int32(len(s.acl)))
	for _, a := range s.acl {
		e.Int(a.Perms)
		e.Ustring(a.Scheme)
		e.Ustring(a.ID)
	}
}

func (s step) encodeWatches(e *wire.Encoder, path func(string) string, since int64) {
	e.Long(since)
	n := 3
	if s.op == wire.OpSetWatches2 {
		n = 5
	}
	for _, list := range s.lists[:n] {
		e.Int(int32(len(list)))
		for _, p := range list {
			e.Ustring(path(p))
		}
	}
}

// writes reports whether others may hear of the step.
func (s step) writes() bool {
	switch s.op {
	case wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2, wire.OpGetACL, wire.OpSync,
		wire.OpGetEphemerals, wire.OpGetAllChildrenNumber, wire.OpMultiRead, wire.OpWhoAmI, wire.OpAddWatch,
		wire.OpCheckWatches, wire.OpRemoveWatches, wire.OpAuth, wire.OpSetWatches, wire.OpSetWatches2, stepCut, stepResume:
		return false
	}
	return true
}
