package zkview

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// serverWatches is the number of watches that the server says it holds.
func serverWatches(t *testing.T, addr string) int {
	t.Helper()
	text, err := wire.FourLetter(testCtx(t), func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}, "mntr")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "zk_watch_count" {
			return must(strconv.Atoi(f[1]))
		}
	}
	t.Fatalf("no zk_watch_count in %s", text)
	return 0
}

func countOps(s *Session, match func(OpEntry) bool) int {
	n := 0
	for _, e := range s.Ops().Since(0) {
		if match(e) {
			n++
		}
	}
	return n
}

func TestOneWatchForAPathAndKind(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	s := openTest(t, Config{Servers: ens.Addr()})
	sub := listen(t, s)
	must(s.Create(ctx, "/a", nil, CreateOptions{}))
	var all sync.WaitGroup
	for i := range 40 {
		all.Add(1)
		go func() {
			defer all.Done()
			var err error
			switch i % 3 {
			case 0:
				_, err = s.WatchStat(ctx, "/a")
			case 1:
				_, _, err = s.WatchData(ctx, "/a")
			default:
				_, _, err = s.WatchChildren(ctx, "/a")
			}
			if err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	armed := countOps(s, func(e OpEntry) bool { return e.Watch })
	if held := s.Status().Watches; armed != 2 || held != 2 || serverWatches(t, ens.Addr()) != 2 {
		t.Errorf("%d requests armed, %d held, %d on the server; want 2 of each", armed, held, serverWatches(t, ens.Addr()))
	}
	// Each change uses one up, and re-arming leaves one.
	for v := range int32(20) {
		must(s.Set(ctx, "/a", nil, v))
		sub.await("changed", isEvent(DataChanged, "/a"))
		eventually(t, "spent", func() bool { return s.Status().Watches == 1 })
		must(s.WatchStat(ctx, "/a"))
	}
	if err := s.Delete(ctx, "/a", -1); err != nil {
		t.Fatal(err)
	}
	sub.await("deleted", isEvent(Deleted, "/a"))
	eventually(t, "no watch is left", func() bool {
		return s.Status().Watches == 0 && serverWatches(t, ens.Addr()) == 0
	})
	// No watch is left by a failed read, but by a failed exists there is.
	_, _, err := s.WatchData(ctx, "/a")
	wantErr(t, err, ErrNoNode)
	_, _, err = s.WatchChildren(ctx, "/a")
	wantErr(t, err, ErrNoNode)
	_, err = s.WatchStat(ctx, "/a")
	wantErr(t, err, ErrNoNode)
	if held := s.Status().Watches; held != 1 || serverWatches(t, ens.Addr()) != 1 {
		t.Errorf("%d watches, want the one of exists", held)
	}
}

func TestUnwatch(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 1)
	tune := testTuning
	tune.linger = time.Hour // which passes when the test says so
	s := openTuned(t, Config{Servers: ens.Addr()}, tune)
	sub := listen(t, s)
	var refs []WatchRef
	for i := range 50 {
		path := fmt.Sprintf("/n%d", i)
		must(s.Create(ctx, path, nil, CreateOptions{}))
		must(s.WatchStat(ctx, path))
		_, _, err := s.WatchChildren(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, WatchRef{path, DataWatch}, WatchRef{path, ChildrenWatch})
	}
	_, err := s.WatchStat(ctx, "/missing")
	wantErr(t, err, ErrNoNode)
	refs = append(refs, WatchRef{"/missing", DataWatch}, WatchRef{"/never", DataWatch})
	if n := serverWatches(t, ens.Addr()); n != 101 {
		t.Fatalf("%d watches on the server, want 101", n)
	}
	s.Unwatch(refs...)
	must(s.WatchStat(ctx, "/n7")) // wanted again within the linger time: no new request
	s.mu.Lock()
	table := s.link.watches
	s.mu.Unlock()
	table.mu.Lock()
	for _, w := range table.table {
		if !w.unwanted.IsZero() {
			w.unwanted = w.unwanted.Add(-tune.linger)
		}
	}
	table.mu.Unlock()
	s.sweep()
	eventually(t, "only one is left", func() bool { return s.Status().Watches == 1 && serverWatches(t, ens.Addr()) == 1 })
	if n := countOps(s, func(e OpEntry) bool { return e.Watch && e.Path == "/n7" && e.Op == "exists" }); n != 1 {
		t.Errorf("/n7 was armed %d times, want 1", n)
	}
	sub.await("removed", isEvent(Removed, "/n8"))

	// The library has forgotten them too: a reconnect does not bring them back.
	s.mu.Lock()
	conn := s.link.wire
	s.mu.Unlock()
	conn.Kill(errors.New("a test"))
	eventually(t, "reconnected", func() bool { return s.Status().Generation == 2 })
	eventually(t, "the one watch is there again", func() bool { return serverWatches(t, ens.Addr()) == 1 })
	must(s.Set(ctx, "/n7", nil, 0))
	sub.await("changed", isEvent(DataChanged, "/n7"))
	// And one that was removed can be armed again.
	must(s.WatchStat(ctx, "/n8"))
	must(s.Set(ctx, "/n8", nil, 0))
	sub.await("changed", isEvent(DataChanged, "/n8"))
}

// Fault A: of many watches, all events of changes during an outage arrive.
func TestNoEventIsLostOverAReconnect(t *testing.T) {
	ctx := testCtx(t)
	addr := zktest.Shared(t)
	root := zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 40 * time.Second})
	sub := listen(t, s)
	other := openTest(t, Config{Servers: addr + root})
	const n = 9000 // three batches of setWatches
	path := func(i int) string { return fmt.Sprintf("/a-name-of-some-length-%08d", i) }
	parallel(t, n, func(i int) error {
		_, err := other.Create(ctx, path(i), nil, CreateOptions{})
		return err
	})
	parallel(t, n, func(i int) error { _, err := s.WatchStat(ctx, path(i)); return err })
	proxy.Cut()
	eventually(t, "suspended", inState(s, Suspended))
	parallel(t, n, func(i int) error { _, err := other.Set(ctx, path(i), nil, 0); return err })
	// Requests wait for the connection, as the library would send them first.
	var busy sync.WaitGroup
	for range 300 {
		busy.Add(1)
		go func() {
			defer busy.Done()
			if _, err := s.Stat(ctx, "/"); err != nil {
				t.Error(err)
			}
		}()
	}
	proxy.Heal()
	seen := map[string]bool{}
	resync := false
	for len(seen) < n || !resync {
		events, err := sub.Next(ctx)
		if err != nil {
			t.Fatalf("%d of %d events came: %v", len(seen), n, err)
		}
		for _, e := range events {
			switch e.Kind {
			case DataChanged:
				seen[e.Path] = true
			case Resync:
				resync = true
			default:
			}
		}
	}
	busy.Wait()
}

