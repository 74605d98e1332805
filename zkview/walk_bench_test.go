package zkview

import (
	"context"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/peers"
	zkseed "zkdeck/internal/zktest/seed"
)

// BenchmarkWalk walks 1,010,101 znodes on a server of its own: by a bare loop of
// multiReads ([peers.MultiRead]) of 200 and of 1,000 paths, of which the faster is
// what x-bare is to, by Walk, which gives every path to visit, and by go-zookeeper,
// one request a znode from 256 callers.
func BenchmarkWalk(b *testing.B) {
	addr := zktest.Start(b, 1, zktest.JVM("-Xmx2g")).Addr()
	conn := zktest.Connect(b, addr)
	const root, all = "/million", zkseed.MillionZnodes
	if err := zkseed.Million(b.Context(), conn, root); err != nil {
		b.Fatal(err)
	}
	s, err := Open(Config{Servers: addr})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	bare := func(b *testing.B, paths int) time.Duration {
		b.Helper()
		start := time.Now()
		n, err := peers.MultiRead(addr, root, paths)
		if n != all || err != nil {
			b.Fatalf("%d znodes, %v", n, err)
		}
		return time.Since(start)
	}
	var ours time.Duration
	b.Run("bare+Walk", func(b *testing.B) {
		bare(b, 200) // warms the server up
		var bare200, bare1000 time.Duration
		const rounds = 3
		var heap uint64
		for b.Loop() {
			ours, bare200, bare1000 = 0, 0, 0
			for range rounds {
				bare200 += bare(b, 200)
				took, top := ourWalk(b, s, root, WalkOptions{Fast: true}, all)
				ours += took
				heap = max(heap, top)
				bare1000 += bare(b, 1000)
			}
		}
		ours /= rounds
		b.ReportMetric(float64(rounds*ours)/float64(min(bare200, bare1000)), "x-bare")
		b.ReportMetric(bare200.Seconds()/rounds, "s-bare-200")
		b.ReportMetric(bare1000.Seconds()/rounds, "s-bare-1000")
		b.ReportMetric(ours.Seconds(), "s-walk")
		b.ReportMetric(float64(heap)/1e6, "MB-heap")
	})
	for name, o := range map[string]WalkOptions{"Stat": {Fast: true, Stat: true}, "polite": {}} {
		b.Run(name, func(b *testing.B) {
			var took time.Duration
			var heap uint64
			for b.Loop() {
				took, heap = ourWalk(b, s, root, o, all)
			}
			b.ReportMetric(took.Seconds(), "s-walk")
			b.ReportMetric(float64(heap)/1e6, "MB-heap")
		})
	}
	b.Run("one-by-one", func(b *testing.B) {
		for b.Loop() {
			if n, err := peers.OneByOne(conn, root, 256); n != all || err != nil {
				b.Fatalf("%d znodes, %v", n, err)
			}
		}
		if ours > 0 {
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(ours), "x-walk")
		}
	})
}

// ourWalk returns how long a walk took, and the most that was on the heap.
func ourWalk(b *testing.B, s *Session, root string, o WalkOptions, want int) (time.Duration, uint64) {
	b.Helper()
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
