package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

func (d *editDialog) prefer(maxW, maxH int) (w, h int) {
	if d.asking != nil {
		return d.asking.prefer(maxW)
	}
	if d.conflict != nil {
		return min(maxW, 140), min(maxH, max(len(d.conflict.rows)+6, 14))
	}
	// Not what the text needs now: the dialog must not move while one types.
	return min(maxW, 140), min(maxH, max(d.openLines+6, 14))
}

func (d *editDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	switch {
	case d.asking != nil:
		return d.asking.render(st, width, height)
	case d.conflict != nil:
		return d.renderConflict(st, width, height)
	}
	note := page{st: st, width: width}
	if d.note != "" {
		note.say(d.level.ink(st), d.note)
		note.lines = note.lines[:min(len(note.lines), max((height-1)/2, 0))]
	}
	rows := max(height-1-len(note.lines), 0)
	lines, cursor := d.box.render(st, width, rows, !d.saving)
	lines = append(lines, note.lines...)
	left := span{st.dim, fmt.Sprintf("line %d of %d", d.box.row+1, len(d.box.lines))}
	if d.saving {
		left = span{st.accent, fmt.Sprintf("saving over version %d %s", d.base.Version, st.ellipsis)}
	}
	right := span{st.dim, fmt.Sprintf("version %d, %s", d.base.Version, d.shape(d.orig))}
	lines = append(lines, st.line(width, false, []span{left}, []span{right}))
	return lines[:height], cursor
}

func (d *editDialog) keys() []key.Binding {
	switch {
	case d.asking != nil:
		return d.asking.keys()
	case d.conflict != nil:
		return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.Down, "scroll"), dkeys.Cancel}
	}
	return []key.Binding{dkeys.Save, named(dkeys.Cancel, "close")}
}
