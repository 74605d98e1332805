package zkview

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// BenchmarkPrepareListing sorts the children of a parent of 312,763; "x sort" is the
// ratio to slices.Sort of the same names, which knows no numbers.
func BenchmarkPrepareListing(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			names := siblings(s.make, many)
			var bare time.Duration
			for b.Loop() {
				b.StopTimer()
				c := slices.Clone(names)
				start := time.Now()
				slices.Sort(c)
				bare += time.Since(start)
				runtime.GC()
				b.StartTimer()
				PrepareListing(names)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(bare), "x-sort")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
		})
	}
}

// bigTree has one expanded parent /p of n children.
func bigTree(n int) *Tree {
	t := NewTree()
	t.Expand("/p")
	t.Apply(News{Kind: ListingNews, Path: "/", Listing: PrepareListing([]string{"o", "p", "q"})})
	t.Apply(News{Kind: ListingNews, Path: "/p", Listing: PrepareListing(siblings(shapes[0].make, n))})
	return t
}

func BenchmarkApplyChange(b *testing.B) {
	for _, n := range []int{1000, many, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			t := bigTree(n)
			now := time.Unix(1, 0)
			i := 0
			var worst time.Duration
			for b.Loop() {
				name := fmt.Sprintf("lock-%010d", (i*7919)%n)
				news := News{Kind: ChildrenNews, Path: "/p", At: now, Seen: true, Stat: Stat{Pzxid: int64(i)}}
				if i%2 == 0 {
					news.Removed = []string{name}
				} else {
					news.Added = []string{name + "x"}
				}
				start := time.Now()
				t.Apply(news)
				now = now.Add(200 * time.Microsecond)
				t.Tick(now)
				worst = max(worst, time.Since(start))
				i++
			}
			b.ReportMetric(float64(worst.Microseconds()), "us-max")
		})
	}
}

func BenchmarkRows60(b *testing.B) {
	t := bigTree(many)
	i := 0
	for b.Loop() {
		i = (i + 7919) % many
		t.Rows(i, i+60)
	}
}

func BenchmarkWants60(b *testing.B) {
	t := bigTree(many)
	for b.Loop() {
		t.Wants(1000, 1060, "/p")
	}
}

func BenchmarkTakeOver(b *testing.B) {
	t := bigTree(many)
	l := PrepareListing(siblings(shapes[0].make, many))
	for b.Loop() {
		t.Apply(News{Kind: ListingNews, Path: "/p", Listing: l})
	}
}

func benchJob(b *testing.B, change func(t *Tree, i int)) {
	t := bigTree(many)
	for i := range many {
		t.Apply(News{Kind: StatNews, Path: fmt.Sprintf("/p/lock-%010d", i), Stat: Stat{Czxid: 1, CtimeMS: int64(i * 7919 % many)}})
	}
	var ui time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		change(t, i)
		j := t.Job()
		ui += time.Since(start)
		j.Run()
		start = time.Now()
		t.Finish(j)
		ui += time.Since(start)
	}
	b.ReportMetric(float64(ui.Microseconds())/float64(b.N), "us-ui/op")
}

func BenchmarkFilterJob(b *testing.B) {
	for _, f := range []string{"99", "!99", "~k99"} {
		b.Run(f, func(b *testing.B) {
			benchJob(b, func(t *Tree, i int) { t.SetFilter(ParseFilter(f + fmt.Sprint(i%2))) })
		})
	}
}

func BenchmarkSortJob(b *testing.B) {
	benchJob(b, func(t *Tree, i int) { t.SetOrder(Order{ByCreated, i%2 == 0}) })
}

// TestMemoryPerChild holds listings to their budget: 312,763 children well under
// 40 MB, a million under 100 MB.
func TestMemoryPerChild(t *testing.T) {
	for _, n := range []int{many, 1_000_000} {
		heap := func() uint64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		tree := bigTree(n)
		perChild := float64(heap()-before) / float64(n)
		t.Logf("%d children: %.1f MB, %.1f bytes a child", n, perChild*float64(n)/1e6, perChild)
		if perChild > 90 {
			t.Errorf("%d children take %.1f bytes each", n, perChild)
		}
		runtime.KeepAlive(tree)
	}
}
