package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/screentest"
)

const (
	width, height = 200, 60

	// firstFrameHas ends the last line of our first frame, connected marks a session,
	// lastLineHas is in the last line of the bare program's.
	firstFrameHas = "? help"
	connected     = "● connected"
	bareFrameHas  = "line 0000059"
)

// programs are the binaries that are measured.
type programs struct{ ours, bare, home string }

// build builds them as `make build` does.
func build(b *testing.B) programs {
	dir := b.TempDir()
	p := programs{filepath.Join(dir, "zkdeck"), filepath.Join(dir, "bare"), dir}
	for bin, pkg := range map[string]string{p.ours: "zkdeck", p.bare: "zkdeck/internal/bench/bare"} {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("building %s: %v\n%s", pkg, err, out)
		}
	}
	return p
}

// scope is a benchmark whose clean-up can be done before its end.
type scope struct {
	testing.TB
	cleanups []func()
}

func (s *scope) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *scope) end() {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
	s.cleanups = nil
}

// run is a program in a terminal.
type run struct {
	*screentest.Term
	cmd *exec.Cmd
	sc  *scope
}

// start starts a program with a home of its own; the caller ends it, or the
// benchmark does.
func (p programs) start(b *testing.B, bin string, args ...string) *run {
	b.Helper()
	sc := &scope{TB: b}
	b.Cleanup(sc.end)
	r := &run{screentest.New(sc, width, height), exec.Command(bin, args...), sc}
	r.cmd.Env = append(screentest.Env(), "HOME="+p.home, "XDG_STATE_HOME="+p.home+"/state",
		"XDG_CONFIG_HOME="+p.home+"/config", "XDG_DATA_HOME="+p.home+"/data", "XDG_CACHE_HOME="+p.home+"/cache")
	r.StartCommand(r.cmd)
	return r
}

// end ends the program.
func (r *run) end() { r.sc.end() }

// opened starts zkdeck at a path, connected and expanded; a listing that is held
// back is loaded.
func (p programs) opened(b *testing.B, addr, path, firstChild string) *run {
	b.Helper()
	r := p.start(b, p.ours, "--path", path, addr)
	r.atHeld(path)
	if strings.Contains(r.Screen(), held) {
		r.Type("o")
	}
	r.WaitForText(firstChild)
	return r
}

// held is in the row of a listing that waits for a key.
const held = "o loads"

// atHeld waits for the selected znode and expands it; it returns when its row says
// that the listing waits, or children show.
func (r *run) atHeld(path string) {
	r.WaitFor(func(s string) bool {
		return strings.Contains(s, connected) && strings.Contains(s, "▸ "+path[1:])
	}, "the row of "+path)
	r.Type("right")
	r.WaitFor(func(s string) bool {
		return strings.Contains(s, held) || strings.Contains(s, "▾ "+path[1:]) && rowBelow(s, path[1:]) != ""
	}, "the children of "+path)
}

// rowBelow is the child that the row below an expanded one shows, if any.
func rowBelow(screen, name string) string {
	_, rest, _ := strings.Cut(screen, "▾ "+name)
	_, rest, _ = strings.Cut(rest, "\n")
	line, _, _ := strings.Cut(rest, "\n")
	line, _, _ = strings.Cut(line, "│")
	if !strings.HasPrefix(line, "    ") {
		return ""
	}
	return strings.TrimSpace(line)
}

// selected is the path that the second line of the screen ends with.
func selected(screen string) string {
	_, rest, _ := strings.Cut(screen, "\n")
	line, _, _ := strings.Cut(rest, "\n")
	return line[strings.LastIndexByte(line, ' ')+1:]
}

// rss and peak are the memory of the process, now and at most, in MB.
func (r *run) rss() float64  { return r.status("VmRSS") }
func (r *run) peak() float64 { return r.status("VmHWM") }

func (r *run) status(field string) float64 {
	r.sc.Helper()
	mb, err := memoryOf(r.cmd.Process.Pid, field)
	if err != nil {
		r.sc.Fatalf("reading the memory of the program: %v", err)
	}
	return mb
}

// memoryOf is one of the figures of Linux on the memory of a process, in MB.
func memoryOf(pid int, field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("no %s of process %d", field, pid)
}

// cpu is the processor time that the process has used.
func (r *run) cpu() time.Duration {
	r.sc.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
	if err != nil {
		r.sc.Fatalf("reading the processor time of the program: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	var ticks int64
	for _, f := range fields[11:13] { // utime, stime: 14 and 15 of proc(5)
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			r.sc.Fatalf("reading the processor time of the program: %v", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100 // USER_HZ is 100 wherever Go runs
}
