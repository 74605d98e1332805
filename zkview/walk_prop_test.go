package zkview

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/go-zookeeper/zk"
	"pgregory.net/rapid"

	"zkdeck/internal/zktest"
	zkseed "zkdeck/internal/zktest/seed"
)

// asRead is what go-zookeeper reads of one znode.
type asRead struct {
	data     string
	children int
	stat     Stat
	err      bool
}

// readAll reads a subtree by go-zookeeper, one znode after the other.
func readAll(t *rapid.T, c *zk.Conn, path string, into map[string]asRead) {
	data, stat, err := c.Get(path)
	names, _, listErr := c.Children(path)
	if err != nil && !errors.Is(err, zk.ErrNoAuth) || listErr != nil && !errors.Is(listErr, zk.ErrNoAuth) {
		t.Fatalf("%s: %v, %v", path, err, listErr)
	}
	r := asRead{string(data), len(names), Stat{}, err != nil || listErr != nil}
	if err == nil {
		r.stat = statOf(stat)
	}
	into[path] = r
	for _, n := range names {
		readAll(t, c, join(path, n), into)
	}
}

// TestWalkIsWhatTheLibraryReads compares walks of random trees, some of whose
// znodes may not be read, with go-zookeeper's own reading.
func TestWalkIsWhatTheLibraryReads(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	c := zktest.Connect(t, addr)
	s := openTest(t, Config{Servers: addr})
	ctx := testCtx(t)
	names := append([]string{"a", "b", "lock-0000000001", "x y"}, zkseed.HostileNames...)
	trees := 0
	rapid.Check(t, func(rt *rapid.T) {
		if trees++; trees > 30 { // each is some hundred requests
			return
		}
		top := fmt.Sprintf("%s/tree-%d", root, trees)
		parents := []string{top}
		ops := []any{&zk.CreateRequest{Path: top, Acl: zk.WorldACL(zk.PermAll)}}
		made := map[string]bool{}
		for range rapid.IntRange(0, 25).Draw(rt, "znodes") {
			path := join(rapid.SampledFrom(parents).Draw(rt, "parent"), rapid.SampledFrom(names).Draw(rt, "name"))
			if made[path] || len(path) > 2000 {
				continue
			}
			made[path] = true
			r := &zk.CreateRequest{Path: path, Acl: zk.WorldACL(zk.PermAll)}
			r.Data = rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "data")
			switch rapid.IntRange(0, 9).Draw(rt, "kind") {
			case 0:
				r.Flags = zk.FlagEphemeral
			case 1:
				r.Acl = zk.WorldACL(zk.PermAll &^ zk.PermRead)
				parents = append(parents, path)
			default:
				parents = append(parents, path)
			}
			ops = append(ops, r)
		}
		if _, err := c.Multi(ops...); err != nil {
			rt.Fatal(err)
		}
		want := map[string]asRead{}
		readAll(rt, c, top, want)
		o := WalkOptions{Fast: true, Stat: rapid.Bool().Draw(rt, "stat"), Data: rapid.Bool().Draw(rt, "with data")}
		b := smallBounds(o)
		b.ops = rapid.IntRange(1, 20).Draw(rt, "ops")
		b.queue = rapid.SampledFrom([]int{0, 1 << 20}).Draw(rt, "bound")
		got := map[string]asRead{}
		_, err := s.walk(ctx, top, o, b, func(batch []Znode) error {
			for _, z := range batch {
				if _, twice := got[z.Path]; twice {
					rt.Errorf("%q twice", z.Path)
				}
				if z.Err != nil && !errors.Is(z.Err, ErrNoAuth) {
					rt.Errorf("%q: %v", z.Path, z.Err)
				}
				got[z.Path] = asRead{string(z.Data), z.Children, z.Stat, z.Err != nil}
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
		for path, r := range want {
			if !o.Data {
				r.data = ""
			}
			if !o.Data && !o.Stat {
				r.stat = Stat{}
			}
			want[path] = r
		}
		if !maps.Equal(got, want) {
			rt.Errorf("%+v: got %+v, want %+v", o, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	})
}
