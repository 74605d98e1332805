package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// transferKey does what the keys do that copy, move, export, import and compare.
func (m *model) transferKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := &m.keys
	switch {
	case key.Matches(msg, k.CopyTo):
		return m.copyTo(""), true
	case key.Matches(msg, k.MoveTo):
		return m.moveTo(""), true
	case key.Matches(msg, k.Rename):
		return m.rename(""), true
	case key.Matches(msg, k.Export):
		return m.exportTo(""), true
	case key.Matches(msg, k.Import):
		return m.importFrom(""), true
	case key.Matches(msg, k.Compare):
		return m.compareWith(""), true
	}
	return nil, false
}

// The words of the command bar have the place to go to; without one, and by a key,
// the form asks for it.

func (m *model) copyTo(path string) tea.Cmd {
	return m.transfer(transferCopy, func(f *transferFields) bool { return path != "" && f.to.set(path) })
}

func (m *model) moveTo(path string) tea.Cmd {
	return m.transfer(transferMove, func(f *transferFields) bool { return path != "" && f.to.set(path) })
}

func (m *model) rename(name string) tea.Cmd {
	return m.transfer(transferRename, func(f *transferFields) bool {
		if name != "" {
			f.name.set(name)
		}
		return name != ""
	})
}

func (m *model) importFrom(file string) tea.Cmd {
	return m.transfer(transferImport, func(f *transferFields) bool { return file != "" && f.file.set(file) })
}

func (m *model) exportTo(file string) tea.Cmd {
	return m.transfer(transferExport, func(f *transferFields) bool { return file != "" && f.file.set(file) })
}

// transfer opens the dialog for the znode that is selected in front; fill completes its form and
// reports whether there is nothing left to ask.
func (m *model) transfer(kind transferKind, fill func(*transferFields) bool) tea.Cmd {
	from := m.here()
	if kind != transferExport && !m.mayWrite() {
		return nil
	}
	switch {
	case from == "/" && kind == transferRename:
		m.say(levelWarn, "The root / has no name that could be changed")
		return nil
	case from == "/" && (kind == transferMove || kind == transferCopy):
		m.say(levelWarn, "The root / cannot go into itself; export it, and import it elsewhere")
		return nil
	case kind.deletes() && guardPath(from) != "":
		m.say(levelWarn, guardPath(from))
		return nil
	}
	d := newTransferDialog(m.ctx, m.dialogs.nextID(), m.sess, kind, from)
	complete := fill(&d.form)
	m.dialogs.push(d)
	if complete {
		return d.submit()
	}
	return d.askNames()
}

// ender is a dialog that has something running, or holds what has to be given up,
// when the program ends; end blocks no longer than limit and returns what is to be said
// of it then, or nothing.
type ender interface {
	end(limit time.Duration) string
}

// close ends everything that the model has started; a second call does nothing.
func (m *model) close() {
	if m.ended {
		return
	}
	m.ended = true
	for _, d := range m.dialogs.stack {
		if e, ok := d.dialog.(ender); ok {
			if text := e.end(m.opts.waits(endWait)); text != "" {
				m.farewell = append(m.farewell, upper(text))
			}
		}
	}
	m.dialogs.stack = nil
	m.farewell = append(m.farewell, m.leases.closer()()...)
	m.screens.close()
	m.activity.stop()
	m.locks.close()
	m.lab.close()
	m.feed.Close()
	m.tour.close()
}
