package cli

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/config"
	"zkdeck/internal/screentest"
	"zkdeck/zkview"
)

// served is a `zkdeck sandbox --serve` of a script.
type served struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	stderr bytes.Buffer
}

// TestSandboxScripts runs sandboxes and what is asked of them.
func TestSandboxScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "sandbox"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "serve": serve, "ends": ends,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("GORACE", noPause)
			env.Setenv("ZKDECK_SERVERS", "") // serve names them
			env.Values["served"] = &served{}
			return nil
		},
	})
}

// serve starts `zkdeck sandbox --serve` with more arguments, and has the following
// commands ask it: the address is the first line that it prints. SERVED is it, too.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value("served").(*served)
	path, err := exec.LookPath("zkdeck")
	ts.Check(err)
	s.cmd = exec.Command(path, append([]string{"sandbox", "--serve"}, args...)...)
	s.cmd.Dir = ts.Getenv("WORK")
	s.cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"), "XDG_STATE_HOME="+ts.Getenv("XDG_STATE_HOME"), "GORACE="+noPause)
	s.stderr.Reset()
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	ts.Defer(func() { _ = s.cmd.Process.Kill() })
	s.out = bufio.NewReader(out)
	line, err := s.out.ReadString('\n')
	if err != nil {
		_ = s.cmd.Wait()
		ts.Fatalf("no address: %v: %s", err, s.stderr.String())
	}
	ts.Setenv("SERVED", strings.TrimSpace(line))
	ts.Setenv("ZKDECK_SERVERS", strings.TrimSpace(line))
}

// ends sends a signal to what serve has started, and sees that it ends with code 0,
// without another line, after it has said all that is given.
func ends(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value("served").(*served)
	sig := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}[args[0]]
	ts.Check(s.cmd.Process.Signal(sig))
	rest, _ := s.out.ReadString('\n')
	ts.Check(s.cmd.Wait())
	if rest != "" {
		ts.Fatalf("it printed %q", rest)
	}
	for _, want := range args[1:] {
		if !strings.Contains(s.stderr.String(), want) {
			ts.Fatalf("%q is missing in %s", want, s.stderr.String())
		}
	}
}

// TestSandboxScreen opens the sandbox on the real screen, and what is left behind is
// no address that nobody listens on any more.
func TestSandboxScreen(t *testing.T) {
	real := []string{"ZKDECK_TEST_SCREEN=real"}
	for name, c := range map[string]struct {
		args, keys []string
	}{
		"command":      {[]string{"sandbox"}, nil},
		"start screen": {nil, []string{"enter"}},
	} {
		t.Run(name, func(t *testing.T) {
			term, state := inTerminal(t, "", real, append(c.args, "--readonly")...)
			if c.keys != nil {
				term.WaitForText("Nothing answers at " + nobody)
				term.Type(c.keys...)
			}
			term.WaitForText("● connected", "sandbox", "READ-ONLY", "kafka")
			term.Type("ctrl+c")
			wantExit(t, term.Wait(), 0)
			if left := term.LeftOn(); len(left) != 0 {
				t.Errorf("left on: %v", left)
			}
			if used, err := config.ReadRecent(filepath.Join(state, "recent")); used != nil || err != nil {
				t.Errorf("remembered: %v, %v", used, err)
			}
		})
	}
}

