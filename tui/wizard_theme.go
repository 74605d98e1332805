package tui

import (
	"image/color"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// wizardTheme gives huh's fields the inks of ours: no frame, no help, no colour that
// the rest of the screen has not.
type wizardTheme struct {
	of     *styles
	styles *huh.Styles
}

var _ huh.Theme = (*wizardTheme)(nil)

// Theme returns the styles that use made; whether the terminal is dark stands in
// our palette already.
func (t *wizardTheme) Theme(bool) *huh.Styles { return t.styles }

// use follows the theme of the screen.
func (t *wizardTheme) use(st *styles) {
	if t.of == st {
		return
	}
	t.of = st
	in := func(c color.Color) lipgloss.Style {
		if c == nil {
			return lipgloss.NewStyle()
		}
		return lipgloss.NewStyle().Foreground(c)
	}
	p := st.palette
	var f huh.FieldStyles
	// Titles, help and errors are drawn by the page, with no style a Select takes an
	// empty title for a line.
	f.SelectSelector = in(p.accent).SetString(st.bar + " ")
	f.SelectedOption = in(p.accent).Bold(true)
	f.Option, f.UnselectedOption = in(p.text), in(p.text)
	f.TextInput = huh.TextInputStyles{Text: in(p.text), Prompt: in(p.accent), Placeholder: in(p.dim)}
	t.styles = &huh.Styles{Focused: f, Blurred: f}
}

// realCursor turns the cursor that a field of huh paints, the only thing there that is
// reversed, into the terminal's own, as everywhere in the program.
func realCursor(lines []string) *tea.Cursor {
	const on = "\x1b[7m"
	for y, l := range lines {
		if i := strings.Index(l, on); i >= 0 {
			lines[y] = l[:i] + l[i+len(on):]
			return tea.NewCursor(ansi.StringWidth(l[:i]), y)
		}
	}
	return nil
}
