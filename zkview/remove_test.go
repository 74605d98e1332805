package zkview

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

func (y *yard) removal(paths ...string) *Removal {
	y.Helper()
	var targets []PathVersion
	for _, p := range paths {
		targets = append(targets, PathVersion{p, -1})
	}
	r, err := y.s.PlanRemove(y.ctx, targets, nil)
	if err != nil {
		y.Fatal(err)
	}
	return r
}

// left fails unless what is below the root is this.
func (y *yard) left(want ...string) {
	y.Helper()
	var got []string
	for path := range y.tree("/") {
		got = append(got, path)
	}
	slices.Sort(got)
	if want = append([]string{"/"}, want...); !slices.Equal(got, want) {
		y.Errorf("left: %v, want %v", got, want)
	}
}

func TestRemove(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/b/c", "/a/d", "/x")
	y.many("/a/d", 2100)
	owner := y.s.Status().SessionID
	must(y.s.Create(y.ctx, "/a/b/eph", []byte("12"), CreateOptions{Kind: Ephemeral}))
	r := y.removal("/a", "/a/b/c", "/a")
	s := r.Summary()
	if s.Targets != 1 || s.Znodes != 2105 || s.Ephemerals != 1 || s.Owners[owner] != 1 || s.Unread != 0 {
		t.Errorf("%+v", s)
	}
	report, err := r.Apply(y.ctx, nil)
	if err != nil || report.Deleted != 2105 || !report.Complete() {
		t.Errorf("%+v, %v", report, err)
	}
	y.left("/x")
	if report, err = r.Apply(y.ctx, nil); err != nil || report.Deleted != 2105 {
		t.Errorf("a second time: %+v, %v", report, err)
	}
}

func TestRemoveRefusesZooKeepersOwn(t *testing.T) {
	y := newYard(t)
	whole := openTest(t, Config{Servers: zktest.Shared(t)})
	for _, path := range []string{"/", "/zookeeper", "/zookeeper/quota", "/zookeeper/quota/x"} {
		_, err := whole.PlanRemove(y.ctx, []PathVersion{{"/ok", -1}, {path, -1}}, nil)
		wantErr(t, err, ErrSystem)
	}
	y.fill("/zookeeper", "/zookeeper/x", "/zookeeper2") // below a chroot, a name like any other
	if report, err := y.removal("/zookeeper", "/zookeeper2").Apply(y.ctx, nil); err != nil || report.Deleted != 3 {
		t.Errorf("%+v, %v", report, err)
	}
	if r := y.removal("/no/such", "/nothing"); len(r.Summary().Missing) != 2 || r.Summary().Znodes != 0 {
		t.Errorf("%+v", r.Summary())
	}
}

func TestRemoveGuardsTheVersionSeen(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/b")
	r := must(y.s.PlanRemove(y.ctx, []PathVersion{{"/a", 0}, {"/b", 0}}, nil))
	y.put("/a", "changed")
	report, err := r.Apply(y.ctx, nil)
	if err != nil || report.Deleted != 1 || report.Kept != 1 || !errors.Is(report.Notes[0].Err, ErrBadVersion) || report.Notes[0].Path != "/a" {
		t.Errorf("%+v, %v", report, err)
	}
	y.left("/a")
}

func TestRemoveWhileOthersChangeTheTree(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/b/c", "/a/d", "/a/e", "/leaf")
	r, leaf := y.removal("/a"), y.removal("/leaf")
	if err := y.conn.Delete(y.abs("/a/d"), -1); err != nil {
		t.Fatal(err)
	}
	y.fill("/a/b/new", "/a/b/new/deep", "/a/b/new/deep/er", "/leaf/child")
	report, err := r.Apply(y.ctx, nil)
	if err != nil || report.Deleted != 7 || report.Vanished != 1 || !report.Complete() {
		t.Errorf("%+v, %v", report, err)
	}
	// What had no children was not to be deleted with any.
	report, err = leaf.Apply(y.ctx, nil)
	if err != nil || report.Kept != 1 || !errors.Is(report.Notes[0].Err, ErrNotEmpty) {
		t.Errorf("%+v, %v", report, err)
	}
	y.left("/leaf", "/leaf/child")
}

// TestRemoveGivesUpOnWhatKeepsGrowing has somebody create children as fast as they
// can: it ends, and says what it left.
func TestRemoveGivesUpOnWhatKeepsGrowing(t *testing.T) {
	y := newYard(t)
	y.fill("/a", "/a/b", "/a/b/c", "/a/d")
	r := y.removal("/a")
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := y.conn.Create(y.abs("/a/b/again-"), nil, zk.FlagSequence, zk.WorldACL(zk.PermAll)); err != nil {
				return // it was deleted, in a moment when it was empty
			}
		}
	}()
	eventually(t, "growth", func() bool { return must(y.s.Stat(y.ctx, "/a/b")).NumChildren > 10 })
	report, err := r.Apply(y.ctx, nil)
	close(stop)
	<-done
	kept := report.Kept == 2 && report.Notes[0].Path == "/a/b" && errors.Is(report.Notes[0].Err, ErrNotEmpty) && y.has("/a/b")
	if err != nil || y.has("/a/d") || !kept && !(report.Complete() && !y.has("/a")) {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestRemoveSkipsWhatTheACLForbids(t *testing.T) {
	y := newYard(t)
	noDelete := zk.WorldACL(zk.PermAll &^ zk.PermDelete)
	y.put("/a", "")
	y.put("/a/b", "", noDelete...)
	y.fill("/a/b/1", "/a/b/2", "/a/b/3", "/a/c", "/a/c/x")
	y.put("/a/dark", "", zk.DigestACL(zk.PermAll, "nobody", "knows")...)
	r := y.removal("/a")
	if s := r.Summary(); s.Unread != 1 || s.Example != "/a/dark" || s.Znodes != 8 {
		t.Errorf("%+v", s)
	}
	report, err := r.Apply(y.ctx, nil)
	if err != nil || report.Deleted != 3 || report.Kept != 5 || report.Complete() {
		t.Errorf("%+v, %v", report, err)
	}
	if len(report.Notes) != 1 || report.Notes[0].Path != "/a/b" || !strings.Contains(report.Notes[0].Err.Error(), "delete its children") {
		t.Errorf("%+v", report.Notes)
	}
	y.left("/a", "/a/b", "/a/b/1", "/a/b/2", "/a/b/3")
}
