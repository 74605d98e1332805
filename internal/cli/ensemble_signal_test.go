//go:build !windows

package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

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
	java, gate := heldJava(t)
	cmd := run("up", "--one-by-one", "--base-port", strconv.Itoa(zktest.FreePorts(t)), "--java", java)
	rest := untilSaid(t, cmd, "server 1 is started: pid")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest()
	_ = cmd.Wait()
	held := gate()
	first := serversBelow(home)
	if err := held.Close(); err != nil {
		t.Fatal(err)
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

// heldJava is the folder of a Java that runs no server before the test has gone to its
// gate: until then none is up. The gate waits for the first that comes; closing what it
// returns lets that one go on, and all others.
func heldJava(t *testing.T) (dir string, gate func() io.Closer) {
	t.Helper()
	java, err := ensemble.NewStore(t.TempDir(), ensembleCache).Env.FindJava("")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	pipe := filepath.Join(dir, "gate")
	program := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *QuorumPeerMain*) [ ! -p %[1]q ] || read -r _ <%[1]q ;; esac\nexec %[2]q \"$@\"\n", pipe, java.Path)
	if err := errors.Join(
		syscall.Mkfifo(pipe, 0o600),
		os.Mkdir(filepath.Join(dir, "bin"), 0o700),
		os.WriteFile(filepath.Join(dir, "release"), []byte("JAVA_VERSION="+strconv.Quote(java.Version)+"\n"), 0o600),
		os.WriteFile(filepath.Join(dir, "bin", "java"), []byte(program), 0o700),
	); err != nil {
		t.Fatal(err)
	}
	return dir, func() io.Closer {
		t.Helper()
		file, err := os.OpenFile(pipe, os.O_WRONLY, 0) // when somebody reads
		if err == nil {
			err = os.Remove(pipe)
		}
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
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
	for _, did := range [][2]string{{"kill", "was killed"}, {"start", "was started"}} {
		if out, err := run(did[0], defaultEnsemble, "2").CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", did[0], err, out)
		}
		readUntil(t, events, "server 2 "+did[1]) // before it is undone
	}
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
