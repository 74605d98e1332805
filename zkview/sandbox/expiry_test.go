package sandbox

import (
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

func TestContainers(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.do(0, request{op: wire.OpCreateContainer, path: "/c", flags: 4, acl: open})
	g.do(0, request{op: wire.OpCreateContainer, path: "/c/in", flags: 4, acl: open})
	g.do(0, request{op: wire.OpCreateContainer, path: "/never", flags: 4, acl: open})
	g.mk("/c/in/x")
	g.at.add(24 * time.Hour)
	before := g.lastZxid()
	g.expire()
	if g.lastZxid() != before {
		t.Error("a container with a child, or that never had one, was expired")
	}
	g.rm("/c/in/x")
	w := &heard{}
	g.watch(&caller{session: 1, watcher: w}, wire.OpGetChildren, "/c")
	before = g.lastZxid()
	g.expire()
	told(t, w, "children /c")
	if g.find("/c/in") != nil || g.find("/c") == nil || g.lastZxid() != before+1 {
		t.Error("not the one empty container went, with one zxid")
	}
	g.expire()
	if g.find("/c") != nil || g.find("/never") == nil {
		t.Error("the container above did not go next")
	}
	g.sound()
}

func TestTTL(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.do(0, request{op: wire.OpCreateTTL, path: "/t", flags: 5, ttl: 1000, acl: open})
	seq := g.do(0, request{op: wire.OpCreateTTL, path: "/s", flags: 6, ttl: 5000, acl: open}).path
	if seq != "/s0000000001" {
		t.Error(seq)
	}
	g.mk("/t/x")
	g.at.add(time.Second)
	g.expire()
	g.rm("/t/x")
	g.expire()
	if g.find("/t") == nil {
		t.Error("it went at its TTL, not after it")
	}
	g.at.add(time.Millisecond)
	g.set("/t")
	g.expire()
	if g.find("/t") == nil {
		t.Error("new data did not prolong it")
	}
	g.at.add(time.Second + time.Millisecond)
	g.expire()
	if g.find("/t") != nil || g.find(seq) == nil {
		t.Error("not just the one went whose time was over")
	}
	g.sound()
}
