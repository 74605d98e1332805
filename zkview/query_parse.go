package zkview

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zkdeck/internal/safetext"
)

// QueryError says what is wrong with a query, and where.
type QueryError struct {
	// Text is the query, From and To are the bytes of it that are wrong.
	Text     string
	From, To int
	// Err says why, and what to write instead.
	Err error
}

// Error is "size:>x, character 5: …".
func (e *QueryError) Error() string {
	return fmt.Sprintf("%s, character %d: %v", safetext.Clean(e.Text[e.From:e.To]), 1+utf8.RuneCountInString(e.Text[:e.From]), e.Err)
}

// Unwrap returns the reason.
func (e *QueryError) Unwrap() error { return e.Err }

// ParseQuery reads a query as it is typed. What is separated by blanks must all hold:
//
//	word             in the path; case matters if it has upper case, here as below
//	"two words"      the same of what has blanks or would mean something else
//	*.json /a/*/ids  a glob: of the name, or with a slash of the path; see glob:
//	~word            fuzzy:word
//	glob:PATTERN     * ? [a-z], and ** for any number of names
//	re:EXPRESSION    or regex:, a regular expression (RE2), anywhere in the path
//	fuzzy:WORD       these characters in this order in the path
//	content:WORD     in the data; content:0x0aff for bytes
//	is:ephemeral     is:sequential by the name, is:container, is:ttl, is:persistent,
//	                 is:empty without data
//	owner:0x1…       ephemerals of this session, in hexadecimal or decimal
//	size:>100k       bytes of data; also >= < <= = and 100..200, here as below
//	children:>10     direct children
//	version:>3       of the data
//	changed:<1h      less than an hour ago; s m h d w y, also 1h30m
//	created:>7d      more than seven days ago
//	-x or !x         not x, for each of these
//
// Values with blanks stand in double quotes, in which \" and the escapes of safetext
// are known (in re: only \"). A server of version 3.8 shows containers and TTL znodes
// as persistent, so is:container and is:ttl find only what a server tells. Errors are
// *QueryError.
func ParseQuery(text string) (Query, error) {
	q := Query{text: text}
	for at := 0; ; {
		at += len(text[at:]) - len(strings.TrimLeftFunc(text[at:], unicode.IsSpace))
		if at == len(text) {
			q.sort()
			return q, nil
		}
		t, end, err := parseTerm(text, at)
		if err != nil {
			return Query{}, err
		}
		q.terms = append(q.terms, t)
		at = end
	}
}

// sort puts first what is decided fastest.
func (q *Query) sort() {
	slices.SortStableFunc(q.terms, func(a, b term) int { return int(a.kind) - int(b.kind) })
}

// parseTerm reads the term that begins at byte at, and tells where it ends.
func parseTerm(text string, at int) (term, int, error) {
	start, not := at, false
	if text[at] == '-' || text[at] == '!' {
		not = true
		at++
	}
	key, make := "", word
	for _, f := range queryKeys {
		if n := len(f.key); len(text)-at > n && text[at+n] == ':' && strings.EqualFold(text[at:at+n], f.key) {
			key, make = f.key, f.make
			at += n + 1
			break
		}
	}
	value, end, err := parseValue(text, at, key == "re" || key == "regex")
	if err != nil {
		return term{}, 0, err
	}
	quoted := at < len(text) && text[at] == '"'
	var t term
	switch {
	case key == "" && quoted && value != "":
		t = plainWord(value)
	case key == "content" && quoted && value != "":
		t = term{kind: contentTerm, needle: textNeedle(value)}
	case key == "" && quoted:
		err = errors.New("there is nothing between the quotes")
	case key == "" && value == "":
		err = fmt.Errorf(`nothing follows; a name with this sign alone stands in quotes, "%s"`, text[start:at])
	default:
		t, err = make(value)
	}
	if err != nil {
		e := &QueryError{Text: text, From: start, To: end, Err: err}
		var inGlob *globError
		if errors.As(err, &inGlob) && !quoted {
			e.From = min(at+inGlob.at, end-1)
		}
		return term{}, 0, e
	}
	t.not = not
	return t, end, nil
}

// parseValue reads a word, or what is quoted, and tells where it ends. In a raw one
// a backslash means something only before a quote.
func parseValue(text string, at int, raw bool) (value string, end int, err error) {
	rest := text[at:]
	if !strings.HasPrefix(rest, `"`) {
		n := strings.IndexFunc(rest, unicode.IsSpace)
		if n < 0 {
			n = len(rest)
		}
		return rest[:n], at + n, nil
	}
	n := 1
	for n < len(rest) && rest[n] != '"' {
		if rest[n] == '\\' {
			n++
		}
		n++
	}
	if n >= len(rest) {
		return "", 0, &QueryError{text, at, len(text), errors.New(`the quotation does not end; write " behind it, and \" for a quote in it`)}
	}
	n++
	if r, _ := utf8.DecodeRuneInString(rest[n:]); n < len(rest) && !unicode.IsSpace(r) {
		return "", 0, &QueryError{text, at, at + n, errors.New(`a blank must follow the quotation; write \" for a quote in it`)}
	}
	if raw {
		return strings.ReplaceAll(rest[1:n-1], `\"`, `"`), at + n, nil
	}
	value, err = safetext.Unquote(rest[:n])
	if err != nil {
		return "", 0, &QueryError{text, at, at + n, fmt.Errorf(`%w; write \\ for a backslash`, err)}
	}
	return value, at + n, nil
}
