package zkview

import (
	"runtime"
	"testing"
	"time"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

// BenchmarkOpenParent opens a parent of 312,763 children, from the key to its rows in
// the tree; "x-bare" is the ratio to go-zookeeper's Children in the same run, "ms-bare"
// that one.
func BenchmarkOpenParent(b *testing.B) {
	root := zktest.Root(b)
	other := zktest.Connect(b, zktest.Shared(b))
	if _, err := other.Create(root+"/p", nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
		b.Fatal(err)
	}
	seed(b, other, root+"/p", many)
	ses, err := Open(Config{Servers: zktest.Shared(b) + root})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = ses.Close() }()
	if _, err := ses.Stat(b.Context(), "/p"); err != nil {
		b.Fatal(err)
	}
	var bare, worst time.Duration
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		start := time.Now()
		if names, _, err := other.Children(root + "/p"); err != nil || len(names) != many {
			b.Fatal(len(names), err)
		}
		bare += time.Since(start)
		runtime.GC()
		feed, tree := NewFeed(ses), NewTree()
		b.StartTimer()
		tree.Expand("/p")
		feed.Want(tree.Wants(0, 60, ""))
		feed.Open("/p", OpenListing)
		for tree.Len() < many {
			news, err := feed.Next(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			tree.Apply(news...)
			feed.Want(tree.Wants(0, 60, ""))
			worst = max(worst, time.Since(start))
		}
		b.StopTimer()
		feed.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(bare), "x-bare")
	b.ReportMetric(float64(bare.Milliseconds())/float64(b.N), "ms-bare")
	b.ReportMetric(float64(worst.Microseconds()), "us-ui-max")
}
