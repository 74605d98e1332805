package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"zkdeck/zkview"
)

// deleting opens the dialog for paths and counts.
func deleting(t *testing.T, f *fakeCluster, hidden map[string]bool, paths ...string) *rig {
	t.Helper()
	var targets []target
	for _, p := range paths {
		targets = append(targets, f.target(p))
	}
	d, cmd := newDeleteDialog(1, f, targets, hidden)
	r := &rig{t: t, d: d}
	r.run(cmd)
	return r
}

// confirm types word and presses Delete.
func (r *rig) confirm(word string) {
	r.typeText(word)
	r.press("tab", "enter")
}

func wantPaths(t *testing.T, f *fakeCluster, want ...string) {
	t.Helper()
	if got := f.paths(); !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
}

func TestDeleteLeaf(t *testing.T) {
	f := newFake("/a")
	r := deleting(t, f, nil, "/a")
	r.wantScreen("Delete /a? It has no children.", "[ Cancel ]")
	r.press("d", "y", "space")
	r.press("enter")
	if !r.done || len(f.paths()) != 2 {
		t.Error("enter on Cancel did not cancel, or a letter deleted")
	}
	r = deleting(t, f, nil, "/a")
	r.press("tab", "enter")
	wantPaths(t, f, "/")
	if !r.done || !strings.Contains(r.flashed(), "deleted /a") {
		t.Errorf("done %v, said %q", r.done, r.flashed())
	}
}

func TestDeleteGuardsTheVersionSeen(t *testing.T) {
	f := newFake("/a")
	r := deleting(t, f, nil, "/a")
	f.put("/a", "changed")
	r.press("tab", "enter")
	wantPaths(t, f, "/", "/a")
	r.wantScreen("/a was changed by somebody else since you looked", "1 znode remain")
}

func TestDeleteOfALeafThatGotChildren(t *testing.T) {
	f := newFake("/a")
	r := deleting(t, f, nil, "/a")
	f.put("/a/b", "")
	r.press("tab", "enter")
	wantPaths(t, f, "/", "/a", "/a/b")
	r.wantScreen("/a has children by now")
}

func TestDeleteRecursively(t *testing.T) {
	f := newFake("/a", "/a/b", "/a/b/c", "/a/d", "/x")
	r := deleting(t, f, nil, "/a", "/a/b/c")
	r.wantScreen("Delete /a and the 3 znodes below it?", "Type a to delete")
	r.press("tab", "enter")
	r.wantScreen("type a first")
	if len(f.batches) > 0 {
		t.Error("it deleted without the name")
	}
	r.press("shift+tab")
	r.confirm("a")
	wantPaths(t, f, "/", "/x")
	if !r.done || !strings.Contains(r.flashed(), "deleted 4 znodes") {
		t.Errorf("done %v, said %q", r.done, r.flashed())
	}
}

func TestDeleteListsHiddenMarks(t *testing.T) {
	f := newFake("/a", "/b", "/b/c")
	f.nodes["/a"].stat.EphemeralOwner = 0x55
	r := deleting(t, f, map[string]bool{"/a": true}, "/a", "/b")
	r.wantScreen("/a ephemeral of session 0x55 (not visible in the tree)", "/b 1 child", "3 in all", "1 ephemeral of live sessions", "Type 3")
	r.confirm("3")
	wantPaths(t, f, "/")
}

func TestDeleteRefusesZooKeepersOwn(t *testing.T) {
	for _, p := range []string{"/", "/zookeeper", "/zookeeper/quota"} {
		d, cmd := newDeleteDialog(1, newFake(), []target{{path: "/ok"}, {path: p}}, nil)
		r := rig{t: t, d: d}
		if cmd != nil {
			t.Errorf("%s: a request was made", p)
		}
		r.wantScreen("delete", "[ Close ]")
		r.press("enter")
	}
	if guardPath("/zookeeper2") != "" {
		t.Error("/zookeeper2 is refused")
	}
}

func TestDeleteInBatches(t *testing.T) {
	f := newFake("/a")
	for i := range 1203 {
		f.put(fmt.Sprintf("/a/n%04d", i), "")
	}
	r := deleting(t, f, nil, "/a")
	r.confirm("a")
	wantPaths(t, f, "/")
	if want := []int{500, 500, 204}; !slices.Equal(f.batches, want) {
		t.Errorf("batches %v, want %v", f.batches, want)
	}
	f = newFake("/a")
	long := strings.Repeat("x", 200_000)
	for i := range 5 {
		f.put(fmt.Sprintf("/a/%s%d", long, i), "")
	}
	r = deleting(t, f, nil, "/a")
	r.confirm("a")
	if want := []int{3, 3}; !slices.Equal(f.batches, want) {
		t.Errorf("batches of long paths %v, want %v", f.batches, want)
	}
}

func TestDeleteWhileOthersChangeTheTree(t *testing.T) {
	f := newFake("/a", "/a/b", "/a/b/c", "/a/d", "/a/e")
	r := deleting(t, f, nil, "/a")
	f.drop("/a/d")
	f.put("/a/b/new", "")
	f.put("/a/b/new/deep", "")
	r.confirm("a")
	wantPaths(t, f, "/")
	if !strings.Contains(r.flashed(), "deleted 6 znodes; 1 had been deleted by somebody else") {
		t.Errorf("said %q", r.flashed())
	}
}

func TestDeleteGivesUpOnANodeThatKeepsGrowing(t *testing.T) {
	f := newFake("/a", "/a/b", "/a/b/c", "/a/d")
	r := deleting(t, f, nil, "/a")
	n := 0
	f.hook = func(op, path string) error {
		if op == "delete" && path == "/a/b" {
			n++
			f.put(fmt.Sprintf("/a/b/again%d", n), "")
		}
		return nil
	}
	r.confirm("a")
	r.wantScreen("New children keep appearing in /a/b", "2 znodes remain")
	if r.done || f.nodes["/a/d"] != nil {
		t.Errorf("left: %v", f.paths())
	}
}

