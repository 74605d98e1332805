package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// maxCopy is the most that is copied by OSC 52: terminals drop longer sequences
// without a word (k9s measured 74,994 characters of base64 as the safe limit).
const maxCopy = 74_994 / 4 * 3

// copyText puts text on the clipboard of the terminal, which works over SSH.
func (m *model) copyText(what, text string) tea.Cmd {
	cmd, l, said := copying(what, text)
	m.say(l, said)
	return cmd
}

// copying is the command that puts text on the clipboard, and what is to be said of it.
func copying(what, text string) (cmd tea.Cmd, l level, said string) {
	if len(text) > maxCopy {
		return nil, levelWarn, fmt.Sprintf("The %s is larger than the %d bytes that terminals accept for copying", what, maxCopy)
	}
	return tea.SetClipboard(text), levelInfo, fmt.Sprintf("Copied the %s, %d bytes, if the terminal allows OSC 52", what, len(text))
}

// copyValue copies the value as it is; bytes that are no text cannot be carried.
func (m *model) copyValue() tea.Cmd {
	data, ok := m.detail.bytes()
	switch {
	case !ok:
		m.say(levelInfo, "The value is not loaded yet")
	case !utf8.Valid(data):
		m.say(levelWarn, "The value is binary; the clipboard carries only text")
	default:
		return m.copyText("value", string(data))
	}
	return nil
}

// open runs ask, which leads to a dialog. What is typed until then is for the
// dialog: on the tree the same keys could delete something.
func (m *model) open(ask func(ctx context.Context) tea.Msg) tea.Cmd {
	m.opening, m.typedAhead = true, nil
	m.openGen++
	gen := m.openGen
	return m.call(func(ctx context.Context) tea.Msg { return readForDialogMsg{gen, ask(ctx)} })
}

// opened hands what was typed ahead to the dialog, or to nobody if none opened.
func (m *model) opened(dialog bool) tea.Cmd {
	keys := m.typedAhead
	m.opening, m.typedAhead = false, nil
	m.openGen++ // a dialog that was called off does not come later
	var cmds []tea.Cmd
	for _, k := range keys {
		if dialog && m.dialogs.top() != nil {
			cmds = append(cmds, m.dialogs.update(k))
		}
	}
	return tea.Batch(cmds...)
}

// mayWrite tells whether this session writes at all, and says so if not. Its keys
// are off then, but the command bar has words for them too.
func (m *model) mayWrite() bool {
	if m.header.status.ReadOnly {
		m.say(levelWarn, "This session is read-only: nothing is created, changed or deleted")
		return false
	}
	return true
}

// create opens the dialog that makes a child of the selected znode.
func (m *model) create() {
	r, ok := m.selected()
	if !ok || !m.mayWrite() {
		return
	}
	parent, kind := r.Path, r.Stat.Kind()
	if r.HasStat && kind == zkview.Ephemeral {
		parent, kind = parentOf(parent), zkview.Persistent // an ephemeral has no children
	}
	m.dialogs.push(newCreateDialog(m.dialogs.nextID(), m.sess, parent, kind, zkview.CheckPath))
}

// edit opens the value of the selected znode, read anew so that the version is
// the one of the bytes, inline or in the person's editor.
func (m *model) edit(external bool) tea.Cmd {
	if !m.mayWrite() {
		return nil
	}
	path, sess, dir := m.tree.sel, m.sess, m.opts.DraftDir
	if m.header.status.State != zkview.Connected {
		m.say(levelWarn, "Not connected: the value cannot be read for editing")
		return nil
	}
	return m.open(func(ctx context.Context) tea.Msg {
		data, stat, err := sess.Get(ctx, path)
		if err != nil {
			return notOpenedMsg{flashMsg{levelBad, err.Error()}}
		}
		if external {
			return externalEditMsg{editExternally(path, data, stat, dir)}
		}
		return pushDialogMsg{func(id int) (dialog, tea.Cmd) { return newEditDialog(id, sess, path, data, stat, dir), nil }}
	})
}

// delete opens the dialog that deletes the selected znode, or the marked ones.
func (m *model) delete() tea.Cmd { return m.deleteOr(m.tree.sel) }

// deleteOr opens the dialog that deletes the marked znodes, or path if none is.
func (m *model) deleteOr(path string) tea.Cmd {
	if !m.mayWrite() {
		return nil
	}
	paths := m.tree.tree.Marked()
	if len(paths) == 0 {
		paths = []string{path}
	}
	targets, hidden := make([]target, 0, len(paths)), map[string]bool{}
	for _, p := range paths {
		_, visible := m.tree.find(p)
		hidden[p] = !visible
		targets = append(targets, target{path: p})
	}
	sess, life := m.sess, m.ctx
	return m.open(func(ctx context.Context) tea.Msg {
		kept := targets[:0]
		for _, t := range targets { // the versions that the person is shown
			stat, err := sess.Stat(ctx, t.path)
			switch {
			case errors.Is(err, zkview.ErrNoNode):
				continue
			case err != nil:
				return notOpenedMsg{flashMsg{levelBad, err.Error()}}
			}
			t.stat = stat
			kept = append(kept, t)
		}
		if len(kept) == 0 {
			return notOpenedMsg{flashMsg{levelInfo, "Nothing to delete: it is gone already"}}
		}
		return pushDialogMsg{func(id int) (dialog, tea.Cmd) { return newDeleteDialog(life, id, sess, kept, hidden) }}
	})
}

