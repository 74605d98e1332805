package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// life is a znode on the shared server with the tree of seed.Life below it.
func life(t *testing.T) (root string, c *client) {
	t.Helper()
	root = zktest.Root(t)
	c = other(t, zktest.Shared(t), root)
	c.must(seed.Life(t.Context(), c.Conn, root))
	return root, c
}

func TestScreensOfLife(t *testing.T) {
	t.Parallel()
	root, c := life(t)
	c.make("at the end of names", "/zzz")
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}, {40, 10}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := connect(t, root, size[0], size[1], noLocks)
			tourOfPanes(t, s, size[0], size[1])
			if size[0] < 200 { // more room changes neither lines nor dialogs
				tourOfLines(t, s)
				tourOfDialogs(t, s, size[0])
			}
			s.quit("q")
		})
	}
}

// masked is the screen without what differs from run to run: the server, and how many
// minutes the session is connected, which leave less room for its name.
func masked(s *screen) string {
	text := regexp.MustCompile(`(● connected)( [0-9]+m)?  127\.0[0-9.]*[:…].*`).ReplaceAllString(s.Screen(), "$1  SERVER")
	text = regexp.MustCompile(`127\.0\.0\.1:.*`).ReplaceAllString(text, "SERVER")
	return text + "\n"
}

// tourOfPanes looks at the tree and all tabs.
func tourOfPanes(t *testing.T, s *screen, w, h int) {
	t.Helper()
	s.goTo("/kafka/controller")
	s.WaitFor(func(screen string) bool { return known(screen, w) }, "all rows to be known")
	if w >= 80 {
		s.WaitForText("brokerid", "JSON")
	}
	checkPanes(t, s, w, h)
	if y := selection(s.Screen()); y < 0 || !strings.Contains(s.lines()[y], "controller ") {
		t.Errorf("the selection is on line %d of\n%s", y, s.Screen())
	}
	golden.RequireEqual(t, masked(s))

	s.Type("]")
	s.WaitForText("ctime")
	checkPanes(t, s, w, h)
	s.Type("]")
	s.WaitForText("world", "anyone")
	checkPanes(t, s, w, h)
	s.Type("]")
	s.waitRow("read", "v0")
	checkPanes(t, s, w, h)
	s.Type("]")
	s.WaitForText("Value")
	if w < besideWidth && h < foldHeight {
		s.Type("tab")
	}
	s.WaitFor(func(screen string) bool { return selection(screen) >= 3 }, "the selection")
}

// known tells that every row of the tree has its facts.
func known(screen string, w int) bool {
	lines := strings.Split(screen, "\n")
	end := len(lines) - 3
	for _, l := range lines[3:end] {
		if w < besideWidth {
			if strings.HasPrefix(l, "───") {
				return true
			}
		} else {
			l, _, _ = strings.Cut(l, "│")
		}
		l = strings.TrimRight(l, " ")
		if l != "" && !regexp.MustCompile(` (-|[0-9.,]+( [kKM]?i?B)?)$`).MatchString(l) {
			return false
		}
	}
	return true
}

// checkPanes checks what holds of the frame whatever is shown in it.
func checkPanes(t *testing.T, s *screen, w, h int) {
	t.Helper()
	lines := s.lines()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf(format+"\n%s", append(args, s.Screen())...)
	}
	if !strings.HasPrefix(lines[0], " zkdeck") || !strings.Contains(lines[0], "● connected") {
		fail("the header does not tell the truth")
	}
	if w >= 80 && !strings.Contains(lines[0], "127.0.0.1:") {
		fail("the header does not name the server")
	}
	if !strings.HasPrefix(lines[1], " 1 Tree") {
		fail("the second line names no screens")
	}
	x := layOut(w, h, false, false, false).divider.Min.X
	for y := 2; y < h-2; y++ {
		at := s.Cell(x, y).Text
		switch {
		case y == 2 || y == h-3:
			if lines[y] == "" || ansi.StringWidth(lines[y]) != w || strings.Trim(lines[y], "─┬┴") != "" {
				fail("line %d is no rule", y)
			}
		case w >= besideWidth && at != "│":
			fail("no divider at column %d of line %d but %q", x, y, at)
		}
	}
	if !strings.Contains(lines[h-1], "help") {
		fail("the footer does not lead to the help")
	}
}

// tourOfLines types into the filter and the command bar.
func tourOfLines(t *testing.T, s *screen) {
	t.Helper()
	s.goTo("/zzz")
	s.Type("/", "zzz")
	s.WaitForText("/zzz", "keep")
	s.waitGone("kafka ")
	s.Type("enter")
	s.WaitForText("filter zzz")
	s.Type("esc")
	s.waitGone("filter zzz")

	s.Type(":", "/kafka/bro")
	s.WaitForText(":/kafka/brokers", "tab: brokers") // the rest is a suggestion
	s.Type("tab", "/")
	s.WaitForText("/brokers/", "tab: ids")
	s.Type("i", "tab", "enter")
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/kafka/brokers/ids") }, "the completed path")
	s.Type(":", "/kafka/nowhere/at/all", "enter")
	s.WaitForText("No znode /kafka/nowhere")
	s.Type(":", "sort ctime", "enter")
	s.WaitForText("by ctime ↓")
	s.Type(":", "sort name", "enter")
	s.waitGone("by ctime")
}

// tourOfDialogs opens every dialog and closes it.
func tourOfDialogs(t *testing.T, s *screen, w int) {
	t.Helper()
	s.Type("?")
	s.WaitForText("─ Keys ─", "search")
	s.Type("clipboard or so")
	s.WaitForText("no key does that")
	s.Type("esc", "esc")
	s.waitGone("─ Keys ─")

	s.Type("c")
	s.WaitForText("Create a znode", "name")
	s.Type("a/b")
	s.WaitForText("make")
	s.Type("esc")
	s.waitGone("Create a znode")

	s.goTo("/kafka/controller")
	s.Type("e")
	s.WaitForText("Edit /kafka/controller", "ctrl-s")
	s.Type("x")
	s.WaitForText("(changed)")
	s.Type("esc")
	s.WaitForText("Discard")
	s.Type("enter") // keeps editing
	s.waitGone("Discard your")
	s.WaitForText("(changed)")
	s.Type("esc", "tab", "enter")
	s.waitGone("Edit /kafka")

	s.Type("d")
	s.WaitForText("Delete /kafka/controller", "Cancel")
	s.Type("enter") // the button that is focused
	s.waitGone("Delete /kafka")
	s.WaitForText("controller_epoch")

	s.Type("ctrl+o")
	s.WaitForText("─ Operations", "  ok")
	s.Type("/", "getData", "enter") // others come after it
	s.waitRow("getData", "  ok")    // a row of the log: the line that is typed has no result
	if w >= 80 {
		s.waitRow("getData", "/kafka/controller  ok")
	}
	s.Type("esc", "esc")
	s.waitGone("─ Operations")
}

func TestScreenTooSmallSaysSo(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	s := openScreen(t, zktest.Shared(t)+root, 39, 9)
	s.WaitForText("zkdeck needs 40x10, this is 39x9")
	s.Resize(40, 10)
	s.WaitForText("connected")
	s.Resize(12, 3)
	s.WaitForText("zkdeck need…")
	s.Resize(1, 1)
	s.WaitForText("…")
	s.Resize(39, 9)
	s.WaitForText("this is 39x9")
	s.quit("q")
}
