package tui

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/internal/zktest"
)

// tourOn opens a small tree in the sandbox, as far as the screen knows, with the tour.
func tourOn(t *testing.T, w, h int, done *atomic.Int32, change ...func(*setup)) (*screen, *client) {
	t.Helper()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/config", "/services")
	c.make(`{"port":8080}`, "/services/checkout", "/services/search")
	c.make("level=info\n", "/config/log.properties")
	all := append([]func(*setup){func(s *setup) {
		s.opts.Sandbox, s.opts.Tour = true, &Tour{Show: true, Done: func() { done.Add(1) }}
	}}, change...)
	s := connect(t, root, w, h, all...)
	s.waitRow("services", "  2")
	return s, c
}

// waitStep waits for a step on the card and for words of it.
func (s *screen) waitStep(n int, words ...string) {
	s.t.Helper()
	s.WaitForText(append([]string{fmt.Sprintf("─ %d/%d  ", n, len(tourSteps))}, words...)...)
}

// Each step is over when the person does what it asks for.
func TestTourByDoing(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			var done atomic.Int32
			var seen strings.Builder
			s, c := tourOn(t, size[0], size[1], &done)
			look := func(value string) { // which the card hides where panes are stacked
				t.Helper()
				s.waitRow(" config ", "  1")
				if size[0] >= besideWidth {
					s.WaitForText(value)
				}
				fmt.Fprintln(&seen, masked(s))
			}
			pointed := func(text string, reversed bool) {
				t.Helper()
				if x, y := s.Find(text); s.Cell(x, y).Reverse != reversed {
					t.Errorf("%q is pointed at: %v in\n%s", text, !reversed, s.Screen())
				}
			}
			s.waitStep(1)
			look("no data")
			pointed("→ l", true)
			pointed("ctrl-f", false)
			s.Type("down", "down", "right") // to /services
			s.waitStep(2, "+ new  ~ changed  - gone")
			s.waitRow("checkout", "13 B")
			s.waitRow("search", "13 B")
			look("empty")
			// A mark lasts two seconds, which a busy machine may sleep through: it is changed
			// until one is seen, and in the end holds what it held first.
			marked := false
			for try := 0; try < 20 && !marked; try++ {
				c.set("/services/search", `{"port":92000,"zone":"b"}`)
				s.waitRow("search", "25 B")
				c.set("/services/search", `{"port":9200,"zone":"b"}`)
				s.waitRow("search", "24 B")
				marked = strings.Contains(row(s.Screen(), " search "), "24 B ~")
			}
			if !marked {
				t.Errorf("no change of search was marked:\n%s", s.Screen())
			}

			s.Type("5")
			s.waitStep(2, "each change as it happens", "● live")
			c.set("/services/checkout", `{"port":8081}`)
			s.waitRow("changed", "checkout", "v1")
			s.Type("enter")
			s.waitStep(2, "what has changed", "back to all")
			s.Type("esc")
			s.waitStep(2, "each change as it happens")
			s.Type("esc")
			s.waitStep(3)
			s.WaitFor(func(screen string) bool {
				return !strings.Contains(row(screen, "1 Tree"), "/s ") &&
					!strings.Contains(row(screen, " search ")+row(screen, " checkout "), "~")
			}, "the marks and the rate to fade")
			look("empty")
			pointed("ctrl-f", true)
			s.Type("ctrl+f")
			s.waitStep(3, "type here")
			s.waitGone("N skip")
			s.Type("check") // letters, of which none is the tour's here
			s.WaitForText("1 found")
			s.Type("enter")
			s.waitStep(3, "the results", "N skip", "show in the tree")
			s.Type("enter")
			s.waitStep(4, "the selected znode")
			s.WaitForText("JSON", `"port"`)
			look("JSON")
			s.Type("]")
			s.waitStep(4, "Stat is what", "ctime")
			s.Type("[")
			s.waitStep(5, "take turns")
			look("JSON")
			s.Type("2")
			s.waitStep(5, "who holds, who waits")
			s.Type("esc")
			s.waitStep(6)
			look("JSON")
			s.Type("?")
			s.WaitForText("─ Keys ─")
			s.waitGone("6/6")
			s.Type("nN", "esc", "esc")
			s.WaitForText("That was the tour; :tour begins it again")
			s.waitGone("6/6")
			look("JSON")
			golden.RequireEqual(t, seen.String())
			s.quit("q")
			if done.Load() != 1 {
				t.Errorf("told %d times", done.Load())
			}
		})
	}
}

