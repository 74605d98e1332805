package zkview

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

func (y *yard) planMove(from, to string, o CopyOptions) *Plan {
	y.Helper()
	o.Move = true
	p, err := y.s.PlanCopy(y.ctx, from, to, o)
	if err != nil {
		y.Fatal(err)
	}
	y.Cleanup(func() {
		if err := p.Close(); err != nil {
			y.Error(err)
		}
	})
	return p
}

func TestMove(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/b/c", "/a/d")
	y.put("/a/own", "x", zk.AuthACL(zk.PermAll)...)
	want := lines(y.tree("/a"))
	p := y.planMove("/a", "/x/y", CopyOptions{})
	r := y.apply(p)
	if r.Created != 5 || r.Deleted != 5 || r.Parents != 1 || y.has("/a") || lines(y.tree("/x/y")) != want {
		t.Errorf("%+v\n%s", r, lines(y.tree("/")))
	}
	y.apply(y.planMove("/x/y", "/x/z", CopyOptions{})) // a rename
	if y.has("/x/y") || lines(y.tree("/x/z")) != want {
		t.Errorf("%s", lines(y.tree("/")))
	}
}

func TestMoveLeavesWhatChangedMeanwhile(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/b/c", "/a/changed", "/a/again", "/a/acl", "/a/grown", "/a/gone", "/a/plain")
	p := y.planMove("/a", "/t", CopyOptions{})
	y.put("/a/changed", "theirs")
	y.fill("/a/grown/child")
	for _, path := range []string{"/a/gone", "/a/again"} {
		if err := y.conn.Delete(y.abs(path), -1); err != nil {
			t.Fatal(err)
		}
	}
	y.put("/a/again", "again") // the same version and the same data as before
	if _, err := y.conn.SetACL(y.abs("/a/acl"), zk.AuthACL(zk.PermAll), -1); err != nil {
		t.Fatal(err)
	}
	r, err := p.Apply(y.ctx, nil)
	if err != nil || r.Created != 9 || r.Deleted != 4 || r.Kept != 5 || r.Complete() || len(r.Notes) != 4 {
		t.Errorf("%+v, %v", r, err)
	}
	want := map[string]bool{"/": true, "/changed": true, "/again": true, "/acl": true, "/grown": true, "/grown/child": true}
	for path := range y.tree("/a") {
		if !want[path] {
			t.Errorf("%s stays", path)
		}
		delete(want, path)
	}
	if len(want) != 0 {
		t.Errorf("%v is lost", want)
	}
}

func TestMoveIsRefused(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/t")
	must(y.s.Create(y.ctx, "/a/eph", nil, CreateOptions{Kind: Ephemeral}))
	p := y.planMove("/a", "/m", CopyOptions{})
	if _, err := p.Apply(y.ctx, nil); !errors.Is(err, ErrIncomplete) || y.has("/m") {
		t.Errorf("with an ephemeral: %v", err)
	}
	r, err := y.planMove("/a", "/m", CopyOptions{ImportOptions: ImportOptions{LeaveEphemerals: true}}).Apply(y.ctx, nil)
	if err != nil || r.Created != 2 || r.Deleted != 1 || r.Kept != 2 || !y.has("/a/eph") || y.has("/a/b") {
		t.Errorf("without the ephemeral: %+v, %v", r, err)
	}
	p = y.planMove("/m", "/t", CopyOptions{}) // /t differs
	if _, err := p.Apply(y.ctx, nil); !errors.Is(err, ErrConflict) || !y.has("/m/b") || y.has("/t/b") {
		t.Errorf("with a conflict: %v", err)
	}
	y.put("/m/dark", "", zk.DigestACL(zk.PermAll, "nobody", "knows")...)
	if _, err := y.planMove("/m", "/n", CopyOptions{}).Apply(y.ctx, nil); !errors.Is(err, ErrIncomplete) || y.has("/n") {
		t.Errorf("with something unreadable: %v", err)
	}
}

