package zkview

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

func TestCallOnAClosedSession(t *testing.T) {
	s := openTest(t, Config{Servers: "127.0.0.1:1"})
	sub := s.Subscribe()
	got := make(chan error, 1)
	go func() { _, err := s.Stat(context.Background(), "/"); got <- err }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantErr(t, <-got, ErrClosed)
	_, err := s.Set(context.Background(), "/", nil, -1)
	wantErr(t, err, ErrClosed)
	_, err = sub.Next(context.Background())
	wantErr(t, err, ErrClosed)
	_, err = s.Subscribe().Next(context.Background())
	wantErr(t, err, ErrClosed)
	if st := s.Status(); st.State != Closed {
		t.Errorf("state %v", st.State)
	}
}

// Close takes at most half a second whatever the other side does; openTest
// measures it.
func TestCloseInEveryState(t *testing.T) {
	for name, addr := range map[string]string{
		"refused":     "127.0.0.1:1",
		"silent":      serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }),
		"half":        serve(t, func(c net.Conn) { _, _ = c.Write([]byte{0, 0, 0, 37, 0}); _, _ = io.Copy(io.Discard, c) }),
		"hanging up":  serve(t, func(net.Conn) {}),
		"unknown":     "zkdeck-no-such-host.invalid",
		"blackholed":  "192.0.2.1",
		"immediately": zktest.Shared(t),
	} {
		t.Run(name, func(t *testing.T) {
			s := openTest(t, Config{Servers: addr})
			if name != "immediately" {
				eventually(t, "a try", func() bool { return s.Status().Trying != "" })
			}
		})
	}
	t.Run("paused", func(t *testing.T) {
		ens := zktest.Start(t, 1)
		s := openTest(t, Config{Servers: ens.Addr()})
		connected(t, s)
		ens.Server(0).Pause()
		for range 100 { // more than the library's queue and ours take
			go func() { _, _ = s.Stat(context.Background(), "/") }()
		}
		eventually(t, "all slots taken", func() bool {
			s.limiter.mu.Lock()
			defer s.limiter.mu.Unlock()
			return s.limiter.taken == callLimit
		})
		checkClose(t, s)
		eventually(t, "all slots free", func() bool {
			s.limiter.mu.Lock()
			defer s.limiter.mu.Unlock()
			return s.limiter.taken == 0
		})
	})
	t.Run("ephemerals go at once", func(t *testing.T) {
		ctx := testCtx(t)
		other := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t)})
		s := openTest(t, Config{Servers: other.servers.String(), Timeout: 40 * time.Second})
		must(s.Create(ctx, "/e", nil, CreateOptions{Kind: Ephemeral}))
		checkClose(t, s)
		goes(t, func() bool {
			_, err := other.Stat(ctx, "/e")
			return errors.Is(err, ErrNoNode)
		})
	})
}

// goes waits until the ephemeral of a session with a timeout of at least 40 s has gone,
// which was told to end: the server may take its time, but not that of an expiry.
func goes(t *testing.T, gone func() bool) {
	t.Helper()
	if took := running(func() { eventually(t, "the ephemeral goes", gone) }); took > 20*time.Second {
		t.Errorf("the ephemeral went after %v", took)
	}
}
