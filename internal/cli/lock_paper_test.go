//go:build !windows

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"zkdeck/lockctl"
)

// underLockMain is the program underlock FILE COMMAND ARG…: it runs a command under a
// lease that a test holds in its hand. FILE has the session timeout, and how the lease
// stands: "held", "mute" as if no server answered any more, or "lost". One that is held may
// have been proven a while ago: "20s held 8s".
func underLockMain() int {
	if len(os.Args) > 2 && os.Args[1] == wardenArg {
		return standWarden(os.Args[2:])
	}
	l := &paperLease{file: os.Args[1], changed: make(chan struct{}, 1), done: make(chan struct{})}
	l.read()
	timeout := l.timeout
	go l.live()
	file, err := executable(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return lockNoExec
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	r := &lockedRun{
		lease: l, timeout: timeout, path: "/lock", file: file, args: os.Args[2:], env: os.Environ(), signals: signals,
		warn:  func(format string, args ...any) { fmt.Fprintf(os.Stderr, "zkdeck: "+format+"\n", args...) },
		guard: [2]string{self, os.Args[0]},
	}
	end, err := r.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "zkdeck:", err)
	}
	switch {
	case errors.Is(err, errNotExecuted):
		return lockNoExec
	case end.lost:
		return lockLost
	}
	return end.code
}

// paperLease is a lease that stands in a file.
type paperLease struct {
	file          string
	changed, done chan struct{}

	mu      sync.Mutex
	timeout time.Duration
	state   string
	proven  time.Time
}

func (l *paperLease) read() {
	data, err := os.ReadFile(l.file)
	if err != nil {
		panic(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	timeout, state, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	state, age, _ := strings.Cut(state, " ")
	if l.timeout, err = time.ParseDuration(timeout); err != nil {
		return // it is just being written
	}
	if l.state == "lost" {
		return
	}
	if l.state = state; state == "held" {
		ago, _ := time.ParseDuration(age)
		l.proven = time.Now().Add(-ago)
	}
	if state == "lost" {
		l.proven = time.Now().Add(-l.timeout)
		close(l.done)
	}
}

func (l *paperLease) live() {
	for range time.Tick(10 * time.Millisecond) {
		l.read()
		select {
		case l.changed <- struct{}{}:
		default:
		}
	}
}

func (l *paperLease) State() lockctl.LeaseState {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch since := time.Since(l.proven); {
	case l.state == "lost" || since >= l.timeout:
		return lockctl.LeaseLost
	case since >= l.timeout*2/3:
		return lockctl.LeaseSuspended
	}
	return lockctl.LeaseHeld
}

func (l *paperLease) Deadline() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.proven.Add(l.timeout)
}

func (l *paperLease) Changed() <-chan struct{} { return l.changed }
func (l *paperLease) Done() <-chan struct{}    { return l.done }
