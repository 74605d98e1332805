package zktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Waiting for a server is bounded: long enough for five cold JVMs on a loaded
// machine, short enough for a test to fail with its logs.
const (
	startTimeout = 90 * time.Second
	pollEvery    = 10 * time.Millisecond
)

// Server is one ZooKeeper server, running or not. Its methods block until what
// they ask for is so, and fail the test that started it when that does not
// happen. They may be called from any goroutine, but not two at a time.
type Server struct {
	ens  *Ensemble
	id   int
	addr string
	dir  string   // holds zoo.cfg, data and log
	argv []string // how to start it

	mu   sync.Mutex
	cmd  *exec.Cmd     // nil when it does not run
	gone chan struct{} // closed when cmd has ended and been waited for
}

// ID is the server's number in its ensemble, from 1: its myid.
func (s *Server) ID() int { return s.id }

// Addr is the host:port that clients connect to. It stays the same over restarts.
func (s *Server) Addr() string { return s.addr }

// DataDir is the folder that holds myid and version-2.
func (s *Server) DataDir() string { return filepath.Join(s.dir, "data") }

// Log returns all that the server has logged so far, over all its starts.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Mode is the role that the server tells of itself: leader, follower, standalone
// or read-only, or "" when it does not serve. One that is only slow is asked again.
func (s *Server) Mode() string {
	for deadline := time.Now().Add(startTimeout); ; {
		mode, err := mode(s.addr)
		if !errors.Is(err, os.ErrDeadlineExceeded) || procState(s.Pid()) == "T" || time.Now().After(deadline) {
			return mode
		}
	}
}

// Pid is the process id of the server, 0 when it does not run.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Kill ends the server with SIGKILL, paused or not, and waits until it is gone.
func (s *Server) Kill() {
	s.ens.tb.Helper()
	s.ens.check(s.end(os.Kill))
}

// Stop ends the server with SIGTERM and waits until it is gone.
func (s *Server) Stop() {
	s.ens.tb.Helper()
	s.ens.check(s.end(signalTerm))
}

// Pause stops the server with SIGSTOP: its connections stay, new ones are taken
// by the kernel, and nothing answers.
func (s *Server) Pause() {
	s.ens.tb.Helper()
	s.ens.check(s.signal(signalStop))
	pid := s.Pid()
	s.ens.check(poll("waiting for the server to stop", func() (bool, error) {
		return procState(pid) == "T", nil
	}))
}

// Resume ends a pause and waits until the server serves. A paused leader finds
// itself deposed and rejoins; that takes about a second.
func (s *Server) Resume() {
	s.ens.tb.Helper()
	s.ens.check(s.signal(signalCont))
	s.ens.check(s.awaitServing())
}

// Restart starts the server again, killing it first if it runs, and waits until
// it serves, which it does only in a quorum: see [Ensemble.RestartAll].
func (s *Server) Restart() {
	s.ens.tb.Helper()
	s.ens.check(s.end(os.Kill))
	s.ens.check(s.start())
	s.ens.check(s.awaitServing())
}

// Wipe deletes the database of a server that does not run.
func (s *Server) Wipe() {
	s.ens.tb.Helper()
	if s.Pid() != 0 {
		s.ens.tb.Fatalf("zktest: wiping server %d: it is running", s.id)
	}
	s.ens.check(os.RemoveAll(filepath.Join(s.DataDir(), "version-2")))
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "server.log") }

// start starts the process and does not wait for it to serve.
func (s *Server) start() error {
	g, err := guard()
	if err != nil {
		return err
	}
	// A file, not a pipe: a server blocks on a pipe that nobody reads.
	log, err := os.OpenFile(s.logPath(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("starting server %d: %w", s.id, err)
	}
	defer log.Close()
	cmd := g.command(s.argv...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting server %d: %w", s.id, err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		g.forget(cmd.Process.Pid)
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd, s.gone = cmd, gone
	return nil
}

// end sends a signal that ends the server and waits until it is gone. A server
// that does not run is gone already.
func (s *Server) end(sig os.Signal) error {
	if s.Pid() == 0 {
		return nil
	}
	if err := s.signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.gone:
	case <-time.After(startTimeout):
		return fmt.Errorf("ending server %d: still there %v after %v", s.id, startTimeout, sig)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = nil
	return nil
}

func (s *Server) signal(sig os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return fmt.Errorf("sending %v to server %d: it is not running", sig, s.id)
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("sending %v to server %d: %w", sig, s.id, err)
	}
	return nil
}

// errExited tells that a server ended by itself.
var errExited = errors.New("the server ended by itself")

// awaitServing waits until the server takes requests.
func (s *Server) awaitServing() error {
	return poll(fmt.Sprintf("waiting for server %d at %s to serve", s.id, s.addr), func() (bool, error) {
		select {
		case <-s.gone:
			return false, fmt.Errorf("%w: %v", errExited, s.cmd.ProcessState)
		default:
			return s.Mode() != "", nil
		}
	})
}

// tail is the end of the log, at most n bytes of whole lines.
func (s *Server) tail(n int) string {
	log := s.Log()
	if len(log) <= n {
		return log
	}
	log = log[len(log)-n:]
	_, log, _ = strings.Cut(log, "\n")
	return "…\n" + log
}

// poll asks until the answer is yes, an error, or too late.
func poll(what string, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		ok, err := ask()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}
