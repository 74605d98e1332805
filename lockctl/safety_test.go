//go:build unix

package lockctl_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// duration is for how long TestSafety breaks things: go test ./lockctl -run Safety
// -duration 10m.
var duration = flag.Duration("duration", 15*time.Second, "of TestSafety")

const (
	safetyWorkers = 5
	safetyTimeout = 2 * time.Second // of their sessions; a follower notices a lost leader after 5 s
	safetyLock    = "/safety/lock"
	safetyWrites  = "/safety/writes"
)

// safety is the rig: three servers, workers that each reach them over proxies of their
// own, and what they say.
type safety struct {
	t       *testing.T
	ens     *zktest.Ensemble
	conn    *zk.Conn
	record  *record
	workers []*safetyWorker
	rnd     *rand.Rand
	did     map[string]int
}

// safetyWorker is a process and its ways to the servers.
type safetyWorker struct {
	cmd     *exec.Cmd
	in      io.Closer
	proxies []*zktest.Proxy
	readers sync.WaitGroup
}

// Workers in processes of their own take one lock through three real servers, while
// servers and workers are killed and stopped, connections cut in either direction, and
// contenders deleted. No two may ever claim the lock at a time, by the word of their
// leases; tokens grow; guarded writes are done in the order of the tokens; nothing is
// left behind; and after each fault the lock goes on.
func TestSafety(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := &safety{
		t: t, ens: zktest.Start(t, 3), record: newRecord(),
		rnd: rand.New(rand.NewPCG(seed, 0)), did: map[string]int{},
	}
	s.conn = zktest.Connect(t, s.ens.Addr())
	for _, dir := range []string{"/safety", safetyLock, safetyWrites} {
		create(t, s.conn, dir, 0)
	}
	for range safetyWorkers {
		w := &safetyWorker{}
		for _, server := range s.ens.Servers() {
			w.proxies = append(w.proxies, zktest.NewProxy(t, server.Addr()))
		}
		s.workers = append(s.workers, w)
		s.start(len(s.workers) - 1)
	}
	s.goesOn("at the beginning")
	for end := time.Now().Add(*duration); time.Now().Before(end); {
		for _, i := range s.rnd.Perm(len(nemeses)) {
			n := nemeses[i]
			n.do(s)
			s.did[n.name]++
			s.goesOn(n.name)
			if time.Now().After(end) {
				break
			}
		}
	}
	s.finish()
}

// nemeses are the faults. Each is over when it returns.
var nemeses = []struct {
	name string
	do   func(*safety)
}{
	{"kill the leader", func(s *safety) { s.kill(s.ens.Leader()) }},
	{"kill a follower", func(s *safety) { s.kill(s.follower()) }},
	{"stop the leader", func(s *safety) { s.stop(s.ens.Leader(), safetyTimeout*3/2) }},
	{"stop the leader for long", func(s *safety) { s.stop(s.ens.Leader(), 3*safetyTimeout) }},
	{"stop a follower", func(s *safety) { s.stop(s.follower(), 2*safetyTimeout) }},
	{"stop the holder", func(s *safety) { s.stopWorker(s.holder(), 2*safetyTimeout) }},
	{"stop the holder shortly", func(s *safety) { s.stopWorker(s.holder(), safetyTimeout/2) }},
	{"stop a worker", func(s *safety) { s.stopWorker(s.any(), 2*safetyTimeout) }},
	{"kill the holder", func(s *safety) { s.killWorker(s.holder()) }},
	{"kill a worker", func(s *safety) { s.killWorker(s.any()) }},
	{"cut the holder off", func(s *safety) { s.part(s.holder(), (*zktest.Proxy).Cut, 2*safetyTimeout) }},
	{"cut the holder off shortly", func(s *safety) { s.part(s.holder(), (*zktest.Proxy).Cut, safetyTimeout/3) }},
	{"stall the holder's requests", func(s *safety) { s.part(s.holder(), (*zktest.Proxy).StallRequests, 2*safetyTimeout) }},
	{"stall the holder's answers", func(s *safety) { s.part(s.holder(), (*zktest.Proxy).StallAnswers, 2*safetyTimeout) }},
	{"stall a worker", func(s *safety) { s.part(s.any(), (*zktest.Proxy).Stall, 2*safetyTimeout) }},
	{"delete the holder's znode", func(s *safety) { s.deleteNode(true) }},
	{"delete a waiter's znode", func(s *safety) { s.deleteNode(false) }},
}

