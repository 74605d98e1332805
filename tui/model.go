package tui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"zkdeck/zkview"
)

// focus is the pane that has the keys.
type focus uint8

const (
	focusTree focus = iota
	focusDetail
)

// mode is what the line above the footer does with keys.
type mode uint8

const (
	modeKeys mode = iota
	modeFilter
	modeCommand
)

// model is the one tea.Model of zkdeck.
type model struct {
	opts Options
	ctx  context.Context // ends when the program does; every command's parent

	sess *zkview.Session
	feed *zkview.Feed
	hist *zkview.History

	width, height int
	lay           layout
	profile       colorprofile.Profile
	dark          bool
	st, dimmed    *styles // dimmed draws what may be old
	keys          KeyMap
	ready         bool // the first window size has come

	header  header
	tree    treePane
	detail  detail
	focus   focus
	zoom    bool
	mode    mode
	filter  filterLine
	command commandBar
	dialogs dialogs
	screens screens
	said    messages

	activity *activity
	locks    *locks
	board    *ensembleBoard // nil where there are no ensembles
	leases   *leaseDesk
	lab      *labDesk
	leaving  dialog // asks whether to give up our leases
	pane     bool   // it shows below the tree
	tour     tour

	pending   string // a path to select as soon as it has a row
	lastPlace string
	session   int64 // the last that was granted; 0: none yet
	order     zkview.Order
	sorting   bool            // Stats for the order are under way
	unsorted  map[string]bool // parents whose Stats are not asked for: too many, or unreadable

	settleGen int // generation of the resting selection
	tickGen   int
	tickAt    time.Time // when the next tick is due; zero: none is
	fadeAt    time.Time // when the tree wants its next Tick; zero: it wants none

	farewell []string // said on stderr after the terminal is restored

	opening    bool // a dialog is on its way, of this generation
	openGen    int
	typedAhead []tea.KeyPressMsg // what was typed for it meanwhile
	quitting   bool
	ended      bool // close has been called
}

func newModel(ctx context.Context, o Options) *model {
	m := &model{
		opts: o, ctx: ctx, sess: o.Session,
		feed: zkview.NewFeed(o.Session), hist: zkview.NewHistory(historyBytes),
		profile: colorprofile.TrueColor, dark: o.Theme != "light",
		keys: DefaultKeyMap(), order: zkview.Order{By: zkview.ByName},
		header: header{name: o.Title, sandbox: o.Sandbox}, command: newCommandBar(o.History), filter: newFilterLine(),
	}
	if o.Profile != nil {
		m.profile = *o.Profile
	}
	m.activity, m.tour = newActivity(), newTour(&o)
	m.locks = newLocks(ctx, func() lockBoard { return newBoard(o) })
	m.leases = newLeaseDesk(o)
	m.locks.held = m.leases.ours
	m.lab = newLabDesk(m)
	m.tree.lockAt = m.locks.lockAt
	m.tree.tree, m.unsorted = zkview.NewTree(), map[string]bool{}
	m.tree.sel = "/"
	m.header.update(o.Session.Status())
	if m.header.status.ReadOnly {
		m.keys.readOnly()
		m.lab.readOnly = true
	}
	if m.board = o.board; m.board == nil {
		m.keys.noEnsembles()
	} else {
		m.command.ensembles = m.board.desk.names
	}
	if o.Begin != nil {
		m.command.places = o.Begin.places()
	}
	m.restyle()
	if o.Start != "" && o.Start != "/" {
		m.reveal(o.Start)
	}
	return m
}

// historyBytes bounds the values that the History tab remembers.
const historyBytes = 16 << 20

// restyle makes the inks anew after the terminal told what it can show.
func (m *model) restyle() {
	m.st = newStyles(m.profile, m.dark, m.opts.ASCII)
	m.dimmed = m.st.stale()
}

// Init starts the loops that wait for news. The first frame does not wait for
// any of them.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.awaitNews(), m.awaitStatus()}
	if m.opts.Theme == "auto" || m.opts.Theme == "" {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	if m.opts.Lab != nil {
		cmds = append(cmds, m.startLab(*m.opts.Lab))
	}
	return tea.Batch(cmds...)
}

// Update takes a message and then does what every message may have made due:
// tell the feed what is visible, and arrange the next tick.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	defer logPanic(m.opts.Logger)
	was := m.tree.sel
	cmd := m.dispatch(msg)
	m.followLeases()
	m.followLab()
	if m.quitting {
		return m, tea.Quit
	}
	return m, tea.Batch(cmd, m.watchTour(), m.follow(was), m.followLocks(), m.scheduleTick())
}

