package sandbox

import (
	"fmt"
	"slices"
	"testing"

	"zkdeck/zkview/wire"
)

// watchers are a rig and two connections.
func watchers(t *testing.T) (g *rig, a, b *caller, ha, hb *heard) {
	g = newRig(t, treeConfig{})
	ha, hb = &heard{}, &heard{}
	return g, &caller{session: 0xa, watcher: ha}, &caller{session: 0xb, watcher: hb}, ha, hb
}

func (g *rig) watch(by *caller, op wire.OpCode, path string) {
	g.read(by, &request{op: op, path: path, watch: true})
}

func (g *rig) set(path string) { g.do(0, request{op: wire.OpSetData, path: path, version: -1}) }

func (g *rig) rm(path string) { g.do(0, request{op: wire.OpDelete, path: path, version: -1}) }

func TestOneTimeWatches(t *testing.T) {
	g, a, b, ha, hb := watchers(t)
	g.mk("/a")
	g.watch(a, wire.OpGetData, "/a")
	g.watch(a, wire.OpExists, "/a")
	g.watch(a, wire.OpGetChildren, "/a")
	g.watch(b, wire.OpExists, "/a/b")
	g.watch(b, wire.OpGetData, "/a/b") // not there: leaves none
	g.watch(b, wire.OpGetChildren2, "/")
	g.mk("/a/b")
	told(t, ha, "children /a")
	told(t, hb, "created /a/b")
	g.set("/a")
	g.set("/a")
	told(t, ha, "changed /a")
	g.rm("/a/b")
	told(t, ha)
	g.watch(a, wire.OpGetData, "/a")
	g.watch(a, wire.OpGetChildren, "/a")
	g.do(0, request{op: wire.OpSetACL, path: "/a", acl: open, version: -1})
	told(t, ha)
	g.rm("/a")
	told(t, ha, "deleted /a") // once, though both tables had it
	told(t, hb, "children /")
	if g.watchCount() != 0 {
		t.Errorf("%d watches are left", g.watchCount())
	}
	g.do(wire.NodeExists, request{op: wire.OpCreate, path: "/", acl: open})
	told(t, hb)
}

func TestPersistentWatches(t *testing.T) {
	g, a, b, ha, hb := watchers(t)
	g.addWatch(a, &request{path: "/a", kind: 0})
	g.addWatch(b, &request{path: "/a", kind: 1})
	g.mk("/a", "/a/b", "/a/b/c", "/ab")
	told(t, ha, "created /a", "children /a")
	told(t, hb, "created /a", "created /a/b", "created /a/b/c")
	g.set("/a")
	g.set("/a/b/c")
	told(t, ha, "changed /a")
	told(t, hb, "changed /a", "changed /a/b/c")
	g.rm("/a/b/c")
	g.rm("/a/b")
	g.rm("/a")
	told(t, ha, "children /a", "deleted /a")
	told(t, hb, "deleted /a/b/c", "deleted /a/b", "deleted /a")
	g.mk("/a")
	told(t, ha, "created /a")
	told(t, hb, "created /a")

	// One event for a watcher of several znodes above.
	g.addWatch(b, &request{path: "/", kind: 1})
	g.mk("/a/b")
	told(t, hb, "created /a/b")
	g.forget(hb)
	g.forget(ha)
	g.set("/a/b")
	told(t, hb)
	if g.watches.at[onData].recursive != 0 || g.watches.at[onChildren].recursive != 0 || g.watchCount() != 0 {
		t.Error("recursive watches are counted that are gone")
	}
	if r := g.addWatch(a, &request{path: "/a", kind: 2}); r.code != wire.MarshallingError {
		t.Errorf("mode 2: %v", r.code)
	}
}

// TestOneMode: the last watch armed on a path decides how it goes on (ZOOKEEPER-4466).
func TestOneMode(t *testing.T) {
	g, a, _, ha, _ := watchers(t)
	g.mk("/a")
	g.addWatch(a, &request{path: "/a", kind: 1})
	g.watch(a, wire.OpGetData, "/a")
	g.set("/a")
	g.set("/a")
	told(t, ha, "changed /a")
	g.mk("/a/b") // the table of data has lost it, and that of children has it, for nothing but deletes
	told(t, ha)
	g.rm("/a/b")
	told(t, ha, "deleted /a/b")
	g.addWatch(a, &request{path: "/a", kind: 0})
	g.set("/a")
	g.set("/a")
	told(t, ha, "changed /a", "changed /a")
	if g.watches.at[onData].recursive != 0 || g.watches.at[onChildren].recursive != 0 {
		t.Error("recursive watches are counted that are none")
	}
}

