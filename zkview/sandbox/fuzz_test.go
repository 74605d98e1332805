package sandbox

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// requests are frames of all kinds, as seeds.
func requests() [][]byte {
	var all [][]byte
	add := func(op wire.OpCode, fill func(*wire.Encoder)) {
		var e wire.Encoder
		e.Int(int32(len(all) + 1))
		e.Int(int32(op))
		if fill != nil {
			fill(&e)
		}
		all = append(all, framed(e.Bytes()))
	}
	for _, op := range []wire.OpCode{wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer} {
		add(op, create("/a", Sequential))
	}
	add(wire.OpCreateTTL, func(e *wire.Encoder) {
		create("/t", 5)(e)
		e.Long(1000)
	})
	for _, op := range []wire.OpCode{wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2} {
		add(op, pathWatch("/", true))
	}
	for _, op := range []wire.OpCode{
		wire.OpAddWatch, wire.OpCheckWatches, wire.OpRemoveWatches, wire.OpDelete, wire.OpCheck,
	} {
		add(op, pathInt("/a", 1))
	}
	for _, op := range []wire.OpCode{wire.OpGetACL, wire.OpSync, wire.OpGetEphemerals, wire.OpGetAllChildrenNumber} {
		add(op, path("/"))
	}
	add(wire.OpSetData, setData("/a", "x"))
	for _, op := range []wire.OpCode{wire.OpPing, wire.OpWhoAmI, wire.OpReconfig, 4711} {
		add(op, nil)
	}
	add(wire.OpMulti, func(e *wire.Encoder) {
		multiHeader(e, wire.OpCreate, false, -1)
		create("/m", Ephemeral)(e)
		multiHeader(e, wire.OpDelete, false, -1)
		pathInt("/m", -1)(e)
		multiHeader(e, wire.OpError, true, -1)
	})
	add(wire.OpMultiRead, func(e *wire.Encoder) {
		multiHeader(e, wire.OpGetChildren, false, -1)
		pathWatch("/", false)(e)
		multiHeader(e, wire.OpError, true, -1)
	})
	add(wire.OpSetWatches2, func(e *wire.Encoder) {
		e.Long(0)
		for range 5 {
			e.Int(1)
			e.Ustring("/a")
		}
	})
	add(wire.OpAuth, func(e *wire.Encoder) {
		e.Int(0)
		e.Ustring("digest")
		e.Buffer([]byte("user:password"))
	})
	add(wire.OpCloseSession, nil)
	return all
}

// FuzzFrame sends arbitrary bytes to a server, before a handshake or after one:
// nothing panics, the connection comes to an end with its client, and another one
// does not notice.
func FuzzFrame(f *testing.F) {
	for _, r := range requests() {
		f.Add(true, r)
		f.Add(true, append(framed(nil), r...))
	}
	f.Add(false, framed(hello{session: 1, readOnly: true}.encode()))
	f.Add(false, framed(hello{old: true}.encode()))
	f.Add(false, []byte("mntr"))
	f.Add(false, []byte("\xff\xff\xff\xff"))
	f.Add(true, []byte{0, 0x0f, 0xff, 0xff})
	s := start(f, Options{MaxMemory: 64 << 20})
	other := dialSession(f, s)
	if err := other.socket.SetDeadline(time.Time{}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, greeted bool, input []byte) {
		near, far := net.Pipe()
		c := newConn(s, far, netip.MustParseAddrPort("10.0.0.1:4711"))
		if !s.enter(c) {
			t.Fatal("no room")
		}
		s.group.Add(1)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			c.serve()
		}()
		read := make(chan struct{})
		go func() {
			defer close(read)
			_, _ = io.Copy(io.Discard, near)
		}()
		if greeted {
			_, _ = near.Write(framed(hello{}.encode()))
		}
		_, _ = near.Write(input)
		near.Close()
		<-ended
		<-read
		if c.session != nil {
			s.Expire(c.session.id)
		}
		other.t = t
		other.alive()
	})
}

// FuzzDecode decodes arbitrary bodies of all operations: nothing panics, nothing is
// made that is out of proportion to what was sent, and what can be decoded is
// answered by a tree.
func FuzzDecode(f *testing.F) {
	for _, r := range requests() {
		f.Add(binary.BigEndian.Uint32(r[8:]), r[12:])
	}
	f.Add(uint32(wire.OpSetACL), []byte("\x00\x00\x00\x01/\x7f\xff\xff\xff"))
	f.Add(uint32(wire.OpSetWatches), []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff"))
	acts, err := parseRelease("3.8.0")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, op uint32, body []byte) {
		_, _ = decodeConnect(body)
		for d := wire.NewDecoder(body); ; {
			if _, done, err := decodeReadOp(d); done || err != nil {
				break
			}
		}
		r, err := decodeRequest(wire.OpCode(int32(op)), wire.NewDecoder(body), acts)
		held := len(r.path) + len(r.data) + len(r.acl) + len(r.ops)
		if r.set != nil {
			held += len(r.set.data) + len(r.set.exist) + len(r.set.child) + len(r.set.persistent) + len(r.set.recursive)
		}
		if held > 3*len(body)+1 { // a byte that is no UTF-8 becomes three
			t.Fatalf("%d of %d bytes", held, len(body))
		}
		if err != nil {
			return
		}
		tree := newTree(treeConfig{maxMemory: 1 << 20})
		by := &caller{session: 1}
		var res result
		switch {
		case isWrite(r.op):
			res = tree.write(by, &r)
		case r.set != nil:
			tree.setWatches(by, r.set)
		default:
			res = tree.read(by, &r)
		}
		var e wire.Encoder
		if res.code == 0 {
			res.op = r.op
			encodeResult(&e, &res)
		}
	})
}
