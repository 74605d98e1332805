package screenshots

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clockOfPictures is the file that is added to package time of the program that
// pictures are taken of.
//
//go:embed clock/time.go.txt
var clockOfPictures []byte

// build builds the program as it is, with one difference: package time takes the date and
// the time of day from a [clock]. Its monotonic clock is the machine's, so that whatever
// has to end in time does; where zkview says when something has changed it is left out,
// for one moment is compared with another by it.
func build(t testing.TB) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, ".bin", "pictures")
	instead := map[string]string{}
	replace := func(file, from, to string, times int) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte(from)); n != times && times > 0 {
			t.Fatalf("%s has %q %d times, not %d: see how the time is asked for there now, and have build change that", file, from, n, times)
		} else if n > 0 {
			instead[file] = write(t, dir, filepath.Base(file), bytes.ReplaceAll(text, []byte(from), []byte(to)))
		}
	}
	goroot := strings.TrimSpace(output(t, "go", "env", "GOROOT"))
	std := filepath.Join(goroot, "src", "time")
	replace(filepath.Join(std, "time.go"), "mono := runtimeNow()", "mono := picturesNow()", 1)
	instead[filepath.Join(std, "zkdeck_pictures.go")] = write(t, dir, "pictures.go", clockOfPictures)
	view, err := filepath.Glob(filepath.Join(root, "zkview", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range view {
		if !strings.HasSuffix(file, "_test.go") {
			replace(file, "At: time.Now()", "At: time.Now().Round(0)", 0)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": instead})
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "zkdeck")
	output(t, "env", "CGO_ENABLED=0", "go", "build", "-trimpath", "-tags", "pictures",
		"-overlay", write(t, dir, "overlay.json", overlay), "-o", bin, root)
	return bin
}

// write writes a file and returns its path.
func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// output runs a command and returns what it writes.
func output(t testing.TB, argv ...string) string {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(argv, " "), err, out, errs.Bytes())
	}
	return string(out)
}

// noon is when the pictures are taken.
var noon = time.Date(2026, time.March, 17, 9, 41, 0, 0, time.UTC)

// clock is the time of all pictures: of the sandbox, which is in this process, and of
// the program, which reads it from a file. It stands still unless it is stepped.
type clock struct {
	ns   atomic.Int64
	file *os.File
	stop func() // what run has begun
}

// newClock returns a clock that shows noon.
func newClock(t testing.TB, dir string) *clock {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "clock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	c := &clock{file: f, stop: func() {}}
	t.Cleanup(func() { c.stop() })
	c.set(t, noon)
	return c
}

func (c *clock) now() time.Time { return time.Unix(0, c.ns.Load()).UTC() }

func (c *clock) step(t testing.TB, d time.Duration) { c.set(t, c.now().Add(d)) }

func (c *clock) set(t testing.TB, to time.Time) {
	t.Helper()
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], uint64(to.UnixNano()))
	if _, err := c.file.WriteAt(b[:], 0); err != nil { // readers have it mapped
		t.Errorf("setting the clock: %v", err)
	}
	c.ns.Store(to.UnixNano())
}

// run has the clock go with the machine's until it is stopped.
func (c *clock) run(t testing.TB) {
	t.Helper()
	c.set(t, time.Now())
	end, ended := make(chan struct{}), make(chan struct{})
	c.stop = sync.OnceFunc(func() { close(end); <-ended })
	go func() {
		defer close(ended)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case now := <-tick.C:
				c.set(t, now)
			}
		}
	}()
}
