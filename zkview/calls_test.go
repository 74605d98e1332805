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
	began := time.Now()
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
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCallsAreLimited(t *testing.T) {
	ctx := testCtx(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr()})
	connected(t, s)
	proxy.Latency(100 * time.Millisecond)
	var all sync.WaitGroup
	var most atomic.Int64
	for range 200 {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := s.Stat(Background(ctx), "/"); err != nil {
				t.Error(err)
			}
			s.limiter.mu.Lock()
			most.Store(max(most.Load(), int64(s.limiter.taken)))
			s.limiter.mu.Unlock()
		}()
	}
	// An interactive call passes all of them.
	eventually(t, "the background is full", func() bool {
		s.limiter.mu.Lock()
		defer s.limiter.mu.Unlock()
		return s.limiter.backTaken == backgroundLimit
	})
	must(s.Stat(ctx, "/"))
	s.limiter.mu.Lock()
	waiting := s.limiter.background.Len()
	s.limiter.mu.Unlock()
	if waiting == 0 {
		t.Error("the interactive call came last")
	}
	all.Wait()
	if most.Load() > callLimit {
		t.Errorf("%d requests at once", most.Load())
	}
}

func TestIdleAsksNothing(t *testing.T) {
	s := openTest(t, Config{Servers: zktest.Shared(t), Timeout: time.Second})
	must(s.WatchStat(testCtx(t), "/"))
	eventually(t, "mode", func() bool { return s.Status().Mode != "" })
	began, sent := len(s.Ops().Since(0)), s.Status().BytesOut
	eventually(t, "three pings", func() bool { return s.Status().BytesOut >= sent+36 })
	if n := len(s.Ops().Since(0)); n != began {
		t.Errorf("%d requests while idle: %+v", n-began, s.Ops().Since(uint64(began)))
	}
}
