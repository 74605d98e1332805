package lockctl_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

func TestTakeQuick(t *testing.T) {
	e := zktest.Shared(t)
	root := zktest.Root(t)
	open := func() lockctl.Session {
		s, err := lockview.OpenSession(zkview.Config{Servers: e, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	obs := func(s lockctl.Step) {
		if s.At.IsZero() || s.Token < 20 {
			t.Logf("%s %s %d %d %s %d %s", s.Kind, s.Node, s.Position, s.Of, s.Before, s.Token, s.Why)
		}
	}
	a, err := lockctl.NewLocker(open(), root+"/x/y", lockctl.LockOptions{Observe: obs, Identity: "a"})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := lockctl.NewLocker(open(), root+"/x/y", lockctl.LockOptions{Observe: obs, Identity: "b"})
	l, err := a.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.TryAcquire(ctx)
	t.Log(err)
	done := make(chan error, 1)
	go func() {
		l, err := b.Acquire(ctx)
		if err == nil {
			t.Log(l.State(), l.Token())
			err = l.Release(ctx)
		}
		done <- err
	}()
	time.Sleep(300 * time.Millisecond)
	t.Log(l.State(), l.Deadline(), l.Release(ctx))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for range 200 {
		l, err := a.Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Release(ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(time.Since(start) / 200)
}
