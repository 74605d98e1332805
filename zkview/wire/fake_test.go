package wire_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
)

// quiet is a logger of go-zookeeper that says nothing.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// listen serves every connection with handle until the test ends; all handlers
// have returned by then.
func listen(t testing.TB, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	closed := false
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			if closed {
				c.Close()
			}
			conns[c] = true
			mu.Unlock()
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer c.Close()
				handle(c)
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		closed = true
		for c := range conns {
			c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// readFrame reads a frame without its length; nil at the end.
func readFrame(c io.Reader) []byte {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil
	}
	b := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(c, b); err != nil {
		return nil
	}
	return b
}

// framed puts the length before a frame.
func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// connectResponse is a whole ConnectResponse frame.
func connectResponse(session int64, timeout time.Duration) []byte {
	var e wire.Encoder
	e.Int(0)
	e.Int(int32(timeout.Milliseconds()))
	e.Long(session)
	e.Buffer(make([]byte, 16))
	e.Bool(false)
	return framed(e.Bytes())
}

// answer is a whole reply frame.
func answer(xid int32, zxid int64, code int32, body []byte) []byte {
	var e wire.Encoder
	e.Int(xid)
	e.Long(zxid)
	e.Int(code)
	return framed(append(e.Bytes(), body...))
}

// call is one request as a fake server sees it.
type call struct {
	xid  int32
	op   wire.OpCode
	body []byte
}

// fake is a server that accepts a session and then answers by the given function,
// which returns the bytes to send; nil closes the connection, empty sends nothing.
// Pings and closeSession it answers itself.
func fake(timeout time.Duration, respond func(call) []byte) func(net.Conn) {
	return func(c net.Conn) {
		if readFrame(c) == nil {
			return
		}
		_, _ = c.Write(connectResponse(77, timeout))
		for {
			f := readFrame(c)
			if len(f) < 8 {
				return
			}
			k := call{int32(binary.BigEndian.Uint32(f)), wire.OpCode(binary.BigEndian.Uint32(f[4:])), f[8:]}
			var out []byte
			switch k.op {
			case wire.OpPing, wire.OpCloseSession:
				out = answer(k.xid, 1, 0, nil)
			default:
				if out = respond(k); out == nil {
					return
				}
			}
			if _, err := c.Write(out); err != nil {
				return
			}
			if k.op == wire.OpCloseSession {
				return
			}
		}
	}
}

// connect opens a go-zookeeper session through d, which ends with the test.
func connect(t testing.TB, d *wire.Dialer, timeout time.Duration, servers ...string) *zk.Conn {
	t.Helper()
	if d.ConnectTimeout == 0 { // the machine may stand still for a while
		d.ConnectTimeout = time.Minute
	}
	if d.HandshakeTimeout == 0 {
		d.HandshakeTimeout = time.Minute
	}
	c, events, err := zk.Connect(servers, timeout, zk.WithDialer(d.Dial), zk.WithLogger(quiet{}), zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		d.Close()
		for range events {
		}
	})
	return c
}

// stat is a Stat record of zeros.
func stat() []byte { return make([]byte, 68) }

// wait receives within a minute.
func wait[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("timed out: %s", what)
		panic("unreachable")
	}
}
