package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// TestScreenHostile looks at every name and value of seed.Life that breaks
// terminals. Each frame is checked for its shape, and the bytes on the wire for
// what only we may send.
func TestScreenHostile(t *testing.T) {
	t.Parallel()
	root, c := life(t)
	names, _, err := c.Children(root + "/hostile/values")
	c.must(err)
	for name, change := range map[string]func(*setup){
		"unicode": func(*setup) {}, "ascii": func(s *setup) { s.opts.ASCII = true },
	} {
		for _, size := range [][2]int{{80, 24}, {120, 30}} {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				s := openScreen(t, zktest.Shared(t)+root, size[0], size[1], change)
				s.WaitForText("connected")
				s.tourOfNames()
				for _, n := range names {
					s.tourOfValue("/hostile/values/" + n)
				}
				s.quit("q")
				checkBytes(t, s.raw.String(), name == "ascii")
			})
		}
	}
}

// tourOfNames steps over every hostile name and opens what a name is shown in.
func (s *screen) tourOfNames() {
	s.t.Helper()
	s.goTo("/hostile/names")
	s.Type("l")
	s.WaitFor(func(screen string) bool { return strings.Contains(screen, "%s%n%d") }, "the names")
	for range seed.HostileNames {
		s.Type("j", "]")
		s.settle()
	}
	for range seed.HostileNames {
		s.Type("d")
		s.WaitForText("Cancel")
		s.Type("esc", "e")
		s.WaitForText("ctrl-s")
		s.Type("esc", "c")
		s.WaitForText("Create a znode")
		s.Type("esc", "k")
		s.settle()
	}
	s.Type("ctrl+o")
	s.WaitForText("Operations")
	s.Type("G", "g", "esc")
	s.Type(":", "/hostile/names/", "tab", "tab", "tab", "esc")
	for s.settle(); !strings.Contains(s.Screen(), "alue"); s.settle() {
		s.Type("]")
	}
	for i := 0; i < 4 && !strings.Contains(s.Screen(), "· v"); i++ { // back to the value
		s.Type("]")
		s.settle()
	}
}

// tourOfValue looks at a value in each view.
func (s *screen) tourOfValue(path string) {
	s.t.Helper()
	s.goTo(path)
	// Wherever the tabs stand, History comes before Value.
	s.WaitFor(func(screen string) bool { return strings.Contains(screen, " v0") || strings.Contains(screen, "is not loaded") }, "the value")
	if strings.Contains(s.Screen(), "is not loaded") {
		s.Type("o")
		s.WaitForText(" v0")
	}
	s.Type("tab", "v")
	s.WaitForText("raw")
	s.Type("w", "pgdown", "G", "v")
	s.WaitForText("hex")
	s.Type("G", "g", "l", "w", "v")
	s.settle()
	s.Type("tab", "Y")
	s.settle()
}

// finals are the control sequences that Bubble Tea draws a screen with: cursor,
// erasing, scrolling, repeating, modes, and what it asks of the terminal.
const finals = "ABCDEFGHIJKLMPSTXZ@`abdefghlmnpqrsuc"

// checkBytes checks what went to the terminal.
func checkBytes(t *testing.T, raw string, ascii bool) {
	t.Helper()
	var strange []string
	parser := ansi.NewParser()
	state := byte(0)
	for len(raw) > 0 {
		seq, width, n, next := ansi.DecodeSequence(raw, state, parser)
		raw, state = raw[n:], next
		ok := true
		switch {
		case width > 0:
			ok = !strings.ContainsFunc(seq, unsafeRune) && !(ascii && !isASCII(seq))
		case strings.HasPrefix(seq, "\x1b["):
			ok = strings.ContainsRune(finals, rune(seq[len(seq)-1]))
		case strings.HasPrefix(seq, "\x1b]2;"), strings.HasPrefix(seq, "\x1b]0;"):
			ok = strings.HasPrefix(seq[4:], "zkdeck test") || len(seq) <= 6
		case strings.HasPrefix(seq, "\x1b]52;c;"): // copied, in base64
			ok = !strings.ContainsAny(seq[7:len(seq)-1], "\x1b\x07;") || strings.HasSuffix(seq, "\x1b\\")
		case strings.HasPrefix(seq, "\x1b]"), strings.HasPrefix(seq, "\x1bP"):
			ok = strings.Contains(seq, "?") || strings.HasPrefix(seq, "\x1b]11") || strings.HasPrefix(seq, "\x1bP+q")
		default:
			ok = slices.Contains([]string{"\r", "\n", "\b", "\t", "\x1bM", "\x1b7", "\x1b8", "\x1b=", "\x1b>"}, seq)
		}
		if !ok && !slices.Contains(strange, seq) {
			strange = append(strange, seq)
		}
	}
	if len(strange) > 0 {
		t.Errorf("went to the terminal: %q", strange)
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

func TestScreenWithoutPermission(t *testing.T) {
	t.Parallel()
	root, _ := life(t)
	s := connect(t, root, 120, 36)
	s.goTo("/guarded/dark")
	s.waitRow("dark", "⊘ no read")
	s.waitRow("secret", "⊘ no read")
	s.WaitForText("Not allowed by the ACL", "ACL tab may tell")
	s.Type("]", "]")
	s.WaitFor(func(screen string) bool { return strings.Contains(screen, "create") || strings.Contains(screen, "ot allowed") }, "the ACL")
	s.Type("]", "]")
	s.goTo("/guarded/dark/known-by-name")
	s.WaitForText("readable by who knows the name")
	s.goTo("/guarded/read-only")
	s.WaitForText("look, do not touch")
	s.goTo("/guarded/no-delete/stays")
	s.WaitForText("its parent forbids")
	s.quit("q")
}

// TestScreenVanishingZnodes has what is selected and expanded deleted and made
// again all the time.
func TestScreenVanishingZnodes(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/v", "/v/a", "/v/a/b", "/last")
	s := connect(t, root, 120, 24)
	s.goTo("/v/a/b")
	acl := zk.WorldACL(zk.PermAll)
	ops := []any{
		&zk.DeleteRequest{Path: root + "/v/a/b", Version: -1}, &zk.DeleteRequest{Path: root + "/v/a", Version: -1},
		&zk.DeleteRequest{Path: root + "/v", Version: -1},
	}
	back := []any{
		&zk.CreateRequest{Path: root + "/v", Acl: acl}, &zk.CreateRequest{Path: root + "/v/a", Acl: acl},
		&zk.CreateRequest{Path: root + "/v/a/b", Data: []byte("again"), Acl: acl},
	}
	keys := []string{"j", "l", "]", "k", "l", "h", "r", "l", "j", "l", "y", "o", "enter", "[", "d", "esc", "e", "esc", "c", "esc", "esc"}
	for i := range 80 {
		_, err := c.Multi(ops...)
		c.must(err)
		s.Type(keys[i%len(keys)])
		_, err = c.Multi(back...)
		c.must(err)
		s.Type(keys[(i*7+3)%len(keys)])
		s.settle()
	}
	s.Type("esc", "esc", "esc", "esc")
	s.settle()
	s.goTo("/v/a/b")
	s.goTo("/last")
	s.waitRow("▾ v", "1")
	s.quit("q")
}
