package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// commands are what the command bar understands beside paths.
func commands() []command {
	orders := []string{"name", "ctime", "mtime", "children", "size"}
	both := make([]string, 0, 2*len(orders))
	for _, o := range orders {
		both = append(both, o, o+" desc", o+" asc")
	}
	return []command{
		{"sort", both, "order of siblings", func(m *model, arg string) tea.Cmd { return m.sortCommand(arg) }},
		{"filter", nil, "filter names", func(m *model, arg string) tea.Cmd {
			m.filter.input.SetValue(arg)
			return m.applyFilter()
		}},
		{"find", nil, "find znodes by name, content, owner, size, age", func(m *model, arg string) tea.Cmd { return m.openFind(arg) }},
		{"du", nil, "what takes the space below a path", func(m *model, arg string) tea.Cmd { return m.usageCommand(arg) }},
		{"refresh", nil, "read again what is shown", func(m *model, _ string) tea.Cmd { return m.refresh() }},
		{"ops", nil, "every request that we sent", func(m *model, _ string) tea.Cmd { m.openOps(); return nil }},
		{"messages", nil, "what was said before", func(m *model, _ string) tea.Cmd { m.openMessages(); return nil }},
		{"help", nil, "all keys", func(m *model, _ string) tea.Cmd {
			m.dialogs.push(newHelpDialog(m.keys, m.screens.titleOf(m.screens.front)))
			return nil
		}},
		{"create", nil, "create a znode here", func(m *model, _ string) tea.Cmd { m.create(); return nil }},
		{"edit", nil, "edit the value", func(m *model, _ string) tea.Cmd { return m.edit(false) }},
		{"delete", nil, "delete", func(m *model, _ string) tea.Cmd { return m.delete() }},
		{"copy", nil, "copy the subtree to a path", func(m *model, arg string) tea.Cmd { return m.copyTo(arg) }},
		{"move", nil, "move the subtree to a path", func(m *model, arg string) tea.Cmd { return m.moveTo(arg) }},
		{"rename", nil, "rename to a name", func(m *model, arg string) tea.Cmd { return m.rename(arg) }},
		{"export", nil, "export the subtree to a file", func(m *model, arg string) tea.Cmd { return m.exportTo(arg) }},
		{"import", nil, "import a file here", func(m *model, arg string) tea.Cmd { return m.importFrom(arg) }},
		{"compare", nil, "compare with a path or a file", func(m *model, arg string) tea.Cmd { return m.compareWith(arg) }},
		{"activity", nil, "follow the changes of a subtree", func(m *model, arg string) tea.Cmd { return m.activityCommand(arg) }},
		{"locks", nil, "the locks below paths, which are remembered", func(m *model, arg string) tea.Cmd { return m.locksCommand(arg) }},
		{"lock", nil, "take a lock at a path, or queue for it", func(m *model, arg string) tea.Cmd { return m.lockAtCommand(arg) }},
		{"release", nil, "release a lease, or give up a wait", func(m *model, arg string) tea.Cmd { return m.releaseCommand(arg) }},
		{"leases", nil, "the leases that we hold, wait for or lost", func(m *model, _ string) tea.Cmd { m.openLeases(); return nil }},
		{"ask", nil, "ask who holds a lock to give it back", func(m *model, arg string) tea.Cmd { return m.lockCommand(actAskBack, arg) }},
		{"break", nil, "break a lock", func(m *model, arg string) tea.Cmd { return m.lockCommand(actBreak, arg) }},
		{"ensemble", nil, "the servers on this machine", func(m *model, arg string) tea.Cmd { return m.openEnsembles(arg) }},
		{"lab", append(recipeNames(), "lesson"), "the lock lab, with one or two recipes, or a lesson", func(m *model, arg string) tea.Cmd { return m.labCommand(arg) }},
		{"connect", nil, "open other servers, a profile or the sandbox", func(m *model, arg string) tea.Cmd { return m.connect(arg) }},
		{"tour", nil, "a look around in five steps", func(m *model, _ string) tea.Cmd { m.beginTour(); return nil }},
		{"theme", []string{"dark", "light"}, "colours for a dark or a light background", func(m *model, arg string) tea.Cmd { return m.themeCommand(arg) }},
		{"quit", nil, "leave", func(m *model, _ string) tea.Cmd { return m.quit() }},
	}
}

// takesPath tells the commands whose argument is completed as a path.
func takesPath(name string) bool {
	switch name {
	case "copy", "move", "compare", "locks", "lock", "release", "ask", "break":
		return true
	}
	return false
}

// commandKey takes a key while the command bar is open.
func (m *model) commandKey(msg tea.KeyPressMsg) tea.Cmd {
	k, c := &m.keys, &m.command
	switch {
	case key.Matches(msg, k.Back):
		m.mode = modeKeys
		return nil
	case key.Matches(msg, k.Accept):
		m.mode = modeKeys
		return m.runCommand(strings.TrimSpace(c.input.Value()))
	case key.Matches(msg, k.Complete):
		c.complete(1)
	case key.Matches(msg, k.CompleteBack):
		c.complete(-1)
	case key.Matches(msg, k.HistoryBack):
		c.walk(-1)
	case key.Matches(msg, k.HistoryOn):
		c.walk(1)
	case key.Matches(msg, k.EraseBack) && c.input.Value() == "":
		m.mode = modeKeys
		return nil
	default:
		return m.commandInput(msg)
	}
	return m.askCompletion()
}

