// Package safetext makes text from ZooKeeper safe to print.
package safetext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Clean returns s on one line, with everything that a terminal could take as
// control as a visible escape.
func Clean(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else if !unicode.IsGraphic(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// Width is the number of cells that s takes.
func Width(s string) int { return ansi.StringWidth(s) }

// Truncate cuts s to width cells, with an ellipsis where something was cut.
func Truncate(s string, width int) string { return ansi.Truncate(s, width, "…") }

// TruncateLeft cuts s to width cells from the left.
func TruncateLeft(s string, width int) string {
	if w := Width(s); w > width {
		return ansi.TruncateLeft(s, w-width+1, "…")
	}
	return s
}

// TruncateMiddle cuts s to width cells in the middle.
func TruncateMiddle(s string, width int) string {
	w := Width(s)
	if w <= width {
		return s
	}
	left := width / 2
	return ansi.Truncate(s, left, "") + ansi.TruncateLeft(s, w-(width-left)+1, "…")
}

// Pad fills s with spaces up to width cells.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-Width(s), 0))
}
