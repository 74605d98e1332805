package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// create fills in the form for a child of the root: what is typed into the name,
// how often "right" is pressed on the kind, and the keys from there on.
func (s *screen) create(name string, kind int, more ...string) {
	s.t.Helper()
	s.goTo("/")
	s.Type("c")
	s.WaitForText("─ Create a znode under / ─")
	s.Type(name, "tab")
	for range kind {
		s.Type("right")
	}
	s.Type("tab")
	s.Type(more...)
	s.Type("ctrl+s")
	s.waitGone("─ Create a znode")
}

func TestScreenCreateEveryKind(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	s := connect(t, root, 100, 30)

	s.create("plain", 0, "tab", "tab", "line 1", "enter", "line 2")
	s.WaitForText("Created /plain", "line 2")
	if st := c.wantData("/plain", "line 1\nline 2"); st.EphemeralOwner != 0 {
		t.Errorf("/plain has owner 0x%x", st.EphemeralOwner)
	}
	s.create("mine", 1)
	s.WaitForText("Created /mine")
	if st := c.wantData("/mine", ""); st.EphemeralOwner != s.sess.Status().SessionID {
		t.Errorf("/mine has owner 0x%x", st.EphemeralOwner)
	}
	s.create("n-", 0, "space")
	s.WaitForText("Created /n-000000000")
	s.create("e-", 1, "space")
	s.WaitForText("Created /e-000000000")
	s.create("box", 2)
	s.WaitForText("Created /box")
	s.create("short", 3, "ctrl+u", "90s")
	s.WaitForText("Created /short")
	// Servers answer as if these two were persistent; only the requests differ.
	var sent []string
	for _, e := range s.sess.Ops().Since(0) {
		if strings.HasPrefix(e.Op, "create") {
			sent = append(sent, e.Op+" "+e.Path)
		}
	}
	for _, want := range []string{"create /plain", "create /mine", "createContainer /box", "createTTL /short"} {
		if !slices.Contains(sent, want) {
			t.Errorf("not sent: %s, but %q", want, sent)
		}
	}
	names, _, err := c.Children(root)
	if err != nil || len(names) != 6 {
		t.Errorf("there are %q, %v", names, err)
	}

	// A child of an ephemeral is asked for beside it: it cannot have any.
	s.goTo("/mine")
	s.waitRow("▌  mine", " e ")
	s.Type("c")
	s.WaitForText("─ Create a znode under / ─")
	s.Type("esc")
	s.quit("q")
	c.gone("/mine")
}

func TestScreenCreateParentsAndBadNames(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	s := connect(t, root, 100, 30)
	s.Type("c")
	s.WaitForText("─ Create a znode")
	for _, bad := range []struct{ name, says string }{
		{"..", "The name will not do"},
		{".", "The name will not do"},
		{"a/b", "A name has no /"},
		{"/a", "Begin with a name"},
		{"a\x00", "The name will not do"},
	} {
		if strings.ContainsRune(bad.name, 0) {
			s.Paste(bad.name)
		} else {
			s.Type(bad.name)
		}
		s.WaitForText(bad.says)
		s.Type("ctrl+s")
		s.WaitForText(bad.says)
		s.Type("ctrl+u")
		s.waitGone(bad.says)
	}
	s.Type("ctrl+s")
	s.WaitForText("Type a name first")
	s.Type("x/y/z", "tab", "tab", "tab", "space") // name, kind, sequential, parents
	s.waitGone("A name has no /")
	s.Type("ctrl+s")
	s.WaitForText("Created /x/y/z")
	s.waitRow("▾ y", "1")
	s.waitRow("▌", "z")
	c.wantData("/x/y/z", "")

	// What exists already is refused by the server, and what was typed stays.
	s.goTo("/x/y")
	s.Type("c")
	s.WaitForText("─ Create a znode under /x/y ─")
	s.Type("z", "tab", "tab", "tab", "tab", "precious", "ctrl+s")
	s.WaitForText("/x/y/z: ", "exists", "precious")
	s.Type("esc")
	s.WaitForText("Discard the value that you typed?")
	s.Type("tab", "enter")
	s.waitGone("─ Create a znode", "Discard")
	c.wantData("/x/y/z", "")
	s.quit("q")
}

func TestScreenCreateOverQuotaOrWithoutPermissionSaysSo(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	_, err := c.Create(root+"/locked", nil, 0, zk.WorldACL(zk.PermRead))
	c.must(err)
	s := connect(t, root, 100, 30)
	s.goTo("/locked")
	s.Type("c")
	s.WaitForText("under /locked")
	s.Type("x", "ctrl+s")
	s.WaitForText("/locked/x: ", "not allowed by the ACL")
	s.Type("esc")
	s.waitGone("under /locked")
	s.Type("e")
	s.WaitForText("Edit /locked")
	s.Type("new text", "ctrl+s")
	s.WaitForText("Not saved", "Your text is still here", "new text")
	s.Type("esc", "tab", "enter")
	s.waitGone("Edit /locked")
	s.quit("q")
}
