package bench

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// openings is how often the wide parent is opened, each time twice.
const openings = 7

// open measures from the key to the complete listing on screen beside the bare
// request, and in other openings, for it costs time too, how keys are answered
// meanwhile.
func open(b *testing.B, w *world) {
	conn := zktest.Connect(b, w.addr)
	var bare, ours, keys []time.Duration
	for i := range openings + 1 {
		start := time.Now()
		names, _, err := conn.Children(widePath)
		took := time.Since(start)
		if err != nil || len(names) != wideN {
			b.Fatalf("%d children, %v", len(names), err)
		}
		opened, _ := w.openOnce(b, false)
		_, answers := w.openOnce(b, true)
		if i > 0 { // the first warms the server up
			bare, ours, keys = append(bare, took), append(ours, opened), append(keys, answers...)
		}
	}
	say("open: %d openings, ours %v, bare %v", openings, rounded(ours), rounded(bare))
	say("open: %d keys meanwhile: p50 %.1f ms  max %.1f ms", len(keys), ms(median(keys)), ms(at(keys, 1)))
	b.ReportMetric(ms(median(ours)), "ms-open")
	w.add(figure{
		what: "open a parent of 312,763", ours: ms(median(ours)), unit: "ms",
		floor: ms(median(bare)), floorIs: "bare getChildren", ratio: 1.5,
	}, figure{
		what: "a key while it opens, p50", ours: ms(median(keys)), unit: "ms", budget: 50,
	}, figure{
		what: "a key while it opens, most", ours: ms(at(keys, 1)), unit: "ms", budget: 50,
	})
}

// openOnce opens the wide parent in a new process and returns how long it took from
// the key that loads until the children showed. If press, it turns the tabs of the
// detail meanwhile, one key after the other, and returns how long each took.
func (w *world) openOnce(b *testing.B, press bool) (took time.Duration, keys []time.Duration) {
	r := w.start(b, w.ours, "--path", widePath, w.addr)
	defer r.end()
	r.atHeld(widePath)
	r.rest(b)
	shown := func(s string) bool { return strings.Contains(s, seed.WideName(0)) }
	start := time.Now()
	r.Type("o")
	for flip := 0; press; flip++ {
		pressed := time.Now()
		answered, done := r.flip(flip, shown)
		if !done.IsZero() {
			break
		}
		keys = append(keys, answered.Sub(pressed))
	}
	took = r.WaitFor(shown, "the children").Sub(start)
	r.Type("G")
	r.WaitForText(seed.WideName(wideN - 1))
	return took, keys
}

// flip turns from the Value to the Stat tab (even n) or back and waits until that
// shows, and returns when; or, if until holds first, when that did.
func (r *run) flip(n int, until func(screen string) bool) (answered, done time.Time) {
	const inStat = "pZxid"
	key := "]"
	if n%2 == 1 {
		key = "["
	}
	var over bool
	r.Type(key)
	at := r.WaitFor(func(s string) bool {
		over = until(s)
		return over || strings.Contains(s, inStat) == (n%2 == 0)
	}, "the tab after "+key)
	if over {
		return time.Time{}, at
	}
	return at, time.Time{}
}

func rounded(ds []time.Duration) []time.Duration {
	out := make([]time.Duration, len(ds))
	for i, d := range ds {
		out[i] = d.Round(time.Millisecond)
	}
	return out
}
