package zoocfg

import (
	"fmt"
	"strings"
	"unicode"
)

// text judges how the files are written, before what is in them.
func (l *linter) text() {
	for _, c := range []*Config{l.c, l.c.Dynamic} {
		if c == nil {
			continue
		}
		l.byteOrderMark(c)
		l.duplicates(c)
		counts := map[string]int{}
		for _, e := range c.entries {
			counts[e.Key] = e.Line
		}
		for _, e := range c.entries {
			l.escapes(c, e)
			l.joined(c, e)
			if counts[e.Key] == e.Line { // of a key that is there twice the last one counts
				l.comment(c, e)
				l.nonASCII(c, e)
			}
		}
	}
}

// byteOrderMark judges what editors of Windows put before the first line.
func (l *linter) byteOrderMark(c *Config) {
	if !c.BOM {
		return
	}
	e := Entry{Line: 1}
	mend := "save the file as UTF-8 without a byte order mark (BOM), or as ASCII"
	const mark = "\u00ef\u00bb\u00bf" // as ISO 8859-1
	if len(c.entries) > 0 && c.entries[0].Line == 1 {
		key := strings.TrimPrefix(c.entries[0].Key, mark)
		if k, ok := lookUp(key); ok && key != "" {
			e.Key = k.key
			l.meant[key] = true
			l.markIn(c, e, Error, "bom", "a byte order mark stands before the first key, "+quote(key),
				l.without(key, "the mark becomes a part of the key, and "+quote(key)+" is not set"), mend)
			return
		}
	}
	l.markIn(c, e, Warning, "bom", "the file begins with a byte order mark",
		"a first line that is a comment becomes a key that nobody knows", mend)
}

// duplicates judges keys that are there twice.
func (l *linter) duplicates(c *Config) {
	first := map[string]Entry{}
	for _, e := range c.entries {
		before, twice := first[e.Key]
		first[e.Key] = e
		switch {
		case !twice:
		case before.Value == e.Value:
			l.markIn(c, e, Note, "duplicate-key", fmt.Sprintf("%s stands on line %d already, with the same value", quote(e.Key), before.Line),
				"nothing, until somebody changes only one of the two", "delete one of the two")
		default:
			l.markIn(c, e, Warning, "duplicate-key",
				fmt.Sprintf("%s is %s on line %d and %s here", quote(e.Key), quote(before.Value), before.Line, quote(e.Value)),
				fmt.Sprintf("the last one counts; line %d does nothing", before.Line), "delete one of the two")
		}
	}
}

// escapes judges backslashes, which Java takes for the beginning of an escape.
func (l *linter) escapes(c *Config, e Entry) {
	if e.Malformed {
		l.markIn(c, e, Error, "bad-escape", `there is a \u without four hexadecimal digits behind it`,
			refuses(`"Malformed \uxxxx encoding"`), `write \\ for each backslash, or / between folders`)
		return
	}
	lost := lostBackslash(e.Raw)
	if !lost {
		return
	}
	severity := Warning
	if k, _ := lookUp(trim(e.Key)); k.kind == asFolder || k.kind == asFile {
		severity = Error
	}
	l.markIn(c, e, severity, "backslash", "a backslash in "+quote(e.Raw)+" is taken for the beginning of an escape",
		"the value is "+quote(e.Value), `write / between folders, or \\ for each backslash`)
}

// lostBackslash tells whether a backslash in a line disappears, or makes of the letter
// behind it something else, where a person most likely meant it to stay.
func lostBackslash(raw string) bool {
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if c := raw[i]; c != 'u' && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || strings.ContainsRune("_-.~$%", rune(c))) {
			return true
		}
	}
	return false
}

// joined judges a line that a backslash joins to the next where that is a key.
func (l *linter) joined(c *Config, e Entry) {
	for n := e.Line + 1; n <= e.Last && n <= len(c.lines); n++ {
		key, _, ok := strings.Cut(strings.TrimSpace(c.lines[n-1]), "=")
		if _, is := lookUp(strings.TrimSpace(key)); ok && is {
			l.markIn(c, e, Error, "joined-lines", fmt.Sprintf("the backslash at its end joins line %d to it", n),
				quote(strings.TrimSpace(key))+" is not set, and the value here is "+quote(trim(e.Value)), "delete the backslash at the end of the line")
			return
		}
	}
}

// nonASCII judges letters that Java reads differently from how they were written.
func (l *linter) nonASCII(c *Config, e Entry) {
	raw := strings.IndexFunc(e.Raw, func(r rune) bool { return r > unicode.MaxASCII }) >= 0
	k, _ := lookUp(trim(e.Key))
	path := k.kind == asFolder || k.kind == asFile
	switch {
	case c.BOM && e.Line == 1: // said already
	case raw && path:
		l.markIn(c, e, Error, "non-ascii", "there are letters beyond ASCII in a path",
			"ZooKeeper reads the file as ISO 8859-1, and uses "+quote(trim(e.Value)), "use a path of ASCII, or write each such letter as \\uXXXX")
	case raw:
		l.markIn(c, e, Warning, "non-ascii", "there are letters beyond ASCII in the line",
			"ZooKeeper reads the file as ISO 8859-1: of UTF-8 each becomes two or more letters", "write each such letter as \\uXXXX")
	case path && strings.IndexFunc(e.Value, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
		l.markIn(c, e, Warning, "non-ascii", "there are letters beyond ASCII in the path "+quote(trim(e.Value)),
			"Java finds such a path only where the locale is one of UTF-8", "use a path of ASCII, or start the server with LC_ALL=C.UTF-8")
	}
}
