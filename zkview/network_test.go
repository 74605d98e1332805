package zkview

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

// serve listens, and runs f for each connection.
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
		s := openTest(t, Config{Servers: addr, Timeout: 3 * time.Second})
		if took := running(func() { whyHas(t, s, want) }); took > 8*time.Second {
			t.Errorf("%s: told after %v", want, took)
		}
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 100 {
			t.Errorf("%s: allocated %d MiB", want, mb)
		}
		s.Close()
	}
	// And the next server is tried.
	s := openTest(t, Config{Servers: http + "," + silent + "," + zktest.Shared(t), Timeout: 3 * time.Second})
	connected(t, s)
}

// grant answers connect requests with a session, and counts them.
func grant(accepted *atomic.Int64, session int64) func(net.Conn) {
	return func(c net.Conn) {
		head := make([]byte, 4)
		if _, err := io.ReadFull(c, head); err != nil || string(head) == "srvr" {
			return
		}
		accepted.Add(1)
		_, _ = io.ReadFull(c, make([]byte, binary.BigEndian.Uint32(head)))
		timeout := int32(10_000)
		if session == 0 {
			timeout = 0
		}
		var b bytes.Buffer
		for _, v := range []any{int32(37), int32(0), timeout, session, int32(16), make([]byte, 16), false} {
			_ = binary.Write(&b, binary.BigEndian, v)
		}
		_, _ = c.Write(b.Bytes())
	}
}

// Fault D: servers that grant a session and drop it are not stormed.
func TestNoReconnectStorm(t *testing.T) {
	var accepted atomic.Int64
	began := time.Now()
	drop := grant(&accepted, 7)
	s := openTest(t, Config{Servers: serve(t, drop) + "," + serve(t, drop)})
	eventually(t, "some tries", func() bool { return accepted.Load() >= 10 })
	if took := time.Since(began); took < 700*time.Millisecond { // half of 50, 200, 400 and 800 ms
		t.Errorf("%d connections in %v", accepted.Load(), took)
	}
	whyHas(t, s, "127.0.0.1")
}

// Nor is one that grants no session at all, each time with a new connection of
// the library.
func TestNoStormWhereNoSessionIsGranted(t *testing.T) {
	var accepted atomic.Int64
	began := time.Now()
	s := openTest(t, Config{Servers: serve(t, grant(&accepted, 0))})
	whyHas(t, s, "grants no session")
	eventually(t, "some tries", func() bool { return accepted.Load() >= 3 })
	if took := time.Since(began); took < 2*refusedPause {
		t.Errorf("%d connections in %v", accepted.Load(), took)
	}
	if st := s.Status(); st.State != Connecting {
		t.Errorf("state %v", st.State)
	}
}

func TestSlowNameServerBlocksNothing(t *testing.T) {
	tune := testTuning
	asked := make(chan struct{}, 10)
	tune.lookup = func(ctx context.Context, _ string) ([]string, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s := openTuned(t, Config{Servers: "127.0.0.1:1,slow-a,slow-b,slow-c"}, tune)
	<-asked
	took := running(func() {
		s.Status()
		_ = s.hosts.place()
	})
	if took > lookupTimeout/2 {
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
	log.SetOutput(w)                                                 // it keeps the file that was there at the start
	conn, _, err := zk.Connect([]string{"127.0.0.1:1"}, time.Second) // with its default logger
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(Config{Servers: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	whyHas(t, s, "connection refused by 127.0.0.1:1")
	s.Close()
	conn.Close()
	os.Stderr = old
	log.SetOutput(old)
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil || len(text) > 0 {
		t.Errorf("on stderr: %q, %v", text, err)
	}
}

func TestLibraryLogGoesToSlog(t *testing.T) {
	lines := newTestLog(t)
	s := openTest(t, Config{Servers: zktest.Shared(t), Logger: slogTo(lines)})
	connected(t, s)
	eventually(t, "the library's lines", func() bool { return strings.Contains(lines.String(), "go-zookeeper: ") })
}
