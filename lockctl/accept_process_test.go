//go:build unix

package lockctl_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// asHolder is the environment variable that makes this test binary a process that takes
// a lock, as it is told on its standard input: its value is servers, timeout and path.
const asHolder = "LOCKCTL_TEST_HOLDER"

func init() {
	if what := os.Getenv(asHolder); what != "" {
		if err := holder(strings.Fields(what), os.Stdin, os.Stdout); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// holder does what a holder's process is told, a word a line, and answers with a line.
func holder(what []string, in io.Reader, out io.Writer) error {
	servers, path := what[0], what[2]
	timeout, err := time.ParseDuration(what[1])
	if err != nil {
		return err
	}
	s, err := lockview.OpenSession(zkview.Config{Servers: servers, Timeout: timeout})
	if err != nil {
		return err
	}
	h, err := lockctl.NewLocker(s, path, lockctl.LockOptions{})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var l *lockctl.Lease
	words := bufio.NewScanner(in)
	for words.Scan() {
		switch words.Text() {
		case "acquire":
			l, err = h.Acquire(ctx)
			fmt.Fprintln(out, "acquired", l != nil, errors.Is(err, context.Canceled))
		case "settle":
			fmt.Fprintln(out, "settled", h.Settled(context.Background()) == nil)
		case "node":
			fmt.Fprintln(out, "node", l.Node())
		case "state":
			fmt.Fprintln(out, "state", l.State())
		case "lost":
			<-l.Done()
			fmt.Fprintln(out, "lost", l.State(), errors.Is(l.Err(), lockctl.ErrLost))
		case "write": // guarded, on a session that lives
			c, _, err := zk.Connect([]string{servers}, time.Minute, zk.WithLogger(quiet{}))
			if err != nil {
				return err
			}
			_, err = c.Multi(l.Guard(), &zk.SetDataRequest{Path: path, Data: []byte("guarded"), Version: -1})
			c.Close()
			fmt.Fprintln(out, "written", err)
		}
	}
	return words.Err()
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// process is a holder in a process of its own.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.Writer
	lines chan string
}

func startProcess(t *testing.T, servers string, timeout time.Duration, path string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %v %s", asHolder, servers, timeout, path))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd, in: in, lines: make(chan string, 100)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	for range p.lines { // to their end: Wait closes the pipe
		continue
	}
	_ = p.cmd.Wait()
}

func (p *process) tell(word string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, word); err != nil {
		p.t.Fatal(err)
	}
}

// says fails the test unless the next line is this.
func (p *process) says(want string) {
	p.t.Helper()
	if got := p.line(); got != want {
		p.t.Errorf("the process said %q, want %q", got, want)
	}
}

func (p *process) line() string {
	p.t.Helper()
	select {
	case line := <-p.lines:
		return line
	case <-time.After(patience):
		p.t.Fatal("in vain: the process answers")
		return ""
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// One that is interrupted between the request and the reply leaves nothing, though its
// session lives on.
func TestAccept12Interrupted(t *testing.T) {
	sc := onShared(t)
	dir, relay := sc.dir("lock"), zktest.NewRelay(t, sc.addr)
	trap := relay.Trap(zktest.HoldReply, enters(dir))
	p := startProcess(t, relay.Addr(), enduring, dir)
	p.tell("acquire")
	sprung(t, trap)
	if n := len(sc.names(dir)); n != 1 {
		t.Errorf("%d contenders", n)
	}
	p.signal(os.Interrupt)
	answer := make(chan string, 1)
	go func() { answer <- p.line() }()
	select { // it need not answer before the reply is there
	case line := <-answer:
		answer <- line
	case <-time.After(time.Second):
	}
	trap.Release()
	if got := <-answer; got != "acquired false true" {
		t.Errorf("interrupted: %q", got)
	}
	p.tell("settle")
	p.says("settled true")
	sc.holdsOnly(dir)
}

// One that was stopped for longer than its session lives knows, as soon as it runs
// again, that it has lost the lock, and its guarded writes fail.
func TestAccept18Stopped(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	p := startProcess(t, sc.addr, fleeting, dir)
	p.tell("acquire")
	p.says("acquired true false")
	p.tell("write")
	p.says("written <nil>")
	p.tell("state")
	p.says("state held")
	next := sc.player().queue(dir, lockctl.LockOptions{})
	p.signal(syscall.SIGSTOP)
	p.tell("state") // the first thing that it does when it runs again
	p.tell("lost")
	p.tell("write")
	l := next.granted()
	p.signal(syscall.SIGCONT)
	p.says("state lost")
	p.says("lost lost true")
	p.says("written " + zk.ErrNoNode.Error())
	lives(t, l)
	if _, err := sc.conn.Multi(l.Guard(), &zk.SetDataRequest{Path: dir, Data: []byte("next"), Version: -1}); err != nil {
		t.Errorf("the next one's guarded write: %v", err)
	}
	release(t, l)
}

// One that is killed holds the lock until its session has timed out, and no longer.
func TestAccept38Killed(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	p := startProcess(t, sc.addr, fleeting, dir)
	p.tell("acquire")
	p.says("acquired true false")
	next := sc.player().queue(dir, lockctl.LockOptions{})
	p.kill()
	l := next.granted()
	sc.holdsOnly(dir, l.Node())
	release(t, l)
}
