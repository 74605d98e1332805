package sandbox

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// step is one request of a conversation.
type step struct {
	op   wire.OpCode
	fill func(*wire.Encoder)
}

// conversations are what no client library sends, or what a server answers in its
// own way, but for Stats, in which there are times: each on a session of its own.
func conversations(root string) map[string][]step {
	null := func(e *wire.Encoder) { e.Buffer(nil) }
	nullPath := func(e *wire.Encoder) {
		e.Buffer(nil)
		e.Bool(false)
	}
	trailing := func(e *wire.Encoder) {
		create(root+"/trailing", Persistent)(e)
		e.Long(0)
	}
	authenticate := func(scheme string, secret []byte) func(*wire.Encoder) {
		return func(e *wire.Encoder) {
			e.Int(0)
			e.Ustring(scheme)
			e.Buffer(secret)
		}
	}
	token := func(b []byte) func(*wire.Encoder) { return func(e *wire.Encoder) { e.Buffer(b) } }
	ops := func(fills ...func(*wire.Encoder)) func(*wire.Encoder) {
		return func(e *wire.Encoder) {
			for _, f := range fills {
				f(e)
			}
			multiHeader(e, wire.OpError, true, -1)
		}
	}
	one := func(op wire.OpCode, fill func(*wire.Encoder)) func(*wire.Encoder) {
		return func(e *wire.Encoder) {
			multiHeader(e, op, false, -1)
			fill(e)
		}
	}
	watches := func(e *wire.Encoder) {
		e.Long(0)
		for range 3 {
			e.Int(0)
		}
	}
	reconfig := func(e *wire.Encoder) {
		for range 3 {
			e.Ustring("")
		}
		e.Long(-1)
	}
	a := root + "/a"
	return map[string][]step{
		"unknown":           {{opUnknown, nil}},
		"createSession":     {{wire.OpCreateSession, nil}, {wire.OpPing, nil}},
		"deleteContainer":   {{wire.OpDeleteContainer, path(root)}},
		"reconfig":          {{wire.OpReconfig, reconfig}, {wire.OpReconfig, null}},
		"sasl":              {{wire.OpSASL, token([]byte("x"))}, {wire.OpSASL, token([]byte{})}},
		"sasl, null":        {{wire.OpSASL, null}},
		"auth, empty":       {{wire.OpAuth, nil}},
		"auth, unknown":     {{wire.OpAuth, authenticate("foo", nil)}},
		"auth, world":       {{wire.OpAuth, authenticate("world", []byte("anyone"))}},
		"auth, null digest": {{wire.OpAuth, authenticate("digest", nil)}},
		"auth, ip":          {{wire.OpAuth, authenticate("ip", nil)}, {wire.OpWhoAmI, nil}},
		"auth, no colon":    {{wire.OpAuth, authenticate("digest", []byte("abc"))}},
		"create":            {{wire.OpCreate, null}, {wire.OpCreate, nil}, {wire.OpCreate, create(a, 77)}, {wire.OpCreate, create(root+"/\xff", 0)}, {wire.OpCreate, trailing}},
		"null paths":        {{wire.OpExists, nullPath}, {wire.OpGetData, nullPath}, {wire.OpGetChildren, nullPath}, {wire.OpSync, null}},
		"sync":              {{wire.OpSync, path("nowhere")}},
		"check":             {{wire.OpCheck, pathInt(a, 3)}, {wire.OpCheck, pathInt(root, 99)}},
		"setWatches":        {{wire.OpSetWatches, watches}, {wire.OpSetWatches2, watches}},
		"watches":           {{wire.OpAddWatch, pathInt(a, 7)}, {wire.OpAddWatch, pathInt(a, 1)}, {wire.OpCheckWatches, pathInt(a, 9)}, {wire.OpCheckWatches, pathInt(a, 3)}, {wire.OpRemoveWatches, pathInt(a, 4)}, {wire.OpRemoveWatches, pathInt(a, 3)}, {wire.OpRemoveWatches, pathInt(a, 3)}},
		"multi":             {{wire.OpMulti, ops()}, {wire.OpMulti, nil}, {wire.OpMulti, ops(one(99, path("/")))}},
		"multi of reads":    {{wire.OpMulti, ops(one(wire.OpGetData, pathWatch(root, false)))}},
		"multi, mixed":      {{wire.OpMulti, ops(one(wire.OpCheck, pathInt(root, -1)), one(wire.OpGetData, pathWatch(root, false)))}},
		"multi of all": {{wire.OpMulti, ops(
			one(wire.OpCreate, create(root+"/m", 0)), one(wire.OpCheck, pathInt(root+"/m", 0)),
			one(wire.OpDelete, pathInt(root+"/m", 0)))}, {
			wire.OpMulti, ops(one(wire.OpCheck, pathInt(root, -1)), one(wire.OpDelete, pathInt(a, 1)), one(wire.OpCheck, pathInt(root, -1))),
		}},
		"multiRead":           {{wire.OpMultiRead, ops()}, {wire.OpMultiRead, nil}, {wire.OpMultiRead, ops(one(wire.OpGetData, pathWatch(a, true)), one(wire.OpGetChildren, pathWatch("/zookeeper/quota", false)))}},
		"multiRead of writes": {{wire.OpMultiRead, ops(one(wire.OpCheck, pathInt(root, 0)))}},
		"ephemerals":          {{wire.OpCreate, create(root+"/e", Ephemeral)}, {wire.OpGetEphemerals, null}, {wire.OpGetEphemerals, path(root + "/f")}},
		"numbers":             {{wire.OpGetAllChildrenNumber, path(root)}, {wire.OpGetAllChildrenNumber, path(a)}},
		"ACLs":                {{wire.OpSetACL, null}, {wire.OpSetACL, pathInt(root, 0)}, {wire.OpGetACL, path(a)}},
		"close":               {{wire.OpCreate, create(root+"/e", Ephemeral)}, {wire.OpGetChildren, pathWatch(root+"/e", true)}, {wire.OpCloseSession, nil}},
	}
}