// TestMoveOfWhatCannotAllBeWritten: the source stays whole.
func TestMoveOfWhatCannotAllBeWritten(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/c")
	p := y.planMove("/a", "/t", CopyOptions{})
	y.fill("/t")
	y.put("/t/b", "in the way")
	r, err := p.Apply(y.ctx, nil)
	if err == nil || r.Failed != 2 || r.Deleted != 0 || r.Kept != 3 || len(y.tree("/a")) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCopyWithinItself(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/ab")
	whole := openTest(t, Config{Servers: zktest.Shared(t), Auth: []Auth{me}})
	for _, c := range []struct {
		from, to string
		into     *Session
		want     error
	}{
		{"/a", "/a", nil, ErrWithin},
		{"/a", "/a/x/y", nil, ErrWithin},
		{"/a/b", "/a", nil, ErrWithin},
		{"/", "/a", nil, ErrWithin},
		{"/a", y.abs("/a"), whole, ErrWithin},
		{"/a", y.abs("/a/x/y"), whole, ErrWithin},
		{"/a/b", y.abs("/a"), whole, ErrWithin},
		{"/a", "/zookeeper/x", whole, ErrSystem},
		{"/none", "/x", nil, ErrNoNode},
		{"/a", "/ab/c", nil, nil},
		{"/a", y.abs("/ac"), whole, nil},
	} {
		p, err := y.s.PlanCopy(y.ctx, c.from, c.to, CopyOptions{Into: c.into})
		if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s to %s: %v, want %v", c.from, c.to, err, c.want)
		}
		if p != nil {
			_ = p.Close()
		}
	}
	for _, from := range []string{"/", "/zookeeper/quota"} {
		_, err := whole.PlanCopy(y.ctx, from, "/x", CopyOptions{Move: true, Into: y.s})
		wantErr(t, err, ErrSystem)
	}
}

// TestCopyLeavesNoFile looks for temporary files of copies.
func TestCopyLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	y := newYard(t)
	y.fill("/a")
	p := must(y.s.PlanCopy(y.ctx, "/a", "/b", CopyOptions{}))
	info, err := p.spool.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := y.s.PlanCopy(y.ctx, "/a", "/b/c/d", CopyOptions{ImportOptions: ImportOptions{NoParents: true}}); !errors.Is(err, ErrNoNode) {
		t.Error(err)
	}
	files, err := os.ReadDir(dir)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "zkdeck-copy") {
			t.Errorf("%s is left over", f.Name())
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestCompareWithFiles(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/same", "/a/data", "/a/acl", "/a/gone", "/a/gone/below")
	y.put("/a/dark", "", zk.AuthACL(zk.PermAll)...)
	y.put("/a/null", "")
	must(y.s.Create(y.ctx, "/a/eph", nil, CreateOptions{Kind: Ephemeral}))
	file := y.export("/a", ExportOptions{})
	bare := y.export("/a", ExportOptions{NoACL: true})
	if _, err := y.conn.SetACL(y.abs("/a/acl"), zk.WorldACL(zk.PermRead), -1); err != nil {
		t.Fatal(err)
	}
	y.put("/a/data", "other")
	y.fill("/a/new")
	for _, path := range []string{"/a/gone/below", "/a/gone"} {
		if err := y.conn.Delete(y.abs(path), -1); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	compare := func(a, b Side, o CompareOptions) CompareReport {
		t.Helper()
		got = nil
		report, err := Compare(y.ctx, a, b, o, func(list []Difference) error {
			for _, d := range list {
				got = append(got, d.Kind.String()+" "+d.Path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	live := Side{Session: y.s, Path: "/a"}
	r := compare(Side{File: bytes.NewReader(file)}, live, CompareOptions{})
	if r.Added != 1 || r.Removed != 2 || r.Changed != 2 || r.Same != 4 || !r.ACL || strings.Contains(strings.Join(got, ";"), "eph") {
		t.Errorf("%+v %v", r, got)
	}
	if r = compare(Side{File: bytes.NewReader(bare)}, live, CompareOptions{}); r.Changed != 1 || r.ACL {
		t.Errorf("without ACLs: %+v %v", r, got)
	}
	if r = compare(live, Side{File: bytes.NewReader(file)}, CompareOptions{Ephemerals: true}); r.Removed != 2 || r.Added != 2 {
		t.Errorf("with ephemerals: %+v %v", r, got)
	}
	stranger := openTest(t, Config{Servers: zktest.Shared(t) + y.root})
	r = compare(Side{File: bytes.NewReader(file)}, Side{Session: stranger, Path: "/a"}, CompareOptions{})
	if r.Unread != 1 || r.Removed != 2 || r.Same != 3 {
		t.Errorf("by a stranger: %+v %v", r, got)
	}
	if r = compare(Side{File: bytes.NewReader(file)}, Side{File: bytes.NewReader(file)}, CompareOptions{}); !r.Equal() || r.Same != 8 {
		t.Errorf("with itself: %+v %v", r, got)
	}
}
