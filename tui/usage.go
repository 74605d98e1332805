package tui

import (
	"context"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// sizeTitle is the word of the Size screen in line 2.
const sizeTitle = "Size"

// maxUsageRows is how many children of a znode are listed; the rest is summed up.
const maxUsageRows = 10_000

// usageScreen shows what takes the space below a znode, level by level.
type usageScreen struct {
	id   int
	ctx  context.Context // of the program
	sess searcher
	host host
	keys *KeyMap

	root  string // what is counted
	dir   string // what is looked at
	order zkview.UsageOrder
	gen   int
	run   *usageRun
	facts rowStats

	listing, again bool // rows are being taken; they are to be taken again
	view           usageRowsMsg
	list           pickList
	want           string // the path to select when the rows come
}

var (
	_ scene    = (*usageScreen)(nil)
	_ rereader = (*usageScreen)(nil)
)

// usageCommand is :du.
func (m *model) usageCommand(arg string) tea.Cmd {
	switch {
	case arg == "":
		arg = m.here()
	case !strings.HasPrefix(arg, "/"):
		m.say(levelWarn, "A path begins with /, as in :du /brokers")
		return nil
	}
	return m.openUsage(arg)
}

// openUsage brings the Size screen to the front, on path.
func (m *model) openUsage(path string) tea.Cmd {
	if len(path) > 1 {
		path = strings.TrimRight(path, "/")
	}
	if r, ok := m.selected(); ok && r.Path == path && r.HasStat && r.Stat.NumChildren == 0 && path != "/" {
		path = parentOf(path) // a leaf is looked at among its siblings
	}
	cmd := m.screens.show(sizeTitle, "", func(id int) (scene, tea.Cmd) {
		return newUsageScreen(m.ctx, id, m.sess, m, &m.keys), nil
	})
	u, ok := m.screens.top().(*usageScreen)
	if !ok {
		return cmd
	}
	return tea.Batch(cmd, u.open(max(path, "/")))
}

func newUsageScreen(ctx context.Context, id int, sess searcher, h host, keys *KeyMap) *usageScreen {
	return &usageScreen{id: id, ctx: ctx, sess: sess, host: h, keys: keys, facts: newRowStats(ctx, id, sess, h)}
}

// open looks at a path, and counts unless it has been counted.
func (u *usageScreen) open(path string) tea.Cmd {
	if u.run != nil && within(path, u.root) {
		if _, ok := u.run.usages.Of(path); ok {
			return u.goTo(path, "")
		}
	}
	u.root, u.dir = path, path
	return u.count()
}

// within tells whether a path is root or below it.
func within(path, root string) bool {
	return path == root || root == "/" || strings.HasPrefix(path, root+"/")
}

func (u *usageScreen) title() string { return sizeTitle }

func (u *usageScreen) place() string { return safetext.Clean(u.dir) }

func (u *usageScreen) here() string { return u.dir }

func (u *usageScreen) nextChange(time.Time) time.Duration { return 0 }

func (u *usageScreen) close() {
	if u.run != nil {
		u.run.stop()
	}
}

func (u *usageScreen) wrote(paths []string) tea.Cmd { return u.facts.reread(paths) }

// count counts root anew.
func (u *usageScreen) count() tea.Cmd {
	if u.run != nil {
		u.run.stop()
	}
	u.gen++
	run := newUsageRun(u.ctx, u.gen, u.root)
	u.run = run
	u.facts.clear()
	if u.view.dir != u.dir {
		u.view, u.list = usageRowsMsg{dir: u.dir}, pickList{height: u.list.height}
	}
	sess := u.sess
	return tea.Batch(func() tea.Msg { run.count(sess); return nil }, run.await(u.id))
}

// goTo looks at another znode, with sel selected.
func (u *usageScreen) goTo(dir, sel string) tea.Cmd {
	u.dir, u.want = dir, sel
	return u.takeRows()
}

// takeRows returns the command that takes the rows of what is looked at, unless one
// is on its way, which is then followed by another.
func (u *usageScreen) takeRows() tea.Cmd {
	if u.listing {
		u.again = true
		return nil
	}
	u.listing = true
	usages, gen, dir, order, id := u.run.usages, u.gen, u.dir, u.order, u.id
	return func() tea.Msg {
		msg := usageRowsMsg{gen: gen, dir: dir, order: order}
		msg.rows, msg.rest = usages.Below(dir, order, maxUsageRows)
		msg.self, _ = usages.Of(dir)
		for _, r := range msg.rows {
			msg.most = max(msg.most, barOf(r, order))
		}
		return screenMsg{id, msg}
	}
}

func (u *usageScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case usageNewsMsg:
		if msg.gen != u.gen {
			return nil
		}
		cmd := u.takeRows()
		if !msg.done {
			u.run.told = msg
			return tea.Batch(cmd, u.run.await(u.id))
		}
		u.run.last = &msg // told with the rows that are taken now
		u.run.cancel()
		return cmd
	case usageRowsMsg:
		u.listing = false
		u.rowsCame(msg)
		if u.again {
			u.again = false
			return u.takeRows()
		}
		if u.run.last != nil {
			u.run.told = *u.run.last
		}
	case statsOfRowsMsg:
		u.facts.took(msg)
	case tea.MouseMsg:
		return u.mouse(msg)
	case tea.PasteMsg:
		u.host.say(levelInfo, "Pasted text goes nowhere here")
	}
	return nil
}

