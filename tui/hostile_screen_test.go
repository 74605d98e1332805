package tui

import (
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
	for name, ascii := range map[string]bool{"80x24": false, "100x24": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := map[bool]int{false: 80, true: 100}[ascii]
			s := connect(t, root, w, 24, func(s *setup) { s.opts.ASCII = ascii })
			s.tourOfNames()
			for _, n := range names {
				s.tourOfValue("/hostile/values/" + n)
			}
			s.quit("q")
			checkBytes(t, s.raw.String(), ascii)
		})
	}
}

// tourOfNames steps over every hostile name and opens what a name is shown in.
func (s *screen) tourOfNames() {
	s.t.Helper()
	s.goTo("/hostile/names")
	s.waitRow("names", "32") // before that one does not know that it can be expanded
	s.Type("l")
	s.WaitForText(`\x20`)
	for range seed.HostileNames { // 32: the tabs come around
		s.Type("j", "]")
	}
	s.settle()
	for i := range seed.HostileNames {
		switch i % 3 {
		case 0:
			s.Type("d")
			s.WaitForText("Cancel")
		case 1:
			s.Type("e")
			s.WaitForText("ctrl-s")
		default:
			s.Type("c")
			s.WaitForText("Create a znode")
		}
		s.Type("esc", "k")
		s.settle()
	}
	s.Type("ctrl+o")
	s.WaitForText("Operations")
	s.Type("G", "g", "esc")
	s.Type(":", "/hostile/names/", "tab", "tab", "tab", "esc")
	s.settle()
}

// tourOfValue looks at a value in each view.
func (s *screen) tourOfValue(path string) {
	s.t.Helper()
	s.goTo(path)
	s.waitGone("loading")
	s.settle()
	if strings.Contains(s.Screen(), "is not loaded") {
		s.Type("o")
		s.waitGone("is not loaded", "loading")
	}
	if strings.Contains(path, "900KB") || strings.HasSuffix(path, "bomb.gz") {
		return // other views of a megabyte take seconds under the race detector
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
		var ok bool
		switch {
		case width > 0 || isMarks(seq):
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
	s.goTo("/guarded/secret")
	s.WaitForText("Not allowed by the ACL")
	s.goTo("/guarded/dark")
	s.WaitForText("Not allowed by the ACL", "ACL tab may tell")
	s.Type("]", "]")
	s.WaitFor(func(screen string) bool {
		return strings.Contains(screen, "create") || strings.Contains(screen, "ot allowed")
	}, "the ACL")
	s.Type("]", "]")
	s.Type(":", "/guarded/dark/known-by-name", "enter")
	s.WaitForText("exists, but /guarded/dark cannot be listed")
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
	keys := []string{"j", "l", "]", "k", "l", "h", "r", "l", "j", "l", "y", "o", "enter", "[", "d", "e", "c", "G", "g", "l", "j"}
	for i := range 60 {
		_, err := c.Multi(ops...)
		c.must(err)
		s.Type(keys[i%len(keys)])
		s.settle()
		_, err = c.Multi(back...)
		c.must(err)
		s.Type("esc", "esc", "l", "j")
	}
	s.settle()
	s.goTo("/v/a/b")
	s.goTo("/last")
	s.waitRow("▾ v", "1")
	s.quit("q")
}
