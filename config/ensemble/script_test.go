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

// run runs a script of an ensemble as a person would.
func run(t *testing.T, e *Ensemble, shell, script string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(shell, append([]string{filepath.Join(e.Dir(), script)}, args...)...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "STOP_SECONDS=60") // a busy machine is slow
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// What the scripts start we see and stop, and the reverse, whichever shell runs them.
func TestScripts(t *testing.T) {
	for _, shell := range []string{"sh", "bash", "ksh", "zsh"} {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skip("there is no such shell here")
			}
			// A folder whose name a careless script would trip over.
			s := storeIn(filepath.Join(t.TempDir(), "a folder's $name; \"ü\""), testCache)
			e := newFake(t, s, Wish{Name: "by-hand", Servers: 2})
			out, err := run(t, e, path, "start.sh")
			if err != nil || !strings.Contains(out, "clients connect to "+e.plan.Connect()+"\n") {
				t.Fatalf("start.sh: %s, %v", out, err)
			}
			one, two := processOf(t, e, 1), processOf(t, e, 2)
			if !one.Alive || !two.Alive || !strings.Contains(out, fmt.Sprintf("server 2 runs, pid %d\n", two.Pid)) {
				t.Errorf("%+v, %+v, %s", one, two, out)
			}
			if sid, err := unix.Getsid(one.Pid); err != nil || sid == mustSid(t) {
				t.Errorf("it is in our session: %d, %v", sid, err)
			}
			if out, err := run(t, e, path, "start.sh", "1"); err != nil || !strings.Contains(out, "server 1 runs already") || processOf(t, e, 1).Pid != one.Pid {
				t.Errorf("start.sh of one that runs: %s, %v", out, err)
			}
			if err := e.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			start(t, e)
			if err := e.Pause(t.Context(), 1); err != nil { // no matter
				t.Fatal(err)
			}
			if out, err := run(t, e, path, "stop.sh"); err != nil || strings.Count(out, "has stopped") != 2 {
				t.Errorf("stop.sh: %s, %v", out, err)
			}
			for id := range 2 {
				endNoted(t, e, id+1)
				if p := processOf(t, e, id+1); p.Alive || p.End == nil || p.End.Code != 143 || p.Asked == nil || p.Asked.Word != "stop" {
					t.Errorf("%+v, %+v", p, p.End)
				}
			}
			if out, err := run(t, e, path, "stop.sh"); err != nil || strings.Count(out, "does not run") != 2 {
				t.Errorf("stop.sh of what does not run: %s, %v", out, err)
			}
			if out, err := run(t, e, path, "server.sh", "what"); err == nil || !strings.Contains(out, "usage:") {
				t.Errorf("a word that is none: %s, %v", out, err)
			}
		})
	}
}

func mustSid(t *testing.T) int {
	t.Helper()
	sid, err := unix.Getsid(0)
	if err != nil {
		t.Fatal(err)
	}
	return sid
}

// Two servers on one data folder destroy it, and ZooKeeper does not notice. Whoever
// starts the second is refused, also through a symbolic link.
func TestOneServerPerDataFolder(t *testing.T) {
	if _, err := exec.LookPath("flock"); err != nil {
		t.Skip("the script has no lock here")
	}
	s := newStore(t)
	s.turn = 20 * time.Millisecond
	first := newFake(t, s, Wish{Name: "first", Servers: 1})
	second := newFake(t, s, Wish{Name: "second", Servers: 1})
	one, two := first.Plan(), second.Plan()
	if err := os.RemoveAll(two.DataDir(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(one.DataDir(1), two.DataDir(1)); err != nil {
		t.Fatal(err)
	}
	refused := func(what string) {
		t.Helper()
		if err := second.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "another server runs on the data folder") {
			t.Errorf("%s: we start a second one: %v", what, err)
		}
		if err := second.launch(t.Context(), &two, two.Members[0]); err == nil || !strings.Contains(err.Error(), "another server runs on") {
			t.Errorf("%s: without a look we start a second one: %v", what, err)
		}
		if out, err := run(t, second, "/bin/sh", "start.sh"); err == nil || !strings.Contains(out, "another server runs on") {
			t.Errorf("%s: the script starts a second one: %s, %v", what, out, err)
		}
		if processOf(t, second, 1).Ever {
			t.Errorf("%s: it runs", what)
		}
	}
	start(t, first)
	refused("started by us")
	// Its shell may be killed: the server has the lock by itself.
	if err := unix.Kill(waiter(t, first), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	refused("without its shell")
	if err := first.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, first, "/bin/sh", "start.sh"); err != nil {
		t.Fatalf("%s, %v", out, err)
	}
	refused("started by the script")
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	start(t, second)
}

func TestScriptOfADamagedFolder(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 1})
	plan := e.Plan()
	if err := os.RemoveAll(plan.DataDir(1)); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, e, "/bin/sh", "start.sh"); err == nil || out == "" {
		t.Errorf("without a data folder: %s, %v", out, err)
	}
	if err := e.Start(t.Context()); err == nil {
		t.Error("started without a data folder")
	}
	if processOf(t, e, 1).Ever {
		t.Error("it was started")
	}
}
