package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// filterLine is the line that `/` opens. What is typed filters at once and stays
// after Enter; Esc clears it.
type filterLine struct {
	input textinput.Model
}

func newFilterLine() filterLine {
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	return filterLine{input: in}
}

func (f *filterLine) open() {
	f.input.CursorEnd()
	f.input.Focus()
}

func (f *filterLine) clear() { f.input.SetValue("") }

func (f *filterLine) text() string { return f.input.Value() }

// render draws the line while it is typed.
func (f *filterLine) render(st *styles, width int, found string) (string, *tea.Cursor) {
	shown := safetext.CleanLine(f.text())
	pos := safetext.Width(safetext.CleanLine(string([]rune(f.text())[:f.input.Position()])))
	if room := width - 30; pos > room {
		shown = safetext.TruncateLeft(shown, room)
		pos = safetext.Width(shown)
	}
	row := st.line(width, false,
		[]span{{st.accent, " /"}, {st.text, shown}},
		[]span{{st.dim, found + " "}})
	return row, tea.NewCursor(2+pos, 0)
}

// filterKey takes a key while the filter is typed.
func (m *model) filterKey(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.Accept):
		m.mode = modeKeys
		return nil
	case key.Matches(msg, m.keys.Back):
		m.mode = modeKeys
		m.filter.clear()
		return m.applyFilter()
	}
	return m.filterInput(msg)
}

func (m *model) filterPaste(msg tea.PasteMsg) tea.Cmd { return m.filterInput(msg) }

func (m *model) filterInput(msg tea.Msg) tea.Cmd {
	was := m.filter.text()
	var cmd tea.Cmd
	m.filter.input, cmd = m.filter.input.Update(msg)
	if m.filter.text() == was {
		return cmd
	}
	return tea.Batch(cmd, m.applyFilter())
}

// applyFilter hands the filter to the tree; what is too long to filter at once
// is filtered aside.
func (m *model) applyFilter() tea.Cmd {
	m.tree.tree.SetFilter(zkview.ParseFilter(m.filter.text()))
	m.tree.settle()
	return m.jobs()
}
