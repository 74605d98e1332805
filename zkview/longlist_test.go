package zkview

import (
	"slices"
	"strconv"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// A long listing is that of the library, its watch fires, and the watch ends with
// the connection, so that the next reading arms it again.
func TestWatchLongChildren(t *testing.T) {
	root := zktest.Root(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	other := zktest.Connect(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr() + root})
	connected(t, s)
	ctx := testCtx(t)
	heard := listen(t, s)
	for i := range 50 {
		must(s.Create(ctx, "/n"+strconv.Itoa(i), nil, CreateOptions{}))
	}
	check := func() {
		t.Helper()
		want, wantStat, err := s.Children(ctx, "/")
		wantErr(t, err, nil)
		got, stat, err := s.WatchLongChildren(ctx, "/")
		wantErr(t, err, nil)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || stat != wantStat {
			t.Fatalf("got %d names and %+v, want %d and %+v", len(got), stat, len(want), wantStat)
		}
		if n := s.Status().Watches; n != 1 {
			t.Fatalf("%d watches are held, want 1", n)
		}
	}
	fires := func(name string) {
		t.Helper()
		must(other.Create(root+name, nil, 0, zk.WorldACL(zk.PermAll)))
		heard.await("of the watch", isEvent(ChildrenChanged, "/"))
	}
	check()
	check() // the watch is there; the reading is plain
	fires("/x")
	check()
	proxy.Cut()
	eventually(t, "the watch goes with the connection", func() bool { return s.Status().Watches == 0 })
	proxy.Heal()
	check()
	fires("/y")
	check()
	s.Unwatch(WatchRef{"/", ChildrenWatch})
	eventually(t, "the watch is removed", func() bool { return s.Status().Watches == 0 })
	_, _, err := s.WatchLongChildren(ctx, "/none")
	wantErr(t, err, ErrNoNode)
}

// FuzzDecodeListing sees that no reply makes the decoder panic or allocate more
// than it holds.
func FuzzDecodeListing(f *testing.F) {
	var e wire.Encoder
	e.Int(2)
	e.Ustring("a")
	e.Ustring("bc")
	f.Add(append(e.Bytes(), make([]byte, 68)...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x7f, 0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decodeListing(body)
		if err == nil && len(r.value)*4 > len(body) {
			t.Errorf("%d names out of %d bytes", len(r.value), len(body))
		}
	})
}
