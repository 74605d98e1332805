package zktest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"go.uber.org/goleak"
)

var (
	sharedMu sync.Mutex
	shared   *Ensemble
	roots    atomic.Int64

	turn     sync.Mutex // held by the test that has the ensemble
	ensemble *Ensemble

	stand func() (Stand, error)
	stood Stand
)

// realEnv is the environment variable that, not empty, has all tests run against
// real servers.
const realEnv = "ZKDECK_TEST_REAL"

// Stand is a server that takes the place of a real one.
type Stand interface {
	Addr() string // host:port
	Close() error
}

// StandIn names what [Shared] and [Own] start in the place of a real server: something
// fast that is held to the real one elsewhere. It is for TestMain, before [Main]. With
// ZKDECK_TEST_REAL=1 in the environment it does nothing.
func StandIn(start func() (Stand, error)) {
	if os.Getenv(realEnv) == "" {
		stand = start
	}
}

// Shared returns the address of a standalone server that all tests of this test
// binary share; the first call starts it. It is a real one, unless the binary has
// a [StandIn]. Tests must leave it running and keep below a znode of their own: see
// [Root]. A binary that uses it ends with [Main].
func Shared(tb TB) string {
	tb.Helper()
	if stand == nil {
		return SharedReal(tb)
	}
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if stood == nil {
		s, err := stand()
		if err != nil {
			tb.Fatalf("zktest: %v", err)
		}
		stood = s
	}
	return stood.Addr()
}

// Own starts a standalone server for this test alone, which ends with it, and
// returns its address. It is a real one, as [Start] makes it, unless the test binary
// has a [StandIn].
func Own(tb TB) string {
	tb.Helper()
	if stand == nil {
		return Start(tb, 1).Addr()
	}
	s, err := stand()
	if err != nil {
		tb.Fatalf("zktest: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Fatalf("zktest: stopping %s: %v", s.Addr(), err)
		}
	})
	return s.Addr()
}

// SharedReal is [Shared], and always a real server.
func SharedReal(tb TB) string {
	tb.Helper()
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if shared == nil {
		e, err := launch(nil, 1, newSettings(nil)) // outlives tb
		if err != nil {
			tb.Fatalf("zktest: %v", err)
		}
		shared = e
	}
	e := shared
	tb.Cleanup(func() {
		if tb.Failed() {
			e.printLogs(tb)
		}
	})
	return e.Addr()
}

// SharedEnsemble returns three real servers that the tests of this binary take turns
// with: they are this test's alone until it ends, and all serve when it returns. What
// others left in them is there. A binary that uses it ends with [Main].
func SharedEnsemble(tb TB) *Ensemble {
	tb.Helper()
	turn.Lock()
	tb.Cleanup(turn.Unlock)
	if ensemble == nil {
		e, err := launch(nil, 3, newSettings(nil)) // outlives tb
		if err != nil {
			tb.Fatalf("zktest: %v", err)
		}
		ensemble = e
	}
	e := ensemble
	e.tb = tb
	tb.Cleanup(func() {
		if !tb.Failed() {
			return
		}
		e.printLogs(tb)
		for _, s := range e.servers { // the next test is to find none paused
			if err := s.end(os.Kill); err != nil {
				tb.Logf("zktest: %v", err)
			}
		}
	})
	e.RestartAll()
	return e
}

// Root creates a znode on the [Shared] server that belongs to this test alone and
// returns its path. It stays until the server goes, with all that is below it.
func Root(tb TB) string {
	tb.Helper()
	return RootOn(tb, Shared(tb))
}

// RootOn is [Root] on the server at addr.
func RootOn(tb TB, addr string) string {
	tb.Helper()
	conn := Connect(tb, addr)
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, tb.Name())
	path := fmt.Sprintf("/t-%s-%d", name, roots.Add(1))
	if _, err := conn.Create(path, nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
		tb.Fatalf("zktest: creating %s: %v", path, err)
	}
	return path
}

// Connect opens a session with the servers of a connect string, waits until it is
// established, and closes it when the test ends.
func Connect(tb TB, addr string) *zk.Conn {
	tb.Helper()
	up := make(chan struct{})
	var once sync.Once
	conn, _, err := zk.Connect(strings.Split(addr, ","), 10*time.Second, zk.WithLogger(silent{}),
		zk.WithEventCallback(func(e zk.Event) {
			if e.State == zk.StateHasSession {
				once.Do(func() { close(up) })
			}
		}))
	if err != nil {
		tb.Fatalf("zktest: connecting to %s: %v", addr, err)
	}
	tb.Cleanup(conn.Close)
	select {
	case <-up:
	case <-time.After(startTimeout):
		tb.Fatalf("zktest: connecting to %s: no session after %v", addr, startTimeout)
	}
	return conn
}

// Main runs the tests, stops the servers that they shared, fails if a goroutine is left
// over, and exits. It is the whole TestMain of a package:
//
//	func TestMain(m *testing.M) { zktest.Main(m) }
func Main(m *testing.M, opts ...goleak.Option) {
	code := m.Run()
	var stops []func() error
	if stood != nil {
		stops = append(stops, stood.Close)
	}
	for _, e := range []*Ensemble{shared, ensemble} {
		if e != nil {
			stops = append(stops, e.close)
		}
	}
	for _, stop := range stops {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, "zktest:", err)
			code = max(code, 1)
		}
	}
	if code == 0 {
		if err := Leftover(opts...); err != nil {
			fmt.Fprintln(os.Stderr, "zktest: goroutines are left over:", err)
			code = 1
		}
	}
	dismissGuardian()
	os.Exit(code)
}

// Leftover finds goroutines that are still there after 3 s: go-zookeeper's Close
// waits up to a second for a server that does not answer, goleak half of one.
func Leftover(opts ...goleak.Option) error {
	deadline := time.Now().Add(3 * time.Second)
	for {
		err := goleak.Find(opts...)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
