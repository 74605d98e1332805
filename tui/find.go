package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// findTitle is the word of the Find screen in line 2.
const findTitle = "Find"

// typingRest is how long the query rests before it is searched for.
const typingRest = 150 * time.Millisecond

// findScreen searches the tree: the query at the top, what it found below.
type findScreen struct {
	id   int
	ctx  context.Context // of the program
	sess searcher
	host host
	keys *KeyMap

	query   *textBox
	typed   string // the query when it was last looked at
	parsed  zkview.Query
	err     error // what is wrong with it
	root    string
	subtree string // what the scope may be narrowed to: the selection of the tree
	history historyWalk

	gen   int
	run   *findRun // the search for what is typed; nil without one
	shown *findRun // the search whose results are in the list: run, or the one before it until run has found something

	inList bool // the list has the keys
	list   pickList
	page   []zkview.Hit // the rows in view
	sel    zkview.Hit   // the selected hit, if page has any
	facts  rowStats
}

var (
	_ scene    = (*findScreen)(nil)
	_ typist   = (*findScreen)(nil)
	_ rereader = (*findScreen)(nil)
)

// findRestMsg tells that the query has rested since it had this generation.
type findRestMsg struct{ gen int }

// openFind brings the Find screen to the front; with a query it searches at once.
func (m *model) openFind(query string) tea.Cmd {
	at := m.here()
	cmd := m.screens.show(findTitle, "", func(id int) (scene, tea.Cmd) {
		return newFindScreen(m.ctx, id, m.sess, m, &m.keys), nil
	})
	f, ok := m.screens.top().(*findScreen)
	if !ok {
		return cmd
	}
	f.subtree = at
	if query != "" {
		f.setQuery(query)
		f.inList = true
		return tea.Batch(cmd, f.start())
	}
	return cmd
}

func newFindScreen(ctx context.Context, id int, sess searcher, h host, keys *KeyMap) *findScreen {
	f := &findScreen{
		id: id, ctx: ctx, sess: sess, host: h, keys: keys,
		query: newTextBox(false, ""), root: "/", subtree: "/",
		facts: newRowStats(ctx, id, sess, h),
	}
	f.query.hint = "name, *.glob, ~fuzzy, re:…, content:…"
	f.history.command = "find"
	return f
}

func (f *findScreen) title() string { return findTitle }

// place is the selected result, or where is searched.
func (f *findScreen) place() string {
	if f.inList && f.list.n > 0 {
		return safetext.Clean(f.sel.Path)
	}
	return safetext.Clean(f.root)
}

func (f *findScreen) typing() bool { return !f.inList }

// here is the selected result; while it is typed, the scope does not change.
func (f *findScreen) here() string {
	if f.inList && f.list.n > 0 {
		return f.sel.Path
	}
	return f.subtree
}

func (f *findScreen) close() {
	if f.run != nil {
		f.run.stop()
	}
}

// nextChange is how long the ages in view stay true.
func (f *findScreen) nextChange(time.Time) time.Duration {
	if len(f.page) == 0 {
		return 0
	}
	return time.Minute
}

func (f *findScreen) update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.PasteMsg:
		if f.inList {
			f.host.say(levelInfo, "Pasted text goes nowhere here; / leads to the query")
			return nil
		}
		if _, err := f.query.update(msg); err != nil {
			f.host.say(levelWarn, err.Error())
		}
		return f.edited()
	case tea.MouseMsg:
		cmd = f.mouse(msg)
	case findRestMsg:
		if msg.gen != f.gen {
			return nil
		}
		return f.start()
	case findNewsMsg:
		cmd = f.newsCame(msg)
	case statsOfRowsMsg:
		f.facts.took(msg)
	case statsDueMsg:
		return f.facts.due(msg, f.lacking())
	}
	return tea.Batch(cmd, f.look())
}

