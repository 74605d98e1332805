package zkview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

// opsOf counts the requests of a kind that were sent so far.
func opsOf(s *Session, op string) int {
	return countOps(s, func(e OpEntry) bool { return e.Op == op })
}

func TestReadMany(t *testing.T) {
	addr, root, ctx := zktest.Shared(t), zktest.Root(t), testCtx(t)
	c := zktest.Connect(t, addr)
	makeTree(t, c, root, "/a", "/a/b", "/denied")
	must(c.Create(root+"/empty", nil, 0, zk.WorldACL(zk.PermAll)))
	must(c.SetACL(root+"/denied", zk.WorldACL(zk.PermAdmin), -1))
	s := openTest(t, Config{Servers: addr + root})

	paths := []string{"/a/b", "/none", "/a", "no path", "/a/b", "/empty", "/denied", "/", "/a/"}
	got := must(s.ReadMany(ctx, paths, 3))
	if len(got) != len(paths) {
		t.Fatalf("%+v", got)
	}
	wants := []error{nil, ErrNoNode, nil, ErrBadPath, nil, nil, ErrNoAuth, nil, ErrBadPath}
	for i, z := range got {
		if z.Path != paths[i] || !errors.Is(z.Err, wants[i]) {
			t.Errorf("%d: %+v, want %v", i, z, wants[i])
		}
		var about *OpError
		if z.Err != nil && (!errors.As(z.Err, &about) || about.Path != paths[i]) {
			t.Errorf("%d: %v", i, z.Err)
		}
		if known := z.Stat.Czxid != 0; known != (z.Err == nil || i == 6) {
			t.Errorf("%d: %+v", i, z.Stat)
		}
	}
	if string(got[0].Data) != "/a/" || got[0].Stat.DataLength != 4 || got[2].Children != 1 || string(got[2].Data) != "/a" || len(got[5].Data) != 0 {
		t.Errorf("%+v", got)
	}
	got[0].Data[0] = 'x'
	if string(got[4].Data) != "/a/" {
		t.Error("two answers share their bytes")
	}
	if got = must(s.ReadMany(ctx, []string{"/a/b"}, 0)); string(got[0].Data) != "/a/b" {
		t.Errorf("%+v", got)
	}
	if got = must(s.ReadMany(ctx, nil, 0)); len(got) != 0 {
		t.Errorf("%+v", got)
	}

	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.ReadMany(ended, paths, 0)
	wantErr(t, err, context.Canceled)
	s.Close()
	_, err = s.ReadMany(ctx, paths, 0)
	wantErr(t, err, ErrClosed)
}

// manyNodes makes n znodes and returns their paths below the root.
func manyNodes(t *testing.T, root string, n int) []string {
	t.Helper()
	c := zktest.Connect(t, zktest.Shared(t))
	paths := make([]string, n)
	for i := range paths {
		paths[i] = fmt.Sprintf("/n-%d", i)
	}
	for part := range slices.Chunk(paths, 500) {
		ops := make([]any, len(part))
		for i, path := range part {
			ops[i] = &zk.CreateRequest{Path: root + path, Data: []byte(path), Acl: zk.WorldACL(zk.PermAll)}
		}
		must(c.Multi(ops...))
	}
	return paths
}

func checkMany(t *testing.T, paths []string, got []Znode) {
	t.Helper()
	for i, z := range got {
		if z.Path != paths[i] || z.Err != nil || string(z.Data) != paths[i] {
			t.Fatalf("%d: %+v, want %s", i, z, paths[i])
		}
	}
}

// Many are read by few requests, on an old server by one each.
func TestReadManyRequests(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	paths := manyNodes(t, root, 3000)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	checkMany(t, paths, must(s.ReadMany(ctx, paths, 0)))
	if n := opsOf(s, "multiRead"); n > 40 || opsOf(s, "getData") != 0 {
		t.Errorf("%d multiReads, %d getData", n, opsOf(s, "getData"))
	}
	p := (&frameProxy{upstream: zktest.Shared(t), srvr: srvr34, refuses: youngerThan34}).start(t)
	old := openTest(t, Config{Servers: p.addr + root})
	checkMany(t, paths[:500], must(old.ReadMany(ctx, paths[:500], 0)))
	if n := p.count(youngerThan34); n != 0 {
		t.Errorf("%d requests that the server does not know", n)
	}
}