// parallel runs f for 0 to n-1, on 64 goroutines.
func parallel(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	for k := range 64 {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := k; i < n; i += 64 {
				if err := f(i); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	all.Wait()
}

// beside is parallel beside the test, which does not end before it: what f changes may be
// seen before f knows.
func beside(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	all.Go(func() { parallel(t, n, f) })
	t.Cleanup(all.Wait)
}

func TestWatchTableEventBeforeTheReply(t *testing.T) {
	table := newWatchTable(&followSet{})
	ref := WatchRef{"/a", DataWatch}
	todo, w := table.claim(ref)
	if todo != arm {
		t.Fatalf("claim = %d, want to arm", todo)
	}
	if again, _ := table.claim(ref); again != wait {
		t.Fatalf("claim = %d, want to wait", again)
	}
	table.fire(ref) // the event overtakes the caller
	table.settle(ref, w, make(chan zk.Event, 1), false)
	if todo, w = table.claim(ref); todo != arm {
		t.Fatal("a watch that has fired counts as armed")
	}
	fires := make(chan zk.Event, 1)
	fires <- zk.Event{}
	table.settle(ref, w, fires, false) // the library knows already
	if todo, _ = table.claim(ref); todo != arm {
		t.Fatal("a watch that has fired counts as armed")
	}
}

func TestWatchesOfOldServersAreKeptAndCapped(t *testing.T) {
	table := newWatchTable(&followSet{})
	refs := make([]WatchRef, spareWatches)
	for i := range refs {
		refs[i] = WatchRef{fmt.Sprint("/", i), DataWatch}
		_, w := table.claim(refs[i])
		table.settle(refs[i], w, make(chan zk.Event, 1), false)
	}
	table.unwant(refs)
	extra := WatchRef{"/extra", DataWatch}
	if todo, _ := table.claim(extra); todo != plain {
		t.Error("a watch more than may be kept")
	}
	if todo, _ := table.claim(refs[0]); todo != plain || table.spare != spareWatches-1 {
		t.Error("a kept watch is not used again")
	}
	if todo, _ := table.claim(extra); todo != arm {
		t.Error("no watch, though there is room again")
	}
}