// rowsCame takes rows; the selection stays on its path and on its line.
func (u *usageScreen) rowsCame(msg usageRowsMsg) {
	if msg.gen != u.gen || msg.dir != u.dir || msg.order != u.order {
		return
	}
	sel, ok := u.selected()
	if u.view.dir != msg.dir {
		u.list = pickList{height: u.list.height}
		ok = false
	}
	path := u.want
	if path == "" && ok && u.list.held {
		path = sel.Path
	}
	at := u.list.at
	if !u.list.held {
		at = 0
	}
	if path != "" {
		if i := slices.IndexFunc(msg.rows, func(r zkview.Usage) bool { return r.Path == path }); i >= 0 {
			at = i
			u.list.held = u.list.held || i > 0
		}
	}
	if u.want != "" && len(msg.rows) > 0 {
		u.want = ""
	}
	u.view = msg
	u.list.moved(len(msg.rows), at)
}

// selected is the selected row.
func (u *usageScreen) selected() (zkview.Usage, bool) {
	if u.list.at >= len(u.view.rows) {
		return zkview.Usage{}, false
	}
	return u.view.rows[u.list.at], true
}

// key takes a key press.
func (u *usageScreen) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := u.keys
	sel, ok := u.selected()
	switch {
	case key.Matches(msg, k.Back) && u.run.running():
		u.run.stop()
	case key.Matches(msg, k.Close, k.EraseBack):
		return u.up(), true
	case key.Matches(msg, k.SizesBy):
		u.order = (u.order + 1) % (zkview.UsageByName + 1)
		u.list.held = false
		return u.takeRows(), true
	case key.Matches(msg, k.Refresh):
		return u.count(), true
	case key.Matches(msg, k.Jump):
		if !ok {
			sel.Path = u.dir
		}
		return u.host.jump(sel.Path), true
	case !ok:
		return nil, false
	case u.list.key(k, msg):
	case key.Matches(msg, k.Toggle, k.Open):
		if hasChildren(sel) {
			return u.goTo(sel.Path, ""), true
		}
		if key.Matches(msg, k.Toggle) {
			return u.host.jump(sel.Path), true
		}
	case key.Matches(msg, k.Mark):
		u.host.toggleMark(sel.Path)
		u.list.sel(u.list.at + 1)
	case key.Matches(msg, k.CopyPath):
		return u.host.copyText("path", sel.Path), true
	case key.Matches(msg, k.Delete):
		return u.host.deleteOr(sel.Path), true
	default:
		return nil, false
	}
	return nil, true
}

// hasChildren tells that there is something to go into.
func hasChildren(r zkview.Usage) bool { return r.Children > 0 || r.Znodes > 1 }

// up looks at the parent, which was counted unless one is at the top already.
func (u *usageScreen) up() tea.Cmd {
	switch u.dir {
	case "/":
	case u.root:
		u.root = parentOf(u.root)
		u.want, u.dir = u.dir, u.root
		return u.count()
	default:
		return u.goTo(parentOf(u.dir), u.dir)
	}
	return nil
}

func (u *usageScreen) mouse(msg tea.MouseMsg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		u.list.scroll(by)
	case tea.MouseClickMsg:
		row := u.list.top + msg.Y - usageHead
		if msg.Button != tea.MouseLeft || msg.Y < usageHead || row >= len(u.view.rows) {
			return nil
		}
		if row != u.list.at {
			u.list.sel(row)
			return nil
		}
		if sel, _ := u.selected(); hasChildren(sel) {
			return u.goTo(sel.Path, "")
		}
		return u.host.jump(u.view.rows[row].Path)
	}
	return nil
}

// hints are what the footer shows.
func (u *usageScreen) hints() []hint {
	k := u.keys
	var hints []hint
	if u.run.running() {
		hints = append(hints, hint{k.Back, "stop"})
	}
	if sel, ok := u.selected(); ok && hasChildren(sel) {
		hints = append(hints, hint{k.Open, "into"})
	}
	if u.dir != "/" {
		hints = append(hints, hint{k.Close, "up"})
	}
	next := (u.order + 1) % (zkview.UsageByName + 1)
	return append(hints, hint{k.SizesBy, "by " + next.String()}, hint{k.Jump, "show in tree"},
		hint{k.Mark, "mark"}, hint{k.Delete, "delete"}, hint{k.Refresh, "count again"})
}
