package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// callTime bounds one answer to a key; a person who waits longer has moved on.
const callTime = 10 * time.Second

// call runs ask with a context that ends with the program or after callTime.
func (m *model) call(ask func(ctx context.Context) tea.Msg) tea.Cmd {
	parent := m.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, callTime)
		defer cancel()
		return ask(ctx)
	}
}

// globalKey does what a key does in every pane.
func (m *model) globalKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := &m.keys
	switch {
	case key.Matches(msg, k.Quit):
		return m.quit(), true
	case key.Matches(msg, k.Help):
		m.dialogs.push(newHelpDialog(m.keys, ""))
	case key.Matches(msg, k.Ops):
		m.openOps()
	case key.Matches(msg, k.Focus):
		m.switchFocus()
	case key.Matches(msg, k.Zoom):
		m.zoom = !m.zoom
		m.relayout()
	case key.Matches(msg, k.Command):
		m.mode = modeCommand
		m.command.open("")
	case key.Matches(msg, k.Filter):
		m.mode = modeFilter
		m.filter.open()
	case key.Matches(msg, k.Back):
		return m.back(), true
	case key.Matches(msg, k.PrevTab):
		return m.switchTab(-1), true
	case key.Matches(msg, k.NextTab):
		return m.switchTab(1), true
	case key.Matches(msg, k.Refresh):
		return m.refresh(), true
	case key.Matches(msg, k.Load):
		m.load(m.tree.sel)
	case key.Matches(msg, k.CopyPath):
		return m.copyText("path", m.tree.sel), true
	case key.Matches(msg, k.CopyValue):
		return m.copyValue(), true
	case key.Matches(msg, k.Create):
		m.create()
	case key.Matches(msg, k.Edit):
		return m.edit(false), true
	case key.Matches(msg, k.EditExternal):
		return m.edit(true), true
	default:
		if cmd, ok := m.transferKey(msg); ok {
			return cmd, true
		}
		cmd := m.openScreen(msg)
		return cmd, cmd != nil
	}
	return nil, true
}

// treeKey does what a key does in the tree.
func (m *model) treeKey(msg tea.KeyPressMsg) tea.Cmd {
	k, p := &m.keys, &m.tree
	page := max(p.height, 1)
	was := p.sel
	defer func() {
		if p.sel != was {
			m.pending = "" // whoever moves is not carried off by a row that is still to come
		}
	}()
	switch {
	case key.Matches(msg, k.Up):
		p.move(-1)
	case key.Matches(msg, k.Down):
		p.move(1)
	case key.Matches(msg, k.Top):
		p.selectRow(0)
	case key.Matches(msg, k.Bottom):
		p.selectRow(p.len() - 1)
	case key.Matches(msg, k.HalfUp):
		p.scroll(-page / 2)
	case key.Matches(msg, k.HalfDown):
		p.scroll(page / 2)
	case key.Matches(msg, k.PageUp):
		p.scroll(-page)
	case key.Matches(msg, k.PageDown):
		p.scroll(page)
	case key.Matches(msg, k.Open):
		return m.expand()
	case key.Matches(msg, k.Close):
		m.collapse()
	case key.Matches(msg, k.Toggle):
		return m.toggle()
	case key.Matches(msg, k.Mark):
		p.tree.ToggleMark(p.sel)
		p.move(1)
	case key.Matches(msg, k.Sort):
		return m.sortBy(nextOrder(m.order))
	case key.Matches(msg, k.LastPlace):
		if m.lastPlace != "" {
			return m.jump(m.lastPlace)
		}
	case key.Matches(msg, k.Delete):
		return m.delete()
	}
	return nil
}

// selected is the row of the selected znode.
func (m *model) selected() (zkview.Row, bool) {
	row, ok := m.tree.find(m.tree.sel)
	if !ok {
		return zkview.Row{}, false
	}
	return m.tree.at(row), true
}

