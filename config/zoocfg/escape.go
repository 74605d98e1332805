package zoocfg

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// escapeKey writes a key so that Java's Properties read it back.
func escapeKey(key string) string {
	var b strings.Builder
	for i, r := range key {
		switch {
		case strings.ContainsRune(" =:", r), i == 0 && strings.ContainsRune("#!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			escapeRune(&b, r)
		}
	}
	return b.String()
}

// escapeValue writes a value so that Java's Properties read it back: blanks at its
// beginning would be lost to them, and those at its end to editors.
func escapeValue(value string) string {
	var b strings.Builder
	inside := false
	end := len(strings.TrimRight(value, " "))
	for i, r := range value {
		inside = inside || r != ' '
		switch {
		case r == ' ' && !inside:
			b.WriteString(`\ `)
		case r == ' ' && i >= end:
			b.WriteString(`\u0020`)
		default:
			escapeRune(&b, r)
		}
	}
	return b.String()
}

// escapeRune writes a character of a key or a value: Java reads the file as ISO 8859-1,
// and other programs do not agree on what is beyond ASCII.
func escapeRune(b *strings.Builder, r rune) {
	switch {
	case r == '\\':
		b.WriteString(`\\`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\f':
		b.WriteString(`\f`)
	case r >= ' ' && r < 0x7f:
		b.WriteRune(r)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}
