package screentest

import (
	"encoding/base64"
	"fmt"
	"image/color"
	"slices"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Cell is one place on the screen and how it is written.
type Cell struct {
	// Text is the grapheme cluster; empty in the right half of a wide one.
	Text string
	// Fg and Bg are nil where the terminal's own colour is used.
	Fg, Bg color.Color

	Bold, Faint, Italic, Reverse, Strike, Underline bool
}

// Cell returns the cell at column x and row y, both from zero. Outside the
// screen it is the zero Cell.
func (t *Term) Cell(x, y int) Cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.emu.CellAt(x, y)
	if c == nil {
		return Cell{}
	}
	has := func(attr uint8) bool { return c.Style.Attrs&attr != 0 }
	return Cell{
		Text: c.Content, Fg: c.Style.Fg, Bg: c.Style.Bg,
		Bold: has(uv.AttrBold), Faint: has(uv.AttrFaint), Italic: has(uv.AttrItalic),
		Reverse: has(uv.AttrReverse), Strike: has(uv.AttrStrikethrough),
		Underline: c.Style.Underline != uv.UnderlineNone,
	}
}

// Find returns the column and row of the first occurrence of text, which must
// stand on one row. It fails the test if text is not on the screen.
func (t *Term) Find(text string) (x, y int) {
	t.t.Helper()
	screen := t.Screen()
	for y, row := range strings.Split(screen, "\n") {
		if before, _, ok := strings.Cut(row, text); ok {
			return ansi.StringWidth(before), y
		}
	}
	t.t.Fatalf("%q is not on the screen:\n%s", text, frame(screen))
	return 0, 0
}

// Cursor returns where the cursor is and whether it is shown.
func (t *Term) Cursor() (x, y int, shown bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.emu.CursorPosition()
	return at.X, at.Y, t.modes[ansi.ModeTextCursorEnable]
}

// Clipboard returns what the program last copied by OSC 52.
func (t *Term) Clipboard() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clipboard
}

// copied takes an OSC 52, "52;c;" and base64. It runs while drawing, under mu.
func (t *Term) copied(data []byte) bool {
	parts := strings.SplitN(string(data), ";", 3)
	if len(parts) != 3 {
		return false
	}
	text, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	t.clipboard = string(text)
	return true
}

// LeftOn names what the program has changed of the terminal and not put back:
// the alternate screen, a hidden cursor, mouse reports, bracketed paste and other
// modes. After a program has ended, however it ended, it should be empty.
func (t *Term) LeftOn() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var left []string
	for mode, on := range t.modes {
		switch {
		case mode == ansi.Mode(ansi.ModeTextCursorEnable):
			if !on {
				left = append(left, "hidden cursor")
			}
		case mode == ansi.Mode(ansi.ModeLineFeedNewLine): // ours, see Start
		case mode == ansi.Mode(ansi.ModeAutoWrap): // on in a terminal anyway
		case on:
			left = append(left, modeName(mode))
		}
	}
	slices.Sort(left)
	return left
}

func modeName(mode ansi.Mode) string {
	switch mode {
	case ansi.ModeAltScreen, ansi.ModeAltScreenSaveCursor:
		return "alternate screen"
	case ansi.ModeBracketedPaste:
		return "bracketed paste"
	case ansi.ModeMouseNormal, ansi.ModeMouseButtonEvent, ansi.ModeMouseAnyEvent, ansi.ModeMouseExtSgr:
		return fmt.Sprintf("mouse reports (mode %d)", mode.Mode())
	case ansi.ModeFocusEvent:
		return "focus reports"
	case ansi.ModeSynchronizedOutput:
		return "synchronized output"
	}
	return fmt.Sprintf("mode %d", mode.Mode())
}