// edited takes what was typed: it is understood at once and searched for when it
// has rested. A search for something else ends.
func (f *findScreen) edited() tea.Cmd {
	text := f.query.text()
	if text == f.typed {
		return nil
	}
	f.typed = text
	f.gen++
	if f.run != nil {
		f.run.stop()
	}
	f.run = nil
	if !f.understand() {
		return nil
	}
	gen, id := f.gen, f.id
	return f.host.after(typingRest, func(time.Time) tea.Msg { return screenMsg{id, findRestMsg{gen}} })
}

// understand reads the query, and tells whether there is something to search for.
func (f *findScreen) understand() bool {
	f.parsed, f.err = zkview.ParseQuery(f.query.text())
	if f.err == nil && !f.parsed.Active() {
		f.show(nil)
	}
	return f.err == nil && f.parsed.Active()
}

// setQuery puts a query into the line, as if typed.
func (f *findScreen) setQuery(text string) {
	f.query.set(text)
	f.query.col = len(text)
	f.typed = text
	f.gen++
}

// start searches for what is typed; the one under way, for something else or
// elsewhere, ends.
func (f *findScreen) start() tea.Cmd {
	if f.run != nil {
		f.run.stop()
	}
	f.run = nil
	f.gen++
	if !f.understand() {
		return nil
	}
	run := newFindRun(f.ctx, f.gen, f.parsed, f.root)
	f.run = run
	sess := f.sess
	return tea.Batch(func() tea.Msg { run.search(sess); return nil }, run.await(f.id))
}

// newsCame takes how far the search is. The results of the one before stay in the
// list until there is something to put in their place.
func (f *findScreen) newsCame(msg findNewsMsg) tea.Cmd {
	if f.run == nil || msg.gen != f.run.gen {
		return nil
	}
	f.run.told = msg
	if f.shown != f.run && (msg.found > 0 || msg.done) {
		f.show(f.run)
	}
	if msg.done {
		f.run.cancel()
		return nil
	}
	return f.run.await(f.id)
}

// show puts the results of a search into the list.
func (f *findScreen) show(run *findRun) {
	f.shown = run
	f.list = pickList{height: f.list.height}
	f.page, f.sel = nil, zkview.Hit{}
	f.facts.clear()
}

// look takes the rows in view from the search, and keeps the selection on its path
// and on its line once a person has moved it. It returns the command that reads
// what the rows lack.
func (f *findScreen) look() tea.Cmd {
	if f.shown == nil {
		f.list.n, f.page = 0, nil
		return nil
	}
	l := &f.list
	at, n, ok := f.shown.place(f.sel)
	switch {
	case !l.held:
		at = 0
	case !ok:
		at = l.at
	}
	l.moved(n, at)
	f.fill()
	if f.inList && n == 0 && !f.run.running() {
		f.inList = false
	}
	return f.facts.want(len(f.lacking()) > 0)
}

// fill takes the rows in view after the selection or the size changed.
func (f *findScreen) fill() {
	if f.shown == nil {
		return
	}
	l := &f.list
	f.page = f.shown.page(l.top, l.top+max(l.height, 1))
	if i := l.at - l.top; i >= 0 && i < len(f.page) {
		f.sel = f.page[i]
	}
}

// lacking are the paths in view whose Stat is not known.
func (f *findScreen) lacking() []string {
	var paths []string
	for i := range f.page {
		if h := &f.page[i]; !h.HasStat && !f.facts.knows(h.Path) {
			paths = append(paths, h.Path)
		}
	}
	return paths
}

// wrote reads again those of the rows that were changed by us.
func (f *findScreen) wrote(paths []string) tea.Cmd { return f.facts.reread(paths) }

// scope is where is searched, in words.
func (f *findScreen) scope() string { return "in " + f.root }

// stale tells that the list does not answer what is typed.
func (f *findScreen) stale() bool {
	return f.shown != nil && (f.shown != f.run || strings.TrimSpace(f.query.text()) != strings.TrimSpace(f.shown.query.String()))
}
