package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// drafter is a dialog that holds something typed that can be kept in a file.
type drafter interface {
	// saveDraft writes what was typed into a new file of mode 0600 in dir and
	// returns its path; empty when there is nothing to keep.
	saveDraft(dir string) (file string, err error)
}

var (
	_ dialog  = (*editDialog)(nil)
	_ drafter = (*editDialog)(nil)
	_ drafter = (*createDialog)(nil)
)

// saveDraft keeps the value of the znode that was to be created.
func (d *createDialog) saveDraft(dir string) (string, error) {
	if d.value.text() == "" {
		return "", nil
	}
	return writeDraft(dir, d.path(), ".txt", []byte(d.value.text()))
}

// editDialog edits one value.
type editDialog struct {
	id     int
	c      cluster
	path   string
	ctx    context.Context
	cancel context.CancelFunc
	drafts string
	file   string // that $EDITOR left behind, empty for none

	base zkview.Stat // the state that the text was made from, and whose version guards the save
	orig []byte
	codec
	box       *textBox
	openLines int // of the text as it was opened

	saving   bool
	note     string
	level    level
	conflict *conflict

	asking   *question
	onAnswer func(answer int) (tea.Cmd, bool)

	changedRev int // the revision for which changedNow was found
	changedNow bool
}

// newEditDialog makes the editor for a value that was read with stat. A value too
// big for it gets a dialog that says so. drafts is the folder for what must not
// get lost.
func newEditDialog(id int, c cluster, path string, data []byte, stat zkview.Stat, drafts string) dialog {
	how := codecFor(data)
	if size := how.size(data); size > inlineLimit {
		kind := "text"
		if how.hex {
			kind = "hex"
		}
		return &confirmDialog{head: "Edit " + safetext.Clean(path), q: ask([]string{fmt.Sprintf(
			"This value of %d bytes would be %d bytes of %s, and the editor here takes %d. %s",
			len(data), size, kind, inlineLimit, "E edits it in $EDITOR.")}, "Close")}
	}
	return openEdit(id, c, path, data, stat, drafts)
}

// openEdit makes the editor whatever the size.
func openEdit(id int, c cluster, path string, data []byte, stat zkview.Stat, drafts string) *editDialog {
	ctx, cancel := context.WithCancel(context.Background())
	d := &editDialog{
		id: id, c: c, path: path, ctx: ctx, cancel: cancel, drafts: drafts,
		base: stat, orig: slices.Clone(data), codec: codecFor(data), changedRev: -1,
	}
	d.box = newTextBox(true, d.encode(data))
	d.openLines = len(d.box.lines)
	if d.hex {
		d.say(levelInfo, d.why)
	}
	return d
}

func (d *editDialog) title() string {
	mark := ""
	if d.changed() {
		mark = " (changed)"
	}
	return "Edit " + safetext.Clean(d.path) + mark
}

func (d *editDialog) danger() bool { return d.conflict != nil }

func (d *editDialog) unsaved() string {
	if !d.changed() {
		return ""
	}
	return safetext.Clean(d.path) + " has changes that are not saved"
}

// changed tells whether the text differs from what was read.
func (d *editDialog) changed() bool {
	if d.changedRev != d.box.rev {
		data, err := d.decode(d.box.text())
		d.changedNow = err != nil || !bytes.Equal(data, d.orig)
		d.changedRev = d.box.rev
	}
	return d.changedNow
}

// saveDraft keeps the bytes as they would be saved, or, where the hex cannot be
// read, the text.
func (d *editDialog) saveDraft(dir string) (string, error) {
	if !d.changed() {
		return "", nil
	}
	data, err := d.decode(d.box.text())
	switch {
	case err != nil:
		return writeDraft(dir, d.path, ".hex", []byte(d.box.text()))
	case d.hex:
		return writeDraft(dir, d.path, ".bin", data)
	}
	return writeDraft(dir, d.path, ".txt", data)
}

func (d *editDialog) say(l level, text string) { d.level, d.note = l, text }

func (d *editDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	if m, ok := msg.(savedMsg); ok {
		d.saving = false
		return d.saved(m)
	}
	if d.asking != nil {
		if answer := d.asking.update(msg); answer >= 0 {
			d.asking = nil
			return d.end(d.onAnswer(answer))
		}
		return nil, false
	}
	if d.conflict != nil {
		return d.end(d.updateConflict(msg))
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(k, dkeys.Cancel):
			return d.leave()
		case key.Matches(k, dkeys.Save):
			return d.save(), false
		case d.saving:
			return nil, false
		case key.Matches(k, dkeys.Next):
			return nil, d.tab()
		}
	}
	if !d.saving {
		used, err := d.box.update(msg)
		if used && d.level != levelInfo {
			d.note = ""
		}
		if err != nil {
			d.say(levelBad, "Refused: "+err.Error()+".")
		}
	}
	return nil, false
}

