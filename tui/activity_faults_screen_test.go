package tui

import (
	"fmt"
	"strings"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// After a reconnect the feed says what may be missing, and what it missed.
func TestScreenActivityAfterReconnect(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/f")
	c.make("before", "/f/changed", "/f/gone", "/f/same")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 140, 36)
	s.WaitForText("connected")
	s.followed("/f")
	for _, n := range []string{"/f/changed", "/f/gone", "/f/same"} {
		c.set(n, "known")
		s.waitRow("changed "+n[3:], "5 B", "v1")
	}
	p.Cut()
	s.WaitForText("suspended")
	c.set("/f/changed", "meanwhile")
	c.drop("/f/gone")
	c.make("new", "/f/new")
	p.Heal()
	s.WaitForText("● live")
	s.waitRow("↻", "resync", "no connection from", "read again")
	s.waitRow("~↻ changed changed", "9 B", "v2")
	s.waitRow("+↻ created new", "3 B")
	s.waitRow("-↻ deleted gone")
	c.set("/f/new", "and live again")
	s.waitRow("~  changed new", "14 B", "v1")
	s.order("changed new", "resync")
	s.Type("/", "kind:missed", "enter")
	s.WaitForText("3 rows")
	s.Type("/")
	for range len("kind:missed") {
		s.Type("backspace")
	}
	s.Type("kind:resync", "enter", "g", "enter")
	s.WaitForText("what came and went between may be missing")
	s.quit("q")
}

// TestScreenActivityHostile has what breaks terminals come and go.
func TestScreenActivityHostile(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		t.Run(fmt.Sprint("ascii ", ascii), func(t *testing.T) {
			t.Parallel()
			root := zktest.Root(t)
			c := other(t, zktest.Shared(t), root)
			c.make("", "/f")
			s := connect(t, root, 130, 60, func(s *setup) { s.opts.ASCII = ascii })
			s.goTo("/f")
			s.Type("5")
			s.WaitForText("Nothing has changed since", " live")
			s.settle()
			c.must(seed.Life(t.Context(), c.Conn, root+"/f/life"))
			s.WaitForText("hostile/names/")
			s.Type("/", "hostile", "enter")
			s.WaitForText("filter hostile")
			for range 60 {
				s.Type("enter")
				s.settle()
				s.Type("esc", "j")
			}
			s.Type("y", "G", "1", "a")
			s.settle()
			s.Type("a", "5", "f")
			s.settle()
			s.quit("q")
			checkBytes(t, s.raw.String(), ascii)
		})
	}
}

// What is not there can be followed, and shows when it comes.
func TestScreenActivityOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/g")
	s := connect(t, root, 120, 30)
	s.Type(":", "activity /f", "enter")
	s.WaitForText("● live", "is not there now")
	c.make("x", "/f")
	s.waitRow("created .", "1 B")
	s.waitGone("is not there now")
	s.Type(":", "activity not/a/path", "enter")
	s.WaitFor(func(string) bool { return strings.Contains(s.Screen(), "path") }, "the reason")
	s.quit("q")
}
