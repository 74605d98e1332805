package tui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// The buttons of the panel of a claim.
const (
	leaseHide      = "Hide"
	leaseShut      = "Close"
	leaseGiveUp    = "Cancel the wait"
	leaseRelease   = "Release"
	leaseAgain     = "Again…"
	leaseChange    = "Change…"
	leaseQueue     = "Acquire"
	leaseForce     = "Force…"
	leaseNoted     = "Understood"
	leaseInTree    = "In the tree"
	leaseForceSure = "Force"
)

// leasePanel is the lock panel of one path: before a lock is taken a form, then what
// becomes of it. Closing it ends nothing.
type leasePanel struct {
	desk  *leaseDesk
	locks *locks
	path  string
	now   func() time.Time

	form   *leaseForm // nil while a claim shows
	claim  *claim
	row    buttons
	shown  claimState // for which row is
	asking *question
	list   scrollList
}

var _ dialog = (*leasePanel)(nil)

// newLeasePanel shows a claim, or with nil the form for path.
func newLeasePanel(desk *leaseDesk, l *locks, now func() time.Time, path string, c *claim) *leasePanel {
	d := &leasePanel{desk: desk, locks: l, now: now, path: path}
	if c == nil {
		d.form = newLeaseForm()
	} else {
		d.show(c)
	}
	return d
}

// show turns to a claim.
func (d *leasePanel) show(c *claim) {
	d.form, d.claim, d.asking = nil, c, nil
	d.list = scrollList{follow: true}
	d.row = buttons{}
	d.settle(c.look())
}

func (d *leasePanel) title() string {
	return "Lock " + safetext.Clean(d.path)
}

func (d *leasePanel) danger() bool {
	return d.asking != nil || d.claim != nil && d.claim.look().state == claimLost
}

func (d *leasePanel) unsaved() string { return "" }

// settle gives the buttons of a state. The focus stays where it is while what the
// button does is of a kind.
func (d *leasePanel) settle(v claimView) {
	if d.row.labels != nil && v.state == d.shown {
		return
	}
	d.shown = v.state
	labels, danger := []string{leaseShut, leaseAgain}, -1
	switch v.state {
	case claimWaiting:
		labels = []string{leaseHide, leaseGiveUp, leaseInTree}
	case claimHeld, claimSuspended:
		labels = []string{leaseHide, leaseRelease, leaseInTree}
	case claimCancelling, claimReleasing:
		labels = []string{leaseHide}
	case claimLost:
		labels = []string{leaseShut, leaseNoted}
	case claimRefused:
		labels = []string{leaseShut, leaseChange}
		r := refused(v.err, d.claim.want)
		if r.wait {
			labels = append(labels, leaseQueue)
		}
		if r.force {
			danger = len(labels)
			labels = append(labels, leaseForce)
		}
	}
	at := min(d.row.at, len(labels)-1)
	if !v.state.active() {
		at = 0
	}
	d.row = buttons{labels: labels, at: at, danger: danger}
}

func (d *leasePanel) update(msg tea.Msg) (tea.Cmd, bool) {
	switch {
	case d.asking != nil:
		return d.answered(msg), false
	case d.form != nil:
		want, done := d.form.update(msg)
		if want != nil {
			return d.begin(*want), false
		}
		return nil, done
	}
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false
	}
	d.settle(d.claim.look())
	n := len(d.row.labels)
	switch {
	case key.Matches(k, dkeys.Close):
		return nil, d.hide()
	case key.Matches(k, dkeys.Accept):
		return d.press(d.row.labels[d.row.at])
	case key.Matches(k, dkeys.Next):
		d.row.at = (d.row.at + 1) % n
	case key.Matches(k, dkeys.Prev):
		d.row.at = (d.row.at + n - 1) % n
	case key.Matches(k, dkeys.ListTop):
		d.list.top, d.list.follow = 0, false
	case key.Matches(k, dkeys.ListBottom):
		d.list.follow = true
	case key.Matches(k, dkeys.ScrollUp):
		d.list.by(-1)
	case key.Matches(k, dkeys.ScrollDown):
		d.list.by(1)
	case d.list.update(k):
	default:
		d.row.update(k)
	}
	return nil, false
}

// begin takes the lock.
func (d *leasePanel) begin(want leaseWant) tea.Cmd {
	return tell(takeLeaseMsg{path: d.path, want: want, show: d.show})
}

// hide closes the panel. What was refused has been seen then.
func (d *leasePanel) hide() bool {
	if d.claim.look().state == claimRefused {
		d.desk.drop(d.claim)
	}
	return true
}

// press does what a button says.
func (d *leasePanel) press(label string) (cmd tea.Cmd, done bool) {
	c := d.claim
	switch label {
	case leaseGiveUp, leaseRelease:
		c.leave()
	case leaseInTree:
		path := d.path
		if v := c.look(); v.node != "" && v.dir != "" {
			path = childPath(v.dir, v.node)
		}
		return tell(showInTreeMsg{path}), true
	case leaseAgain, leaseChange:
		d.hide()
		d.form, d.claim = d.formOf(c.want), nil
	case leaseQueue:
		d.hide()
		want := c.want
		want.try = false
		return d.begin(want), false
	case leaseForce:
		d.asking = ask([]string{refused(c.look().err, c.want).what, "Queue at " + safetext.Clean(d.path) +
			" all the same? Two clients may then hold it at once, each believing that it is alone."}, "Cancel", leaseForceSure)
	case leaseNoted:
		d.desk.drop(c)
		return nil, true
	default:
		return nil, d.hide()
	}
	return nil, false
}

// answered takes the answer whether to force.
func (d *leasePanel) answered(msg tea.Msg) tea.Cmd {
	switch d.asking.update(msg) {
	case 0:
		d.asking = nil
	case 1:
		d.asking = nil
		d.hide()
		want := d.claim.want
		want.force = true
		return d.begin(want)
	}
	return nil
}

// formOf is the form with what was chosen before.
func (d *leasePanel) formOf(w leaseWant) *leaseForm {
	f := newLeaseForm()
	switch {
	case w.slots > 0:
		f.mode.at = leaseOneOf
		f.slots.set(itoa(int32(w.slots)))
	case w.mode == lockctl.Read:
		f.mode.at = leaseShared
	}
	f.recipes()
	f.recipe.at = max(slices.Index(f.recipe.options, string(w.recipe)), 0)
	f.identity.set(w.identity)
	f.timeout.set(shortTime(w.timeout))
	if w.wait > 0 {
		f.wait.set(shortTime(w.wait))
	}
	for _, b := range []*textBox{f.slots, f.identity, f.wait, f.timeout} {
		b.toEnd()
	}
	return f
}

func (d *leasePanel) keys() []key.Binding {
	switch {
	case d.asking != nil:
		return d.asking.keys()
	case d.form != nil:
		return d.form.keys()
	}
	return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.ScrollUp, "steps"), named(dkeys.Close, "hide")}
}
