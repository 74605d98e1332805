package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// activityKept is how many changes the feed remembers, and again as many while it
// is paused.
const activityKept = 20_000

// activityPace is the least time between two batches of changes: what happens on
// the cluster repaints at most thirty times a second.
const activityPace = 33 * time.Millisecond

// armedPoll is how often one looks whether the watch is there now, and the znode.
const armedPoll = 250 * time.Millisecond

// activityWindow is how many seconds the sparkline shows.
const activityWindow = 60

// changes is where the feed gets what it shows.
type changes interface {
	Next(ctx context.Context) ([]zkview.Action, error)
	Status() zkview.ActivityStatus
	Close()
}

var _ changes = (*zkview.Activity)(nil)

// activityMsg are changes that came, of the feed with this generation.
type activityMsg struct {
	gen     int
	actions []zkview.Action
	err     error // why there will be no more
}

// activity is the live feed of one subtree. Screen 5 and the pane below the tree
// show the same one.
type activity struct {
	gen     int // raised whenever another subtree is followed; stale messages are dropped by it
	path    string
	src     changes // nil: nothing is followed
	ctx     context.Context
	cancel  context.CancelFunc
	started time.Time
	err     error // why it ended by itself

	log   *zkview.ActivityLog
	since *zkview.ActivityLog // paused: what has come since; nil otherwise

	last, paused uint64    // Seq of the newest change, now and when paused
	newest       time.Time // when the newest change came
	total        int       // changes since it was started or cleared
	ours         int64     // our own session

	list   feedList
	filter filterLine
	typing bool
	change changeView
	top    topPaths
}

func newActivity() *activity { return &activity{filter: newFilterLine()} }

func (a *activity) running() bool { return a.src != nil }

// start follows another subtree; parent ends it. What was collected goes.
func (a *activity) start(parent context.Context, src changes, path string, now time.Time) tea.Cmd {
	a.stop()
	gen, ours := a.gen, a.ours
	*a = *newActivity()
	a.ours, a.gen, a.path, a.src, a.started = ours, gen, path, src, now
	a.ctx, a.cancel = context.WithCancel(parent)
	a.clear()
	return a.await()
}

// stop ends the watch. What was collected is forgotten.
func (a *activity) stop() {
	a.gen++
	if a.src == nil {
		return
	}
	a.cancel()
	a.src.Close()
	a.src, a.log, a.since = nil, nil, nil
	a.change = changeView{}
}

// clear forgets what was collected.
func (a *activity) clear() {
	a.log = zkview.NewActivityLog(activityKept)
	a.log.SetFilter(a.filter.text())
	if a.since != nil {
		a.since = zkview.NewActivityLog(activityKept)
	}
	a.total = 0
	a.list = feedList{}
	a.change.close()
	a.top = topPaths{recent: a.top.recent, shown: a.top.shown}
}

// await waits for the next changes; take asks again.
func (a *activity) await() tea.Cmd {
	src, ctx, gen, first := a.src, a.ctx, a.gen, a.last == 0
	return func() tea.Msg {
		if !first {
			rest := time.NewTimer(activityPace)
			defer rest.Stop()
			select {
			case <-rest.C:
			case <-ctx.Done():
				return nil
			}
		}
		actions, err := src.Next(ctx)
		if ctx.Err() != nil {
			return nil // nobody looks any more
		}
		return activityMsg{gen, actions, err}
	}
}

// take adds what came and waits for more. A change whose Seq is known already
// comes again with what was read of it.
func (a *activity) take(msg activityMsg) tea.Cmd {
	if msg.gen != a.gen || a.src == nil {
		return nil
	}
	if msg.err != nil {
		a.err = msg.err
		return nil
	}
	for i := range msg.actions {
		act := &msg.actions[i]
		if act.Seq > a.last {
			a.last = act.Seq
			if act.Kind != zkview.Resync {
				a.total++
				a.newest = act.At
			}
		}
		if log := a.log; a.since == nil || act.Seq <= a.paused {
			log.Add(msg.actions[i : i+1])
		} else {
			a.since.Add(msg.actions[i : i+1])
		}
	}
	return tea.Batch(a.await(), a.change.again(msg.actions))
}

// pause stands still, or goes on: then what was collected meanwhile shows.
func (a *activity) pause() {
	if a.since == nil {
		a.since, a.paused = zkview.NewActivityLog(activityKept), a.last
		return
	}
	held := make([]zkview.Action, a.since.Len())
	for i := range held {
		held[i] = a.since.At(i)
	}
	a.log.Add(held)
	a.since = nil
}

// setFilter shows only changes of paths that contain what was typed.
func (a *activity) setFilter() {
	a.log.SetFilter(a.filter.text())
	a.list.settle(a.log)
}

// rates are the changes of each of the last seconds, the newest last.
func (a *activity) rates(now time.Time, seconds int) []int {
	out := a.log.Rate(now, seconds)
	if a.since != nil {
		for i, n := range a.since.Rate(now, seconds) {
			out[i] += n
		}
	}
	return out
}

// rate is how many changes come each second now: those of the last whole second,
// or of this one when they are more already.
func (a *activity) rate(now time.Time) int {
	if a.src == nil || a.quiet(now) {
		return 0
	}
	r := a.rates(now, 2)
	return max(r[0], r[1])
}

// quiet tells that nothing has come for as long as the sparkline shows.
func (a *activity) quiet(now time.Time) bool {
	return a.newest.IsZero() || now.Sub(a.newest) > (activityWindow+1)*time.Second
}

// nextChange is how long what is drawn stays true while nothing comes.
func (a *activity) nextChange(now time.Time) time.Duration {
	if a.src == nil {
		return 0
	}
	switch status := a.src.Status(); {
	case a.err == nil && (!status.Armed || status.Reading):
		return armedPoll
	case a.quiet(now):
		return 0
	}
	return time.Second - now.Sub(now.Truncate(time.Second))
}
