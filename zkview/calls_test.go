package zkview

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// listener that serves each connection with f.
func serve(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var conns sync.Map
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(c, nil)
			all.Add(1)
			go func() {
				defer all.Done()
				defer c.Close()
				f(c)
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		all.Wait()
	})
	return l.Addr().String()
}

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
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
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
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := other.Sync(ctx, "/"); err != nil {
			t.Fatal(err)
		}
		_, err := other.Stat(ctx, "/e")
		wantErr(t, err, ErrNoNode)
	})
}

// Fault C: what is not ZooKeeper is told within seconds, and costs nothing.
func TestNotZooKeeperIsSaid(t *testing.T) {
	http := serve(t, func(c net.Conn) {
		_, _ = io.ReadFull(c, make([]byte, 20))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
	})
	silent := serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	for addr, want := range map[string]string{
		http:   http + " answers, but speaks HTTP",
		silent: silent + " accepts connections, but says nothing",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := openTest(t, Config{Servers: addr})
		began := time.Now()
		whyHas(t, s, want)
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("%s: told after %v", want, took)
		}
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 100 {
			t.Errorf("%s: allocated %d MiB", want, mb)
		}
		s.Close()
	}
	// And the next server is tried.
	s := openTest(t, Config{Servers: http + "," + silent + "," + zktest.Shared(t)})
	connected(t, s)
}

// Fault D: servers that grant a session and drop it are not stormed.
func TestNoReconnectStorm(t *testing.T) {
	var accepted atomic.Int64
	began := time.Now()
	drop := func(c net.Conn) {
		head := make([]byte, 4)
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		if string(head) == "srvr" {
			return
		}
		accepted.Add(1)
		_, _ = io.ReadFull(c, make([]byte, binary.BigEndian.Uint32(head)))
		var b bytes.Buffer
		for _, v := range []any{int32(37), int32(0), int32(10_000), int64(7), int32(16), make([]byte, 16), false} {
			_ = binary.Write(&b, binary.BigEndian, v)
		}
		_, _ = c.Write(b.Bytes())
	}
	s := openTest(t, Config{Servers: serve(t, drop) + "," + serve(t, drop)})
	eventually(t, "some tries", func() bool { return accepted.Load() >= 10 })
	if took := time.Since(began); took < time.Second {
		t.Errorf("%d connections in %v", accepted.Load(), took)
	}
	whyHas(t, s, "127.0.0.1")
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

// A write whose answer is lost.
func TestLostAnswer(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	direct := openTest(t, Config{Servers: zktest.Shared(t) + root})
	must(direct.Create(ctx, "/a", []byte("old"), CreateOptions{}))
	must(direct.Create(ctx, "/b", nil, CreateOptions{}))
	must(direct.Create(ctx, "/c", nil, CreateOptions{}))
	for name, c := range map[string]struct {
		write func(s *Session) error
		done  func() bool
		want  error
	}{
		"guarded set": {
			func(s *Session) error { _, err := s.Set(ctx, "/a", []byte("new"), 0); return err },
			func() bool { d, _, _ := direct.Get(ctx, "/a"); return string(d) == "new" }, nil,
		},
		"guarded delete": {
			func(s *Session) error { return s.Delete(ctx, "/b", 0) },
			func() bool { _, err := direct.Stat(ctx, "/b"); return errors.Is(err, ErrNoNode) }, nil,
		},
		"guarded multi": {
			func(s *Session) error { return s.DeleteMany(ctx, []PathVersion{{"/c", 0}}) },
			func() bool { _, err := direct.Stat(ctx, "/c"); return errors.Is(err, ErrNoNode) }, nil,
		},
		"create": {
			func(s *Session) error { _, err := s.Create(ctx, "/d", nil, CreateOptions{}); return err },
			func() bool { _, err := direct.Stat(ctx, "/d"); return err == nil }, ErrUnknownOutcome,
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := zktest.NewProxy(t, zktest.Shared(t))
			s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
			connected(t, s)
			proxy.Latency(time.Second) // of the answers
			got := make(chan error, 1)
			go func() { got <- c.write(s) }()
			eventually(t, "carried out", c.done)
			proxy.Cut()
			proxy.Heal()
			if err := <-got; !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
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

func TestRejectedIdentity(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t), Auth: []Auth{
		{"no-such-scheme", []byte("x")}, {"digest", []byte("me:secret")},
	}})
	connected(t, s)
	if st := s.Status(); st.Auth != "the server rejected the no-such-scheme identity" {
		t.Errorf("Auth = %q", st.Auth)
	}
	must(s.Create(ctx, "/mine", nil, CreateOptions{ACL: []ACL{{PermAll, "auth", ""}}}))
	err := s.AddAuth(ctx, "no-such-scheme", []byte("y"))
	wantErr(t, err, ErrAuthFailed)
	if _, err := s.Set(ctx, "/mine", nil, 0); err != nil {
		t.Errorf("after the rejection: %v", err)
	}
	// An identity added later is there on the next connection too.
	other := openTest(t, Config{Servers: s.servers.String()})
	_, err = other.Set(ctx, "/mine", nil, 1)
	wantErr(t, err, ErrNoAuth)
	if err := other.AddAuth(ctx, "digest", []byte("me:secret")); err != nil {
		t.Fatal(err)
	}
	must(other.Set(ctx, "/mine", nil, 1))
	other.mu.Lock()
	conn := other.link.wire
	other.mu.Unlock()
	conn.Kill(errors.New("a test"))
	eventually(t, "reconnected", func() bool { return other.Status().Generation == 2 })
	must(other.Set(ctx, "/mine", nil, 2))
	for _, e := range other.Ops().Since(0) {
		if strings.Contains(e.Path, "secret") || strings.Contains(e.Result, "secret") {
			t.Errorf("the log has %+v", e)
		}
	}
}

func TestSlowNameServerBlocksNothing(t *testing.T) {
	tune := defaultTuning
	asked := make(chan struct{}, 10)
	tune.lookup = func(ctx context.Context, _ string) ([]string, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s := openTuned(t, Config{Servers: "127.0.0.1:1,slow-a,slow-b,slow-c"}, tune)
	<-asked
	began := time.Now()
	s.Status()
	_ = s.hosts.place()
	if took := time.Since(began); took > 200*time.Millisecond {
		t.Errorf("Status took %v", took)
	}
	s.Close()
}

func TestNothingGoesToStderr(t *testing.T) {
	old := os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	s, err := Open(Config{Servers: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	whyHas(t, s, "connection refused by 127.0.0.1:1")
	s.Close()
	os.Stderr = old
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil || len(text) > 0 {
		t.Errorf("on stderr: %q, %v", text, err)
	}
}

func TestLibraryLogGoesToSlog(t *testing.T) {
	log := newTestLog(t)
	s := openTest(t, Config{Servers: zktest.Shared(t), Logger: slogTo(log)})
	connected(t, s)
	eventually(t, "the library's lines", func() bool { return strings.Contains(log.String(), "go-zookeeper: ") })
}
