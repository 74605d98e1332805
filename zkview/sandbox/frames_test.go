package sandbox

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// What is no frame ends its connection, at any time, and nothing else.
func TestMalformedFrames(t *testing.T) {
	s := start(t, Options{})
	good := dialSession(t, s)
	good.ask(wire.OpCreate, create("/a", Persistent))
	length := func(n int32) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
	random := make([]byte, 4096)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	random[0] = 0x80 // not a length
	for name, bytes := range map[string][]byte{
		"negative":          length(-1),
		"most negative":     length(-1 << 31),
		"one too long":      length(0xfffff + 1),
		"huge":              length(1<<31 - 1),
		"empty":             length(0),
		"half a header":     framed([]byte{0, 0, 0, 1}),
		"random":            random,
		"HTTP":              []byte("GET / HTTP/1.1\r\n\r\n"),
		"auth without body": framed([]byte{0, 0, 0, 1, 0, 0, 0, 100}),
		"sasl without body": framed([]byte{0, 0, 0, 1, 0, 0, 0, 102}),
	} {
		t.Run(name, func(t *testing.T) {
			first := dial(t, s)
			_, _ = first.socket.Write(bytes)
			first.over()
			middle := dialSession(t, s)
			middle.alive()
			_, _ = middle.socket.Write(bytes)
			middle.over()
			if info, ok := s.info(middle.session); !ok || info.ID != middle.session {
				t.Error("the session is gone with the connection")
			}
			if a := good.ask(wire.OpGetData, pathWatch("/a", false)); a.code != 0 {
				t.Errorf("another connection suffers: %v", a.code)
			}
		})
	}
}

