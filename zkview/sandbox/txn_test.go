package sandbox

import (
	"math"
	"slices"
	"testing"

	"zkdeck/zkview/wire"
)

// TestErrorOrder holds which of several things that are wrong is told.
func TestErrorOrder(t *testing.T) {
	closed := []wire.ACL{{Perms: permAll, Scheme: "digest", ID: "u:h"}}
	bad := []wire.ACL{{Perms: permAll, Scheme: "nope", ID: "x"}}
	g := newRig(t, treeConfig{})
	g.mk("/a", "/a/b", "/v")
	g.do(0, request{op: wire.OpCreate, path: "/e", flags: 1, acl: open})
	g.do(0, request{op: wire.OpCreate, path: "/shut", acl: open})
	g.mk("/shut/in")
	g.do(0, request{op: wire.OpSetACL, path: "/shut", acl: closed, version: -1})
	create := func(path string, flags int32, acl []wire.ACL) request {
		return request{op: wire.OpCreate, path: path, flags: flags, acl: acl}
	}
	for _, c := range []struct {
		want wire.Code
		r    request
	}{
		{wire.BadArguments, create("/no/x", 9, nil)},
		{wire.BadArguments, create("/no/x", -1, nil)},
		{wire.BadArguments, create("/no/x", 5, nil)},
		{wire.BadArguments, create("none", 0, nil)},
		{wire.BadArguments, create("/a\x00", 0, nil)},
		{wire.InvalidACL, create("/no/x", 0, nil)},
		{wire.InvalidACL, create("/no/x", 0, bad)},
		{wire.NoNode, create("/no/x/", 0, open)},
		{wire.NoNode, create("x/y", 0, open)},
		{wire.NoAuth, create("/shut/.", 0, open)},
		{wire.NoAuth, create("/shut/in", 0, open)},
		{wire.BadArguments, create("/a/.", 0, open)},
		{wire.BadArguments, create("/a/", 0, open)},
		{wire.BadArguments, create("/a/\u0007", 0, open)},
		{wire.BadArguments, create("/a/\U0001f600", 0, open)},
		{wire.BadArguments, create("/e/", 0, open)},
		{wire.NodeExists, create("/a/b", 0, open)},
		{wire.NodeExists, create("/", 0, open)},
		{wire.NoChildrenForEphemerals, create("/e/x", 0, open)},
		{wire.BadArguments, request{op: wire.OpCreateTTL, path: "/no/x", flags: 5}},
		{wire.BadArguments, request{op: wire.OpCreateTTL, path: "/no/x", flags: 0, ttl: 5}},
		{wire.BadArguments, request{op: wire.OpCreateTTL, path: "/no/x", flags: 5, ttl: 1 << 40}},

		{wire.BadArguments, request{op: wire.OpDelete, path: "/"}},
		{wire.BadArguments, request{op: wire.OpDelete, path: ""}},
		{wire.BadArguments, request{op: wire.OpDelete, path: "/zookeeper"}},
		{wire.BadArguments, request{op: wire.OpDelete, path: "/zookeeper/quota"}},
		{wire.BadArguments, request{op: wire.OpDelete, path: "/zookeeper/config"}},
		{wire.NoNode, request{op: wire.OpDelete, path: "/no/x"}},
		{wire.NoAuth, request{op: wire.OpDelete, path: "/shut/no"}},
		{wire.NoNode, request{op: wire.OpDelete, path: "/a/no"}},
		{wire.NoNode, request{op: wire.OpDelete, path: "/a/"}},
		{wire.BadVersion, request{op: wire.OpDelete, path: "/a", version: 5}},
		{wire.NotEmpty, request{op: wire.OpDelete, path: "/a", version: 0}},

		{wire.BadArguments, request{op: wire.OpSetData, path: "/a/"}},
		{wire.BadArguments, request{op: wire.OpSetData, path: ""}},
		{wire.NoNode, request{op: wire.OpSetData, path: "/no"}},
		{wire.NoAuth, request{op: wire.OpSetData, path: "/shut", version: 7}},
		{wire.BadVersion, request{op: wire.OpSetData, path: "/a", version: 7}},
		{0, request{op: wire.OpSetData, path: "/", version: 0}},

		{wire.BadArguments, request{op: wire.OpSetACL, path: "a"}},
		{wire.InvalidACL, request{op: wire.OpSetACL, path: "/no"}},
		{wire.NoNode, request{op: wire.OpSetACL, path: "/no", acl: open}},
		{wire.NoAuth, request{op: wire.OpSetACL, path: "/shut", acl: open, version: 9}},
		{wire.BadVersion, request{op: wire.OpSetACL, path: "/a", acl: open, version: 9}},

		{wire.NoAuth, request{op: wire.OpCheck, path: "/shut", version: 9}},
		{wire.BadVersion, request{op: wire.OpCheck, path: "/a", version: 9}},
		{wire.BadVersion, request{op: wire.OpDeleteContainer, path: "/e"}},
		{wire.NotEmpty, request{op: wire.OpDeleteContainer, path: "/a"}},
		{wire.ReconfigDisabled, request{op: wire.OpReconfig}},
		{wire.Unimplemented, request{op: 99}},
	} {
		g.do(c.want, c.r)
	}
	g.sound()
}

