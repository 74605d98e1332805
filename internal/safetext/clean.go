package safetext

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// TabWidth is the distance of tab stops, in cells, to which [CleanLine] and
// [CleanBlock] expand.
const TabWidth = 4

// Clean returns a name or an id (of a znode, a session, an ACL …) so that it can
// be printed on one line. It is injective and [Unquote] reverses it: blanks at
// either end, a quote at the start, what is not in Unicode's normal form NFC, and
// backslashes that would read as an escape are escaped too. A string of ordinary ASCII is returned as it
// is, without allocation.
func Clean(s string) string {
	if plainName(s) {
		return s
	}
	c := cleaner{name: true}
	return string(c.append(make([]byte, 0, len(s)+16), s))
}

// CleanLine returns one line of a text (a log, an answer of a four-letter word,
// a line of a value) with tabs expanded and everything unsafe escaped, line breaks
// included. Backslashes stay as they are, so it is not injective.
func CleanLine(s string) string {
	if allPlain(s) {
		return s
	}
	var c cleaner
	return string(c.append(make([]byte, 0, len(s)+16), s))
}

// CleanBlock is [CleanLine] for a text of several lines: "\n" stays, "\r\n" becomes
// "\n", a lone "\r" is escaped.
func CleanBlock(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && (r < 0x20 || r > 0x7e) }) {
		return s
	}
	c := cleaner{block: true}
	return string(c.append(make([]byte, 0, len(s)+len(s)/8+16), s))
}

// IsSafe tells whether [Clean] would return s as it is.
func IsSafe(s string) bool { return plainName(s) || Clean(s) == s }

// ASCII returns text that one of the Clean functions made, for terminals without
// Unicode: every character beyond ASCII is escaped. What [Clean] made stays
// injective.
func ASCII(safe string) string {
	if strings.IndexFunc(safe, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return safe
	}
	dst := make([]byte, 0, 2*len(safe))
	for i := 0; i < len(safe); {
		r, n := utf8.DecodeRuneInString(safe[i:])
		if r < utf8.RuneSelf {
			dst = append(dst, byte(r))
		} else {
			dst = appendEscape(dst, safe[i:i+n], r)
		}
		i += n
	}
	return string(dst)
}

// plainName tells whether Clean has nothing to do.
func plainName(s string) bool {
	if s == "" {
		return true
	}
	return s[0] != ' ' && s[0] != '"' && s[len(s)-1] != ' ' && allPlain(s) && strings.IndexByte(s, '\\') < 0
}

// cleaner holds which of the three manners of cleaning is wanted, and the column
// that tabs need.
type cleaner struct {
	name   bool // injective
	quoted bool // a name within quotes
	block  bool // keeps "\n"

	col, from int // dst[from:] starts at column col
}

// append appends s, made safe, to dst.
func (c *cleaner) append(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		b := s[i]
		switch {
		case b == '\\' || b == ' ' || b == '"' || b == '/' && c.name:
			dst = c.appendPlain(dst, s, i)
			i++
		case b < utf8.RuneSelf && !plain(b):
			var n int
			dst, n = c.appendControl(dst, s[i:])
			i += n
		case plain(b) && (i+1 == len(s) || s[i+1] < utf8.RuneSelf):
			dst = append(dst, b)
			i++
		default:
			if n := steady(s[i:]); n > 0 {
				dst = append(dst, s[i:i+n]...)
				i += n
				continue
			}
			cluster, _ := ansi.FirstGraphemeCluster(s[i:], ansi.GraphemeWidth)
			var n int
			dst, n = c.appendCluster(dst, cluster)
			i += n
		}
	}
	return dst
}

// appendPlain appends the backslash, space, quote or slash at s[i]. None of them can
// carry a combining mark here, so each goes by itself: a mark after the slash of a
// path begins a name.
func (c *cleaner) appendPlain(dst []byte, s string, i int) []byte {
	last := i+1 == len(s)
	switch {
	case !c.name || c.quoted:
		return append(dst, s[i])
	case s[i] == '"' && i == 0:
		return append(dst, `\"`...) // or Unquote would take it for the start of a quotation
	case s[i] == ' ' && (i == 0 || last):
		return append(dst, `\x20`...)
	case s[i] == '\\' && !last && ambiguous(s[i+1]):
		return append(dst, `\\`...)
	}
	return append(dst, s[i])
}

// ambiguous tells whether a single backslash before next could be read as the
// start of an escape.
func ambiguous(next byte) bool {
	return !plain(next) || strings.IndexByte(`\xuUntr "`, next) >= 0
}

// appendControl appends the control character at the start of s and returns how
// many bytes it took.
func (c *cleaner) appendControl(dst []byte, s string) ([]byte, int) {
	switch {
	case c.block && s[0] == '\n':
		dst = append(dst, '\n')
		c.col, c.from = 0, len(dst)
		return dst, 1
	case c.block && strings.HasPrefix(s, "\r\n"):
		dst = append(dst, '\n')
		c.col, c.from = 0, len(dst)
		return dst, 2
	case !c.name && s[0] == '\t':
		c.col += ansi.StringWidth(string(dst[c.from:]))
		n := TabWidth - c.col%TabWidth
		dst = append(dst, strings.Repeat(" ", n)...)
		c.col, c.from = c.col+n, len(dst)
		return dst, 1
	}
	return appendEscape(dst, s[:1], rune(s[0])), 1
}

// appendCluster appends the grapheme cluster s and returns how many of its bytes
// it took. A cluster keeps its base and its first marks as far as both ways of
// counting cells agree on them; the rest is escaped.
func (c *cleaner) appendCluster(dst []byte, s string) ([]byte, int) {
	base, more := -1, 0 // where the part that is kept begins in s, and what it has beyond its base
	for i := 0; i < len(s); {
		if i > 0 && s[i] < utf8.RuneSelf {
			return dst, i // only after a character that joins and was escaped
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		from, ok := i, !joins(r)
		if base >= 0 {
			from, ok = base, more < maxMarks
		}
		if ok && c.keeps(s[from:i+n], r, n) {
			if dst = append(dst, s[i:i+n]...); base >= 0 {
				more++
			}
			base = from
		} else {
			dst = appendEscape(dst, s[i:i+n], r)
			base, more = -1, 0
		}
		i += n
	}
	return dst, len(s)
}

// keeps tells whether r, of n bytes, may stand as the end of the part of a cluster.
func (c *cleaner) keeps(part string, r rune, n int) bool {
	if r == utf8.RuneError && n < 2 {
		return false
	}
	if !c.name && r == '\u3000' {
		return true // the blank of Chinese and Japanese texts
	}
	if !visible(r) || !agreed(part) {
		return false
	}
	return !c.name || norm.NFC.IsNormalString(part)
}
