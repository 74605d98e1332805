//go:build unix

package ensemble

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A machine that stands still for longer than a server may be silent: the answer comes
// when it goes on.
func TestAskerStandsStill(t *testing.T) {
	asked, goesOn := make(chan struct{}), make(chan struct{})
	addr := answering(t, func(c net.Conn) {
		reads(c)
		close(asked)
		<-goesOn
		_, _ = c.Write([]byte("imok"))
	})
	cmd := exec.Command(os.Args[0], "-test.run=^TestOther$")
	cmd.Env = append(os.Environ(), otherVar+"=ask", nameVar+"="+addr)
	var said strings.Builder
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t.Context(), silent(t), "srvr"); !errors.Is(err, errSilent) {
		t.Error(err)
	}
	if err := cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	close(goesOn)
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(said.String(), "imok <nil>\n") {
		t.Errorf("it is told %q, %v", said.String(), err)
	}
}

// Whoever starts servers may be killed at any moment: each server either runs and is
// known, or was not started. The test kills it at many moments, from its first step on.
func TestStarterIsKilled(t *testing.T) {
	for range 6 {
		s := newStore(t)
		e := newFake(t, s, Wish{})
		cmd, end := other(t, e, "start")
		for processOf(t, e, 2).Pid == 0 && processOf(t, e, 1).Pid == 0 && processOf(t, e, 3).Pid == 0 {
			if s, ok := look(cmd.Process.Pid); !ok || !s.lives() {
				break
			}
		}
		_ = cmd.Process.Kill()
		end()
		start(t, e) // what is missing
		pids := make(map[int]bool)
		for _, m := range e.Plan().Members {
			awaitProgram(t, e, m.ID)
			p := processOf(t, e, m.ID)
			if !p.Alive {
				t.Errorf("server %d: %+v", m.ID, p)
			}
			pids[p.Pid] = true
		}
		if n := running(t, e); n != 3 || len(pids) != 3 {
			t.Errorf("%d processes run, and %v are known", n, pids)
		}
		if err := e.Down(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
}

// running counts the processes that run a zoo.cfg of an ensemble.
func running(t *testing.T, e *Ensemble) int {
	t.Helper()
	all, err := pids()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, pid := range all {
		seen, ok := look(pid)
		if !ok || !seen.lives() || seen.arguments()[0] != "tail" {
			continue
		}
		if args := seen.arguments(); strings.HasPrefix(args[len(args)-1], e.Dir()+"/") {
			n++
		}
	}
	return n
}

// Servers that were started in a terminal go on when that is closed, and when ^C is
// typed in it: those that we start and those of the script.
func TestTerminalIsClosed(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 2})
	ours := exec.Command(os.Args[0], "-test.run=^TestOther$")
	ours.Env = append(os.Environ(), otherVar+"=start", dataVar+"="+e.store.Data, nameVar+"="+e.Name())
	// Two in one terminal: we start server 1 and 2 of which the script had 2 already.
	script := exec.Command("/bin/sh", e.Dir()+"/start.sh", "2")
	for _, cmd := range []*exec.Cmd{script, ours} {
		terminal, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		out := make(chan string)
		go func() {
			var b strings.Builder
			buf := make([]byte, 1024)
			for {
				n, err := terminal.Read(buf)
				b.Write(buf[:n])
				if err != nil {
					out <- b.String()
					return
				}
			}
		}()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v", err)
		}
		_, _ = terminal.WriteString("\x03") // nobody is left to get it, and the servers must not
		terminal.Close()
		<-out
	}
	for id := range 2 {
		p := processOf(t, e, id+1)
		if !p.Alive {
			t.Errorf("server %d: %+v", id+1, p)
			continue
		}
		if sid, err := unix.Getsid(p.Pid); err != nil || sid == mustSid(t) {
			t.Errorf("server %d is in our session: %v", id+1, err)
		}
	}
}

// A start that is given up at any moment leaves nothing that a stop does not reach.
func TestStartIsGivenUp(t *testing.T) {
	e := newFake(t, newStore(t), Wish{})
	for i := range 8 {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(i)*8*time.Millisecond, cancel)
		if err := e.Start(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		timer.Stop()
		cancel()
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := running(t, e); n != 0 {
			t.Fatalf("%d still run", n)
		}
	}
}
