package tui

import (
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// activityMessage takes what is addressed to the feed.
func (m *model) activityMessage(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case activityMsg:
		return m.activity.take(msg), true
	case changeReadyMsg:
		m.activity.change.take(msg)
	case followMsg:
		return m.startActivity(msg), true
	case unfollowMsg:
		m.unfollow()
	default:
		return nil, false
	}
	return nil, true
}

// openActivity shows screen 5, which follows what is selected unless something is
// followed already.
func (m *model) openActivity() tea.Cmd {
	if m.activity.running() {
		return m.showActivity()
	}
	return m.startActivity(followMsg{path: m.here()})
}

// activityNumber is the number of the feed's screen.
func (m *model) activityNumber() string { return m.keys.ActivityScreen.Help().Key }

// showActivity brings screen 5 to the front.
func (m *model) showActivity() tea.Cmd {
	return m.screens.show("Activity", m.activityNumber(), func(int) (scene, tea.Cmd) {
		return &activityScreen{feed: m.activity, host: m, keys: &m.keys, now: m.now}, nil
	})
}

// activityCommand follows a path, or what is selected.
func (m *model) activityCommand(path string) tea.Cmd {
	if path == "" {
		return m.openActivity()
	}
	if err := zkview.CheckPath(path); err != nil {
		m.say(levelWarn, err.Error())
		return nil
	}
	return m.startActivity(followMsg{path: path})
}

// togglePane shows the feed below the tree, or takes it away; without the screen
// it then ends.
func (m *model) togglePane() tea.Cmd {
	fromTree := m.screens.top() == nil
	m.screens.leave(false)
	switch {
	case m.pane && fromTree:
		m.pane = false
		if m.screens.numbered(m.activityNumber()) == 0 {
			m.activity.stop()
		}
	case m.activity.running():
		m.pane = true
	default:
		return m.startActivity(followMsg{pane: true})
	}
	m.relayout()
	m.sayPaneHidden()
	return nil
}

// sayPaneHidden says why a pane that was asked for does not show.
func (m *model) sayPaneHidden() {
	if m.pane && m.lay.pane.Empty() {
		m.say(levelInfo, "No room for it below the tree; "+m.activityNumber()+" shows it")
	}
}

// startActivity starts a feed. All of a cluster is followed only by who wants that.
func (m *model) startActivity(msg followMsg) tea.Cmd {
	if msg.path == "" {
		msg.path = m.tree.sel
	}
	if a := m.activity; a.running() && a.err == nil && a.path == msg.path {
		m.say(levelInfo, msg.path+" is followed already")
		return m.showActivity()
	}
	if msg.path == "/" && !msg.sure && !m.opts.Sandbox { // of the sandbox all is little
		msg.sure = true
		m.dialogs.push(newConfirmDialog(m.dialogs.nextID(), "Follow everything",
			"A watch on / brings every change of the whole cluster to this screen: the server sends each of them, "+
				"and what changed is read again. On a busy cluster that is a load for both. "+
				"Nothing is changed, and it ends when you end it.",
			"Follow everything", tell(msg)))
		return nil
	}
	cmd := m.activity.start(m.ctx, zkview.NewActivity(m.sess, msg.path), msg.path, m.now())
	if msg.pane {
		m.pane = true
		m.relayout()
		m.sayPaneHidden()
		return cmd
	}
	return tea.Batch(cmd, m.showActivity())
}

// unfollow ends the feed, its screen and its pane.
func (m *model) unfollow() {
	path := m.activity.path
	if id := m.screens.numbered(m.activityNumber()); id != 0 {
		m.screens.front = id
		m.screens.leave(true)
	}
	m.activity.stop()
	m.pane = false
	m.relayout()
	m.say(levelInfo, path+" is not followed any more")
}

// activityPane draws the feed below the tree.
func (m *model) activityPane(st *styles) []string {
	r := m.lay.pane
	if r.Empty() || !m.activity.running() {
		return nil
	}
	a, now := m.activity, m.now()
	state := []span{{st.dim, m.activityNumber() + " opens, " + m.keys.ActivityPane.Help().Key + " closes "}}
	if a.since != nil || a.err != nil || !a.src.Status().Armed {
		state = a.state(st, &m.keys)
	}
	rate := []span{{st.bold, " " + comma(a.rate(now)) + "/s "}}
	seconds := min(r.Dx()/3, activityWindow)
	rate = append(rate, st.sparkline(a.rates(now, seconds))...)
	room := r.Dx() - spansWidth(state) - spansWidth(rate) - 2
	if room < 16 {
		state, room = nil, r.Dx()-spansWidth(rate)-2
	}
	path := safetext.TruncateMiddle(safetext.Clean(a.path), max(room, 4))
	head := append([]span{{st.bold, " " + path}, {st.text, " "}}, rate...)
	rows := []string{st.line(r.Dx(), false, head, state)}
	return append(rows, a.rows(st, r.Dx(), r.Dy()-1, now, false)...)
}
