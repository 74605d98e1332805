package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// compareDialog asks with what a subtree is compared.
type compareDialog struct {
	id    int
	ctx   context.Context
	left  compareSide
	kind  choice // a znode or a file
	path  *pathField
	file  *pathField
	focus int
	row   buttons
	note  string
	open  func(left, right compareSide) tea.Cmd
}

var _ dialog = (*compareDialog)(nil)

// The fields, in the order of tab.
const (
	compareWhat = iota
	compareKind
	compareButtons
	compareFields
)

// newCompareDialog asks for the other side of left; open begins to compare.
func newCompareDialog(ctx context.Context, id int, c cluster, left string, open func(left, right compareSide) tea.Cmd) *compareDialog {
	return &compareDialog{
		id: id, ctx: ctx, left: compareSide{path: left}, open: open,
		kind: choice{options: []string{"znode", "file"}}, path: newZnodeField(c, parentOf(left)), file: newFileField(""),
		row: buttons{labels: []string{"Cancel", "Compare"}, at: 1, danger: -1},
	}
}

func (d *compareDialog) title() string   { return "Compare " + d.left.label() }
func (d *compareDialog) danger() bool    { return false }
func (d *compareDialog) unsaved() string { return "" }

func (d *compareDialog) field() *pathField {
	if d.kind.at == 1 {
		return d.file
	}
	return d.path
}

func (d *compareDialog) wrap(msg tea.Msg) tea.Msg { return dialogMsg{d.id, msg} }

func (d *compareDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case namesMsg:
		msg.field.came(msg)
	case tea.PasteMsg:
		d.edit(msg)
	case tea.KeyPressMsg:
		cmd, done := d.key(msg)
		if done || cmd != nil {
			return cmd, done
		}
	default:
		return nil, false
	}
	return d.field().ask(d.ctx, d.wrap), false
}

func (d *compareDialog) edit(msg tea.Msg) {
	if d.focus != compareWhat {
		return
	}
	d.note = ""
	if _, err := d.field().update(msg); err != nil {
		d.note = err.Error()
	}
}

func (d *compareDialog) key(k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch {
	case key.Matches(k, dkeys.Cancel):
		return nil, true
	case key.Matches(k, dkeys.Next), key.Matches(k, dkeys.Down):
		d.focus = (d.focus + 1) % compareFields
	case key.Matches(k, dkeys.Prev), key.Matches(k, dkeys.Up):
		d.focus = (d.focus + compareFields - 1) % compareFields
	case key.Matches(k, dkeys.Accept):
		if d.focus == compareButtons && d.row.at == 0 {
			return nil, true
		}
		return d.submit()
	case d.focus == compareKind:
		d.kind.update(k)
	case d.focus == compareButtons:
		d.row.update(k)
	default:
		d.edit(k)
	}
	return nil, false
}

// submit checks what was typed and begins.
func (d *compareDialog) submit() (tea.Cmd, bool) {
	text := d.field().text()
	right := compareSide{path: text}
	switch {
	case text == "":
		d.note = "Type with what to compare first."
	case d.kind.at == 1:
		right = compareSide{file: filepath.Clean(expandHome(text))}
	default:
		if len(text) > 1 {
			right.path = strings.TrimRight(text, "/")
		}
		if err := zkview.CheckPath(right.path); err != nil {
			d.note = "The path will not do: " + reason(err) + "."
		} else if right == d.left {
			d.note = "Type another path: this is the one to compare with."
		}
	}
	if d.note != "" {
		d.focus = compareWhat
		return nil, false
	}
	return d.open(d.left, right), true
}

func (d *compareDialog) prefer(maxW, maxH int) (w, h int) { return min(maxW, 76), min(maxH, 8) }

func (d *compareDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := page{st: st, width: width}
	p.add(p.label("left", false), span{st.text, safetext.TruncateMiddle(d.left.label(), max(width-labelWidth, 8))})
	p.pathField("right", d.field(), d.focus == compareWhat)
	p.choice("which is", &d.kind, d.focus == compareKind)
	if d.focus == compareButtons {
		p.from, p.to = len(p.lines), len(p.lines)
	}
	return p.fitNote(height, d.note, levelBad, d.row.spans(st, width, d.focus == compareButtons))
}

func (d *compareDialog) keys() []key.Binding {
	k := []key.Binding{named(dkeys.Next, "next field"), named(dkeys.Accept, "compare"), dkeys.Cancel}
	switch d.focus {
	case compareWhat:
		k = append(k, named(dkeys.Right, "complete"))
	case compareKind:
		k = append(k, named(dkeys.Right, "a znode or a file"))
	}
	return k
}

// compareTitle is the word of the screen.
const compareTitle = "Compare"

// compareWith compares two marked znodes with each other, or the selected one with
// what is typed; without anything, it asks.
func (m *model) compareWith(what string) tea.Cmd {
	left := m.here()
	if marked := m.tree.tree.Marked(); what == "" && len(marked) == 2 {
		return m.openCompare(compareSide{path: marked[0]}, compareSide{path: marked[1]})
	}
	if what == "" {
		d := newCompareDialog(m.ctx, m.dialogs.nextID(), m.sess, left, func(left, right compareSide) tea.Cmd {
			return tell(compareMsg{left, right})
		})
		m.dialogs.push(d)
		return d.field().ask(d.ctx, d.wrap)
	}
	// A path begins with / and so may a file: the znode is asked for first.
	sess, file := m.sess, filepath.Clean(expandHome(what))
	path := what
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	return m.call(func(ctx context.Context) tea.Msg {
		err := zkview.ErrNoNode
		if zkview.CheckPath(path) == nil {
			_, err = sess.Stat(ctx, path)
		}
		switch _, fileErr := os.Stat(file); {
		case err == nil && path == left:
			return flashMsg{levelWarn, path + " is the znode to compare with; type another one"}
		case err == nil:
			return compareMsg{compareSide{path: left}, compareSide{path: path}}
		case fileErr == nil:
			return compareMsg{compareSide{path: left}, compareSide{file: file}}
		case !errors.Is(err, zkview.ErrNoNode):
			return flashMsg{levelBad, err.Error()}
		}
		return flashMsg{levelWarn, fmt.Sprintf("There is neither a znode nor a file %s to compare with", what)}
	})
}

// openCompare shows the screen with a new comparison.
func (m *model) openCompare(left, right compareSide) tea.Cmd {
	for _, o := range m.screens.open {
		if o.title() == compareTitle { // the last one makes room
			m.screens.front = o.id
			m.screens.leave(true)
			break
		}
	}
	return m.screens.show(compareTitle, m.keys.Comparison.Help().Key, func(id int) (scene, tea.Cmd) {
		return newCompareScene(m.ctx, id, m.sess, &m.keys, left, right)
	})
}

// backToCompare brings the last comparison to the front.
func (m *model) backToCompare() {
	for _, o := range m.screens.open {
		if o.title() == compareTitle {
			m.screens.front = o.id
			return
		}
	}
	m.say(levelInfo, "Nothing is being compared; "+m.keys.Compare.Help().Key+" compares the selected subtree")
}
