package lab

import (
	"math/bits"
	"time"
)

// counts is what [Counters] are made of, beside what the lines count. Run.mu guards it.
type counts struct {
	began    time.Time // zero: nothing is counted yet
	runs     bool      // the first turn has ended
	handoffs int64
	two      int64
	stale    int64
	nothing  int64
	handed   spans
	// released are releases that nobody who waited has got a turn from yet.
	released []time.Time
}

// spanBits is how exact a span is kept: to a part in 64.
const spanBits = 6

// spans counts spans of time in microseconds, each kind of size apart, so that any number
// of them takes the same room.
type spans struct {
	all   int64
	sizes [(64 - spanBits) << spanBits]int64
}

func sizeOf(v uint64) int {
	shift := max(0, bits.Len64(v)-spanBits-1)
	return shift<<spanBits + int(v>>shift) //nolint:gosec // below 1<<(spanBits+1)
}

// ofSize is the smallest of a size.
func ofSize(i int) int64 {
	shift := max(0, i>>spanBits-1)
	return int64(i-shift<<spanBits) << shift
}

func (s *spans) add(d time.Duration) {
	s.all++
	s.sizes[min(sizeOf(uint64(max(d.Microseconds(), 0))), len(s.sizes)-1)]++ //nolint:gosec // not negative
}

// at is the span below which such a part of all are.
func (s *spans) at(percent int64) int64 {
	rank := (s.all*percent + 99) / 100
	for i, n := range s.sizes {
		if rank -= n; rank <= 0 {
			return ofSize(i)
		}
	}
	return 0
}

func (s *spans) micros() *Micros {
	if s.all == 0 {
		return nil
	}
	return &Micros{P50: s.at(50), P99: s.at(99)}
}

// fairness is Jain's index of how many turns each had (Jain, Chiu and Hawe 1984); 1 where
// nobody had any.
func fairness(turns []int) float64 {
	var sum, squares float64
	for _, n := range turns {
		sum += float64(n)
		squares += float64(n) * float64(n)
	}
	if squares == 0 {
		return 1
	}
	return sum * sum / (float64(len(turns)) * squares)
}

// steady forgets, when the first turn ends, what it took all to get into the queue: that is
// of no hand-off.
func (c *counts) steady(t *tally) {
	if c.runs {
		return
	}
	c.runs, c.began, c.handoffs, c.handed = true, time.Now(), 0, spans{}
	t.requests.Store(0)
	t.wakeups.Store(0)
}

// releases takes in that a holder begins to release while others wait. Where one holds at
// a time, whoever gets the lock next gets it from the last release.
func (c *counts) releases(at time.Time, many bool) {
	if !many {
		c.released = c.released[:0]
	}
	if len(c.released) < MaxWorkers {
		c.released = append(c.released, at)
	}
}

// granted takes in that a turn begins, of one that asked since.
func (c *counts) granted(at, since time.Time) {
	c.handoffs++
	if len(c.released) == 0 {
		return
	}
	from := c.released[0]
	c.released = append(c.released[:0], c.released[1:]...)
	if since.Before(from) {
		c.handed.add(at.Sub(from))
	}
}
