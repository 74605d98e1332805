package sandbox_test

import (
	"strings"

	"pgregory.net/rapid"

	"zkdeck/zkview/wire"
)

// sessionsPerRound is how many sessions a round drives in turns.
const sessionsPerRound = 3

// often repeats what is to be drawn n times as often.
func often[T any](n int, what ...T) []T {
	var list []T
	for range n {
		list = append(list, what...)
	}
	return list
}

var (
	plainPaths = []string{
		"/a", "/b", "/a/a", "/a/b", "/a/c", "/b/a", "/a/a/a", "/a/a/b", "/a/b/a", "/a/a/a/a",
	}
	// The tree's own paths, and those of quotas. No zookeeper_stats is set: what is no
	// number there ends the real server.
	ownPaths = []string{
		"/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "/zookeeper/quota/a",
		"/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/a", "/zookeeper/quota/a/a/zookeeper_limits",
	}
	statsPaths = []string{"/zookeeper/quota/a/zookeeper_stats", "/zookeeper/quota/a/a/zookeeper_stats"}
	badPaths   = []string{
		"", "a", "a/b", "/a/", "//a", "/a//b", "/a/.", "/a/./b", "/a/..", "/..", "/a\x00", "/a\x01b", "/a\x7f",
		"/a\u0080", "/\ufff0", "/\ue000", "/\xff", "/\xff\xfe", "/é", "/😀", "/ ", "/a b", "/" + strings.Repeat("n", 100),
	}
	writePaths  = rapid.SampledFrom(join(often(14, plainPaths...), often(3, "$0", "$0", "$1", "$2"), ownPaths, badPaths))
	createPaths = rapid.SampledFrom(join(often(16, plainPaths...), often(3, "$0", "$0", "$1", "$2"), ownPaths, badPaths, statsPaths))
	readPaths   = rapid.SampledFrom(join(often(14, plainPaths...), often(3, "$0", "$1", "$2"), often(2, ownPaths...), statsPaths, badPaths))
	aclPaths    = rapid.SampledFrom(join(often(14, plainPaths...), often(2, "$0", "$1"), badPaths))
	datas       = rapid.SampledFrom([][]byte{[]byte("x"), []byte("hello"), nil, {}, []byte("\x00\xff"), []byte(strings.Repeat("long ", 200))})
	versions    = rapid.SampledFrom(append(often[int32](12, -1), 0, 0, 0, 1, 1, 2, 3, -2, 2147483647, -2147483648))
	createFlags = rapid.SampledFrom(append(often[int32](3, 0, 0, 0, 1, 2, 2, 3), 4, 5, 6, 7, -1, 100))
	ttls        = rapid.SampledFrom(append(often[int64](6, 1_000_000_000), 0, -1, 1, 0xffffffffff, 0x10000000000, 0x7fffffffffffffff))
)

