package tui

import (
	"image"

	tea "charm.land/bubbletea/v2"
)

// wheelRows is how far one notch of the wheel goes.
const wheelRows = 3

// mouse uses the rectangles of the layout: a click selects, a click on the
// selected znode opens or closes it, the wheel scrolls what is under it.
func (m *model) mouse(msg tea.MouseMsg) tea.Cmd {
	if m.dialogs.top() != nil {
		return m.dialogs.update(msg)
	}
	at := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	if m.onCard(at) {
		return nil
	}
	if top := m.screens.top(); top != nil {
		if !at.In(m.lay.body) {
			return nil
		}
		return top.update(moved(msg, m.lay.body.Min))
	}
	inTree, inDetail := at.In(m.lay.tree), m.lay.detailShown && at.In(m.lay.detail)
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		if inTree {
			m.tree.scroll(by)
		}
		if inDetail {
			m.detail.scroll(by)
		}
	case tea.MouseClickMsg:
		if msg.Button != tea.MouseLeft {
			return nil
		}
		if inDetail {
			if m.focus != focusDetail {
				m.switchFocus()
			}
			return m.detail.click(at.Sub(m.lay.detail.Min), m)
		}
		if inTree {
			if m.focus != focusTree {
				m.switchFocus()
			}
			row := m.tree.top + at.Y - m.lay.tree.Min.Y
			if row == m.tree.selRow {
				return m.toggle()
			}
			if row < m.tree.len() {
				m.tree.selectRow(row)
			}
		}
	}
	return nil
}

// moved is a mouse message with coordinates from an origin.
func moved(msg tea.MouseMsg, origin image.Point) tea.Msg {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		msg.X, msg.Y = msg.X-origin.X, msg.Y-origin.Y
		return msg
	case tea.MouseWheelMsg:
		msg.X, msg.Y = msg.X-origin.X, msg.Y-origin.Y
		return msg
	default:
		return nil
	}
}
