package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// restTime is how long a selection rests before its value is asked for: a held
// arrow key runs over hundreds of znodes and must not fetch each of them.
const restTime = 60 * time.Millisecond

// follow runs after every message: it tells the feed what is visible, and turns
// the detail to the selected znode.
func (m *model) follow(was string) tea.Cmd {
	if !m.ready {
		return nil
	}
	var cmd tea.Cmd
	if m.tree.sel != m.detail.path {
		m.detail.turnTo(m.tree.sel, m.hist.Of(m.tree.sel))
		if r, ok := m.selected(); ok && r.HasStat {
			m.detail.stat, m.detail.hasStat = r.Stat, true
		}
		m.settleGen++
		gen := m.settleGen
		cmd = tea.Batch(m.after(restTime, func(time.Time) tea.Msg { return settledMsg{gen} }), m.readACL())
	}
	if was != m.tree.sel && m.farFrom(was) {
		m.lastPlace = was
	}
	m.want(false)
	return cmd
}

// farFrom tells whether the selection left path by a jump rather than a step.
func (m *model) farFrom(path string) bool {
	row, ok := m.tree.find(path)
	return !ok || row < m.tree.selRow-m.tree.height || row > m.tree.selRow+m.tree.height
}

// want tells the feed what is visible. Until the selection rests, the value
// stays that of nothing.
func (m *model) want(rested bool) {
	selected := ""
	if rested {
		m.detail.rested = true
	}
	if m.detail.rested {
		selected = m.tree.sel
	}
	m.tree.tree.ForgetStats(m.tree.top-1, m.tree.top+m.tree.height)
	m.feed.Want(m.tree.wants(selected))
}

// jobs runs aside what the tree cannot do at once: sorting and filtering of big
// listings.
func (m *model) jobs() tea.Cmd {
	job := m.tree.tree.Job()
	if job == nil {
		return nil
	}
	return func() tea.Msg {
		job.Run()
		return jobDoneMsg{job}
	}
}

// awaitNews waits for the next batch of news; newsCame asks again.
func (m *model) awaitNews() tea.Cmd {
	ctx, feed := m.ctx, m.feed
	return func() tea.Msg {
		batch, err := feed.Next(ctx)
		if err != nil {
			return nil // the program or the feed ended
		}
		return newsMsg{batch}
	}
}

// awaitStatus waits for the next change of the session's status.
func (m *model) awaitStatus() tea.Cmd {
	ctx, sess := m.ctx, m.sess
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case <-sess.Changed():
			return statusChangedMsg{}
		}
	}
}

// after is tea.Tick that ends with the program: Bubble Tea waits for no command,
// and a tick may be a minute away.
func (m *model) after(d time.Duration, tell func(time.Time) tea.Msg) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case at := <-timer.C:
			return tell(at)
		case <-ctx.Done():
			return nil
		}
	}
}

// scheduleTick arranges one tick for the moment at which something on screen
// stops being true: a mark fades, a message goes, an age grows by a unit. Where
// nothing does, no tick runs and an idle screen stays silent.
func (m *model) scheduleTick() tea.Cmd {
	now := m.now()
	next := m.header.nextChange(now)
	sooner := func(d time.Duration) {
		if d > 0 && d < next {
			next = d
		}
	}
	if !m.fadeAt.IsZero() {
		sooner(max(m.fadeAt.Sub(now), time.Millisecond))
	}
	if _, ok := m.said.current(now); ok {
		sooner(m.said.until.Sub(now))
	}
	sooner(m.detail.nextChange(now))
	sooner(m.activity.nextChange(now))
	sooner(m.leases.nextChange(m.dialogs.top() != nil, now))
	if top := m.screens.top(); top != nil {
		sooner(top.nextChange(now))
	}
	due := now.Add(next)
	if !m.tickAt.IsZero() && !due.Before(m.tickAt.Add(-time.Millisecond)) && m.tickAt.After(now) {
		return nil // the tick under way comes soon enough
	}
	m.tickGen++
	m.tickAt = due
	gen := m.tickGen
	return m.after(next, func(t time.Time) tea.Msg { return tickMsg{gen, t} })
}

// ticked lets go of what has faded. The redraw itself comes with every message.
func (m *model) ticked(msg tickMsg) {
	if msg.gen != m.tickGen {
		return
	}
	m.tickAt = time.Time{}
	m.fadeAt = m.tree.tree.Tick(m.now())
	m.tree.settle()
}
