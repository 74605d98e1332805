package sandbox

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"

	"zkdeck/zkview/wire"
)

// million is a tree of a million znodes with 16 bytes each, a thousand below each of
// a thousand, or all of them below one.
func million(b *testing.B, flat bool) *tree {
	g := newRig(b, treeConfig{})
	for i := range 1000 {
		dir := fmt.Sprintf("/dir-%04d", i)
		if flat {
			dir = "/dir"
		}
		if !flat || i == 0 {
			g.mk(dir)
		}
		for k := range 1000 {
			g.do(0, request{
				op: wire.OpCreate, path: fmt.Sprintf("%s/node-%07d", dir, i*1000+k),
				data: []byte("sixteen bytes..."), acl: open,
			})
		}
	}
	return g.tree
}

// BenchmarkMillion reports the memory of a million znodes: what is live, the tree's
// own estimate of it, and what the process took with the garbage of making them.
func BenchmarkMillion(b *testing.B) {
	for _, flat := range []bool{false, true} {
		b.Run(fmt.Sprintf("flat=%v", flat), func(b *testing.B) {
			for range b.N {
				debug.FreeOSMemory()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				t := million(b, flat)
				runtime.ReadMemStats(&after)
				taken := after.Sys - after.HeapReleased
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-live")
				b.ReportMetric(float64(t.memory)/1e6, "MB-estimate")
				b.ReportMetric(float64(taken)/1e6, "MB-process")
				runtime.KeepAlive(t)
			}
		})
	}
}

// BenchmarkMultiRead reports reads per second through multiReads of 100 getData each,
// under the read lock as the server calls it.
func BenchmarkMultiRead(b *testing.B) {
	t := million(b, false)
	r := &request{op: wire.OpMultiRead}
	for i := range 100 {
		r.ops = append(r.ops, request{op: wire.OpGetData, path: fmt.Sprintf("/dir-%04d/node-%07d", i*7, i*7000+i)})
	}
	var mu sync.RWMutex
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		by := &caller{}
		for pb.Next() {
			mu.RLock()
			a := t.read(by, r)
			mu.RUnlock()
			if a.results[99].code != 0 {
				b.Error(a.results[99].code)
			}
		}
	})
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "reads/s")
}

// BenchmarkWideList lists 300,000 children.
func BenchmarkWideList(b *testing.B) {
	g := newRig(b, treeConfig{})
	g.mk("/w")
	for range 300_000 {
		g.do(0, request{op: wire.OpCreate, path: "/w/node-", flags: 2, acl: open})
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if a := g.read(g.me, &request{op: wire.OpGetChildren2, path: "/w"}); len(a.names) != 300_000 {
			b.Fatal(len(a.names))
		}
	}
}