// The step on locks speaks of the table, and of a lock that is opened from it.
func TestTourLocks(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			var done atomic.Int32
			s, c := tourOn(t, size[0], size[1], &done)
			c.make("", "/jobs", "/jobs/nightly")
			first := c.queue("/jobs/nightly", fmt.Sprintf(mutexName, 1), "worker-1", "")
			c.queue("/jobs/nightly", fmt.Sprintf(mutexName, 2), "worker-2", first)
			s.waitStep(1)
			s.Type("nnnn")
			s.waitStep(5, "take turns")
			s.Type("2")
			s.waitStep(5, "who holds, who waits")
			s.lockLine("/jobs/nightly", "● contended", "worker-1")
			s.Type("enter")
			s.waitStep(5, "the holder comes first", "all locks")
			s.waitRow("● 0000000000", "worker-1", "held")
			s.waitRow("└ 0000000001", "worker-2", "0000000000")
			s.Type("esc")
			s.waitStep(5, "who holds, who waits")
			s.Type("esc")
			s.waitStep(6)
			s.quit("q")
		})
	}
}

func TestTourByKeysOnEveryScreen(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	s, _ := tourOn(t, 100, 24, &done)
	s.waitStep(1)
	s.Type("S") // another screen: what is pointed at is on the tree
	s.waitStep(1, "back to the tree")
	s.waitGone("▾ the tree")
	s.Type("n")
	s.waitStep(2, " 1  back to the tree")
	s.Type("1")
	s.waitStep(2, "+ new  ~ changed  - gone")
	s.Type("n")
	s.waitStep(3)
	s.Type("/", "n") // text
	s.WaitForText(" /n", "keep")
	s.waitStep(3)
	s.Type("esc", "n")
	s.waitStep(4)
	s.Type("n")
	s.waitStep(5)
	s.Type("n")
	s.waitStep(6, "n done")
	s.Type("n")
	s.WaitForText("That was the tour")
	s.Type(":", "tour", "enter")
	s.waitStep(1, "▾ the tree")
	s.Type("N")
	s.WaitForText("The tour is over; :tour begins it again")
	s.waitGone("1/6")
	s.quit("q")
	if done.Load() != 1 {
		t.Errorf("told %d times", done.Load())
	}
}

// In the sandbox, unlike elsewhere, everything is followed without a question.
func TestTourFollowsAllOfTheSandbox(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	s, c := tourOn(t, 120, 30, &done)
	s.waitStep(1)
	s.Type("n")
	s.waitStep(2, "Many programs")
	s.Type("5")
	s.waitStep(2, "● live")
	c.set("/config/log.properties", "level=warn\n")
	s.waitRow("changed", "config/log.properties")
	s.Type("X")
	s.waitStep(3)
	s.quit("q")
	if done.Load() != 0 {
		t.Error("who leaves in the middle was not shown around")
	}
}

func TestTourResizes(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	s, _ := tourOn(t, 120, 36, &done)
	s.waitStep(1)
	s.Resize(60, 20)
	s.waitStep(1, "N skip")
	s.Resize(40, 10)
	s.WaitForText(" 1/6 ", "N skip")
	s.waitGone("╭")
	s.Type("down", "right") // the line goes on as the card does
	s.WaitForText(" 2/6 ")
	s.Type("?")
	s.WaitForText("─ Keys")
	s.waitGone("2/6")
	s.Resize(12, 3)
	s.WaitForText("zkdeck need")
	s.Type("n") // to the help, which one does not see
	s.Resize(80, 24)
	s.Type("esc", "esc")
	s.waitStep(2, "N skip")
	s.Resize(30, 8)
	s.WaitForText("zkdeck needs")
	s.Resize(200, 60)
	s.waitStep(2, "N skip")
	s.quit("q")
}

func TestTourReadOnlyElsewhere(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	s, _ := tourOn(t, 120, 30, &done, func(s *setup) { s.cfg.ReadOnly, s.opts.Sandbox = true, false })
	if strings.Contains(s.Screen(), "1/6") {
		t.Errorf("the tour began by itself:\n%s", s.Screen())
	}
	s.Type(":", "tour", "enter")
	s.waitStep(1)
	s.Type("n")
	s.waitStep(2)
	s.Type("5")
	s.WaitForText("Follow everything", "Cancel")
	s.waitGone("2/6")
	s.Type("esc")
	s.waitStep(2)
	s.Type("n", "n")
	s.waitStep(4, " ]  Stat")
	s.waitGone(" e  edit")
	s.quit("q")
}

// The start screen leads to the tour where it leads to the sandbox, once.
func TestTourAfterTheStartScreen(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	root := zktest.Root(t)
	o := newOpener(zktest.Shared(t) + root)
	s := begin(t, o, 100, 24, func(o *Options) { o.Tour = &Tour{Show: true, Done: func() { done.Add(1) }} })
	s.WaitForText("Open the sandbox")
	s.settle()
	s.Type("n", "N", "enter") // the first two are nobody's there
	s.waitStep(1, "N skip")
	s.Type("N")
	s.WaitForText("The tour is over")
	s.Type(":", "connect sandbox", "enter")
	s.WaitFor(func(string) bool { return len(o.began) == 2 }, "another session")
	s.WaitForText("1 Tree", "● connected")
	s.waitGone("1/6")
	s.quit("q")
	if done.Load() != 1 {
		t.Errorf("told %d times", done.Load())
	}
}
