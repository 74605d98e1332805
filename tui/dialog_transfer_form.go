package tui

import (
	"path/filepath"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// transferField is a field of the form.
type transferField uint8

const (
	fieldFile transferField = iota
	fieldTo
	fieldName
	fieldConflict
	fieldEphemerals
	fieldACL
	fieldEdited
	fieldButtons
)

// fieldsOf are the fields of each form, in the order of tab.
var fieldsOf = map[transferKind][]transferField{
	transferCopy:   {fieldTo, fieldConflict, fieldEphemerals, fieldACL, fieldButtons},
	transferMove:   {fieldTo, fieldConflict, fieldEphemerals, fieldButtons},
	transferRename: {fieldName, fieldEphemerals, fieldButtons},
	transferImport: {fieldFile, fieldTo, fieldConflict, fieldEphemerals, fieldACL, fieldEdited, fieldButtons},
	transferExport: {fieldFile, fieldEphemerals, fieldACL, fieldButtons},
}

// transferFields are what a person sets before anything is read.
type transferFields struct {
	kind             transferKind
	at               int // the focus, within fieldsOf
	file, to         *pathField
	name             *textBox
	conflict         choice
	ephemerals       bool // what the box says that is ticked
	acl, takesEdited bool
}

func newTransferFields(c cluster, kind transferKind, from string) transferFields {
	to := from
	if kind == transferImport {
		to = strings.TrimRight(from, "/") + "/"
	}
	f := transferFields{
		kind: kind, file: newFileField(""), to: newZnodeField(c, to), name: newTextBox(false, lastPart(from)),
		conflict: choice{options: []string{"fail", "skip", "overwrite"}}, acl: true,
	}
	f.name.toEnd()
	if kind == transferExport {
		f.file = newFileField(exportName(from))
	}
	return f
}

// exportName is the file that an export of a path goes to unless another is typed.
func exportName(path string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, path), "-.")
	if name == "" {
		name = "znodes"
	}
	return name[:min(len(name), 100)] + ".jsonl"
}

func (f *transferFields) focus() transferField { return fieldsOf[f.kind][f.at] }

func (f *transferFields) turn(by int) {
	n := len(fieldsOf[f.kind])
	f.at = (f.at + by + n) % n
}

// path is the path field with the focus, nil for none.
func (f *transferFields) path() *pathField {
	switch f.focus() {
	case fieldFile:
		return f.file
	case fieldTo:
		return f.to
	}
	return nil
}

// The words beside the boxes.
var (
	ephemeralWords = map[transferKind]string{
		transferCopy:   "copy ephemerals too, as persistent znodes",
		transferMove:   "leave ephemerals and their parents where they are",
		transferRename: "leave ephemerals and their parents where they are",
		transferImport: "import ephemerals too, as persistent znodes",
		transferExport: "export ephemerals too, marked as such",
	}
	aclWords = map[transferKind]string{
		transferCopy:   "with their ACLs, a request each; without, open to everyone",
		transferImport: "with their ACLs; without, open to everyone",
		transferExport: "with their ACLs, a request each",
	}
	conflictWords = []string{
		"fail: if a znode is there already and differs, nothing at all is changed.",
		"skip: what is there already and differs stays as it is.",
		"overwrite: what is there already and differs gets the data and the ACL of the source.",
	}
)

// formKey takes a key while the form is shown.
func (d *transferDialog) formKey(k tea.KeyPressMsg) (tea.Cmd, bool) {
	f := &d.form
	switch {
	case key.Matches(k, dkeys.Cancel):
		return nil, true
	case key.Matches(k, dkeys.Save):
		return d.submit(), false
	case key.Matches(k, dkeys.Next), key.Matches(k, dkeys.Down):
		f.turn(1)
	case key.Matches(k, dkeys.Prev), key.Matches(k, dkeys.Up):
		f.turn(-1)
	case key.Matches(k, dkeys.Accept):
		if f.focus() == fieldButtons && d.row.at == 0 {
			return nil, true
		}
		return d.submit(), false
	case key.Matches(k, dkeys.Toggle) && f.toggle():
	case f.focus() == fieldConflict:
		f.conflict.update(k)
	case f.focus() == fieldButtons:
		d.row.update(k)
	default:
		return d.edit(k), false
	}
	return d.askNames(), false
}

// toggle turns the box with the focus.
func (f *transferFields) toggle() bool {
	switch f.focus() {
	case fieldEphemerals:
		f.ephemerals = !f.ephemerals
	case fieldACL:
		f.acl = !f.acl
	case fieldEdited:
		f.takesEdited = !f.takesEdited
	default:
		return false
	}
	return true
}

// edit hands what is typed to the field with the focus.
func (d *transferDialog) edit(msg tea.Msg) tea.Cmd {
	var used bool
	var err error
	switch p := d.form.path(); {
	case p != nil:
		used, err = p.update(msg)
	case d.form.focus() == fieldName:
		used, err = d.form.name.update(msg)
	}
	if used {
		d.note = ""
	}
	if err != nil {
		d.note = err.Error()
	}
	return d.askNames()
}

// askNames asks for what completes the path that is typed.
func (d *transferDialog) askNames() tea.Cmd {
	if p := d.form.path(); p != nil {
		return p.ask(d.ctx, d.wrap)
	}
	return nil
}

