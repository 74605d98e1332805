package sandbox

import (
	"slices"
	"testing"

	"zkdeck/zkview/wire"
)

func TestFixACL(t *testing.T) {
	me := []wire.Identity{{Scheme: "ip", ID: "10.0.0.9"}, {Scheme: "super"}, {Scheme: "digest", ID: "u:h"}, {Scheme: "digest", ID: "v:i"}}
	acl := func(scheme, id string) wire.ACL { return wire.ACL{Perms: permRead, Scheme: scheme, ID: id} }
	for _, c := range []struct {
		asked, want []wire.ACL
	}{
		{nil, nil},
		{open, open},
		{[]wire.ACL{acl("world", "anybody")}, nil},
		{[]wire.ACL{acl("", "")}, nil},
		{[]wire.ACL{acl("sasl", "me")}, nil},
		{[]wire.ACL{acl("x509", "CN=me")}, nil},
		{[]wire.ACL{acl("auth", "")}, []wire.ACL{acl("digest", "u:h"), acl("digest", "v:i")}},
		{[]wire.ACL{acl("digest", "a:b"), acl("auth", "x"), acl("digest", "a:b")}, []wire.ACL{acl("digest", "a:b"), acl("digest", "u:h"), acl("digest", "v:i")}},
		{[]wire.ACL{acl("digest", "a:b::")}, []wire.ACL{acl("digest", "a:b::")}},
		{[]wire.ACL{acl("digest", ":b")}, []wire.ACL{acl("digest", ":b")}},
		{[]wire.ACL{acl("digest", "a:")}, nil},
		{[]wire.ACL{acl("digest", "a")}, nil},
		{[]wire.ACL{acl("digest", "a:b:c")}, nil},
		{[]wire.ACL{acl("ip", "10.0.0.1")}, []wire.ACL{acl("ip", "10.0.0.1")}},
		{[]wire.ACL{acl("ip", "10.0.0.0/8")}, []wire.ACL{acl("ip", "10.0.0.0/8")}},
		{[]wire.ACL{acl("ip", "10.0.0.0/33")}, nil},
		{[]wire.ACL{acl("ip", "10.0.0.0/")}, nil},
		{[]wire.ACL{acl("ip", "10.0.0.256")}, nil},
		{[]wire.ACL{acl("ip", "10.0.0")}, nil},
		{[]wire.ACL{acl("ip", "::1")}, nil},
		{[]wire.ACL{acl("world", "anyone"), acl("ip", "nope")}, nil},
	} {
		got, ok := fixACL(me, c.asked)
		if ok != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("%v became %v (%v), want %v", c.asked, got, ok, c.want)
		}
	}
	if _, ok := fixACL(me[:2], []wire.ACL{acl("auth", "")}); ok {
		t.Error("auth without a proven id was taken")
	}
}

