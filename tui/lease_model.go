package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// takeLeaseMsg takes the lock at a path and hands the claim to whoever asked for it.
type takeLeaseMsg struct {
	path string
	want leaseWant
	show func(*claim)
}

// showLeaseMsg opens the panel of a claim, showQueueMsg the queue of a lock, and
// showInTreeMsg a znode in the tree.
type (
	showLeaseMsg  struct{ claim *claim }
	showQueueMsg  struct{ path string }
	showInTreeMsg struct{ path string }
)

// askQuitMsg tells that a person wants to quit, and is to be asked.
type askQuitMsg struct{}

// releaseAllMsg tells that all is to be released and the program to end, leasesLeftMsg
// that it was.
type (
	releaseAllMsg struct{}
	leasesLeftMsg struct{}
)

// leasesMessage takes what is addressed to our leases.
func (m *model) leasesMessage(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case leasesChangedMsg:
		return m.leases.await(m.ctx, leasesPace), true
	case takeLeaseMsg:
		return m.takeLease(msg), true
	case showLeaseMsg:
		m.openLease(msg.claim)
	case showQueueMsg:
		return m.openLockAt(msg.path), true
	case showInTreeMsg:
		return m.jump(msg.path), true
	case askQuitMsg:
		return m.quit(), true
	case releaseAllMsg:
		m.say(levelInfo, "Releasing "+leaseNames(pathsOf(m.leases.active()))+" …")
		return m.releaseAll(), true
	case leasesLeftMsg:
		m.quitting = true
	default:
		return nil, false
	}
	return nil, true
}

// takeLease begins a claim.
func (m *model) takeLease(msg takeLeaseMsg) tea.Cmd {
	if !m.mayLock() {
		return nil
	}
	if m.leases.ended {
		m.say(levelWarn, "The program is about to end: no lock is taken any more")
		return nil
	}
	c := m.leases.begin(msg.path, msg.want)
	if msg.show != nil {
		msg.show(c)
	}
	if m.leases.asked {
		return nil
	}
	return m.leases.await(m.ctx, 0)
}

// mayLock tells whether locks may be taken, and says so if not.
func (m *model) mayLock() bool {
	if m.header.status.ReadOnly {
		m.say(levelWarn, "This session is read-only: taking a lock creates a znode, so that no lock can be taken")
		return false
	}
	return true
}

// leaseKey takes the keys that mean our leases, on every screen.
func (m *model) leaseKey(msg tea.KeyPressMsg) bool {
	k := &m.keys
	switch {
	case key.Matches(msg, k.Leases):
		m.openLeases()
	case key.Matches(msg, k.Lock):
		m.openLockPanel(m.lockHere())
	case !k.Lock.Enabled() && slices.Contains(k.Lock.Keys(), msg.String()):
		m.mayLock()
	default:
		return false
	}
	return true
}

// lockHere is the path that the person means who wants to take a lock: the lock that is
// opened or selected, the selected znode, or where that can have no children, the one
// above it.
func (m *model) lockHere() string {
	if s, ok := m.screens.top().(*locksScreen); ok {
		if s.queue != nil {
			return s.path
		}
		return s.here()
	}
	path := m.here()
	if row, ok := m.tree.find(path); ok {
		if r := m.tree.at(row); r.HasStat && r.Stat.Kind() == zkview.Ephemeral {
			return parentOf(path)
		}
	}
	return path
}

// openLockPanel opens the panel of a path: of the claim that we have there, or the form.
func (m *model) openLockPanel(path string) {
	if !m.mayLock() {
		return
	}
	m.dialogs.push(newLeasePanel(m.leases, m.locks, m.now, path, m.leases.at(path)))
}

// openLease opens the panel of a claim.
func (m *model) openLease(c *claim) {
	m.dialogs.push(newLeasePanel(m.leases, m.locks, m.now, c.path, c))
}

// openLeases opens the list.
func (m *model) openLeases() { m.dialogs.push(newLeaseList(m.leases, m.keys, m.now)) }

// openLockAt shows the queue of a lock on the screen Locks.
func (m *model) openLockAt(path string) tea.Cmd {
	cmd := m.openLocks()
	if s, ok := m.screens.top().(*locksScreen); ok {
		s.enterAt(path)
	}
	return cmd
}

// lockAtCommand is :lock.
func (m *model) lockAtCommand(arg string) tea.Cmd {
	if !m.mayLock() {
		return nil
	}
	path, ok := m.leasePath(arg, m.lockHere())
	if ok {
		m.openLockPanel(path)
	}
	return nil
}

// leasePath is a path that was typed, or where nothing was another one.
func (m *model) leasePath(arg, otherwise string) (string, bool) {
	if arg == "" {
		return otherwise, true
	}
	if len(arg) > 1 {
		arg = strings.TrimRight(arg, "/")
	}
	if err := zkview.CheckPath(arg); err != nil {
		m.say(levelWarn, fmt.Sprintf("%s: %s", safetext.Clean(arg), reason(err)))
		return "", false
	}
	return arg, true
}

