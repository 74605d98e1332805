package safetext

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis marks where text was cut. Its methods take text that is safe and are
// free of side effects; widths are in terminal cells.
type Ellipsis string

// The two marks: for ordinary terminals, and for those without Unicode.
const (
	Dots      Ellipsis = "…"
	ASCIIDots Ellipsis = "~"
)

// Width returns how many cells the safe text s takes on one line.
func Width(s string) int {
	if allPlain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Next returns the bytes and cells of the first piece of the safe text s that must
// not be cut: an escape such as \u202e, or a grapheme cluster. It returns 0, 0 for
// the empty string.
func Next(s string) (size, cells int) {
	switch {
	case s == "":
		return 0, 0
	case s[0] == '\\':
		if n := escapeLen(s); n > 0 {
			return n, n
		}
		return 1, 1
	case len(s) == 1 || s[0] < utf8.RuneSelf && s[1] < utf8.RuneSelf:
		return 1, 1
	}
	cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return len(cluster), w
}

// Fit returns the longest start of the safe text s that takes at most width cells,
// in bytes and in cells.
func Fit(s string, width int) (size, cells int) {
	for size < len(s) {
		n, w := Next(s[size:])
		if cells+w > width {
			break
		}
		size, cells = size+n, cells+w
	}
	return size, cells
}

// tail returns where the longest end of s begins that takes at most width cells.
func tail(s string, width int) int {
	over := Width(s) - width
	i := 0
	for i < len(s) && over > 0 {
		n, w := Next(s[i:])
		i, over = i+n, over-w
	}
	return i
}

// fits tells whether s takes at most width cells. A cell is at least one byte, so
// short texts need no measuring and long ones are not measured to their end.
func fits(s string, width int) bool {
	if len(s) <= width {
		return true
	}
	n, _ := Fit(s, width)
	return n == len(s)
}

// Truncate cuts the end of s where it takes more than width cells. It prefers the
// end of a word when that costs less than a third of the width.
func (e Ellipsis) Truncate(s string, width int) string {
	if fits(s, width) {
		return s
	}
	room := width - Width(string(e))
	if room < 0 {
		return ""
	}
	n, _ := Fit(s, room)
	if n < len(s) && s[n] != ' ' {
		if blank := strings.LastIndexByte(s[:n], ' '); blank > 0 && Width(s[blank:n]) <= room/3 {
			n = blank
		}
	}
	return strings.TrimRight(s[:n], " ") + string(e)
}

// TruncateLeft cuts the start of s where it takes more than width cells.
func (e Ellipsis) TruncateLeft(s string, width int) string {
	if fits(s, width) {
		return s
	}
	room := width - Width(string(e))
	if room < 0 {
		return ""
	}
	return string(e) + s[tail(s, room):]
}

// TruncateMiddle cuts s within where it takes more than width cells, and keeps
// both ends; of a path it keeps whole parts at the end when it can.
func (e Ellipsis) TruncateMiddle(s string, width int) string {
	if fits(s, width) {
		return s
	}
	room := width - Width(string(e))
	if room < 0 {
		return ""
	}
	from := tail(s, room-room/3)
	if slash := strings.IndexByte(s[from:], '/'); slash > 0 && from+slash < len(s)-1 {
		from += slash
	}
	n, _ := Fit(s[:from], room-Width(s[from:]))
	return s[:n] + string(e) + s[from:]
}

// Pad makes s exactly width cells wide: cut with the mark, or filled with blanks
// at the right.
func (e Ellipsis) Pad(s string, width int) string {
	s = e.Truncate(s, width)
	return s + blanksFor(s, width)
}

// PadLeft is [Ellipsis.Pad] with the blanks at the left, for numbers.
func (e Ellipsis) PadLeft(s string, width int) string {
	s = e.Truncate(s, width)
	return blanksFor(s, width) + s
}

// blanksFor returns the blanks that s lacks to width cells.
func blanksFor(s string, width int) string {
	return strings.Repeat(" ", max(0, width-Width(s)))
}

// Truncate is [Ellipsis.Truncate] with [Dots].
func Truncate(s string, width int) string { return Dots.Truncate(s, width) }

// TruncateLeft is [Ellipsis.TruncateLeft] with [Dots].
func TruncateLeft(s string, width int) string { return Dots.TruncateLeft(s, width) }

// TruncateMiddle is [Ellipsis.TruncateMiddle] with [Dots].
func TruncateMiddle(s string, width int) string { return Dots.TruncateMiddle(s, width) }

// Pad is [Ellipsis.Pad] with [Dots].
func Pad(s string, width int) string { return Dots.Pad(s, width) }

// PadLeft is [Ellipsis.PadLeft] with [Dots].
func PadLeft(s string, width int) string { return Dots.PadLeft(s, width) }