func TestSequenceNumbers(t *testing.T) {
	g := newRig(t, treeConfig{})
	seq := func(path string) string {
		return g.do(0, request{op: wire.OpCreate, path: path, flags: 2, acl: open}).path
	}
	g.mk("/q")
	for i, want := range []string{"/q/a0000000000", "/q/0000000001", "/q/a0000000002"} {
		path := []string{"/q/a", "/q/", "/q/a"}[i]
		if got := seq(path); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	g.do(0, request{op: wire.OpDelete, path: "/q/a0000000002", version: -1})
	if got := seq("/q/b"); got != "/q/b0000000003" {
		t.Errorf("after a delete: %s", got)
	}
	if got := seq("/r"); got != "/r0000000001" {
		t.Errorf("in the root, whose first child is /q: %s", got)
	}

	// The count of children stays where it cannot grow, and so do number and pzxid.
	g.find("/q").created = math.MaxInt32 - 1
	if got := seq("/q/z"); got != "/q/z2147483646" {
		t.Errorf("last but one: %s", got)
	}
	pzxid := g.stat("/q").Pzxid
	if got := seq("/q/z"); got != "/q/z2147483647" { // no longer counted
		t.Errorf("last: %s", got)
	}
	g.do(wire.NodeExists, request{op: wire.OpCreate, path: "/q/z", flags: 2, acl: open})
	if got := seq("/q/y"); got != "/q/y2147483647" {
		t.Errorf("after the last: %s", got)
	}
	if s := g.stat("/q"); s.Pzxid != pzxid || s.Cversion != -2-s.NumChildren { // 2 * 2147483647 is -2
		t.Errorf("pzxid %d, want %d; cversion %d", s.Pzxid, pzxid, s.Cversion)
	}
	// Within a multi the number goes on from what was prepared, which overflows.
	a := g.do(0, request{op: wire.OpMulti, ops: []request{
		{op: wire.OpCreate, path: "/q/m", flags: 2, acl: open},
		{op: wire.OpCreate, path: "/q/m", flags: 2, acl: open},
	}})
	if a.results[0].path != "/q/m2147483647" || a.results[1].path != "/q/m-2147483648" {
		t.Errorf("in a multi: %s, %s", a.results[0].path, a.results[1].path)
	}
	g.sound()
}

func TestVersionsWrap(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a")
	g.find("/a").version = math.MaxInt32
	if s := g.do(0, request{op: wire.OpSetData, path: "/a", version: math.MaxInt32}).stat; s.Version != math.MinInt32 {
		t.Errorf("version %d", s.Version)
	}
}

func TestCreateAnswers(t *testing.T) {
	g := newRig(t, treeConfig{})
	for i, r := range []request{
		{op: wire.OpCreate, path: "/0"},
		{op: wire.OpCreate2, path: "/1"},
		{op: wire.OpCreateContainer, path: "/2", flags: 4},
		{op: wire.OpCreateTTL, path: "/3", flags: 5, ttl: 1000},
		{op: wire.OpCreateTTL, path: "/4", flags: 6, ttl: maxTTL},
	} {
		r.acl = open
		a := g.do(0, r)
		if a.hasStat != (i > 0) || a.stat.EphemeralOwner != 0 || i > 0 && a.stat.Czxid != a.zxid {
			t.Errorf("%v: %+v", r.op, a)
		}
	}
	// A container by its flag alone is none; the operation makes it.
	g.do(0, request{op: wire.OpCreate, path: "/c", flags: 4, acl: open})
	if g.find("/c").owner != 0 {
		t.Error("create with the flag of a container made one")
	}
	g.do(0, request{op: wire.OpCreateContainer, path: "/k", acl: open})
	if g.find("/k").owner != containerOwner {
		t.Error("createContainer without the flag made none")
	}
	g.mk("/40000000004/x")
	g.sound()
}

func TestMulti(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a")
	w := &heard{}
	watching := &caller{session: 5, watcher: w}
	g.addWatch(watching, &request{op: wire.OpAddWatch, path: "/", kind: 1})

	a := g.do(0, request{op: wire.OpMulti, ops: []request{
		{op: wire.OpCheck, path: "/a", version: 0},
		{op: wire.OpCreate2, path: "/b", acl: open},
		{op: wire.OpCreateContainer, path: "/c", flags: 4, acl: open},
		{op: wire.OpCreate, path: "/c/s", flags: 2, acl: open},
		{op: wire.OpSetData, path: "/b", data: []byte("x"), version: 0},
		{op: wire.OpDelete, path: "/b", version: 1},
		{op: wire.OpCreateTTL, path: "/b", flags: 5, ttl: 10, acl: open},
	}})
	var ops []wire.OpCode
	for _, r := range a.results {
		ops = append(ops, r.op)
	}
	want := []wire.OpCode{wire.OpCheck, wire.OpCreate, wire.OpCreate2, wire.OpCreate, wire.OpSetData, wire.OpDelete, wire.OpCreate2}
	if !slices.Equal(ops, want) || a.results[1].hasStat || !a.results[2].hasStat || a.results[3].path != "/c/s0000000000" {
		t.Errorf("%+v", a.results)
	}
	told(t, w, "created /b", "created /c", "created /c/s0000000000", "changed /b", "deleted /b", "created /b")
	g.sound()

	before := g.stat("/")
	a = g.do(0, request{op: wire.OpMulti, ops: []request{
		{op: wire.OpCreate, path: "/d", acl: open},
		{op: wire.OpDelete, path: "/a", version: -1},
		{op: wire.OpSetData, path: "/a", version: -1},
		{op: wire.OpCreate, path: "/f", acl: open},
	}})
	var codes []wire.Code
	for _, r := range a.results {
		if r.op != wire.OpError {
			t.Errorf("result of a failed multi: %+v", r)
		}
		codes = append(codes, r.code)
	}
	if !slices.Equal(codes, []wire.Code{0, 0, wire.NoNode, wire.RuntimeInconsistency}) {
		t.Errorf("codes %v", codes)
	}
	if g.find("/d") != nil || g.find("/a") == nil || g.stat("/") != before {
		t.Error("a failed multi left something")
	}
	told(t, w)

	for _, ops := range [][]request{
		{{op: wire.OpCreate, path: "/t", flags: 5, acl: open}},
		{{op: wire.OpGetData, path: "/a"}},
		{{op: wire.OpCreate, path: "/t", acl: open}, {op: wire.OpSetACL, path: "/a", acl: open}},
	} {
		g.do(wire.MarshallingError, request{op: wire.OpMulti, ops: ops})
	}
	if a := g.do(0, request{op: wire.OpMulti}); len(a.results) != 0 {
		t.Errorf("empty multi: %+v", a)
	}
	g.sound()
}
