package lockctl

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// A queue of 10,000 contenders, with and without all that the servers say.
func BenchmarkQueue(b *testing.B) {
	d := curator(10_000)
	names := make([]string, len(d.Children))
	pairs := make([][2]int, 0, len(names))
	addresses, sessions := map[int64]string{}, map[int64]bool{}
	for i, n := range d.Children {
		names[i] = n.Name
		d.Children[i].Data = []byte("10.0.0.1")
		addresses[n.Stat.EphemeralOwner], sessions[n.Stat.EphemeralOwner] = "10.0.0.1:4711", true
		if i > 0 {
			pairs = append(pairs, [2]int{i, i - 1})
		}
	}
	all := watching(d, pairs...)
	all.Addresses, all.Sessions, all.AllAddresses = addresses, sessions, true
	shuffle := rand.New(rand.NewPCG(1, 1))
	shuffle.Shuffle(len(names), func(i, j int) { d.Children[i], d.Children[j] = d.Children[j], d.Children[i] })
	rw := dir("/a")
	for i := range 10_000 {
		n := "_c_" + uuid(i) + "-__READ__" + seq(int32(i))
		if i%2 == 0 {
			n = "_c_" + uuid(i) + "-__WRIT__" + seq(int32(i))
		}
		rw.Children = append(rw.Children, Node{Name: n, Stat: Stat{Czxid: int64(i + 1), EphemeralOwner: 1}})
	}
	for _, bench := range []struct {
		name string
		d    Directory
		c    Cluster
	}{{"listing", d, Cluster{}}, {"everything", d, all}, {"readers", rw, Cluster{}}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if l := Recognise(bench.d, bench.c); len(l) != 1 || len(l[0].Contenders) != 10_000 {
					b.Fatal("not recognised")
				}
			}
		})
	}
	b.Run("promising", func(b *testing.B) {
		for b.Loop() {
			Promising("/a", names)
		}
	})
}

// A directory of 300,000 children that is no lock.
func BenchmarkWide(b *testing.B) {
	for _, stem := range []string{"queue-%010d", "block-%010d", "item%d", "%d-worker%010d", "host-%d.example.com"} {
		d := Directory{Path: "/wide", Stat: Stat{Czxid: 1, Cversion: 300_000, NumChildren: 300_000}}
		names := make([]string, 300_000)
		for i := range names {
			names[i] = fmt.Sprintf(stem, i)
			if stem == "%d-worker%010d" {
				names[i] = fmt.Sprintf(stem, i, i)
			}
			d.Children = append(d.Children, Node{Name: names[i], Stat: Stat{Czxid: int64(i + 1)}})
		}
		b.Run("listing/"+stem, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if l := Recognise(d, Cluster{}); l != nil {
					b.Fatal("recognised")
				}
			}
		})
		b.Run("promising/"+stem, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Promising(d.Path, names)
			}
		})
	}
}