func (m *model) commandPaste(msg tea.PasteMsg) tea.Cmd { return m.commandInput(msg) }

func (m *model) commandInput(msg tea.Msg) tea.Cmd {
	was := m.command.input.Value()
	var cmd tea.Cmd
	m.command.input, cmd = m.command.input.Update(msg)
	if m.command.input.Value() != was {
		m.command.changed()
	}
	return tea.Batch(cmd, m.askCompletion())
}

// askCompletion asks for the children that complete what is typed.
func (m *model) askCompletion() tea.Cmd {
	dir, ask := m.command.wants()
	if !ask {
		return nil
	}
	gen := m.command.asked(dir)
	sess := m.sess
	return m.call(func(ctx context.Context) tea.Msg {
		names, err := completions(ctx, sess, dir)
		return completedMsg{gen: gen, dir: dir, names: names, err: err}
	})
}

// completions are the names in dir, unless they are too many to be read for a few
// letters.
func completions(ctx context.Context, c cluster, dir string) ([]string, error) {
	stat, err := c.Stat(ctx, dir)
	switch {
	case err != nil:
		return nil, err
	case stat.NumChildren > maxCompletion:
		return nil, fmt.Errorf("%d children are too many to complete", stat.NumChildren)
	}
	names, _, err := c.Children(ctx, dir)
	return names, err
}

// runCommand does what was typed; what it does not understand it says, and the
// line stays in the history.
func (m *model) runCommand(text string) tea.Cmd {
	if text == "" {
		return nil
	}
	m.command.remember(text)
	if strings.HasPrefix(text, "/") {
		return m.jump(text)
	}
	name, arg, _ := strings.Cut(text, " ")
	var found []command
	for _, c := range commands() {
		if c.name == name {
			return c.run(m, strings.TrimSpace(arg))
		}
		if strings.HasPrefix(c.name, name) {
			found = append(found, c)
		}
	}
	if len(found) == 1 || name == "q" || name == "q!" {
		if len(found) == 0 {
			return m.quit()
		}
		return found[0].run(m, strings.TrimSpace(arg))
	}
	m.say(levelWarn, fmt.Sprintf("No command %q; a path begins with /, and tab after : lists the commands", name))
	return nil
}

func (m *model) sortCommand(arg string) tea.Cmd {
	name, way, _ := strings.Cut(arg, " ")
	for by := zkview.ByName; by <= zkview.BySize; by++ {
		if by.String() == name {
			return m.sortBy(zkview.Order{By: by, Desc: way == "desc" || (way == "" && by != zkview.ByName)})
		}
	}
	m.say(levelWarn, fmt.Sprintf("Sort by name, ctime, mtime, children or size, not %q", arg))
	return nil
}

func (m *model) themeCommand(arg string) tea.Cmd {
	switch arg {
	case "dark", "light":
		m.dark = arg == "dark"
		m.restyle()
	default:
		m.say(levelWarn, "The theme is dark or light")
	}
	return nil
}

// jump goes to a path after it was seen to exist; where it does not, it says how
// far the path leads.
func (m *model) jump(path string) tea.Cmd {
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	if path == "" {
		path = "/"
	}
	m.pending = "" // what the person asks for now counts, not a row that is still to come
	if m.tree.selectPath(path) {
		m.screens.lead(path)
		return nil
	}
	sess := m.sess
	return m.call(func(ctx context.Context) tea.Msg {
		for at := path; ; at = parentOf(at) {
			_, err := sess.Stat(ctx, at)
			switch {
			case err == nil && at == path:
				return jumpMsg{path}
			case err == nil:
				return flashMsg{levelWarn, "No znode " + path + "; the nearest is " + at}
			case !errors.Is(err, zkview.ErrNoNode) || at == "/":
				return flashMsg{levelBad, err.Error()}
			}
		}
	})
}

// goTo opens the way to a path and selects it as soon as it has a row.
func (m *model) goTo(path string) {
	m.screens.lead(path)
	m.reveal(path)
	if m.tree.selectPath(path) {
		m.pending = ""
	}
}

func (m *model) reveal(path string) {
	if m.filter.text() != "" {
		m.filter.clear()
		m.tree.tree.SetFilter(zkview.ParseFilter(""))
	}
	m.pending = path
	m.tree.tree.Reveal(path)
	m.feed.Open(parentOf(path), zkview.OpenListing)
}

// upper begins text with a capital, as a sentence does, unless it begins with a
// name: of a host, a path, an operation.
func upper(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if text == "" || strings.ContainsAny(first, ".:/_") || first != strings.ToLower(first) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
