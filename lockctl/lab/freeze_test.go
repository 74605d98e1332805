package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// holder waits until somebody works under the lock who is there, and has not written yet.
func (r *watched) holder() int {
	r.t.Helper()
	s := r.until("one holds", func(s Snapshot) bool { return len(s.in(Holding)) == 1 })
	return s.in(Holding)[0]
}

// One that is frozen while it holds loses its session, and another gets the lock: two
// believe that they hold. When it wakes up it writes: where tokens are checked that is
// refused, and else an update is lost.
func TestFreeze(t *testing.T) {
	for name, unfenced := range map[string]bool{"fenced": false, "unfenced": true, "fenced on a real server": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, base := quick(t), ""
			if strings.Contains(name, "real") {
				addr = zktest.SharedReal(t)
				base = zktest.RootOn(t, addr) + "/lab"
			}
			r := startFrail(t, addr, Options{Workers: 3, Hold: time.Hour, Unfenced: unfenced, Base: base})
			n := r.holder()
			if err := r.Freeze(n); err != nil {
				t.Fatal(err)
			}
			r.SetTimes(0, 0)
			s := r.until("another has the lock, and has written", func(s Snapshot) bool {
				return s.Counters.TwoHolders > 0 && s.Resource.Writes > 0 && s.worker(n).Link == lockctl.SessionEnded
			})
			w := s.worker(n)
			if !w.Frozen || w.State != Holding || w.Node != "" || w.First || !s.says("believe that they have the lock") || s.Resource.Refused != 0 || s.Resource.Lost != 0 {
				t.Fatalf("frozen: %s", told(s))
			}
			session := w.Session
			if err := r.Thaw(n); err != nil {
				t.Fatal(err)
			}
			s = r.until("it has turns again", func(s Snapshot) bool { return s.worker(n).Turns > 1 })
			if at := func(text string) int {
				return slices.IndexFunc(s.Notes, func(n Note) bool { return strings.Contains(n.Text, text) })
			}; at("the servers ended the session") > at("believe that they have the lock") || s.says(fmt.Sprintf("it is the turn of worker %d", n)) {
				t.Errorf("told in a wrong order, or a wrong turn: %s", told(s))
			}
			if s.says("has no connection") {
				t.Errorf("it was frozen, and heard of its connection: %s", told(s))
			}
			if w := s.worker(n); w.Frozen || w.Session == session || w.Link != lockctl.SessionLive {
				t.Errorf("thawed: %s", told(s))
			}
			if c := s.Counters; unfenced && (c.LostUpdates != 1 || s.Resource.Refused != 0) || !unfenced && (c.LostUpdates != 0 || s.Resource.Refused != 1) {
				t.Errorf("%d refused, %d lost", s.Resource.Refused, c.LostUpdates)
			}
			if err := r.Thaw(n); err == nil {
				t.Error("it was not frozen")
			}
		})
	}
}

// In a run that is paused, the late write does not wait for a step; and one that is frozen
// while it waits hears of what has happened when it wakes up.
func TestFreezePaused(t *testing.T) {
	t.Parallel()
	addr := quick(t)
	r := start(t, addr, Options{Workers: 2, Hold: time.Hour, Open: opener(addr, brief)})
	n := r.holder()
	other := 3 - n
	r.until("the other waits", func(s Snapshot) bool { return len(s.worker(other).Watches) > 0 })
	for _, n := range []int{n, other} {
		if err := r.Freeze(n); err != nil {
			t.Fatal(err)
		}
	}
	if r.Freeze(n) == nil || r.Kill(n) == nil {
		t.Error("one that is frozen is frozen again, or killed")
	}
	r.Pause()
	s := r.until("both sessions have ended", func(s Snapshot) bool {
		return s.worker(n).Link == lockctl.SessionEnded && s.worker(other).Link == lockctl.SessionEnded && len(s.Queue) == 0
	})
	if s.State != Paused || s.worker(other).State != Waiting || s.worker(n).State != Holding {
		t.Errorf("%s", told(s))
	}
	for _, n := range []int{n, other} {
		if err := r.Thaw(n); err != nil {
			t.Fatal(err)
		}
	}
	s = r.until("it has written, and both are back", func(s Snapshot) bool {
		return s.Resource.Writes == 1 && s.worker(1).Link == lockctl.SessionLive && s.worker(2).Link == lockctl.SessionLive && s.Next != ""
	})
	if len(s.in(Holding)) != 0 || len(s.Queue) != 0 {
		t.Errorf("%s", told(s))
	}
}

