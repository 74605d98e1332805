package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// steps steps through a run until ok, each time when somebody waits at the gate again and
// all that was under way has come to rest: each worker waits there or for another's znode.
func (r *watched) steps(what string, ok func(s Snapshot) bool) (went []string) {
	r.t.Helper()
	for range 500 {
		s := r.until("somebody waits at the gate", func(s Snapshot) bool { return s.Next != "" || ok(s) })
		if ok(s) {
			return went
		}
		went = append(went, s.Next)
		r.Step()
	}
	r.t.Fatalf("not %s in %d steps: %q", what, len(went), went)
	return nil
}

// atGate is how many requests wait: a worker that holds may not have come so far yet.
func (r *watched) atGate() int {
	r.gate.mu.Lock()
	defer r.gate.mu.Unlock()
	return len(r.gate.waiting)
}

// Paused, nothing leaves; step by step one request does, and what it is stands in Next.
func TestStep(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	at := time.Unix(1_700_000_000, 0)
	r := start(t, addr, Options{Workers: 2, Paused: true, Base: base, Now: func() time.Time { return at }})
	s := r.until("both want to begin", func(s Snapshot) bool {
		return s.State == Paused && len(s.in(Waiting)) == 2 && strings.HasPrefix(s.Next, "worker 1 ")
	})
	if s.Counters.Requests != 0 {
		t.Errorf("before the first step: %s", told(s))
	}
	went := r.steps("one holds", func(s Snapshot) bool { return len(s.in(Holding)) == 1 })
	s = r.Snapshot()
	n := s.in(Holding)[0]
	if s.Resource.Writes != 0 || s.Counters.Requests == 0 || s.Counters.Requests > int64(len(went))*2 {
		t.Errorf("%d requests in %d steps: %s", s.Counters.Requests, len(went), told(s))
	}
	if c := s.Counters; c.Handoffs != 0 || c.RequestsPerHandoff != 0 {
		t.Errorf("counted before the first turn has ended: %+v", c)
	}
	went = r.steps("it has written", func(s Snapshot) bool { return s.Resource.Writes == 1 })
	const write = " writes 1 to the store, with its token 0x"
	if !slices.ContainsFunc(went, func(next string) bool { return strings.Contains(next, write) }) {
		t.Errorf("it wrote with none of %q", went)
	}
	s = r.Snapshot()
	if at := s.At; s.Notes[0].At != at || s.Resource.Last[0].At != at || s.worker(n).Since.After(at) {
		t.Errorf("not by the clock that was given: %s", told(s))
	}
	r.Pause()
	r.Resume()
	s = r.until("it runs", func(s Snapshot) bool { return s.State == Running && s.Counters.Handoffs > 5 })
	if s.Next != "" {
		t.Errorf("running, and %q waits", s.Next)
	}
	r.SetPace(time.Millisecond)
	r.Step()
	if s := r.Snapshot(); s.State != Paused || s.Options.Pace != time.Millisecond || !s.Options.Paused {
		t.Errorf("stepping: %+v", s.Options)
	}
	r.Resume()
	writes := r.Snapshot().Resource.Writes
	r.until("it goes on slowly", func(s Snapshot) bool { return s.Resource.Writes > writes+2 })
}

// NoLock in steps: who reads before the other has written loses that update.
func TestStepNoLock(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	r := start(t, addr, Options{Recipe: NoLock, Workers: 2, Paused: true, Base: base})
	r.until("both have read", func(s Snapshot) bool { return r.atGate() == 2 && s.Next == "worker 1 writes 1 to the store" })
	r.Step()
	r.until("one has written", func(s Snapshot) bool { return s.Resource.Writes == 1 && s.Next == "worker 2 writes 1 to the store" })
	r.Step()
	s := r.until("both have", func(s Snapshot) bool { return s.Resource.Writes == 2 })
	if s.Counters.LostUpdates != 1 || s.Resource.Value != 1 || !s.says("over what worker 1 wrote") || s.Counters.TwoHolders != 0 {
		t.Errorf("%s", told(s))
	}
}

// Single: all who wait are woken when the znode goes, and the queue has the one that is
// there, of whoever has it now.
func TestSingleHerd(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	r := start(t, addr, Options{Recipe: Single, Workers: 4, Hold: time.Hour, Base: base})
	woken := int64(0)
	for others := 3; others > 0; others-- {
		s := r.until("one holds and all others watch", func(s Snapshot) bool {
			watch := 0
			for _, w := range s.Workers {
				if slices.ContainsFunc(w.Watches, func(x Watch) bool { return x.Fired.IsZero() && x.Node == singleNode }) {
					watch++
				}
			}
			return s.Counters.Wakeups >= woken && len(s.in(Holding)) == 1 && watch == others && len(s.Queue) == 1 && s.Queue[0].Worker == s.in(Holding)[0]
		})
		n := s.in(Holding)[0]
		if s.Counters.Wakeups != woken || !s.worker(n).First || s.worker(n).Node != singleNode {
			t.Errorf("%d others: %s", others, told(s))
		}
		woken += int64(others)
		if err := r.Kill(n); err != nil {
			t.Fatal(err)
		}
	}
}

