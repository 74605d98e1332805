package tui

import (
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/zktest"
)

func TestScreenResizesWhileItRuns(t *testing.T) {
	t.Parallel()
	root, _ := life(t)
	s := connect(t, root, 120, 36)
	s.goTo("/config/application/app.yaml")
	s.WaitForText("YAML")
	for _, size := range [][2]int{{80, 24}, {40, 10}, {100, 18}, {99, 17}, {300, 80}, {39, 9}, {200, 60}, {41, 11}, {120, 36}} {
		s.Resize(size[0], size[1])
	}
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/app.yaml") && len(s.lines()) == 36 }, "the last size")
	s.WaitForText("YAML", "defaults")
	s.Type("e")
	s.WaitForText("─ Edit")
	for _, size := range [][2]int{{40, 10}, {39, 9}, {200, 60}, {60, 12}, {120, 36}} {
		s.Resize(size[0], size[1])
	}
	s.WaitForText("─ Edit", "defaults")
	s.Type("esc")
	s.waitGone("─ Edit")
	checkPanes(t, s, 120, 36)
	s.quit("q")
}

func TestScreenPasteOnBarePanesDoesNothing(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/doc")
	s := connect(t, root, 100, 24)
	s.goTo("/doc")
	s.Paste("q\x03d\t\r:quit\rcx\x13\x1b[31m\x1b]52;c;eA==\a\xff\u202e\x00")
	s.WaitForText("Pasted text goes nowhere here")
	if strings.Contains(s.Screen(), "╭") {
		t.Errorf("a paste opened a dialog:\n%s", s.Screen())
	}
	s.Type(":")
	s.WaitForText("complete")
	s.Paste("/do\x1b[31m\u202e\nc\r")
	s.Type("esc")
	s.Type("/")
	s.WaitForText("keep")
	s.Paste("x\x9by\u202e\x00\r\n" + strings.Repeat("long ", 1000))
	s.Type("esc")
	s.waitGone("keep")
	s.Type("c")
	s.WaitForText("Create a znode")
	s.Paste("a\x1b[2J\u202eb\x00\n\xff")
	s.Type("esc")
	s.waitGone("Create a znode")
	s.quit("q")
	c.wantData("/doc", "x")
}

// TestScreenEveryKey presses each key of the help on each pane and tab.
func TestScreenEveryKey(t *testing.T) {
	t.Setenv("EDITOR", "true")
	t.Setenv("VISUAL", "true")
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("{\"a\": [1, 2]}", "/doc", "/doc/a", "/doc/b", "/end")
	for name, start := range map[string][]string{
		"tree": nil, "value": {"tab"}, "history": {"tab", "["},
	} {
		t.Run(name, func(t *testing.T) {
			s := connect(t, root, 70, 20)
			s.goTo("/doc")
			s.WaitForText("JSON")
			s.Type(start...)
			k := DefaultKeyMap()
			leaves := map[string]bool{}
			for _, b := range []key.Binding{k.Quit, k.ForceQuit} {
				for _, name := range b.Keys() {
					leaves[name] = true
				}
			}
			for _, g := range k.groups() {
				for _, b := range g.Keys {
					for _, name := range b.Keys() {
						if !leaves[name] {
							s.Type(name)
							s.settle()
							s.Type("esc", "esc", "esc")
						}
					}
				}
			}
			s.settle()
			s.goTo("/end")
			s.quit("q")
			c.wantData("/doc", "{\"a\": [1, 2]}")
		})
	}
}

// settledMark is answered when all that was typed before it was worked off.
type settledMark struct{ done chan struct{} }

// settle waits until the program has taken all messages so far and what they
// started has answered, as far as one request to the server tells.
func (s *screen) settle() {
	s.t.Helper()
	for range 2 {
		mark := settledMark{make(chan struct{})}
		s.Send(mark)
		<-mark.done
		if _, err := s.sess.Stat(s.t.Context(), "/"); err != nil {
			s.t.Fatal(err)
		}
	}
}

var _ tea.Msg = settledMark{}