// logPanic writes a panic down before Bubble Tea restores the terminal and says
// it there, where it scrolls away.
func logPanic(log *slog.Logger) {
	if r := recover(); r != nil {
		if log != nil {
			log.Error("panic", "reason", r, "stack", string(debug.Stack()))
		}
		panic(r)
	}
}

// dispatch hands what the terminal says to its handler, and the rest on.
func (m *model) dispatch(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		resized := m.ready && (m.width != msg.Width || m.height != msg.Height)
		m.width, m.height, m.ready = msg.Width, msg.Height, true
		m.relayout()
		if resized {
			return wholeScreen
		}
	case tea.ColorProfileMsg:
		if m.opts.Profile == nil {
			m.profile = msg.Profile
		}
		m.restyle()
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.restyle()
	case tea.KeyPressMsg:
		return m.keyPressed(msg)
	case tea.PasteMsg:
		return m.pasted(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case leaveMsg, tea.InterruptMsg:
		return m.quitNow()
	default:
		return m.learned(msg)
	}
	return nil
}

// learned hands what our own commands found out to its handler.
func (m *model) learned(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case newsMsg:
		return m.newsCame(msg.batch)
	case statusChangedMsg:
		m.takeStatus(m.sess.Status())
		return m.awaitStatus()
	case tickMsg:
		m.ticked(msg)
	case settledMsg:
		if msg.gen == m.settleGen {
			m.want(true)
		}
	case valueReadyMsg:
		m.detail.valueReady(msg)
	case aclReadMsg:
		m.detail.aclRead(msg)
	case diffReadyMsg:
		m.detail.diffReady(msg)
	case jobDoneMsg:
		m.tree.tree.Finish(msg.job)
		m.tree.settle()
	case statsReadMsg:
		return m.statsRead(msg.news)
	case completedMsg:
		m.command.completed(msg)
	case flashMsg:
		m.takeStatus(m.sess.Status()) // what it came over is said before
		m.say(msg.level, msg.text)
	case ensemblesChangedMsg: // the redraw comes with every message
	case jumpMsg:
		m.goTo(msg.path)
	case wroteMsg:
		m.feed.Refresh(msg.paths...)
		return m.screens.wrote(msg.paths)
	default:
		return m.dialogMessage(msg)
	}
	return nil
}

// dialogMessage takes what opens dialogs, and hands the rest to the dialog that
// it is addressed to.
func (m *model) dialogMessage(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case readForDialogMsg:
		if msg.gen == m.openGen {
			return m.dispatch(msg.msg)
		}
	case pushDialogMsg:
		d, cmd := msg.make(m.dialogs.nextID())
		m.dialogs.push(d)
		return tea.Batch(cmd, m.opened(true))
	case notOpenedMsg:
		m.say(msg.level, msg.text)
		return m.opened(false)
	case externalEditMsg:
		return tea.Batch(msg.run, m.opened(false))
	case editorClosedMsg:
		return msg.finish(m.sess)
	case screenMsg:
		return m.screens.tell(msg)
	case compareMsg:
		return m.openCompare(msg.left, msg.right)
	case leaveScreenMsg:
		m.screens.leave(msg.shut)
	case editedElsewhereMsg:
		m.dialogs.push(msg.dialog(m.dialogs.nextID(), m.sess))
	default:
		if cmd, taken := m.activityMessage(msg); taken {
			return cmd
		}
		if cmd, taken := m.locksMessage(msg); taken {
			return cmd
		}
		if cmd, taken := m.leasesMessage(msg); taken {
			return cmd
		}
		if cmd, taken := m.labMessage(msg); taken {
			return cmd
		}
		return m.dialogs.update(msg)
	}
	return nil
}

// now is the time on screen.
func (m *model) now() time.Time {
	if m.opts.Now != nil {
		return m.opts.Now()
	}
	return time.Now()
}

func (m *model) say(l level, text string) { m.said.say(l, upper(text), m.now()) }

// relayout recomputes the rectangles after the size or the focus changed.
func (m *model) relayout() {
	m.lay = layOut(m.width, m.height, m.zoom, m.focus == focusDetail, m.pane)
	m.tree.resize(m.lay.tree.Dx(), m.lay.tree.Dy())
	m.detail.resize(m.lay.detail.Dx(), m.lay.detail.Dy())
}

