package zkview

import (
	"bytes"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// needle is what is looked for in data.
type needle struct {
	data []byte
	fold bool           // the ASCII letters of data are in lower case, and case does not matter
	re   *regexp.Regexp // instead, where case does not matter and data is not ASCII
}

// newNeedle reads text, or bytes in hexadecimal after 0x.
func newNeedle(text string) (*needle, error) {
	if text == "" {
		return nil, errors.New("what to look for in the data is missing; write content:word, or content:0x0aff for bytes")
	}
	if digits, ok := strings.CutPrefix(text, "0x"); ok {
		data, err := hex.DecodeString(digits)
		if err != nil || len(data) == 0 {
			return nil, errors.New("bytes are written as pairs of hexadecimal digits, such as content:0x0aff; put text that begins with 0x in quotes, as content:\"0x…\"")
		}
		return &needle{data: data}, nil
	}
	return textNeedle(text), nil
}

// textNeedle looks for text, which is not empty, whatever it looks like.
func textNeedle(text string) *needle {
	n := &needle{data: []byte(text), fold: smartCase(text)}
	if n.fold && strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		n.re = regexp.MustCompile("(?i)" + regexp.QuoteMeta(strings.ToValidUTF8(text, "\ufffd")))
	}
	return n
}

// index is where the needle is in data, or -1. It allocates nothing for a miss.
func (n *needle) index(data []byte) (from, to int) {
	switch {
	case n.re != nil:
		if !n.re.Match(data) {
			return -1, -1
		}
		at := n.re.FindIndex(data)
		return at[0], at[1]
	case n.fold:
		from = n.indexFold(data)
	default:
		from = bytes.Index(data, n.data)
	}
	return from, from + len(n.data)
}

// indexFold looks for both cases of the first letter, each only once over all of the
// data.
func (n *needle) indexFold(data []byte) int {
	low := n.data[0]
	up := low
	if low-'a' < 26 {
		up = low - 'a' + 'A'
	}
	nextLow, nextUp := bytes.IndexByte(data, low), -1
	if up != low {
		nextUp = bytes.IndexByte(data, up)
	}
	for nextLow >= 0 || nextUp >= 0 {
		at := nextLow
		if at < 0 || nextUp >= 0 && nextUp < at {
			at = nextUp
		}
		if at+len(n.data) > len(data) {
			return -1
		}
		if n.foldAt(data[at:]) {
			return at
		}
		if at == nextLow {
			nextLow = after(data, at+1, low)
		} else {
			nextUp = after(data, at+1, up)
		}
	}
	return -1
}

// foldAt tells whether data, which is long enough, begins with the needle.
func (n *needle) foldAt(data []byte) bool {
	for k, c := range n.data {
		if lower(data[k]) != c {
			return false
		}
	}
	return true
}

// after is the first place of c in data from from on, or -1.
func after(data []byte, from int, c byte) int {
	if i := bytes.IndexByte(data[from:], c); i >= 0 {
		return from + i
	}
	return -1
}

const (
	snippetSize   = 120
	snippetBefore = 40 // of which so much stands before the match
)

// snippet is what stands around the first match of first, and where in it the query's
// content is.
func (q Query) snippet(data []byte, first *needle) (string, []Span) {
	at, end := first.index(data)
	if at < 0 {
		return "", nil
	}
	from := max(at-snippetBefore, 0)
	if i := bytes.LastIndexByte(data[from:at], '\n'); i >= 0 {
		from += i + 1
	}
	to := min(from+snippetSize, len(data))
	if to > end {
		if i := bytes.IndexByte(data[end:to], '\n'); i >= 0 {
			to = end + i
		}
	}
	for i := 0; i < utf8.UTFMax-1 && from < at && !utf8.RuneStart(data[from]); i++ {
		from++
	}
	to = wholeRunes(data, from, to)
	cut := data[from:to]
	in := []Span{{at - from, min(end, to) - from}}
	for _, t := range q.terms {
		if t.kind == contentTerm && !t.not && t.needle != first {
			if a, b := t.needle.index(cut); a >= 0 {
				in = append(in, Span{a, b})
			}
		}
	}
	return string(cut), mergeSpans(in)
}

// wholeRunes moves to back to where the character that it would cut begins, if there
// is one.
func wholeRunes(data []byte, from, to int) int {
	if to == len(data) || utf8.RuneStart(data[to]) {
		return to
	}
	for i := to - 1; i > from && i > to-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if utf8.FullRune(data[i:to]) {
				return to
			}
			return i
		}
	}
	return to
}
