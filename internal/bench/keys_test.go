package bench

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest/seed"
)

const (
	// quiet is how long nothing is written until a key counts as answered. It is
	// longer than a selection rests before its value is read, so that what follows
	// the frame counts too, and is over before the next key.
	quiet = 120 * time.Millisecond
	// steps and pages are how many keys of a kind are pressed.
	steps, pages = 150, 60
	// burst is how many pages are turned without waiting, to scroll through all.
	burst = 200
)

// keys measures a key to its frame among all siblings, and then the memory.
func keys(b *testing.B, w *world) {
	r := w.opened(b, w.addr, widePath, seed.WideName(0))
	defer r.end()
	opened, openedPeak := r.rss(), r.peak()
	r.rest(b)
	r.Type("pgdown", "pgdown")
	r.rest(b)
	down := r.Bench(steps, quiet, "j")
	page := r.Bench(pages, quiet, "pgdown")
	bare := w.start(b, w.bare)
	bare.WaitForText(bareFrameHas)
	bareDown := bare.Bench(steps, 20*time.Millisecond, "j")
	barePage := bare.Bench(pages, 20*time.Millisecond, "pgdown")
	bare.end()
	for _, k := range []struct {
		name       string
		ours, bare screentest.Figures
		bytes      float64
	}{{"j", down, bareDown, 2048}, {"pgdown", page, barePage, 0}} {
		say("key %-6s %s", k.name, k.ours)
		say("     bare   %s", k.bare)
		b.ReportMetric(ms(k.ours.P99), "ms-p99-"+k.name)
		w.add(
			figure{what: k.name + " to its frame, p50", ours: ms(k.ours.P50), unit: "ms", floor: ms(k.bare.P50), floorIs: "bare program", budget: 16},
			figure{what: k.name + " to its frame, p99", ours: ms(k.ours.P99), unit: "ms", floor: ms(k.bare.P99), floorIs: "bare program", budget: 16},
			figure{what: k.name + ", most bytes", ours: float64(k.ours.Bytes), unit: "B", floor: float64(k.bare.Bytes), floorIs: "bare program", budget: k.bytes, free: k.bytes == 0},
		)
	}
	cpu := r.cpu()
	took := r.scrollThrough(b)
	say("memory: %.1f MB after opening (%.1f at most), %.1f after scrolling through (%.1f at most) in %v, %.0f %% of a core",
		opened, openedPeak, r.rss(), r.peak(), took.Round(time.Millisecond), 100*(r.cpu()-cpu).Seconds()/took.Seconds())
	w.add(
		figure{what: "memory after opening 312,763, peak", ours: openedPeak, unit: "MB", budget: 100},
		figure{what: "memory after scrolling through, peak", ours: r.peak(), unit: "MB", budget: 100},
	)
}

// rest waits until the program has written nothing for a while.
func (r *run) rest(b *testing.B) {
	tick := time.NewTicker(quiet)
	defer tick.Stop()
	deadline := time.Now().Add(screentest.Deadline)
	for was := int64(-1); was != r.Written(); {
		if time.Now().After(deadline) {
			b.Fatalf("the screen does not rest:\n%s", r.Screen())
		}
		was = r.Written()
		<-tick.C
	}
}

// scrollThrough turns pages from the first child to the last.
func (r *run) scrollThrough(b *testing.B) time.Duration {
	b.Helper()
	start := time.Now()
	r.Type("g")
	r.WaitFor(func(s string) bool { return selected(s) == "/" }, "the root")
	last := widePath + "/" + seed.WideName(wideN-1)
	// To look at each frame would take longer than to draw it.
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for path := "/"; path != last && path != "/zookeeper"; {
		was := path
		r.SendBytes(strings.Repeat("\x1b[6~", burst))
		for path == was || path != last && path != "/zookeeper" && rank(path)-rank(was) < burst*height/2 {
			if time.Since(start) > 2*time.Minute {
				b.Fatalf("scrolling stands still:\n%s", r.Screen())
			}
			<-look.C
			path = selected(r.Screen())
		}
	}
	return time.Since(start)
}

// rank is the place of a child of widePath, 0 for any other znode.
func rank(path string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(path, widePath+"/task-"))
	if err != nil {
		return 0
	}
	return n
}

// inProcess runs the benchmark of Update and View, which knows the screen from
// within.
func inProcess(b *testing.B, w *world) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkKey$", "-benchtime", "1x", "zkdeck/tui")
	cmd.Env = os.Environ()
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("measuring Update and View: %v\n%s", err, out)
	}
	found := regexp.MustCompile(`BenchmarkKey/(\w+)\S*\s.*?([\d.]+) ms-p50\s+([\d.]+) ms-p99\s+([\d.]+) ms-spin-p99`).FindAllStringSubmatch(string(out), -1)
	if len(found) == 0 {
		b.Fatalf("no figures in\n%s", out)
	}
	for _, f := range found {
		p50, p99, spin := parse(b, f[2]), parse(b, f[3]), parse(b, f[4])
		say("Update and View, %-6s p50 %.3f ms  p99 %.3f ms; a computation as long as the p50, p99 %.3f ms", f[1], p50, p99, spin)
		b.ReportMetric(p99, "ms-p99-"+f[1])
		w.add(figure{
			what: "Update and View for " + f[1] + ", p99", ours: p99, unit: "ms",
			floor: spin, floorIs: "bare computation", budget: 2,
		})
	}
}

func parse(b *testing.B, s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		b.Fatal(err)
	}
	return f
}
