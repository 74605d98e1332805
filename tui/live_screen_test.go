package tui

import (
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

func TestLiveRowsComeChangeAndGo(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("one", "/bb", "/dd")
	s := connect(t, root, 120, 24)
	s.goTo("/dd")
	s.waitRow("dd", "3 B")
	line := selection(s.Screen())

	c.make("four", "/ee") // below
	s.waitRow("ee", "4 B +")
	c.make("", "/aa", "/cc") // above
	s.waitRow("aa", "+ ")
	s.waitRow("cc", "+ ")
	if at := selection(s.Screen()); at != line+2 {
		// All rows fit: what comes above pushes down, for nothing can scroll up.
		t.Errorf("the selection is on line %d, was on %d:\n%s", at, line, s.Screen())
	}
	s.WaitFor(func(screen string) bool { return !strings.Contains(row(screen, " aa "), "+") }, "the mark to fade")

	c.set("/dd", "a new value")
	s.waitRow("dd", "11 B ~")
	s.WaitForText("a new value", "v1")

	s.WaitForText(" ee ")
	x, y := s.Find("ee ")
	c.drop("/ee")
	s.WaitFor(func(string) bool { return s.Cell(x, y).Strike }, "the deleted row to be struck")
	s.waitRow("ee", "- ")
	s.waitGone(" ee ")
	c.drop("/dd") // the selected one
	s.WaitForText("It was deleted")
	s.WaitFor(func(screen string) bool { return !strings.HasSuffix(s.lines()[1], "/dd") }, "the selection to leave what is gone")
	s.quit("q")
}

func TestLiveSelectionStaysOnItsLine(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	for i := range 60 {
		c.make("", "/n-"+pad(i))
	}
	s := connect(t, root, 120, 24)
	s.goTo("/n-30")
	s.WaitFor(func(screen string) bool { return known(screen, 120) }, "the rows")
	line := selection(s.Screen())
	for i := range 20 {
		c.make("", "/a-"+pad(i))
	}
	s.goTo("/n-30")
	c.await("the new rows", func() bool { return s.sess.Status().Watches > 0 })
	s.WaitForText("80") // children of /
	for i := range 10 {
		c.drop("/a-" + pad(i))
	}
	s.Type("/", "n-3", "enter")
	s.WaitForText("10 rows")
	s.Type("esc")
	s.waitGone("10 rows")
	if at := selection(s.Screen()); !strings.Contains(s.lines()[at], "n-30") {
		t.Errorf("the selection went elsewhere, it was on line %d:\n%s", line, s.Screen())
	}
	s.quit("q")
}

func pad(i int) string { return string([]byte{byte('0' + i/10), byte('0' + i%10)}) }
