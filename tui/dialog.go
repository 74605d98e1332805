package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// dialog is one layer above the panes. The topmost gets every key, so its keys
// never act on what lies below.
type dialog interface {
	// title stands in the upper edge.
	title() string
	// danger draws the dialog in the colour of what can hurt.
	danger() bool
	// update takes keys, pastes and the messages addressed to this dialog (see
	// dialogMsg). It does no I/O: that is in the command. With done the dialog is
	// closed.
	update(msg tea.Msg) (cmd tea.Cmd, done bool)
	// prefer returns the inner size it would like, at most maxW x maxH.
	prefer(maxW, maxH int) (w, h int)
	// render draws the inside as height lines of exactly width cells, and the
	// text cursor in inner coordinates, nil for none.
	render(st *styles, width, height int) (lines []string, cursor *tea.Cursor)
	// keys are what the footer shows while the dialog is on top.
	keys() []key.Binding
	// quitText asks about what would be lost if the program ended now; empty when
	// nothing would.
	unsaved() string
}

// dialogMsg is a message for the dialog with this id, however deep it lies in
// the stack; it is dropped when that dialog is gone.
type dialogMsg struct {
	id  int
	msg tea.Msg
}

// layer is a dialog in the stack with the id that its messages carry.
type layer struct {
	id int
	dialog
}

// dialogs is the overlay stack.
type dialogs struct {
	stack  []layer
	lastID int
}

// nextID returns the id that the next pushed dialog will have; a dialog needs
// it to address the messages of its own commands.
func (ds *dialogs) nextID() int { return ds.lastID + 1 }

func (ds *dialogs) push(d dialog) {
	ds.lastID++
	ds.stack = append(ds.stack, layer{ds.lastID, d})
}

func (ds *dialogs) top() dialog {
	if len(ds.stack) == 0 {
		return nil
	}
	return ds.stack[len(ds.stack)-1].dialog
}

// update hands msg to the topmost dialog, or an addressed one to its addressee.
func (ds *dialogs) update(msg tea.Msg) tea.Cmd {
	i := len(ds.stack) - 1
	if addressed, ok := msg.(dialogMsg); ok {
		for i = len(ds.stack) - 1; i >= 0 && ds.stack[i].id != addressed.id; i-- {
		}
		msg = addressed.msg
	}
	if i < 0 {
		return nil
	}
	cmd, done := ds.stack[i].update(msg)
	if done {
		ds.stack = append(ds.stack[:i], ds.stack[i+1:]...)
	}
	return cmd
}

// draw lays the stack over the rows of the screen and returns the cursor of the
// topmost dialog in screen coordinates.
func (ds *dialogs) draw(st *styles, rows []string, width int) *tea.Cursor {
	var cursor *tea.Cursor
	for _, d := range ds.stack {
		maxW, maxH := width-4, len(rows)-4
		w, h := d.prefer(maxW, maxH)
		w, h = min(max(w, 20), maxW), min(max(h, 1), maxH)
		lines, cur := d.render(st, w-2, h)
		x, y := (width-w-2)/2, (len(rows)-h-2)/2
		overlay(rows, st.box(d.title(), lines, w, d.danger()), x, y)
		if cursor = cur; cur != nil {
			cursor.X += x + 2
			cursor.Y += y + 1
		}
	}
	return cursor
}

// box frames lines, each width-2 cells, with a thin edge that carries the title.
func (st *styles) box(title string, lines []string, width int, danger bool) []string {
	edge := st.accent
	if danger {
		edge = st.danger
	}
	title = safetext.Truncate(title, width-4)
	top := edge.on + st.corners[0] + st.rule + " " + title + " " +
		strings.Repeat(st.rule, max(width-3-safetext.Width(title), 0)) + st.corners[1] + off
	out := make([]string, 0, len(lines)+2)
	out = append(out, top)
	side := edge.on + st.divider + off
	for _, l := range lines {
		out = append(out, side+" "+l+off+" "+side)
	}
	return append(out, edge.on+st.corners[2]+strings.Repeat(st.rule, width)+st.corners[3]+off)
}
