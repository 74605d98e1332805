package lockctl

import (
	"testing"
	"time"
)

// A change in the queue behind the holders costs no allocation.
func TestTimelineSetAllocates(t *testing.T) {
	l, holders := NewTimeline(100), holding(1, 2, 3)
	l.Begin(sec(0), holders, 0)
	at := sec(1)
	if n := testing.AllocsPerRun(100, func() { l.Set(at, holders, 5) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkTimeline(b *testing.B) {
	readers := make([]Party, 10_000)
	for i := range readers {
		readers[i] = Party{ID: uint64(i), Node: "n", Mode: Read, Session: int64(i + 1)}
	}
	b.Run("Set/same", func(b *testing.B) {
		b.ReportAllocs()
		l := NewTimeline(1000)
		l.Begin(epoch, readers[:1], 0)
		for b.Loop() {
			l.Set(epoch, readers[:1], 7)
		}
	})
	b.Run("Set/handoff", func(b *testing.B) {
		b.ReportAllocs()
		l, at, i := NewTimeline(1000), epoch, 0
		for b.Loop() {
			at, i = at.Add(2*time.Millisecond), (i+1)%10_000
			l.Set(at, readers[i:i+1], 7)
		}
	})
	b.Run("Set/readers", func(b *testing.B) { // one of 10,000 comes or goes
		b.ReportAllocs()
		l, at, i := NewTimeline(1000), epoch, 0
		for b.Loop() {
			at, i = at.Add(2*time.Millisecond), i+1
			l.Set(at, readers[:10_000-i%2], 7)
		}
	})
	busy := func(n int) *Timeline {
		l := NewTimeline(1000)
		l.Begin(epoch, nil, 0)
		for i := range 5000 {
			l.Set(epoch.Add(time.Duration(i)*2*time.Millisecond), readers[i%n:i%n+1], 7)
		}
		return l
	}
	for _, bench := range []struct {
		name string
		l    *Timeline
	}{{"Strip/10", busy(10)}, {"Strip/1000", busy(1000)}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.l.Strip(epoch.Add(-50*time.Second), epoch.Add(10*time.Second), 120, 20)
			}
		})
	}
	b.Run("Summary", func(b *testing.B) {
		l := busy(10)
		for b.Loop() {
			l.Summary(epoch.Add(10 * time.Second))
		}
	})
	b.Run("PerMinute", func(b *testing.B) {
		l := busy(10)
		for b.Loop() {
			l.PerMinute(epoch.Add(10 * time.Second))
		}
	})
}
