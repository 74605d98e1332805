package bench

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// openings is how often the wide parent is opened.
const openings = 7

// open measures from the key to the complete listing on screen, beside the bare
// request, and how keys are answered meanwhile.
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
		r := w.start(b, w.ours, "--path", widePath, w.addr)
		r.atHeld(widePath)
		opened, answers := r.load()
		r.Type("G")
		r.WaitForText(seed.WideName(wideN - 1))
		r.end()
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
		what: "a key while it opens, max", ours: ms(at(keys, 1)), unit: "ms", budget: 50,
	})
}

// load presses the key that loads and returns how long it took until the children
// showed. Meanwhile it turns the tabs of the detail, one key after the other, and
// returns how long each took.
func (r *run) load() (took time.Duration, keys []time.Duration) {
	first := seed.WideName(0)
	start := time.Now()
	r.Type("o")
	for flip := 0; ; flip++ {
		pressed := time.Now()
		answered, done := r.flip(flip, func(s string) bool { return strings.Contains(s, first) })
		if !done.IsZero() {
			return done.Sub(start), keys
		}
		keys = append(keys, answered.Sub(pressed))
	}
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