// problem says what the form lacks; empty when nothing.
func (d *transferDialog) problem() string {
	f := &d.form
	switch {
	case d.kind == transferRename && f.name.text() == lastPart(d.from):
		return "Type another name: this is what it is called now."
	case d.kind == transferRename && (f.name.text() == "" || strings.Contains(f.name.text(), "/")):
		return "Type a name without /; to put it elsewhere, move it."
	case (d.kind == transferImport || d.kind == transferExport) && f.file.text() == "":
		return "Type the name of a file first."
	case d.kind == transferExport && strings.HasSuffix(f.file.text(), "/"):
		return "Type the name of a file, not only of a folder."
	case d.kind == transferCopy || d.kind == transferMove || d.kind == transferImport:
		return d.targetProblem()
	case d.kind == transferRename:
		if err := zkview.CheckPath(d.to()); err != nil {
			return "The name will not do: " + reason(err) + "."
		}
	}
	return ""
}

// targetProblem says why nothing can be put at the path that is typed.
func (d *transferDialog) targetProblem() string {
	to := d.to()
	if d.form.to.text() == "" {
		return "Type the path where it goes first."
	}
	if d.kind == transferImport && strings.HasSuffix(to, "/") {
		to += "x" // the name is in the file
	}
	if err := zkview.CheckPath(to); err != nil {
		return "The path will not do: " + reason(err) + "."
	}
	if d.kind == transferImport {
		return ""
	}
	switch {
	case to == d.from:
		return "Type another path: this is where it is now."
	case belowAny(to, map[string]bool{d.from: true}):
		return safetext.Clean(to) + " lies within " + safetext.Clean(d.from) + ": a subtree does not go into itself."
	}
	return ""
}

// to is the path that the form names. A / at its end means below that, by the name
// that the source has; for an import, only the file knows it.
func (d *transferDialog) to() string {
	if d.kind == transferRename {
		return strings.TrimRight(parentOf(d.from), "/") + "/" + d.form.name.text()
	}
	to := d.form.to.text()
	if d.kind != transferImport && len(to) > 0 && strings.HasSuffix(to, "/") {
		to += lastPart(d.from)
	}
	return to
}

// file is the path of the file that the form names.
func (d *transferDialog) file() string { return filepath.Clean(expandHome(d.form.file.text())) }

// submit checks the form and goes on.
func (d *transferDialog) submit() tea.Cmd {
	if d.note = d.problem(); d.note != "" {
		d.form.at = 0
		return nil
	}
	if d.kind == transferExport {
		return d.export(false)
	}
	return d.plan()
}

// options are what the form says in zkview's terms.
func (f *transferFields) options() zkview.ImportOptions {
	o := zkview.ImportOptions{
		OnConflict: zkview.Conflict(f.conflict.at), NoACL: !f.acl, Edited: f.takesEdited,
	}
	if f.kind.deletes() {
		o.LeaveEphemerals = f.ephemerals
	} else {
		o.EphemeralsAsPersistent = f.ephemerals
	}
	return o
}

// renderForm draws the form.
func (d *transferDialog) renderForm(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := page{st: st, width: width}
	f := &d.form
	if d.kind != transferImport {
		room := max(width-labelWidth, 8)
		p.add(p.label("from", false), span{st.text, safetext.TruncateMiddle(safetext.Clean(d.from), room)})
	}
	focus := f.focus()
	for _, field := range fieldsOf[d.kind] {
		on := field == focus
		switch field {
		case fieldFile:
			p.pathField("file", f.file, on)
		case fieldTo:
			p.pathField("to", f.to, on)
			if on && d.kind == transferImport {
				p.indented(st.dim, "With / at its end, below it by the name that the export has; else the root of the export becomes this very znode.")
				p.to = len(p.lines)
			}
		case fieldName:
			p.field("name", f.name, on)
		case fieldConflict:
			p.choice("conflicts", &f.conflict, on)
			p.indented(st.dim, conflictWords[f.conflict.at])
			if on {
				p.to = len(p.lines)
			}
		case fieldEphemerals:
			p.toggle("", ephemeralWords[d.kind], f.ephemerals, on)
		case fieldACL:
			p.toggle("", aclWords[d.kind], f.acl, on)
		case fieldEdited:
			p.toggle("", "take a file that was changed by hand", f.takesEdited, on)
		case fieldButtons:
			if on {
				p.from, p.to = len(p.lines), len(p.lines)
			}
		}
	}
	return p.fitNote(height, d.note, levelBad, d.row.spans(st, width, focus == fieldButtons))
}

// formHints are the keys of the form.
func (d *transferDialog) formHints() []key.Binding {
	k := []key.Binding{named(dkeys.Next, "next field"), named(dkeys.Accept, strings.ToLower(d.row.labels[1])), dkeys.Cancel}
	switch d.form.focus() {
	case fieldFile, fieldTo:
		k = append(k, named(dkeys.Right, "complete"))
	case fieldConflict:
		k = append(k, named(dkeys.Right, "other choice"))
	case fieldEphemerals, fieldACL, fieldEdited:
		k = append(k, dkeys.Toggle)
	}
	return k
}
