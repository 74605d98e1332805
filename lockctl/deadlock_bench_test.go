package lockctl

import (
	"fmt"
	"testing"
)

// lockOf makes a mutex of so many contenders, with the sessions that session says.
func lockOf(path string, contenders int, session func(i int) int64) *Lock {
	l := &Lock{Path: path, Kind: Mutex, Contenders: make([]Contender, contenders)}
	for i := range l.Contenders {
		l.Contenders[i] = Contender{Node: fmt.Sprintf("lock-%010d", i), Mode: Exclusive, Role: Waiter, Session: session(i)}
	}
	l.Contenders[0].Role = Holder
	return l
}

func BenchmarkDeadlocks(b *testing.B) {
	// Locks of ten contenders: the same hundred programs at all of them, which hold as
	// many as there are and wait for some that come later in the order.
	orderly, ring := make([]*Lock, 1000), make([]*Lock, 1000)
	for i := range orderly {
		path := fmt.Sprintf("/locks/%04d", i)
		orderly[i] = lockOf(path, 10, func(k int) int64 { return int64(1 + max(i-k, 0)%1000) })
		ring[i] = lockOf(path, 10, func(k int) int64 { return int64(1 + (i+k)%1000) })
	}
	wide := lockOf("/wide", 10_000, func(k int) int64 { return int64(k + 1) })
	// Every waiter holds another lock for which somebody waits.
	each := []*Lock{wide}
	for i := range 10_000 {
		each = append(each, lockOf(fmt.Sprintf("/each/%04d", i), 2, func(k int) int64 { return int64(i + 1 + 20_000*k) }))
	}
	held := append([]*Lock{lockOf("/a", 2, func(k int) int64 { return []int64{5000, 1}[k] })}, wide)
	twice := []*Lock{
		lockOf("/a", 10_000, func(k int) int64 { return int64(1 + k%5000) }),
		lockOf("/b", 10_000, func(k int) int64 { return int64(1 + (k+1)%5000) }),
	}
	// Readers and writers of which each session stands in both locks several times.
	shared := []*Lock{
		lockOf("/a", 10_000, func(k int) int64 { return int64(1 + k%2000) }),
		lockOf("/b", 10_000, func(k int) int64 { return int64(1 + (k+1)%2000) }),
	}
	for _, l := range shared {
		l.Kind = ReadWrite
		for i := range l.Contenders {
			if i%3 != 0 {
				l.Contenders[i].Mode = Read
			}
		}
	}
	// Two sessions, each of which holds what the other waits for in many locks.
	var pairs []*Lock
	for i := range 400 {
		pairs = append(pairs, lockOf(fmt.Sprintf("/%03d", i), 2, func(k int) int64 { return int64(1 + (i+k)%2) }))
	}
	for _, bench := range []struct {
		name  string
		locks []*Lock
		found bool
	}{
		{"1000x10", orderly, false},
		{"1000x10/ring", ring, true},
		{"10000", []*Lock{wide}, false},
		{"10000/each", each, false},
		{"10000/circle", held, true},
		{"10000/twice", twice, true},
		{"10000/shared", shared, true},
		{"pairs", pairs, true},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := Deadlocks(bench.locks); (d != nil) != bench.found {
					b.Fatalf("found %v", d)
				}
			}
		})
	}
}
