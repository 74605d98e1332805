package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// lively is the address of a server that is seeded with what looks like life, its
// ephemerals included, as long as the test runs.
func lively(t *testing.T) string {
	t.Helper()
	addr := zktest.Own(t)
	if err := seed.Life(t.Context(), zktest.Connect(t, addr), "/"); err != nil {
		t.Fatal(err)
	}
	return addr
}

// TestReadScripts runs the commands that read.
func TestReadScripts(t *testing.T) {
	t.Parallel()
	addr := lively(t)
	t.Run("scripts", func(t *testing.T) { // which run in parallel, and end before the server does
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "read"),
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"exits": exits, "jsonlines": jsonLines, "bytes": exactly,
			},
			Setup: func(env *testscript.Env) error {
				env.Setenv("HOME", env.WorkDir)
				env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
				env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
				env.Setenv("ZKDECK_SERVERS", addr)
				env.Setenv("GORACE", noPause)
				return nil
			},
		})
	})
	t.Run("hostile names", func(t *testing.T) { rawNames(t, addr) })
	t.Run("terminal", func(t *testing.T) { cleanNames(t, addr) })
	t.Run("connection lost", func(t *testing.T) { lostConnection(t, addr) })
	t.Run("closed pipe", func(t *testing.T) { closedPipe(t, addr) })
}

// exits runs a program that must end with a code: exits CODE PROGRAM ARGS...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// jsonLines checks that stdout is lines of JSON that all have these fields.
func jsonLines(ts *testscript.TestScript, _ bool, fields []string) {
	out := ts.ReadFile("stdout")
	if out == "" {
		ts.Fatalf("no output")
	}
	for line := range strings.Lines(out) {
		var v map[string]any
		ts.Check(json.Unmarshal([]byte(line), &v))
		for _, f := range fields {
			if _, ok := v[f]; !ok {
				ts.Fatalf("no %q in %s", f, line)
			}
		}
	}
}

// exactly checks every byte of stdout.
func exactly(ts *testscript.TestScript, _ bool, args []string) {
	if got := ts.ReadFile("stdout"); got != args[0] {
		ts.Fatalf("stdout is %q, want %q", got, args[0])
	}
}

// program is zkdeck with an environment of its own.
func program(t *testing.T, addr string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("zkdeck")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "ZKDECK_SERVERS="+addr, "GORACE="+noPause)
	return cmd
}

// rawNames sees that a program gets every name as the server has it.
func rawNames(t *testing.T, addr string) {
	var want []string
	for _, name := range seed.HostileNames {
		want = append(want, "/hostile/names/"+name)
	}
	slices.Sort(want)
	for _, args := range [][]string{
		{"find", "--root", "/hostile/names", "-0", "/hostile/names/*"},
		{"find", "--root", "/hostile/names", "/hostile/names/*"},
	} {
		out, err := program(t, addr, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		end := "\n"
		if slices.Contains(args, "-0") {
			end = "\x00"
		}
		got := strings.Split(strings.TrimSuffix(string(out), end), end)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", args, got, want)
		}
	}
}

// cleanNames sees that a terminal gets nothing that it would act upon.
func cleanNames(t *testing.T, addr string) {
	for want, args := range map[string][]string{
		`\u202egpj.exe`:       {"ls", "/hostile/names"},
		`/\u2066isolate`:      {"find", "isolate", "--root", "/hostile/names"},
		`\x1b[2J\x1b[H\x1b[3`: {"get", "/hostile/values/ansi"},
	} {
		term, _ := inTerminal(t, "", []string{"ZKDECK_SERVERS=" + addr}, args...)
		wantExit(t, term.Wait(), 0)
		if !strings.Contains(term.Screen(), want) {
			t.Errorf("%q: %q is missing in:\n%s", args, want, term.Screen())
		}
	}
}

// lostConnection sees that what reads a tree ends when it loses its server, and says
// why.
func lostConnection(t *testing.T, addr string) {
	for said, args := range map[string][]string{
		"searching: ":               {"find", "a"},
		"the export is not whole, ": {"export", "/", "--no-acl"},
	} {
		code := exitTrouble
		if args[0] == "export" {
			code = exitFailed
		}
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			loses(t, addr, said, code, args...)
		})
	}
}

// loses runs a command whose connection is cut when it has begun to write.
func loses(t *testing.T, addr, want string, code int, args ...string) {
	t.Helper()
	proxy := zktest.NewProxy(t, addr)
	proxy.Latency(200 * time.Millisecond) // so that the walk is not over at once
	cmd := program(t, proxy.Addr(), append(args, "--timeout", "6s")...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	proxy.Cut()
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Error(err)
	}
	wantExit(t, cmd.Wait(), code)
	why := "no connection to " + proxy.Addr() + " for 6s: "
	if got := said.String(); !strings.HasPrefix(got, "zkdeck: "+want) || !strings.Contains(got, why) {
		t.Errorf("%q says %q, want %q and %q", args, got, want, why)
	}
}

// closedPipe sees that find ends without a word when nobody reads what it finds.
func closedPipe(t *testing.T, addr string) {
	if err := seed.Wide(t.Context(), zktest.Connect(t, addr), "/wide", 20_000); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := program(t, addr, "find", "task", "--fast")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = w, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if _, err := r.Read(make([]byte, 10)); err != nil {
		t.Error(err)
	}
	_ = r.Close()
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE {
		t.Errorf("ended with %v, want the signal of a broken pipe", err)
	}
	if said.Len() > 0 {
		t.Errorf("it says %q", said.String())
	}
}
