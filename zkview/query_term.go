package zkview

import (
	"math"
	"regexp"
	"strings"
	"time"
)

// termKind is what a term looks at.
type termKind uint8

// The kinds, those that are decided fastest first.
const (
	isTerm termKind = iota // of a kind that the Stat tells, of emptyKind, sequentialKind
	ownerTerm
	sizeTerm
	childrenTerm
	versionTerm
	changedTerm // how long ago, in milliseconds
	createdTerm
	wordTerm
	globTerm
	fuzzyTerm
	regexTerm
	contentTerm
)

// What is: knows beside the kinds of a Stat.
const (
	emptyKind Kind = 0x80 + iota
	sequentialKind
)

// term is one condition of a query.
type term struct {
	kind termKind
	not  bool
	fold bool // case does not matter, and text is in lower case

	is        Kind
	owners    [2]int64 // the two readings of an owner, or one twice
	low, high int64    // the range that a number must be in, both ends included
	text      string   // a word, or the characters of fuzzy
	glob      *glob
	regex     *pattern
	fuzzy     []rune
	needle    *needle
}

func (t *term) needsStat() bool { return t.kind < wordTerm && t.is != sequentialKind }

// holds decides on a znode.
func (t *term) holds(z *Znode, now time.Time) bool {
	var yes bool
	switch t.kind {
	case wordTerm:
		from, _ := indexFold(z.Path, t.text, t.fold)
		yes = from >= 0
	case globTerm:
		yes = t.glob.match(z.Path)
	case fuzzyTerm:
		yes = t.fuzzyMatch(z.Path)
	case regexTerm:
		yes = t.regex.match(z.Path)
	case contentTerm:
		if z.Err != nil && z.Data == nil {
			return false
		}
		from, _ := t.needle.index(z.Data)
		yes = from >= 0
	case isTerm:
		if t.is == sequentialKind {
			yes = sequential(z.Path[nameStart(z.Path):])
			break
		}
		fallthrough
	default:
		if (z.Stat == Stat{}) {
			return false
		}
		yes = t.holdsStat(&z.Stat, now)
	}
	return yes != t.not
}

// holdsStat decides by the Stat.
func (t *term) holdsStat(s *Stat, now time.Time) bool {
	n := int64(0)
	switch t.kind {
	case isTerm:
		if t.is == emptyKind {
			return s.DataLength == 0
		}
		return s.Kind() == t.is
	case ownerTerm:
		return s.EphemeralOwner == t.owners[0] || s.EphemeralOwner == t.owners[1]
	case sizeTerm:
		n = int64(s.DataLength)
	case childrenTerm:
		n = int64(s.NumChildren)
	case versionTerm:
		n = int64(s.Version)
	case changedTerm:
		n = ageMS(s.MtimeMS, now)
	case createdTerm:
		n = ageMS(s.CtimeMS, now)
	}
	return n >= t.low && n <= t.high
}

// ageMS is how long ago a server's time was; a server may claim any.
func ageMS(ms int64, now time.Time) int64 {
	return now.UnixMilli() - max(min(ms, math.MaxInt64/2), -math.MaxInt64/2)
}

// sequential tells whether a name ends as the server's counter does: ten digits, or
// a minus and the number after the int32 has wrapped (see [CompareNames]).
func sequential(name string) bool {
	n := len(name)
	if n >= 10 && digitsOnly(name[n-10:]) {
		return true
	}
	// %010d makes -2147483648 of eleven characters, and -000000001 of ten.
	return n >= 10 && name[n-10] == '-' && signed(name, n-10) || n >= 11 && name[n-11] == '-' && signed(name, n-11)
}

func digitsOnly(s string) bool {
	for _, c := range []byte(s) {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// The scores of a match by where in the path it is.
const (
	scorePath   = 100 * (1 + iota) // above the name
	scoreName                      // in the name
	scorePrefix                    // at its start
	scoreExact                     // all of it
)

// locate appends where in path the term matched, and tells how good that is. It is
// asked only about a path that matches.
func (t *term) locate(spans []Span, path string) ([]Span, int) {
	name := nameStart(path)
	switch t.kind {
	case wordTerm:
		s := t.locateWord(path, name)
		return append(spans, s), standing(s, name, len(path))
	case globTerm:
		if t.glob.wholePath {
			return append(spans, Span{0, len(path)}), scorePath
		}
		if name == len(path) { // the root has no name
			return spans, scoreName
		}
		return append(spans, Span{name, len(path)}), scoreName
	case fuzzyTerm:
		return t.fuzzyLocate(spans, path)
	case regexTerm:
		return t.regex.locate(spans, path)
	default:
		return spans, 0
	}
}

// locateWord is the best match of a word: the first in the name, else the last.
func (t *term) locateWord(path string, name int) Span {
	if from, to := indexFold(path[name:], t.text, t.fold); from >= 0 {
		return Span{name + from, name + to}
	}
	best := Span{}
	for at := 0; at < len(path); {
		from, to := indexFold(path[at:], t.text, t.fold)
		if from < 0 {
			break
		}
		best = Span{at + from, at + to}
		at += from + 1
	}
	return best
}

// standing is the score of a match by its place.
func standing(s Span, name, end int) int {
	switch {
	case s.To <= name && s.To < end:
		return scorePath
	case s.From > name:
		return scoreName
	case s.To < end:
		return scorePrefix
	default:
		return scoreExact
	}
}

// pattern is a regular expression over paths.
type pattern struct {
	re *regexp.Regexp
	// must is a text that every match contains, "" if none is known: looking for it
	// is many times faster than the expression.
	must string
	fold bool
}

func (p *pattern) match(path string) bool {
	if p.must != "" {
		// The expression has more than the lower case for a letter, beyond ASCII.
		if from, _ := indexFold(path, p.must, p.fold); from < 0 && ascii(path) {
			return false
		}
	}
	return p.re.MatchString(path)
}

// locate appends the best match: of those in the name, or of all.
func (p *pattern) locate(spans []Span, path string) ([]Span, int) {
	name := nameStart(path)
	best, score := Span{}, 0
	for _, at := range p.re.FindAllStringIndex(path, -1) {
		if s := (Span{at[0], at[1]}); s.From < s.To && standing(s, name, len(path)) > score {
			best, score = s, standing(s, name, len(path))
		}
	}
	if score == 0 { // it matches the empty text
		return spans, scorePath
	}
	return append(spans, best), score
}

// smartCase tells whether the case of names does not matter to what a person typed:
// it does if there is upper case in it.
func smartCase(text string) (fold bool) { return strings.ToLower(text) == text }

// regexCase is smartCase of a regular expression, in which \S is no upper case.
func regexCase(text string) (fold bool) {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '\\' {
			text = text[:i] + text[i+2:]
			i--
		}
	}
	return smartCase(text)
}
