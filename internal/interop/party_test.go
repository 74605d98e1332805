//go:build interop

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// party is one who takes a lock with a session of its own: a client of some library, or
// one of ours.
type party struct {
	t     *testing.T
	name  string
	leave func() // lets go of what it holds, or gives up waiting; it does not block
	kill  func() // ends it with SIGKILL; nil where it is no process of its own

	revoke func(path string) // asks the holder with this znode for the lock, as Curator does
	status func() string     // how its session stands; nil: it does not say

	ready, holds, over chan struct{} // closed when it has a session, has the lock, has come to its end
	// To be read once the channel is closed that tells of it.
	session int64
	why     string // "" it held and let go; "gave up"; or what went wrong

	times atomic.Int64 // how often it held
	fails atomic.Int64 // how often it had to begin anew
}

func newParty(t *testing.T, name string) *party {
	return &party{t: t, name: name, ready: make(chan struct{}), holds: make(chan struct{}), over: make(chan struct{})}
}

// until waits for one of the party's channels.
func (p *party) until(what string, c chan struct{}) {
	p.t.Helper()
	select {
	case <-c:
		return
	case <-p.over:
		select {
		case <-c:
			return
		default:
			p.t.Fatalf("%s came to its end, %q, before: %s", p.name, p.why, what)
		}
	case <-time.After(patience):
		p.t.Fatalf("waited in vain for %s: %s", p.name, what)
	}
}

func (p *party) hold() *party {
	p.t.Helper()
	p.until("that it holds", p.holds)
	return p
}

// waits fails the test if the party has the lock. That nobody has it too early is the
// witness's: this finds it where it happens.
func (p *party) waits() {
	p.t.Helper()
	select {
	case <-p.holds:
		p.t.Fatalf("%s holds, and is to wait", p.name)
	case <-p.over:
		p.t.Fatalf("%s has come to its end, %q, and is to wait", p.name, p.why)
	default:
	}
}

// gone waits for the party's end and compares why that was.
func (p *party) gone(why string) {
	p.t.Helper()
	p.until("its end", p.over)
	if p.why != why {
		p.t.Fatalf("%s came to its end, %q, want %q", p.name, p.why, why)
	}
}

// leaveAfter has the party leave some time after it has a session.
func (p *party) leaveAfter(most time.Duration) {
	select {
	case <-p.ready:
	case <-p.over:
		return
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-timer.C:
		p.leave()
	case <-p.over:
	}
}

// gives has the party let go, and waits until it has.
func (p *party) gives() {
	p.t.Helper()
	p.leave()
	p.gone("")
}

// witness is a file to which whoever holds appends that it does, and that it does no
// longer. Its lines are in the order in which they were written on this machine, whoever
// wrote them.
type witness struct {
	path string
	file *os.File
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	path := filepath.Join(t.TempDir(), "witness")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return &witness{path, f}
}

func (w *witness) write(format string, args ...any) {
	if _, err := fmt.Fprintf(w.file, format+"\n", args...); err != nil {
		panic(err) // there is no verdict without it
	}
}

func (w *witness) enter(name, mode string, g grant) {
	w.write("enter %s %s %s %d %d", name, mode, g.node, time.Now().UnixNano(), g.token)
}

// read is all lines.
func (w *witness) read(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
