package lockctl

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// still makes a board on which nothing runs, with a queue that is known.
func still(b *testing.B, n int) (*Board, *folder, *follow) {
	b.Helper()
	c := newCluster()
	c.queue("/locks/a", n)
	names, st, err := c.List(b.Context(), "/locks/a")
	if err != nil {
		b.Fatal(err)
	}
	board := newBoard(c, Options{})
	f := &follow{path: "/", finds: true, started: true, on: &following{c: c}}
	board.follows["/"] = f
	board.search.roots = []string{"/"}
	d := board.enter("/locks/a", f)
	nodes, err := board.readAll(context.Background(), "/locks/a", names)
	if err != nil {
		b.Fatal(err)
	}
	d.reply = &reply{d: d, at: time.Now(), names: names, stat: st, nodes: nodes}
	board.adopt(d)
	if len(d.locks) != 1 || !d.locks[0].begun {
		b.Fatal("no lock")
	}
	return board, d, f
}

// One change of a queue of 10,000: the head leaves and one comes, which is a hand-off;
// and one leaves from the middle.
func BenchmarkBoardEvent(b *testing.B) {
	b.Run("hand-off", func(b *testing.B) {
		board, d, f := still(b, 10_000)
		q := d.queues[groupKey{family: goZooKeeper}]
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			board.change(f, &Change{Kind: Created, Path: "/locks/a/_c_" + hex32(i) + "-lock-" + seq(int32(10_000+i)), At: time.Now()})
			board.change(f, &Change{Kind: Deleted, Path: "/locks/a/" + q.all[0].name, At: time.Now()})
			d.unread = d.unread[:0]
		}
		if g := d.locks[0].timeline.Summary(time.Now()).Grants; g < int64(b.N) {
			b.Fatalf("%d grants", g)
		}
	})
	b.Run("middle", func(b *testing.B) {
		board, d, f := still(b, 10_000)
		q := d.queues[groupKey{family: goZooKeeper}]
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			board.change(f, &Change{Kind: Created, Path: "/locks/a/_c_" + hex32(i) + "-lock-" + seq(int32(10_000+i)), At: time.Now()})
			board.change(f, &Change{Kind: Deleted, Path: "/locks/a/" + q.all[5000].name, At: time.Now()})
			d.unread = d.unread[:0]
		}
	})
	b.Run("elsewhere", func(b *testing.B) {
		board, _, f := still(b, 10)
		c := Change{Kind: Created, Path: "/app/items/item-0000000017x", At: time.Now()}
		b.ReportAllocs()
		for b.Loop() {
			board.change(f, &c)
		}
	})
}

// A view of a queue of 10,000.
func BenchmarkBoardView(b *testing.B) {
	board, d, _ := still(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		board.recogniseDir(d)
	}
}

// A million paths without a lock.
func BenchmarkBoardWalk(b *testing.B) {
	var paths []string
	for i := range 1_000_000 {
		paths = append(paths, fmt.Sprintf("/app%d/service-%d/item-%d", i/100_000, i/1000, i))
	}
	w := &walker{b: newBoard(newCluster(), Options{}), budget: 1 << 40}
	visit := w.visit(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		if err := visit(paths); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/path")
}
