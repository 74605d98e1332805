package zkview

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"zkdeck/zkview/wire"
)

// frameProxy stands before a server and knows where frames begin and end: it can
// be a server of another version. Unlike zktest.Proxy, it can be cut while it has
// much to pass on: the goroutine of a toxic stays there for ever.
type frameProxy struct {
	addr, upstream string
	// srvr, if not empty, is the answer to every four letter word.
	srvr string
	// refuses reports whether a request is one that the server does not know.
	refuses func(wire.OpCode) bool
	// kills reports whether a request ends the connection.
	kills func(frame []byte) bool
	// disguise are pairs of strings of one length, of which the server knows the
	// first and the client the second.
	disguise [][2]string

	mu    sync.Mutex
	seen  map[wire.OpCode]int
	conns map[net.Conn]bool
	down  bool
	mute  bool
}

// start serves until the test ends.
func (p *frameProxy) start(t *testing.T) *frameProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr, p.seen, p.conns = l.Addr().String(), map[wire.OpCode]int{}, map[net.Conn]bool{}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(c, &serving) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.cut(true)
		serving.Wait()
	})
	return p
}

// cut ends all connections and, if down, takes no more until heal.
func (p *frameProxy) cut(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

// heal undoes cut and stall; what stalled is cut.
func (p *frameProxy) heal() {
	p.mu.Lock()
	stalled := p.mute
	p.down, p.mute = false, false
	p.mu.Unlock()
	if stalled {
		p.cut(false)
	}
}

// stall passes on no more answers; they are lost.
func (p *frameProxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute = true
}

func (p *frameProxy) stalled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mute
}

// keep notes a connection, or closes it where none is to be.
func (p *frameProxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns[c] = true; p.down {
		c.Close()
	}
}

// count is how often the requests were made that old servers do not know.
func (p *frameProxy) count(old func(wire.OpCode) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for op, times := range p.seen {
		if old(op) {
			n += times
		}
	}
	return n
}

func (p *frameProxy) serve(c net.Conn, serving *sync.WaitGroup) {
	defer c.Close()
	p.keep(c)
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return
	}
	if p.srvr != "" && head[0] != 0 {
		_, _ = io.WriteString(c, p.srvr)
		return
	}
	up, err := net.Dial("tcp", p.upstream)
	if err != nil {
		return
	}
	defer up.Close()
	p.keep(up)
	_, _ = up.Write(head[:])
	if head[0] != 0 {
		_, _ = io.Copy(c, up)
		return
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(c, body); err != nil {
		return
	}
	_, _ = up.Write(body)
	serving.Go(func() {
		defer c.Close()
		for f := nextFrame(up); f != nil; f = nextFrame(up) {
			for _, d := range p.disguise {
				f = bytes.ReplaceAll(f, []byte(d[0]), []byte(d[1]))
			}
			if p.stalled() {
				continue
			}
			if _, err := c.Write(f); err != nil {
				return
			}
		}
	})
	for f := nextFrame(c); f != nil; f = nextFrame(c) {
		op := wire.OpCode(binary.BigEndian.Uint32(f[8:]))
		p.mu.Lock()
		p.seen[op]++
		p.mu.Unlock()
		if p.kills != nil && p.kills(f) {
			return
		}
		if p.refuses != nil && p.refuses(op) {
			var e wire.Encoder
			e.Int(16)
			e.Int(int32(binary.BigEndian.Uint32(f[4:])))
			e.Long(1)
			e.Int(int32(wire.Unimplemented))
			_, _ = c.Write(e.Bytes())
			return
		}
		for _, d := range p.disguise {
			f = bytes.ReplaceAll(f, []byte(d[1]), []byte(d[0]))
		}
		if _, err := up.Write(f); err != nil {
			return
		}
	}
}

// nextFrame reads a frame with its length; nil at the end.
func nextFrame(c io.Reader) []byte {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil
	}
	f := make([]byte, 4+binary.BigEndian.Uint32(head[:]))
	copy(f, head[:])
	if _, err := io.ReadFull(c, f[4:]); err != nil || len(f) < 12 {
		return nil
	}
	return f
}
