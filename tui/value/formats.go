package value

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// isJSON tells whether s is one JSON object or array; scalars are text. Of a text
// that was cut, what is there must be the beginning of one.
func isJSON(s string, cut bool) bool {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '{' && s[0] != '[' {
		return false
	}
	if !cut {
		return json.Valid([]byte(s))
	}
	d := json.NewDecoder(strings.NewReader(s))
	for d.InputOffset() < maxXML {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.ErrUnexpectedEOF)
		}
	}
	return true
}

// isXML tells whether s is one well-formed XML document, as far as it was looked
// at.
func isXML(s string, cut bool) bool {
	s = strings.TrimSpace(s)
	if len(s) < 4 || s[0] != '<' || !cut && s[len(s)-1] != '>' {
		return false
	}
	d := newXMLDecoder(s)
	depth, elements := 0, 0
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return depth == 0 && elements > 0
		case err != nil:
			return cut && elements > 0 && d.InputOffset() > int64(len(s))-1024
		case d.InputOffset() > maxXML:
			return elements > 0
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 0 && elements > 0 {
				return false // a second root
			}
			depth++
			elements++
		case xml.EndElement:
			if depth--; depth < 0 {
				return false
			}
		case xml.CharData:
			if depth == 0 && strings.TrimSpace(string(token)) != "" {
				return false
			}
		}
	}
}

// newXMLDecoder returns a decoder of s, which is UTF-8 whatever it declares.
func newXMLDecoder(s string) *xml.Decoder {
	d := xml.NewDecoder(strings.NewReader(s))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	d.Entity = xml.HTMLEntity
	return d
}

// isProperties tells whether every line of s is key=value, a comment, a section in
// brackets, blank, or the continuation of a line that ends with a backslash; and
// whether one of them has a value.
func isProperties(s string) bool {
	values, continued := 0, false
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		was := continued
		continued = strings.HasSuffix(line, `\`)
		switch {
		case was, line == "", line[0] == '#', line[0] == '!', line[0] == ';':
			continue
		case line[0] == '[' && line[len(line)-1] == ']':
			continued = false
			continue
		}
		key, val, ok := strings.Cut(line, "=")
		if !ok || !isKey(strings.TrimSpace(key)) || strings.HasPrefix(val, "=") {
			return false
		}
		if val != "" {
			values++
		}
	}
	return values > 0
}

// isKey tells whether s can be the key of a property.
func isKey(s string) bool {
	if s == "" || len(s) > 256 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r == '_' || r == '.' || r == '-' || r == '/' || r == ':' || r == '[' || r == ']' || r == '$' || r == '@' ||
			r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}

// isYAML tells whether s is built like a YAML document: every line at the left
// margin is a key, an item of a list, a comment or a document mark, deeper lines
// follow one of those, no key at the margin repeats, and there are two keys or a
// document mark with one. Prose, logs and single lines are not.
func isYAML(s string) bool {
	keys := map[string]bool{}
	marks, nested, items, open := 0, 0, 0, false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \r\n")
		body := strings.TrimLeft(line, " ")
		switch {
		case body == "" || body[0] == '#':
			continue
		case body[0] == '\t':
			return false
		case len(body) < len(line): // deeper
			if !open {
				return false
			}
			if _, ok := yamlKey(strings.TrimPrefix(body, "- ")); ok {
				nested++
			}
			continue
		case body == "---" || strings.HasPrefix(body, "--- ") || body == "...":
			marks++
			clear(keys)
			continue
		case body == "-" || strings.HasPrefix(body, "- "):
			items++
			open = true
			if _, ok := yamlKey(strings.TrimPrefix(body, "- ")); ok {
				nested++
			}
			continue
		}
		key, ok := yamlKey(body)
		if !ok || keys[key] {
			return false
		}
		keys[key] = true
		open = true
	}
	all := len(keys) + nested
	return all >= 2 || marks > 0 && all+items > 0 || len(keys) == 1 && items >= 1
}

// yamlKey returns the key of a line "key: value" or "key:". A key in prose has
// blanks; one in YAML hardly ever, unless it is quoted.
func yamlKey(line string) (string, bool) {
	key, rest, ok := strings.Cut(line, ":")
	if !ok || key == "" || len(key) > 256 || rest != "" && rest[0] != ' ' {
		return "", false
	}
	if q := key[0]; q == '"' || q == '\'' {
		return key, len(key) > 1 && key[len(key)-1] == q
	}
	return key, !strings.ContainsAny(key, " \t{}[],#&*!|>%@`\"'")
}