// A frame that stays unfinished holds nobody up, and one that ends in the middle
// takes only its connection.
func TestUnfinishedFrame(t *testing.T) {
	s := start(t, Options{})
	good := dialSession(t, s)
	for _, half := range []*raw{dial(t, s), dialSession(t, s)} {
		if _, err := half.socket.Write([]byte{0, 0x0f, 0xff, 0xff, 1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		good.alive()
		half.socket.Close()
	}
	eventually(t, "the server to see the ends", func() bool {
		s.connMu.Lock()
		defer s.connMu.Unlock()
		return len(s.peers) == 1
	})
	good.alive()
}

// What is wrong within a frame is told to the client, which goes on.
func TestMalformedBodies(t *testing.T) {
	s := start(t, Options{})
	c := dialSession(t, s)
	for op := range opSince {
		switch op {
		case wire.OpPing, wire.OpWhoAmI, wire.OpCloseSession, wire.OpAuth, wire.OpSASL, wire.OpDeleteContainer:
			continue
		}
		if a := c.ask(op, func(e *wire.Encoder) { e.Bool(true) }); a.code != wire.MarshallingError || len(a.body) != 0 {
			t.Errorf("%v: %v % x", op, a.code, a.body)
		}
	}
	hostile := func(e *wire.Encoder) {
		e.Ustring("/a")
		e.Buffer(nil)
		e.Int(1 << 30) // entries of an ACL
	}
	if a := c.ask(wire.OpCreate, hostile); a.code != wire.MarshallingError {
		t.Errorf("a vector longer than the frame: %v", a.code)
	}
	c.alive()
}

func TestUnknownOperation(t *testing.T) {
	s := start(t, Options{})
	for _, op := range []wire.OpCode{0, 10, 23, 99, 108, -2, wire.OpError, 1 << 30} {
		c := dialSession(t, s)
		if a := c.ask(op, nil); a.code != wire.Unimplemented || a.zxid != -1 || len(a.body) != 0 {
			t.Errorf("%v: %+v", op, a)
		}
		c.over()
	}
}

func TestLimits(t *testing.T) {
	t.Run("frame", func(t *testing.T) {
		s := start(t, Options{MaxFrame: 1000})
		c := dialSession(t, s)
		body := make([]byte, 1000)
		binary.BigEndian.PutUint32(body[4:], uint32(wire.OpPing))
		c.send(body)
		if a := c.next(); a.xid != -2 {
			t.Errorf("%+v", a)
		}
		c.send(make([]byte, 1001))
		c.over()
	})
	t.Run("connections", func(t *testing.T) {
		s := start(t, Options{MaxConnections: 2})
		first := dialSession(t, s)
		if _, err := s.Open("10.0.0.1:1", time.Second); err != nil {
			t.Error(err)
		}
		if _, err := s.Open("10.0.0.1:2", time.Second); err == nil {
			t.Error("a third was opened")
		}
		third := dial(t, s)
		third.over()
		first.alive()
		first.socket.Close()
		eventually(t, "room for another", func() bool {
			c := dial(t, s)
			_, _ = c.socket.Write(framed(hello{}.encode()))
			_, err := c.frame()
			return err == nil
		})
	})
	t.Run("memory", func(t *testing.T) {
		s := start(t, Options{MaxMemory: 100 << 10})
		c := dialSession(t, s)
		big := func(p string) answer {
			return c.ask(wire.OpCreate, func(e *wire.Encoder) {
				e.Ustring(p)
				e.Buffer(make([]byte, 60<<10))
				e.Int(1)
				e.Int(31)
				e.Ustring("world")
				e.Ustring("anyone")
				e.Int(0)
			})
		}
		if a := big("/a"); a.code != 0 {
			t.Error(a.code)
		}
		if a := big("/b"); a.code != wire.SystemError {
			t.Errorf("over the limit: %v", a.code)
		}
		c.ask(wire.OpDelete, pathInt("/a", -1))
		if a := big("/b"); a.code != 0 {
			t.Error(a.code)
		}
	})
	t.Run("options", func(t *testing.T) {
		for _, o := range []Options{
			{Version: "2.1.0"},
			{Version: "3.3.6"},
			{Version: "x"},
			{TickTime: -1},
			{MaxFrame: -1},
			{MaxConnections: -1},
			{MaxMemory: -1},
			{Listen: "127.0.0.1:999999"},
		} {
			if s, err := Start(o); err == nil {
				t.Errorf("started with %+v", o)
				s.Close()
			}
		}
	})
}

// connOf is the connection of a session.
func connOf(t *testing.T, s *Server, session int64) *conn {
	t.Helper()
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, ok := s.sessions[session].owner.(*conn)
	if !ok {
		t.Fatal("not connected")
	}
	return c
}

// A client that asks and does not read is not read from any more; when it reads at
// last, it gets all replies in order.
func TestRequestsWaitForTheReader(t *testing.T) {
	s := start(t, Options{})
	c := dialSession(t, s)
	const size, requests = 500 << 10, 100
	c.ask(wire.OpCreate, create("/big", Persistent))
	c.ask(wire.OpSetData, func(e *wire.Encoder) {
		e.Ustring("/big")
		e.Buffer(make([]byte, size))
		e.Int(-1)
	})
	first := c.xid + 1
	for range requests {
		c.begin(wire.OpGetData, pathWatch("/big", false))
	}
	out := connOf(t, s, c.session).out
	eventually(t, "replies to queue up", out.full)
	for range requests {
		out.mu.Lock()
		held := out.size
		out.mu.Unlock()
		if held > maxBacklog+size+1000 {
			t.Fatalf("%d bytes are held", held)
		}
		if a := c.next(); a.xid != first || a.code != 0 {
			t.Fatalf("reply %d %v, want %d", a.xid, a.code, first)
		}
		first++
	}
	c.alive()
}

// A long reply that waits is no reason to drop a connection at the next event.
func TestLongReplyAndEvent(t *testing.T) {
	q := newQueue()
	if waiting := q.push(make([]byte, 2*maxUnread), false, 0); waiting != 0 {
		t.Errorf("%d bytes of events", waiting)
	}
	if waiting := q.push(make([]byte, 10), true, 0); waiting != 14 {
		t.Errorf("%d bytes of events", waiting)
	}
	for range 2 {
		c, _ := q.take()
		q.leaves(c)
		q.written(c)
	}
	if q.size != 0 || q.events != 0 || q.frames != 0 {
		t.Errorf("left over: %+v", q)
	}
}

// A client that does not read its events is dropped, and holds nobody up.
func TestSlowReaderIsDropped(t *testing.T) {
	s := start(t, Options{})
	slow := dialSession(t, s)
	long := "/" + strings.Repeat("x", 100<<10)
	slow.ask(wire.OpAddWatch, pathInt(long, 0))
	c, err := s.Open("10.0.0.1:1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(long, nil, Persistent); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		if _, err := c.Set(long, nil, -1); err != nil {
			t.Fatal(err)
		}
		if info, ok := s.info(slow.session); !ok {
			t.Fatal("the session is gone with the connection")
		} else if !info.Connected {
			break
		}
		if n > 10_000 {
			t.Fatal("a gigabyte of events is held for it")
		}
	}
}