// opUnknown is no request. A server answers it, ends the connection, and may take in what
// comes until then (UnimplementedRequestProcessor).
const opUnknown wire.OpCode = 99

// converse makes a conversation and writes down what the server says, with zxids
// counted from the first.
func converse(t *testing.T, address string, steps []step) string {
	t.Helper()
	c := dialTo(t, address)
	if !c.hello(hello{}) {
		t.Fatal("no session")
	}
	base := c.ask(wire.OpSync, path("/")).zxid
	var said strings.Builder
	for _, s := range append(steps, step{wire.OpPing, nil}) {
		if s.op == wire.OpPing && steps[len(steps)-1].op == opUnknown {
			switch _, err := c.frame(); {
			case err == nil:
				return said.String() + "something else\n"
			case errors.Is(err, os.ErrDeadlineExceeded):
				return said.String() + "nothing\n"
			}
			return said.String() + "the end\n"
		}
		c.xid++
		var e wire.Encoder
		e.Int(c.xid)
		e.Int(int32(s.op))
		if s.fill != nil {
			s.fill(&e)
		}
		if _, err := c.socket.Write(framed(e.Bytes())); err != nil {
			return said.String() + "the end\n"
		}
		for xid := int32(-1); xid == -1; { // events come first
			body, err := c.frame()
			if err != nil {
				return said.String() + "the end\n"
			}
			d := wire.NewDecoder(body)
			xid = d.Int()
			zxid := d.Long()
			if zxid > 0 {
				zxid -= base
			}
			fmt.Fprintf(&said, "%v: xid %d zxid %d code %d: % x\n", s.op, xid, zxid, d.Int(), body[min(16, len(body)):])
		}
	}
	return said.String()
}

// What is unusual is answered as the real server answers it, byte by byte.
func TestAnswersOfTheRealServer(t *testing.T) {
	address := zktest.SharedReal(t)
	root := zktest.RootOn(t, address)
	s := start(t, Options{})
	inside := within(t, s)
	if _, err := inside.Create(root, nil, Persistent); err != nil {
		t.Fatal(err)
	}
	for name, steps := range conversations(root) {
		t.Run(name, func(t *testing.T) {
			want, got := converse(t, address, steps), converse(t, s.Addr(), steps)
			if got != want {
				t.Errorf("the sandbox says\n%sthe real server\n%s", got, want)
			}
		})
	}
}
