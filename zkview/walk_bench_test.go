package zkview

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	zkseed "zkdeck/internal/zktest/seed"
	"zkdeck/zkview/wire"
)

// BenchmarkWalk walks 1,010,101 znodes on a server of its own: by a bare loop of
// multiReads, by Walk, and by go-zookeeper, one request a znode from 256 callers.
//
// The bare loop is the least that can walk by multiRead: a connection of its own,
// 200 or 1,000 paths a frame, breadth-first, eight frames under way; it makes paths
// out of the replies and looks at nothing else. x-bare is to the faster of the two.
// Walk gives every path to visit.
func BenchmarkWalk(b *testing.B) {
	addr := zktest.Start(b, 1, zktest.JVM("-Xmx2g")).Addr()
	conn := zktest.Connect(b, addr)
	const root = "/million"
	start := time.Now()
	if err := zkseed.Million(b.Context(), conn, root); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d znodes created in %v", zkseed.MillionZnodes, time.Since(start).Round(time.Second))
	s, err := Open(Config{Servers: addr})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	var ours time.Duration
	b.Run("bare+Walk", func(b *testing.B) {
		bareWalk(b, addr, root, 200, zkseed.MillionZnodes) // warms the server up
		var bare200, bare1000 time.Duration
		const rounds = 3
		var heap uint64
		for b.Loop() {
			ours, bare200, bare1000 = 0, 0, 0
			for range rounds {
				bare200 += bareWalk(b, addr, root, 200, zkseed.MillionZnodes)
				took, top := ourWalk(b, s, root, WalkOptions{Fast: true}, zkseed.MillionZnodes)
				ours += took
				heap = max(heap, top)
				bare1000 += bareWalk(b, addr, root, 1000, zkseed.MillionZnodes)
			}
		}
		ours /= rounds
		b.ReportMetric(float64(rounds*ours)/float64(min(bare200, bare1000)), "x-bare")
		b.ReportMetric(bare200.Seconds()/rounds, "s-bare-200")
		b.ReportMetric(bare1000.Seconds()/rounds, "s-bare-1000")
		b.ReportMetric(ours.Seconds(), "s-walk")
		b.ReportMetric(float64(heap)/1e6, "MB-heap")
	})
	b.Run("Stat", func(b *testing.B) {
		var took time.Duration
		var heap uint64
		for b.Loop() {
			took, heap = ourWalk(b, s, root, WalkOptions{Fast: true, Stat: true}, zkseed.MillionZnodes)
		}
		b.ReportMetric(took.Seconds(), "s-walk")
		b.ReportMetric(float64(heap)/1e6, "MB-heap")
	})
	b.Run("one-by-one", func(b *testing.B) {
		var took time.Duration
		for b.Loop() {
			took = oneByOne(b, conn, root, zkseed.MillionZnodes)
		}
		b.ReportMetric(took.Seconds(), "s-one-by-one")
		if ours > 0 {
			b.ReportMetric(float64(took)/float64(ours), "x-walk")
		}
	})
}

// ourWalk returns how long a walk took, and the most that was on the heap.
func ourWalk(b *testing.B, s *Session, root string, o WalkOptions, want int) (time.Duration, uint64) {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	top, n := uint64(0), 0
	start := time.Now()
	p, err := s.Walk(context.Background(), root, o, func(batch []Znode) error {
		if n += len(batch); n>>14 != (n-len(batch))>>14 {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
		}
		return nil
	})
	took := time.Since(start)
	if err != nil || n != want || p.Unread+p.Gone != 0 {
		b.Fatalf("%d znodes, %+v, %v", n, p, err)
	}
	return took, top
}

// bareWalk walks by multiReads of so many paths on a connection of its own.
func bareWalk(b *testing.B, addr, root string, paths, want int) time.Duration {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	frame := func(body []byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
	}
	read := func() []byte {
		var head [4]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			b.Fatal(err)
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(conn, body); err != nil {
			b.Fatal(err)
		}
		return body
	}
	write := func(body []byte) {
		if _, err := conn.Write(frame(body)); err != nil {
			b.Fatal(err)
		}
	}
	var e wire.Encoder
	e.Int(0)
	e.Long(0)
	e.Int(60_000)
	e.Long(0)
	e.Buffer(make([]byte, 16))
	e.Bool(false)
	write(e.Bytes())
	read()

	const flight = 8
	start := time.Now()
	queue, seen, xid := []string{root}, 0, int32(0)
	var asked [][]string
	for len(queue)+len(asked) > 0 {
		for len(asked) < flight && len(queue) > 0 {
			n := min(paths, len(queue))
			var e wire.Encoder
			xid++
			e.Int(xid)
			e.Int(int32(wire.OpMultiRead))
			for _, p := range queue[:n] {
				e.Int(int32(wire.OpGetChildren))
				e.Bool(false)
				e.Int(-1)
				e.Ustring(p)
				e.Bool(false)
			}
			e.Int(-1)
			e.Bool(true)
			e.Int(-1)
			write(e.Bytes())
			asked, queue = append(asked, queue[:n]), queue[n:]
		}
		d := wire.NewDecoder(read())
		d.Int()
		d.Long()
		d.Int()
		for _, p := range asked[0] {
			d.Int()
			d.Bool()
			d.Int()
			for range d.Int() {
				queue = append(queue, p+"/"+string(d.Buffer()))
			}
			seen++
		}
		asked = asked[1:]
		if d.Err() != nil {
			b.Fatal(d.Err())
		}
	}
	took := time.Since(start)
	if seen != want {
		b.Fatalf("%d znodes, want %d", seen, want)
	}
	return took
}

// oneByOne walks by go-zookeeper, with 256 callers.
func oneByOne(b *testing.B, conn *zk.Conn, root string, want int64) time.Duration {
	start := time.Now()
	var seen atomic.Int64
	var mu sync.Mutex
	more := sync.NewCond(&mu)
	queue, busy := []string{root}, 0
	var callers sync.WaitGroup
	for range 256 {
		callers.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for {
				for len(queue) == 0 && busy > 0 {
					more.Wait()
				}
				if len(queue) == 0 {
					more.Broadcast()
					return
				}
				path := queue[len(queue)-1]
				queue = queue[:len(queue)-1]
				busy++
				mu.Unlock()
				names, _, err := conn.Children(path)
				if err != nil {
					b.Error(err)
				}
				seen.Add(1)
				mu.Lock()
				busy--
				for _, n := range names {
					queue = append(queue, path+"/"+n)
				}
				if len(names) > 0 || busy == 0 {
					more.Broadcast()
				}
			}
		})
	}
	callers.Wait()
	took := time.Since(start)
	if seen.Load() != want {
		b.Fatalf("%d znodes, want %d", seen.Load(), want)
	}
	return took
}
