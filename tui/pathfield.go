package tui

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// pathField is a field for the path of a znode or of a file, which → completes.
// Tab goes to the next field, as everywhere: a key that is pressed to go on must
// not change where something is written to.
type pathField struct {
	box   *textBox
	files bool
	list  func(ctx context.Context, dir string) ([]string, error)

	dir   string   // whose names were asked for last; empty before the first
	names []string // sorted; nil until they came
}

// namesMsg are the names in a directory or below a znode, for the field that asked.
type namesMsg struct {
	field *pathField
	dir   string
	names []string
}

// newZnodeField is a field for the path of a znode of c.
func newZnodeField(c cluster, text string) *pathField {
	f := &pathField{box: newTextBox(false, text)}
	f.list = func(ctx context.Context, dir string) ([]string, error) { return completions(ctx, c, dir) }
	f.box.toEnd()
	return f
}

// newFileField is a field for the path of a file of ours.
func newFileField(text string) *pathField {
	f := &pathField{box: newTextBox(false, text), files: true, list: fileNames}
	f.box.toEnd()
	return f
}

// set replaces the text; it returns true, for who fills a form.
func (f *pathField) set(text string) bool {
	f.box.set(text)
	f.box.toEnd()
	return true
}

func (f *pathField) text() string { return strings.TrimSpace(f.box.text()) }

// split cuts the text into the part up to the last / and what begins a name.
func (f *pathField) split() (dir, begun string) {
	text := f.box.text()
	at := strings.LastIndexByte(text, '/') + 1
	return text[:at], text[at:]
}

// ask returns the command that asks for the names that complete the text, nil when
// they are there or under way.
func (f *pathField) ask(parent context.Context, wrap func(tea.Msg) tea.Msg) tea.Cmd {
	dir, _ := f.split()
	if dir == f.dir || !f.files && !strings.HasPrefix(dir, "/") {
		return nil
	}
	f.dir, f.names = dir, nil
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, callTime)
		defer cancel()
		place := dir
		if !f.files && len(dir) > 1 {
			place = strings.TrimRight(dir, "/")
		}
		names, err := f.list(ctx, place)
		if err != nil {
			names = nil // what is not there yet completes nothing
		}
		slices.Sort(names)
		return wrap(namesMsg{f, dir, names})
	}
}

// came takes the names, unless the text is about others by now.
func (f *pathField) came(m namesMsg) {
	if m.dir == f.dir {
		f.names = m.names
	}
}

// candidates are the names that begin as the text ends, some of them if they are
// many.
func (f *pathField) candidates() []string {
	dir, begun := f.split()
	if dir != f.dir {
		return nil
	}
	var out []string
	from, _ := slices.BinarySearch(f.names, begun)
	for _, n := range f.names[from:] {
		if !strings.HasPrefix(n, begun) || len(out) == 1000 {
			break
		}
		if n != begun && (begun != "" || !f.files || n[0] != '.') {
			out = append(out, n)
		}
	}
	return out
}

// update takes what edits the text, and → at its end.
func (f *pathField) update(msg tea.Msg) (bool, error) {
	if k, ok := msg.(tea.KeyPressMsg); ok && key.Matches(k, dkeys.Right) && f.box.col == len(f.box.text()) {
		f.complete()
		return true, nil
	}
	return f.box.update(msg)
}

// complete extends the text to what all candidates share, or to the first one.
func (f *pathField) complete() {
	found := f.candidates()
	if len(found) == 0 {
		return
	}
	dir, begun := f.split()
	name := commonPrefix(found)
	if len(name) <= len(begun) {
		name = found[0]
	}
	f.set(dir + name)
}

// pathField appends the field and, while it has the focus, what would complete it.
func (p *page) pathField(name string, f *pathField, focused bool) {
	p.field(name, f.box, focused)
	if !focused {
		return
	}
	from := p.from
	text := ""
	if found := f.candidates(); len(found) > 0 {
		text = "→ "
		for i, n := range found {
			if i == 12 || safetext.Width(text) > p.width {
				break
			}
			text += safetext.Clean(n) + "  "
		}
	}
	by := min(labelWidth, p.width/2)
	p.add(span{p.st.dim, strings.Repeat(" ", by)}, span{p.st.dim, strings.TrimRight(text, " ")})
	p.focusFrom(from)
}

// maxFileNames is how many names of a directory are read to complete one.
const maxFileNames = 10_000

// fileNames lists a directory, folders with a / at their end.
func fileNames(_ context.Context, dir string) ([]string, error) {
	d, err := os.Open(expandHome(cmp.Or(dir, ".")))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(maxFileNames)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	return names, nil
}

// expandHome replaces a ~ at the start of a path by the home folder.
func expandHome(path string) string {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, path[1:]) + slashEnd(path)
}

func slashEnd(path string) string {
	if len(path) > 2 && strings.HasSuffix(path, "/") {
		return "/"
	}
	return ""
}

// fileReason is why a file could not be opened or written, without the operation.
func fileReason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return safetext.CleanLine(err.Error())
}
