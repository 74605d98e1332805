package tui

import (
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

// A frame that is on its way when the terminal is resized may leave a scroll region of
// the old height: all is drawn anew after it was lifted.
func TestScreenResizedWhileItScrolls(t *testing.T) {
	t.Parallel()
	s := connect(t, zktest.Root(t), 80, 20)
	before := len(s.raw.String())
	s.Resize(100, 30)
	s.WaitFor(func(string) bool {
		after := s.raw.String()[before:]
		reset := strings.LastIndex(after, "\x1b[;r")
		return reset >= 0 && strings.Contains(after[reset:], "\x1b[2J")
	}, "the redraw")
	s.WaitFor(func(string) bool {
		return strings.HasPrefix(s.lines()[0], " zkdeck") && strings.HasPrefix(s.lines()[1], " 1 Tree") && strings.Contains(s.lines()[29], "? help")
	}, "a whole screen")
}