// openOps shows every request that was sent.
func (m *model) openOps() {
	m.dialogs.push(newOpsDialog(m.dialogs.nextID(), m.opsRows))
}

// opsRows are the requests in the log of the session.
func (m *model) opsRows() []opsRow {
	entries := m.sess.Ops().Since(0)
	rows := make([]opsRow, 0, len(entries))
	for _, e := range entries {
		rows = append(rows, opsRow{At: e.Sent, Op: e.Op, Path: e.Path, Result: e.Result, Failed: e.Err != nil, Zxid: e.Zxid, Took: e.Took})
	}
	return rows
}

// openMessages shows what was said before.
func (m *model) openMessages() {
	m.dialogs.push(newMessagesDialog(m.dialogs.nextID(), func() []message { return m.said.past }))
}

// connect asks for another session, in the place of this one.
func (m *model) connect(arg string) tea.Cmd {
	if m.opts.Begin == nil {
		m.say(levelWarn, "Only this session can be opened here")
		return nil
	}
	if m.askToLeave("Open another", "", "Once another session is open, all of that is released and given up.", "Go on", tell(connectMsg{arg})) {
		return nil
	}
	return tell(connectMsg{arg})
}

// quit ends the program, unless something typed would be lost, or leases would be given
// up: then it asks.
func (m *model) quit() tea.Cmd {
	unsaved := ""
	for _, d := range m.dialogs.stack {
		if unsaved = d.unsaved(); unsaved != "" {
			break
		}
	}
	if m.askAboutServers(unsaved) {
		return nil
	}
	switch {
	case m.askToLeave("Quit", unsaved, "Quitting releases what is held and gives up what waits.", "Release and quit", tell(releaseAllMsg{})):
	case unsaved != "":
		m.dialogs.push(newConfirmDialog(m.dialogs.nextID(), "Quit", unsaved, "Quit", tea.Quit))
	default:
		m.quitting = true
	}
	return nil
}

// askAboutServers asks what is to become of the servers of ensembles that run, and of
// what else would end. It returns false if none does.
func (m *model) askAboutServers(unsaved string) bool {
	if m.board == nil || len(m.board.desk.alive()) == 0 {
		return false
	}
	if m.board.desk.stillStopping() {
		return true
	}
	var text []string
	yes, ending := "", m.leases.ending()
	if ending != "" {
		text, yes = append(text, ending+" Quitting releases what is held and gives up what waits."), "Release and quit"
	}
	if unsaved != "" {
		text, yes = append(text, upper(sentence(safetext.CleanLine(unsaved)))), cmp.Or(yes, "Quit")
	}
	d := m.board.desk.quitDialog(text, yes, ending != "")
	if ending != "" {
		m.leaving = d
	}
	m.dialogs.push(d)
	return true
}

// forceQuit ends the program at once; where leases would be given up it asks, the first
// time.
func (m *model) forceQuit() tea.Cmd {
	if m.leases.ended || m.leaving != nil && m.dialogs.top() == m.leaving {
		return m.quitNow()
	}
	if len(m.leases.active()) > 0 {
		return m.quit()
	}
	return m.quitNow()
}

// quitNow ends the program at once; what was typed and not saved goes to a
// draft, whose place is said after the screen is gone.
func (m *model) quitNow() tea.Cmd {
	m.saveDrafts()
	m.quitting = true
	return nil
}

// saveDrafts writes down what was typed and not saved.
func (m *model) saveDrafts() {
	for _, d := range m.dialogs.stack {
		dr, ok := d.dialog.(drafter)
		if !ok || d.unsaved() == "" {
			continue
		}
		file, err := dr.saveDraft(m.opts.DraftDir)
		switch {
		case err != nil:
			m.farewell = append(m.farewell, "What you typed could not be saved: "+err.Error())
		case file != "":
			m.farewell = append(m.farewell, "What you typed and did not save is in "+file)
		}
	}
}

// switchTab turns the detail to another tab.
func (m *model) switchTab(by int) tea.Cmd {
	m.detail.switchTab(by)
	if !m.lay.detailShown {
		m.focus = focusDetail
		m.relayout()
	}
	return m.readACL()
}

// readACL asks for the ACL when its tab is shown. No watch tells of a changed
// ACL, so it is read whenever one looks.
func (m *model) readACL() tea.Cmd {
	if m.detail.tab != tabACL || m.header.status.State != zkview.Connected {
		return nil
	}
	path, sess, now := m.detail.path, m.sess, m.now
	return m.call(func(ctx context.Context) tea.Msg {
		acl, stat, err := sess.ACL(ctx, path)
		return aclReadMsg{path: path, acl: acl, stat: stat, err: err, at: now()}
	})
}