func (s *safety) start(i int) {
	s.t.Helper()
	w := s.workers[i]
	addrs := make([]string, len(w.proxies))
	for i, p := range w.proxies {
		addrs[i] = p.Addr()
	}
	w.cmd = exec.Command(os.Args[0], "-test.run=^$")
	w.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %v %s %s", asWorker, strings.Join(addrs, ","), safetyTimeout, safetyLock, safetyWrites))
	w.cmd.Stderr = os.Stderr
	in, err := w.cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	w.in = in
	w.readers.Add(1)
	go func() {
		defer w.readers.Done()
		s.record.read(i, out)
	}()
	cmd := w.cmd
	s.t.Cleanup(func() { _ = cmd.Process.Kill() }) // after Wait it does nothing
}

// ended waits for a worker that was told to end.
func (w *safetyWorker) ended() error {
	w.readers.Wait() // Wait closes the pipe
	return w.cmd.Wait()
}

// goesOn fails the test unless the lock is granted again, soon.
func (s *safety) goesOn(after string) {
	s.t.Helper()
	if !s.record.progress(patience) {
		s.t.Fatalf("%s: nobody is granted the lock any more; the queue is %q", after, s.queue())
	}
}

func (s *safety) any() int { return s.rnd.IntN(len(s.workers)) }

// holder waits until a worker holds the lock for long.
func (s *safety) holder() int {
	i, _ := s.claim()
	return i
}

func (s *safety) claim() (int, claim) {
	s.t.Helper()
	var i int
	var c claim
	s.eventually("a worker holds the lock for long", func() error {
		var ok bool
		if i, c, ok = s.record.holder(); !ok {
			return errors.New("none does")
		}
		return nil
	})
	return i, c
}

func (s *safety) follower() *zktest.Server {
	s.t.Helper()
	leader := s.ens.Leader()
	for _, i := range s.rnd.Perm(3) {
		if server := s.ens.Server(i); server != leader {
			return server
		}
	}
	panic("no server but the leader")
}

// lasts is for how long a fault lasts.
func lasts(d time.Duration) { <-time.After(d) }

func (s *safety) kill(server *zktest.Server) {
	server.Kill()
	s.goesOn("two servers left")
	server.Restart()
}

func (s *safety) stop(server *zktest.Server, d time.Duration) {
	server.Pause()
	lasts(d)
	server.Resume()
}

func (s *safety) stopWorker(i int, d time.Duration) {
	s.t.Helper()
	s.signal(i, syscall.SIGSTOP)
	lasts(d)
	s.signal(i, syscall.SIGCONT)
}

func (s *safety) signal(i int, sig os.Signal) {
	s.t.Helper()
	if err := s.workers[i].cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("worker %d: %v", i, err)
	}
}

func (s *safety) killWorker(i int) {
	s.signal(i, os.Kill)
	_ = s.workers[i].ended() // it was killed
	s.start(i)
}

func (s *safety) part(i int, how func(*zktest.Proxy), d time.Duration) {
	for _, p := range s.workers[i].proxies {
		how(p)
	}
	lasts(d)
	for _, p := range s.workers[i].proxies {
		p.Heal()
	}
}

// queue is the names of all contenders.
func (s *safety) queue() []string {
	var names []string
	s.eventually("the queue is listed", func() (err error) {
		names, _, err = s.conn.Children(safetyLock)
		return err
	})
	return names
}

