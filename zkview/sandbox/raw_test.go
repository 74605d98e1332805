package sandbox

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// raw is a client that sends frames as they are.
type raw struct {
	t       testing.TB
	socket  net.Conn
	session int64
	timeout int32
	secret  []byte
	xid     int32

	readOnly bool // what the server said
}

// answer is a frame that came: a reply, or an event (xid -1).
type answer struct {
	xid  int32
	zxid int64
	code wire.Code
	body []byte
}

// hello is what a raw client asks for.
type hello struct {
	seen     int64
	timeout  time.Duration // 10 s if it is zero
	session  int64
	secret   []byte
	old      bool // without the readOnly byte
	readOnly bool
}

// dial makes a connection that has not said anything.
func dial(t testing.TB, s *Server) *raw {
	t.Helper()
	return dialTo(t, s.Addr())
}

func dialTo(t testing.TB, address string) *raw {
	t.Helper()
	socket, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := socket.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &raw{t: t, socket: socket}
}

// dialSession makes a connection with a new session.
func dialSession(t testing.TB, s *Server) *raw {
	t.Helper()
	c := dial(t, s)
	if !c.hello(hello{}) {
		t.Fatal("no session")
	}
	return c
}

// hello makes the handshake, and reports whether there is a session.
func (c *raw) hello(h hello) bool {
	c.t.Helper()
	c.send(h.encode())
	body, err := c.frame()
	if err != nil {
		c.t.Fatalf("no answer to the connect request: %v", err)
	}
	d := wire.NewDecoder(body)
	d.Int()
	c.timeout = d.Int()
	c.session = d.Long()
	c.secret = d.Buffer()
	if !h.old {
		c.readOnly = d.Bool()
	}
	if d.Err() != nil || d.Len() != 0 || len(c.secret) != passwordSize {
		c.t.Fatalf("connect response % x", body)
	}
	return c.session != 0
}

func (h hello) encode() []byte {
	if h.timeout == 0 {
		h.timeout = 10 * time.Second
	}
	if h.secret == nil {
		h.secret = make([]byte, passwordSize)
	}
	var e wire.Encoder
	e.Int(0)
	e.Long(h.seen)
	e.Int(int32(h.timeout.Milliseconds()))
	e.Long(h.session)
	e.Buffer(h.secret)
	if !h.old {
		e.Bool(h.readOnly)
	}
	return e.Bytes()
}

// send sends a frame.
func (c *raw) send(body []byte) {
	c.t.Helper()
	if _, err := c.socket.Write(framed(body)); err != nil {
		c.t.Fatal(err)
	}
}

// frame reads a frame.
func (c *raw) frame() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.socket, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	_, err := io.ReadFull(c.socket, body)
	return body, err
}

// next reads a reply or an event.
func (c *raw) next() answer {
	c.t.Helper()
	body, err := c.frame()
	if err != nil {
		c.t.Fatalf("no reply: %v", err)
	}
	d := wire.NewDecoder(body)
	a := answer{xid: d.Int(), zxid: d.Long(), code: wire.Code(d.Int())}
	if d.Err() != nil {
		c.t.Fatalf("reply % x", body)
	}
	a.body = body[16:]
	return a
}

// begin sends a request of operation op, whose body fill writes.
func (c *raw) begin(op wire.OpCode, fill func(*wire.Encoder)) {
	c.t.Helper()
	c.xid++
	var e wire.Encoder
	e.Int(c.xid)
	e.Int(int32(op))
	if fill != nil {
		fill(&e)
	}
	c.send(e.Bytes())
}

// ask sends a request and reads the next frame, which must be the reply.
func (c *raw) ask(op wire.OpCode, fill func(*wire.Encoder)) answer {
	c.t.Helper()
	c.begin(op, fill)
	a := c.next()
	if a.xid != c.xid && a.xid != -2 {
		c.t.Fatalf("reply to %v has xid %d, want %d", op, a.xid, c.xid)
	}
	return a
}

// event reads the next frame, which must be an event.
func (c *raw) event() (kind int32, path string) {
	c.t.Helper()
	a := c.next()
	d := wire.NewDecoder(a.body)
	kind, state, path := d.Int(), d.Int(), d.Ustring()
	if a.xid != -1 || a.zxid != -1 || a.code != 0 || state != stateSyncConnected || d.Err() != nil || d.Len() != 0 {
		c.t.Fatalf("not an event: %+v", a)
	}
	return kind, path
}

// over checks that the server has closed the connection without another word.
func (c *raw) over() {
	c.t.Helper()
	body, err := c.frame()
	if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		c.t.Errorf("the connection goes on: % x, %v", body, err)
	}
}

// alive checks that a ping is answered.
func (c *raw) alive() {
	c.t.Helper()
	if a := c.ask(wire.OpPing, nil); a.xid != -2 || a.code != 0 || len(a.body) != 0 {
		c.t.Errorf("ping: %+v", a)
	}
}

// Bodies of requests.

func path(p string) func(*wire.Encoder) { return func(e *wire.Encoder) { e.Ustring(p) } }

func pathWatch(p string, watch bool) func(*wire.Encoder) {
	return func(e *wire.Encoder) {
		e.Ustring(p)
		e.Bool(watch)
	}
}

func pathInt(p string, n int32) func(*wire.Encoder) {
	return func(e *wire.Encoder) {
		e.Ustring(p)
		e.Int(n)
	}
}

func create(p string, flags CreateMode) func(*wire.Encoder) {
	return func(e *wire.Encoder) {
		e.Ustring(p)
		e.Buffer([]byte("data"))
		e.Int(1)
		e.Int(31)
		e.Ustring("world")
		e.Ustring("anyone")
		e.Int(int32(flags))
	}
}

func setData(p, data string) func(*wire.Encoder) {
	return func(e *wire.Encoder) {
		e.Ustring(p)
		e.Buffer([]byte(data))
		e.Int(-1)
	}
}
