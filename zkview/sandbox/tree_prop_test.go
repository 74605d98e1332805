package sandbox

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"zkdeck/zkview/wire"
)

// genOp draws an operation that writes, on few paths so that they meet.
func genOp(inMulti bool) *rapid.Generator[request] {
	return rapid.Custom(func(t *rapid.T) request {
		ops := []wire.OpCode{
			wire.OpCreate, wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL,
			wire.OpDelete, wire.OpDelete, wire.OpSetData, wire.OpCheck, wire.OpSetACL,
		}
		if inMulti {
			ops = ops[:9]
		}
		r := request{
			op: rapid.SampledFrom(ops).Draw(t, "op"),
			path: rapid.SampledFrom([]string{
				"/", "/a", "/b", "/a/c", "/a/d", "/a/c/e", "/a/c/", "/b/f", "/zookeeper", "/zookeeper/quota",
				"/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/zookeeper_stats",
			}).Draw(t, "path"),
			data:    rapid.SampledFrom([][]byte{nil, {}, []byte("x"), []byte("count=3,bytes=20=;countHardLimit=4")}).Draw(t, "data"),
			version: rapid.SampledFrom([]int32{-1, -1, -1, 0, 1}).Draw(t, "version"),
			flags:   rapid.Int32Range(0, 3).Draw(t, "flags"),
			acl: rapid.SampledFrom([][]wire.ACL{
				open, open, open, {{Perms: permAll, Scheme: "auth"}}, {{Perms: permRead | permAdmin, Scheme: "world", ID: "anyone"}}, nil,
			}).Draw(t, "acl"),
		}
		switch r.op {
		case wire.OpCreateContainer:
			r.flags = 4
		case wire.OpCreateTTL:
			r.flags, r.ttl = 5, 1000
		}
		return r
	})
}

// TestTreeProperty does what comes and then holds what is counted against what is
// there; a multi that fails is to leave no trace but its zxid.
func TestTreeProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at := &clock{time.UnixMilli(1_700_000_000_000)}
		tr := newTree(treeConfig{now: at.now, enforceQuota: rapid.Bool().Draw(rt, "enforce"), maxMemory: 4000})
		all := &heard{}
		tr.addWatch(&caller{session: 99, watcher: all}, &request{path: "/", kind: 1})
		sessions := []*caller{
			{session: 1, ids: []wire.Identity{{Scheme: "digest", ID: "a:b"}}},
			{session: 2, ids: []wire.Identity{{Scheme: "ip", ID: "127.0.0.1"}}},
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			by := rapid.SampledFrom(sessions).Draw(rt, "session")
			zxid, nodes, memory := tr.zxid, tr.nodes, tr.memory
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				tr.closeSession(by.session)
			case 1:
				at.add(time.Second)
				tr.expire()
			case 2, 3:
				all.take()
				a := tr.write(by, &request{op: wire.OpMulti, ops: rapid.SliceOfN(genOp(true), 0, 5).Draw(rt, "ops")})
				failed := a.code != 0 || len(a.results) > 0 && a.results[0].op == wire.OpError
				if failed && (memory != tr.memory || nodes != tr.nodes || len(all.said) > 0) {
					rt.Fatalf("a failed multi left something; told %q", all.said)
				}
			default:
				r := genOp(false).Draw(rt, "r")
				all.take()
				if a := tr.write(by, &r); a.code != 0 && len(all.said) > 0 {
					rt.Fatalf("%v failed and told %q", r.op, all.said)
				}
			}
			if err := tr.check(); err != nil {
				rt.Fatal(err)
			}
			if tr.zxid < zxid {
				rt.Fatalf("zxid %d after %d", tr.zxid, zxid)
			}
		}
	})
}
