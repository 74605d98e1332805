package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// followed is the screen of the activity of path, which is there already.
func (s *screen) followed(path string) {
	s.t.Helper()
	s.goTo(path)
	s.Type("5")
	s.WaitForText("5 Activity", "● live")
}

// order checks that the texts stand on the screen from the top down.
func (s *screen) order(texts ...string) {
	s.t.Helper()
	screen := s.Screen()
	at := 0
	for _, text := range texts {
		i := strings.Index(screen[at:], text)
		if i < 0 {
			s.t.Fatalf("%q does not follow:\n%s", text, screen)
		}
		at += i + len(text)
	}
}

func TestScreenActivityShowsChanges(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f", "/g")
	c.make("{\"a\": 1, \"b\": 2}", "/f/doc")
	s := connect(t, root, 140, 36)
	s.followed("/f")
	s.WaitForText("Nothing has changed since")

	c.make("", "/g/elsewhere")
	c.set("/f/doc", "{\"a\": 1, \"b\": 3}")
	s.waitRow("~  changed doc", "16 B", "v1")
	c.set("/f/doc", "{\"a\": 1, \"b\": 4444}")
	s.waitRow("~  changed doc", "19 B", "v2")
	_, err := c.Create(root+"/f/eph", []byte("hello"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	c.must(err)
	owner := zxid(c.SessionID())
	s.waitRow("+  created eph", "5 B", "v0", owner[:3]+"…")
	c.drop("/f/eph")
	s.waitRow("-  deleted eph")
	c.set("/f", "the root itself")
	s.waitRow("~  changed .", "15 B")
	s.order("changed .", "deleted eph", "created eph", "v2", "16 B", "v1")
	s.WaitForText("5 changes", "top changing paths", "since the start")
	s.waitRow("doc", "2 ▇")
	if strings.Contains(s.Screen(), "elsewhere") {
		t.Errorf("what is not followed shows:\n%s", s.Screen())
	}

	s.Type("j", "j", "j")
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/f/doc") }, "the selected path")
	s.Type("enter")
	s.WaitForText("~ changed", "v2", "19 B")
	s.waitRow(`-   "b": 3`, `+   "b": 4444`)
	s.Type("esc")
	s.WaitForText("top changing paths")
	s.Type("j", "enter")
	s.WaitForText("v1", "16 B", `"b": 3`) // what was before is known if it was read by then
	s.Type("esc", "g", "j", "enter")
	s.WaitForText("- deleted", "This is what it held last:", "hello")
	s.Type("]")
	s.WaitForText("+ created", "Nothing was there before. It holds now:", "hello")
	s.Type("]")
	s.WaitForText("~ changed", "v2", "19 B")
	s.Type("[", "[", "[", "[")
	s.WaitForText("the root itself")
	s.Type("esc", "s")
	s.WaitForText("last minute")
	c.make("{\"one\": 1, \"two\": 2, \"three\": 3, \"four\": 4}", "/f/long")
	s.waitRow("created long")
	s.Type("g", "enter")
	s.WaitForText("Nothing was there before", `"one": 1`, `"two": 2`, `"three": 3`, `"four": 4`)
	s.Type("esc")
	c.drop("/f/long")
	s.waitRow("deleted long")
	s.WaitFor(regexp.MustCompile(`│ long +2 ▇`).MatchString, "the changes of the last minute")
	s.Type("G", "y")
	s.WaitFor(func(string) bool { return s.Clipboard() == "/f/doc" }, "the path to be copied")
	s.Type("t")
	s.WaitForText("Value  Stat  ACL")
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/f/doc") }, "the znode in the tree")
	if y := selection(s.Screen()); y < 0 || !strings.Contains(s.lines()[y], "doc") {
		t.Errorf("the selection is on line %d of\n%s", y, s.Screen())
	}
	s.quit("q")
}

// While one looks at something older nothing moves, whatever comes.
func TestScreenActivityStandsStill(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f")
	s := connect(t, root, 120, 30)
	s.followed("/f")
	for i := range 40 {
		c.make("", "/f/n-"+pad(i))
	}
	s.waitRow("▌", "n-39")
	s.Type("j", "j", "j")
	s.waitRow("▌", "n-36")
	lines := s.lines()[5:27]
	still := func() {
		t.Helper()
		for i, l := range s.lines()[5:27] {
			if was := lines[i]; !strings.HasPrefix(l, was[:40]) {
				t.Fatalf("line %d was\n%s\nis\n%s", i, was, l)
			}
		}
	}
	for i := range 300 {
		c.set("/f/n-"+pad(i%100%40), "x")
	}
	s.WaitForText("▲ 300 newer, g to follow")
	still()
	s.Type("k")
	s.waitRow("▌", "n-37")
	s.Type("g")
	s.WaitForText("● live")
	s.Type(" ")
	s.WaitForText("paused, 0 since")
	lines = s.lines()[5:27]
	c.make("after", "/f/z-after")
	s.WaitForText("paused, 1 since")
	still()
	s.Type("5", "1", "5")
	still()
	s.Type(" ")
	s.waitRow("▌", "created z-after", "5 B")
	s.WaitForText("● live")

	s.Type("/", "n-1")
	s.WaitForText("/n-1")
	s.waitGone("z-after", "n-29")
	s.Type("enter")
	s.WaitForText("filter n-1")
	c.make("", "/f/other")
	c.make("", "/f/n-1x")
	s.waitRow("▌", "created n-1x")
	if strings.Contains(s.Screen(), "other") {
		t.Errorf("the filter lets through what it should not:\n%s", s.Screen())
	}
	s.Type("esc")
	s.waitRow("created other")
	s.Type("x")
	s.WaitForText("Nothing has changed since")
	c.make("", "/f/anew")
	s.waitRow("▌", "created anew")
	s.quit("q")
}

func TestScreenActivityMouse(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f")
	s := connect(t, root, 100, 24, func(s *setup) { s.opts.Mouse = true })
	s.followed("/f")
	for i := range 40 {
		c.make("value "+pad(i), "/f/n-"+pad(i))
	}
	s.waitRow("▌", "n-39")
	x, y := s.Find("n-30")
	s.Click(x, y)
	s.waitRow("▌", "n-30")
	s.Click(x, y)
	s.WaitForText("Nothing was there before", "value 30")
	s.Type("esc")
	s.Wheel(x, y, false)
	s.waitRow("▌", "n-27")
	s.WaitForText("▲ 3 newer")
	s.Wheel(x, y, true)
	s.waitRow("▌", "n-30")
	s.Paste("n-1\n")
	s.WaitForText("Pasted text goes nowhere here")
	s.Type("/")
	s.WaitForText("words of the path, or kind:created")
	s.Paste("n-1")
	s.WaitForText("10 rows")
	s.Type("enter")
	s.quit("q")
}

// All of a cluster is followed only after one was asked.
func TestScreenActivityAsksForTheRoot(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f", "/g")
	s := connect(t, root, 120, 30)
	s.Type("5")
	s.WaitForText("A watch on / brings every change of the whole cluster", "Cancel")
	s.Type("enter")
	s.waitGone("A watch on /")
	if strings.Contains(s.Screen(), "Activity") {
		t.Errorf("it follows without being told to:\n%s", s.Screen())
	}
	s.Type("a")
	s.WaitForText("A watch on /")
	s.Type("esc", "5")
	s.WaitForText("A watch on /")
	s.Type("tab", "enter")
	s.WaitForText("5 Activity", "● live")
	c.make("", "/g/new")
	s.waitRow("created g/new")

	s.Type("1")
	s.goTo("/f")
	s.Type("5", "f")
	s.WaitForText("Nothing has changed since", "● live")
	c.make("", "/g/not-followed")
	c.make("", "/f/new")
	s.waitRow("created new")
	if strings.Contains(s.Screen(), "not-followed") {
		t.Errorf("the old path is followed still:\n%s", s.Screen())
	}
	s.Type("X")
	s.WaitForText("/f is not followed any more")
	s.waitGone("Activity")
	s.Type(":", "activity /g", "enter")
	s.WaitForText("5 Activity", "● live")
	s.quit("q")
}

func TestScreenActivityPane(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f", "/g", "/f/a")
	s := connect(t, root, 120, 36)
	s.goTo("/f")
	s.Type("a")
	s.WaitForText("5 opens, a closes")
	s.goTo("/g") // the pane stays where it was opened
	c.make("", "/g/quiet")
	c.set("/f/a", "one")
	s.waitRow("/f ", "5 opens")
	s.waitRow("changed a", "3 B", "v1")
	s.Type("5")
	s.WaitForText("1 change", "top changing paths")
	s.Type("esc")
	s.WaitForText("5 opens, a closes", "5 Activity")
	for _, size := range [][2]int{{80, 24}, {40, 10}, {80, 19}, {200, 60}, {60, 20}, {120, 30}} {
		s.Resize(size[0], size[1])
		s.WaitFor(func(string) bool {
			return len(s.lines()) == size[1] && strings.HasPrefix(s.lines()[size[1]-3], strings.Repeat("─", size[0]))
		},
			fmt.Sprint("the size ", size))
		s.Type("tab", "+", "+", "tab")
		s.settle()
		if size[1] >= 20 {
			c.set("/f/a", "again")
			s.waitRow("~", " a ", "5 B")
		}
		s.Type("5")
		s.settle()
		s.Type("enter")
		s.settle()
		s.Type("esc", "/", "a", "enter", "esc", " ", " ", "1")
		s.settle()
		// The emulator takes no frame of another size: let this one be drawn first.
		s.WaitFor(func(screen string) bool {
			return strings.Contains(s.lines()[size[1]-1], "filter") && !strings.Contains(s.lines()[size[1]-1], "diff")
		}, "the tree")
	}
	s.WaitForText("5 opens, a closes")
	s.Type("a")
	s.waitGone("5 opens, a closes")
	s.Type("5", "X")
	s.WaitForText("is not followed any more")
	s.Type("a")
	s.WaitForText("5 opens, a closes")
	c.set("/g/quiet", "louder")
	s.waitRow("changed quiet", "6 B")
	s.Type("a")
	s.waitGone("5 opens, a closes", "Activity")
	s.quit("q")
}

// TestScreenActivityStorm has 20,000 changes come as fast as they can.
func TestScreenActivityStorm(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f")
	const znodes, sets = 20, 20_000
	for i := range znodes {
		c.make("", "/f/n-"+pad(i))
	}
	s := connect(t, root, 120, 36)
	s.followed("/f")
	done := make(chan error, znodes)
	for i := range znodes {
		go func() {
			var err error
			for k := range sets / znodes {
				if _, e := c.Set(root+"/f/n-"+pad(i), []byte(fmt.Sprint("value ", k)), -1); e != nil {
					err = e
				}
			}
			done <- err
		}()
	}
	s.WaitForText("changed n-")
	for range 20 { // keys are answered meanwhile
		s.Type(" ")
		s.WaitForText("paused, ")
		s.Type("j", "enter")
		s.WaitForText("back to the list")
		s.Type("esc", "g", " ")
		s.WaitForText("● live")
	}
	for range znodes {
		c.must(<-done)
	}
	c.make("the last", "/f/z")
	s.waitRow("▌", "created z", "8 B", "v0")
	s.WaitForText("20,001 changes")
	s.Type("/", "n-07", "enter")
	s.waitRow("▌", "changed n-07", "v"+fmt.Sprint(sets/znodes))
	s.quit("q")
}
