package zkview

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

func TestNeverHangsOffline(t *testing.T) {
	s := openTest(t, Config{Servers: "127.0.0.1:1"})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	calls := func() {
		for _, call := range []func() error{
			func() error { _, err := s.Stat(ctx, "/"); return err },
			func() error { _, err := s.WatchStat(ctx, "/"); return err },
			func() error { _, err := s.Create(ctx, "/a", nil, CreateOptions{}); return err },
			func() error { return s.Delete(ctx, "/a", 3) },
			func() error { return s.AddAuth(ctx, "digest", []byte("a:b")) },
		} {
			err := call()
			wantErr(t, err, ErrNotSent)
			var op *OpError
			if !errors.As(err, &op) || op.Op == "" || op.Path == "" {
				t.Errorf("error %v does not name operation and path", err)
			}
		}
	}
	if took := running(calls); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCallsAreLimited(t *testing.T) {
	ctx := testCtx(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr(), Timeout: 40 * time.Second})
	connected(t, s)
	proxy.Latency(time.Hour) // no answer comes before that ends
	const calls = 200
	var all sync.WaitGroup
	var most atomic.Int64
	call := func(ctx context.Context) {
		all.Go(func() {
			if _, err := s.Stat(ctx, "/"); err != nil {
				t.Error(err)
			}
			s.limiter.mu.Lock()
			most.Store(max(most.Load(), int64(s.limiter.taken)))
			s.limiter.mu.Unlock()
		})
	}
	slots := func(taken, waiting int) func() bool {
		return func() bool {
			s.limiter.mu.Lock()
			defer s.limiter.mu.Unlock()
			return s.limiter.taken == taken && s.limiter.background.Len() == waiting
		}
	}
	for range calls {
		call(Background(ctx))
	}
	eventually(t, "the background is full", slots(backgroundLimit, calls-backgroundLimit))
	call(ctx)
	eventually(t, "an interactive call passes all that wait", slots(backgroundLimit+1, calls-backgroundLimit))
	proxy.Latency(0)
	all.Wait()
	if most.Load() > callLimit {
		t.Errorf("%d requests at once", most.Load())
	}
}

func TestIdleAsksNothing(t *testing.T) {
	s := openTest(t, Config{Servers: zktest.Shared(t), Timeout: 3 * time.Second})
	must(s.WatchStat(testCtx(t), "/"))
	eventually(t, "mode", func() bool { return s.Status().Mode != "" })
	began, sent := len(s.Ops().Since(0)), s.Status().BytesOut
	eventually(t, "three pings", func() bool { return s.Status().BytesOut >= sent+36 })
	if n := len(s.Ops().Since(0)); n != began {
		t.Errorf("%d requests while idle: %+v", n-began, s.Ops().Since(uint64(began)))
	}
}

// A request that was sent and finds no answer ends with its context too.
func TestCallsEndWithTheirContext(t *testing.T) {
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr(), Timeout: 60 * time.Second})
	connected(t, s)
	eventually(t, "mode", func() bool { return s.Status().Mode != "" })
	proxy.Stall()
	sent := s.Status().BytesOut
	ctx, cancel := context.WithCancel(testCtx(t))
	calls := map[string]func() error{
		"read":    func() error { _, err := s.Stat(ctx, "/"); return err },
		"watch":   func() error { _, _, err := s.WatchChildren(ctx, "/"); return err },
		"guarded": func() error { _, err := s.Set(ctx, "/none", nil, 3); return err },
		"write":   func() error { return s.Delete(ctx, "/none", -1) },
		"auth":    func() error { return s.AddAuth(ctx, "digest", []byte("a:b")) },
	}
	type result struct {
		name string
		err  error
	}
	results := make(chan result)
	for name, call := range calls {
		go func() { results <- result{name, call()} }()
	}
	eventually(t, "all sent", func() bool {
		s.limiter.mu.Lock()
		defer s.limiter.mu.Unlock()
		return s.limiter.taken == len(calls) && s.Status().BytesOut >= sent+int64(len(calls))*20
	})
	cancel()
	for range calls {
		select {
		case r := <-results:
			wantErr(t, r.err, context.Canceled)
			if changes := r.name != "read" && r.name != "watch"; changes != errors.Is(r.err, ErrUnknownOutcome) {
				t.Errorf("%s: %v", r.name, r.err)
			}
		case <-time.After(patience):
			t.Fatal("a call waits for the server")
		}
	}
}
