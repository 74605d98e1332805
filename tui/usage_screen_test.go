package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

func TestScreenSizeCountsWhatIsThere(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make(strings.Repeat("x", 2000), "/big", "/big/one")
	c.make("", "/many", "/many/a", "/many/b", "/many/c", "/many/d")
	_, err := c.Create(root+"/many/e", []byte("12345"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	c.must(err)
	s := connect(t, root, 120, 30)
	s.Type("S")
	s.WaitForText("4.0 kB in 9 znodes, 1 ephemeral", "all 9 znodes")
	s.waitRow("▌  4.0 kB ████████████████████", "           2", "▸ big")
	s.waitRow("    5 B ▏", "           6", " 1 ", "▸ many")
	s.Type("l")
	s.waitPlace("/big")
	s.waitRow("2.0 kB", "one")
	s.Type("h")
	s.waitRow("▌  4.0 kB")
	s.Type("s")
	s.WaitForText("znodes ↓")
	s.waitRow("▌     5 B ████████████████████", "▸ many")
	s.Type("enter")
	s.waitPlace("/many")
	s.WaitForText("5 B in 6 znodes, 1 ephemeral")
	s.Type("s", "G")
	s.waitRow("▌", "5 B", "e")
	s.Type("h")
	s.waitRow("▌", "▸ many")
	s.Type("l")
	s.waitPlace("/many")
	s.waitRow("5 B", " e")
	s.Type("enter") // a leaf
	s.waitPlace("/many/a")
	s.WaitForText("esc back to size")
	c.make("yy", "/many/f")
	s.Type("esc")
	s.WaitForText("5 B in 6 znodes")
	s.Type("r")
	s.WaitForText("7 B in 7 znodes", "all 10 znodes")
	s.Type("1", ":", "du /big", "enter")
	s.waitPlace("/big")
	s.WaitForText("4.0 kB in 2 znodes, its own value 2.0 kB")
	s.Type(":", "du big", "enter")
	s.WaitForText("A path begins with /")
	s.Type(":", "du /nowhere", "enter")
	s.WaitForText("no such znode")
	s.quit("q")
}

func TestScreenSizeDelete(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/b", "/b/c", "/b/c/d")
	s := connect(t, root, 100, 24)
	s.goTo("/b")
	s.Type("S")
	s.waitPlace("/b")
	s.waitRow("▸ c")
	s.Type("h") // above what was counted
	s.WaitForText("all 5 znodes")
	s.waitRow("▌", "▸ b")
	s.Type("d")
	s.WaitForText("Delete /b and the 2 znodes below it?")
	s.Type("b", "tab", "enter")
	s.WaitForText("Deleted 3 znodes")
	s.waitRow("▸ b", "gone")
	c.wantNone("/b")
	s.Type("r")
	s.WaitForText("1 B in 2 znodes")
	s.quit("q")
}

func TestScreenSizeUnreadable(t *testing.T) {
	t.Parallel()
	root, _ := life(t)
	s := connect(t, root, 100, 36)
	s.Type("S")
	s.WaitForText("unreadable")
	s.waitRow("▸ guarded", "not read")
	s.quit("q")
}

func TestScreenSizeStopped(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 3000))
	r := zktest.NewRelay(t, zktest.Shared(t))
	s := openScreen(t, r.Addr()+root, 100, 24, longLived)
	s.WaitForText("connected")
	s.waitRow("wide", "3,000") // nothing else is read from now on
	later := midway(r, 4, zktest.OpMultiRead)
	s.Type("S")
	<-later.Sprung()
	s.WaitForText("esc stop", "at least ")
	s.Type("esc")
	s.WaitForText("stopped", "at least")
	later.Release()
	s.Type("r")
	s.WaitForText("3,002 znodes", "all 3,002 znodes")
	s.waitGone("at least")
	s.quit("q")
}

func TestScreensOfSize(t *testing.T) {
	t.Parallel()
	root, _ := life(t)
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}, {40, 10}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := connect(t, root, size[0], size[1])
			s.Type("S")
			s.WaitForText("bytes ↓")
			s.waitGone("esc stop")
			s.Type("down")
			s.waitRow("▌", "config")
			golden.RequireEqual(t, maskedWalk(s))
			s.quit("q")
		})
	}
}
