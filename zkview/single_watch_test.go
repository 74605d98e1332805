package zkview

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// Of many znodes that are watched, what happens first is told first, and all before
// the reply to what was asked after it.
func TestSingleEventsKeepTheirOrder(t *testing.T) {
	ctx := testCtx(t)
	servers, conn, root := realRoot(t)
	o, q := openRecorded(t, Config{Servers: servers}, testTuning)
	q.wants("resync")
	const n = 200
	var paths, want []string
	for i := range n {
		path, _, err := o.Create(ctx, "/n-", nil, CreateOptions{Sequential: true})
		wantErr(t, err, nil)
		if _, _, err := o.Get(ctx, path, true); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
		switch i % 2 {
		case 0:
			want = append(want, "deleted "+path)
		default:
			want = append(want, "data changed "+path)
		}
	}
	for i, path := range paths {
		var err error
		if i%2 == 0 {
			err = conn.Delete(root+path, -1)
		} else {
			_, err = conn.Set(root+path, nil, -1)
		}
		wantErr(t, err, nil)
	}
	wantErr(t, o.Sync(ctx, "/"), nil)
	events, err := q.Next(ctx)
	wantErr(t, err, nil)
	if len(events) != n {
		t.Fatalf("%d events are here with the reply, want %d", len(events), n)
	}
	q.rest = events
	q.wants(want...)
}

// watchedBy reports how often a path is watched on the server.
func watchedBy(t *testing.T, addr, path string) int {
	t.Helper()
	text, err := wire.FourLetter(testCtx(t), func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}, "wchp")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(text+"\n", path+"\n")
}

func TestSingleUnwatch(t *testing.T) {
	ctx := testCtx(t)
	addr := zktest.SharedReal(t)
	root := zktest.RootOn(t, addr)
	o, q := openRecorded(t, Config{Servers: addr + root}, testTuning)
	q.wants("resync")
	eventually(t, "its version is known", o.tellsStat)
	a, _, err := o.Create(ctx, "/a", nil, CreateOptions{})
	wantErr(t, err, nil)
	watch := func() {
		t.Helper()
		_, _, err := o.Get(ctx, a, true)
		wantErr(t, err, nil)
	}
	held := func(want int) {
		t.Helper()
		wantErr(t, o.Sync(ctx, "/"), nil)
		if got := watchedBy(t, addr, root+a); got != want {
			t.Fatalf("%d watches, want %d", got, want)
		}
	}
	o.Unwatch(a) // that nobody has left
	watch()
	watch()
	held(1)
	o.Unwatch(a)
	held(1) // the other wants it
	o.Unwatch(a)
	held(0)
	q.wants("data changed " + a) // somebody else may have relied on it
	// One that has fired is nobody's.
	watch()
	if _, err := o.Set(ctx, a, nil, -1); err != nil {
		t.Fatal(err)
	}
	q.wants("data changed " + a)
	watch()
	held(1)
	// A read that fails leaves none.
	_, _, err = o.Get(ctx, "/none", true)
	wantErr(t, err, ErrNoNode)
	o.s.single.mu.Lock()
	n := len(o.s.single.wanted)
	o.s.single.mu.Unlock()
	if n != 1 {
		t.Errorf("%d paths are wanted, want 1", n)
	}
	// After an Unwatch, whoever asks again is told.
	o.Unwatch(a)
	watch()
	q.wants("data changed " + a)
	wantErr(t, o.Delete(ctx, a, -1), nil)
	q.wants("deleted " + a)
}

// A server that tells no Stat, knows no containers and removes no watches.
func TestSingleOnAnOldServer(t *testing.T) {
	addr := zktest.SharedReal(t)
	for name, srvr := range map[string]string{
		"3.4": srvr34, "refuses srvr": "srvr is not executed because it is not in the whitelist.\n", "says 3.8": srvr38,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := testCtx(t)
			root := zktest.RootOn(t, addr)
			p := (&frameProxy{upstream: addr, srvr: srvr, refuses: youngerThan34}).start(t)
			o := openOne(t, Config{Servers: p.addr + root})
			path, stat, err := o.Create(ctx, "/c", []byte("1"), CreateOptions{Kind: Container})
			if err != nil || path != "/c" || stat.Czxid == 0 || stat.Kind() != Persistent {
				t.Fatalf("Create = %q, %+v, %v", path, stat, err)
			}
			for i := range 2 {
				in, err := o.Enter(ctx, "/c/n-", nil, nil)
				if err != nil || in.Path != fmt.Sprintf("/c/n-%010d", i) || in.Err != nil ||
					in.Stat.EphemeralOwner != o.Status().SessionID || len(in.Names) != i+1 {
					t.Fatalf("Enter = %+v, %v", in, err)
				}
			}
			_, _, err = o.Get(ctx, "/c", true)
			wantErr(t, err, nil)
			o.Unwatch("/c")
			wantErr(t, o.Sync(ctx, "/"), nil)
			want := 0
			if srvr == srvr38 {
				want = 1 // asked once for what it says that it knows
			}
			if n := p.count(func(op wire.OpCode) bool { return op == wire.OpCreate2 || op == wire.OpCreateContainer }); n != want {
				t.Errorf("%d requests that the server does not know, want %d", n, want)
			}
		})
	}
}

// A library that has stopped trying is given up, and with it the session.
func TestSingleIsGivenUp(t *testing.T) {
	ctx := testCtx(t)
	servers, _, _ := realRoot(t)
	tune := testTuning
	tune.wedged = time.Second
	stuck := make(chan struct{})
	var stick atomic.Bool
	tune.dial = func(dial wireDial) wireDial {
		return func(network, address string, timeout time.Duration) (net.Conn, error) {
			if stick.Load() {
				<-stuck
			}
			return dial(network, address, timeout)
		}
	}
	o, q := openRecorded(t, Config{Servers: servers, Logger: slog.New(slog.DiscardHandler)}, tune)
	t.Cleanup(func() { close(stuck) })
	wantErr(t, o.Sync(ctx, "/"), nil)
	stick.Store(true)
	wireOf(o.s).Kill(nil)
	q.wants("resync", "connection lost", "session over")
	_, err := o.Enter(ctx, "/n-", nil, nil)
	wantErr(t, err, ErrSessionOver)
	if st := o.Status(); !strings.Contains(st.Why, "given up") {
		t.Errorf("Status %+v", st)
	}
}
