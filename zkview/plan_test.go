package zkview

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

func TestConflicts(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/same", "/a/data", "/a/acl", "/a/new", "/a/new/below")
	file := y.export("/a", ExportOptions{})
	y.put("/b", "a")
	y.put("/b/same", "same")
	y.put("/b/data", "other")
	y.put("/b/acl", "acl", zk.AuthACL(zk.PermAll)...)
	y.put("/b/more", "is not touched")
	before := y.states("/b")

	t.Run("fail", func(t *testing.T) {
		p := y.plan(file, ImportOptions{To: "/b"})
		if s := p.Summary(); s.Conflict != 2 || s.Same != 2 || s.Create != 2 || !errors.Is(s.Blocked, ErrConflict) {
			t.Errorf("%+v", s)
		}
		r, err := p.Apply(y.ctx, nil)
		if !errors.Is(err, ErrConflict) || r.Created != 0 || r.NotAttempted != 4 {
			t.Errorf("%+v, %v", r, err)
		}
		if !maps.Equal(before, y.states("/b")) {
			t.Error("something was written")
		}
	})
	t.Run("skip", func(t *testing.T) {
		p := y.plan(file, ImportOptions{To: "/b", OnConflict: ConflictSkip})
		r := y.apply(p)
		if r.Created != 2 || r.Skipped != 2 || r.Same != 2 {
			t.Errorf("%+v", r)
		}
		after := y.states("/b")
		if after["/data"] != before["/data"] || after["/acl"] != before["/acl"] || !y.has("/b/new/below") {
			t.Error("what is in the way was written, or what is not was not")
		}
		if _, err := p.Apply(y.ctx, nil); !errors.Is(err, ErrUsed) {
			t.Errorf("a second time: %v", err)
		}
	})
	t.Run("overwrite", func(t *testing.T) {
		r := y.apply(y.plan(file, ImportOptions{To: "/b", OnConflict: ConflictOverwrite}))
		if r.Overwritten != 2 || r.Same != 4 {
			t.Errorf("%+v", r)
		}
		if err := y.s.Delete(y.ctx, "/b/more", -1); err != nil {
			t.Fatal(err)
		}
		y.alike("/a", "/b")
	})
	t.Run("no ACLs", func(t *testing.T) {
		y.put("/c", "a")
		y.put("/c/acl", "acl", zk.AuthACL(zk.PermAll)...)
		r := y.apply(y.plan(file, ImportOptions{To: "/c", NoACL: true}))
		if r.Created != 4 || r.Same != 2 {
			t.Errorf("%+v", r)
		}
	})
}

func TestWhatIsNotTaken(t *testing.T) {
	y := newYard(t)
	long := "/" + strings.Repeat("x", maxFrame)
	file := fileOf(t,
		Record{Path: "/", Data: []byte("x")},
		Record{Path: "/closed", Unread: "not allowed"},
		Record{Path: "/closed/below"},
		Record{Path: "/eph", Kind: Ephemeral, Owner: 7},
		Record{Path: "/bad\x01name"},
		Record{Path: "/bad\x01name/below"},
		Record{Path: "/emoji\U0001f600"},
		Record{Path: "/bytes\xff"},
		Record{Path: long},
		Record{Path: "/big", Data: make([]byte, maxFrame)},
		Record{Path: "/masked", ACL: []ACL{{PermAll, "digest", "u:x"}}, ACLHidden: true},
		Record{Path: "/good"},
	)
	p := y.plan(file, ImportOptions{To: "/t"})
	s := p.Summary()
	if s.Create != 2 || s.LeftOut != 2 || s.Refused != 8 || s.Ephemerals != 1 || s.Unread != 1 || s.Znodes != 12 {
		t.Errorf("%+v", s)
	}
	for _, item := range p.Items(-5, 1000) {
		if (item.Why == nil) != (item.Action == PlanCreate) {
			t.Errorf("%s %q: %v", item.Action, cut(item.Path), item.Why)
		}
	}
	r := y.apply(p)
	if r.Created != 2 || r.Refused != 8 || r.LeftOut != 2 || len(y.tree("/t")) != 2 {
		t.Errorf("%+v\n%s", r, lines(y.tree("/t")))
	}
	r = y.apply(y.plan(file, ImportOptions{To: "/t2", NoACL: true, EphemeralsAsPersistent: true}))
	if r.Created != 4 || !y.has("/t2/eph") || !y.has("/t2/masked") {
		t.Errorf("%+v", r)
	}
}

