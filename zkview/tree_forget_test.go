package zkview

import (
	"fmt"
	"testing"
	"time"
)

// Scrolling through a long listing does not keep a Stat for each znode that was
// ever in view, and what is in view keeps its Stat.
func TestTreeForgetsStatsThatScrolledAway(t *testing.T) {
	const n = rememberedStats + 500
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("n-%06d", i)
	}
	tree := NewTree()
	now := time.Now()
	tree.Apply(News{Kind: ListingNews, Path: "/", At: now, Listing: PrepareListing(names), Stat: Stat{Czxid: 1, Pzxid: 2}})
	for _, name := range names {
		tree.Apply(News{Kind: StatNews, Path: "/" + name, At: now, Stat: Stat{Czxid: 3, Mzxid: 3, DataLength: 7}})
	}
	if missing := tree.Missing("/"); missing != 0 {
		t.Fatalf("%d Stats are missing before anything was forgotten", missing)
	}
	tree.ForgetStats(100, 140)
	if missing := tree.Missing("/"); missing != n-40 {
		t.Errorf("%d Stats are forgotten, want all %d but those of the 40 rows in view", missing, n-40)
	}
	for _, r := range tree.Rows(100, 140) {
		if !r.HasStat || r.Stat.DataLength != 7 {
			t.Fatalf("%s in view lost its Stat", r.Path)
		}
	}
	tree.ForgetStats(0, 10)
	if r := tree.Rows(100, 101)[0]; !r.HasStat {
		t.Error("few Stats are known, and yet one was forgotten")
	}
}
