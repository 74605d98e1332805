package zkview

import (
	"errors"
	"fmt"
	"strings"

	"zkdeck/internal/safetext"
)

// PatternKind says how the pattern of a [QueryOptions] is meant.
type PatternKind uint8

// The kinds of pattern.
const (
	QueryPattern PatternKind = iota // a line for ParseQuery
	FixedPattern                    // a text in the path, whatever characters it has
	GlobPattern
	RegexPattern
	FuzzyPattern
)

// QueryOptions are a query in parts, as the flags of a command give them. What is
// zero asks for nothing.
type QueryOptions struct {
	Pattern string
	Kind    PatternKind
	// Content is text, or bytes as 0x….
	Content string
	// Filters hold what ParseQuery knows by a key, the flag that a person used with it
	// as the first: {"--min-size", "size", ">=100k"}, {"--ephemeral", "is", "ephemeral"}.
	Filters []QueryFilter
}

// QueryFilter is one filter of a query, and what the person knows it as.
type QueryFilter struct{ Flag, Key, Value string }

// NewQuery makes a query of its parts, all of which must hold. Its errors name the
// flag.
func NewQuery(o QueryOptions) (Query, error) {
	var q Query
	var words []string
	add := func(t term, err error, flag, as string) error {
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		q.terms = append(q.terms, t)
		words = append(words, as)
		return nil
	}
	var err error
	switch {
	case o.Pattern == "":
	case o.Kind == QueryPattern:
		q, err = ParseQuery(o.Pattern)
		words = append(words, o.Pattern)
	case o.Kind == FixedPattern:
		err = add(plainWord(o.Pattern), nil, "", safetext.Quote(o.Pattern))
	case o.Kind == GlobPattern:
		t, wrong := globOf(o.Pattern)
		err = add(t, wrong, "--glob", "glob:"+safetext.Quote(o.Pattern))
	case o.Kind == RegexPattern:
		t, wrong := regexOf(o.Pattern)
		err = add(t, wrong, "--regex", `re:"`+strings.ReplaceAll(o.Pattern, `"`, `\"`)+`"`)
	default:
		t, wrong := fuzzyOf(o.Pattern)
		err = add(t, wrong, "--fuzzy", "fuzzy:"+safetext.Quote(o.Pattern))
	}
	if err != nil {
		return Query{}, err
	}
	if o.Content != "" {
		t, wrong := contentOf(o.Content)
		if err := add(t, wrong, "--content", "content:"+o.Content); err != nil {
			return Query{}, err
		}
	}
	for _, f := range o.Filters {
		t, wrong := filterOf(f)
		if err := add(t, wrong, f.Flag, f.Key+":"+f.Value); err != nil {
			return Query{}, err
		}
	}
	q.text = strings.Join(words, " ")
	q.sort()
	return q, nil
}

func filterOf(f QueryFilter) (term, error) {
	for _, k := range queryKeys {
		if k.key == f.Key {
			return k.make(f.Value)
		}
	}
	return term{}, errors.New("there is no filter " + f.Key)
}
