package lab

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Percentiles are right to two parts in a hundred, of microseconds as of hours.
func TestSpans(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, scale := range []time.Duration{10 * time.Microsecond, time.Millisecond, time.Hour} {
		var s spans
		var all []int64
		for range 5000 {
			d := time.Duration(rng.Int64N(int64(scale)))
			s.add(d)
			all = append(all, d.Microseconds())
		}
		slices.Sort(all)
		m := s.micros()
		for _, c := range []struct{ got, want int64 }{{m.P50, all[2499]}, {m.P99, all[4949]}} {
			if c.got > c.want || c.got < c.want-c.want/50-1 {
				t.Errorf("of %v it is %d, not %d", scale, c.got, c.want)
			}
		}
	}
	var s spans
	if s.micros() != nil {
		t.Error("a percentile of nothing")
	}
	s.add(-1)
	s.add(1 << 62)
}

func TestFairness(t *testing.T) {
	for _, c := range []struct {
		turns []int
		want  float64
	}{{nil, 1}, {[]int{0, 0}, 1}, {[]int{7, 7, 7}, 1}, {[]int{0, 0, 9, 0}, 0.25}} {
		if got := fairness(c.turns); got != c.want {
			t.Errorf("%v: %v, not %v", c.turns, got, c.want)
		}
	}
}

// A hand-off is from the release to one that waited then.
func TestHandoffs(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	var c counts
	c.granted(at(1), at(0)) // of nobody
	c.releases(at(10), false)
	c.granted(at(12), at(11)) // did not wait
	c.releases(at(20), false)
	c.releases(at(30), false)
	c.granted(at(33), at(5))
	c.granted(at(34), at(5))
	if m := c.handed.micros(); c.handed.all != 1 || m.P50 > 3000 || m.P50 < 2900 || c.handoffs != 4 {
		t.Errorf("%d of %d: %v", c.handed.all, c.handoffs, m)
	}
}

// The store refuses old tokens where it checks them, and knows which updates are lost.
func TestStore(t *testing.T) {
	var s store
	a, b := s.read(5), s.read(0)
	if w, _ := s.write(1, a, 5, true, time.Time{}); w.Value != 1 || w.Lost || w.Refused {
		t.Errorf("%+v", w)
	}
	if w, over := s.write(2, b, 0, true, time.Time{}); !w.Lost || over != 1 || w.Refused {
		t.Errorf("%+v over %d", w, over)
	}
	old := s.read(5)
	s.read(9)
	if w, _ := s.write(1, old, 5, true, time.Time{}); !w.Refused || s.Value != 1 || s.Token != 9 {
		t.Errorf("%+v %+v", w, s.Resource)
	}
	if w, _ := s.write(1, old, 5, false, time.Time{}); w.Refused || w.Value != 2 || s.Token != 9 {
		t.Errorf("%+v %+v", w, s.Resource)
	}
	last := s.Last
	for range 20 {
		s.write(3, s.read(0), 0, true, time.Time{})
	}
	if len(s.Last) != writesKept || len(last) != 4 || last[0].Value != 1 || s.Writes != 23 || s.Lost != 1 || s.Refused != 1 {
		t.Errorf("%+v, was %+v", s.Resource, last)
	}
	s.reset()
	if s.Value != 22 || s.Token != 9 || s.Writes+s.Lost+s.Refused != 0 || len(s.Last) != 0 {
		t.Errorf("%+v", s.Resource)
	}
}
