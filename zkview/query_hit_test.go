package zkview

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestScore sees that what a person most likely looks for comes first.
func TestScore(t *testing.T) {
	for query, paths := range map[string][]string{
		"lock": {"/lock", "/a/b/Lock", "/a/lock-1", "/a/my-lock", "/lock/a", "/lock/a/b"},
		"/cfg": {"/x/cfg", "/x/cfg-1", "/cfg/x"},
		"~brk": {"/brk", "/a/b-r-k", "/brokers/topics/kafka"},
		"re:b": {"/b", "/a/bc", "/a/cb", "/b/c"},
		"*.js": {"/a.js", "/a/b.js"},
		"":     {"/", "/a/b", "/a/b/c"},
	} {
		q := must(ParseQuery(query))
		h := NewHits(0)
		for _, p := range slices.Backward(paths) {
			hit, ok := q.Match(Znode{Path: p}, queryNow)
			if !ok {
				t.Fatalf("%s: %s is no hit", query, p)
			}
			h.Add(hit)
		}
		var got []string
		for _, hit := range h.Page(0, 100) {
			got = append(got, hit.Path)
		}
		if !slices.Equal(got, paths) {
			t.Errorf("%s: %q, want %q", query, got, paths)
		}
	}
}

func TestSpans(t *testing.T) {
	for _, c := range []struct{ query, path, want string }{
		{"lock", "/lock/my-lock-lock", "/lock/my-[lock]-lock"},
		{"lock", "/lock/lock/x", "/lock/[lock]/x"},
		{"a b", "/ab/x", "/[ab]/x"},
		{"É", "/CAFÉ", "/CAF[É]"},
		{"é", "/CAFÉ", "/CAF[É]"},
		{"*.js", "/x/a.js", "/x/[a.js]"},
		{"/x/*", "/x/a", "[/x/a]"},
		{"*", "/", "/"},
		{"re:o+", "/foo/boot", "/foo/b[oo]t"},
		{"re:x*", "/foo", "/foo"},
		{"~br1", "/brokers/ids/1", "/[br]okers/ids/[1]"},
		{"-x is:sequential", "/a-0000000001", "/a-0000000001"},
	} {
		hit, ok := must(ParseQuery(c.query)).Match(Znode{Path: c.path}, queryNow)
		if got := marked(hit.Path, hit.Name); !ok || got != c.want {
			t.Errorf("%s: %s %v, want %s", c.query, got, ok, c.want)
		}
	}
}

func marked(text string, spans []Span) string {
	for _, s := range slices.Backward(spans) {
		text = text[:s.From] + "[" + text[s.From:s.To] + "]" + text[s.To:]
	}
	return text
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("é", 500)
	for _, c := range []struct{ query, data, want string }{
		{"content:port", "port=1", "[port]=1"},
		{"content:port", "a\nmy Port=1\nb", "my [Port]=1"},
		{"content:port content:host", "host: a, port: b", "[host]: a, [port]: b"},
		{"content:0x00ff", "a\x00\xffb\xfe", "a[\x00\xff]b\xfe"},
		{"content:x", long + "x" + long, strings.Repeat("é", 20) + "[x]" + strings.Repeat("é", 39)},
		{"content:x", "aé" + long + "ax" + long, strings.Repeat("é", 19) + "a[x]" + strings.Repeat("é", 39)},
		{"content:" + long, long, "[" + long[:snippetSize] + "]"},
		{"-content:x", "y", ""},
	} {
		hit, ok := must(ParseQuery(c.query)).Match(Znode{Path: "/a", Data: []byte(c.data)}, queryNow)
		if got := marked(hit.Snippet, hit.In); !ok || got != c.want {
			t.Errorf("%s in %s:\n got %s %v\nwant %s", c.query, c.data, got, ok, c.want)
		}
		if utf8.ValidString(c.data) && !utf8.ValidString(hit.Snippet) {
			t.Errorf("%s is cut to %q", c.data, hit.Snippet)
		}
	}
}

func TestNewQuery(t *testing.T) {
	z := Znode{Path: "/a/-x *y", Stat: Stat{Czxid: 1, DataLength: 100}, Data: []byte("abc")}
	for _, c := range []struct {
		options QueryOptions
		text    string
		want    bool
	}{
		{QueryOptions{}, "", true},
		{QueryOptions{Pattern: "a -z"}, "a -z", true},
		{QueryOptions{Pattern: "-x *", Kind: FixedPattern}, `"-x *"`, true},
		{QueryOptions{Pattern: "-x *y", Kind: GlobPattern}, `glob:"-x *y"`, true},
		{QueryOptions{Pattern: `-x \*`, Kind: RegexPattern}, `re:"-x \*"`, true},
		{QueryOptions{Pattern: "-*", Kind: FuzzyPattern, Content: "0x6162"}, `fuzzy:"-*" content:0x6162`, true},
		{QueryOptions{Filters: []QueryFilter{{"--min-size", "size", ">=100"}}}, "size:>=100", true},
		{QueryOptions{Pattern: "a", Filters: []QueryFilter{{"--min-size", "size", ">=101"}}}, "a size:>=101", false},
	} {
		q, err := NewQuery(c.options)
		if err != nil || q.String() != c.text {
			t.Errorf("%+v: %s, %v", c.options, q, err)
		}
		again := must(ParseQuery(q.String()))
		for _, q := range []Query{q, again} {
			if _, got := q.Match(z, queryNow); got != c.want {
				t.Errorf("%s matches: %v", q, got)
			}
		}
	}
	for want, o := range map[string]QueryOptions{
		"--regex: ":                  {Pattern: "(", Kind: RegexPattern},
		"--glob: ":                   {Pattern: "[", Kind: GlobPattern},
		"--content: ":                {Content: "0xz"},
		`--min-size: "x" is no size`: {Filters: []QueryFilter{{"--min-size", "size", ">=x"}}},
		"character 1":                {Pattern: "-"},
	} {
		if _, err := NewQuery(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}

func TestNeeds(t *testing.T) {
	for query, want := range map[string][2]bool{
		"a *.b re:c ~d": {}, "is:empty": {true, false}, "-content:x": {false, true},
		"size:1 content:x": {true, true}, "changed:1h": {true, false}, "is:sequential": {},
	} {
		if stat, data := must(ParseQuery(query)).Needs(); [2]bool{stat, data} != want {
			t.Errorf("%s needs stat %v, data %v", query, stat, data)
		}
	}
}

// TestMissAllocatesNothing is what keeps the search of a big tree cheap. The least
// of many single runs counts: mallocs of other goroutines are counted too, and a
// sync.Pool, where a regexp keeps its scratch memory, drops a part of what is put
// back when the race detector is on.
func TestMissAllocatesNothing(t *testing.T) {
	z := Znode{Path: "/Solr/collections/É/shard3/n_0000012345", Stat: Stat{Czxid: 1}, Data: []byte("some Data É")}
	for _, query := range []string{
		"nope", "Nope", "nopé", "*.nope", "/solr/**/nope", "re:no+pe", "re:nope[0-9]", "~nope", "~nopé", "content:nope", "content:nopé", "content:0x0102",
		"is:ephemeral", "owner:1", "size:>5", "changed:<1h", "-solr",
	} {
		q := must(ParseQuery(query))
		least := math.Inf(1)
		for range 50 {
			least = min(least, testing.AllocsPerRun(1, func() { q.Match(z, queryNow) }))
		}
		if least > 0 {
			t.Errorf("%s: %v allocations", query, least)
		}
	}
}
