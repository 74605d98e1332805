package sandbox_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// TestCompareMalformed compares what becomes of requests that no client sends.
func TestCompareMalformed(t *testing.T) {
	t.Parallel()
	var scenes []scene
	add := func(name string, op wire.OpCode, body []byte) {
		scenes = append(scenes, scene{name, func(addr string) string { return asked(addr, op, body) }})
	}
	for op := wire.OpCode(-15); op <= 110; op++ {
		// Session requests carry no body that is looked at, ping and auth are below;
		// of a check that succeeds the real server tells nothing.
		switch op {
		case wire.OpCreateSession, wire.OpPing:
			continue
		}
		add(fmt.Sprintf("%v without a body", op), op, nil)
		add(fmt.Sprintf("%v of three bytes", op), op, []byte{0, 0, 0})
		add(fmt.Sprintf("%v of a negative length", op), op, []byte{0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0})
		add(fmt.Sprintf("%v of a long length", op), op, []byte{0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0})
	}
	for name, build := range strangeBodies {
		var e wire.Encoder
		op := build(&e)
		add(name, op, e.Bytes())
	}
	for _, n := range []int{0, 1, 4, 7} {
		scenes = append(scenes, scene{fmt.Sprintf("a request of %d bytes", n), func(addr string) string {
			return raw(addr, framed(make([]byte, n)))
		}})
	}
	for _, n := range []uint32{0x100000, 0x7fffffff, 0x80000000, 0xffffffff} {
		scenes = append(scenes, scene{fmt.Sprintf("a request of %#x bytes", n), func(addr string) string {
			return raw(addr, binary.BigEndian.AppendUint32(nil, n))
		}})
	}
	for name, size := range map[string]int{"the longest": 0xfffff, "one byte too long": 0x100000} {
		scenes = append(scenes, scene{name, func(addr string) string {
			var e wire.Encoder
			e.Int(1)
			e.Int(int32(wire.OpSetData))
			e.Ustring("/none")
			e.Buffer(make([]byte, size-8-9-4-4))
			e.Int(-1)
			return raw(addr, framed(e.Bytes()))
		}})
	}
	scenes = append(scenes, scene{"ping under another xid", func(addr string) string {
		return raw(addr, framed([]byte{0, 0, 0, 5, 0, 0, 0, 11}))
	}}, scene{"a four letter word after the handshake", func(addr string) string { return raw(addr, []byte("ruok")) }})
	// Sessions that scenes leave behind do not expire meanwhile: that would move the zxid.
	const tick = malformedSession / 20
	play(t, realServer(t, zktest.TickTime(tick), zktest.Config(fmt.Sprint("maxSessionTimeout=", malformedSession.Milliseconds()))),
		sandboxWithTick(t, tick), scenes)
}

// malformedSession is the timeout of the sessions in which malformed requests are made.
const malformedSession = 10 * time.Minute

// asked opens a session and tells the answer to one request in it.
func asked(addr string, op wire.OpCode, body []byte) string {
	return inSession(addr, func(c *rawConn, x *reader) string {
		frames, err := c.ask(op, body, op == wire.OpCloseSession)
		var lines []string
		for _, f := range frames {
			lines = append(lines, x.line(c, f))
		}
		if err != nil {
			lines = append(lines, err.Error())
		}
		return strings.Join(lines, "; ")
	})
}

// raw opens a session and tells the first frame that follows some bytes.
func raw(addr string, b []byte) string {
	return inSession(addr, func(c *rawConn, _ *reader) string {
		if c.writeBytes(b) != nil {
			c.close()
			return "closed"
		}
		frame, err := c.read()
		if err != nil {
			c.close()
			return ended(err)
		}
		if len(frame) >= 12 { // without the zxid
			return fmt.Sprintf("%x, %x", frame[:4], frame[12:])
		}
		return fmt.Sprintf("%x", frame)
	})
}

func inSession(addr string, do func(*rawConn, *reader) string) string {
	c, err := openRaw(addr, handshake{timeout: int32(malformedSession.Milliseconds()), password: make([]byte, 16)})
	if err != nil {
		return err.Error()
	}
	defer c.close()
	frames, err := c.ask(wire.OpPing, nil, false)
	if err != nil || len(frames) == 0 {
		return "no session"
	}
	text := do(c, &reader{base: c.zxid, sessions: map[int64]int{c.session: 0}})
	if !c.open {
		return text + " closed"
	}
	frames, err = c.ask(wire.OpCloseSession, nil, true)
	if err != nil {
		return text + " " + err.Error()
	}
	return fmt.Sprintf("%s and %d frames", text, len(frames))
}