func TestPlanErrors(t *testing.T) {
	y := newYard(t)
	for name, c := range map[string]struct {
		records []Record
		to      string
		want    error
		says    string
	}{
		"twice":       {[]Record{{Path: "/"}, {Path: "/a"}, {Path: "/a"}}, "/t", errBadLine, "line 4 (byte "},
		"orphan":      {[]Record{{Path: "/"}, {Path: "/a/b"}}, "/t", errBadLine, "before its parent"},
		"no root":     {[]Record{{Path: "/a"}}, "/t", errBadLine, "its root"},
		"nothing":     {nil, "/t", ErrNotExport, "no znodes"},
		"bad target":  {[]Record{{Path: "/"}}, "t", ErrBadPath, "begin with /"},
		"no parents":  {[]Record{{Path: "/"}}, "/x/y", ErrNoNode, "its parent /x"},
		"whose child": {[]Record{{Path: "/"}}, "/eph/x/y", ErrNoChildrenForEph, "/eph is one"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "whose child" {
				must(y.s.Create(y.ctx, "/eph", nil, CreateOptions{Kind: Ephemeral}))
			}
			_, err := y.s.PlanImport(y.ctx, bytes.NewReader(fileOf(t, c.records...)), ImportOptions{To: c.to, NoParents: name == "no parents"})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	whole := openTest(t, Config{Servers: zktest.Shared(t)})
	for _, to := range []string{"/zookeeper", "/zookeeper/quota/x"} {
		_, err := whole.PlanImport(y.ctx, bytes.NewReader(sampleFile(t)), ImportOptions{To: to})
		wantErr(t, err, ErrSystem)
	}
	_, err := whole.Export(y.ctx, "/zookeeper", new(bytes.Buffer), ExportOptions{})
	wantErr(t, err, ErrSystem)
	p := must(whole.PlanImport(y.ctx, bytes.NewReader(fileOf(t, Record{Path: "/"}, Record{Path: "/zookeeper"}, Record{Path: "/zookeeper/x"})), ImportOptions{To: "/", OnConflict: ConflictSkip}))
	if s := p.Summary(); s.Refused != 2 {
		t.Errorf("%s", actions(p))
	}
}

// TestSomebodyElseIsFaster changes the target between the plan and its application.
func TestSomebodyElseIsFaster(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/b/c", "/a/d", "/a/e", "/a/f")
	file := y.export("/a", ExportOptions{})
	y.fill("/t", "/t/d", "/t/f")
	y.put("/t", "a")
	y.put("/t/d", "old")
	p := y.plan(file, ImportOptions{To: "/t", OnConflict: ConflictOverwrite})
	y.put("/t/b", "theirs") // created meanwhile; /t/b/c can be created nevertheless
	y.put("/t/d", "theirs") // changed meanwhile
	r, err := p.Apply(y.ctx, nil)
	if err != nil || r.Failed != 2 || r.Created != 2 || r.Same != 2 || r.Complete() || len(r.Notes) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	for path, want := range map[string]string{"/t/b": "theirs", "/t/d": "theirs", "/t/b/c": "c", "/t/e": "e"} {
		if data, _, err := y.s.Get(y.ctx, path); err != nil || string(data) != want {
			t.Errorf("%s holds %q, %v; want %q", path, data, err, want)
		}
	}
	y.apply(y.plan(file, ImportOptions{To: "/t", OnConflict: ConflictOverwrite}))
	y.alike("/a", "/t")

	p = y.plan(file, ImportOptions{To: "/t/new"})
	if err := y.conn.Delete(y.abs("/t/f"), -1); err != nil {
		t.Fatal(err)
	}
	y.apply(p)
	p = y.plan(file, ImportOptions{To: "/t/d/deep"})
	if err := y.conn.Delete(y.abs("/t/d"), -1); err != nil { // the parent vanishes
		t.Fatal(err)
	}
	r, err = p.Apply(y.ctx, nil)
	if err != nil || r.Created != 0 || r.Failed != 6 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestFileChangesAfterThePlan(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b")
	file := y.export("/a", ExportOptions{})
	p := y.plan(file, ImportOptions{To: "/t"})
	copy(file, bytes.Replace(file, []byte(`"data":"b"`), []byte(`"data":"B"`), 1))
	r, err := p.Apply(y.ctx, nil)
	if !errors.Is(err, ErrFileEdited) || r.NotAttempted != 2 || y.has("/t") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestNotAllowedInside(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/shut", "/a/shut/1", "/a/shut/2", "/a/shut/2/x", "/a/open")
	file := y.export("/a", ExportOptions{})
	stranger := openTest(t, Config{Servers: zktest.Shared(t) + y.root})
	y.put("/t", "a")
	y.put("/t/shut", "shut", zk.ACL{Perms: zk.PermRead, Scheme: "world", ID: "anyone"})
	y.put("/t/dark", "dark", zk.DigestACL(zk.PermAll, "nobody", "knows")...)
	p, err := stranger.PlanImport(y.ctx, bytes.NewReader(file), ImportOptions{To: "/t", NoACL: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Apply(y.ctx, nil)
	if err != nil || r.Created != 1 || r.Failed != 3 || r.Same != 2 || !y.has("/t/open") {
		t.Errorf("%+v, %v", r, err)
	}
	report, err := stranger.Export(y.ctx, "/t", new(bytes.Buffer), ExportOptions{})
	if err != nil || report.Unread != 1 || report.Znodes != 4 || !errors.Is(report.Notes[0].Err, ErrNoAuth) {
		t.Errorf("%+v, %v", report, err)
	}
	y.put("/mine", "x", zk.AuthACL(zk.PermAll)...)
	y.put("/half", "x", append(zk.AuthACL(zk.PermAll), zk.WorldACL(zk.PermRead)...)...)
	if _, err := stranger.Export(y.ctx, "/mine", new(bytes.Buffer), ExportOptions{}); !errors.Is(err, ErrNoAuth) {
		t.Errorf("a root that may not be read: %v", err)
	}
	report, err = stranger.Export(y.ctx, "/half", new(bytes.Buffer), ExportOptions{})
	if err != nil || report.Hidden != 1 || report.Unread != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// A server checks a quota against what was there before a transaction, so that the
// one that goes over it is carried out, and the next is not.
func TestQuotaStopsAnImport(t *testing.T) {
	e := zktest.Start(t, 1, zktest.EnforceQuota())
	y := yardOn(t, e.Addr(), "")
	y.fill("/a", "/t")
	y.many("/a", 1500)
	file := y.export("/a", ExportOptions{NoACL: true})
	for _, path := range []string{"/zookeeper/quota/t", "/zookeeper/quota/t/zookeeper_limits"} {
		if _, err := y.conn.Create(path, []byte("count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=900"), 0, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := y.conn.Create("/zookeeper/quota/t/zookeeper_stats", []byte("count=1,bytes=1"), 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	r, err := y.plan(file, ImportOptions{To: "/t/x"}).Apply(y.ctx, nil)
	if !errors.Is(err, ErrQuotaExceeded) || r.Created != 1000 || r.Failed != 1 || r.NotAttempted != 500 {
		t.Errorf("%+v, %v", r, err)
	}
	if n := len(y.tree("/t")); n != 1001 {
		t.Errorf("%d znodes are there", n)
	}
}

func TestTransfersAreReadOnly(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b")
	file := y.export("/a", ExportOptions{})
	s := openTest(t, Config{Servers: zktest.Shared(t) + y.root, ReadOnly: true})
	p := must(s.PlanImport(y.ctx, bytes.NewReader(file), ImportOptions{To: "/t"}))
	r, err := p.Apply(y.ctx, nil)
	if !errors.Is(err, ErrReadOnly) || r.NotAttempted != 2 || y.has("/t") {
		t.Errorf("%+v, %v", r, err)
	}
	p = must(s.PlanCopy(y.ctx, "/a", "/t", CopyOptions{Move: true, Into: y.s}))
	defer func() { _ = p.Close() }()
	if _, err := p.Apply(y.ctx, nil); !errors.Is(err, ErrReadOnly) || y.has("/t") {
		t.Errorf("moved out of a read-only session: %v", err)
	}
	removal := must(s.PlanRemove(y.ctx, []PathVersion{{"/a", -1}}, nil))
	if report, err := removal.Apply(y.ctx, nil); !errors.Is(err, ErrReadOnly) || report.Remaining != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestBigValues puts values near the limit of a request, each of which has to go
// alone.
func TestBigValues(t *testing.T) {
	y := newYard(t)
	records := []Record{{Path: "/"}}
	for i := range 2 { // the race detector reads JSON at a crawl
		records = append(records, Record{Path: fmt.Sprintf("/big%d", i), Data: bytes.Repeat([]byte{'a' + byte(i)}, 1_048_000)})
	}
	file := fileOf(t, records...)
	if r := y.apply(y.plan(file, ImportOptions{To: "/t"})); r.Created != 3 || r.Bytes != 2*1_048_000 {
		t.Errorf("%+v", r)
	}
	if again := y.plan(y.export("/t", ExportOptions{}), ImportOptions{To: "/t"}); again.Summary().Same != 3 {
		t.Errorf("%s", actions(again))
	}
}

func TestContainersAndTTLs(t *testing.T) {
	y := newYard(t)
	file := fileOf(t, Record{Path: "/"}, Record{Path: "/c", Kind: Container}, Record{Path: "/t", Kind: TTL, TTL: time.Hour}, Record{Path: "/c/x"})
	if r := y.apply(y.plan(file, ImportOptions{To: "/k"})); r.Created != 4 {
		t.Errorf("%+v", r)
	}
	// Servers say so only in their log and their dump: to clients they look persistent.
	if again := y.plan(file, ImportOptions{To: "/k"}); again.Summary().Same != 4 {
		t.Errorf("%s", actions(again))
	}
	off := zktest.Start(t, 1, zktest.Config("extendedTypesEnabled=false"), zktest.JVM("-Dzookeeper.extendedTypesEnabled=false"))
	z := yardOn(t, off.Addr(), "")
	r, err := z.plan(file, ImportOptions{To: "/k"}).Apply(z.ctx, nil)
	if err != nil || r.Created != 3 || r.Failed != 1 || !errors.Is(r.Notes[0].Err, ErrUnimplemented) {
		t.Errorf("without TTL znodes: %+v, %v", r, err)
	}
}
