package bench

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/peers"
	"zkdeck/internal/zktest/seed"
)

// walks is how often the tree is walked before and after it is walked one by one.
const walks = 2

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
	memory := 0.0
	round := func() {
		base := peer("bare", func() (int, error) { return peers.MultiRead(addr, root, 200) })
		took, resident := w.findNothing(b, addr, root)
		say("walk: ours %.1f s, %.0f MB resident", took.Seconds(), resident)
		bare, ours = append(bare, base), append(ours, took)
		memory = max(memory, resident)
	}
	round()
	bare, ours = nil, nil // that one warmed the server up
	for range walks {
		round()
	}
	single := peer("one by one", func() (int, error) { return peers.OneByOne(conn, root, 256) })
	for range walks { // again, for what else the machine does may have changed
		round()
	}
	b.ReportMetric(median(ours).Seconds(), "s-walk")
	w.add(figure{
		what: "find in 1,010,101 znodes", ours: median(ours).Seconds(), unit: "s",
		floor: median(bare).Seconds(), floorIs: "bare multiRead", ratio: 1.3,
	}, figure{
		what: "times as fast as one by one", ours: single.Seconds() / median(ours).Seconds(), unit: "x",
		budget: 20, atLeast: true,
	}, figure{
		what: "memory of that, resident, most", ours: memory, unit: "MB", budget: 100,
	})
}

// findNothing searches all of the tree for what is not there, and returns how long
// that took and how much memory was resident at most, in MB.
func (w *world) findNothing(b *testing.B, addr, root string) (took time.Duration, memory float64) {
	var out bytes.Buffer
	cmd := exec.Command(w.ours, "find", "--fast", "--root", root, "-s", addr, "no-such-name")
	cmd.Env = append(os.Environ(), "HOME="+w.home)
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if mb, err := memoryOf(cmd.Process.Pid, "VmHWM"); err == nil {
				memory = mb
			}
		case err := <-ended:
			const notFound = 1
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != notFound {
				b.Fatalf("find: %v\n%s", err, &out)
			}
			return time.Since(start), memory
		}
	}
}
