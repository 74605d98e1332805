package zkview

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"zkdeck/internal/safetext"
)

// queryKeys are what may stand before a colon.
var queryKeys = []struct {
	key  string
	make func(value string) (term, error)
}{
	{"glob", globOf},
	{"re", regexOf},
	{"regex", regexOf},
	{"fuzzy", fuzzyOf},
	{"content", contentOf},
	{"is", isOf},
	{"owner", ownerOf},
	{"size", func(v string) (term, error) { return rangeOf(sizeTerm, v, ParseSize) }},
	{"children", func(v string) (term, error) { return rangeOf(childrenTerm, v, count) }},
	{"version", func(v string) (term, error) { return rangeOf(versionTerm, v, count) }},
	{"changed", func(v string) (term, error) { return ageOf(changedTerm, v) }},
	{"created", func(v string) (term, error) { return ageOf(createdTerm, v) }},
}

// word is a word that is not quoted. Names like 10.0.0.1:9092 have colons, so one
// alone makes no mistake; with a comparison behind it, a filter was meant.
func word(v string) (term, error) {
	if key, rest, ok := strings.Cut(v, ":"); ok && rest != "" && strings.ContainsRune("<>=", rune(rest[0])) {
		return term{}, fmt.Errorf("there is no filter %s:; there are size children version changed created owner is re glob fuzzy content; put a name in quotes", safetext.Clean(key))
	}
	if v[0] == '~' && len(v) > 1 {
		return fuzzyOf(v[1:])
	}
	if strings.ContainsAny(v, "*?") {
		return globOf(v)
	}
	return plainWord(v), nil
}

func plainWord(v string) term { return term{kind: wordTerm, text: v, fold: smartCase(v)} }

func globOf(v string) (term, error) {
	if v == "" {
		return term{}, errors.New("a pattern is missing; write one such as glob:*.json or glob:/brokers/**/0")
	}
	g, err := compileGlob(v)
	return term{kind: globTerm, glob: g}, err
}

func regexOf(v string) (term, error) {
	if v == "" {
		return term{}, errors.New("an expression is missing; write one such as re:lock-[0-9]+$")
	}
	p := &pattern{fold: regexCase(v)}
	flags := ""
	if p.fold {
		flags = "(?i)"
	}
	re, err := regexp.Compile(flags + v)
	if err != nil {
		var wrong *syntax.Error
		if errors.As(err, &wrong) {
			return term{}, fmt.Errorf("the regular expression has a fault, %s at %q; a backslash makes a character stand for itself", wrong.Code, wrong.Expr)
		}
		return term{}, fmt.Errorf("the regular expression: %w", err)
	}
	p.re = re
	p.must = required(v)
	if p.fold {
		p.must = strings.ToLower(p.must)
	}
	return term{kind: regexTerm, regex: p}, nil
}

// required is the longest text that each match of an expression contains for sure,
// looked for only where that is simple.
func required(expr string) string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return ""
	}
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	best := ""
	for _, p := range parts {
		if s := string(p.Rune); p.Op == syntax.OpLiteral && p.Flags&syntax.FoldCase == 0 && len(s) > len(best) {
			best = s
		}
	}
	return best
}

func fuzzyOf(v string) (term, error) {
	if v == "" {
		return term{}, errors.New("characters are missing; write some such as fuzzy:brktop")
	}
	return term{kind: fuzzyTerm, text: v, fuzzy: []rune(v), fold: smartCase(v)}, nil
}

func contentOf(v string) (term, error) {
	n, err := newNeedle(v)
	return term{kind: contentTerm, needle: n}, err
}

// isWords are what a znode may be.
var isWords = []struct {
	word string
	kind Kind
}{
	{"ephemeral", Ephemeral},
	{"sequential", sequentialKind},
	{"container", Container},
	{"ttl", TTL},
	{"persistent", Persistent},
	{"empty", emptyKind},
}

func isOf(v string) (term, error) {
	for _, w := range isWords {
		if strings.EqualFold(w.word, v) {
			return term{kind: isTerm, is: w.kind}, nil
		}
	}
	return term{}, fmt.Errorf("no znode is %q; there are is:ephemeral, sequential, container, ttl, persistent and empty", v)
}

func ownerOf(v string) (term, error) {
	owners, err := parseOwner(v)
	return term{kind: ownerTerm, owners: owners}, err
}

func rangeOf(kind termKind, v string, read measure) (term, error) {
	low, high, err := parseRange(v, read)
	return term{kind: kind, low: low, high: high}, err
}

// ageOf reads a range of ages; one without a comparison is an upper bound, since no
// znode is exactly an hour old.
func ageOf(kind termKind, v string) (term, error) {
	if v != "" && v[0]-'0' <= 9 && !strings.Contains(v, "..") {
		v = "<=" + v
	}
	return rangeOf(kind, v, ageMillis)
}
