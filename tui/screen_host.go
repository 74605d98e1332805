package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// host is what a screen that lists znodes asks of the program around it. Nothing
// in it blocks.
type host interface {
	// marked tells whether a znode is marked, in whatever screen that was done, and
	// markedLen how many are.
	marked(path string) bool
	markedLen() int
	toggleMark(path string)
	// forget takes the marks away from a znode that is gone.
	forget(path string)
	copyText(what, text string) tea.Cmd
	// deleteOr asks before it deletes the marked znodes, or path if none is marked.
	deleteOr(path string) tea.Cmd
	// jump shows a znode in the tree, once it was seen to exist.
	jump(path string) tea.Cmd
	// after sends what tell makes when d has passed.
	after(d time.Duration, tell func(time.Time) tea.Msg) tea.Cmd
	say(l level, text string)
	// earlier are the lines of the command bar that begin with a command, without it,
	// the newest last; remember adds one.
	earlier(command string) []string
	remember(command, line string)
}

var _ host = (*model)(nil)

func (m *model) marked(path string) bool { return m.tree.tree.IsMarked(path) }

func (m *model) markedLen() int { return m.tree.tree.MarkedLen() }

func (m *model) toggleMark(path string) { m.tree.tree.ToggleMark(path) }

func (m *model) forget(path string) {
	for _, p := range m.tree.tree.Marked() {
		if p == path || strings.HasPrefix(p, path+"/") {
			m.tree.tree.ToggleMark(p)
		}
	}
}

func (m *model) earlier(command string) []string {
	var lines []string
	for _, l := range m.command.history {
		if rest, ok := strings.CutPrefix(l, command+" "); ok {
			lines = append(lines, rest)
		}
	}
	return lines
}

func (m *model) remember(command, line string) { m.command.remember(command + " " + line) }

// searcher is what the screens Find and Size ask of a session. The calls block until
// their context ends.
type searcher interface {
	Find(ctx context.Context, root string, q zkview.Query, o zkview.WalkOptions, found func([]zkview.Hit) error) (zkview.WalkProgress, error)
	Walk(ctx context.Context, root string, o zkview.WalkOptions, visit func([]zkview.Znode) error) (zkview.WalkProgress, error)
	Stat(ctx context.Context, path string) (zkview.Stat, error)
}

var _ searcher = (*zkview.Session)(nil)
