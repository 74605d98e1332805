package zkview

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// indexFold is where text is in s, from and to, or -1. With fold, text is in lower
// case and the case of s does not matter. It does not allocate.
func indexFold(s, text string, fold bool) (from, to int) {
	if i := strings.Index(s, text); i >= 0 || !fold {
		return i, i + len(text)
	}
	upper := false
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return indexRunes(s, text)
		}
		upper = upper || s[i]-'A' < 26
	}
	if !upper {
		return -1, -1
	}
	for i := 0; i+len(text) <= len(s); i++ {
		k := 0
		for k < len(text) && lower(s[i+k]) == text[k] {
			k++
		}
		if k == len(text) {
			return i, i + k
		}
	}
	return -1, -1
}

// indexRunes is indexFold for what is not only ASCII. The lower case of a character
// may be of another length.
func indexRunes(s, text string) (from, to int) {
	for i := 0; i < len(s); {
		if n := prefixRunes(s[i:], text); n >= 0 {
			return i, i + n
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return -1, -1
}

// prefixRunes is how many bytes at the start of s are text but for case, -1 if they
// are not.
func prefixRunes(s, text string) int {
	at := 0
	for _, want := range text {
		if at == len(s) {
			return -1
		}
		r, size := utf8.DecodeRuneInString(s[at:])
		if r != want && toLower(r) != want {
			return -1
		}
		at += size
	}
	return at
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func toLower(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lower(byte(r)))
	}
	return unicode.ToLower(r)
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c + 'a' - 'A'
	}
	return c
}
