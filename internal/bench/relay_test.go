package bench

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// opPing is the request that keeps a session (ZooDefs.OpCode.ping).
const opPing = 11

// relay passes bytes between clients and a server and counts the requests.
type relay struct {
	l      net.Listener
	server string
	wg     sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
	ops   map[int32]int // by type of request; a word of four letters counts as 0
}

// newRelay starts a relay; it ends with the benchmark.
func newRelay(b *testing.B, server string) *relay {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	r := &relay{l: l, server: server, ops: map[int32]int{}}
	r.wg.Go(r.accept)
	b.Cleanup(r.close)
	return r
}

func (r *relay) addr() string { return r.l.Addr().String() }

func (r *relay) close() {
	_ = r.l.Close()
	r.mu.Lock()
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

// counted returns how many pings and how many other requests passed so far.
func (r *relay) counted() (pings, others int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for op, n := range r.ops {
		if op == opPing {
			pings += n
		} else {
			others += n
		}
	}
	return pings, others
}

func (r *relay) accept() {
	for {
		client, err := r.l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, client, server)
		r.mu.Unlock()
		r.wg.Go(func() {
			_, _ = io.Copy(client, server)
			_ = client.Close()
		})
		r.wg.Go(func() {
			r.requests(client, server)
			_ = server.Close()
		})
	}
}

// requests passes what a client sends, frame by frame: a length, then xid and type,
// but for the first, which asks for the session.
func (r *relay) requests(client io.Reader, server io.Writer) {
	var head [4]byte
	for first := true; ; first = false {
		if _, err := io.ReadFull(client, head[:]); err != nil {
			return
		}
		n := binary.BigEndian.Uint32(head[:])
		if first && n > 1<<20 { // four letters, and nothing behind them
			r.count(0)
			_, _ = server.Write(head[:])
			_, _ = io.Copy(server, client)
			return
		}
		frame := make([]byte, 4+n)
		copy(frame, head[:])
		if _, err := io.ReadFull(client, frame[4:]); err != nil {
			return
		}
		if !first && n >= 8 {
			r.count(int32(binary.BigEndian.Uint32(frame[8:])))
		}
		if _, err := server.Write(frame); err != nil {
			return
		}
	}
}

func (r *relay) count(op int32) {
	r.mu.Lock()
	r.ops[op]++
	r.mu.Unlock()
}
