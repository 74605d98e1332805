package tui

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"zkdeck/internal/safetext"
)

// codec turns a value into text that can be edited, and back. Text is the value
// itself; anything that is not plainly UTF-8 text becomes a hex dump, so that no
// byte changes but those that were edited.
type codec struct {
	hex bool
	why string // what the value is, when it is edited as hex
}

// codecFor chooses how data is edited.
func codecFor(data []byte) codec {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return codec{true, "This is UTF-16 text. It is edited as hex, because re-encoding it could change more than you do."}
	case !utf8.Valid(data) && mostlyPrintable(data):
		return codec{true, "This is text, but not UTF-8 (Latin-1, perhaps). It is edited as hex, because re-encoding it could change more than you do."}
	case !utf8.Valid(data) || hasBinary(data):
		return codec{true, "This is binary. It is edited as hex: change, add or remove pairs of digits; what stands between | and | is only for reading."}
	}
	return codec{}
}

// hasBinary tells whether data has control characters that texts do not.
func hasBinary(data []byte) bool {
	for _, b := range data {
		if b < ' ' && !strings.ContainsRune("\t\n\v\f\r\x1b", rune(b)) {
			return true
		}
	}
	return false
}

// mostlyPrintable tells whether data could be text in a one-byte encoding.
func mostlyPrintable(data []byte) bool {
	high := 0
	for _, b := range data {
		if b >= 0x80 && b < 0xa0 {
			return false
		}
		high += boolInt(b >= 0xa0)
	}
	return !hasBinary(data) && high*3 < len(data)
}

// encode returns the text to edit.
func (c codec) encode(data []byte) string {
	if !c.hex {
		return string(data)
	}
	var b strings.Builder
	for at := 0; at < len(data); at += 16 {
		row := data[at:min(at+16, len(data))]
		fmt.Fprintf(&b, "%08x: %-47s |", at, fmt.Sprintf("% x", row))
		for _, c := range row {
			if c < ' ' || c > '~' {
				c = '.'
			}
			b.WriteByte(c)
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// decode is the reverse of encode. Offsets and the characters at the right are
// ignored, since they cannot stay true while bytes are added and removed;
// everything else must be pairs of hex digits. Errors name the line.
func (c codec) decode(text string) ([]byte, error) {
	if !c.hex {
		return []byte(text), nil
	}
	var out []byte
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		row := strings.TrimRight(line, "\r")
		if offset, rest, ok := strings.Cut(row, ":"); ok {
			if strings.Trim(offset, "0123456789abcdefABCDEF") != "" {
				return nil, fmt.Errorf("line %d: %s before the colon is no hex offset", n, safetext.CleanLine(offset))
			}
			row = rest
		}
		row, _, _ = strings.Cut(row, "|")
		for _, pair := range strings.Fields(row) {
			bs, err := hex.DecodeString(pair)
			if err != nil {
				return nil, fmt.Errorf("line %d: %s is no sequence of pairs of hex digits", n, safetext.CleanLine(pair))
			}
			out = append(out, bs...)
		}
	}
	return out, nil
}

// size is the size of the text that encode would make.
func (c codec) size(data []byte) int {
	if !c.hex {
		return len(data)
	}
	return (len(data)/16 + 1) * 77
}

// shape says in a few words what of a text value is easily changed unseen.
func (c codec) shape(data []byte) string {
	if c.hex {
		return "hex"
	}
	ends := ""
	switch lf, crlf := bytes.Count(data, []byte("\n")), bytes.Count(data, []byte("\r\n")); {
	case lf > 0 && lf == crlf:
		ends = ", lines end in CR LF"
	case crlf > 0:
		ends = ", line ends are mixed"
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		return "UTF-8" + ends + ", no newline at the end"
	}
	return "UTF-8" + ends
}