// tab inserts a tab, which JSON and properties files have more often than forms
// have a second field here.
func (d *editDialog) tab() bool {
	if err := d.box.insert("\t"); err != nil {
		d.say(levelBad, "Refused: "+err.Error()+".")
	}
	return false
}

// end cancels what is under way when the dialog closes.
func (d *editDialog) end(cmd tea.Cmd, done bool) (tea.Cmd, bool) {
	if done {
		d.cancel()
	}
	return cmd, done
}

// ask puts a question in front of the editor.
func (d *editDialog) ask(q *question, on func(int) (tea.Cmd, bool)) { d.asking, d.onAnswer = q, on }

// leave closes the editor, after a question when something would be lost.
func (d *editDialog) leave() (tea.Cmd, bool) {
	if !d.changed() {
		return d.end(nil, true)
	}
	text := fmt.Sprintf("Discard your changes to %s?", safetext.Clean(d.path))
	if d.saving {
		text += " They are being saved just now, and may arrive all the same."
	}
	d.ask(ask([]string{text}, "Keep editing", "Discard"), func(answer int) (tea.Cmd, bool) {
		return nil, answer == 1
	})
	return nil, false
}

// save returns the command that writes the text over the version it was made from.
func (d *editDialog) save() tea.Cmd {
	if d.saving {
		return nil
	}
	data, err := d.decode(d.box.text())
	if err != nil {
		d.say(levelBad, "Not saved: "+err.Error()+".")
		return nil
	}
	if bytes.Equal(data, d.orig) {
		d.say(levelInfo, "Nothing has changed; nothing was sent.")
		return nil
	}
	return d.write(data, d.base)
}

// write returns the command that saves data over the state base.
func (d *editDialog) write(data []byte, base zkview.Stat) tea.Cmd {
	d.saving, d.note = true, ""
	id, ctx, c, path := d.id, d.ctx, d.c, d.path
	return func() tea.Msg { return dialogMsg{id, saveValue(ctx, c, path, data, base)} }
}

// saved acts on the answer to a save. Whatever went wrong, the text stays.
func (d *editDialog) saved(m savedMsg) (tea.Cmd, bool) {
	switch m.outcome {
	case saveDone:
		return d.end(tea.Batch(savedFlash(d.path, m), d.dropFile()), true)
	case saveConflict:
		d.asking = nil
		d.conflict = newConflict(m)
	case saveGone:
		d.askGone(m.err)
	case saveUnknown:
		d.say(levelWarn, reason(m.err)+". Whether the value was saved could not be read yet; ctrl-s looks and tries again, and cannot overwrite anything unseen.")
	default:
		d.say(levelBad, "Not saved: "+reason(m.err)+". Your text is still here.")
		if errors.Is(m.err, context.DeadlineExceeded) {
			d.say(levelWarn, "No answer yet. Your text is still here; ctrl-s tries again, and cannot overwrite anything unseen.")
		}
	}
	return nil, false
}

// dropFile removes what $EDITOR left behind, once it is saved.
func (d *editDialog) dropFile() tea.Cmd {
	if d.file == "" {
		return nil
	}
	file := d.file
	return func() tea.Msg {
		_ = os.Remove(file) // a leftover of mode 0600 among the drafts does no harm
		return nil
	}
}

// askGone asks what to do with the text of a znode that was deleted.
func (d *editDialog) askGone(err error) {
	text := []string{fmt.Sprintf("%s was deleted while you edited it.", safetext.Clean(d.path))}
	if err != nil {
		text = append(text, "It was not created again: "+reason(err)+".")
	}
	text = append(text, "“Create it again” makes a persistent znode that everyone may change (world:anyone:cdrwa); "+
		"its old kind and ACL are gone with it. “Copy the text” puts it on the clipboard and keeps it in a file.")
	d.ask(ask(text, "Keep editing", "Copy the text", "Create it again"), func(answer int) (tea.Cmd, bool) {
		switch answer {
		case 1:
			return d.copyOut(), false
		case 2:
			return d.recreate(), false
		}
		return nil, false
	})
}

func (d *editDialog) recreate() tea.Cmd {
	data, err := d.decode(d.box.text())
	if err != nil {
		d.say(levelBad, "Not created: "+err.Error()+".")
		return nil
	}
	d.saving = true
	id, ctx, c, path := d.id, d.ctx, d.c, d.path
	return func() tea.Msg { return dialogMsg{id, createAgain(ctx, c, path, data)} }
}

// copyOut puts the text on the clipboard and into a draft.
func (d *editDialog) copyOut() tea.Cmd {
	text := d.box.text()
	keep := func() tea.Msg {
		file, err := d.saveDraft(d.drafts)
		if err != nil {
			return flashMsg{levelBad, safetext.CleanLine(err.Error())}
		}
		return flashMsg{levelGood, "kept in " + safetext.CleanLine(file)}
	}
	if len(text) > maxCopy {
		return keep
	}
	return tea.Batch(tea.SetClipboard(text), keep)
}
