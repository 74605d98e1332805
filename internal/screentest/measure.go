package screentest

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Reply is what a program did on one key.
type Reply struct {
	// Frame is the time from the key to the bytes that first changed the screen,
	// Last to the last byte before the program went quiet.
	Frame, Last time.Duration
	// Bytes and Writes are what was written from the key until then.
	Bytes, Writes int64
}

// Measure sends a key, waits until the screen has changed and until nothing has
// been written for quiet, and returns what came. It fails the test if the screen
// does not change within [Deadline]. A screen that changes by itself more often
// than each quiet cannot be measured.
//
// Times are taken when bytes arrive, before they are drawn: what the emulator
// costs is not the program's.
func (t *Term) Measure(key string, quiet time.Duration) Reply {
	t.t.Helper()
	t.mu.Lock()
	before, from := t.emu.Render(), t.out
	changed := t.changed
	t.mu.Unlock()

	timeout := time.NewTimer(Deadline)
	defer timeout.Stop()
	silence := time.NewTimer(Deadline)
	defer silence.Stop()

	start := time.Now()
	t.Type(key)
	var r Reply
	for {
		select {
		case <-changed:
		case <-silence.C:
			return r
		case <-timeout.C:
			t.t.Fatalf("%s did not change the screen, or it did not rest, within %s:\n%s", key, Deadline, frame(t.Screen()))
		}
		t.mu.Lock()
		now, screen := t.out, t.emu.Render()
		changed = t.changed
		ended := t.ended
		t.mu.Unlock()
		r.Bytes, r.Writes, r.Last = now.bytes-from.bytes, now.writes-from.writes, now.last.Sub(start)
		if r.Frame == 0 && screen != before {
			r.Frame = r.Last
		}
		if ended && r.Frame == 0 {
			t.t.Fatalf("the program ended on %s", key)
		}
		if r.Frame > 0 {
			silence.Reset(quiet)
		}
	}
}

// Rest blocks until the program has written nothing for quiet, or has ended. It fails
// the test if the program writes on and on, for [Deadline].
func (t *Term) Rest(quiet time.Duration) {
	t.t.Helper()
	timeout := time.NewTimer(Deadline)
	defer timeout.Stop()
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	for {
		t.mu.Lock()
		changed, ended := t.changed, t.ended
		t.mu.Unlock()
		if ended {
			return
		}
		select {
		case <-changed:
			silence.Reset(quiet)
		case <-silence.C:
			return
		case <-timeout.C:
			t.t.Fatalf("the program did not rest for %s within %s:\n%s", quiet, Deadline, frame(t.Screen()))
		}
	}
}

// Figures sum up many replies.
type Figures struct {
	P50, P99, Max time.Duration
	// Bytes is the greatest number of bytes written for one key.
	Bytes int64
	N     int
}

// String is one line for the output of a benchmark.
func (f Figures) String() string {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return fmt.Sprintf("p50 %.1f ms  p99 %.1f ms  max %.1f ms  at most %d bytes  (%d keys)",
		ms(f.P50), ms(f.P99), ms(f.Max), f.Bytes, f.N)
}

// Report adds the figures to a benchmark's own.
func (f Figures) Report(b *testing.B) {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(f.P50), "ms-p50")
	b.ReportMetric(ms(f.P99), "ms-p99")
	b.ReportMetric(float64(f.Bytes), "B-max/key")
}

// Bench presses keys n times, going round through them, and sums up the time
// from each key to its frame. It waits for quiet between them, as a person does.
func (t *Term) Bench(n int, quiet time.Duration, keys ...string) Figures {
	t.t.Helper()
	times := make([]time.Duration, n)
	f := Figures{N: n}
	for i := range n {
		r := t.Measure(keys[i%len(keys)], quiet)
		times[i] = r.Frame
		f.Bytes = max(f.Bytes, r.Bytes)
	}
	slices.Sort(times)
	f.P50, f.P99, f.Max = times[n/2], times[(n*99)/100], times[n-1]
	return f
}
