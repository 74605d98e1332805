package value

import (
	"bytes"
	"sort"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"

	"zkdeck/internal/safetext"
)

// maxDiff is how many bytes of each value are compared line by line, and
// maxDiffLines how many lines.
const (
	maxDiff      = 1 << 20
	maxDiffLines = 50_000
)

// DiffKind is what a line of a difference is.
type DiffKind uint8

// The kinds. Skipped stands for Count equal lines that Collapse left out, Cut for
// the end of what was compared.
const (
	Same DiffKind = iota
	Removed
	Added
	Skipped
	Cut
)

// DiffLine is a line of a difference. Text is safe to print; Old and New are line
// numbers from 1, 0 on the side where the line is not.
type DiffLine struct {
	Kind     DiffKind
	Text     string
	Old, New int
	Count    int

	right string // of a Same row of hexadecimal: the text with the offset in New
}

// Diff compares the pretty forms of two values, so that another order of blanks in
// JSON is no difference unless it is the only one; then the texts as they are, and
// at last the bytes, are compared. Values of which one is binary are compared as
// hexadecimal. Equal values have only Same lines. It takes up to some tens of
// milliseconds a megabyte.
func Diff(before, after []byte) []DiffLine {
	a, b := Recognise(before), Recognise(after)
	if !textual(a) || !textual(b) {
		return diffHex(before, after)
	}
	for _, view := range []View{Pretty, Raw} {
		al, acut := diffForm(a, view)
		bl, bcut := diffForm(b, view)
		lines := diffLines(al, bl)
		if bytes.Equal(before, after) || hasChange(lines) {
			if acut || bcut {
				lines = append(lines, DiffLine{Kind: Cut})
			}
			return lines
		}
	}
	return diffHex(before, after)
}

// textual tells whether v can be compared as lines of text.
func textual(v Value) bool { return v.Format != Binary }

// diffForm returns the lines of v in a view, and whether they are not all.
func diffForm(v Value, view View) ([]string, bool) {
	if v.text == "" {
		return nil, false
	}
	text, used := form(v, view, maxDiff)
	return diffText(text, used < len(v.text) || v.Cut)
}

// diffText cuts a text into safe lines.
func diffText(text string, cut bool) ([]string, bool) {
	lines := strings.Split(strings.TrimSuffix(safetext.CleanBlock(text), "\n"), "\n")
	if len(lines) > maxDiffLines {
		return lines[:maxDiffLines], true
	}
	return lines, cut
}

// diffHex compares rows of 16 bytes. Rows are matched by their bytes, whatever their
// offsets.
func diffHex(before, after []byte) []DiffLine {
	a, acut := hexRows(before)
	b, bcut := hexRows(after)
	lines := diffLines(a, b)
	for i := range lines {
		l := &lines[i]
		if l.New > 0 {
			l.right = hexLine(after, l.New-1, 16).Text
			l.Text = l.right
		}
		if l.Old > 0 {
			l.Text = hexLine(before, l.Old-1, 16).Text
		}
	}
	if acut || bcut {
		lines = append(lines, DiffLine{Kind: Cut})
	}
	return lines
}

// hexRows cuts data into rows of 16 bytes.
func hexRows(data []byte) ([]string, bool) {
	cut := len(data) > 16*maxDiffLines
	if cut {
		data = data[:16*maxDiffLines]
	}
	rows := make([]string, 0, len(data)/16+1)
	for len(data) > 0 {
		n := min(16, len(data))
		rows = append(rows, string(data[:n]))
		data = data[n:]
	}
	return rows, cut
}

// diffLines compares two lists of lines.
func diffLines(a, b []string) []DiffLine {
	lines := make([]DiffLine, 0, max(len(a), len(b)))
	i, j := 0, 0
	same := func(n int) {
		for range n {
			lines = append(lines, DiffLine{Kind: Same, Text: a[i], Old: i + 1, New: j + 1})
			i, j = i+1, j+1
		}
	}
	for _, e := range edits(a, b) {
		same(e.Start - i)
		for ; i < e.End; i++ {
			lines = append(lines, DiffLine{Kind: Removed, Text: a[i], Old: i + 1})
		}
		for ; j < e.ReplEnd; j++ {
			lines = append(lines, DiffLine{Kind: Added, Text: b[j], New: j + 1})
		}
	}
	same(len(a) - i)
	return lines
}

