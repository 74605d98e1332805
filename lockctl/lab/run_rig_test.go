package lab

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

// brief is how long sessions live unheard whose end a test waits for: long for a machine
// that is busy. All others are patient.
const (
	brief   = 2 * time.Second
	patient = 20 * time.Second
)

// quick is the address of a sandbox of its own that looks often which sessions have ended.
func quick(t *testing.T) string {
	t.Helper()
	return serve(t, sandbox.Options{TickTime: 500 * time.Millisecond})
}

// serve is the address of a sandbox of its own.
func serve(t *testing.T, o sandbox.Options) string {
	t.Helper()
	server, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server.Addr()
}

// opener opens sessions on a server.
func opener(addr string, timeout time.Duration) func(Dial) (lockctl.Session, error) {
	return func(dial Dial) (lockctl.Session, error) {
		return lockview.OpenSession(zkview.Config{Servers: addr, Timeout: timeout, Dial: dial})
	}
}

// watched is a run under test.
type watched struct {
	*Run
	t *testing.T
}

// start starts a run on a server; it is closed when the test ends.
func start(t *testing.T, addr string, o Options) *watched {
	t.Helper()
	if o.Open == nil {
		o.Open = opener(addr, patient)
	}
	if o.Tidy == 0 {
		o.Tidy = time.Minute
	}
	r, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return &watched{r, t}
}

// startFrail starts a run in which the session of worker 1, which holds then, does not live
// long unheard. The others come later, and are patient.
func startFrail(t *testing.T, addr string, o Options) *watched {
	t.Helper()
	var lives atomic.Int64
	lives.Store(int64(brief))
	o.Open = func(dial Dial) (lockctl.Session, error) {
		return opener(addr, time.Duration(lives.Load()))(dial)
	}
	workers := o.Workers
	o.Workers = 1
	r := start(t, addr, o)
	r.holder()
	lives.Store(int64(patient))
	if err := r.SetWorkers(workers); err != nil {
		t.Fatal(err)
	}
	return r
}

// until waits for a snapshot of which ok is true.
func (r *watched) until(what string, ok func(s Snapshot) bool) Snapshot {
	r.t.Helper()
	limit := time.After(time.Minute)
	for {
		s := r.Snapshot()
		if ok(s) {
			return s
		}
		select {
		case <-r.Changed():
		case <-limit:
			r.t.Fatalf("not %s: %s", what, told(s))
		}
	}
}

// told is a snapshot for a failed test.
func told(s Snapshot) string {
	var b strings.Builder
	for _, n := range s.Notes[max(0, len(s.Notes)-40):] {
		b.WriteString("\n  " + string(n.Kind) + ": " + n.Text)
	}
	s.Notes = nil
	return strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf("%+v", s)), "\n", " ") + b.String()
}

// in counts the workers in a state.
func (s Snapshot) in(state WorkerState) (all []int) {
	for _, w := range s.Workers {
		if w.State == state {
			all = append(all, w.N)
		}
	}
	return all
}

// worker is the one with that number.
func (s Snapshot) worker(n int) Worker {
	for _, w := range s.Workers {
		if w.N == n {
			return w
		}
	}
	return Worker{}
}

// says tells whether a note has such a text.
func (s Snapshot) says(text string) bool {
	for _, n := range s.Notes {
		if strings.Contains(n.Text, text) {
			return true
		}
	}
	return false
}

// shared is the server that the tests share, with a directory of this one's.
func shared(t *testing.T) (addr, base string) {
	t.Helper()
	return zktest.Shared(t), zktest.Root(t) + "/lab"
}
