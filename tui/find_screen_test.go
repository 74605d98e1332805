package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// find opens the Find screen and types a query.
func (s *screen) find(query string) {
	s.t.Helper()
	s.Type("ctrl+f")
	s.WaitForText(" find ")
	s.Type(query)
}

// waitPlace waits for the right end of line 2.
func (s *screen) waitPlace(place string) {
	s.t.Helper()
	s.WaitFor(func(string) bool { return strings.HasSuffix(strings.TrimRight(s.lines()[1], " "), place) }, place+" in line 2")
}

func TestScreenFindJumpAndBack(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/kafka", "/kafka/topic-a", "/kafka/atopic", "/topic", "/other")
	s := connect(t, root, 120, 30)
	s.goTo("/other")
	s.find("topic")
	s.WaitForText("3 found", "all 6 znodes in")
	rows := s.lines()[5:8]
	for i, want := range []string{"/topic", "/kafka/topic-a", "/kafka/atopic"} { // the best first
		if got := strings.Fields(strings.TrimLeft(rows[i], "▌ "))[0]; got != want {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
	x, y := s.Find("/kafka/atopic")
	for i, r := range "/kafka/atopic" {
		if lit := s.Cell(x+i, y).Bold; lit != (i >= len("/kafka/a")) {
			t.Errorf("%c at %d is lit: %v", r, i, lit)
		}
	}
	s.waitRow("/topic", "1 B")
	s.Type("q", "1", "?") // letters are text
	s.WaitForText("find topicq1?")
	s.Type("backspace", "backspace", "backspace")
	s.WaitForText("3 found")
	s.Type("enter")
	s.WaitForText("1 of 3 found", "show in tree")
	s.Type("down")
	s.waitPlace("/kafka/topic-a")
	s.Type("enter")
	s.WaitForText("esc back to find")
	s.waitPlace("/kafka/topic-a")
	if selection(s.Screen()) < 0 {
		t.Errorf("nothing is selected in\n%s", s.Screen())
	}
	s.Type("esc")
	s.WaitForText("2 of 3 found")
	s.Type("up", "up") // the second leads to the query
	s.WaitForText("enter search")
	s.Type("-kafka")
	s.WaitForText("find topic-kafka", "nothing found in /")
	s.Type("ctrl+w", "ctrl+w", " -kafka")
	s.waitGone("topic-a")
	s.quit("ctrl+c")
}

func TestScreenFindScopeAndHistory(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/node", "/b", "/b/node")
	s := connect(t, root, 100, 24)
	s.goTo("/b")
	s.Type(":", "find node", "enter")
	s.WaitForText("1 of 2 found", "in /")
	s.Type("ctrl+t")
	s.WaitForText("in /b", "1 of 1 found", "all 2 znodes")
	s.Type("ctrl+t")
	s.WaitForText("1 of 2 found")
	s.Type("/", "ctrl+u", "is:nothing")
	s.WaitForText(`no znode is "nothing"`)
	s.Type("ctrl+u", "size:>x")
	s.WaitForText("size:>x, character 1")
	s.Type("enter") // does nothing
	s.WaitForText("size:>x, character 1")
	s.Type("up")
	s.WaitForText("find node")
	s.Type("down")
	s.WaitForText("find size:>x")
	s.Type("ctrl+u")
	s.WaitForText("is:ephemeral", "changed:<1h")
	s.Type("esc")
	s.waitPlace("/b")
	s.quit("q")
}

func TestScreenFindByContentAndFilter(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("first line\n  address=10.0.0.3\x1b[31m:9092", "/kept")
	c.make("10.0.0.4", "/not")
	_, err := c.Create(root+"/eph", nil, zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	c.must(err)
	s := connect(t, root, 120, 24)
	s.find("content:10.0.0.3")
	s.waitRow("/kept", `address=10.0.0.3\x1b[31m:9092`)
	x, y := s.Find("10.0.0.3" + `\x1b`)
	if !s.Cell(x, y).Bold || !s.Cell(x+7, y).Bold || s.Cell(x+8, y).Bold || s.Cell(x-1, y).Bold {
		t.Errorf("the match in the value is not what is lit")
	}
	s.Type("ctrl+u", "is:ephemeral")
	s.waitRow("/eph", " e ")
	s.waitGone("/kept")
	s.Type("ctrl+u", "size:>10", "enter")
	s.WaitForText("1 of 1 found")
	s.waitRow("/kept", "39 B")
	s.quit("q")
}

func TestScreenFindStopped(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 3000))
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 100, 24, longLived)
	s.WaitForText("connected", "standalone") // what srvr says is not held back
	p.Latency(heldBack)
	s.find("task")
	s.WaitForText("esc stop")
	s.Type("esc")
	s.WaitForText("stopped", "znodes visited")
	p.Heal()
	s.Type("enter")
	s.WaitForText("3,000 found", "all 3,002 znodes")
	s.Type("esc")
	s.waitPlace("/")
	s.quit("q")
}

