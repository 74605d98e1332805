package zkview

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestMatchIsTheNaiveMatch compares the parts of a query with the simplest way to say
// what they mean.
func TestMatchIsTheNaiveMatch(t *testing.T) {
	letters := []rune("abABé-0")
	word := rapid.StringOfN(rapid.SampledFrom(letters), 1, 3, -1)
	name := rapid.StringOfN(rapid.SampledFrom(letters), 1, 6, -1)
	fold := func(pattern, s string) string {
		if strings.ToLower(pattern) == pattern {
			return strings.ToLower(s)
		}
		return s
	}
	kinds := map[string]struct {
		query func(*rapid.T) (query, arg string)
		match func(arg string, z Znode) bool
	}{
		"word": {
			func(t *rapid.T) (string, string) { w := word.Draw(t, "word"); return `"` + w + `"`, w },
			func(w string, z Znode) bool { return strings.Contains(fold(w, z.Path), w) },
		},
		"content": {
			func(t *rapid.T) (string, string) { w := word.Draw(t, "word"); return `content:"` + w + `"`, w },
			func(w string, z Znode) bool { return strings.Contains(fold(w, string(z.Data)), w) },
		},
		"fuzzy": {
			func(t *rapid.T) (string, string) { w := word.Draw(t, "word"); return "fuzzy:" + w, w },
			func(w string, z Znode) bool { return subsequence(fold(w, z.Path), w) },
		},
		"regex": {
			func(t *rapid.T) (string, string) {
				w := rapid.StringOfN(rapid.SampledFrom([]rune("aB.*+?0")), 1, 5, -1).Draw(t, "regex")
				return "re:" + w, w
			},
			func(w string, z Znode) bool {
				if strings.ToLower(w) == w {
					w = "(?i)" + w
				}
				return regexp.MustCompile(w).MatchString(z.Path)
			},
		},
		"glob": {
			func(t *rapid.T) (string, string) {
				w := rapid.StringOfN(rapid.SampledFrom([]rune("abB*?")), 1, 6, -1).Draw(t, "glob")
				return "glob:" + w, w
			},
			func(w string, z Znode) bool { return globExpr(w).MatchString(z.Path[nameStart(z.Path):]) },
		},
		"path glob": {
			func(t *rapid.T) (string, string) {
				part := rapid.OneOf(rapid.SampledFrom([]string{"**", "*", "a", "b"}), rapid.StringMatching(`[ab*?]{1,3}`))
				w := "/" + strings.Join(rapid.SliceOfN(part, 1, 5).Draw(t, "glob"), "/")
				return "glob:" + w, w
			},
			func(w string, z Znode) bool {
				expr := ""
				for part := range strings.SplitSeq(w[1:], "/") {
					if part == "**" {
						expr += "(/[^/]+)*"
					} else {
						expr += "/" + strings.Trim(globExpr(part).String(), "^$")
					}
				}
				return regexp.MustCompile("^" + expr + "$").MatchString(strings.TrimSuffix(z.Path, "/"))
			},
		},
	}
	rapid.Check(t, func(t *rapid.T) {
		z := Znode{Path: "/" + strings.Join(rapid.SliceOfN(name, 0, 5).Draw(t, "path"), "/"), Data: []byte(name.Draw(t, "data"))}
		line, want := "", true
		for range rapid.IntRange(1, 3).Draw(t, "terms") {
			k := rapid.SampledFrom(slices.Sorted(func(yield func(string) bool) {
				for k := range kinds {
					if !yield(k) {
						return
					}
				}
			})).Draw(t, "kind")
			query, arg := kinds[k].query(t)
			if _, err := ParseQuery(query); err != nil {
				t.Skip(query, err) // a++ is no regular expression
			}
			not := rapid.SampledFrom([]string{"", "-"}).Draw(t, "not")
			line += not + query + " "
			want = want && kinds[k].match(arg, z) == (not == "")
		}
		h, got := must(ParseQuery(line)).Match(z, queryNow)
		if got != want {
			t.Fatalf("%s matches %q with %q: %v", line, z.Path, z.Data, got)
		}
		checkSpans(t, h)
	})
}

// globExpr is the glob of one name as a regular expression.
func globExpr(w string) *regexp.Regexp {
	flags := ""
	if strings.ToLower(w) == w {
		flags = "(?i)"
	}
	w = regexp.MustCompile(`\*+`).ReplaceAllString(w, "[^/]*")
	w = strings.ReplaceAll(w, "?", "[^/]")
	return regexp.MustCompile("^" + flags + w + "$")
}

// checkSpans checks what a screen relies on.
func checkSpans(t interface{ Fatalf(string, ...any) }, h Hit) {
	for _, c := range []struct {
		text  string
		spans []Span
	}{{h.Path, h.Name}, {h.Snippet, h.In}} {
		at := 0
		for i, s := range c.spans {
			if s.From < at || i > 0 && s.From == at || s.To <= s.From || s.To > len(c.text) {
				t.Fatalf("spans %v of %q", c.spans, c.text)
			}
			at = s.To
		}
	}
	if len(h.Snippet) > snippetSize {
		t.Fatalf("a snippet of %d bytes", len(h.Snippet))
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		`a b -c`, `"q\u202e" re:"\d\"" content:0x00`, `glob:/a/**/[!a-z]? ~x`, `size:>1.5k changed:1h30m owner:0x1`, `is:ephemeral children:..5 version:=3`,
		`"`, `-`, `re:(`, `glob:[`, "content:\xff", "\u0130 content:\u0130", "size:99999999999999999999999G",
	} {
		f.Add(s, "/a/b\xff\u0130", []byte("x\xff\n\u0130"))
	}
	f.Fuzz(func(t *testing.T, text, path string, data []byte) {
		q, err := ParseQuery(text)
		if err != nil {
			var wrong *QueryError
			if !errors.As(err, &wrong) || wrong.From < 0 || wrong.To < wrong.From || wrong.To > len(text) || err.Error() == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, z := range []Znode{{Path: path, Data: data, Stat: Stat{Czxid: 1, MtimeMS: -1 << 63}}, {Path: "/" + path, Err: ErrNoAuth}, {Path: "/", Data: data}} {
			h, _ := q.Match(z, queryNow)
			checkSpans(t, h)
			if utf8.Valid(data) && !utf8.ValidString(h.Snippet) {
				for _, term := range q.terms {
					if term.kind == contentTerm && !utf8.Valid(term.needle.data) {
						return
					}
				}
				if _, at := q.terms[len(q.terms)-1].needle.index(data); at < snippetSize {
					t.Fatalf("%q is cut to %q", data, h.Snippet)
				}
			}
		}
	})
}
