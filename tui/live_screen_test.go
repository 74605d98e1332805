package tui

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// marking is a clock by which no mark on a row fades until the test says so, however
// long it takes until the row is read and drawn.
type marking struct{ fading atomic.Bool }

func (k *marking) on(s *setup) {
	s.opts.Now = func() time.Time {
		now := time.Now()
		if !k.fading.Load() {
			now = now.Add(-time.Hour)
		}
		return now
	}
}

// fade lets the marks fade that are on the screen, in their time, until cond holds.
func (k *marking) fade(s *screen, cond func(screen string) bool, what string) {
	s.t.Helper()
	k.fading.Store(true)
	defer k.fading.Store(false)
	s.Send(tickMsg{}) // of no generation: it has the clock looked at
	s.WaitFor(cond, what)
}

func TestScreenLiveRowsComeChangeAndGo(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("one", "/bb", "/dd")
	var marks marking
	s := connect(t, root, 120, 24, marks.on)
	s.goTo("/dd")
	s.waitRow("dd", "3 B")
	line := selection(s.Screen())

	c.make("four", "/gone") // below
	s.waitRow("gone", "4 B +")
	c.make("", "/aa", "/cc") // above
	s.waitRow("aa", "+ ")
	s.waitRow("cc", "+ ")
	if at := selection(s.Screen()); at != line+2 {
		// All rows fit: what comes above pushes down, for nothing can scroll up.
		t.Errorf("the selection is on line %d, was on %d:\n%s", at, line, s.Screen())
	}
	marks.fade(s, func(screen string) bool { return !strings.Contains(row(screen, " aa "), "+") }, "the mark to fade")

	c.set("/dd", "a new value")
	s.waitRow("dd", "11 B ~")
	s.WaitForText("a new value", "v1")

	s.WaitForText("gone ")
	x, y := s.Find("gone ")
	c.drop("/gone")
	s.waitRow("gone ", " gone - ")
	s.WaitFor(func(string) bool { return s.Cell(x, y).Strike }, "the deleted row to be struck")
	s.waitRow("gone", "- ")
	marks.fade(s, func(screen string) bool { return !strings.Contains(screen, "gone ") }, "the deleted row to go")
	c.drop("/dd") // the selected one
	s.WaitForText("It was deleted")
	marks.fade(s, func(screen string) bool { return !strings.HasSuffix(s.lines()[1], "/dd") }, "the selection to leave what is gone")
	s.quit("q")
}

func TestScreenLiveSelectionStaysOnItsLine(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	for i := range 60 {
		c.make("", "/n-"+pad(i))
	}
	var marks marking
	s := connect(t, root, 120, 24, marks.on)
	s.goTo("/n-30")
	s.WaitFor(func(screen string) bool { return known(screen, 120) }, "the rows")
	line := selection(s.Screen())
	for i := range 20 {
		c.make("", "/a-"+pad(i))
	}
	c.make("", "/n-30x") // when this one shows, so would the others
	s.waitRow("n-30x", "+ ")
	stays := func(when string) {
		t.Helper()
		if l := s.lines()[line]; !strings.HasPrefix(l, "▌") || !strings.Contains(l, "n-30 ") {
			t.Errorf("%s the selection is not on line %d:\n%s", when, line, s.Screen())
		}
	}
	stays("after rows came above")
	for i := range 20 {
		c.drop("/a-" + pad(i))
	}
	c.drop("/n-30x")
	s.waitRow("n-30x", "- ")
	marks.fade(s, func(screen string) bool { return !strings.Contains(screen, "n-30x") }, "the row to go")
	stays("after rows went above")
	s.Type("/", "n-30")
	s.WaitForText("1 row")
	s.Type("esc")
	s.WaitForText("n-31")
	if at := selection(s.Screen()); !strings.Contains(s.lines()[at], "n-30") {
		t.Errorf("after a filter the selection is elsewhere:\n%s", s.Screen())
	}
	s.quit("q")
}

func pad(i int) string { return string([]byte{byte('0' + i/10), byte('0' + i%10)}) }