// TestLastUsed connects, and without a word to the same place again: read-only as
// before.
func TestLastUsed(t *testing.T) {
	box, err := startBox(t.Context(), sandboxFlags{listen: anyPort, data: dataEmpty}, discard, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer box.close()
	real := []string{"ZKDECK_TEST_SCREEN=real"}
	term, state := inTerminal(t, "", real, "--readonly", box.address())
	term.WaitForText("● connected", "READ-ONLY")
	recent := filepath.Join(state, "recent")
	appears(t, recent)
	term.Type("q")
	wantExit(t, term.Wait(), 0)
	used, err := config.ReadRecent(recent)
	if want := (config.Recent{Servers: box.address(), ReadOnly: true}); len(used) != 1 || used[0] != want || err != nil {
		t.Errorf("remembered: %v, %v", used, err)
	}
	if info, err := os.Stat(recent); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	term, again := inTerminal(t, "", append(real, "XDG_STATE_HOME="+filepath.Dir(state)))
	term.WaitForText("● connected", box.address(), "READ-ONLY")
	term.Type("q")
	wantExit(t, term.Wait(), 0)
	_ = again
}

// appears waits for a file that is written beside what the screen shows.
func appears(t *testing.T, path string) {
	t.Helper()
	deadline := time.NewTimer(screentest.Deadline)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("in vain: %s", path)
		}
	}
}

// TestDefaultAnswers sees that a server at the default address is opened, and that to
// have used it is no reason to wait for it when it is gone.
func TestDefaultAnswers(t *testing.T) {
	box, err := startBox(t.Context(), sandboxFlags{listen: anyPort, data: dataEmpty}, discard, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	home := []string{"ZKDECK_TEST_SCREEN=real", "ZKDECK_TEST_DEFAULT=" + box.address()}
	term, state := inTerminal(t, "", home)
	term.WaitForText("● connected", box.address())
	appears(t, filepath.Join(state, "recent"))
	term.Type("q")
	wantExit(t, term.Wait(), 0)
	box.close()
	term, _ = inTerminal(t, "", append(home, "XDG_STATE_HOME="+filepath.Dir(state)))
	term.WaitForText("Nothing answers at " + box.address())
	term.Type("ctrl+c")
	wantExit(t, term.Wait(), 0)
}

// TestBoxWhileFilled sees that a screen can be drawn on a sandbox before the sample data
// is in it, that who connects meanwhile sees all of it, and that it can be left then.
func TestBoxWhileFilled(t *testing.T) {
	demo := sandboxFlags{listen: anyPort, data: dataDemo}
	for _, leaves := range []bool{false, true} {
		box, err := startBox(t.Context(), demo, discard, os.Stderr)
		if err != nil {
			t.Fatal(err)
		}
		session, err := zkview.Open(zkview.Config{Servers: box.address()})
		if err != nil {
			t.Fatal(err)
		}
		if !leaves {
			if err := session.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			last, _, err := session.Children(t.Context(), "/archive/jobs") // which goes in last
			if err != nil || len(last) != 5000 {
				t.Errorf("%d jobs are there, %v", len(last), err)
			}
			if err := box.wait(); err != nil {
				t.Error(err)
			}
		}
		box.close()
		_ = session.Close()
		if _, err := net.Dial("tcp", box.address()); err == nil {
			t.Error("it is still there")
		}
	}
	taken, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	demo.listen = taken.Addr().String()
	if _, err := startBox(t.Context(), demo, discard, os.Stderr); err == nil || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("at a taken port: %v", err)
	}
}

// TestBoxAddress sees whom a sandbox warns of, and where it says that it is.
func TestBoxAddress(t *testing.T) {
	for listen, warns := range map[string]bool{"127.0.0.1:0": false, "localhost:0": false, "0.0.0.0:0": true} {
		box, err := startBox(t.Context(), sandboxFlags{listen: listen, data: dataEmpty}, discard, os.Stderr)
		if err != nil {
			t.Fatal(err)
		}
		var errs strings.Builder
		box.warn(&errs)
		if got := errs.String(); strings.Contains(got, "everybody who reaches that can read and write") != warns {
			t.Errorf("%s: it says %q", listen, got)
		}
		if warns && !strings.HasPrefix(box.address(), "127.0.0.1:") {
			t.Errorf("%s: it is at %s", listen, box.address())
		}
		session, err := zkview.Open(zkview.Config{Servers: box.address()})
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		_ = session.Close()
		box.close()
	}
}
