package bench

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/peers"
	"zkdeck/internal/zktest/seed"
)

// walks is how often the tree is walked.
const walks = 3

// walk measures the search of a million znodes by a process of its own, beside a
// bare loop of multiReads and, once, go-zookeeper with one request a znode.
func walk(b *testing.B, w *world) {
	addr := zktest.Start(b, 1, zktest.JVM("-Xmx2g")).Addr()
	conn := zktest.Connect(b, addr)
	const root = "/million"
	if err := seed.Million(b.Context(), conn, root); err != nil {
		b.Fatal(err)
	}
	peer := func(what string, run func() (int, error)) time.Duration {
		start := time.Now()
		n, err := run()
		took := time.Since(start)
		if err != nil || n != seed.MillionZnodes {
			b.Fatalf("%s: %d znodes of %d, %v", what, n, seed.MillionZnodes, err)
		}
		say("walk: %s %.1f s", what, took.Seconds())
		return took
	}
	var bare, ours []time.Duration
	memory := int64(0)
	for i := range walks + 1 {
		base := peer("bare", func() (int, error) { return peers.MultiRead(addr, root, 200) })
		took, kilobytes := w.findNothing(b, addr, root)
		say("walk: ours %.1f s, %d MB resident", took.Seconds(), kilobytes>>10)
		if i > 0 { // the first warms the server up
			bare, ours = append(bare, base), append(ours, took)
		}
		memory = max(memory, kilobytes)
	}
	single := peer("one by one", func() (int, error) { return peers.OneByOne(conn, root, 256) })
	b.ReportMetric(median(ours).Seconds(), "s-walk")
	w.add(figure{
		what: "find in 1,010,101 znodes", ours: median(ours).Seconds(), unit: "s",
		floor: median(bare).Seconds(), floorIs: "bare multiRead", ratio: 1.3,
	}, figure{
		what: "times as fast as one by one", ours: single.Seconds() / median(ours).Seconds(), unit: "x",
		budget: 20, atLeast: true,
	}, figure{
		what: "memory of that, resident, most", ours: float64(memory >> 10), unit: "MB", budget: 100,
	})
}

// findNothing searches all of the tree for what is not there, and returns how long
// that took and how much memory was resident at most, in KiB.
func (w *world) findNothing(b *testing.B, addr, root string) (time.Duration, int64) {
	cmd := exec.Command(w.ours, "find", "--fast", "--root", root, "-s", addr, "no-such-name")
	cmd.Env = append(os.Environ(), "HOME="+w.home)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	const notFound = 1
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != notFound {
		b.Fatalf("find: %v\n%s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("no word of the memory that find took")
	}
	return took, usage.Maxrss
}