func TestAllowed(t *testing.T) {
	ip := []wire.Identity{{Scheme: "ip", ID: "10.1.2.3"}}
	user := append(slices.Clone(ip), wire.Identity{Scheme: "digest", ID: "u:h"})
	super := append(slices.Clone(ip), wire.Identity{Scheme: "super"})
	six := []wire.Identity{{Scheme: "ip", ID: "0:0:0:0:0:0:0:1"}}
	for _, c := range []struct {
		acl   wire.ACL
		perms int32
		ids   []wire.Identity
		want  bool
	}{
		{wire.ACL{Perms: permRead, Scheme: "world", ID: "anyone"}, permRead, ip, true},
		{wire.ACL{Perms: permRead, Scheme: "world", ID: "anyone"}, permWrite, ip, false},
		{wire.ACL{Perms: permRead, Scheme: "world", ID: "anyone"}, permRead | permAdmin, ip, true},
		{wire.ACL{Perms: 0, Scheme: "world", ID: "anyone"}, permRead, ip, false},
		{wire.ACL{Perms: 0, Scheme: "world", ID: "anyone"}, permRead, super, true},
		{wire.ACL{Perms: permAll, Scheme: "digest", ID: "u:h"}, permRead, ip, false},
		{wire.ACL{Perms: permAll, Scheme: "digest", ID: "u:h"}, permRead, user, true},
		{wire.ACL{Perms: permAll, Scheme: "digest", ID: "u:g"}, permRead, user, false},
		{wire.ACL{Perms: permAll, Scheme: "ip", ID: "10.1.2.3"}, permRead, ip, true},
		{wire.ACL{Perms: permAll, Scheme: "ip", ID: "10.1.2.4"}, permRead, ip, false},
		{wire.ACL{Perms: permAll, Scheme: "ip", ID: "10.9.9.9/8"}, permRead, ip, true},
		{wire.ACL{Perms: permAll, Scheme: "ip", ID: "10.1.2.0/31"}, permRead, ip, false},
		{wire.ACL{Perms: permAll, Scheme: "ip", ID: "1.1.1.1/0"}, permRead, ip, true},
		{wire.ACL{Perms: permAll, Scheme: "ip", ID: "10.1.2.3"}, permRead, six, false},
	} {
		if got := allowed([]wire.ACL{c.acl}, c.perms, c.ids); got != c.want {
			t.Errorf("%v for %v: %v", c.acl, c.ids, got)
		}
	}
	if !allowed(nil, permAdmin, nil) {
		t.Error("no list refused something")
	}
}

// TestACLsOfTheServersOwn: the lists that a tree starts with are freed and used again
// like others.
func TestACLsOfTheServersOwn(t *testing.T) {
	g := newRig(t, treeConfig{})
	for _, path := range []string{"/", procPath, quotaPath} {
		g.do(0, request{op: wire.OpSetACL, path: path, acl: []wire.ACL{{Perms: permAdmin | permCreate, Scheme: "world", ID: "anyone"}}, version: 0})
	}
	g.do(0, request{op: wire.OpCreate, path: "/a", acl: readACL})
	if a := g.read(g.me, &request{op: wire.OpGetACL, path: "/"}); a.acl[0].Perms != permAdmin|permCreate {
		t.Errorf("the root has %v", a.acl)
	}
	g.do(0, request{op: wire.OpSetACL, path: "/", acl: open, version: 1})
	g.sound()
}

func TestGetACLMasks(t *testing.T) {
	g := newRig(t, treeConfig{})
	list := []wire.ACL{{Perms: permRead, Scheme: "world", ID: "anyone"}, {Perms: permAll, Scheme: "digest", ID: "u:h"}}
	g.do(0, request{op: wire.OpCreate, path: "/a", acl: list})
	get := func(by *caller) []wire.ACL {
		return g.read(by, &request{op: wire.OpGetACL, path: "/a"}).acl
	}
	if got := get(g.me); got[1].ID != "u:x" || got[0] != list[0] {
		t.Errorf("without ADMIN: %v", got)
	}
	owner := &caller{ids: []wire.Identity{{Scheme: "digest", ID: "u:h"}}}
	if got := get(owner); !slices.Equal(got, list) {
		t.Errorf("with ADMIN: %v", got)
	}
	g.doBy(0, owner, request{op: wire.OpSetACL, path: "/a", acl: list[1:], version: 0})
	if a := g.read(g.me, &request{op: wire.OpGetACL, path: "/a"}); a.code != wire.NoAuth {
		t.Errorf("without READ and ADMIN: %+v", a)
	}
	for _, op := range []wire.OpCode{wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2, wire.OpGetAllChildrenNumber} {
		if a := g.read(g.me, &request{op: op, path: "/a", watch: true}); a.code != wire.NoAuth {
			t.Errorf("%v: %v", op, a.code)
		}
	}
	if g.watchCount() != 0 {
		t.Error("a read without permission left a watch")
	}
	if a := g.read(g.me, &request{op: wire.OpExists, path: "/a"}); a.code != 0 || a.stat.Aversion != 1 {
		t.Errorf("exists: %+v", a)
	}
	g.sound()
}