// A connection that is lost meanwhile is waited for.
func TestReadManyOverAReconnect(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	paths := manyNodes(t, root, 50)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr() + root})
	must(s.ReadMany(ctx, paths[:1], 0))
	proxy.Cut()
	eventually(t, "suspend", inState(s, Suspended))
	type answer struct {
		got []Znode
		err error
	}
	done := make(chan answer)
	go func() {
		got, err := s.ReadMany(ctx, paths, 0)
		done <- answer{got, err}
	}()
	proxy.Heal()
	a := <-done
	do(t, a.err)
	checkMany(t, paths, a.got)
}

// A long value is read once, and then only if it has become short.
func TestReadManyBig(t *testing.T) {
	addr, root, ctx := zktest.Shared(t), zktest.Root(t), testCtx(t)
	c := zktest.Connect(t, addr)
	long := bytes.Repeat([]byte("0123456789"), 10_000)
	must(c.Create(root+"/big", long, 0, zk.WorldACL(zk.PermAll)))
	must(c.Create(root+"/small", []byte("s"), 0, zk.WorldACL(zk.PermAll)))
	s := openTest(t, Config{Servers: addr + root})
	paths := []string{"/small", "/big"}
	read := func() []byte {
		t.Helper()
		got := must(s.ReadMany(ctx, paths, 300))
		if got[0].Err != nil || got[1].Err != nil || string(got[0].Data) != "s" || got[1].Stat.Czxid == 0 {
			t.Fatalf("%+v", got)
		}
		return got[1].Data
	}
	if got := read(); !bytes.Equal(got, long[:300]) {
		t.Errorf("%d bytes", len(got))
	}
	in := s.Status().BytesIn
	if got := read(); !bytes.Equal(got, long[:256]) {
		t.Errorf("%d bytes the second time", len(got))
	}
	must(c.Set(root+"/big", long[5:], -1))
	if got := read(); got != nil {
		t.Errorf("%d bytes of one that has changed", len(got))
	}
	if got := s.Status().BytesIn - in; got > HeldAction {
		t.Errorf("%d bytes were transferred", got)
	}
	must(c.Set(root+"/big", []byte("short"), -1))
	if got := read(); string(got) != "short" {
		t.Errorf("%q", got)
	}
	must(c.Set(root+"/big", long, -1))
	if got := read(); !bytes.Equal(got, long[:300]) {
		t.Errorf("%d bytes of one that was short", len(got))
	}
	do(t, c.Delete(root+"/big", -1))
	if got := must(s.ReadMany(ctx, paths, 0)); !errors.Is(got[1].Err, ErrNoNode) {
		t.Errorf("%+v", got[1])
	}
}

func TestBigValuesAreBounded(t *testing.T) {
	var b bigValues
	for i := range 3 * bigKept {
		b.note(Znode{Path: fmt.Sprint("/", i), Stat: Stat{DataLength: HeldAction + 1, Mzxid: 7}, Data: []byte(strings.Repeat("x", 1000))})
	}
	last := fmt.Sprint("/", 3*bigKept-1)
	if len(b.known) != bigKept || len(b.head(last, 7)) != bigHead || b.head(last, 8) != nil {
		t.Errorf("%d values", len(b.known))
	}
}

// A person's reading goes before what is done in the background.
func TestReadManyClass(t *testing.T) {
	root, ctx := zktest.Root(t), testCtx(t)
	paths := manyNodes(t, root, 3)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	must(s.ReadMany(ctx, paths, 0))
	for range backgroundLimit {
		defer must(s.limiter.acquire(Background(ctx)))()
	}
	checkMany(t, paths, must(s.ReadMany(ctx, paths, 0)))
	waits, cancel := context.WithCancel(ctx)
	done := make(chan error)
	go func() {
		_, err := s.ReadMany(Background(waits), paths, 0)
		done <- err
	}()
	eventually(t, "wait for a slot", func() bool {
		s.limiter.mu.Lock()
		defer s.limiter.mu.Unlock()
		return s.limiter.background.Len() == 1
	})
	cancel()
	wantErr(t, <-done, context.Canceled)
}
