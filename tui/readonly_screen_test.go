package tui

import (
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

func TestScreenReadOnly(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/doc", "/other")
	s := connect(t, root, 120, 90, func(s *setup) { s.cfg.ReadOnly = true })
	s.WaitForText("READ-ONLY")
	s.goTo("/doc")
	footer := s.lines()[89]
	if strings.Contains(footer, "create") || strings.Contains(footer, "delete") || strings.Contains(footer, "edit") {
		t.Errorf("the footer offers to write: %s", footer)
	}
	s.Type("c", "e", "E", "d", "delete", "C", "M", "R", "f2", "i")
	s.Type("?")
	s.WaitForText("─ Keys ─", "copy the path", "export the subtree", "compare the subtree", "mark two to compare")
	for _, gone := range []string{"create a znode", "edit the value", "delete", "mark for delete", "copy the subtree", "move the subtree", "rename", "import a file"} {
		if keys, _, _ := strings.Cut(s.Screen(), "In dialogs"); strings.Contains(keys, gone) {
			t.Errorf("the help has %q", gone)
		}
	}
	s.Type("esc")
	s.waitGone("─ Keys ─")
	for _, l := range s.lines() {
		if strings.Contains(l, "╭") || strings.Contains(l, "◆") {
			t.Errorf("a key did something:\n%s", s.Screen())
			break
		}
	}
	for _, command := range []string{"create", "edit", "delete ", "copy /x", "move /x", "rename x", "import x"} {
		s.Type(":", command, "enter")
		s.WaitForText("This session is read-only")
		if strings.Contains(s.Screen(), "╭") {
			t.Errorf(":%s opens a dialog:\n%s", command, s.Screen())
		}
		s.Type("esc") // dismisses it
		s.waitGone("This session is read-only")
	}
	s.quit("q")
	c.wantData("/doc", "x")
}

func TestScreenCopies(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("größe\n世界", "/doc")
	c.make("\xff\x00", "/bin")
	c.make(strings.Repeat("x", maxCopy+1), "/long")
	s := connect(t, root, 120, 30)
	s.goTo("/doc")
	s.WaitForText("世界")
	s.Type("y")
	s.WaitFor(func(string) bool { return s.Clipboard() == "/doc" }, "the path on the clipboard")
	s.WaitForText("Copied the path, 4 bytes")
	s.Type("Y")
	s.WaitFor(func(string) bool { return s.Clipboard() == "größe\n世界" }, "the value on the clipboard")
	s.goTo("/bin")
	s.WaitForText("· v0")
	s.Type("Y")
	s.WaitForText("The value is binary")
	s.goTo("/long")
	s.WaitForText("56 kB · v0")
	s.Type("Y")
	s.WaitForText("larger than the")
	if got := s.Clipboard(); got != "größe\n世界" {
		t.Errorf("copied %q", got)
	}
	s.quit("q")
}
