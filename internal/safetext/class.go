package safetext

import (
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxMarks bounds the combining marks on one base character. Living scripts need
// up to four; more is decoration that spills into the rows above and below.
const maxMarks = 4

// blanks are characters that count as letters, marks or symbols and yet draw
// nothing, or stand for something that is not there.
var blanks = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // Braille blank
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // halfwidth Hangul filler
		{Lo: 0xfffc, Hi: 0xfffc, Stride: 1}, // object replacement
	},
	R32: []unicode.Range32{
		{Lo: 0x13441, Hi: 0x13442, Stride: 1}, // Egyptian blanks
		{Lo: 0x16fe4, Hi: 0x16fe4, Stride: 1}, // Khitan filler
		{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, // musical null note head
	},
}

// prepends are letters that join what follows them into one cell group (the
// property Prepend of UAX 29, without its format characters, which are escaped
// anyway). Terminals disagree about their width.
var prepends = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1},
		{Lo: 0x113d1, Hi: 0x113d1, Stride: 1},
		{Lo: 0x1193f, Hi: 0x11941, Stride: 2},
		{Lo: 0x11a3a, Hi: 0x11a3a, Stride: 1},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1},
		{Lo: 0x11d46, Hi: 0x11d46, Stride: 1},
		{Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}

// steadies are the bulk of what is written in Latin, Greek, Cyrillic, Chinese,
// Japanese and Korean: visible, of known width, normal, and never part of a larger
// cluster unless a mark follows. They need no further look.
var steadies = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00c0, Hi: 0x024f, Stride: 1},
		{Lo: 0x0391, Hi: 0x03a1, Stride: 1},
		{Lo: 0x03a3, Hi: 0x03ff, Stride: 1},
		{Lo: 0x0400, Hi: 0x0481, Stride: 1},
		{Lo: 0x3041, Hi: 0x3096, Stride: 1},
		{Lo: 0x30a1, Hi: 0x30fa, Stride: 1},
		{Lo: 0x30fc, Hi: 0x30fe, Stride: 1},
		{Lo: 0x4e00, Hi: 0x9fff, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
	},
}

// steady returns the length of the character at the start of s if it and the one
// after it are of the steadies, or ASCII follows; 0 otherwise.
func steady(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if !unicode.Is(steadies, r) {
		return 0
	}
	if len(s) > n && s[n] >= utf8.RuneSelf {
		if next, _ := utf8.DecodeRuneInString(s[n:]); !unicode.Is(steadies, next) {
			return 0
		}
	}
	return n
}

// joins tells whether r belongs to the character before it: a mark, and some
// letters and symbols such as Thai SARA AM or the skin tones of emoji.
func joins(r rune) bool {
	if unicode.IsMark(r) {
		return true
	}
	cluster, _ := ansi.FirstGraphemeCluster("a"+string(r), ansi.GraphemeWidth)
	return len(cluster) > 1
}

// visible tells whether r draws something by itself. Everything that is assigned
// later than Go's Unicode tables counts as invisible: its width is not known.
func visible(r rune) bool {
	if r < 0x7f {
		return r >= 0x20
	}
	return unicode.IsPrint(r) &&
		!unicode.In(r, blanks, prepends, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// agreed tells whether both ways of counting cells give s the same width of at
// least one cell.
func agreed(s string) bool {
	w := ansi.StringWidth(s)
	return w > 0 && w == ansi.StringWidthWc(s)
}

// plain tells whether c is a printable ASCII character.
func plain(c byte) bool { return c >= 0x20 && c < 0x7f }

// allPlain tells whether s is printable ASCII throughout.
func allPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if !plain(s[i]) {
			return false
		}
	}
	return true
}