// TestWatchesOfTheUnreadable: who may not read a znode is not told of it, and of a
// watch that fires once nothing is left all the same.
func TestWatchesOfTheUnreadable(t *testing.T) {
	g, a, b, ha, hb := watchers(t)
	secret := []wire.ACL{{Perms: permAll, Scheme: "digest", ID: "u:h"}}
	user := wire.Identity{Scheme: "digest", ID: "u:h"}
	g.me.ids = append(g.me.ids, user)
	g.addWatch(a, &request{path: "/", kind: 1})
	g.watch(b, wire.OpExists, "/s")
	g.do(0, request{op: wire.OpCreate, path: "/s", acl: secret})
	g.mk("/s/open")
	told(t, ha, "created /s/open")
	told(t, hb)
	_, paths, _ := g.watchCounts()
	if paths != 1 {
		t.Errorf("%d paths are watched", paths)
	}
	a.ids = append(a.ids, user)
	g.authenticated(a)
	g.set("/s")
	g.rm("/s/open")
	told(t, ha, "changed /s", "deleted /s/open")

	g.watch(b, wire.OpExists, "/s")
	b.ids = append(b.ids, wire.Identity{Scheme: "super"})
	g.watch(b, wire.OpExists, "/other") // arming tells the ids too
	g.rm("/s")
	told(t, ha, "deleted /s")
	told(t, hb, "deleted /s")
}

func TestRemoveWatches(t *testing.T) {
	g, a, b, ha, _ := watchers(t)
	g.mk("/a")
	ask := func(by *caller, kind int32, path string, check, remove wire.Code) {
		t.Helper()
		r := &request{path: path, kind: kind}
		if got := g.checkWatches(by, r); got.code != check {
			t.Errorf("checkWatches %s %d: %v, want %v", path, kind, got.code, check)
		}
		if got := g.removeWatches(by, r); got.code != remove {
			t.Errorf("removeWatches %s %d: %v, want %v", path, kind, got.code, remove)
		}
	}
	g.watch(a, wire.OpGetData, "/a")
	g.watch(a, wire.OpGetChildren, "/a")
	ask(b, 3, "/a", 0, wire.NoWatcher) // 3.8.0 sees the watches of others
	ask(a, 3, "/b", wire.NoWatcher, wire.NoWatcher)
	ask(a, 4, "/a", wire.MarshallingError, wire.MarshallingError)
	ask(a, 3, "a", wire.MarshallingError, wire.NoWatcher)
	ask(a, 3, "", wire.NoWatcher, wire.NoWatcher)
	ask(a, 1, "/a", 0, 0)
	ask(a, 1, "/a", wire.NoWatcher, wire.NoWatcher)
	ask(a, 2, "/a", 0, 0)
	g.addWatch(a, &request{path: "/a", kind: 1})
	ask(a, 2, "/a", 0, 0)
	g.mk("/a/b")
	told(t, ha)
	ask(a, 3, "/a", 0, 0)
	ask(a, 3, "/a", wire.NoWatcher, wire.NoWatcher)
	g.rm("/a/b")
	told(t, ha)
}

func TestSetWatches(t *testing.T) {
	g, a, _, ha, _ := watchers(t)
	g.mk("/old", "/changed", "/parent", "/gone")
	since := g.lastZxid()
	g.set("/changed")
	g.mk("/parent/x", "/new")
	g.rm("/gone")
	g.setWatches(a, &setWatches{
		since: since,
		data:  []string{"/old", "/changed", "/parent", "/gone"},
		exist: []string{"/new", "/never", "/gone"},
		child: []string{"/old", "/parent", "/gone"}, persistent: []string{"/gone", "/old"}, recursive: []string{"/new"},
	})
	told(t, ha, "changed /changed", "deleted /gone", "created /new", "children /parent", "deleted /gone")
	g.set("/parent")
	g.set("/old")
	g.set("/old")
	g.mk("/never", "/new/x", "/gone", "/parent/y")
	told(t, ha, "changed /parent", "changed /old", "changed /old", "created /never", "created /new/x", "created /gone")
	g.setWatches(&caller{}, &setWatches{data: []string{"/no"}})
}

func TestWatchReports(t *testing.T) {
	g, a, b, _, hb := watchers(t)
	g.mk("/a", "/b")
	g.watch(a, wire.OpGetData, "/a")
	g.watch(a, wire.OpExists, "/b")
	g.watch(b, wire.OpGetData, "/a")
	g.watch(b, wire.OpGetChildren, "/a")
	said := func() string {
		c, p, n := g.watchCounts()
		return fmt.Sprint(c, p, n, g.watchCount(), g.watchesByPath(), g.watchesBySession())
	}
	if got, want := said(), "2 2 3 4 map[/a:[10 11] /b:[10]] map[10:[/a /b] 11:[/a]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	g.set("/a") // b has no path any more, and is still counted
	if got, want := said(), "2 1 1 2 map[/b:[10]] map[10:[/b] 11:[]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	g.forget(hb)
	if got, want := said(), "1 1 1 1 map[/b:[10]] map[10:[/b]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestManyWatchers: of a thousand on one path each is told once.
func TestManyWatchers(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a")
	all := make([]*heard, 1000)
	for i := range all {
		all[i] = &heard{}
		by := &caller{session: int64(i + 1), watcher: all[i]}
		g.watch(by, wire.OpGetChildren, "/a")
		g.watch(by, wire.OpGetData, "/a")
		if i%2 == 0 {
			g.forget(all[i])
		}
	}
	g.rm("/a")
	for i, h := range all {
		want := []string{"deleted /a"}
		if i%2 == 0 {
			want = nil
		}
		if got := h.take(); !slices.Equal(got, want) {
			t.Fatalf("watcher %d was told %q", i, got)
		}
	}
}
