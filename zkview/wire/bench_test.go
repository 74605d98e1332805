package wire_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
)

// BenchmarkListing reads the reply to a getChildren2 of 312,763 children, 12 MB,
// from a server on loopback, through a Conn and through a bare net.Conn in turns,
// and reports the ratio of the times.
func BenchmarkListing(b *testing.B) {
	body := listing(312_763)
	benchmarkOverhead(b, body, 1)
}

// BenchmarkChildren is BenchmarkListing as go-zookeeper sees it, with its decoding.
func BenchmarkChildren(b *testing.B) {
	body := listing(312_763)
	addr := listen(b, fake(time.Minute, func(k call) []byte { return answer(k.xid, 1, 0, body) }))
	bare, events, err := zk.Connect([]string{addr}, time.Minute, zk.WithLogger(quiet{}), zk.WithLogInfo(false))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		bare.Close()
		for range events {
		}
	}()
	through := connect(b, &wire.Dialer{Events: wire.Events{Op: func(wire.Op) {}}}, time.Minute, addr)
	var took [2]time.Duration
	for b.Loop() {
		for i, z := range []*zk.Conn{through, bare} {
			begun := time.Now()
			if names, _, err := z.Children("/"); len(names) != 312_763 || err != nil {
				b.Fatal(len(names), err)
			}
			took[i] += time.Since(begun)
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "x-bare")
	b.ReportMetric(float64(took[0].Milliseconds())/float64(b.N), "ms/reply")
}

// BenchmarkSmall does the same with a thousand small replies in a row.
func BenchmarkSmall(b *testing.B) { benchmarkOverhead(b, append(make([]byte, 4), stat()...), 1000) }

func benchmarkOverhead(b *testing.B, body []byte, times int) {
	out := answer(0, 1, 0, body)
	addr := listen(b, fake(time.Minute, func(k call) []byte {
		binary.BigEndian.PutUint32(out[4:], uint32(k.xid))
		return out
	}))
	d := &wire.Dialer{Events: wire.Events{Op: func(wire.Op) {}}}
	defer d.Close()
	through, err := d.Dial("tcp", addr, 0)
	if err != nil {
		b.Fatal(err)
	}
	bare, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	buf := make([]byte, len(out))
	ask := func(c net.Conn, request []byte) {
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf[:4]); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf[:binary.BigEndian.Uint32(buf)]); err != nil {
			b.Fatal(err)
		}
	}
	var e wire.Encoder
	e.Int(1)
	e.Int(int32(wire.OpGetChildren2))
	e.Ustring("/a/path/of/middling/length")
	e.Bool(false)
	request := framed(e.Bytes())
	var took [2]time.Duration
	for _, c := range []net.Conn{through, bare} {
		ask(c, connectRequest(0, 0))
	}
	b.SetBytes(int64(2 * times * len(out)))
	for b.Loop() {
		for i, c := range []net.Conn{through, bare} {
			begun := time.Now()
			for range times {
				ask(c, request)
			}
			took[i] += time.Since(begun)
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "x-bare")
	b.ReportMetric(float64(took[0].Microseconds())/float64(b.N*times), "µs/reply")
}
