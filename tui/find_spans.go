package tui

import (
	"strings"
	"unicode/utf8"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// maxDrawnPath is as much of the end of a path as is looked at for drawing it.
const maxDrawnPath = 4096

// cleanPiece is a part of a cleaned text that is not cut, and whether it is marked.
type cleanPiece struct {
	text   string
	cells  int
	marked bool
}

// pathPieces cleans a path and finds again in the result what is marked in it. An
// escape, or a character with its marks, is marked as a whole.
func pathPieces(path string, marks []zkview.Span) []cleanPiece {
	clean := safetext.Clean(path)
	pieces := make([]cleanPiece, 0, len(clean))
	for raw := 0; clean != ""; {
		n, cells := safetext.Next(clean)
		size := n
		if clean[0] == '\\' && n > 1 { // an escape
			if text, err := safetext.Unquote(clean[:n]); err == nil {
				size = len(text)
			}
		}
		pieces = append(pieces, cleanPiece{clean[:n], cells, inSpans(marks, raw, raw+size)})
		raw, clean = raw+size, clean[n:]
	}
	return pieces
}

// inSpans tells whether the bytes from..to touch any of the spans.
func inSpans(spans []zkview.Span, from, to int) bool {
	for _, s := range spans {
		if s.From < to && from < s.To {
			return true
		}
	}
	return false
}

// pathSpans draws a path in at most room cells with what is marked in it lit; what
// does not fit goes from its start, and the ellipsis is lit when a mark went with it.
func (st *styles) pathSpans(path string, marks []zkview.Span, room int, plain, lit ink) []span {
	cut := cleanPiece{text: st.ellipsis, cells: 1}
	short := false
	if from := len(path) - maxDrawnPath; from > 0 {
		for from < len(path) && !utf8.RuneStart(path[from]) {
			from++
		}
		cut.marked = inSpans(marks, 0, from)
		moved := make([]zkview.Span, 0, len(marks))
		for _, s := range marks {
			moved = append(moved, zkview.Span{From: s.From - from, To: s.To - from})
		}
		path, marks, short = path[from:], moved, true
	}
	pieces := pathPieces(path, marks)
	cells := 0
	for _, p := range pieces {
		cells += p.cells
	}
	if short || cells > room {
		for len(pieces) > 0 && cells > room-1 {
			cut.marked = cut.marked || pieces[0].marked
			cells -= pieces[0].cells
			pieces = pieces[1:]
		}
		pieces = append([]cleanPiece{cut}, pieces...)
	}
	return joinPieces(pieces, plain, lit)
}

// snippetSpans draws a piece of a value in one line of at most room cells with its
// matches lit, so that the first of them is in view.
func (st *styles) snippetSpans(text string, marks []zkview.Span, room int, plain, lit ink) []span {
	var pieces []cleanPiece
	first, seen, cells := 0, 0, 0 // cells before the first match, up to its end, and in all
	for at := 0; at < len(text); {
		n, shown, w, _ := piece(text[at:], cells)
		p := cleanPiece{shown, w, inSpans(marks, at, at+n)}
		pieces = append(pieces, p)
		at, cells = at+n, cells+w
		switch {
		case seen == 0 && !p.marked:
			first = cells
		case p.marked && (seen == 0 || seen == cells-w):
			seen = cells
		}
	}
	cut := cleanPiece{text: st.ellipsis, cells: 1}
	if seen > room-1 && cells > room {
		gone := 0
		for len(pieces) > 1 && !pieces[0].marked && gone < first-room/3+1 {
			gone += pieces[0].cells
			pieces = pieces[1:]
		}
		pieces = append([]cleanPiece{cut}, pieces...)
		cells += 1 - gone
	}
	if cells > room {
		for len(pieces) > 0 && cells > room-1 {
			cells -= pieces[len(pieces)-1].cells
			pieces = pieces[:len(pieces)-1]
		}
		pieces = append(pieces, cut)
	}
	return joinPieces(pieces, plain, lit)
}

// joinPieces makes spans of neighbours alike.
func joinPieces(pieces []cleanPiece, plain, lit ink) []span {
	var out []span
	var b strings.Builder
	for i, p := range pieces {
		b.WriteString(p.text)
		if i+1 < len(pieces) && pieces[i+1].marked == p.marked {
			continue
		}
		k := plain
		if p.marked {
			k = lit
		}
		out = append(out, span{k, b.String()})
		b.Reset()
	}
	return out
}