func TestScreenFindServerCut(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 3000))
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 100, 24)
	s.WaitForText("connected", "standalone")
	p.Stall()
	s.find("task")
	s.WaitForText("esc stop")
	p.Cut()
	s.WaitForText("suspended", "waiting: ")
	p.Heal()
	s.WaitForText("● connected", "3,000 found", "all 3,002 znodes")
	s.quit("ctrl+c")
}

func TestScreenFindMarkAndDelete(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/dir", "/dir/old-1", "/dir/old-2", "/dir/old-3", "/dir/new", "/old-4")
	s := connect(t, root, 100, 24)
	s.find("old-")
	s.WaitForText("4 found")
	s.Type("enter", "a")
	s.WaitForText("◆ 4 marked", "Marked 4 results")
	s.Type("space") // not the first
	s.WaitForText("◆ 3 marked")
	s.Type("d")
	s.WaitForText("Delete these 3 znodes?", "/dir/old-1")
	s.Type("tab", "enter")
	s.WaitForText("Deleted 3 znodes")
	s.waitRow("/dir/old-1", "gone")
	s.waitGone("marked")
	for _, gone := range []string{"/dir/old-1", "/dir/old-2", "/dir/old-3"} {
		c.wantNone(gone)
	}
	c.wantData("/old-4", "x")
	s.Type("g", "d")
	s.WaitForText("Delete /old-4?")
	s.Type("esc", "y")
	s.WaitForText("Copied the path")
	s.quit("q")
}

func TestScreenFindHostile(t *testing.T) {
	t.Parallel()
	root, _ := life(t)
	for _, ascii := range []bool{false, true} {
		t.Run(fmt.Sprint(ascii), func(t *testing.T) {
			t.Parallel()
			s := connect(t, root, 80, 24, func(s *setup) { s.opts.ASCII = ascii })
			for _, query := range []string{"hostile", "content:e", `re:[^!-~]`, "~hoe"} {
				s.find(query)
				s.Type("enter")
				s.WaitForText("found")
				s.waitGone("esc stop")
				for range 6 {
					s.Type("pgdown", "space", "j")
					s.settle()
				}
				s.Type("a", "a", "G", "t")
				s.WaitForText("ctrl-f find") // in the tree: what is typed before goes elsewhere
				s.Type("esc", "esc", "ctrl+f", "ctrl+f", "ctrl+u")
				s.settle()
			}
			s.Paste("\x1b[31m\u202eevil\x07\tx")
			s.settle()
			s.quit("ctrl+c")
			checkBytes(t, s.raw.String(), ascii)
		})
	}
}

// maskedWalk is the screen without what differs from run to run.
func maskedWalk(s *screen) string {
	text := regexp.MustCompile(` +(all [0-9,]+ znodes?) in .*`).ReplaceAllString(masked(s), "  $1 IN TIME")
	text = regexp.MustCompile(` +[0-9]+ [sm] *\n`).ReplaceAllString(text, "  AGE\n")
	return text
}

func TestScreensOfFind(t *testing.T) {
	t.Parallel()
	root, _ := life(t)
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}, {40, 10}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := connect(t, root, size[0], size[1])
			s.find("kafka -topic size:<1k")
			s.Type("enter")
			s.WaitForText(" found")
			s.waitGone("esc stop")
			s.Type("down")
			s.WaitForText("2 of ")
			golden.RequireEqual(t, maskedWalk(s))
			s.quit("q")
		})
	}
}
