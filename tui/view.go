package tui

import (
	"errors"
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// View draws the whole screen from what is visible; its cost depends on the
// size of the screen alone.
func (m *model) View() tea.View {
	defer logPanic(m.opts.Logger)
	v := tea.NewView("")
	v.AltScreen = true
	v.WindowTitle = "zkdeck " + safetext.Clean(m.opts.Title)
	if m.opts.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if !m.ready {
		return v
	}
	if m.lay.tooSmall {
		v.SetContent(tooSmallText(m.width, m.height))
		return v
	}
	rows := make([]string, 0, m.height)
	now := m.now()
	rows = append(rows,
		m.header.render(m.st, m.width, now),
		m.tabsLine(),
		m.st.hrule(m.width, m.crossAt(), m.st.teeDown))
	body, inBody := m.body()
	rows = append(rows, body...)
	if m.lay.pane.Empty() || m.screens.top() != nil {
		rows = append(rows, m.st.hrule(m.width, m.crossAt(), m.st.teeUp))
	} else {
		rows = append(rows, m.st.hrule(m.width, 0, ""))
	}
	line, cursor := m.messageLine()
	rows = append(rows, line, m.footer())
	m.drawTour(rows)
	below := 0 // rows that no dialog covers
	if line := m.leases.alarm(m.st, m.width, m.keys.Leases.Help().Key, now); line != "" {
		rows[m.lay.topRule.Min.Y] = line
		below = m.lay.topRule.Max.Y
	}
	if m.dialogs.top() != nil {
		if cursor = m.dialogs.draw(m.st, rows[below:], m.width); cursor != nil {
			cursor.Y += below
		}
	} else if cursor != nil {
		cursor.Y += m.lay.message.Min.Y
	} else if inBody != nil {
		cursor = inBody
		cursor.Y += m.lay.body.Min.Y
	}
	content := strings.Join(rows, "\n")
	if m.opts.ASCII {
		content = asciiFold(content)
	}
	v.SetContent(content)
	v.Cursor = cursor
	return v
}

// tooSmallText is all that a screen shows on which nothing else has room.
func tooSmallText(width, height int) string {
	return safetext.Truncate(fmt.Sprintf("zkdeck needs %dx%d, this is %dx%d", minWidth, minHeight, width, height), width)
}

// crossAt is the column where the divider meets the rules, 0 for none.
func (m *model) crossAt() int {
	if m.lay.stacked || m.screens.top() != nil {
		return 0
	}
	return m.lay.divider.Min.X
}

// tabsLine is line 2: the screens that are usable, and where we are.
func (m *model) tabsLine() string {
	left := m.screenNames()
	if top := m.screens.top(); top != nil {
		if m.header.old() {
			left = append(left, span{m.st.warn, "   as of " + clock(m.header.status.Since)})
		}
		room := m.width - spansWidth(left) - 3
		return m.st.line(m.width, false, left, []span{{m.st.text, safetext.TruncateLeft(top.place(), max(room, 8)) + " "}})
	}
	if n := m.tree.tree.MarkedLen(); n > 0 {
		left = append(left, span{m.st.accent, fmt.Sprintf("   %s %s marked", m.st.marked, comma(n))})
	}
	if m.order.By != zkview.ByName || m.order.Desc {
		way := "↑"
		if m.order.Desc {
			way = "↓"
		}
		left = append(left, span{m.st.dim, "   by " + m.order.By.String() + " " + way})
	}
	if f := m.filter.text(); f != "" && m.mode != modeFilter {
		left = append(left, span{m.st.warn, "   filter " + safetext.CleanLine(f)}, span{m.st.dim, " " + m.found()})
	}
	if m.header.old() {
		left = append(left, span{m.st.warn, "   as of " + clock(m.header.status.Since)})
	}
	room := m.width - spansWidth(left) - 3
	right := []span{{m.st.text, safetext.TruncateLeft(safetext.Clean(m.tree.sel), max(room, 8)) + " "}}
	return m.st.line(m.width, false, left, right)
}

// found says how many rows the filter leaves.
func (m *model) found() string {
	n := m.tree.tree.Len()
	return comma(n) + " " + word(n, "row", "rows")
}

// body draws the screen in front, or the panes of the tree, and returns the text
// cursor in it, nil for none.
func (m *model) body() ([]string, *tea.Cursor) {
	st := m.st
	if m.header.old() {
		st = m.dimmed
	}
	if top := m.screens.top(); top != nil {
		return top.render(st, m.lay.body.Dx(), m.lay.body.Dy(), m.now())
	}
	rows := m.panes(st)
	if !m.lay.pane.Empty() {
		rows = append(rows, m.st.hrule(m.width, m.crossAt(), m.st.teeUp))
		rows = append(rows, m.activityPane(st)...)
	}
	return rows, nil
}

// panes draws tree and detail into their rectangles.
func (m *model) panes(st *styles) []string {
	tree := func(r image.Rectangle) []string {
		return m.tree.render(st, r.Dx(), r.Dy(), m.focus == focusTree && m.mode == modeKeys, m.now())
	}
	detail := func(r image.Rectangle) []string {
		return m.detail.render(st, r.Dx(), r.Dy(), m.focus == focusDetail, m.header.status.SessionID, m.now())
	}
	l := m.lay
	switch {
	case !l.detailShown:
		return tree(l.tree)
	case l.tree.Empty():
		return detail(l.detail)
	case l.stacked:
		rows := append(tree(l.tree), m.st.hrule(m.width, 0, ""))
		return append(rows, detail(l.detail)...)
	}
	left, right := tree(l.tree), detail(l.detail)
	divider := m.st.dim.on + m.st.divider + off
	for i := range left {
		left[i] += divider + right[i]
	}
	return left
}

// messageLine is what is being typed, the newest message, or, while there is no
// connection, why.
func (m *model) messageLine() (string, *tea.Cursor) {
	switch m.mode {
	case modeFilter:
		return m.filter.render(m.st, m.width, m.found())
	case modeCommand:
		return m.command.render(m.st, m.width)
	}
	if msg, ok := m.said.current(m.now()); ok {
		return m.st.line(m.width, false, []span{{msg.level.ink(m.st), " " + msg.text}}, nil), nil
	}
	if why := m.header.why(); why != "" {
		left := []span{{m.st.warn, " " + safetext.CleanLine(why)}}
		way := []span{{m.st.accent, "  :connect"}, {m.st.dim, " opens another "}}
		if m.opts.Begin == nil || m.header.old() || spansWidth(left)+spansWidth(way) > m.width {
			way = nil // it is the way out of waiting for what has never answered
		}
		return m.st.line(m.width, false, left, way), nil
	}
	if line, ok := m.tourLine(); ok {
		return line, nil
	}
	return strings.Repeat(" ", m.width), nil
}

// footer names the keys that matter now.
func (m *model) footer() string {
	k := &m.keys
	if d := m.dialogs.top(); d != nil {
		return footerLine(m.st, m.width, keyHints(d.keys()), m.tray())
	}
	switch m.mode {
	case modeFilter:
		return footerLine(m.st, m.width, []hint{{k.Accept, "keep"}, {k.Back, "clear"}}, m.tray())
	case modeCommand:
		return footerLine(m.st, m.width, []hint{{k.Accept, "go"}, {k.Complete, "complete"}, {k.HistoryBack, "earlier"}, {k.Back, "close"}}, m.tray())
	}
	if top := m.screens.top(); top != nil {
		return m.pointFooter(m.screenHints(top))
	}
	if m.focus == focusDetail {
		return m.pointFooter(append(m.detail.hints(k), hint{k.Focus, "tree"}, hint{k.Help, "help"}))
	}
	return m.pointFooter(m.treeHints())
}

// tray is what the footer says of our leases at its right end.
func (m *model) tray() []span { return m.leases.tray(m.st, m.width*2/5) }

// treeHints are the keys that do something with the selected znode.
func (m *model) treeHints() []hint {
	k := &m.keys
	var hints []hint
	if r, ok := m.selected(); ok {
		switch {
		case errors.Is(r.ChildErr, zkview.ErrHeld):
			hints = append(hints, hint{k.Load, "load"})
		case r.Expanded:
			hints = append(hints, hint{k.Close, "collapse"})
		case r.Expandable:
			hints = append(hints, hint{k.Open, "expand"})
		}
	}
	if m.detail.held() {
		hints = append(hints, hint{k.Load, "load value"})
	}
	if m.screens.ledFrom(m.tree.sel) != 0 {
		word, _, _ := strings.Cut(m.screens.titleOf(m.screens.ledBy), " ")
		hints = append(hints, hint{k.Back, "back to " + strings.ToLower(word)})
	}
	hints = append(hints, hint{k.Filter, "filter"}, hint{k.Find, "find"}, hint{k.Command, "go to"}, hint{k.Create, "create"}, hint{k.Edit, "edit"}, hint{k.Delete, "delete"})
	if m.lay.detailShown {
		hints = append(hints, hint{k.Focus, "detail"})
	} else {
		hints = append(hints, hint{k.Focus, "show detail"})
	}
	return append(hints, hint{k.Help, "help"})
}

// wholeScreen draws all anew, on all of the screen. A frame that was on its way when
// the terminal was resized may have left it with a scroll region of the old height: all
// that is drawn by moving down would then scroll at a line in the middle. The position of
// the cursor, which setting the region moves, is put back.
var wholeScreen = tea.Sequence(tea.Raw(ansi.SaveCursor+ansi.SetTopBottomMargins(0, 0)+ansi.RestoreCursor), tea.ClearScreen)
