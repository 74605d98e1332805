package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// pickList is which of n rows is selected, and which are in view. Rows may come
// and go: who fills it says where the selected one went.
type pickList struct {
	n, at, top, height int
	// held tells that a person has moved off the first row: now the selection stays on
	// what it selects. Until then it is on the first row, whatever that is.
	held bool
}

// key takes the keys that move.
func (l *pickList) key(k *KeyMap, msg tea.KeyPressMsg) bool {
	page := max(l.height, 1)
	switch {
	case key.Matches(msg, k.Up):
		l.sel(l.at - 1)
	case key.Matches(msg, k.Down):
		l.sel(l.at + 1)
	case key.Matches(msg, k.Top):
		l.sel(0)
	case key.Matches(msg, k.Bottom):
		l.sel(l.n - 1)
	case key.Matches(msg, k.HalfUp):
		l.scroll(-page / 2)
	case key.Matches(msg, k.HalfDown):
		l.scroll(page / 2)
	case key.Matches(msg, k.PageUp):
		l.scroll(-page)
	case key.Matches(msg, k.PageDown):
		l.scroll(page)
	default:
		return false
	}
	return true
}

// sel selects a row, the nearest one that exists.
func (l *pickList) sel(at int) {
	l.at = max(min(at, l.n-1), 0)
	l.held = l.at > 0
	l.show()
}

// scroll moves the view and the selection with it.
func (l *pickList) scroll(by int) {
	l.top += by
	l.sel(l.at + by)
}

// moved takes the new number of rows and the selected one's new place, and keeps it
// on its line.
func (l *pickList) moved(n, at int) {
	line := l.at - l.top
	l.n, l.at = n, max(min(at, n-1), 0)
	l.top = l.at - line
	l.show()
}

// resize takes a new height and keeps the selection in view.
func (l *pickList) resize(height int) {
	l.height = height
	l.show()
}

// show brings the selection into view and leaves no blank below the last row.
func (l *pickList) show() {
	h := max(l.height, 1)
	l.top = max(min(l.top, l.n-h), 0)
	l.top = min(max(l.top, l.at-h+1), l.at)
}