// edits finds what turns a into b. Lines that occur once on each side, in the same
// order, anchor the comparison (as in patience diff); package lcs, which gives up
// after some fifty differences and calls the rest replaced, compares what is
// between them. Both are quick for any input.
func edits(a, b []string) []lcs.Diff {
	var all []lcs.Diff
	i, j := 0, 0
	between := func(endA, endB int) {
		for _, e := range lcs.DiffLines(a[i:endA], b[j:endB]) {
			e.Start, e.End = e.Start+i, e.End+i
			e.ReplStart, e.ReplEnd = e.ReplStart+j, e.ReplEnd+j
			all = append(all, e)
		}
	}
	for _, m := range anchors(a, b) {
		if m.a > i || m.b > j {
			between(m.a, m.b)
		}
		i, j = m.a+1, m.b+1
	}
	between(len(a), len(b))
	return all
}

// match pairs a line of one side with one of the other.
type match struct{ a, b int }

// anchors returns the longest list of pairs, rising on both sides, of lines that
// are unique on both.
func anchors(a, b []string) []match {
	type seen struct{ countA, countB, at int }
	index := make(map[string]*seen, len(b))
	for j, line := range b {
		s := index[line]
		if s == nil {
			s = &seen{}
			index[line] = s
		}
		s.countB++
		s.at = j
	}
	for _, line := range a {
		if s := index[line]; s != nil {
			s.countA++
		}
	}
	var pairs []match
	for i, line := range a {
		if s := index[line]; s != nil && s.countA == 1 && s.countB == 1 {
			pairs = append(pairs, match{i, s.at})
		}
	}
	return rising(pairs)
}

// rising returns the longest subsequence of pairs, which rise in a, that rises in b.
func rising(pairs []match) []match {
	var ends []int // ends[k]: index of the last pair of the best list of length k+1
	before := make([]int, len(pairs))
	for i, p := range pairs {
		k := sort.Search(len(ends), func(k int) bool { return pairs[ends[k]].b >= p.b })
		before[i] = -1
		if k > 0 {
			before[i] = ends[k-1]
		}
		if k == len(ends) {
			ends = append(ends, i)
		} else {
			ends[k] = i
		}
	}
	out := make([]match, len(ends))
	if len(ends) == 0 {
		return out
	}
	for k, i := len(ends)-1, ends[len(ends)-1]; k >= 0; k, i = k-1, before[i] {
		out[k] = pairs[i]
	}
	return out
}

// hasChange tells whether any line was removed or added.
func hasChange(lines []DiffLine) bool {
	for _, l := range lines {
		if l.Kind == Removed || l.Kind == Added {
			return true
		}
	}
	return false
}

// Collapse leaves out equal lines further than context lines from a change and puts
// a Skipped line with their number where they were. It leaves a single line be.
func Collapse(lines []DiffLine, context int) []DiffLine {
	out := make([]DiffLine, 0, len(lines))
	for i := 0; i < len(lines); {
		if lines[i].Kind != Same {
			out = append(out, lines[i])
			i++
			continue
		}
		end := i
		for end < len(lines) && lines[end].Kind == Same {
			end++
		}
		from, to := i+context, end-context
		if i == 0 {
			from = 0
		}
		if end == len(lines) || lines[end].Kind == Cut {
			to = end
		}
		if to-from < 2 {
			out = append(out, lines[i:end]...)
		} else {
			out = append(out, lines[i:from]...)
			out = append(out, DiffLine{Kind: Skipped, Count: to - from, Old: lines[from].Old, New: lines[from].New})
			out = append(out, lines[to:end]...)
		}
		i = end
	}
	return out
}
