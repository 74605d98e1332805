//go:build unix

package ensemble

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stranger starts a process that is not ours, and returns what the process table
// says of it.
func stranger(t *testing.T, args ...string) (int, sight) {
	t.Helper()
	cmd := exec.Command("tail", append([]string{"-n", "0", "-f"}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var seen sight
	eventually(t, "it is there", func() bool {
		s, ok := look(cmd.Process.Pid)
		seen = s
		return ok && s.arguments()[0] == "tail"
	})
	return cmd.Process.Pid, seen
}

// A pid file of before a reboot names a process that somebody else has now. It must
// neither count as ours nor get a signal.
func TestPidReused(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1})
	p := e.Plan()
	pid, seen := stranger(t, "/dev/null")
	same, sameSeen := stranger(t, p.ConfigFile(1))
	for what, note := range map[string]string{
		"began at another time":    fmt.Sprintf("%d\n%s0\n%d\n", pid, seen.began, pid),
		"runs something else":      fmt.Sprintf("%d\n%s\n%d\n", pid, seen.began, pid),
		"our file, another time":   fmt.Sprintf("%d\n1%s\n1\n", same, sameSeen.began),
		"no such process":          fmt.Sprintf("%d\n%s\n%d\n", 1<<22-1, seen.began, 1<<22-1),
		"a pid that is none":       fmt.Sprintf("%d\n%s\n%d\n", -pid, seen.began, 0),
		"everybody":                "-1\n1\n1\n",
		"the first of all":         "1\n1\n1\n",
		"a larger number than any": "99999999999999999999\n1\n1\n",
	} {
		write(t, filepath.Join(p.ServerDir(1), pidFile), note)
		got := processOf(t, e, 1)
		if got.Alive {
			t.Errorf("%s: taken for ours", what)
		}
		if strings.HasPrefix(note, fmt.Sprint(pid)) && (!got.Ever || got.End == nil || got.End.Code != unseen) {
			t.Errorf("%s: %+v, %+v", what, got, got.End)
		}
		if err := e.Kill(t.Context()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if out, err := exec.Command(p.scriptFile(), "stop", "1").CombinedOutput(); err != nil || !strings.Contains(string(out), "does not run") {
			t.Errorf("%s: the script says %s, %v", what, out, err)
		}
	}
	for _, pid := range []int{pid, same} {
		if s, ok := look(pid); !ok || !s.lives() {
			t.Error("somebody else's process was ended")
		}
	}
	start(t, e) // and it can be started
	if !processOf(t, e, 1).Alive {
		t.Error("it does not run")
	}
}

func TestDamagedNotes(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 1})
	p := e.Plan()
	dir := p.ServerDir(1)
	for _, text := range []string{"", "\n", "\n\n\n", "x\ny\nz\n", "12", strings.Repeat("1", 5000), "\x00\x00\x00"} {
		write(t, filepath.Join(dir, pidFile), text)
		if got := processOf(t, e, 1); got.Ever || got.Alive {
			t.Errorf("%q: %+v", text, got)
		}
	}
	start(t, e)
	shell := waiter(t, e)
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, shell) // while it is there the end may still be noted
	for _, text := range []string{"", "x", "1 2", "-1 -1", fmt.Sprintf("%d -7", processOf(t, e, 1).Pid), fmt.Sprintf("%d", processOf(t, e, 1).Pid)} {
		write(t, filepath.Join(dir, exitFile), text)
		if got := processOf(t, e, 1); got.End == nil || got.End.Code != unseen {
			t.Errorf("%q: %+v, %+v", text, got, got.End)
		}
	}
	if err := os.Remove(filepath.Join(dir, pidFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, pidFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := e.process(1); err == nil {
		t.Error("a folder was read as a note")
	}
	if err := os.Remove(filepath.Join(dir, pidFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := e.process(7); err == nil {
		t.Error("a server that is not there has a process")
	}
}

// waiter is the shell that waits for server 1.
func waiter(t *testing.T, e *Ensemble) int {
	t.Helper()
	p := e.Plan()
	note, err := readPid(filepath.Join(p.ServerDir(1), pidFile))
	if err != nil {
		t.Fatal(err)
	}
	return note.wrapper
}

// awaitEnd waits until a process is gone.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "the process is gone", func() bool {
		s, ok := look(pid)
		return !ok || !s.lives()
	})
}

// Somebody kills the shell that waits for the server, and then the server: its end is
// known, how it ended is not.
func TestEndThatNobodySaw(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 1})
	start(t, e)
	shell := waiter(t, e)
	if err := unix.Kill(shell, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, shell)
	if got := processOf(t, e, 1); !got.Alive {
		t.Fatalf("the server is gone with it: %+v", got)
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := processOf(t, e, 1); got.End == nil || got.End.Code != unseen || !got.End.At.IsZero() || got.Asked == nil {
		t.Errorf("%+v, %+v", got, got.End)
	}
}

// A server that ends by itself leaves its exit code to whoever looks.
func TestExitCode(t *testing.T) {
	s := newStore(t)
	e := create(t, s, fakePlan(t, s, Wish{Servers: 1}, "echo no such option; exit 3\n"))
	start(t, e)
	endNoted(t, e, 1)
	p := processOf(t, e, 1)
	if p.End == nil || p.End.Code != 3 || p.End.Signal != "" || p.Asked != nil || time.Since(p.End.At) > time.Hour {
		t.Errorf("%+v, %+v", p, p.End)
	}
	plan := e.Plan()
	if text := read(t, plan.LogFile(1)); !strings.HasSuffix(text, "\nno such option") || !strings.Contains(text, " INFO  zkdeck - starting server 1\n") {
		t.Errorf("its log is %q", text)
	}
}

func TestJavaThatIsGone(t *testing.T) {
	s := newStore(t)
	e := create(t, s, fakePlan(t, s, Wish{Servers: 1}, "#!/no/such/program\n"))
	p := e.Plan()
	write(t, p.Java.Path, "#!/no/such/program\n") // cannot be seen beforehand
	start(t, e)
	endNoted(t, e, 1)
	if p := processOf(t, e, 1); p.End == nil || p.End.Code != 127 {
		t.Errorf("%+v, %+v", p, p.End)
	}
}

func TestParsePs(t *testing.T) {
	got, ok := parsePs("Ss    1234 Mon Nov  3 06:32:02 2026     /usr/bin/java -cp a b.Main /a b/zoo.cfg")
	want := sight{state: 'S', began: "Mon Nov 3 06:32:02 2026", rss: 1234 * 1024, command: "/usr/bin/java -cp a b.Main /a b/zoo.cfg"}
	if !ok || got != want {
		t.Errorf("%+v, %v", got, ok)
	}
	for _, line := range []string{"", "S", "S 1 Mon Nov 3 06:32:02 2026"} {
		if got, ok := parsePs(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
