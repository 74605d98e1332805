//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// peers is a program whose clients take locks as they are told.
type peers struct {
	name string
	cmd  *exec.Cmd
	errs errorLines

	mu   sync.Mutex
	in   io.Writer
	all  map[string]*party
	next int
}

// peerEvent is what the program says of a client.
type peerEvent struct{ Name, Is, Session, Node, Why string }

// session is the timeout of sessions that are not meant to end by it, the longest that the
// test servers grant.
const session = time.Minute

// programEnded is the end of a client whose program ended.
const programEnded = "its program ended"

// kazooPeers is a Python with kazoo and a naive lock, on the servers at addr.
func kazooPeers(t *testing.T, addr string, timeout time.Duration) *peers {
	t.Helper()
	return startPeers(t, "kazoo", kazoo(t), "testdata/kazoo_peers.py", addr, fmt.Sprint(timeout.Seconds()))
}

// curatorPeers is a Java with Curator and ZooKeeper's WriteLock.
func curatorPeers(t *testing.T, args []string, addr string, timeout time.Duration) *peers {
	t.Helper()
	return startPeers(t, "curator", javaProgram(t), append(args[:len(args):len(args)], addr, fmt.Sprint(timeout.Milliseconds()))...)
}

func startPeers(t *testing.T, name, program string, args ...string) *peers {
	t.Helper()
	p := &peers{name: name, cmd: exec.CommandContext(t.Context(), program, args...), all: map[string]*party{}}
	p.cmd.Stderr = &p.errs
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in = in
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read(out)
	}()
	t.Cleanup(func() {
		p.kill()
		<-read
		_ = p.cmd.Wait()
		if t.Failed() {
			t.Logf("%s said on standard error:\n%s", name, &p.errs)
		}
	})
	return p
}

// kill ends the program, and all of its clients, with SIGKILL.
func (p *peers) kill() { _ = p.cmd.Process.Kill() }

// signal stops the program, or has it go on.
func (p *peers) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
}

// read takes what the program says until it ends, and with it all of its clients.
func (p *peers) read(out io.Reader) {
	for s := bufio.NewScanner(out); s.Scan(); {
		var e peerEvent
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			_, _ = fmt.Fprintf(&p.errs, "printed %q: %v\n", s.Text(), err)
			continue
		}
		p.mu.Lock()
		c := p.all[e.Name]
		p.mu.Unlock()
		c.tell(e)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.all {
		c.tell(peerEvent{Is: "over", Why: programEnded})
	}
}

// tell takes in what a program says of the party.
func (p *party) tell(e peerEvent) {
	switch e.Is {
	case "ready":
		p.session = claim{Session: e.Session}.session()
		close(p.ready)
	case "holds":
		if p.times.Add(1) == 1 {
			close(p.holds)
		}
	case "fails":
		p.fails.Add(1)
	case "over":
		select {
		case <-p.over:
		default:
			p.why = e.Why
			close(p.over)
		}
	}
}

func (p *peers) say(words ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.in, strings.Join(words, " ")+"\n") // a program that has ended was heard of
}

// wanted is how a lock is wanted.
type wanted struct {
	kind, path string
	slots      int
	most       time.Duration // how long it may wait; 0: for ever
	again      bool          // take it again and again
	witness    *witness
}

// join has a client of the program take a lock.
func (p *peers) join(t *testing.T, name string, w wanted) *party {
	c := newParty(t, name)
	p.mu.Lock()
	p.next++
	name = fmt.Sprintf("%s.%d", name, p.next) // it is one of many in its program
	c.leave = func() { p.say("leave", name) }
	c.revoke = func(path string) { p.say("revoke", name, path) }
	p.all[name] = c
	p.mu.Unlock()
	command := "take"
	if w.again {
		command = "hammer"
	}
	p.say(command, name, w.kind, w.path, fmt.Sprint(w.slots), fmt.Sprint(w.most.Milliseconds()), w.witness.path)
	return c
}
