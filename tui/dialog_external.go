package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// externalEdit is a value that is in the hands of $EDITOR.
type externalEdit struct {
	path   string
	file   string
	data   []byte // as read from the znode
	stat   zkview.Stat
	drafts string
	codec
}

// editorClosedMsg tells that $EDITOR has ended; the model answers with finish.
type editorClosedMsg struct {
	externalEdit
	err error
}

// editedElsewhereMsg tells that what was written in $EDITOR could not just be
// saved; the model pushes its dialog.
type editedElsewhereMsg struct {
	externalEdit
	mine  []byte
	saved savedMsg
}

// editExternally returns the command that writes the value into a file of mode
// 0600 under drafts and hands the terminal to $VISUAL or $EDITOR. Binary values
// go as hex. It yields editorClosedMsg, or a flashMsg where no editor could start.
func editExternally(p string, data []byte, stat zkview.Stat, drafts string) tea.Cmd {
	e := externalEdit{path: p, data: data, stat: stat, drafts: drafts, codec: codecFor(data)}
	return func() tea.Msg {
		file, err := writeDraft(drafts, p, e.extension(), []byte(e.encode(data)))
		if err != nil {
			return flashMsg{levelBad, safetext.CleanLine(err.Error())}
		}
		e.file = file
		cmd, err := editorCommand(file)
		if err != nil {
			_ = os.Remove(file) // it holds nothing that the znode does not
			return flashMsg{levelBad, safetext.CleanLine(err.Error())}
		}
		return tea.ExecProcess(cmd, func(err error) tea.Msg { return editorClosedMsg{e, err} })()
	}
}

// extension tells an editor what the value is.
func (e *externalEdit) extension() string {
	if e.hex {
		return ".hex"
	}
	switch ext := path.Ext(lastPart(e.path)); ext {
	case ".json", ".yaml", ".yml", ".xml", ".properties", ".conf", ".cfg", ".ini", ".toml", ".sql", ".sh":
		return ext
	}
	switch head := bytes.TrimSpace(e.data); {
	case len(head) > 0 && (head[0] == '{' || head[0] == '[') && json.Valid(head):
		return ".json"
	case bytes.HasPrefix(head, []byte("<?xml")):
		return ".xml"
	}
	return ".txt"
}

// editorCommand is what edits file: $VISUAL, $EDITOR (both may have arguments,
// which the shell splits as it does for git), vi or nano.
func editorCommand(file string) (*exec.Cmd, error) {
	editor := strings.TrimSpace(os.Getenv("VISUAL"))
	if editor == "" {
		editor = strings.TrimSpace(os.Getenv("EDITOR"))
	}
	if editor != "" {
		if runtime.GOOS == "windows" {
			words := append(strings.Fields(editor), file)
			return exec.Command(words[0], words[1:]...), nil
		}
		return exec.Command("sh", "-c", editor+` "$@"`, "sh", file), nil
	}
	for _, name := range []string{"vi", "nano"} {
		if found, err := exec.LookPath(name); err == nil {
			return exec.Command(found, file), nil
		}
	}
	return nil, errors.New("no editor: set VISUAL or EDITOR, or install vi or nano")
}

// finish returns the command that saves what the editor left behind. The file goes
// only when its text is in the znode or is what was there before.
func (m editorClosedMsg) finish(c cluster) tea.Cmd {
	return func() tea.Msg {
		kept := "; the text is kept in " + safetext.CleanLine(m.file)
		if m.err != nil {
			return flashMsg{levelBad, "the editor failed: " + safetext.CleanLine(m.err.Error()) + kept}
		}
		raw, err := os.ReadFile(m.file)
		if err != nil {
			return flashMsg{levelBad, "reading what was edited: " + safetext.CleanLine(err.Error())}
		}
		mine, err := m.decode(string(raw))
		if err != nil {
			return flashMsg{levelBad, "not saved: " + err.Error() + kept}
		}
		mine, stripped := m.withoutAddedNewline(mine)
		if bytes.Equal(mine, m.data) {
			return m.drop(flashMsg{levelInfo, "nothing changed in " + safetext.Clean(m.path) + "; nothing was sent"})
		}
		saved := saveValue(context.Background(), c, m.path, mine, m.stat)
		if stripped {
			saved.note = strings.TrimPrefix(saved.note+"; the newline that the editor put at the end was left out", "; ")
		}
		switch saved.outcome {
		case saveDone:
			return m.drop(savedFlash(m.path, saved)())
		case saveConflict, saveGone, saveUnknown:
			return editedElsewhereMsg{m.externalEdit, mine, saved}
		}
		return flashMsg{levelBad, "not saved: " + reason(saved.err) + kept}
	}
}

// drop removes the file and passes msg on.
func (m editorClosedMsg) drop(msg tea.Msg) tea.Msg {
	_ = os.Remove(m.file) // a leftover of mode 0600 among the drafts does no harm
	return msg
}

// withoutAddedNewline takes off one line end at the end of text that the value
// lacked: vi and others write it unasked.
func (e *externalEdit) withoutAddedNewline(text []byte) ([]byte, bool) {
	if e.hex || bytes.HasSuffix(e.data, []byte("\n")) || !bytes.HasSuffix(text, []byte("\n")) {
		return text, false
	}
	text = text[:len(text)-1]
	if bytes.Contains(e.data, []byte("\r\n")) {
		text = bytes.TrimSuffix(text, []byte("\r"))
	}
	return text, true
}

// dialog is the inline editor with the text from $EDITOR, showing what stood in
// the way of saving it. The file stays unless the text is saved after all.
func (m editedElsewhereMsg) dialog(id int, c cluster) dialog {
	d := openEdit(id, c, m.path, m.data, m.stat, m.drafts)
	d.file = m.file
	if how := codecFor(m.mine); how.hex && !d.hex {
		d.codec = how
	}
	d.box.limit = max(inlineLimit, 2*d.size(m.mine))
	d.box.set(d.encode(m.mine))
	_, _ = d.saved(m.saved) // opens the conflict or the question; neither has a command
	if d.note == "" {
		d.say(levelWarn, "Your text is also in "+safetext.CleanLine(m.file)+".")
	}
	return d
}