func join[T any](lists ...[]T) []T {
	var all []T
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var (
	openACL = []wire.ACL{{Perms: 31, Scheme: "world", ID: "anyone"}}
	manACL  = []wire.ACL{{Perms: 31, Scheme: "digest", ID: "man:9vs+FlBEh26CbSzu4sT2RwLqp6g="}} // man:pass
	acl     = rapid.SampledFrom(join(often(40, openACL), [][]wire.ACL{
		{{Perms: 1, Scheme: "world", ID: "anyone"}},
		{{Perms: 31, Scheme: "auth", ID: ""}},
		{{Perms: 31, Scheme: "auth", ID: "ignored"}},
		{{Perms: 31, Scheme: "ip", ID: "127.0.0.1"}},
		{{Perms: 31, Scheme: "ip", ID: "127.0.0.0/8"}},
		{{Perms: 31, Scheme: "ip", ID: "10.0.0.1"}},
		{{Perms: 17, Scheme: "world", ID: "anyone"}, {Perms: 31, Scheme: "digest", ID: "man:x"}},
		{{Perms: 1, Scheme: "world", ID: "anyone"}, {Perms: 1, Scheme: "world", ID: "anyone"}, {Perms: 2, Scheme: "world", ID: "anyone"}},
		{{Perms: 0, Scheme: "world", ID: "anyone"}},
		manACL,
		{},
		{{Perms: 31, Scheme: "world", ID: "someone"}},
		{{Perms: 31, Scheme: "nosuch", ID: "x"}},
		{{Perms: 31, Scheme: "", ID: ""}},
		{{Perms: 31, Scheme: "digest", ID: "nocolon"}},
		{{Perms: 31, Scheme: "digest", ID: "a:b:c"}},
		{{Perms: 31, Scheme: "ip", ID: "not an address"}},
		{{Perms: 31, Scheme: "ip", ID: "127.0.0.1/99"}},
		{{Perms: 31, Scheme: "ip", ID: "::1"}},
		{{Perms: 31, Scheme: "super", ID: "x"}},
		{{Perms: -1, Scheme: "world", ID: "anyone"}},
		{{Perms: 1 << 20, Scheme: "world", ID: "anyone"}},
	}))
	auths = rapid.SampledFrom([][2]string{
		{"digest", "man:pass"},
		{"digest", "man:pass"},
		{"digest", "ann:word"},
		{"digest", "ann😀:word"},
		{"digest", "nocolon"},
		{"digest", "a:b:c"},
		{"digest", ""},
		{"ip", "10.0.0.1"},
		{"world", "anyone"},
		{"nosuch", "x"},
		{"", ""},
	})
	quotas = rapid.SampledFrom([]string{
		"count=2,bytes=5", "count=-1,bytes=3=;byteHardLimit=4;countHardLimit=3", "count=3,bytes=-1=;countHardLimit=2", "count=1,bytes=1", "nonsense", "",
	})
)

// steps draws what happens in a round. Lists of lists shrink well at any length.
func steps(t *rapid.T) []step {
	one := rapid.Custom(drawStep)
	var all []step
	for _, part := range rapid.SliceOfN(rapid.SliceOfN(one, 1, 40), 8, 8).Draw(t, "steps") {
		all = append(all, part...)
	}
	return all
}

var stepKinds = rapid.SampledFrom(join(
	often(9, wire.OpCreate), often(6, wire.OpCreate2), often(2, wire.OpCreateContainer, wire.OpCreateTTL),
	often(9, wire.OpDelete), often(4, wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2),
	often(6, wire.OpSetData), often(2, wire.OpGetACL, wire.OpSetACL, wire.OpGetEphemerals, wire.OpGetAllChildrenNumber),
	often(7, wire.OpMulti), often(3, wire.OpMultiRead), often(4, wire.OpAddWatch),
	often(1, wire.OpSync, wire.OpWhoAmI, wire.OpSetWatches, wire.OpPing),
	often(2, wire.OpCheckWatches, wire.OpRemoveWatches, wire.OpSetWatches2, wire.OpAuth, wire.OpCloseSession),
	often(3, stepCut, stepResume),
))

func drawStep(t *rapid.T) step {
	s := drawOp(t, stepKinds.Draw(t, "op"))
	s.conn = rapid.IntRange(0, sessionsPerRound-1).Draw(t, "session")
	// The real server keeps a watch on a null path and trips over it when the
	// connection ends.
	if !s.watch && s.op != wire.OpAddWatch {
		s.noPath = rapid.IntRange(0, 199).Draw(t, "null") == 199
	}
	if rapid.IntRange(0, 99).Draw(t, "cut") == 99 {
		s.cut = rapid.SampledFrom([]int{1, 4, 5, 9, 20}).Draw(t, "bytes")
	}
	return s
}

func drawOp(t *rapid.T, op wire.OpCode) step {
	s := step{op: op}
	switch op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		drawCreate(t, &s)
	case wire.OpDelete, wire.OpCheck:
		s.path, s.version = writePaths.Draw(t, "path"), versions.Draw(t, "version")
	case wire.OpSetData:
		s.path, s.data, s.version = writePaths.Draw(t, "path"), datas.Draw(t, "data"), versions.Draw(t, "version")
		if strings.HasSuffix(s.path, "zookeeper_limits") {
			s.data = []byte(quotas.Draw(t, "quota"))
		}
	case wire.OpSetACL:
		s.path, s.acl, s.version = aclPaths.Draw(t, "path"), acl.Draw(t, "acl"), versions.Draw(t, "version")
	case wire.OpExists, wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2:
		s.path, s.watch = readPaths.Draw(t, "path"), rapid.Bool().Draw(t, "watch")
	case wire.OpGetACL, wire.OpGetAllChildrenNumber, wire.OpSync, wire.OpGetEphemerals:
		s.path = readPaths.Draw(t, "path")
	case wire.OpAddWatch:
		s.path, s.kind = readPaths.Draw(t, "path"), rapid.SampledFrom([]int32{0, 0, 0, 1, 1, 1, 2, -1}).Draw(t, "mode")
	case wire.OpCheckWatches, wire.OpRemoveWatches:
		s.path, s.kind = readPaths.Draw(t, "path"), rapid.SampledFrom([]int32{1, 2, 3, 1, 2, 3, 4, 5, 0, 9}).Draw(t, "type")
	case wire.OpAuth:
		a := auths.Draw(t, "auth")
		s.path, s.data = a[0], []byte(a[1])
	case wire.OpSetWatches, wire.OpSetWatches2, stepResume:
		s.since = rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "since")
		for i := range s.lists {
			s.lists[i] = rapid.SliceOfN(readPaths, 0, 4).Draw(t, "paths")
		}
	case wire.OpMulti, wire.OpMultiRead:
		drawMulti(t, &s)
	}
	return s
}

