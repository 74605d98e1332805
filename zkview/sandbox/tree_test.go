package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zkdeck/zkview/wire"
)

func TestFreshTree(t *testing.T) {
	g := newRig(t, treeConfig{})
	for path, want := range map[string]wire.Stat{
		"/":                 {Cversion: -1, NumChildren: 1},
		"/zookeeper":        {Cversion: -2, NumChildren: 2},
		"/zookeeper/quota":  {},
		"/zookeeper/config": {Aversion: -1},
	} {
		if got := g.stat(path); got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
	}
	if n, bytes, _, _ := g.count(); n != 5 || bytes != 44 {
		t.Errorf("%d znodes of %d bytes, want 5 of 44 as the real server has", n, bytes)
	}
	acl := g.read(g.me, &request{op: wire.OpGetACL, path: "/zookeeper/config"}).acl
	if want := []wire.ACL{{Perms: permRead, Scheme: "world", ID: "anyone"}}; !slices.Equal(acl, want) {
		t.Errorf("config has ACL %v", acl)
	}
	g.sound()
	g.setConfig("version=0")
	if s := g.stat("/zookeeper/config"); s.Version != -1 || s.DataLength != 9 {
		t.Errorf("config: %+v", s)
	}
	g.sound()
}

func TestStat(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a") // 1
	g.at.add(time.Second)
	g.mk("/a/x", "/a/y")                                                        // 2, 3
	g.do(0, request{op: wire.OpSetData, path: "/a", version: 0})                // 4
	g.do(0, request{op: wire.OpDelete, path: "/a/x", version: -1})              // 5
	g.do(0, request{op: wire.OpSetACL, path: "/a", acl: open})                  // 6
	g.do(wire.NoNode, request{op: wire.OpDelete, path: "/b"})                   // 7
	g.do(wire.BadVersion, request{op: wire.OpDelete, path: "/a/y", version: 3}) // 8
	ms := g.at.now().UnixMilli()
	want := wire.Stat{
		Czxid: 1, Mzxid: 4, Pzxid: 5, CtimeMS: ms - 1000, MtimeMS: ms,
		Version: 1, Cversion: 3, Aversion: 1, NumChildren: 1,
	}
	if got := g.stat("/a"); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if g.lastZxid() != 8 {
		t.Errorf("zxid %d", g.lastZxid())
	}
	a := g.read(g.me, &request{op: wire.OpGetData, path: "/a"})
	if a.data != nil || a.zxid != 8 {
		t.Errorf("null data came back as %v with zxid %d", a.data, a.zxid)
	}
}

func TestReads(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a", "/a/b", "/a/b/c", "/ab")
	g.do(0, request{op: wire.OpCreate, path: "/a/e", flags: 1, acl: open})
	g.do(0, request{op: wire.OpCreate, path: "/e2", flags: 1, acl: open})
	for path, want := range map[string]int32{"": 10, "/": 9, "/a": 3, "/a/b": 1, "/ab": 0} {
		if a := g.read(g.me, &request{op: wire.OpGetAllChildrenNumber, path: path}); a.number != want || a.code != 0 {
			t.Errorf("getAllChildrenNumber %q: %d (%v), want %d", path, a.number, a.code, want)
		}
	}
	for prefix, want := range map[string]string{"": "/a/e /e2", " / ": "/a/e /e2", "/a": "/a/e", "/e": "/e2", "/x": ""} {
		a := g.read(g.me, &request{op: wire.OpGetEphemerals, path: prefix})
		if got := strings.Join(a.names, " "); got != want {
			t.Errorf("getEphemerals %q: %q, want %q", prefix, got, want)
		}
	}
	for _, path := range []string{"/a/", "//a", "a", "/a//b", "/no", "/a/b/c/d"} {
		for _, op := range []wire.OpCode{wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2, wire.OpGetACL, wire.OpGetAllChildrenNumber} {
			if a := g.read(g.me, &request{op: op, path: path}); a.code != wire.NoNode {
				t.Errorf("%v %q: %v", op, path, a.code)
			}
		}
	}
	if a := g.read(g.me, &request{op: wire.OpExists, path: "/a\x00"}); a.code != wire.BadArguments {
		t.Errorf("exists with a NUL: %v", a.code)
	}
	if a := g.read(g.me, &request{op: wire.OpSync, path: "/no"}); a.code != 0 || a.path != "/no" {
		t.Errorf("sync: %+v", a)
	}
	a := g.read(g.me, &request{op: wire.OpMultiRead, ops: []request{
		{op: wire.OpGetData, path: "/a", watch: true}, {op: wire.OpGetData, path: "/no"}, {op: wire.OpGetChildren, path: "/a"},
	}})
	if string(a.results[0].data) != "/a" || a.results[1].op != wire.OpError || a.results[1].code != wire.NoNode ||
		len(a.results[2].names) != 2 || a.code != 0 {
		t.Errorf("multiRead: %+v", a)
	}
	if g.watchCount() != 0 {
		t.Error("multiRead left a watch")
	}
	a = g.read(g.me, &request{op: wire.OpMultiRead, ops: []request{{op: wire.OpExists, path: "/a"}}})
	if a.code != wire.MarshallingError {
		t.Errorf("multiRead with exists: %v", a.code)
	}
}

