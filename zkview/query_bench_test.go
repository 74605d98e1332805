package zkview

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// manyZnodes are n znodes as a cluster has them.
func manyZnodes(n int) []Znode {
	r := rand.New(rand.NewPCG(1, 2))
	zs := make([]Znode, n)
	data := []byte(`{"version":4,"host":"kafka-3.Example.org","port":9092,"jmx_port":9999,"timestamp":"1700000000000"}`)
	for i := range zs {
		zs[i] = Znode{
			Path: fmt.Sprintf("/Solr/collections/logs-%03d/leader_elect/shard%d/n_%010d", i%1000, r.IntN(9), i),
			Stat: Stat{Czxid: int64(i) + 1, MtimeMS: int64(r.IntN(1e9)), DataLength: int32(r.IntN(5000)), EphemeralOwner: int64(r.IntN(2))},
			Data: data,
		}
	}
	return zs
}

// BenchmarkMatch decides on a million znodes an iteration, few of which match.
func BenchmarkMatch(b *testing.B) {
	zs := manyZnodes(10_000)
	for _, query := range []string{
		"0000004711", "n_0000004711 shard3", "Leader_elect/shard99", "*4711", "/solr/**/shard99/*", "re:n_\\d+99999$", "re:(shard7|shard77)/n_0+8888",
		"fuzzy:slshxq", "content:jmxport", "content:no-such-text", "size:>4999 is:ephemeral changed:<1h", "-solr",
	} {
		q := must(ParseQuery(query))
		b.Run(strings.ReplaceAll(query, "/", "|"), func(b *testing.B) {
			b.ReportAllocs()
			hits := 0
			for b.Loop() {
				for range 100 {
					for i := range zs {
						if _, ok := q.Match(zs[i], queryNow); ok {
							hits++
						}
					}
				}
			}
			b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
		})
	}
}

func BenchmarkHits(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	zs := manyZnodes(300_000)
	var h *Hits
	before := heapInUse()
	for b.Loop() {
		h = NewHits(0)
		for i := range zs {
			h.Add(Hit{Path: zs[i].Path, Score: r.IntN(1000)})
		}
		_ = h.Page(0, 50)
	}
	b.ReportMetric(float64(heapInUse()-before)/1e6, "MB-kept") // beside the paths
	runtime.KeepAlive(h)
	runtime.KeepAlive(zs)
}

// BenchmarkUsages adds trees of a million znodes of three shapes, and tells what is
// kept of them.
func BenchmarkUsages(b *testing.B) {
	for name, path := range map[string]func(i int) string{
		"wide":     func(i int) string { return fmt.Sprintf("/wide/task-%010d", i) },
		"100x100":  func(i int) string { return fmt.Sprintf("/a/dir-%03d/sub-%03d/znode-%03d", i/10_000, i/100%100, i%100) },
		"one-leaf": func(i int) string { return fmt.Sprintf("/locks/resource-%010d/holder", i/2)[:31-7*((i+1)%2)] },
	} {
		b.Run(name, func(b *testing.B) {
			var u *Usages
			before := heapInUse()
			for b.Loop() {
				u = NewUsages("/")
				u.Add([]Znode{{Path: "/", Children: 1}})
				dirs := map[string]bool{}
				for i := range 1_000_000 {
					p := path(i)
					for k := 1; k < len(p); k++ {
						if d := p[:k]; p[k] == '/' && !dirs[d] {
							dirs[d] = true
							u.Add([]Znode{{Path: d, Children: 1}})
						}
					}
					u.Add([]Znode{{Path: p, Stat: Stat{DataLength: int32(i % 5000)}}})
				}
			}
			b.ReportMetric(float64(heapInUse()-before)/1e6, "MB-kept")
			runtime.KeepAlive(u)
		})
	}
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