func drawCreate(t *rapid.T, s *step) {
	s.path, s.data, s.acl = createPaths.Draw(t, "path"), datas.Draw(t, "data"), acl.Draw(t, "acl")
	s.noACL = rapid.IntRange(0, 99).Draw(t, "null acl") == 99
	if strings.HasSuffix(s.path, "zookeeper_limits") {
		s.data = []byte(quotas.Draw(t, "quota"))
	}
	switch s.op {
	case wire.OpCreateContainer:
		s.flags = rapid.SampledFrom([]int32{4, 4, 4, 4, 0, 1, 5}).Draw(t, "flags")
	case wire.OpCreateTTL:
		s.flags = rapid.SampledFrom([]int32{5, 5, 5, 6, 6, 6, 0, 1, 4}).Draw(t, "flags")
		if s.ttl = 1_000_000_000; s.flags >= 5 {
			s.ttl = ttls.Draw(t, "ttl") // with another mode, a bad one ends the real server
		}
	default:
		s.flags = createFlags.Draw(t, "flags")
	}
	if s.flags&2 != 0 && s.flags < 4 && rapid.Bool().Draw(t, "slash") {
		s.path += "/n-" // a number below the path, not beside it
	}
}

var (
	transactionKinds = rapid.SampledFrom(join(often(4, wire.OpCreate, wire.OpDelete, wire.OpSetData),
		often(2, wire.OpCheck, wire.OpCreate2), often(1, wire.OpCreateContainer, wire.OpCreateTTL)))
	multiReadKinds = rapid.SampledFrom(often(1, wire.OpGetData, wire.OpGetChildren))
	strangeKinds   = rapid.SampledFrom([]wire.OpCode{wire.OpGetData, wire.OpExists, wire.OpCreate, wire.OpSetACL, wire.OpPing, wire.OpCode(77)})
)

func drawMulti(t *rapid.T, s *step) {
	kinds := transactionKinds
	if s.op == wire.OpMulti && rapid.IntRange(0, 9).Draw(t, "what") == 9 {
		s.ops = drawQuota(t)
		return
	}
	if s.op == wire.OpMultiRead {
		kinds = multiReadKinds
	}
	s.ops = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		kind := kinds.Draw(t, "op")
		if rapid.IntRange(0, 99).Draw(t, "strange") == 99 {
			kind = strangeKinds.Draw(t, "op")
		}
		return drawOp(t, kind)
	}), 0, 6).Draw(t, "ops")
}

// drawQuota sets a quota as zkCli does.
func drawQuota(t *rapid.T) []step {
	below := rapid.SampledFrom([]string{"/a", "/a", "/a/a"}).Draw(t, "quota of")
	var ops []step
	for i, c := range below {
		if c == '/' && i > 0 {
			ops = append(ops, step{op: wire.OpCreate, path: "/zookeeper/quota" + below[:i], acl: openACL})
		}
	}
	path := "/zookeeper/quota" + below
	return append(ops, step{op: wire.OpCreate, path: path, acl: openACL},
		step{op: wire.OpCreate, path: path + "/zookeeper_limits", data: []byte(quotas.Draw(t, "quota")), acl: openACL},
		step{op: wire.OpCreate, path: path + "/zookeeper_stats", data: []byte("count=0,bytes=0"), acl: openACL})
}
