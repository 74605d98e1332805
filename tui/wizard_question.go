package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
)

// maxAnswer is the longest answer in bytes; a path may have 4096.
const maxAnswer = 4096

// linesShown is how high the field is for an answer of several lines.
const linesShown = 5

// wizardQuestion is a question on the screen: a form of huh with one field. Its value
// stands where the caller said, whether it was accepted or not.
type wizardQuestion struct {
	form    *huh.Form
	pick    *huh.Select[string]  // nil where text is typed
	options []huh.Option[string] // of pick
	lines   bool                 // several lines are typed
	theme   *wizardTheme
	// replaced tells that nothing was typed yet, and that what is typed takes the place of
	// what stands there.
	replaced bool
	note     string // why the answer is not taken; empty while it is fine
}

// wizardForm wraps a field of huh as a question.
func wizardForm(field huh.Field) *wizardQuestion {
	k := huh.NewDefaultKeyMap()
	k.Quit.SetEnabled(false)
	k.Select.Filter.SetEnabled(false)
	k.Text.Editor.SetEnabled(false) // its key would write a file, whether an editor is wanted or not
	enter := append(dkeys.Accept.Keys(), dkeys.Next.Keys()...)
	k.Select.Submit.SetKeys(enter...)
	k.Input.Submit.SetKeys(enter...)
	k.Text.Submit.SetKeys(enter...)
	q := &wizardQuestion{theme: &wizardTheme{}}
	q.theme.use(newStyles(0, true, false)) // until the first drawing knows better
	q.form = huh.NewForm(huh.NewGroup(field)).WithShowHelp(false).WithShowErrors(false).WithKeyMap(k).WithTheme(q.theme)
	// What a form wants done is to go to its next page, which press does at once, and
	// to let its cursor blink, which nothing does here. So its commands are left.
	q.form.Init()
	return q
}

// typedQuestion asks for a line of text.
func typedQuestion(value *string, check func(string) error) *wizardQuestion {
	return wizardForm(huh.NewInput().Value(value).CharLimit(maxAnswer).Validate(check))
}

// linesQuestion asks for text of several lines.
func linesQuestion(value *string, check func(string) error) *wizardQuestion {
	q := wizardForm(huh.NewText().Value(value).CharLimit(maxAnswer).Lines(linesShown).ShowLineNumbers(false).ExternalEditor(false).Validate(check))
	q.lines = true
	return q
}

// pickQuestion asks for one of several; value is that of the one to begin at.
func pickQuestion(value *string, options []huh.Option[string], check func(string) error) *wizardQuestion {
	pick := huh.NewSelect[string]().Options(options...).Value(value)
	if check != nil {
		pick.Validate(check)
	}
	q := wizardForm(pick)
	q.pick, q.options = pick, options
	return q
}

// typing tells that letters are text.
func (q *wizardQuestion) typing() bool { return q.pick == nil }

// press hands a key to the field; answered tells that the answer was accepted.
func (q *wizardQuestion) press(k tea.KeyPressMsg) (answered bool) {
	if q.typing() && safetext.CleanLine(k.Text) != k.Text {
		q.note = "This character cannot be shown, so it is not taken."
		return false
	}
	q.note = ""
	q.begin(k.Text != "")
	q.form.Update(k)
	if !key.Matches(k, dkeys.Accept, dkeys.Next) {
		return false
	}
	if errs := q.form.Errors(); len(errs) > 0 {
		q.refuse(errs[0])
		return false
	}
	q.form.NextGroup()
	return q.form.State == huh.StateCompleted
}

// begin takes away what stands there before the first text that is typed, if that
// takes its place.
func (q *wizardQuestion) begin(text bool) {
	if q.replaced && text {
		q.form.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	}
	q.replaced = false
}

// refuse says why an answer is not taken.
func (q *wizardQuestion) refuse(why error) { q.note = sentence(upper(safetext.CleanLine(why.Error()))) }

// paste hands a paste to the field, if it is text that can be shown.
func (q *wizardQuestion) paste(text string) {
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\r\n")
	clean := safetext.CleanLine
	if q.lines {
		clean = func(s string) string { return safetext.CleanBlock(s) }
	}
	switch {
	case !q.typing():
	case len(text) > maxAnswer:
		q.note = fmt.Sprintf("The paste is longer than %s bytes; nothing was inserted.", comma(maxAnswer))
	case !q.lines && strings.ContainsAny(text, "\r\n"):
		q.note = "The paste has several lines; nothing was inserted."
	case clean(text) != text:
		q.note = "The paste holds characters that cannot be shown; nothing was inserted."
	default:
		q.note = ""
		q.begin(true)
		q.form.Update(tea.PasteMsg{Content: text})
	}
}

// place says which of how many choices is pointed at; empty where text is typed.
func (q *wizardQuestion) place() string {
	if q.pick == nil {
		return ""
	}
	at, _ := q.pick.Hovered()
	i := slices.IndexFunc(q.options, func(o huh.Option[string]) bool { return o.Value == at })
	return fmt.Sprintf("%d of %d", i+1, len(q.options))
}

// height is how many lines the field likes to have.
func (q *wizardQuestion) height() int {
	switch {
	case q.pick != nil:
		return len(q.options)
	case q.lines:
		return linesShown
	}
	return 1
}

// render draws the field in at most height lines of width cells.
func (q *wizardQuestion) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	q.theme.use(st)
	q.form.WithWidth(width)
	field := q.form.GetFocusedField()
	if q.pick != nil {
		q.pick.Height(0)
		if lipgloss.Height(field.View()) > height {
			q.pick.Height(max(height, 1))
		}
	}
	h := max(min(lipgloss.Height(field.View()), height), 1)
	q.form.WithHeight(h)
	q.form.Update(tea.WindowSizeMsg{Width: width, Height: h}) // it lays its page out anew
	lines := strings.Split(q.form.View(), "\n")
	lines = lines[:min(len(lines), max(height, 0))]
	var cursor *tea.Cursor
	if q.typing() {
		cursor = realCursor(lines)
	}
	for i, l := range lines {
		l = ansi.Truncate(l, width, "") + off
		lines[i] = l + strings.Repeat(" ", max(width-ansi.StringWidth(l), 0))
	}
	if cursor != nil {
		cursor.X = min(cursor.X, max(width-1, 0))
	}
	return lines, cursor
}