// expand opens the selected znode; when it is open already, goes to its first
// child.
func (m *model) expand() tea.Cmd {
	r, ok := m.selected()
	switch {
	case !ok:
	case errors.Is(r.ChildErr, zkview.ErrHeld):
		m.load(r.Path)
	case r.Expanded:
		if next := m.tree.selRow + 1; next < m.tree.len() && m.tree.at(next).Depth > r.Depth {
			m.tree.move(1)
		}
	case r.Expandable || !r.HasStat: // a key that comes before the Stat counts too
		m.tree.tree.Expand(r.Path)
	default:
		m.said.dismiss()
	}
	return nil
}

// collapse closes the selected znode; when it is closed already, goes to its
// parent.
func (m *model) collapse() {
	r, ok := m.selected()
	switch {
	case !ok:
	case r.Expanded && r.Path != "/":
		m.tree.tree.Collapse(r.Path)
		m.feed.Cancel(r.Path)
	case r.Path != "/":
		m.tree.selectPath(parentOf(r.Path))
	}
}

// toggle is Enter: what is held back loads, a parent opens or closes, a leaf
// leads to its detail.
func (m *model) toggle() tea.Cmd {
	r, ok := m.selected()
	switch {
	case !ok:
	case errors.Is(r.ChildErr, zkview.ErrHeld):
		m.load(r.Path)
	case r.Expanded:
		m.collapse()
	case r.Expandable || !r.HasStat:
		return m.expand()
	default:
		m.switchFocus()
	}
	return nil
}

// load asks for a listing or a value that was held back for its size.
func (m *model) load(path string) {
	if r, ok := m.selected(); ok && r.Path == path && errors.Is(r.ChildErr, zkview.ErrHeld) {
		// Closed and opened, the row says that it waits until something comes.
		m.tree.tree.Collapse(path)
		m.tree.tree.Expand(path)
		m.feed.Open(path, zkview.OpenListing)
		return
	}
	if m.detail.held() {
		m.feed.Open(path, zkview.OpenValue)
		m.detail.val.loading = true
		return
	}
	m.say(levelInfo, "Nothing is held back here: all of it is shown")
}

// refresh reads what is on screen again, whatever watches said.
func (m *model) refresh() tea.Cmd {
	rows := m.tree.rows(m.tree.height)
	paths := make([]string, 0, len(rows))
	for _, r := range rows {
		paths = append(paths, r.Path)
	}
	m.feed.Refresh(paths...)
	m.say(levelInfo, fmt.Sprintf("Reading %d visible znodes again", len(paths)))
	return m.readACL()
}

// switchFocus goes to the other pane, which may only then get room.
func (m *model) switchFocus() {
	if m.focus == focusTree {
		m.focus = focusDetail
	} else {
		m.focus = focusTree
	}
	m.relayout()
}

// back is Esc: it takes away one thing at a time.
func (m *model) back() tea.Cmd {
	switch {
	case m.detail.tab == tabHistory && m.detail.hist.diffing():
		m.detail.hist.diff = nil
	case m.filter.text() != "":
		m.filter.clear()
		return m.applyFilter()
	case m.zoom:
		m.zoom = false
		m.relayout()
	case m.focus == focusDetail:
		m.switchFocus()
	case m.screens.ledFrom(m.tree.sel) != 0:
		m.screens.front = m.screens.ledFrom(m.tree.sel)
	default:
		m.said.dismiss()
		m.feed.Cancel(m.tree.sel)
	}
	return nil
}

// nextOrder is the order after o: name, ctime, mtime, children, size, each as
// people expect it first.
func nextOrder(o zkview.Order) zkview.Order {
	by := o.By + 1
	if by > zkview.BySize {
		by = zkview.ByName
	}
	return zkview.Order{By: by, Desc: by != zkview.ByName}
}

// sortBy changes the order of siblings everywhere.
func (m *model) sortBy(o zkview.Order) tea.Cmd {
	m.order = o
	m.tree.tree.SetOrder(o)
	m.tree.settle()
	way := "ascending"
	if o.Desc {
		way = "descending"
	}
	m.say(levelInfo, "Sorted by "+o.By.String()+", "+way)
	clear(m.unsorted)
	return tea.Batch(m.jobs(), m.sortStats())
}
