package lockctl

import (
	"math/bits"
	"time"
)

// ring keeps the last holds that ended.
type ring struct {
	all  []Hold
	next int // the oldest, once it is full
}

// add keeps a hold, and returns the one that had to go for it.
func (r *ring) add(h Hold, limit int) (dropped Hold, full bool) {
	switch {
	case limit == 0:
		return h, true
	case len(r.all) < limit:
		r.all = append(r.all, h)
		return Hold{}, false
	}
	dropped, r.all[r.next] = r.all[r.next], h
	r.next = (r.next + 1) % limit
	return dropped, true
}

// perSecond counts what happened in each of the last 60 seconds, the running one among
// them. Its seconds begin at from.
type perSecond struct {
	from   time.Time
	counts *[60]uint32 // nil: nothing happened
	newest int64       // the last second in which something happened
}

func (p *perSecond) add(at time.Time) {
	s := int64(at.Sub(p.from) / time.Second)
	if p.counts == nil {
		p.counts, p.newest = new([60]uint32), s
	}
	for n := min(s-p.newest, 60); n > 0; n-- {
		p.counts[(s-n+1)%60] = 0
	}
	p.newest = max(s, p.newest)
	p.counts[s%60]++
}

// last counts what happened in the last 60 seconds before now, and says when the first
// of them began.
func (p *perSecond) last(now time.Time) (n int, from time.Time) {
	s := int64(max(now.Sub(p.from), 0) / time.Second)
	first := max(s-59, 0)
	from = p.from.Add(time.Duration(first) * time.Second)
	if p.counts == nil {
		return 0, from
	}
	for i := max(first, p.newest-59, 0); i <= min(s, p.newest); i++ {
		n += int(p.counts[i%60])
	}
	return n, from
}

// histogram counts durations in buckets whose width is a sixteenth of the power of two
// below them, so that a percentile is at most 1/32 off. Buckets are made as they are
// needed: there are many locks on which little happens.
type histogram struct {
	n        int64
	min, max time.Duration
	octaves  []*[16]uint32
}

func (h *histogram) add(d time.Duration) {
	if h.n == 0 {
		h.min = d
	}
	h.n, h.min, h.max = h.n+1, min(h.min, d), max(h.max, d)
	octave, part := bucket(d)
	for len(h.octaves) <= octave {
		h.octaves = append(h.octaves, nil)
	}
	if h.octaves[octave] == nil {
		h.octaves[octave] = new([16]uint32)
	}
	h.octaves[octave][part]++
}

// bucket is where a duration is counted. The first octave is of up to 15 µs, one by one.
func bucket(d time.Duration) (octave, part int) {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < 16 {
		return 0, int(us)
	}
	octave = bits.Len64(us) - 4
	return octave, int(us>>(octave-1)) & 15
}

// middle is the duration that stands for a bucket.
func middle(octave, part int) time.Duration {
	if octave == 0 {
		return time.Duration(part) * time.Microsecond
	}
	low := time.Duration(16+part) << (octave - 1) * time.Microsecond
	return low + time.Microsecond<<(octave-1)/2
}

func (h *histogram) percentiles() Percentiles {
	return Percentiles{
		Count: h.n, P50: h.percentile(50), P90: h.percentile(90), P99: h.percentile(99), Max: h.max,
	}
}

// percentile is the least duration than which p percent are no longer, by nearest rank.
func (h *histogram) percentile(p int64) time.Duration {
	rank := (h.n*p + 99) / 100
	for octave, parts := range h.octaves {
		if parts == nil {
			continue
		}
		for part, n := range parts {
			if rank -= int64(n); rank <= 0 {
				return min(max(middle(octave, part), h.min), h.max)
			}
		}
	}
	return h.max
}
