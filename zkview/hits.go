package zkview

import (
	"cmp"
	"errors"
	"time"
)

// DefaultHits is how many hits a [Hits] keeps unless it is told otherwise; they take
// some 30 MB.
const DefaultHits = 100_000

// Hits keeps the best of many hits in their order: by Score, and by path where that is
// equal, whatever order they come in. It does no I/O and is not safe for concurrent
// use.
type Hits struct {
	limit int
	total int
	kept  *seq[ranked]

	narrow      Query
	now         time.Time // that ages in narrow are counted from
	shown       *seq[ranked]
	shownTotal  int
	withoutStat bool
}

// ErrNotNarrowed is a query that cannot be decided with what was kept of the hits: it
// takes a search of its own.
var ErrNotNarrowed = errors.New("the results do not hold what this asks for")

// NewHits makes a collector that keeps the best limit hits; 0 is [DefaultHits].
func NewHits(limit int) *Hits {
	if limit <= 0 {
		limit = DefaultHits
	}
	kept := newSeq(nil, compareHits)
	return &Hits{limit: limit, kept: kept, shown: kept}
}

// ranked is a hit with its score at hand: most comparisons need no more.
type ranked struct {
	score int
	hit   *Hit
}

func compareHits(a, b *entry[ranked]) int {
	if c := cmp.Compare(b.v.score, a.v.score); c != 0 {
		return c
	}
	return CompareNames(a.name, b.name)
}

func rank(hit *Hit) entry[ranked] { return entry[ranked]{ranked{hit.Score, hit}, hit.Path} }

// Add adds one hit in O(log n). When the limit is passed, the worst is dropped.
func (h *Hits) Add(hit Hit) {
	h.total++
	h.withoutStat = h.withoutStat || !hit.HasStat
	narrowed := h.shown != h.kept
	shows := narrowed && h.shows(&hit)
	if shows {
		h.shownTotal++
	}
	e := rank(&hit)
	if h.kept.len() >= h.limit {
		worst := h.kept.at(h.kept.len() - 1)
		if compareHits(&e, &worst) >= 0 {
			return
		}
		h.kept.remove(worst)
		if narrowed {
			h.shown.remove(worst)
		}
	}
	h.kept.set(e, 0)
	if shows {
		h.shown.set(e, 0)
	}
}

// Total is how many hits there were, Len how many are kept; both count only what
// [Hits.Narrow] shows. Kept are the best.
func (h *Hits) Total() int {
	if h.shown != h.kept {
		return h.shownTotal
	}
	return h.total
}

// Len is how many hits there are to [Hits.Page].
func (h *Hits) Len() int { return h.shown.len() }

// Page returns the hits from place from up to, not including, to, the best first;
// fewer if there are not so many.
func (h *Hits) Page(from, to int) []Hit {
	from, to = max(from, 0), min(to, h.shown.len())
	if from >= to {
		return nil
	}
	page := make([]Hit, 0, to-from)
	h.shown.from(from, func(e entry[ranked], _ int) bool {
		page = append(page, *e.v.hit)
		return len(page) < to-from
	})
	return page
}

// At returns the hit at a place; ok is false where there is none.
func (h *Hits) At(place int) (hit Hit, ok bool) {
	if place < 0 || place >= h.shown.len() {
		return Hit{}, false
	}
	return *h.shown.at(place).v.hit, true
}

// Place is where a hit stands now; ok is false if it is not shown.
func (h *Hits) Place(hit Hit) (place int, ok bool) {
	return h.shown.row(rank(&hit))
}

// Narrow shows only the hits that q matches too, of those that are here and of those
// that come; a query that is not Active shows all again. It takes O(n). What was
// dropped for the limit does not come back. A query for content, or for a Stat that
// the search did not read, changes nothing and is an error that matches
// [ErrNotNarrowed].
func (h *Hits) Narrow(q Query, now time.Time) error {
	stat, data := q.Needs()
	if data || stat && h.withoutStat {
		return ErrNotNarrowed
	}
	h.narrow, h.now, h.shown, h.shownTotal = q, now, h.kept, 0
	if !q.Active() {
		return nil
	}
	var es []entry[ranked]
	h.kept.all(func(e entry[ranked]) bool {
		if h.shows(e.v.hit) {
			es = append(es, e)
		}
		return true
	})
	h.shown, h.shownTotal = newSeq(es, compareHits), len(es)
	return nil
}

func (h *Hits) shows(hit *Hit) bool {
	_, ok := h.narrow.Match(Znode{Path: hit.Path, Stat: hit.Stat}, h.now)
	return ok
}

// at is the entry at a place that there is.
func (s *seq[V]) at(place int) (e entry[V]) {
	s.from(place, func(found entry[V], _ int) bool {
		e = found
		return false
	})
	return e
}
