package zkview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen, on a loaded machine.
const patience = 2 * time.Minute

// testTuning waits as patiently for the answers of a server that it will get.
var testTuning = func() tuning {
	t := defaultTuning
	t.authTimeout, t.probeTimeout = patience, patience
	return t
}()

// testCtx ends with the test, and at the latest after the patience.
func testCtx(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
		<-tick.C
	}
}

// testLog gives log lines to the test, as long as it runs.
type testLog struct {
	mu   sync.Mutex
	t    *testing.T
	text strings.Builder
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if l.t != nil {
		l.t.Logf("%s", strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

func (l *testLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newTestLog(t *testing.T) *testLog {
	l := &testLog{t: t}
	t.Cleanup(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.t = nil
	})
	return l
}

// openTest opens a session that is closed with the test.
func openTest(t *testing.T, cfg Config) *Session {
	t.Helper()
	return openTuned(t, cfg, testTuning)
}

func openTuned(t *testing.T, cfg Config, tune tuning) *Session {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(newTestLog(t), nil))
	}
	s, err := open(cfg, tune)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkClose(t, s) })
	return s
}

// checkClose closes a session and checks how long that takes. What a loaded machine
// adds to half a second is not ours; the library alone takes more than one.
func checkClose(t *testing.T, s interface{ Close() error }) {
	t.Helper()
	took := running(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if took > 900*time.Millisecond {
		t.Errorf("Close took %v, want at most half a second", took)
	}
}

// running is how long f takes, without the time in which the machine stands still: a
// ticker counts, which drops the ticks that nobody could take.
func running(f func()) time.Duration {
	const beat = 10 * time.Millisecond
	over, total := make(chan struct{}), make(chan time.Duration)
	go func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for took := time.Duration(0); ; {
			select {
			case <-tick.C:
				took += beat
			case <-over:
				total <- took
				return
			}
		}
	}()
	f()
	close(over)
	return <-total
}

// waiting tells whether n calls of a function wait for a connection.
func waiting(n int, function string) func() bool {
	return func() bool {
		text, found := make([]byte, 4<<20), 0
		for stack := range strings.SplitSeq(string(text[:runtime.Stack(text, true)]), "\n\n") {
			if strings.Contains(stack, "[select") && strings.Contains(stack, "zkview.(*Session).ready(") && strings.Contains(stack, function) {
				found++
			}
		}
		return found == n
	}
}

func inState(s *Session, state State) func() bool {
	return func() bool { return s.Status().State == state }
}

func connected(t *testing.T, s *Session) {
	t.Helper()
	eventually(t, "connect", inState(s, Connected))
}

// whyHas waits until the session tells a reason that contains all the words.
func whyHas(t *testing.T, s *Session, words ...string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		why, all := s.Status().Why, true
		for _, w := range words {
			all = all && strings.Contains(why, w)
		}
		if all {
			return
		}
		select {
		case <-s.Changed():
		case <-time.After(time.Until(deadline)):
			t.Fatalf("Why is %q, want it to contain %q", s.Status().Why, words)
		}
	}
}

// listener reads a subscription for a test.
type listener struct {
	*Subscription
	t    *testing.T
	rest []Event
}

func listen(t *testing.T, s *Session) *listener {
	t.Helper()
	l := &listener{Subscription: s.Subscribe(), t: t}
	t.Cleanup(l.Close)
	return l
}

// openHeard opens a session that is closed with the test, with a listener to all that
// it tells from the first connection.
func openHeard(t *testing.T, cfg Config, tune tuning) (*Session, *listener) {
	t.Helper()
	tune, begin := heldBack(tune)
	s := openTuned(t, cfg, tune)
	l := listen(t, s)
	begin()
	return s, l
}

// heldBack is tune for a session that connects to nothing before begin is called, so that
// one can listen to its first connection.
func heldBack(tune tuning) (_ tuning, begin func()) {
	begun := make(chan struct{})
	wrap := tune.dial
	tune.dial = func(dial wireDial) wireDial {
		if wrap != nil {
			dial = wrap(dial)
		}
		return func(network, address string, timeout time.Duration) (net.Conn, error) {
			<-begun
			return dial(network, address, timeout)
		}
	}
	return tune, func() { close(begun) }
}

// await reads events until one is right, and returns it.
func (l *listener) await(what string, right func(Event) bool) Event {
	l.t.Helper()
	ctx := testCtx(l.t)
	var seen []string
	for {
		for i, e := range l.rest {
			if right(e) {
				l.rest = l.rest[i+1:]
				return e
			}
			seen = append(seen, fmt.Sprint(e.Kind, " ", e.Path))
		}
		var err error
		if l.rest, err = l.Next(ctx); err != nil {
			l.t.Fatalf("no event %s: %v; seen %s", what, err, seen)
		}
	}
}

func isEvent(kind EventKind, path string) func(Event) bool {
	return func(e Event) bool { return e.Kind == kind && e.Path == path }
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func slogTo(l *testLog) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
