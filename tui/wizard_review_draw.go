package tui

import (
	"slices"
	"strconv"
	"strings"

	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// columnWidth is the least that a server's file gets beside another one.
const columnWidth = 38

// draw lays out the preview, unless it is as it was.
func (p *reviewPage) draw(st *styles, width int) {
	d := reviewDrawing{st: st, width: width, first: p.first, bare: p.bare, zoomed: p.zoomed}
	was := p.drawn
	if was.lines != nil && was.st == st && was.width == width && was.first == d.first && was.bare == d.bare && was.zoomed == d.zoomed {
		return
	}
	d.columns = min(max((width+1)/(columnWidth+1), 1), len(p.plan.Members))
	if p.zoomed {
		d.columns = 1
	}
	p.first = min(p.first, len(p.plan.Members)-d.columns)
	d.first = p.first
	g := page{st: st, width: width}
	for _, s := range []zoocfg.Severity{zoocfg.Error, zoocfg.Warning, zoocfg.Note} {
		for i := range p.findings {
			if p.findings[i].Severity == s {
				g.remark(remark{findingLevel(s), findingText(&p.findings[i])}, 1)
			}
		}
	}
	for i := range p.files {
		if len(g.lines) > 0 {
			g.blank()
		}
		p.drawFile(&g, &p.files[i], d.columns)
	}
	d.lines = g.lines
	p.drawn = d
}

// findingLevel is how loud a finding is.
func findingLevel(s zoocfg.Severity) level {
	switch s {
	case zoocfg.Error:
		return levelBad
	case zoocfg.Warning:
		return levelWarn
	}
	return levelInfo
}

// findingText is a finding in sentences. It holds text of files and paths, so it is
// cleaned here.
func findingText(f *zoocfg.Finding) string {
	text := sentence(upper(safetext.CleanLine(f.What)))
	for _, more := range []string{f.Effect, f.Mend} {
		if more != "" {
			text += " " + sentence(upper(safetext.CleanLine(more)))
		}
	}
	return text
}

// drawFile appends a file: that of some servers side by side, or one across.
func (p *reviewPage) drawFile(g *page, f *reviewFile, columns int) {
	st := g.st
	if len(f.servers) == 0 {
		g.add(span{st.bold, " " + safetext.Clean(f.name)})
		for i := range f.rows {
			r := &f.rows[i]
			k := st.text
			if r.comment() {
				if p.bare {
					continue
				}
				k = st.dim
			}
			g.add(span{k, "  " + safetext.CleanLine(r.cells[0])})
		}
		return
	}
	from := p.first
	to := min(from+columns, len(f.servers))
	if from >= to {
		return
	}
	heads := make([][]span, 0, columns)
	for _, id := range f.servers[from:to] {
		heads = append(heads, []span{{st.bold, " server " + strconv.Itoa(id)}, {st.dim, "  " + safetext.Clean(f.name)}})
	}
	g.columns(heads, columns)
	for i := 0; i < len(f.rows); i++ {
		r := &f.rows[i]
		empty := !slices.ContainsFunc(r.cells, func(c string) bool { return strings.TrimSpace(c) != "" })
		switch {
		case empty, p.bare && r.comment(), !slices.Contains(r.has[from:to], true):
			continue
		case r.comment() && r.same:
			text := safetext.CleanLine(r.cells[from])
			for i+1 < len(f.rows) && f.rows[i+1].comment() && f.rows[i+1].same { // it was wrapped for another width
				i++
				text += " " + strings.TrimLeft(safetext.CleanLine(f.rows[i].cells[from]), "# ")
			}
			g.indent(st.dim, text, 2)
		default:
			cells := make([][]span, 0, columns)
			for c := from; c < to; c++ {
				cells = append(cells, p.cell(st, r, c, g.cellWidth(columns)))
			}
			g.columns(cells, columns)
		}
	}
}

// cell is a line of a server's file; what differs from server to server is lit.
func (p *reviewPage) cell(st *styles, r *reviewRow, c, width int) []span {
	if !r.has[c] {
		return nil
	}
	text := safetext.CleanLine(r.cells[c])
	if r.comment() {
		return []span{{st.dim, "  " + text}}
	}
	lit := st.text
	if !r.same {
		lit = st.title
	}
	key, value, setting := strings.Cut(text, "=")
	if !setting || strings.ContainsAny(key, " \t$") {
		return []span{{lit, "  " + text}}
	}
	head := "  " + key + "="
	room := max(width-safetext.Width(head), 8)
	if safetext.Width(value) > room {
		value = safetext.TruncateMiddle(value, room-1)
	}
	return []span{{st.text, head}, {lit, value}}
}

// cellWidth is that of one of n columns.
func (p *page) cellWidth(n int) int { return max((p.width-(n-1))/max(n, 1), 1) }

// columns appends cells side by side, of n that there is room for, with a rule between
// them.
func (p *page) columns(cells [][]span, n int) {
	w := p.cellWidth(n)
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString(p.st.dim.on + p.st.divider + off)
		}
		b.WriteString(p.st.line(w, false, c, nil))
	}
	rest := p.width - w*len(cells) - max(len(cells)-1, 0)
	b.WriteString(strings.Repeat(" ", max(rest, 0)))
	p.lines = append(p.lines, b.String())
}