func TestDeleteSkipsWhatTheACLForbids(t *testing.T) {
	f := newFake("/a", "/a/b", "/a/b/1", "/a/b/2", "/a/b/3", "/a/c", "/a/c/x")
	tries := 0
	r := deleting(t, f, nil, "/a")
	f.hook = func(op, path string) error {
		if op == "delete" && strings.HasPrefix(path, "/a/b/") {
			tries++
			return zkview.ErrNoAuth
		}
		return nil
	}
	r.confirm("a")
	wantPaths(t, f, "/", "/a", "/a/b", "/a/b/1", "/a/b/2", "/a/b/3")
	r.wantScreen("The ACL of /a/b does not let us delete its children", "Deleted 2 znodes; 5 znodes remain", "[ Close ]")
	if tries > 2 {
		t.Errorf("%d tries under a parent that forbids it", tries)
	}
}

func TestDeleteUnlistable(t *testing.T) {
	f := newFake("/a", "/a/b", "/a/b/c", "/a/d")
	f.hook = func(op, path string) error {
		if op == "getChildren" && path == "/a/b" {
			return zkview.ErrNoAuth
		}
		return nil
	}
	r := deleting(t, f, nil, "/a")
	r.wantScreen("1 znode may not be listed (/a/b)")
	r.confirm("a")
	wantPaths(t, f, "/", "/a", "/a/b", "/a/b/c")
	r.wantScreen("/a/b has children that we may not list")
}

func TestDeleteStops(t *testing.T) {
	f := newFake("/a")
	for i := range 1200 {
		f.put(fmt.Sprintf("/a/n%04d", i), "")
	}
	r := deleting(t, f, nil, "/a")
	f.after = func(string, string) error {
		r.send(press("esc"))
		return nil
	}
	r.confirm("a")
	r.wantScreen("Deleted 500 znodes; 701 znodes remain", "You stopped it", "[ Close ]", "Go on deleting")
	f.after = nil
	r.press("tab", "enter")
	wantPaths(t, f, "/")
	if !r.done {
		t.Error("it does not end after going on")
	}
}

func TestDeleteWhenTheConnectionIsLost(t *testing.T) {
	grown := func() *fakeCluster {
		f := newFake("/a")
		for i := range 700 {
			f.put(fmt.Sprintf("/a/n%04d", i), "")
		}
		return f
	}
	t.Run("after it arrived", func(t *testing.T) {
		f := grown()
		r := deleting(t, f, nil, "/a")
		f.after = func(string, string) error { return zkview.ErrUnknownOutcome }
		r.confirm("a")
		r.wantScreen("Deleted 500 znodes; 201 znodes remain", "the last 500 znodes were deleted, as reading again shows")
	})
	t.Run("before it was sent", func(t *testing.T) {
		f := grown()
		r := deleting(t, f, nil, "/a")
		f.hook = func(op, _ string) error { return zkview.ErrNotSent }
		r.confirm("a")
		r.wantScreen("Deleted 0 znodes; 701 znodes remain", "not connected; nothing was sent")
	})
	t.Run("and nothing can be read", func(t *testing.T) {
		f := grown()
		r := deleting(t, f, nil, "/a")
		var lost atomic.Bool
		f.after = func(string, string) error { lost.Store(true); return zkview.ErrSessionExpired }
		f.hook = func(string, string) error {
			if lost.Load() {
				return zkview.ErrNotSent
			}
			return nil
		}
		r.confirm("a")
		r.wantScreen("701 znodes remain", "Whether the last 500 znodes are gone could not be read")
		f.hook, f.after = nil, nil
		r.press("tab", "enter")
		wantPaths(t, f, "/")
		if !r.done {
			t.Errorf("not done:\n%s", r.screen(80, 20))
		}
	})
	t.Run("while counting", func(t *testing.T) {
		f := newFake("/a", "/a/b")
		f.hook = func(string, string) error { return zkview.ErrNotSent }
		r := deleting(t, f, nil, "/a")
		r.wantScreen("Counting stopped at", "Nothing was deleted")
		f.hook = nil
		r.press("tab", "enter")
		r.wantScreen("Delete /a and the 1 znode below it?")
	})
}

func TestCountingIsCancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f := newFake("/a", "/a/b")
	var running, most atomic.Int32
	for i := range 100 {
		f.put(fmt.Sprintf("/a/b/n%d", i), "")
	}
	f.hook = func(string, string) error {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		running.Add(-1)
		return nil
	}
	d, cmd := newDeleteDialog(1, f, []target{f.target("/a")}, nil)
	if _, done := d.update(press("esc")); !done {
		t.Error("esc does not close while counting")
	}
	msg := cmd().(dialogMsg).msg.(countedMsg)
	if msg.err == nil {
		t.Error("counting went on after the dialog was closed")
	}
	s := newSubtree([]target{f.target("/a")})
	if done, err := s.walk(context.Background(), f); err != nil || !done || len(s.nodes) != 102 {
		t.Errorf("%d nodes, %v, %v", len(s.nodes), done, err)
	}
	if most.Load() > walkParallel {
		t.Errorf("%d listings at once", most.Load())
	}
}

func TestPasteOfTheName(t *testing.T) {
	f := newFake("/a b", "/a b/c")
	r := deleting(t, f, nil, "/a b")
	r.send(tea.PasteMsg{Content: "a b"})
	r.press("tab", "enter")
	wantPaths(t, f, "/")
}