// TestChildren adds and takes away in every order of magnitude of the hash table.
func TestChildren(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a")
	name := func(i int) string { return fmt.Sprintf("/a/n%d", i) }
	const many = 3000
	for i := range many {
		g.mk(name(i))
	}
	for i := range many {
		// 7 has no factor in common with many: all are met, not in order.
		k := i * 7 % many
		g.do(0, request{op: wire.OpDelete, path: name(k), version: -1})
		if g.find(name(k)) != nil {
			t.Fatalf("%s is still there", name(k))
		}
		if i%97 == 0 || i > many-20 {
			g.sound()
		}
	}
	if s := g.stat("/a"); s.NumChildren != 0 || s.Cversion != 2*many {
		t.Errorf("%+v", s)
	}
	if g.find("/a").kids != nil {
		t.Error("a leaf holds a list of children")
	}
}

// TestChildrenComeAndGo holds the children against a map while their number swings
// over the one from which they are hashed.
func TestChildrenComeAndGo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, want := &children{}, map[string]*node{}
		for range 20 {
			grow := rapid.Bool().Draw(rt, "grow")
			for range rapid.IntRange(0, 40).Draw(rt, "steps") {
				name := fmt.Sprintf("n%d", rapid.IntRange(0, 99).Draw(rt, "n"))
				if !grow {
					if got := c.remove(name); got != want[name] {
						rt.Fatalf("remove %s: %v, want %v", name, got, want[name])
					}
					delete(want, name)
				} else if want[name] == nil {
					want[name] = &node{name: name}
					c.add(want[name])
				}
			}
			for n := range 100 {
				name := fmt.Sprintf("n%d", n)
				if got := c.get(name); got != want[name] {
					rt.Fatalf("get %s: %v, want %v", name, got, want[name])
				}
			}
			if len(c.list) != len(want) {
				rt.Fatalf("%d children, want %d", len(c.list), len(want))
			}
		}
	})
}

func TestCloseSession(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/p")
	g.do(0, request{op: wire.OpCreate, path: "/p/b", flags: 1, acl: open})
	g.do(0, request{op: wire.OpCreate, path: "/p/a", flags: 1, acl: open})
	g.do(0, request{op: wire.OpCreate, path: "/p/c", flags: 1, acl: open})
	g.do(0, request{op: wire.OpDelete, path: "/p/c", version: -1})
	other := &caller{session: 7, watcher: &heard{}}
	g.doBy(0, other, request{op: wire.OpCreate, path: "/p/o", flags: 1, acl: open})
	if got := g.stat("/p/o").EphemeralOwner; got != 7 {
		t.Errorf("owner %x", got)
	}
	w := &heard{}
	g.addWatch(&caller{session: 9, watcher: w}, &request{op: wire.OpAddWatch, path: "/", kind: 1})
	if zxid := g.closeSession(g.me.session); zxid != g.stat("/p").Pzxid {
		t.Errorf("closed with zxid %d, and /p has %+v", zxid, g.stat("/p"))
	}
	told(t, w, "deleted /p/a", "deleted /p/b")
	if got := g.ephemeralSessions(); !slices.Equal(got, []int64{7}) {
		t.Errorf("sessions %v", got)
	}
	g.closeSession(7)
	g.sound()
}

func TestMemoryLimit(t *testing.T) {
	g := newRig(t, treeConfig{maxMemory: 5000})
	big := make([]byte, 3000)
	g.mk("/a")
	g.do(0, request{op: wire.OpSetData, path: "/a", data: big, version: -1})
	g.do(wire.SystemError, request{op: wire.OpCreate, path: "/b", data: big, acl: open})
	g.do(wire.SystemError, request{op: wire.OpSetData, path: "/a", data: make([]byte, 6000), version: -1})
	a := g.do(0, request{op: wire.OpMulti, ops: []request{
		{op: wire.OpCreate, path: "/b", data: big[:700], acl: open},
		{op: wire.OpCreate, path: "/c", data: big[:700], acl: open},
	}})
	if a.results[1].code != wire.SystemError || g.find("/b") != nil {
		t.Errorf("a multi went over the limit: %+v", a.results)
	}
	g.do(0, request{op: wire.OpSetData, path: "/a", version: -1})
	g.do(0, request{op: wire.OpCreate, path: "/b", data: big, acl: open})
	g.sound()
}