// eventually asks until there is an answer: the servers are being killed.
func (s *safety) eventually(what string, ask func() error) {
	s.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err = ask(); err == nil {
			return
		}
		lasts(10 * time.Millisecond)
	}
	s.t.Fatalf("in vain: %s: %v", what, err)
}

// deleteNode deletes the holder's znode, or another.
func (s *safety) deleteNode(holders bool) {
	_, c := s.claim()
	for _, name := range s.queue() {
		if (name == c.node) != holders {
			continue
		}
		s.record.breaks(name, func() {
			s.eventually("a contender is deleted", func() error {
				err := s.conn.Delete(safetyLock+"/"+name, -1)
				if errors.Is(err, zk.ErrNoNode) {
					return nil
				}
				return err
			})
		})
		return
	}
}

// finish ends the workers and judges.
func (s *safety) finish() {
	for _, w := range s.workers {
		_ = w.in.Close()
	}
	for i, w := range s.workers {
		if err := w.ended(); err != nil {
			s.t.Errorf("worker %d: %v", i, err)
		}
	}
	s.eventually("nothing is left in the queue", func() error {
		names, _, err := s.conn.Children(safetyLock)
		if err == nil && len(names) > 0 {
			err = fmt.Errorf("%q", names)
		}
		return err
	})
	var writes []string
	s.eventually("the guarded writes are listed", func() (err error) {
		writes, _, err = s.conn.Children(safetyWrites)
		return err
	})
	if len(writes) == 0 {
		s.t.Error("no guarded write has succeeded")
	}
	for _, bad := range append(s.record.verdict(safetyTimeout), verdictOnWrites(writes)...) {
		s.t.Error(bad)
	}
	s.t.Logf("%d grants, %d guarded writes, faults: %v", len(s.record.claims), len(writes), s.did)
}

// What the checker must find, it finds.
func TestSafetyVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		said []string // worker: line
		want string
	}{
		"apart":         {said: []string{"1 held 1 a 10", "1 held 1 a 20", "1 left 1 21", "2 held 2 b 22"}},
		"overlap":       {said: []string{"1 held 1 a 10", "2 held 2 b 20", "1 held 1 a 20"}, want: "token 1 of worker 1 was claimed to 0s after token 2 of worker 2 began"},
		"token shrinks": {said: []string{"1 held 2 a 10", "2 held 1 b 20"}, want: "token 1 was granted after token 2"},
		"one token":     {said: []string{"1 held 1 a 10", "2 held 1 a 20"}, want: "token 1 is claimed by workers 1 and 2"},
		"stale":         {said: []string{"1 stale 1"}, want: "worker 1: stale 1"},
		"failed":        {said: []string{"1 failed"}, want: "worker 1: failed"},
	} {
		r := newRecord()
		for _, said := range c.said {
			r.line(int(said[0]-'0'), said[2:])
		}
		if got := strings.Join(r.verdict(time.Second), "; "); !strings.Contains(got, c.want) || got != "" && c.want == "" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	r := newRecord()
	r.line(1, "held 1 a 1")
	r.breaks("a", func() {})
	r.line(1, fmt.Sprintf("held 1 a %d", clock()))
	r.line(2, fmt.Sprintf("held 2 b %d", clock()))
	r.line(1, fmt.Sprintf("held 1 a %d", clock()))
	if got := r.verdict(time.Minute); len(got) > 0 {
		t.Errorf("a znode that was deleted under its holder: %q", got)
	}
	r.line(1, fmt.Sprintf("held 1 a %d", clock()+int64(time.Hour)))
	if got := r.verdict(time.Minute); len(got) != 1 {
		t.Errorf("a claim that never ends: %q", got)
	}
	if got := verdictOnWrites([]string{"000000000000000a-0000000002", "000000000000000b-0000000001"}); len(got) != 1 {
		t.Errorf("writes out of order: %q", got)
	}
	if got := verdictOnWrites([]string{"000000000000000b-0000000002", "000000000000000a-0000000001"}); len(got) != 0 {
		t.Errorf("writes in order: %q", got)
	}
}