// keyPressed routes a key: what quits, then the topmost dialog, then the line
// being typed, then the focused pane.
func (m *model) keyPressed(msg tea.KeyPressMsg) tea.Cmd {
	if key.Matches(msg, m.keys.ForceQuit) {
		return m.forceQuit()
	}
	if m.dialogs.top() != nil {
		return m.dialogs.update(msg)
	}
	if m.opening {
		switch {
		case key.Matches(msg, m.keys.Quit) && len(m.typedAhead) == 0:
			return m.quit()
		case key.Matches(msg, m.keys.Back):
			return m.opened(false)
		}
		m.typedAhead = append(m.typedAhead, msg)
		return nil
	}
	switch m.mode {
	case modeFilter:
		return m.filterKey(msg)
	case modeCommand:
		return m.commandKey(msg)
	}
	if !m.typing() {
		if cmd, taken := m.tourKey(msg); taken {
			return cmd
		}
	}
	if !m.typing() && m.leaseKey(msg) {
		return nil
	}
	if top := m.screens.top(); top != nil {
		return m.screenKey(top, msg)
	}
	if cmd, ok := m.globalKey(msg); ok {
		return cmd
	}
	if m.focus == focusDetail {
		return m.detailKey(msg)
	}
	return m.treeKey(msg)
}

// pasted hands a paste to whatever is being typed into; on the bare panes a
// paste does nothing, so that it can never act as keys.
func (m *model) pasted(msg tea.PasteMsg) tea.Cmd {
	switch {
	case m.dialogs.top() != nil:
		return m.dialogs.update(msg)
	case m.mode == modeFilter:
		return m.filterPaste(msg)
	case m.mode == modeCommand:
		return m.commandPaste(msg)
	case m.screens.top() != nil:
		return m.screens.top().update(msg)
	default:
		m.say(levelInfo, "Pasted text goes nowhere here; : takes a path, / a filter")
		return nil
	}
}

// newsCame applies a batch to tree, history and detail.
func (m *model) newsCame(batch []zkview.News) tea.Cmd {
	cmds := []tea.Cmd{m.awaitNews()}
	m.takeStatus(m.sess.Status()) // the number of watches has changed with it
	m.tree.tree.Apply(batch...)
	m.fadeAt = m.tree.tree.Tick(m.now())
	for _, n := range batch {
		if n.Seen || n.Path == m.detail.path { // what was merely scrolled past has no history
			m.hist.Add(n)
		}
		cmds = append(cmds, m.unlisted(n))
		switch n.Kind {
		case zkview.ResyncNews:
			cmds = append(cmds, m.resynced(n))
		default:
			if n.Path == m.detail.path {
				cmds = append(cmds, m.detail.news(n))
			}
		}
	}
	m.detail.history = m.hist.Of(m.detail.path)
	if m.pending == "" || !m.tree.selectPath(m.pending) {
		m.tree.settle()
	} else {
		m.pending = ""
	}
	cmds = append(cmds, m.jobs(), m.sortStats())
	return tea.Batch(cmds...)
}

// unlisted says so when the way to the znode that one jumped to ends at a parent
// that may not be listed. Where the parent was not there, which may have been before
// the znode was found, it is looked for once more.
func (m *model) unlisted(n zkview.News) tea.Cmd {
	if m.pending == "" || n.Kind != zkview.ListingNews || n.Path != parentOf(m.pending) ||
		n.Err == nil || errors.Is(n.Err, zkview.ErrHeld) {
		return nil
	}
	if errors.Is(n.Err, zkview.ErrNoNode) {
		return m.jump(m.pending)
	}
	m.say(levelWarn, fmt.Sprintf("%s exists, but %s cannot be listed: %s", m.pending, n.Path, reason(n.Err)))
	m.pending = ""
	return nil
}

// takeStatus shows a status, the newest, and says what became of the session. States may have
// been passed unseen, so the session's own number tells whether it lived on.
func (m *model) takeStatus(s zkview.Status) {
	was := m.header.status
	m.header.update(s)
	m.activity.ours = s.SessionID
	switch {
	case s.State == zkview.Connected && m.session != 0 && s.SessionID != m.session:
		m.say(levelWarn, "New session with "+s.Server+"; the old one's ephemerals are gone")
	case s.State == zkview.Connected && was.State == zkview.Suspended:
		m.say(levelGood, "Connected again to "+s.Server+"; the session lived on")
	case s.State == zkview.Expired && was.State != zkview.Expired:
		m.say(levelBad, "The session expired: what it created as ephemeral is gone")
	}
	if s.State == zkview.Connected {
		m.session = s.SessionID
	}
}

// resynced says why what is shown is being read again, where that is known.
func (m *model) resynced(n zkview.News) tea.Cmd {
	if n.Err != nil {
		m.say(levelWarn, "New session with "+m.header.status.Server+": "+n.Err.Error())
	}
	return nil
}