// A znode of Single that is persistent outlives the session of a worker that crashes, and
// nobody gets the lock; Close deletes it.
func TestPersistent(t *testing.T) {
	t.Parallel()
	addr := quick(t)
	r := startFrail(t, addr, Options{Recipe: Single, Persistent: true, Workers: 2, Hold: time.Hour})
	n := r.holder()
	if err := r.Crash(n); err != nil {
		t.Fatal(err)
	}
	s := r.until("its session is over", func(s Snapshot) bool { return s.worker(n).State == Gone })
	if len(s.Queue) != 1 || s.Queue[0].Worker != n || s.Queue[0].Owner != 0 || s.worker(3-n).State != Waiting || !s.says("it is persistent") {
		t.Errorf("%s", told(s))
	}
	_ = r.Close()
	next := start(t, addr, Options{Recipe: Single, Workers: 1})
	next.until("the next run finds nothing", func(s Snapshot) bool { return s.Counters.Handoffs > 0 })
}

// Naive: acquire returns nothing after a wait. Who takes that for no goes away and leaves
// its znode behind, as one does that tries; then nobody gets the lock any more.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	r := start(t, addr, Options{Recipe: Naive, Workers: 3, Hold: time.Hour, Believes: true, Base: base})
	n := r.holder()
	r.until("the others wait", func(s Snapshot) bool { return len(s.Queue) == 3 })
	r.SetTimes(0, time.Hour)
	s := r.until("one has given up", func(s Snapshot) bool { return len(s.in(GivenUp)) > 0 && s.worker(n).Node == "" })
	gone := s.worker(s.in(GivenUp)[0])
	if gone.Node == "" || !gone.First || gone.Link != lockctl.SessionLive || s.Counters.Nothing == 0 {
		t.Errorf("%s", told(s))
	}
	if err := r.Kill(gone.N); err != nil {
		t.Error(err)
	}
	r.until("it is gone, with its znode", func(s Snapshot) bool {
		return s.worker(gone.N).State == Gone && !slices.ContainsFunc(s.Queue, func(z Znode) bool { return z.Worker == gone.N })
	})
}

// A try that is told no leaves nothing behind, and its worker asks again; with Naive it
// leaves its znode, and the worker is gone.
func TestTries(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	for _, recipe := range []Recipe{Fair, Naive} {
		r := start(t, addr, Options{Recipe: recipe, Workers: 1, Hold: time.Hour, Base: base})
		r.holder()
		r.SetTimes(time.Hour, time.Hour)
		n, err := r.Add()
		if err != nil {
			t.Fatal(err)
		}
		r.until("it is there", func(s Snapshot) bool { return s.worker(n).State == Thinking })
		if err := r.Try(n); err != nil {
			t.Fatal(err)
		}
		r.SetTimes(time.Hour, 0)
		s := r.until("it has tried", func(s Snapshot) bool {
			w := s.worker(n)
			return recipe == Naive && w.State == GivenUp || recipe == Fair && w.State == Waiting && s.says("worker 2 tries") && len(w.Watches) == 1
		})
		if (r.Try(n) == nil) == (recipe == Naive) {
			t.Error("one tries that has gone away")
		}
		if w := s.worker(n); w.Node == "" || w.First || w.Turns != 0 || len(s.Queue) != 2 {
			t.Errorf("%s", told(s))
		}
		_ = r.Close()
	}
}

// Naive looks for no znode of which it was not told: one whose creation was not answered
// stays before the one that its worker makes then, and nobody gets past it.
func TestNaiveOrphan(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	proxy := zktest.NewProxy(t, addr)
	r := start(t, proxy.Addr(), Options{Recipe: Naive, Workers: 1, Paused: true, Base: base})
	s := r.until("it is about to create", func(s Snapshot) bool { return strings.HasPrefix(s.Next, "worker 1 creates ") })
	proxy.StallAnswers()
	r.Step()
	conn, look, limit := zktest.Connect(t, addr), time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer look.Stop()
	for { // by another way: the run hears of nothing
		names, _, err := conn.Children(s.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == 1 {
			break
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatal("nothing was created")
		}
	}
	proxy.Heal()
	r.Resume()
	s = r.until("both are seen", func(s Snapshot) bool { return len(s.Queue) == 2 && s.worker(1).Node == s.Queue[1].Name })
	if first := s.Queue[0]; first.Worker != 1 || !first.Holder || first.Owner != s.worker(1).Session || s.worker(1).State != Waiting || s.worker(1).First || orphans(s) != 1 {
		t.Errorf("%s", told(s))
	}
}