// releaseCommand is :release: it releases the lease on a path, or gives the wait for it
// up. Without a path it is the only one that there is.
func (m *model) releaseCommand(arg string) tea.Cmd {
	active := m.leases.active()
	switch {
	case arg == "" && len(active) == 1:
		active[0].leave()
	case arg == "" && len(active) > 1:
		m.openLeases()
	case arg == "":
		m.say(levelInfo, "We hold no lease and wait for none")
	default:
		path, ok := m.leasePath(arg, "")
		if !ok {
			return nil
		}
		if c := m.leases.at(path); c != nil && c.look().state.active() {
			c.leave()
		} else {
			m.say(levelWarn, "We neither hold "+path+" nor wait for it")
		}
	}
	return nil
}

// followLeases runs after every message: it says what has become of our claims, and
// lets the locks know which sessions are ours.
func (m *model) followLeases() {
	d := m.leases
	if d.learn() {
		m.locks.rev++
	}
	for _, c := range slices.Clone(d.claims) {
		v := c.look()
		m.tellClaim(c, v)
		if v.state == claimReleased || v.state == claimCancelled {
			d.drop(c)
		}
	}
}

// tellClaim says what is new of a claim.
func (m *model) tellClaim(c *claim, v claimView) {
	name, was := safetext.Clean(c.path), c.told
	if v.asked != "" && v.asked != c.asked {
		m.say(levelWarn, "Somebody asks for "+name+" back: release it when what it protects can be left ("+m.keys.Leases.Help().Key+")")
	}
	c.asked = v.asked
	failed := ""
	if v.state == claimHeld || v.state == claimSuspended {
		failed = leaseReason(v.err)
	}
	if failed != "" && failed != c.failed {
		m.say(levelBad, name+" could not be released: "+failed)
	}
	c.failed = failed
	if v.state == was {
		return
	}
	c.told = v.state
	switch v.state {
	case claimHeld:
		text := name + " is ours, token " + zxid(v.token)
		if was == claimSuspended {
			text = name + " is held on: the servers answered in time, and our znode is there"
		}
		m.said.say(levelGood, text, m.now())
	case claimSuspended:
		c.lostAt = m.now()
		m.said.say(levelWarn, "The lease on "+name+" is suspended: the servers are not heard", m.now())
	case claimLost:
		c.lostAt = m.now()
		m.said.say(levelBad, "The lease on "+name+" is LOST: another may hold it. "+upper(leaseReason(v.err)), m.now())
	case claimReleased:
		if v.err == nil {
			m.said.say(levelInfo, name+" is released, after "+holdTime(v, m.now()), m.now())
		}
	case claimCancelled:
		m.said.say(levelInfo, "The wait for "+name+" is given up", m.now())
	case claimRefused:
		m.said.say(levelWarn, name+" was not granted: "+leaseReason(v.err), m.now())
	}
}

// leaseInFront is the lock whose panel is on top, "" for none.
func (m *model) leaseInFront() string {
	if d, ok := m.dialogs.top().(*leasePanel); ok {
		return d.path
	}
	return ""
}

// leaseWants are the locks that the board is to look at because we are in their queue,
// or about to be, and again when we have joined it: before there may be no directory.
func (m *model) leaseWants() []lookWant {
	var wants []lookWant
	want := func(path string, cversion int32) {
		if !slices.ContainsFunc(wants, func(w lookWant) bool { return w.path == path }) {
			wants = append(wants, lookWant{path: path, cversion: cversion, lease: true})
		}
	}
	for _, c := range slices.Backward(m.leases.claims) {
		if v := c.look(); v.state.active() {
			want(c.path, int32(boolInt(v.node != "")+boolInt(!v.granted.IsZero())))
		}
	}
	if p := m.leaseInFront(); p != "" {
		want(p, 0)
	}
	return wants
}

// askToLeave asks before leases are given up, and does then what next says. It returns
// false if there is nothing to ask for.
func (m *model) askToLeave(head, unsaved, before, yes string, next tea.Cmd) bool {
	text := m.leases.ending()
	if text == "" {
		return false
	}
	paragraphs := []string{text + " " + before}
	if unsaved != "" {
		paragraphs = append(paragraphs, upper(sentence(safetext.CleanLine(unsaved))))
	}
	d := &confirmDialog{head: head, q: ask(paragraphs, "Stay", yes), onYes: next}
	m.leaving = d
	m.dialogs.push(d)
	return true
}

// releaseAll releases everything aside and ends the program then.
func (m *model) releaseAll() tea.Cmd {
	end := m.leases.closer()
	return func() tea.Msg {
		end()
		return leasesLeftMsg{}
	}
}

// pathsOf are the paths of claims.
func pathsOf(claims []*claim) []string {
	var paths []string
	for _, c := range claims {
		paths = append(paths, c.path)
	}
	return paths
}

var (
	_ leaseTaker = locker{}
	_ heldLease  = (*lockctl.Lease)(nil)
)
