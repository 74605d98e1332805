package tui

import (
	"strings"
	"testing"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

func TestScreenBigValue(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make(strings.Repeat("0123456789abcde\n", 65_000), "/big")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 24, longLived)
	s.WaitForText("connected")
	s.goTo("/big")
	s.WaitForText("The value is 1.0 MB and is not loaded.")
	p.Latency(heldBack)
	s.Type("o")
	s.WaitForText("loading", "esc stops")
	s.Type("esc")
	s.waitGone("loading")
	s.WaitForText("is not loaded")
	p.Heal()
	s.Type("o")
	s.WaitForText("0123456789abcde", "of 65,000")
	s.Type("tab", "G")
	s.WaitForText("of 65,000")
	s.quit("q")
}

func TestScreenWideListing(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	const n = 60_000
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", n))
	c.make("x", "/zz")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 24, longLived)
	s.WaitForText("connected")
	s.goTo("/wide")
	s.waitRow("wide", "60,000")
	s.Type("l")
	s.waitRow("wide", "60,000 children, o loads")
	p.Latency(heldBack)
	s.Type("o")
	s.waitRow("wide", "…")
	s.Type("esc")
	s.waitRow("wide", "60,000 children, o loads")
	p.Heal()
	s.Type("o")
	s.WaitForText(seed.WideName(0))
	s.Type("G")
	s.waitRow("▌", "zz")
	s.Type("k")
	s.waitRow("▌", seed.WideName(n-1))
	s.WaitFor(func(screen string) bool { return known(screen, 120) }, "the rows in view")

	s.Type("/", "59999")
	s.WaitForText("2 rows")
	s.Type("esc")
	s.waitGone("2 rows")
	c.make("", "/wide/task-0000059998x")
	s.waitRow("task-0000059998x", "+ ")
	s.Type(":", "sort name desc", "enter")
	s.WaitForText("by name ↓")
	s.goTo("/wide/" + seed.WideName(30_000))
	s.WaitFor(func(screen string) bool {
		at := selection(screen)
		lines := strings.Split(screen, "\n")
		return at > 3 && strings.Contains(lines[at-1], seed.WideName(30_001)) && strings.Contains(lines[at+1], seed.WideName(29_999))
	}, "the neighbours in descending order")
	s.quit("q")
}
