package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// key takes a key press, and tells whether it meant anything here.
func (q *lockQueue) key(msg tea.KeyPressMsg, k *KeyMap) (tea.Cmd, bool) {
	if q.view == nil {
		return nil, false
	}
	switch {
	case q.list.key(k, msg):
	case key.Matches(msg, k.ShowContender):
		return q.open(), true
	case key.Matches(msg, k.CopyPath):
		return q.host.copyText("path", q.here()), true
	case key.Matches(msg, k.Jump):
		return q.host.jump(q.here()), true
	case key.Matches(msg, k.LockSpan):
		q.span = (q.span + 1) % len(lockSpans)
	case key.Matches(msg, k.LockTrouble):
		return q.openTrouble(), true
	case key.Matches(msg, k.LockPast):
		return q.openExport(), true
	case key.Matches(msg, k.Pause):
		q.pause()
	default:
		return lockActKey(msg, k, q.path, q.actedOn())
	}
	return nil, true
}

// actedOn is the znode of the selected contender, or, on a head over some, the lock.
func (q *lockQueue) actedOn() string {
	if s, _ := q.rows.at(q.list.at); s != nil && s.kind == togetherHead {
		return q.path
	}
	return q.here()
}

// mouse takes the wheel and clicks, in coordinates of what render drew.
func (q *lockQueue) mouse(msg tea.MouseMsg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		if q.view != nil {
			q.list.scroll(by)
		}
	case tea.MouseClickMsg:
		y := msg.Y - q.body.first
		row := q.list.top + y
		if msg.Button != tea.MouseLeft || q.view == nil || y < 0 || y >= q.body.rows || msg.X >= q.body.width || row >= q.rows.n {
			return nil
		}
		if row == q.list.at {
			return q.open()
		}
		q.list.sel(row)
	}
	return nil
}

// open shows what is known of the selected contender; of another znode, the tree does.
func (q *lockQueue) open() tea.Cmd {
	c := q.contender()
	if c == nil {
		return q.host.jump(q.here())
	}
	ours := c.Session != 0 && q.ours(c.Session)
	view, now := q.view, q.at(q.drawn)
	_, i := q.rows.at(q.list.at)
	return push(func(int) dialog { return newContenderDialog(view, i, ours, now) })
}

// openTrouble shows all that is wrong with the lock.
func (q *lockQueue) openTrouble() tea.Cmd {
	if len(q.view.Warnings)+len(q.dead) == 0 {
		q.host.say(levelInfo, "Nothing is wrong with it as far as can be seen")
		return nil
	}
	return push(func(int) dialog {
		return &readDialog{head: "Warnings of " + safetext.Clean(q.path), lines: func(st *styles, width int) [][]span {
			return troubleLines(st, q.troubles(), width)
		}}
	})
}

// openExport asks for the file that the timeline goes to.
func (q *lockQueue) openExport() tea.Cmd {
	t, path := q.view.Timeline, q.path
	if t == nil {
		q.host.say(levelInfo, "Nothing was seen of its past yet")
		return nil
	}
	return tell(pushDialogMsg{func(id int) (dialog, tea.Cmd) {
		d := newPastDialog(id, path, t)
		return d, d.complete()
	}})
}

// push is a command that opens a dialog.
func push(make func(id int) dialog) tea.Cmd {
	return tell(pushDialogMsg{func(id int) (dialog, tea.Cmd) { return make(id), nil }})
}

// hints are what the footer shows; how to leave, and to the tree, is the screen's.
func (q *lockQueue) hints(k *KeyMap) []hint {
	if q.view == nil {
		return nil
	}
	pause := "pause"
	if q.still() {
		pause = "go on"
	}
	var out []hint
	if len(q.view.Warnings)+len(q.dead) > 0 {
		out = append(out, hint{k.LockTrouble, "warnings"})
	}
	if q.contender() != nil {
		out = append(out, hint{k.ShowContender, "its value"}, hint{k.AskBack, "ask back"}, hint{k.BreakLock, "break"})
	}
	out = append(out, hint{k.LockSpan, lockSpans[(q.span+1)%len(lockSpans)].word}, hint{k.Pause, pause})
	return append(out, hint{k.LockPast, "export"}, hint{k.CopyPath, "copy path"})
}
