package sandbox

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

// perFrame is how many znodes a multiRead of the benchmarks asks for.
const perFrame = 200

// BenchmarkServedMultiRead measures reads of znodes of 100 bytes by multiRead over
// loopback, by clients that each have one request under way. floor is how many the
// same run makes if the other side only sends so many bytes for so many.
func BenchmarkServedMultiRead(b *testing.B) {
	for _, clients := range []int{1, 4} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := start(b, Options{})
			request := fillForReads(b, s)
			conns := make([]net.Conn, clients)
			for i := range conns {
				conns[i] = dialSession(b, s).socket
			}
			size := ask(b, conns[0], request)
			b.ResetTimer()
			took := rounds(b, conns, request)
			b.StopTimer()
			b.ReportMetric(float64(b.N*perFrame)/took.Seconds(), "reads/s")

			for i := range conns {
				conns[i] = echo(b, len(request), size)
			}
			took = rounds(b, conns, request)
			b.ReportMetric(float64(b.N*perFrame)/took.Seconds(), "floor-reads/s")
		})
	}
}

// fillForReads creates what is read, and returns the frame that reads it.
func fillForReads(b *testing.B, s *Server) []byte {
	b.Helper()
	c, err := s.Open("10.0.0.1:1", time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	var e wire.Encoder
	e.Int(1)
	e.Int(int32(wire.OpMultiRead))
	for i := range perFrame {
		path, err := c.Create(fmt.Sprintf("/node-%d", i), make([]byte, 100), Persistent)
		if err != nil {
			b.Fatal(err)
		}
		multiHeader(&e, wire.OpGetData, false, -1)
		e.Ustring(path)
		e.Bool(false)
	}
	multiHeader(&e, wire.OpError, true, -1)
	return framed(e.Bytes())
}

// framed is a body with its length in front.
func framed(body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// ask sends a frame and reads a whole reply, whose length it returns.
func ask(tb testing.TB, conn net.Conn, frame []byte) int {
	tb.Helper()
	n, err := exchange(conn, frame, make([]byte, 1<<20))
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func exchange(conn net.Conn, frame, buffer []byte) (int, error) {
	if _, err := conn.Write(frame); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(conn, buffer[:4]); err != nil {
		return 0, err
	}
	n := int(binary.BigEndian.Uint32(buffer))
	_, err := io.ReadFull(conn, buffer[4:4+n])
	return 4 + n, err
}

// rounds makes b.N exchanges over the connections.
func rounds(b *testing.B, conns []net.Conn, frame []byte) time.Duration {
	b.Helper()
	begun := time.Now()
	errs := make(chan error)
	for i, conn := range conns {
		go func() {
			buffer := make([]byte, 1<<20)
			var err error
			for n := i; n < b.N && err == nil; n += len(conns) {
				_, err = exchange(conn, frame, buffer)
			}
			errs <- err
		}()
	}
	for range conns {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begun)
}

// echo is a connection whose other side sends out bytes for each in bytes.
func echo(b *testing.B, in, out int) net.Conn {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	far, err := listener.Accept()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { near.Close() })
	go func() {
		defer far.Close()
		got, answer := make([]byte, in), make([]byte, out)
		binary.BigEndian.PutUint32(answer, uint32(out-4))
		for {
			if _, err := io.ReadFull(far, got); err != nil {
				return
			}
			if _, err := far.Write(answer); err != nil {
				return
			}
		}
	}()
	return near
}
