package zkview

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Query says which znodes a search is for. The zero value matches every znode.
// [ParseQuery] reads one from a line, [NewQuery] from the flags of a command. A
// Query is never changed, so many goroutines may use one.
type Query struct {
	text  string
	terms []term // all must hold; those that are cheap to decide come first
}

// Span is the range of bytes [From, To) of a text.
type Span struct{ From, To int }

// Hit is a znode that a query has matched.
type Hit struct {
	Path string
	// Stat is there if HasStat; a search reads it only where something needs it.
	Stat    Stat
	HasStat bool
	// Name are the parts of Path that the query's words matched, in order and
	// without overlaps.
	Name []Span
	// Snippet is what stands around the first match of content: at most 120 bytes of
	// the line, cut between characters where there are any, and not made safe to
	// print. In are the matches in it.
	Snippet string
	In      []Span
	// Score is higher the better the match: the exact name before a name that begins
	// with the word, one that contains it, and a match in the path above; of equal
	// ones that which is less deep in the tree.
	Score int
	// Err is why the znode, or its children, could not be read; its name matched.
	Err error
}

// String is the line that the query was read from, or one that means the same.
func (q Query) String() string { return q.text }

// Active tells whether the query may leave out any znode.
func (q Query) Active() bool { return len(q.terms) > 0 }

// Needs tells what a znode must come with to be decided on: its Stat, its data.
func (q Query) Needs() (stat, data bool) {
	for _, t := range q.terms {
		stat = stat || t.needsStat()
		data = data || t.kind == contentTerm
	}
	return stat, data
}

// Match decides on a znode, and for one that matches tells where and how well. A
// filter on a Stat or on data that could not be read does not hold, and neither
// does its opposite. Match does not block, and allocates only for a hit. now is what
// ages are counted from; the znode's times are the server's.
func (q Query) Match(z Znode, now time.Time) (Hit, bool) {
	for i := range q.terms {
		if t := &q.terms[i]; !t.holds(&z, now) {
			return Hit{}, false
		}
	}
	return q.hit(&z), true
}

// maxDepthScore bounds what the depth of a znode may take off its score, so that
// depth decides only between matches that are equally good.
const maxDepthScore = 63

// hit describes a match.
func (q Query) hit(z *Znode) Hit {
	h := Hit{Path: z.Path, Err: z.Err}
	if (z.Stat != Stat{}) {
		h.Stat, h.HasStat = z.Stat, true
	}
	content := -1
	for i := range q.terms {
		t := &q.terms[i]
		switch {
		case t.not:
		case t.kind == contentTerm && content < 0:
			content = i
		default:
			score := 0
			h.Name, score = t.locate(h.Name, z.Path)
			h.Score += score
		}
	}
	h.Name = mergeSpans(h.Name)
	if content >= 0 {
		h.Snippet, h.In = q.snippet(z.Data, q.terms[content].needle)
	}
	h.Score = h.Score*(maxDepthScore+1) - min(strings.Count(z.Path, "/"), maxDepthScore)
	return h
}

// mergeSpans sorts spans and joins those that overlap or touch.
func mergeSpans(spans []Span) []Span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	out := spans[:1]
	for _, s := range spans[1:] {
		if last := &out[len(out)-1]; s.From <= last.To {
			last.To = max(last.To, s.To)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// nameStart is where the last name of a path begins.
func nameStart(path string) int { return strings.LastIndexByte(path, '/') + 1 }
