package zkview

import (
	"unicode"
	"unicode/utf8"
)

// The scores of a fuzzy match. sahilm/fuzzy, which the filter of the tree uses, has
// others; here a match within the name must come before one that is spread over the
// path, a run of adjacent characters must not grow without bound, and nothing may be
// allocated for the many paths that do not match.
const (
	fuzzyCharacter = 4
	fuzzyAdjacent  = 8  // follows the match before it at once
	fuzzyStart     = 10 // begins a word of the name or path
	fuzzyMaxGap    = 6  // the most that one gap takes off
)

// fuzzyMatch tells whether path has the characters of the term in this order.
func (t *term) fuzzyMatch(path string) bool {
	if found, plain := asciiSubsequence(path, t.text, t.fold); plain {
		return found
	}
	k := 0
	for i := 0; i < len(path); {
		r, size := rune(path[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(path[i:])
		}
		i += size
		if r != t.fuzzy[k] && (!t.fold || toLower(r) != t.fuzzy[k]) {
			continue
		}
		if k++; k == len(t.fuzzy) {
			return true
		}
	}
	return false
}

// fuzzyLocate appends the match that begins as far right as it can, so in the name if
// possible, with its characters as far left as they can be from there.
func (t *term) fuzzyLocate(spans []Span, path string) ([]Span, int) {
	name := nameStart(path)
	start := t.fuzzyFrom(path)
	score, k, last := 0, 0, start
	if start >= name {
		score += scoreName
	}
	before, _ := utf8.DecodeLastRuneInString(path[:start])
	for i := start; i < len(path) && k < len(t.fuzzy); {
		r, size := utf8.DecodeRuneInString(path[i:])
		if r == t.fuzzy[k] || t.fold && toLower(r) == t.fuzzy[k] {
			score += fuzzyCharacter
			switch {
			case beginsWord(before, r):
				score += fuzzyStart
			case k > 0 && i == last:
				score += fuzzyAdjacent
			}
			if k > 0 {
				score -= min(i-last, fuzzyMaxGap)
			}
			spans = append(spans, Span{i, i + size})
			last = i + size
			k++
		}
		before = r
		i += size
	}
	if start == name && last == len(path) && k > 0 && last-start == k {
		score += scoreExact
	}
	return spans, score
}

// fuzzyFrom is the last place at which a match can begin.
func (t *term) fuzzyFrom(path string) int {
	k := len(t.fuzzy)
	for i := len(path); i > 0; {
		r, size := utf8.DecodeLastRuneInString(path[:i])
		i -= size
		if r == t.fuzzy[k-1] || t.fold && toLower(r) == t.fuzzy[k-1] {
			if k--; k == 0 {
				return i
			}
		}
	}
	return 0
}

// beginsWord tells whether a word begins with r, which follows before.
func beginsWord(before, r rune) bool {
	if unicode.IsUpper(r) && unicode.IsLower(before) {
		return true
	}
	return !unicode.IsLetter(before) && !unicode.IsDigit(before) || unicode.IsDigit(r) && !unicode.IsDigit(before)
}
