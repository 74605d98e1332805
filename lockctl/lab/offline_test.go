package lab

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Without servers a run starts, says so, does what it can, and ends in bounded time.
func TestNoServers(t *testing.T) {
	t.Parallel()
	r := start(t, "127.0.0.1:1", Options{Workers: MaxWorkers, Tidy: tidyLimit})
	s := r.Snapshot()
	if s.State != Starting || len(s.in(Connecting)) != MaxWorkers || s.Counters.Seconds != 0 || s.Server != "" {
		t.Errorf("%s", told(s))
	}
	if r.Crash(1) != nil || r.Freeze(2) != nil || r.Freeze(3) != nil || r.Thaw(2) != nil || r.Kill(4) != nil {
		t.Error("something cannot be done to one that is not connected")
	}
	r.until("the two are gone", func(s Snapshot) bool { return len(s.in(Gone)) == 2 })
	began := time.Now()
	_ = r.Close()
	_ = r.Close()
	if took := time.Since(began); took > 20*time.Second { // it is bounded; how long a machine takes is not
		t.Errorf("it took %v", took)
	}
	if _, err := r.Add(); err == nil || r.Kill(5) == nil || r.SetWorkers(3) == nil {
		t.Error("something is done to one that has ended")
	}
}

// A server that hangs does not keep Close, nor one that is frozen.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	proxy := zktest.NewProxy(t, addr)
	r := start(t, proxy.Addr(), Options{Base: base, Hold: time.Hour, Tidy: tidyLimit})
	if err := r.Freeze(r.holder()); err != nil {
		t.Fatal(err)
	}
	proxy.Stall()
	began := time.Now()
	_ = r.Close()
	if took := time.Since(began); took > 20*time.Second { // as above
		t.Errorf("it took %v", took)
	}
	t.Logf("closed in %v", time.Since(began))
}

// The end of the context that it was started with ends it.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Start(ctx, Options{Base: base, Open: opener(addr, patient)})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{r, t}
	w.until("it runs", func(s Snapshot) bool { return s.Counters.Handoffs > 0 })
	cancel()
	w.until("it has ended", func(s Snapshot) bool { return s.State == Ended && len(s.in(Gone)) == 5 })
	_ = r.Close()
}

// A run ends by itself where it is refused for good, and says why.
func TestRefused(t *testing.T) {
	t.Parallel()
	addr, base := shared(t)
	readOnly := func(dial Dial) (lockctl.Session, error) {
		return lockview.OpenSession(zkview.Config{Servers: addr, ReadOnly: true, Dial: dial})
	}
	r := start(t, addr, Options{Base: base, Open: readOnly})
	s := r.until("it has ended", func(s Snapshot) bool { return s.State == Ended })
	if !errors.Is(s.Err, lockctl.ErrReadOnly) || s.Next != "" {
		t.Errorf("%v", s.Err)
	}
	if _, err := r.Add(); !errors.Is(err, lockctl.ErrReadOnly) || !errors.Is(err, ErrOptions) {
		t.Errorf("%v", err)
	}
	broken := errors.New("the cable is out")
	r = start(t, addr, Options{Base: base, Open: func(Dial) (lockctl.Session, error) { return nil, broken }})
	if s := r.until("it has ended", func(s Snapshot) bool { return s.State == Ended }); !errors.Is(s.Err, broken) {
		t.Errorf("%v", s.Err)
	}
}

// Where connections break and the sessions live on, who holds keeps the lock, and it is
// said; where they are gone for too long the sessions end, and all begin anew.
func TestConnectionsBreak(t *testing.T) {
	t.Parallel()
	addr := quick(t)
	proxy := zktest.NewProxy(t, addr)
	r := start(t, "", Options{Workers: 3, Hold: time.Hour, Open: opener(proxy.Addr(), brief)})
	n := r.holder()
	session := r.Snapshot().worker(n).Session
	proxy.Cut()
	s := r.until("all are without a connection", func(s Snapshot) bool {
		for _, w := range s.Workers {
			if w.Link != lockctl.SessionSuspended || w.Until.IsZero() {
				return false
			}
		}
		return true
	})
	if !s.says("has no connection") {
		t.Errorf("%s", told(s))
	}
	conn := zktest.Connect(t, addr)
	r.until("their sessions have ended", func(Snapshot) bool {
		names, _, err := conn.Children(s.Dir)
		return err == nil && len(names) == 0 || errors.Is(err, zk.ErrNoNode) // a container goes when it is empty
	})
	proxy.Heal()
	s = r.until("one holds on another session", func(s Snapshot) bool {
		return len(s.in(Holding)) == 1 && s.worker(n).Session != session && len(s.Queue) == 3 && len(s.in(Waiting)) == 2
	})
	if s.says("deleted lock-") || !s.says("is told that its session has ended") || s.Counters.TwoHolders != 0 {
		t.Errorf("%s", told(s))
	}
}

// A holder whose server goes for a moment keeps its session, and the lock: on a real
// server, which is stopped and started again.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	ens := zktest.SharedEnsemble(t)
	r := start(t, ens.Addr(), Options{Workers: 3, Hold: time.Hour, Base: zktest.RootOn(t, ens.Addr()) + "/lab"})
	n := r.holder()
	session := r.Snapshot().worker(n).Session
	ens.Leader().Kill()
	// The others elect a new leader, to which all sessions are taken over.
	s := r.until("the holder is connected, and so is everybody", func(s Snapshot) bool {
		for _, w := range s.Workers {
			if w.Link != lockctl.SessionLive {
				return false
			}
		}
		return s.says("is connected again")
	})
	if w := s.worker(n); w.Session != session || w.State != Holding || w.Turns != 1 || !strings.Contains(w.Node, "lock-") {
		t.Errorf("%s", told(s))
	}
}
