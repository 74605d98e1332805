package zkview

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHitsAreSorted compares with a sorted slice, whatever order hits come in and
// whenever the list is narrowed.
func TestHitsAreSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		h := NewHits(limit)
		var all []Hit
		narrow := Query{}
		for i, path := range rapid.SliceOfNDistinct(rapid.StringMatching(`/[ab]{1,6}`), 0, 80, rapid.ID[string]).Draw(t, "paths") {
			if rapid.IntRange(0, 15).Draw(t, "narrow") == 0 {
				narrow = must(ParseQuery(rapid.SampledFrom([]string{"", "a", "ab", "-b"}).Draw(t, "query")))
				if err := h.Narrow(narrow, queryNow); err != nil {
					t.Fatal(err)
				}
			}
			hit := Hit{Path: path, Score: rapid.IntRange(0, 3).Draw(t, "score")}
			h.Add(hit)
			all = append(all, hit)
			slices.SortFunc(all, func(a, b Hit) int {
				if a.Score != b.Score {
					return b.Score - a.Score
				}
				return CompareNames(a.Path, b.Path)
			})
			all = all[:min(len(all), limit)]
			var want []string
			for _, a := range all {
				if _, ok := narrow.Match(Znode{Path: a.Path}, queryNow); ok {
					want = append(want, a.Path)
				}
			}
			var got []string
			for place, p := range h.Page(0, h.Len()+1) {
				got = append(got, p.Path)
				if at, ok := h.Place(p); !ok || at != place {
					t.Fatalf("%s stands at %d %v, not %d", p.Path, at, ok, place)
				}
				if at, ok := h.At(place); !ok || at.Path != p.Path {
					t.Fatalf("at %d stands %s %v", place, at.Path, ok)
				}
			}
			if !slices.Equal(got, want) || h.Len() != len(want) {
				t.Fatalf("%d: narrowed by %q: %q, want %q", i, narrow, got, want)
			}
			if !narrow.Active() && h.Total() != i+1 {
				t.Fatalf("total %d of %d", h.Total(), i+1)
			}
		}
	})
}

func TestHitsAreNotNarrowedByWhatIsNotKept(t *testing.T) {
	h := NewHits(0)
	h.Add(Hit{Path: "/a", Stat: Stat{Czxid: 1, DataLength: 5}, HasStat: true})
	if err := h.Narrow(must(ParseQuery("size:5")), queryNow); err != nil || h.Len() != 1 {
		t.Errorf("%v, %d hits", err, h.Len())
	}
	h.Add(Hit{Path: "/b"})
	for _, q := range []string{"size:5", "content:x"} {
		if err := h.Narrow(must(ParseQuery(q)), queryNow); !errors.Is(err, ErrNotNarrowed) {
			t.Errorf("%s: %v", q, err)
		}
	}
}
