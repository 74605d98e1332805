package tui

import (
	"context"
	"io"
	"path/filepath"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// pastWriter is what the export asks of a timeline. It blocks as w does.
type pastWriter interface {
	WriteJSON(w io.Writer, path string) error
}

// pastDialog asks for the file that a timeline goes to, and writes it there.
type pastDialog struct {
	id      int
	path    string // of the lock
	past    pastWriter
	file    *pathField
	row     buttons
	onRow   bool // the buttons have the focus
	asking  *question
	writing bool
	note    string
}

var _ dialog = (*pastDialog)(nil)

// pastWrittenMsg tells the end of an export: exists asks whether a file may be
// replaced, instead of writing.
type pastWrittenMsg struct {
	file, exists string
	err          error
}

func newPastDialog(id int, path string, past pastWriter) *pastDialog {
	name := strings.TrimSuffix(exportName(path), ".jsonl") + "-timeline.jsonl"
	return &pastDialog{id: id, path: path, past: past, file: newFileField(name), row: buttons{labels: []string{"Cancel", "Export"}, at: 1, danger: -1}}
}

func (d *pastDialog) title() string { return "Export the timeline of " + safetext.Clean(d.path) }
func (d *pastDialog) danger() bool  { return false }

func (d *pastDialog) unsaved() string {
	if d.writing {
		return "an export is running; nothing of it would be left"
	}
	return ""
}

func (d *pastDialog) wrap(msg tea.Msg) tea.Msg { return dialogMsg{d.id, msg} }

func (d *pastDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case pastWrittenMsg:
		return d.written(msg)
	case namesMsg:
		msg.field.came(msg)
	case tea.PasteMsg:
		if d.asking == nil && !d.writing {
			d.edit(msg)
			return d.complete(), false
		}
	case tea.KeyPressMsg:
		return d.key(msg)
	}
	return nil, false
}

func (d *pastDialog) edit(msg tea.Msg) {
	if d.onRow {
		return
	}
	d.note = ""
	if _, err := d.file.update(msg); err != nil {
		d.note = err.Error()
	}
}

func (d *pastDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	if d.asking != nil {
		answer := d.asking.update(k)
		if answer >= 0 {
			d.asking = nil
		}
		if answer == 1 {
			return d.write(true), false
		}
		return nil, false
	}
	switch {
	case key.Matches(k, dkeys.Cancel):
		return nil, true
	case d.writing:
	case key.Matches(k, dkeys.Next, dkeys.Prev, dkeys.Down, dkeys.Up):
		d.onRow = !d.onRow
	case key.Matches(k, dkeys.Accept), key.Matches(k, dkeys.Save):
		if d.onRow && d.row.at == 0 {
			return nil, true
		}
		return d.submit(), false
	case d.onRow:
		d.row.update(k)
	default:
		d.edit(k)
		return d.complete(), false
	}
	return nil, false
}

// complete asks for the names that complete the one of the file.
func (d *pastDialog) complete() tea.Cmd { return d.file.ask(context.Background(), d.wrap) }

func (d *pastDialog) submit() tea.Cmd {
	switch text := d.file.text(); {
	case text == "":
		d.note = "Type the name of a file first."
	case strings.HasSuffix(text, "/"):
		d.note = "Type the name of a file, not only of a folder."
	default:
		return d.write(false)
	}
	d.onRow = false
	return nil
}

// write writes the file aside. Where one is there already it is asked first, unless
// replace is set.
func (d *pastDialog) write(replace bool) tea.Cmd {
	d.writing, d.note = true, ""
	file, past, path := filepath.Clean(expandHome(d.file.text())), d.past, d.path
	return func() tea.Msg {
		exists, err := mayWriteFile(file)
		if err == nil && (exists == "" || replace) {
			exists = ""
			err = writeFile(file, func(w io.Writer) error { return past.WriteJSON(w, path) })
		}
		return d.wrap(pastWrittenMsg{file, exists, err})
	}
}

func (d *pastDialog) written(msg pastWrittenMsg) (tea.Cmd, bool) {
	d.writing = false
	switch {
	case msg.err != nil:
		d.note = upper(sentence(reason(msg.err))) + " " + safetext.CleanLine(msg.file) + " was not written."
		return flash(levelWarn, d.note), false
	case msg.exists != "":
		d.asking = ask([]string{msg.exists}, "Cancel", "Replace")
		return nil, false
	}
	return flash(levelGood, "Exported the timeline of "+d.path+" to "+msg.file), true
}

func (d *pastDialog) prefer(maxW, maxH int) (w, h int) { return min(maxW, 76), min(maxH, 8) }

func (d *pastDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	if d.asking != nil {
		return d.asking.render(st, width, height)
	}
	p := page{st: st, width: width}
	p.pathField("file", d.file, !d.onRow)
	p.indented(st.dim, "A line of JSON for each hold and each gap that was seen, in the order in which they began.")
	if d.onRow {
		p.from, p.to = len(p.lines), len(p.lines)
	}
	note := d.note
	if d.writing {
		note = "writing …"
	}
	return p.fitNote(height, note, levelBad, d.row.spans(st, width, d.onRow))
}

func (d *pastDialog) keys() []key.Binding {
	if d.asking != nil {
		return d.asking.keys()
	}
	return []key.Binding{named(dkeys.Next, "next field"), named(dkeys.Accept, "export"), dkeys.Cancel}
}
