package tui

import (
	"fmt"
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

// With --mouse a click selects, a click on the selected row opens it, a click on a
// tab shows it, and the wheel scrolls what is under it.
func TestScreenMouse(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/many")
	for i := range 60 {
		c.make("x", fmt.Sprintf("/many/n%02d", i))
	}
	c.make("value", "/one")
	s := connect(t, root, 120, 24, func(s *setup) { s.opts.Mouse = true })
	s.WaitForText("many", "   one")
	_, y := s.Find("   one")
	s.Click(10, y)
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/one") }, "the clicked row to be selected")
	x, y := s.Find("Stat")
	s.Click(x+1, y)
	s.WaitForText("dataVersion")
	_, y = s.Find("many")
	s.Click(10, y)
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/many") }, "the other row to be selected")
	s.Click(10, y)
	s.WaitForText("n00")
	for range 10 {
		s.Wheel(10, 10, false)
	}
	s.WaitFor(func(screen string) bool { return !strings.Contains(screen, "n00") && strings.Contains(screen, "n3") }, "the tree to scroll")
	s.quit("q")
}
