package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// historyWalk goes through the earlier lines of a command.
type historyWalk struct {
	command string
	back    int    // how many lines back; 0 is what is typed now
	now     string // what was typed before one went back
}

// step returns the line by steps further back, ok false where there is none.
func (w *historyWalk) step(lines []string, by int, typed string) (line string, ok bool) {
	back := w.back + by
	if back < 0 || back > len(lines) {
		return "", false
	}
	if w.back == 0 {
		w.now = typed
	}
	w.back = back
	if back == 0 {
		return w.now, true
	}
	return lines[len(lines)-back], true
}

// key routes a key to the query or to the list.
func (f *findScreen) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := f.keys
	if key.Matches(msg, k.Back) && f.run.running() {
		f.run.stop()
		return nil, true
	}
	var cmd tea.Cmd
	var taken bool
	switch {
	case key.Matches(msg, k.FindScope):
		cmd, taken = f.switchScope(), true
	case f.inList:
		cmd, taken = f.listKey(msg)
	default:
		cmd, taken = f.queryKey(msg)
	}
	if !taken {
		return cmd, false
	}
	return tea.Batch(cmd, f.look()), true
}

// queryKey takes a key while the query is typed.
func (f *findScreen) queryKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := f.keys
	switch {
	case key.Matches(msg, k.Find):
	case key.Matches(msg, k.Accept):
		return f.accept(), true
	case key.Matches(msg, k.HistoryBack):
		return f.earlier(1), true
	case key.Matches(msg, k.HistoryOn) && f.history.back > 0:
		return f.earlier(-1), true
	case key.Matches(msg, k.ToResults):
		f.enterList()
	default:
		used, err := f.query.update(msg)
		if err != nil {
			f.host.say(levelWarn, err.Error())
		}
		if used && f.query.text() != f.typed {
			f.history.back = 0
		}
		return f.edited(), used
	}
	return nil, true
}

// accept is Enter in the query: search now unless that is under way or done, and
// on to the results.
func (f *findScreen) accept() tea.Cmd {
	if f.err != nil || !f.parsed.Active() && f.query.text() == "" {
		return nil
	}
	f.history.back = 0
	f.host.remember(f.history.command, f.query.text())
	var cmd tea.Cmd
	if f.run == nil || f.run.stopped {
		cmd = f.start()
	}
	f.inList = f.run != nil && (f.run.running() || f.list.n > 0)
	return cmd
}

// enterList gives the keys to the list, if it has any row.
func (f *findScreen) enterList() {
	if f.list.n == 0 {
		return
	}
	f.inList = true
	if f.err == nil && f.parsed.Active() {
		f.host.remember(f.history.command, f.query.text())
	}
}

// earlier puts an earlier query, or a later one, in the place of what is typed.
func (f *findScreen) earlier(by int) tea.Cmd {
	line, ok := f.history.step(f.host.earlier(f.history.command), by, f.query.text())
	if !ok {
		return nil
	}
	f.query.set(line)
	f.query.col = len(line)
	return f.edited()
}

// switchScope searches the selected subtree instead of the whole tree, or the other
// way round.
func (f *findScreen) switchScope() tea.Cmd {
	switch {
	case f.root != "/":
		f.root = "/"
	case f.subtree == "/":
		f.host.say(levelInfo, "The whole tree is searched; to search a part of it, select that in the tree first")
		return nil
	default:
		f.root = f.subtree
	}
	return f.start()
}

// listKey takes a key in the list.
func (f *findScreen) listKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k, l := f.keys, &f.list
	switch {
	case key.Matches(msg, k.ToQuery, k.Find), key.Matches(msg, k.Focus), key.Matches(msg, k.Up) && l.at == 0:
		f.inList = false
	case l.n == 0:
		return nil, false
	case l.key(k, msg):
	case key.Matches(msg, k.Toggle, k.Jump):
		return f.host.jump(f.sel.Path), true
	case key.Matches(msg, k.Mark):
		f.host.toggleMark(f.sel.Path)
		l.sel(l.at + 1)
	case key.Matches(msg, k.MarkAll):
		f.markAll()
	case key.Matches(msg, k.CopyPath):
		return f.host.copyText("path", f.sel.Path), true
	case key.Matches(msg, k.Delete):
		return f.host.deleteOr(f.sel.Path), true
	default:
		return nil, false
	}
	f.fill()
	return nil, true
}

// maxMarkAll bounds what one key marks: what is done to marked znodes is confirmed
// by a person who has to look at them.
const maxMarkAll = 1000

// markAll marks the results, or takes the marks away when all have one.
func (f *findScreen) markAll() {
	hits := f.shown.page(0, maxMarkAll)
	unmarked := 0
	for i := range hits {
		if !f.host.marked(hits[i].Path) && !f.facts.isGone(hits[i].Path) && hits[i].Path != "/" {
			unmarked++
			f.host.toggleMark(hits[i].Path)
		}
	}
	switch {
	case unmarked == 0:
		for i := range hits {
			if f.host.marked(hits[i].Path) {
				f.host.toggleMark(hits[i].Path)
			}
		}
		f.host.say(levelInfo, fmt.Sprintf("Unmarked %s", plural(len(hits), "result", "results")))
	case f.shown.told.found > len(hits):
		f.host.say(levelWarn, fmt.Sprintf("Marked the first %s of %s results; no more are marked at once", comma(len(hits)), comma(f.shown.told.found)))
	default:
		f.host.say(levelInfo, "Marked "+plural(len(hits), "result", "results"))
	}
}

// mouse selects the row that is clicked, and shows the selected one in the tree.
func (f *findScreen) mouse(msg tea.MouseMsg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		f.list.scroll(by)
		f.fill()
	case tea.MouseClickMsg:
		row := f.list.top + msg.Y - findHead
		switch {
		case msg.Button != tea.MouseLeft:
		case msg.Y < findHead:
			f.inList = false
		case row >= f.list.n:
		case f.inList && row == f.list.at:
			return f.host.jump(f.sel.Path)
		default:
			f.inList = true
			f.list.sel(row)
			f.fill()
		}
	}
	return nil
}

// hints are what the footer shows.
func (f *findScreen) hints() []hint {
	k := f.keys
	other := "search all"
	if f.root == "/" {
		other = "search in " + safetext.TruncateLeft(safetext.Clean(f.subtree), 20)
	}
	scope := hint{k.FindScope, other}
	back := hint{k.Back, "tree"}
	if f.run.running() {
		back.word = "stop"
	}
	if !f.inList {
		hints := []hint{{k.Accept, "search"}, {k.ToResults, "results"}, back}
		if f.root != "/" || f.subtree != "/" {
			hints = append(hints, scope)
		}
		return append(hints, hint{k.HistoryBack, "earlier"})
	}
	if f.list.n == 0 {
		return []hint{{k.ToQuery, "query"}, back}
	}
	var hints []hint
	if f.run.running() {
		hints = []hint{back}
	}
	return append(hints, []hint{{k.Toggle, "show in tree"}, {k.Mark, "mark"}, {k.MarkAll, "all"}, {k.Delete, "delete"}, {k.ToQuery, "query"}, {k.CopyPath, "copy path"}}...)
}
