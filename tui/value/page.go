package value

import (
	"strings"

	"zkdeck/internal/safetext"
)

// Page is a document broken into rows for a width. It does not change.
type Page struct {
	doc    *Document
	width  int
	rows   []place // of wrapped text; nil otherwise
	perRow int     // bytes a row of hexadecimal
}

// place is where a row begins.
type place struct{ line, off int32 }

// Page breaks the document for rows of width cells, which must be at least 1. Long
// lines go on in the next row when wrap is set, and are reached by scrolling
// sideways otherwise. Breaking takes time in proportion to the text when wrap is
// set (some milliseconds a megabyte, more for text that is not ASCII) and none
// otherwise; keep the page until the width changes.
func (d *Document) Page(width int, wrap bool) *Page {
	p := &Page{doc: d, width: max(1, width)}
	switch {
	case d.View == Hex:
		p.perRow = hexPerRow(p.width)
	case wrap && d.widest > p.width:
		p.wrap()
	}
	return p
}

// wrap finds where each row begins.
func (p *Page) wrap() {
	d := p.doc
	p.rows = make([]place, 0, len(d.cells)+len(d.text)/p.width)
	for i := range d.cells {
		p.rows = append(p.rows, place{line: int32(i)})
		if int(d.cells[i]) <= p.width {
			continue
		}
		line := d.raw(i)
		for off := p.breakAfter(line, d.ascii(i)); off < len(line); {
			p.rows = append(p.rows, place{int32(i), int32(off)})
			off += p.breakAfter(line[off:], d.ascii(i))
		}
	}
}

// breakAfter returns how many bytes of rest go on one row: up to a blank in its
// last third if there is one, and at least one character.
func (p *Page) breakAfter(rest string, ascii bool) int {
	n := min(p.width, len(rest))
	if !ascii {
		if n, _ = safetext.Fit(rest, p.width); n == 0 {
			if n, _ = safetext.Next(rest); rest[0] == '\\' {
				n = min(n, p.width) // an escape wider than the page
			}
		}
	}
	if n < len(rest) && rest[n] != ' ' {
		if blank := strings.LastIndexByte(rest[:n], ' '); blank > n*2/3 {
			return blank + 1
		}
	}
	return n
}

// Len returns how many rows there are.
func (p *Page) Len() int {
	switch {
	case p.perRow > 0:
		return (len(p.doc.hex) + p.perRow - 1) / p.perRow
	case p.rows != nil:
		return len(p.rows)
	}
	return len(p.doc.cells)
}

// MaxX is how far the page can be scrolled sideways, in cells.
func (p *Page) MaxX() int {
	if p.rows != nil || p.perRow > 0 {
		return 0
	}
	return max(0, p.doc.widest-p.width)
}

// Rows returns the rows from to end, without end, scrolled sideways by x cells;
// bounds are clamped. Its cost is that of the rows. No row is wider than the page,
// except for a character of two cells on a page of one and for hexadecimal on a
// page too narrow for it.
func (p *Page) Rows(from, end, x int) []Line {
	from, end = max(0, from), min(end, p.Len())
	if from >= end {
		return nil
	}
	x = min(max(0, x), p.MaxX())
	lines := make([]Line, 0, end-from)
	for i := from; i < end; i++ {
		lines = append(lines, p.row(i, x))
	}
	return lines
}

func (p *Page) row(i, x int) Line {
	switch {
	case p.perRow > 0:
		return hexLine(p.doc.hex, i, p.perRow)
	case p.rows == nil:
		return p.doc.window(i, x, p.width)
	}
	at := p.rows[i]
	end := p.doc.len(int(at.line))
	if i+1 < len(p.rows) && p.rows[i+1].line == at.line {
		end = int(p.rows[i+1].off)
	}
	return p.doc.part(int(at.line), int(at.off), end)
}

// RowOf returns the row on which line i of the document begins, so that a place
// can be kept when the width changes. In hexadecimal lines are rows.
func (p *Page) RowOf(i int) int {
	if p.rows == nil {
		return min(max(0, i), max(0, p.Len()-1))
	}
	lo, hi := 0, len(p.rows)
	for lo < hi {
		if mid := (lo + hi) / 2; int(p.rows[mid].line) < i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return min(lo, len(p.rows)-1)
}