// A worker that crashes leaves its znode behind until its session times out, which is not
// before Until; the others wait so long.
func TestCrash(t *testing.T) {
	t.Parallel()
	addr := zktest.SharedReal(t)
	r := startFrail(t, addr, Options{Workers: 2, Hold: time.Hour, Base: zktest.RootOn(t, addr) + "/lab"})
	n := r.holder()
	r.until("the other waits", func(s Snapshot) bool { return len(s.worker(3-n).Watches) > 0 })
	node := r.Snapshot().worker(n).Node
	if err := r.Crash(n); err != nil {
		t.Fatal(err)
	}
	s := r.Snapshot()
	w := s.worker(n)
	if w.State != Crashed || w.Node != node || w.Until.IsZero() || w.Until.After(s.At.Add(brief)) || s.Counters.Workers != 1 || !w.First {
		t.Errorf("crashed: %s", told(s))
	}
	if r.Crash(n) == nil || r.Kill(n) == nil || r.Try(n) == nil || r.Freeze(n) == nil {
		t.Error("something is done to one that has crashed")
	}
	early := false
	s = r.until("the other holds", func(s Snapshot) bool {
		early = early || s.At.Before(w.Until) && s.worker(3-n).State == Holding
		return s.worker(3-n).State == Holding && s.worker(n).State == Gone
	})
	if early || s.worker(n).Node != "" || s.worker(n).Turns != w.Turns || s.Counters.TwoHolders != 0 || !s.worker(3-n).First {
		t.Errorf("too early: %v; %s", early, told(s))
	}
}

// A worker that is killed has its znode deleted at once; another is added in its place.
func TestKill(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	r := start(t, addr, Options{Workers: 3, Hold: time.Hour, Base: base})
	n := r.holder()
	if err := r.Kill(n); err != nil {
		t.Fatal(err)
	}
	s := r.until("another holds", func(s Snapshot) bool {
		return s.worker(n).State == Gone && len(s.in(Holding)) == 1 && len(s.Queue) == 2
	})
	if s.worker(n).Link != lockctl.SessionEnded || s.Counters.Workers != 2 {
		t.Errorf("killed: %s", told(s))
	}
	if n, err := r.Add(); err != nil || n != 4 {
		t.Errorf("added %d: %v", n, err)
	}
	if err := r.SetWorkers(5); err != nil {
		t.Error(err)
	}
	r.until("all are there", func(s Snapshot) bool { return len(s.Queue) == 5 && s.Counters.Workers == 5 })
	if err := r.SetWorkers(2); err != nil {
		t.Error(err)
	}
	s = r.until("two are left", func(s Snapshot) bool { return len(s.Queue) == 2 && len(s.in(Gone)) == 4 })
	if left := slices.Concat(s.in(Holding), s.in(Waiting)); len(left) != 2 || slices.Max(left) > 3 {
		t.Errorf("left are %v", left)
	}
	if r.SetWorkers(0) == nil || r.SetWorkers(MaxWorkers+1) == nil || r.Kill(99) == nil {
		t.Error("what cannot be is done")
	}
	r.Reset()
	if s := r.Snapshot(); len(s.in(Gone)) != 0 || s.Counters.Handoffs != 0 || s.Counters.Requests != 0 || len(s.Notes) != 0 {
		t.Errorf("reset: %s", told(s))
	}
}
