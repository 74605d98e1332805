package tui

import (
	"zkdeck/lockctl/lab"
)

// noteRows are n rows of the commentary, the newest last, below a rule.
func (d *labDrawing) noteRows(notes []lab.Note, n int) []string {
	st := d.st
	if n <= 0 {
		return nil
	}
	var out []string
	if d.ruled() {
		out = append(out, st.hrule(d.width, 0, ""))
		n--
	}
	var rows []string
	for i := len(notes) - 1; i >= 0 && len(rows) < n; i-- {
		rows = append(d.noteLines(&notes[i]), rows...)
	}
	if len(notes) == 0 {
		rows = []string{st.line(d.width, false, []span{{st.dim, "   what happens is told here"}}, nil)}
	}
	if over := len(rows) - n; over > 0 {
		rows = rows[over:]
	}
	return append(out, st.fill(rows, d.width, n)...)
}

// labNote is how a note of a kind is drawn, and the sign before it.
func (st *styles) labNote(kind lab.NoteKind) (k ink, sign string) {
	switch kind {
	case lab.NoteWake:
		return st.warn, st.up
	case lab.NoteGrant:
		return st.bold, st.bullet
	case lab.NoteTrouble:
		return st.danger, st.warnSign
	case lab.NoteLab:
		return st.accent, st.marked
	}
	return st.text, " "
}

// noteLines are a note in as many lines as it takes.
func (d *labDrawing) noteLines(n *lab.Note) []string {
	st := d.st
	k, sign := st.labNote(n.Kind)
	var rows []string
	for _, l := range wrapWords(n.Text, max(d.width-4, 1)) {
		rows = append(rows, st.line(d.width, false, []span{{k, " " + sign + " " + l}}, nil))
		sign = " "
	}
	return rows
}
