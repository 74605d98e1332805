package zkview

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
	"pgregory.net/rapid"
)

// randomServerTree creates a tree of some znodes below a new znode and returns its path.
func randomServerTree(t *rapid.T, conn *zk.Conn, root string) string {
	ops := []any{}
	add := func(path string, data []byte, flags int32, acl []zk.ACL) {
		ops = append(ops, &zk.CreateRequest{Path: path, Data: data, Acl: acl, Flags: flags})
	}
	top, err := conn.Create(root+"/tree-", nil, zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatal(err)
	}
	dirs := []string{top}
	for i := range rapid.IntRange(0, 30).Draw(t, "znodes") {
		path := fmt.Sprintf("%s/%s-%d", rapid.SampledFrom(dirs).Draw(t, "parent"), rapid.SampledFrom([]string{"a", "lock", "é"}).Draw(t, "name"), i)
		data := make([]byte, rapid.IntRange(0, 50).Draw(t, "bytes"))
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			add(path, data, zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
		case 1:
			add(path, data, 0, []zk.ACL{{Perms: zk.PermCreate, Scheme: "world", ID: "anyone"}})
			dirs = append(dirs, path)
		default:
			add(path, data, 0, zk.WorldACL(zk.PermAll))
			dirs = append(dirs, path)
		}
	}
	if len(ops) > 0 {
		if _, err := conn.Multi(ops...); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// readUsage sums up with a request a znode, and collects the paths.
func readUsage(t *rapid.T, conn *zk.Conn, path string, paths *[]string) Usage {
	*paths = append(*paths, path)
	u := Usage{Path: path, Znodes: 1}
	data, stat, err := conn.Get(path)
	if errors.Is(err, zk.ErrNoAuth) {
		u.Unread = 1
		return u
	}
	names, _, listErr := conn.Children(path)
	if err := errors.Join(err, listErr); err != nil {
		t.Fatal(err)
	}
	u.Own, u.Bytes, u.Children = int64(len(data)), int64(len(data)), len(names)
	if stat.EphemeralOwner != 0 {
		u.Ephemerals = 1
	}
	for _, n := range names {
		k := readUsage(t, conn, join(path, n), paths)
		u.Znodes += k.Znodes
		u.Bytes += k.Bytes
		u.Ephemerals += k.Ephemerals
		u.Unread += k.Unread
	}
	return u
}

func TestUsagesAndFindOfServer(t *testing.T) {
	conn := zktest.Connect(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: zktest.Shared(t)})
	root := zktest.Root(t)
	q := must(ParseQuery("lock -is:ephemeral"))
	rapid.Check(t, func(rt *rapid.T) {
		top := randomServerTree(rt, conn, root)
		var paths []string
		want := readUsage(rt, conn, top, &paths)
		u := NewUsages(top)
		p, err := s.Walk(testCtx(t), top, WalkOptions{Stat: true, Fast: true}, func(batch []Znode) error {
			u.Add(batch)
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
		if got, _ := u.Of(top); got != want || p.Unread != want.Unread {
			rt.Fatalf("%+v, want %+v, %d unread", got, want, p.Unread)
		}

		var hits, wantHits []string
		if _, err := s.Find(testCtx(t), top, q, WalkOptions{Fast: true}, func(batch []Hit) error {
			for _, h := range batch {
				hits = append(hits, h.Path)
			}
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
		for _, path := range paths {
			_, stat, err := conn.Get(path)
			if _, ok := q.Match(Znode{Path: path, Stat: statOf(stat)}, queryNow); ok && err == nil {
				wantHits = append(wantHits, path)
			}
		}
		slices.Sort(hits)
		slices.Sort(wantHits)
		if !slices.Equal(hits, wantHits) {
			rt.Fatalf("found %q, want %q", hits, wantHits)
		}
	})
}

// TestFindEnds sees that found can end the search, and that a root must exist.
func TestFindEnds(t *testing.T) {
	s := openTest(t, Config{Servers: zktest.Shared(t)})
	enough := errors.New("enough")
	if _, err := s.Find(testCtx(t), "/", Query{}, WalkOptions{}, func([]Hit) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("ended with %v", err)
	}
	_, err := s.Find(testCtx(t), "/no-such-znode", Query{}, WalkOptions{}, func([]Hit) error { return nil })
	wantErr(t, err, ErrNoNode)
}
