package safetext

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrSyntax is an escape that [Unquote] cannot read.
var ErrSyntax = errors.New("not a valid escape")

const hexDigits = "0123456789abcdef"

// appendEscape appends the visible form of raw, which is the rune r or, when it is
// one byte of no valid rune, that byte.
func appendEscape(dst []byte, raw string, r rune) []byte {
	switch {
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r == '\r':
		return append(dst, `\r`...)
	case len(raw) == 1:
		return append(dst, '\\', 'x', hexDigits[raw[0]>>4], hexDigits[raw[0]&15])
	case r < 0x10000:
		return appendHex(append(dst, `\u`...), r, 4)
	}
	return appendHex(append(dst, `\U`...), r, 8)
}

// appendHex appends r in the given number of hexadecimal digits.
func appendHex(dst []byte, r rune, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[r>>shift&15])
	}
	return dst
}

// Quote returns s between double quotes, with every backslash and quote escaped
// and everything that [Clean] escapes: a form that can be typed, and that is also
// valid for strconv.Unquote.
func Quote(s string) string {
	c := cleaner{name: true, quoted: true}
	dst := append(make([]byte, 0, len(s)+8), '"')
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] != '"' && s[j] != '\\' {
			j++
		}
		dst = c.append(dst, s[i:j])
		if j < len(s) {
			dst = append(dst, '\\', s[j])
			j++
		}
		i = j
	}
	return string(append(dst, '"'))
}

// Unquote returns the string that was given to [Quote], or to [Clean]. A
// backslash that starts no escape stands for itself outside of quotes; within
// them, and where an escape is malformed, the error matches [ErrSyntax].
func Unquote(s string) (string, error) {
	quoted := len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"'
	if quoted {
		s = s[1 : len(s)-1]
	}
	if strings.IndexByte(s, '\\') < 0 && (!quoted || strings.IndexByte(s, '"') < 0) {
		return s, nil
	}
	dst := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] == '"' && quoted {
			return "", fmt.Errorf("a quote within quotes at byte %d: %w", i, ErrSyntax)
		}
		n := escapeLen(s[i:])
		switch {
		case n > 0:
			var err error
			if dst, err = appendUnescaped(dst, s[i:i+n]); err != nil {
				return "", fmt.Errorf("%s at byte %d: %w", s[i:i+n], i, err)
			}
			i += n
		case s[i] == '\\' && (quoted || malformed(s[i:])):
			return "", fmt.Errorf("backslash at byte %d: %w", i, ErrSyntax)
		default:
			dst = append(dst, s[i])
			i++
		}
	}
	return string(dst), nil
}

// escapeLen is the length of the escape at the start of s, 0 if there is none.
func escapeLen(s string) int {
	if len(s) < 2 || s[0] != '\\' {
		return 0
	}
	n := 0
	switch s[1] {
	case '\\', '"', 'n', 't', 'r':
		return 2
	case 'x':
		n = 4
	case 'u':
		n = 6
	case 'U':
		n = 10
	default:
		return 0
	}
	if len(s) < n {
		return 0
	}
	for i := 2; i < n; i++ {
		if !isHex(s[i]) {
			return 0
		}
	}
	return n
}

// malformed tells whether s starts like an escape with digits and is none.
func malformed(s string) bool {
	return len(s) > 1 && strings.IndexByte("xuU", s[1]) >= 0
}

// appendUnescaped appends what the escape esc stands for.
func appendUnescaped(dst []byte, esc string) ([]byte, error) {
	switch esc[1] {
	case 'n':
		return append(dst, '\n'), nil
	case 't':
		return append(dst, '\t'), nil
	case 'r':
		return append(dst, '\r'), nil
	case '\\', '"':
		return append(dst, esc[1]), nil
	}
	v, err := strconv.ParseUint(esc[2:], 16, 32)
	if err != nil {
		return dst, ErrSyntax
	}
	if esc[1] == 'x' {
		return append(dst, byte(v)), nil
	}
	if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return dst, ErrSyntax
	}
	return utf8.AppendRune(dst, rune(v)), nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
