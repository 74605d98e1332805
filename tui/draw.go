package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
)

// span is a piece of one line in one ink. Its text is safe: whoever makes a
// span of something that came from ZooKeeper cleans it first.
type span struct {
	ink  ink
	text string
}

// spansWidth is the number of cells that the spans take.
func spansWidth(spans []span) int {
	w := 0
	for _, s := range spans {
		w += safetext.Width(s.text)
	}
	return w
}

// line draws left-aligned and right-aligned spans on exactly width cells. When
// both do not fit, the left part is cut with an ellipsis, and the right part goes
// only when it alone is wider than the line. A selected line is drawn on the
// selection's background from edge to edge.
func (st *styles) line(width int, selected bool, left, right []span) string {
	if width <= 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(width + 16*(len(left)+len(right)+1))
	rw := spansWidth(right)
	if rw >= width {
		right, rw = nil, 0
	}
	room := width - rw
	if rw > 0 {
		room-- // one cell keeps the two parts apart
	}
	used := st.put(&b, room, selected, left)
	st.pad(&b, width-rw-used, selected)
	st.put(&b, rw, selected, right)
	return b.String()
}

// put writes spans until room is used up and returns the cells it took.
func (st *styles) put(b *strings.Builder, room int, selected bool, spans []span) int {
	fits := spansWidth(spans) <= room
	used := 0
	for _, s := range spans {
		w := safetext.Width(s.text)
		if !fits && used+w >= room { // more follows, or this is too long itself
			if used == room {
				return used
			}
			n, cells := safetext.Fit(s.text, room-used-1)
			st.write(b, s.ink, s.text[:n]+st.ellipsis, selected)
			return used + cells + 1
		}
		st.write(b, s.ink, s.text, selected)
		used += w
	}
	return used
}

func (st *styles) write(b *strings.Builder, k ink, text string, selected bool) {
	if text == "" {
		return
	}
	on := k.on
	if selected {
		on = k.onSelected
	}
	if on == off {
		b.WriteString(text)
		return
	}
	b.WriteString(on)
	b.WriteString(text)
	b.WriteString(off)
}

func (st *styles) pad(b *strings.Builder, n int, selected bool) {
	if n <= 0 {
		return
	}
	st.write(b, ink{on: off, onSelected: st.text.onSelected}, strings.Repeat(" ", n), selected)
}

// hrule is a horizontal rule; where a vertical one meets it, at column crossAt,
// it has the sign tee. crossAt 0 means nowhere.
func (st *styles) hrule(width, crossAt int, tee string) string {
	if crossAt <= 0 || crossAt >= width {
		return st.dim.on + strings.Repeat(st.rule, width) + off
	}
	return st.dim.on + strings.Repeat(st.rule, crossAt) + tee + strings.Repeat(st.rule, width-crossAt-1) + off
}

// overlay lays box over the rows of base with its upper left corner at x, y. It
// is for dialogs, not for the frame path of a bare screen: cutting styled text
// costs time.
func overlay(base, box []string, x, y int) {
	for i, row := range box {
		if y+i < 0 || y+i >= len(base) {
			continue
		}
		under := base[y+i]
		w := ansi.StringWidth(row)
		base[y+i] = ansi.Truncate(under, x, "") + off + row + off + ansi.TruncateLeft(under, x+w, "")
	}
}

// asciiSigns are the signs of ours that have a likeness in ASCII.
var asciiSigns = map[rune]byte{
	'…': '~', '·': '.', '→': '>', '←': '<', '↑': '^', '↓': 'v', '─': '-', '│': '|', '×': 'x', '−': '-', '≥': '>', '–': '-', 'µ': 'u',
}

// asciiFold replaces every character beyond ASCII, cell for cell, for terminals
// that have no others. It is the last step before the terminal, so that neither
// panes nor dialogs need to know.
func asciiFold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if s[0] < utf8.RuneSelf {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		n, cells := safetext.Next(s)
		r, _ := utf8.DecodeRuneInString(s)
		if sign, ok := asciiSigns[r]; ok {
			b.WriteByte(sign)
			cells--
		}
		b.WriteString(strings.Repeat("?", max(cells, 0)))
		s = s[max(n, 1):]
	}
	return b.String()
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
