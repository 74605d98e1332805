package zoocfg

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/magiconair/properties"
)

// blanks are what Java's Properties skip before a key and around a separator.
const blanks = " \t\f"

// logicalLine is what Java's Properties take for one line: a line, and those that a
// backslash at its end joins to it.
type logicalLine struct {
	first, last int // the numbers of the lines that it stands on, from 1
	text        string
}

// physical is a line as it stands in a file, without what ends it.
type physical struct {
	text []byte
	end  int // how many bytes end it: 0 at the end of a file, 2 for CR LF
}

// physicalLines cuts a text where Java does: after LF, CR LF, and CR.
func physicalLines(text []byte) []physical {
	var all []physical
	for len(text) > 0 {
		i := bytes.IndexAny(text, "\r\n")
		if i < 0 {
			return append(all, physical{text: text})
		}
		end := 1
		if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			end = 2
		}
		all = append(all, physical{text: text[:i], end: end})
		text = text[i+end:]
	}
	return all
}

// splitter joins physical lines to logical ones.
type splitter struct {
	lines    []physical
	at       int
	comments []string // those directly above the line to come
}

// next returns the next logical line and the comments directly above it; false at the
// end. It does as java.util.Properties$LineReader does, with its corners: a comment is
// never continued, blanks before a continued text are dropped, a line that is nothing
// but a backslash goes on in the next, which may then be a comment, and at the end of
// a file it is an empty key.
func (s *splitter) next() (logicalLine, []string, bool) {
	s.comments = nil
	var text []byte
	first := 0
	for s.at < len(s.lines) {
		l := s.lines[s.at]
		s.at++
		part := bytes.TrimLeft(l.text, blanks)
		if len(text) == 0 {
			if s.passes(part) {
				continue
			}
			if first == 0 {
				first = s.at
			}
		}
		part, goesOn := continued(part)
		text = append(text, part...)
		switch {
		case goesOn && s.at < len(s.lines):
			continue
		case goesOn && len(text) == 0 && l.end == 2:
			return logicalLine{}, nil, false
		}
		return logicalLine{first: first, last: s.at, text: latin1(text)}, s.comments, true
	}
	if len(text) > 0 {
		return logicalLine{first: first, last: s.at, text: latin1(text)}, s.comments, true
	}
	return logicalLine{}, nil, false
}

// passes takes in a line that holds no key, if it is one.
func (s *splitter) passes(part []byte) bool {
	switch {
	case len(part) == 0:
		s.comments = nil
		return true
	case part[0] == '#' || part[0] == '!':
		s.comments = append(s.comments, commentText(part))
		return true
	}
	return false
}

// continued takes off the backslash with which a line says that it goes on.
func continued(part []byte) ([]byte, bool) {
	n := len(part) - len(bytes.TrimRight(part, `\`))
	if n%2 == 0 {
		return part, false
	}
	return part[:len(part)-1], true
}

// commentText is what a comment says, without its marks. People write it in UTF-8,
// whatever Java thinks.
func commentText(line []byte) string {
	said := bytes.TrimSpace(bytes.TrimLeft(line, "#!"))
	if utf8.Valid(said) {
		return string(said)
	}
	return latin1(said)
}

// latin1 reads bytes as Java reads a file of properties: each is a character of
// ISO 8859-1.
func latin1(text []byte) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, c := range text {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// decode splits a logical line into key and value, with the escapes read. Of the
// library it hides that it wants a key, by putting a letter before it. Malformed tells
// that there is an escape for which Java refuses the whole file; it is left as it is.
func decode(line string) (key, value string, malformed bool, err error) {
	line, malformed = readPairs(line)
	loader := properties.Loader{Encoding: properties.UTF8, DisableExpansion: true}
	p, err := loader.LoadBytes([]byte("k" + line))
	if err != nil {
		return "", "", malformed, fmt.Errorf("reading the line %q: %w", line, err)
	}
	for _, k := range p.Keys() {
		value, _ = p.Get(k)
		return k[1:], value, malformed, nil
	}
	return "", "", malformed, fmt.Errorf("reading the line %q: it holds no key", line)
}

// readPairs reads those escapes that the library cannot: a pair of surrogates, as
// \ud83d\ude00, is one character; what \u begins without four digits is malformed, and
// left as it stands.
func readPairs(line string) (string, bool) {
	if !strings.Contains(line, `\u`) {
		return line, false
	}
	var b strings.Builder
	malformed := false
	for i := 0; i < len(line); {
		if line[i] != '\\' || i+1 == len(line) {
			b.WriteByte(line[i])
			i++
			continue
		}
		high, ok := unicodeEscape(line[i:])
		low, pair := unicodeEscape(line[min(len(line), i+6):])
		both := utf16.DecodeRune(high, low)
		switch {
		case line[i+1] == 'u' && !ok:
			malformed = true
			b.WriteString(`\\u`)
			i += 2
		case ok && pair && both != utf8.RuneError:
			b.WriteRune(both)
			i += 12
		default:
			b.WriteString(line[i : i+2])
			i += 2
		}
	}
	return b.String(), malformed
}

// unicodeEscape reads the escape with which a text begins, as \u00e4.
func unicodeEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
