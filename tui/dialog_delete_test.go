package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

// deleting opens the dialog for paths below the root of a session and counts.
func deleting(t *testing.T, s *zkview.Session, hidden map[string]bool, paths ...string) *rig {
	t.Helper()
	var targets []target
	for _, p := range paths {
		stat, err := s.Stat(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, target{p, stat})
	}
	d, cmd := newDeleteDialog(t.Context(), 1, s, targets, hidden)
	r := &rig{t: t, d: d}
	r.run(cmd)
	return r
}

// session opens one on the shared server whose / is the test's own, with paths.
func session(t *testing.T, paths ...string) *zkview.Session {
	t.Helper()
	s, err := zkview.Open(zkview.Config{Servers: zktest.Shared(t) + zktest.Root(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	put(t, s, paths...)
	return s
}

// put creates znodes.
func put(t *testing.T, s *zkview.Session, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if _, err := s.Create(t.Context(), p, []byte("data of "+p), zkview.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// confirm types word and presses Delete.
func (r *rig) confirm(word string) {
	r.typeText(word)
	r.press("tab", "enter")
}

// wantPaths checks what is left on the server.
func wantPaths(t *testing.T, s *zkview.Session, want ...string) {
	t.Helper()
	var got []string
	if _, err := s.Walk(t.Context(), "/", zkview.WalkOptions{}, func(batch []zkview.Znode) error {
		for _, z := range batch {
			got = append(got, strings.Clone(z.Path))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("left: %v, want %v", got, want)
	}
}

func TestDeleteLeaf(t *testing.T) {
	t.Parallel()
	s := session(t, "/a")
	r := deleting(t, s, nil, "/a")
	r.wantScreen("Delete /a? It has no children.", "[ Cancel ]")
	r.press("d", "y", "space")
	r.press("enter")
	wantPaths(t, s, "/", "/a")
	if !r.done {
		t.Error("enter on Cancel did not cancel")
	}
	r = deleting(t, s, nil, "/a")
	r.press("tab", "enter")
	wantPaths(t, s, "/")
	if !r.done || !strings.Contains(r.flashed(), "deleted /a") {
		t.Errorf("done %v, said %q", r.done, r.flashed())
	}
}

func TestDeleteGuardsTheVersionSeen(t *testing.T) {
	t.Parallel()
	s := session(t, "/a")
	r := deleting(t, s, nil, "/a")
	if _, err := s.Set(t.Context(), "/a", nil, -1); err != nil {
		t.Fatal(err)
	}
	r.press("tab", "enter")
	wantPaths(t, s, "/", "/a")
	r.wantScreen("/a was changed by somebody else since you looked", "1 znode remain")
}

func TestDeleteOfALeafThatGotChildren(t *testing.T) {
	t.Parallel()
	s := session(t, "/a")
	r := deleting(t, s, nil, "/a")
	put(t, s, "/a/b")
	r.press("tab", "enter")
	wantPaths(t, s, "/", "/a", "/a/b")
	r.wantScreen("There are znodes below by now", "Delete /a and the 1 znode below it?", "[ Cancel ]")
	r.confirm("a")
	wantPaths(t, s, "/")
}

func TestDeleteRecursively(t *testing.T) {
	t.Parallel()
	s := session(t, "/a", "/a/b", "/a/b/c", "/a/d", "/x")
	r := deleting(t, s, nil, "/a", "/a/b/c")
	r.wantScreen("Delete /a and the 3 znodes below it?", "Type a to delete")
	r.press("tab", "enter")
	r.wantScreen("type a first")
	wantPaths(t, s, "/", "/a", "/a/b", "/a/b/c", "/a/d", "/x")
	r.press("shift+tab")
	r.confirm("a")
	wantPaths(t, s, "/", "/x")
	if !r.done || !strings.Contains(r.flashed(), "deleted 4 znodes") {
		t.Errorf("done %v, said %q", r.done, r.flashed())
	}
}

func TestDeleteListsHiddenMarks(t *testing.T) {
	t.Parallel()
	s := session(t, "/b", "/b/c")
	if _, err := s.Create(t.Context(), "/a", nil, zkview.CreateOptions{Kind: zkview.Ephemeral}); err != nil {
		t.Fatal(err)
	}
	r := deleting(t, s, map[string]bool{"/a": true}, "/a", "/b")
	r.wantScreen("/a ephemeral of this zkdeck's session (not visible in the tree)", "/b 1 child", "3 in all", "1 ephemeral of live sessions", "Type 3")
	r.confirm("3")
	wantPaths(t, s, "/")
}

func TestDeleteRefusesZooKeepersOwn(t *testing.T) {
	for _, p := range []string{"/", "/zookeeper", "/zookeeper/quota"} {
		d, cmd := newDeleteDialog(t.Context(), 1, newFake(), []target{{path: "/ok"}, {path: p}}, nil)
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

func TestDeleteWhileOthersChangeTheTree(t *testing.T) {
	t.Parallel()
	s := session(t, "/a", "/a/b", "/a/b/c", "/a/d", "/a/e")
	r := deleting(t, s, nil, "/a")
	if err := s.Delete(t.Context(), "/a/d", -1); err != nil {
		t.Fatal(err)
	}
	put(t, s, "/a/b/new", "/a/b/new/deep")
	r.confirm("a")
	wantPaths(t, s, "/")
	if !strings.Contains(r.flashed(), "deleted 6 znodes; 1 had been deleted by somebody else") {
		t.Errorf("said %q", r.flashed())
	}
}

func TestDeleteWhatVanished(t *testing.T) {
	t.Parallel()
	s := session(t, "/a", "/b", "/b/c")
	r := deleting(t, s, nil, "/a", "/b")
	for _, p := range []string{"/a", "/b/c"} {
		if err := s.Delete(t.Context(), p, -1); err != nil {
			t.Fatal(err)
		}
	}
	r.confirm("3")
	wantPaths(t, s, "/")
	if !strings.Contains(r.flashed(), "deleted 1 znode; 2 had been deleted by somebody else") {
		t.Errorf("said %q", r.flashed())
	}
}

// Counting that was called off ends, whether its command has run or not.
func TestCountingIsCancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	f := newFake("/a", "/a/b")
	d, _ := newDeleteDialog(t.Context(), 1, f, []target{f.target("/a")}, nil)
	if _, done := d.update(press("esc")); !done {
		t.Error("esc does not close while counting")
	}
	<-d.(*deleteDialog).job.ended

	d, cmd := newDeleteDialog(t.Context(), 1, f, []target{f.target("/a")}, nil)
	r := &rig{t: t, d: d}
	r.run(cmd)
	r.wantScreen("Not connected; nothing was sent.", "Nothing was deleted.", "Count again")
	r.press("tab", "enter")
	r.wantScreen("Nothing was deleted.")
	r.press("enter")
	if !r.done {
		t.Error("it does not close")
	}
}

func TestPasteOfTheName(t *testing.T) {
	t.Parallel()
	s := session(t, "/a b", "/a b/c")
	r := deleting(t, s, nil, "/a b")
	r.send(tea.PasteMsg{Content: "a b"})
	r.press("tab", "enter")
	wantPaths(t, s, "/")
}
