//go:build !windows

package cli

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"zkdeck/config/ensemble"
	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
)

// ensembleHome is a home for ensembles, which end with the test, and what runs zkdeck
// in it.
func ensembleHome(t *testing.T) (home string, run func(args ...string) *exec.Cmd) {
	t.Helper()
	path, err := exec.LookPath("zkdeck")
	if err != nil {
		t.Fatal(err)
	}
	home = t.TempDir()
	env, err := ensembleEnv(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endEnsembles(t, home) })
	return home, func(args ...string) *exec.Cmd {
		cmd := exec.Command(path, append([]string{"ensemble"}, args...)...)
		cmd.Env = append(os.Environ(), env...)
		return cmd
	}
}

// untilSaid starts a command and returns when it has said something on standard
// error; the rest of that is what rest gives when the command has ended.
func untilSaid(t *testing.T, cmd *exec.Cmd, text string) (rest func() string) {
	t.Helper()
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	said := bufio.NewReader(errs)
	readUntil(t, said, text)
	return func() string {
		more, _ := io.ReadAll(said)
		return string(more)
	}
}

// readUntil reads lines until one has this text.
func readUntil(t *testing.T, r *bufio.Reader, text string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if strings.Contains(line, text) {
			return
		}
		if err != nil {
			t.Fatalf("it never said %q: %v", text, err)
		}
	}
}

// TestEnsembleInterrupted interrupts a start: nothing is left of a new ensemble, and
// of one that was there, no server that did not run before.
func TestEnsembleInterrupted(t *testing.T) {
	home, run := ensembleHome(t)
	base := strconv.Itoa(zktest.FreePorts(t))
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := run("up", "--one-by-one", "--base-port", base)
		var out bytes.Buffer
		cmd.Stdout = &out
		rest := untilSaid(t, cmd, "server 1 is started: pid")
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		said := rest()
		wantExit(t, cmd.Wait(), exitFailed)
		if !strings.Contains(said, "zkdeck: interrupted before it served: demo is stopped and its folder deleted") || out.Len() > 0 {
			t.Errorf("%v: it says %s and prints %q", sig, said, out.String())
		}
		if pids := serversBelow(home); len(pids) > 0 {
			t.Errorf("%v: servers run: %v", sig, pids)
		}
		if left, _ := filepath.Glob(filepath.Join(home, "data", "zkdeck", "ensembles", "[^.]*")); len(left) > 0 {
			t.Errorf("%v: left: %v", sig, left)
		}
	}
}

// TestEnsembleOutlives kills a start half way, which leaves what runs and is gone on
// with by the next one, that outlives its terminal and ends with all of them serving.
func TestEnsembleOutlives(t *testing.T) {
	t.Parallel()
	home, run := ensembleHome(t)
	cmd := run("up", "--one-by-one", "--base-port", strconv.Itoa(zktest.FreePorts(t)))
	rest := untilSaid(t, cmd, "server 1 is started: pid")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest()
	_ = cmd.Wait()
	first := serversBelow(home)
	for deadline := time.Now().Add(screentest.Deadline); len(first) == 0; first = serversBelow(home) {
		if time.Now().After(deadline) { // it becomes Java some time after it has begun
			t.Fatal("no server is left of the start that was killed")
		}
	}
	if len(first) != 1 {
		t.Errorf("servers of the start that was killed: %v", first)
	}

	cmd = run("up")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = bufio.NewReader(terminal).ReadString('\n') // the first thing that it says
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it could not print the connect string
	store := ensemble.NewStore(filepath.Join(home, "data", "zkdeck"), filepath.Join(ensembleCache, "zkdeck"))
	e, err := store.Open(defaultEnsemble)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Status(t.Context())
	if err != nil || !s.Quorum || len(runningIDs(s)) != 3 || s.Servers[0].Pid != first[0] {
		t.Errorf("%v, %+v", err, s)
	}
	followed(t, run)
	purgeAsks(t, run)
}

// followed sees that status --watch and logs -f tell what happens, and end well when
// they are interrupted.
func followed(t *testing.T, run func(args ...string) *exec.Cmd) {
	begin := func(first string, args ...string) (*exec.Cmd, *bufio.Reader) {
		cmd := run(args...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		lines := bufio.NewReader(out)
		readUntil(t, lines, first)
		return cmd, lines
	}
	watch, events := begin("MEM", "status", defaultEnsemble, "--watch")
	logs, entries := begin(" - ", "logs", defaultEnsemble, "2", "-n", "1", "-f")
	for _, args := range [][]string{{"kill", defaultEnsemble, "2"}, {"start", defaultEnsemble, "2"}} {
		if out, err := run(args...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
	readUntil(t, events, "server 2 was killed")
	readUntil(t, events, "server 2 was started")
	readUntil(t, entries, "binding to port")
	for _, cmd := range []*exec.Cmd{watch, logs} {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, map[*exec.Cmd]*bufio.Reader{watch: events, logs: entries}[cmd])
		wantExit(t, cmd.Wait(), exitOK)
	}
}

// purgeAsks sees that a purge is asked about on a terminal, and refused without one.
func purgeAsks(t *testing.T, run func(args ...string) *exec.Cmd) {
	var errs bytes.Buffer
	cmd := run("down", defaultEnsemble, "--purge")
	cmd.Stderr = &errs
	wantExit(t, cmd.Run(), exitUsage)
	if !strings.Contains(errs.String(), "--yes does it unasked") {
		t.Errorf("without a terminal it says %s", errs.String())
	}
	for _, c := range []struct {
		typed string
		code  int
		says  string
	}{{"yes\r", exitFailed, "nothing was deleted"}, {"demo\r", exitOK, "is deleted"}} {
		term := screentest.New(t, 100, 30)
		term.StartCommand(run("down", defaultEnsemble, "--purge"))
		term.WaitForText("Type demo to go on:")
		term.Type(c.typed)
		wantExit(t, term.Wait(), c.code)
		if !strings.Contains(strings.ReplaceAll(term.Screen(), "\n", ""), c.says) {
			t.Errorf("typed %q: %s", c.typed, term.Screen())
		}
	}
}

// TestEnsembleTwice has two processes make the same ensemble at the same time: there
// is one, and both say where.
func TestEnsembleTwice(t *testing.T) {
	home, run := ensembleHome(t)
	base := strconv.Itoa(zktest.FreePorts(t))
	var both sync.WaitGroup
	var outs [2][]byte
	var errs [2]error
	for i := range outs {
		both.Go(func() {
			outs[i], errs[i] = run("up", "--temp", "--servers", "1", "--base-port", base).Output()
		})
	}
	both.Wait()
	for i, err := range errs {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Errorf("%v: %s", err, exit.Stderr)
		}
		if string(outs[i]) != "127.0.0.1:"+base+"\n" {
			t.Errorf("it printed %q", outs[i])
		}
	}
	if pids := serversBelow(home); len(pids) != 1 {
		t.Errorf("servers run: %v", pids)
	}
	if out, err := run("down", defaultEnsemble).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
