package ensemble

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// cast is an ensemble of servers that are none: each is this process, and answers on a
// port of its own, or does not.
type cast struct {
	plan Plan

	hold chan struct{} // if it is there, whoever looks at server 3 waits for its end

	mu    sync.Mutex
	procs map[int]process
}

func (c *cast) Plan() Plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plan.clone()
}

func (c *cast) process(id int) (process, error) {
	if id == 3 && c.hold != nil {
		<-c.hold
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.procs[id], nil
}

// newCast makes a server of every address.
func newCast(t *testing.T, addrs ...string) *cast {
	c := &cast{plan: Plan{Name: "cast", Dir: t.TempDir()}, procs: map[int]process{}}
	for i, addr := range addrs {
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.plan.Members = append(c.plan.Members, Member{ID: i + 1, Client: a.Port})
		// It was started long ago: that it answers nothing is no matter of starting.
		c.procs[i+1] = process{Pid: os.Getpid(), Alive: true, Ever: true, Started: time.Now().Add(-time.Hour)}
	}
	return c
}

// says answers srvr with a mode.
func says(t *testing.T, mode string) string {
	return answering(t, func(c net.Conn) {
		reads(c)
		_, _ = c.Write([]byte("Zookeeper version: 3.8.0-x, built on y\nConnections: 1\nZxid: 0x100000001\nMode: " + mode + "\n"))
	})
}

// silent takes connections and answers nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// A server that hangs delays nothing of what is told of the others, and is told to
// hang as soon as its second is over.
func TestHungServerDelaysNothing(t *testing.T) {
	c := newCast(t, says(t, "leader"), says(t, "follower"), silent(t))
	c.hold = make(chan struct{})
	w := newWatcher(c, WatchOptions{})
	w.begin()
	defer w.Close()
	st := awaitStatus(t, w, "the two that answer", func(st Status) bool { return of(st, 1).State == Leader && of(st, 2).State == Follower })
	if s := of(st, 3); s.State != Starting {
		t.Errorf("before it was known the third was %s", s.State)
	}
	close(c.hold)
	st = awaitStatus(t, w, "one that hangs", func(st Status) bool { return of(st, 3).State == Hung && st.Quorum && st.Up == 2 })
	if s := of(st, 3); s.Paused || s.Trouble == "" {
		t.Errorf("%+v of %+v", s, st)
	}
}

func TestOneLookAtAHungServer(t *testing.T) {
	c := newCast(t, says(t, "leader"), silent(t))
	st, _, err := newEye(c).both(t.Context())
	if err != nil || of(st, 1).State != Leader || of(st, 2).State != Hung || of(st, 1).Version != "3.8.0" || of(st, 1).Conns != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// What answers on the port of a server that runs can be somebody else.
func TestSomebodyElseAnswers(t *testing.T) {
	c := newCast(t, answering(t, func(c net.Conn) { reads(c); _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }))
	st, servers, err := newEye(c).both(t.Context())
	if err != nil || st.Servers[0].State != Starting || st.Servers[0].Trouble == "" || !servers[0].hopeless {
		t.Errorf("%+v, %v", st, err)
	}
	var failed *FailedError
	if _, err := served(&st, servers); !errors.As(err, &failed) || failed.Server != 1 {
		t.Errorf("waiting for it ends with %v", err)
	}
}

// A server that has just been started and answers nothing reads its database; once its
// log says that it has, it hangs.
func TestLoadingIsNotHanging(t *testing.T) {
	c := newCast(t, silent(t), says(t, "leader"))
	p := c.procs[1]
	p.Started = time.Now()
	c.procs[1] = p
	if st, _, err := newEye(c).both(t.Context()); err != nil || of(st, 1).State != Starting {
		t.Errorf("%+v, %v", st, err)
	}
	if err := os.MkdirAll(c.plan.ServerDir(1), 0o700); err != nil {
		t.Fatal(err)
	}
	writeLog(t, c.plan.LogFile(1), mark+stamp+"INFO  QuorumPeer - LOOKING\n")
	if st, _, err := newEye(c).both(t.Context()); err != nil || of(st, 1).State != Hung {
		t.Errorf("%+v, %v", st, err)
	}
}

// A server that has ended, and of which nobody knows how yet, is told of as it was: a
// leader that was killed has not given up before.
func TestEndIsBeingNoted(t *testing.T) {
	c := newCast(t, says(t, "leader"), says(t, "follower"))
	y, plan := newEye(c), c.Plan()
	p := c.procs[1]
	p.Ending = true
	c.procs[1] = p
	if s := y.look(t.Context(), &plan, plan.Members[0]); !s.void || s.Pid == 0 {
		t.Errorf("%+v", s)
	}
	y.seen[1].ending = time.Now().Add(-endPatience) // its shell is in trouble
	if s := y.look(t.Context(), &plan, plan.Members[0]); s.void {
		t.Errorf("%+v", s)
	}
	c.procs[1] = process{Pid: p.Pid, Ever: true, Asked: &asked{Word: "kill"}, End: &processEnd{Code: 137, Signal: "SIGKILL"}}
	if s := y.look(t.Context(), &plan, plan.Members[0]); s.void || s.State != Exited || s.Exit == nil || !s.Exit.ByUs {
		t.Errorf("%+v", s)
	}
}

// One that starts is silent for a moment on a busy machine: that is no lost quorum.
func TestSilenceIsNoLostQuorum(t *testing.T) {
	c := newCast(t, says(t, "follower"), silent(t), silent(t))
	st, servers, err := newEye(c).both(t.Context())
	if err != nil || of(st, 2).State != Hung || of(st, 3).State != Hung {
		t.Fatalf("%+v, %v", st, err)
	}
	if done, err := served(&st, servers); done || err != nil {
		t.Errorf("after a second: %v, %v", done, err)
	}
	for i := range servers {
		servers[i].mute += mutePatience
	}
	var failed *FailedError
	if _, err := served(&st, servers); !errors.As(err, &failed) {
		t.Errorf("in the end: %v", err)
	}
}

// What a log says of clients is told once, whenever it was written: in the moment of
// the last look, or while a server is asked that hangs up.
func TestNoticesOfAMoment(t *testing.T) {
	asked, written := make(chan struct{}), make(chan struct{})
	c := newCast(t, answering(t, func(c net.Conn) {
		reads(c)
		asked <- struct{}{}
		<-written // and it hangs up
	}))
	if err := os.MkdirAll(c.plan.ServerDir(1), 0o700); err != nil {
		t.Fatal(err)
	}
	path := c.plan.LogFile(1)
	refused := func(size string) string {
		return stamp + "WARN  NIOServerCnxn - Len error. A message from /127.0.0.1:1 with advertised length of " + size + " is either a malformed message or too large to process\n"
	}
	writeLog(t, path, mark+stamp+"INFO  QuorumPeer - LOOKING\n")
	y, plan := newEye(c), c.Plan()
	look := func(meanwhile string) int {
		t.Helper()
		seen := make(chan sighting)
		go func() { seen <- y.look(t.Context(), &plan, plan.Members[0]) }()
		<-asked
		writeLog(t, path, meanwhile)
		written <- struct{}{}
		return len((<-seen).notices)
	}
	if n := look(refused("11111111")); n != 1 {
		t.Errorf("%d notices of what was written while it was asked", n)
	}
	writeLog(t, path, refused("22222222"))
	if n := look(""); n != 1 {
		t.Errorf("%d notices of what was written in the same moment", n)
	}
	if n := look(""); n != 0 {
		t.Errorf("%d notices of nothing new", n)
	}
}

// A poke calls off a look at a server that hangs: it may have been paused just now.
func TestPokeCallsOffALook(t *testing.T) {
	c := newCast(t, silent(t), says(t, "leader"), says(t, "follower"))
	w := newWatcher(c, WatchOptions{})
	w.begin()
	defer w.Close()
	awaitStatus(t, w, "the second", func(st Status) bool { return of(st, 2).State == Leader })
	stop := func(stopped bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		p := c.procs[1]
		p.Stopped = stopped
		c.procs[1] = p
		w.Poke()
	}
	stop(true)
	awaitStatus(t, w, "a pause", func(st Status) bool { return of(st, 1).Paused })
	stop(false)
	awaitStatus(t, w, "no pause", func(st Status) bool { return !of(st, 1).Paused })
}

// Members that come and go while somebody watches.
func TestPlanChangesWhileWatched(t *testing.T) {
	c := newCast(t, says(t, "leader"), says(t, "follower"), says(t, "follower"))
	all := c.plan.clone()
	c.plan.Members = c.plan.Members[:2]
	if err := os.WriteFile(filepath.Join(c.plan.Dir, planFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWatcher(c, WatchOptions{})
	read := make(chan struct{}, 100)
	w.reload = func() error {
		read <- struct{}{}
		return errors.New("nobody can read this")
	}
	w.begin()
	defer w.Close()
	awaitStatus(t, w, "two", func(st Status) bool { return len(st.Servers) == 2 && st.Up == 2 })
	<-read
	c.mu.Lock()
	c.plan = all
	c.mu.Unlock()
	w.Poke()
	awaitEvent(t, w, 0, "the third", kind("added", 3))
	awaitStatus(t, w, "three", func(st Status) bool { return st.Up == 3 })
	w.Calm(true)
	w.Calm(false)
}

func TestWatcherEnds(t *testing.T) {
	w := newWatcher(newCast(t, silent(t)), WatchOptions{})
	w.begin()
	w.Close()
	w.Close()
	for range w.Changed() { // is closed
	}
	w.Poke()
}
