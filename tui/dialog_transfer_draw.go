package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

func (d *transferDialog) prefer(maxW, maxH int) (w, h int) {
	switch d.phase {
	case transferForm:
		return min(maxW, 84), min(maxH, 14)
	case transferPreview:
		return min(maxW, 110), min(maxH, 9+len(d.planned.items))
	case transferReport:
		w = min(maxW, 84)
		h = 3 + len(wrapWords(d.reportText(), max(w-2, 1)))
		for _, n := range d.reportNotes() {
			h += len(wrapWords(n, max(w-2, 1)))
		}
		return w, min(maxH, h+1)
	default:
		return min(maxW, 84), min(maxH, 6)
	}
}

func (d *transferDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	if d.asking != nil {
		return d.asking.render(st, width, height)
	}
	switch d.phase {
	case transferForm:
		return d.renderForm(st, width, height)
	case transferPreview:
		return d.renderPreview(st, width, height)
	case transferReport:
		return d.renderReport(st, width, height), nil
	}
	p := page{st: st, width: width}
	p.say(st.text, d.progressText(st))
	p.bar(d.progress.Done, d.progress.Total)
	foot := "esc stops; nothing is changed yet"
	switch {
	case d.stopping:
		p.say(st.warn, "stopping "+st.ellipsis)
	case d.phase == transferRunning && d.kind == transferExport:
		foot = "esc stops; no half of an export stays"
	case d.phase == transferRunning:
		foot = "esc stops after the transaction that is under way"
	}
	lines, _ := p.fit(height, span{st.dim, foot})
	return lines, nil
}

// bar appends how much of a total is done.
func (p *page) bar(done, total int64) {
	cells := min(p.width, 50)
	if total <= 0 || cells <= 0 {
		return
	}
	full := min(max(int(int64(cells)*done/total), 0), cells)
	p.add(span{p.st.accent, strings.Repeat("#", full)}, span{p.st.dim, strings.Repeat(".", cells-full)})
}

// renderPreview is what would happen: a sentence, the counts, and as many of the
// items as there is room for.
func (d *transferDialog) renderPreview(st *styles, width, height int) ([]string, *tea.Cursor) {
	s := d.planned.summary()
	head := page{st: st, width: width}
	ink := st.text
	if s.Blocked != nil {
		ink = st.warn
	}
	head.say(ink, d.planText())
	about := planCounts(s)
	if n := len(d.planned.items); n == zkview.MaxPlanItems && s.Znodes > int64(n) {
		about += " · the first " + comma(n) + " are listed"
	}
	head.say(st.dim, about)
	if height >= 14 {
		head.blank()
	}
	foot, _ := d.previewFoot(st, width, height, nil)
	// A low terminal shows the sentence and the buttons; the items are scrolled to
	// below them.
	room := max(height-len(foot), 0)
	var out, scrolled []string
	if len(head.lines) > room-2 {
		scrolled = head.lines
	} else {
		out = head.lines
	}
	all := len(scrolled) + len(d.planned.items)
	from, to := d.list.window(all, room-len(out))
	for i := from; i < to; i++ {
		if i < len(scrolled) {
			out = append(out, scrolled[i])
		} else {
			out = append(out, st.planItem(&d.planned.items[i-len(scrolled)], width))
		}
	}
	for len(out) < room {
		out = append(out, st.line(width, false, nil, nil))
	}
	more := st.more(width-spansWidth(d.row.spans(st, width, true))-1, from > 0, to < all)
	foot, cursor := d.previewFoot(st, width, height, more)
	return append(out, foot...), lowered(cursor, room)
}

func lowered(c *tea.Cursor, y int) *tea.Cursor {
	if c != nil {
		c.Y += y
	}
	return c
}

// previewFoot is the field to type in, if there is one, and the buttons, with what
// is said to their right.
func (d *transferDialog) previewFoot(st *styles, width, height int, right []span) ([]string, *tea.Cursor) {
	f := page{st: st, width: width}
	if d.typed != nil {
		if d.note != "" {
			f.say(st.bad, d.note)
		} else {
			f.say(st.warn, "Type "+d.word+" to move all of it:")
		}
		f.lines = f.lines[:min(len(f.lines), max(height-3, 0))]
		box, cursor := d.typed.render(st, max(width-2, 1), 1, true)
		f.put([]string{st.line(2, false, []span{{st.accent, "> "}}, nil) + box[0]}, cursor, 2)
	}
	f.lines = append(f.lines, st.line(width, false, d.row.spans(st, width, true), right))
	if len(f.lines) > height {
		return f.lines[len(f.lines)-height:], nil
	}
	return f.lines, f.cursor
}

// planItem is one line of the preview.
func (st *styles) planItem(item *zkview.PlanItem, width int) string {
	ink, sign := st.dim, " "
	switch item.Action {
	case zkview.PlanConflict:
		ink, sign = st.warn, st.warnSign
	case zkview.PlanRefuse:
		ink, sign = st.bad, st.warnSign
	case zkview.PlanOverwrite:
		ink, sign = st.warn, st.changed
	case zkview.PlanCreate:
		ink, sign = st.good, st.created
	}
	about := ""
	switch {
	case item.Why != nil:
		about = reason(item.Why)
	case item.Action == zkview.PlanCreate && item.Bytes > 0:
		about = value.Size(int64(item.Bytes))
	}
	if item.Kind != zkview.Persistent && item.Action != zkview.PlanLeaveOut {
		about = strings.TrimSpace(item.Kind.String() + " " + about)
	}
	head := []span{{ink, sign + " " + safetext.Pad(item.Action.String(), 9) + " "}}
	left := max(width-spansWidth(head)-1, 0)
	room := max(left-safetext.Width(about)-1, left/2)
	return st.line(width, false, append(head, span{st.text, safetext.TruncateMiddle(safetext.Clean(item.Path), room)}), []span{{st.dim, safetext.Truncate(about, max(left-left/2, 0))}})
}

// renderReport is what was done.
func (d *transferDialog) renderReport(st *styles, width, height int) []string {
	p := page{st: st, width: width, scroll: &d.list.top}
	p.say(st.text, sentence(d.reportText()))
	j := d.job
	if d.kind != transferExport && (j.err != nil || !j.report.Complete()) {
		p.say(st.text, "Planning again goes on where this stopped.")
	}
	for _, n := range d.reportNotes() {
		p.say(st.warn, n)
	}
	lines, _ := p.fit(height, d.row.spans(st, width, true)...)
	return lines
}
