package sandbox

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"zkdeck/zkview/wire"
)

// limit sets a quota on path as zkCli's setquota does.
func (g *rig) limit(path, limits string) {
	g.t.Helper()
	at := quotaPath
	for name := range strings.SplitSeq(path[1:], "/") {
		at += "/" + name
		if g.find(at) == nil {
			g.do(0, request{op: wire.OpCreate, path: at, acl: open})
		}
	}
	g.do(0, request{op: wire.OpCreate, path: at + "/" + limitName, data: []byte(limits), acl: open})
	g.do(0, request{op: wire.OpCreate, path: at + "/" + statName, data: []byte("count=-1,bytes=-1"), acl: open})
}

func (g *rig) used(path, want string) {
	g.t.Helper()
	if got := string(g.find(statPath(path)).data); got != want {
		g.t.Errorf("stats of %s: %q, want %q", path, got, want)
	}
}

func TestQuotaStats(t *testing.T) {
	g := newRig(t, treeConfig{})
	g.mk("/a", "/a/bb")
	g.limit("/a", "count=2,bytes=-1=;countHardLimit=1")
	g.used("/a", "count=2,bytes=7")
	g.mk("/a/c", "/ab", "/a/bb/d")
	g.used("/a", "count=4,bytes=18")
	g.do(0, request{op: wire.OpSetData, path: "/a/c", data: []byte("1234567"), version: -1})
	g.used("/a", "count=4,bytes=21")
	g.do(0, request{op: wire.OpDelete, path: "/a/c", version: -1})
	g.used("/a", "count=3,bytes=14")
	g.do(0, request{op: wire.OpCreate, path: "/a/e", flags: 1, acl: open})
	g.used("/a", "count=4,bytes=14")
	g.closeSession(g.me.session)
	g.used("/a", "count=3,bytes=14")
	if s := g.stat(statPath("/a")); s.Version != 0 || s.Mzxid != s.Czxid {
		t.Errorf("counting is seen in the Stat: %+v", s)
	}

	// The longest path counts, and it alone.
	g.limit("/a/bb", "count=9,bytes=-1")
	g.used("/a/bb", "count=2,bytes=12")
	g.mk("/a/bb/x")
	g.used("/a/bb", "count=3,bytes=19")
	g.used("/a", "count=3,bytes=14")
	g.do(0, request{op: wire.OpDelete, path: limitPath("/a/bb"), version: -1})
	g.mk("/a/bb/y")
	g.used("/a", "count=4,bytes=21")
	g.used("/a/bb", "count=3,bytes=19")

	// What somebody wrote over the stats is counted from anew, and nothing panics.
	g.do(0, request{op: wire.OpSetData, path: statPath("/a"), data: []byte("rubbish"), version: -1})
	g.mk("/a/z")
	g.used("/a", "count=0,bytes=3")
	g.do(0, request{op: wire.OpCreate, path: quotaPath + "/" + limitName, acl: open})
	g.do(0, request{op: wire.OpCreate, path: quotaPath + "/" + statName, acl: open})
	g.mk("/outside")
	g.do(0, request{op: wire.OpCreate, path: "/zookeeper/" + limitName, acl: open})
	g.do(0, request{op: wire.OpDelete, path: "/zookeeper/" + limitName, version: -1})
	g.do(0, request{op: wire.OpDelete, path: quotaPath + "/" + limitName, version: -1})
	g.sound()
}

func TestQuotaLimits(t *testing.T) {
	var log bytes.Buffer
	g := newRig(t, treeConfig{enforceQuota: true, logger: slog.New(slog.NewTextHandler(&log, nil))})
	g.mk("/a", "/b", "/c")
	g.limit("/a", "count=-1,bytes=1=;byteHardLimit=10;countHardLimit=3")
	g.mk("/a/1", "/a/2")
	g.do(wire.QuotaExceeded, request{op: wire.OpCreate, path: "/a/3", acl: open})
	g.do(0, request{op: wire.OpSetData, path: "/a", data: []byte("12"), version: -1})
	g.do(wire.QuotaExceeded, request{op: wire.OpSetData, path: "/a", data: []byte("123"), version: 99})
	// The tree is looked at, not what the multi did before.
	g.do(0, request{op: wire.OpDelete, path: "/a/2", version: -1})
	a := g.do(0, request{op: wire.OpMulti, ops: []request{
		{op: wire.OpCreate, path: "/a/3", acl: open}, {op: wire.OpCreate, path: "/a/4", acl: open},
	}})
	if a.results[1].code != 0 {
		t.Errorf("%+v", a.results)
	}
	g.used("/a", "count=4,bytes=6")

	if log.Len() == 0 {
		t.Error("nothing was logged")
	}
	log.Reset()
	g.limit("/b", "count=1,bytes=-1")
	g.mk("/b/1")
	if !strings.Contains(log.String(), "hard=false") {
		t.Errorf("soft limit: %q", log.String())
	}
	g.limit("/c", "rubbish")
	g.do(wire.MarshallingError, request{op: wire.OpCreate, path: "/c/1", acl: open})
	g.do(wire.MarshallingError, request{op: wire.OpMulti, ops: []request{{op: wire.OpCreate, path: "/c/1", acl: open}}})
	g.sound()
}

func TestTrack(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "count=-1,bytes=-1",
		",;":                                 "count=-1,bytes=-1",
		"count=5,bytes=-1":                   "count=5,bytes=-1",
		"bytes=+7;count=1,":                  "count=1,bytes=7",
		"count=5,bytes=6=;byteHardLimit=8":   "count=5,bytes=6=;byteHardLimit=8",
		"z=1,a==2,count=1":                   "count=1,bytes=-1=;a=-1;z=1",
		"count=1,count=2":                    "count=2,bytes=-1",
		"count=":                             "no",
		"count":                              "no",
		",count=1":                           "no",
		"count=x":                            "no",
		"count=99999999999999999999,bytes=1": "no",
	} {
		got := "no"
		if u, ok := parseTrack([]byte(text)); ok {
			got = string(u.encode())
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
