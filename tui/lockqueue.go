package tui

import (
	"slices"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// A queue that changes hands more often than fastFrom times a second is shown every
// fastPace, until it is down to half of that: rows that change thirty times a second
// cannot be read.
const (
	fastFrom = 6.0
	fastPace = 500 * time.Millisecond
)

// lockQueue shows an opened lock: its queue, its timeline, and what is wrong with it.
// What is drawn is one view of the lock, whole, until the next is taken.
type lockQueue struct {
	host host
	path string
	ours func(session int64) bool

	view   *lockctl.View // what is drawn; nil: it is not known (yet)
	latest *lockctl.View // what the board says now
	taken  time.Time     // when view was taken
	drawn  time.Time     // when it was drawn last
	dead   []lockctl.Deadlock
	asked  lockctl.Answers
	paused time.Time // since when it stands still; zero if it does not
	missed bool      // it was there and is not listed any more

	rows queueRows
	list pickList
	pace queuePace

	holdsOf *lockctl.View           // of which view these are
	holds   map[string]lockctl.Hold // under way, by znode
	span    int                     // of lockSpans
	past    queuePast
	body    queueBody
}

// queueBody is where the parts of the last drawing are.
type queueBody struct{ first, rows, width int }

// newLockQueue opens the lock at path; ours tells which sessions are this program's.
func newLockQueue(h host, path string, ours func(session int64) bool) *lockQueue {
	return &lockQueue{host: h, path: path, ours: ours, span: 1}
}

// show takes news. They are drawn with the next frame, or somewhat later where the
// lock changes hands too often to be read.
func (q *lockQueue) show(s *lockctl.Snapshot) {
	v := s.At(q.path)
	q.missed = v == nil && (q.view != nil || q.missed)
	if v != nil {
		q.latest = v
	}
	if q.view == nil {
		q.adopt()
	}
	q.asked = s.Answers
	q.dead = q.dead[:0]
	for _, d := range s.Deadlocks {
		for _, w := range d.Chain {
			if w.Lock == q.path || w.Holds == q.path {
				q.dead = append(q.dead, d)
				break
			}
		}
	}
}

// settle takes the newest view if it is time to.
func (q *lockQueue) settle(now time.Time) {
	if q.latest == nil {
		return
	}
	q.pace.look(q.latest.Timeline, now)
	if q.latest == q.view || q.still() {
		return
	}
	if since := now.Sub(q.taken); q.pace.fast && since >= 0 && since < fastPace {
		return
	}
	q.taken = now
	q.adopt()
}

// still tells that nothing moves because a person wants it so.
func (q *lockQueue) still() bool { return !q.paused.IsZero() }

// pause stands still, or goes on.
func (q *lockQueue) pause() {
	if q.still() {
		q.paused = time.Time{}
		return
	}
	q.paused = q.drawn
}

// at is the time for which what is drawn stands.
func (q *lockQueue) at(now time.Time) time.Time {
	if q.still() {
		return q.paused
	}
	return now
}

// adopt draws the newest view from now on. The selection stays on what it selects and
// on its line; if that is gone, on its line, and what is around it stays where it is.
func (q *lockQueue) adopt() {
	if q.latest == nil {
		return
	}
	l := &q.list
	was, before := q.view, q.rows
	before.sections = slices.Clone(before.sections)
	q.view = q.latest
	q.rows.build(q.view)
	line := l.at - l.top
	l.n = q.rows.n
	if was == nil || !l.held {
		l.at, l.top = 0, 0
		l.show()
		return
	}
	row, moved := q.anchor(was, &before)
	l.top = max(min(l.top+moved, l.n-max(l.height, 1)), 0)
	switch {
	case row >= 0 && !(q.pace.fast && row-l.top < line):
		l.at = row
	default: // its line is what is left of it
		l.at = min(l.top+line, max(l.n-1, 0))
	}
	l.show()
}

// anchor finds the selected row in the rows that are drawn now, or else the one
// nearest to it that is still there. It tells the selection's row, -1 if it is gone,
// and how far the rows have moved, 0 if none of those in view is left.
func (q *lockQueue) anchor(was *lockctl.View, before *queueRows) (row, moved int) {
	l := &q.list
	shift := q.rows.n - before.n // rows mostly go at the head
	look := func(at int) int {
		k, some := before.keyOf(was, at)
		if !some {
			return -1
		}
		_, i := before.at(at)
		return q.rows.find(q.view, k, i+min(shift, 0))
	}
	if row = look(l.at); row >= 0 {
		return row, row - l.at
	}
	for d := 1; d < max(l.height, 1); d++ {
		for _, at := range []int{l.at + d, l.at - d} {
			if at < l.top || at >= l.top+l.height {
				continue
			}
			if near := look(at); near >= 0 {
				return -1, near - at
			}
		}
	}
	return -1, 0
}

// contender is the selected contender, nil if something else is selected.
func (q *lockQueue) contender() *lockctl.Contender {
	if s, i := q.rows.at(q.list.at); s != nil && s.kind == contenderRows {
		return &q.view.Contenders[i]
	}
	return nil
}

// here is the path of the selected znode, or of the lock.
func (q *lockQueue) here() string {
	if c := q.contender(); c != nil {
		return childPath(c.Dir, c.Node)
	}
	if s, i := q.rows.at(q.list.at); s != nil && s.kind == foreignRows {
		return childPath(q.foreignDir(), q.view.Foreign[i].Node)
	}
	return q.path
}

// foreignDir is the directory that the foreign children are in.
func (q *lockQueue) foreignDir() string {
	if q.view.Recipe == lockctl.CuratorSemaphore {
		return childPath(q.path, "leases") // of InterProcessSemaphoreV2, beside locks
	}
	return q.path
}

// childPath is the path of a child.
func childPath(dir, name string) string {
	if dir == "/" {
		return dir + name
	}
	return dir + "/" + name
}

func (q *lockQueue) place() string { return safetext.Clean(q.here()) }

// nextChange is how long what is drawn stays true while nothing is heard.
func (q *lockQueue) nextChange(now time.Time) time.Duration {
	if q.view == nil || q.still() && !q.pace.fast {
		return 0
	}
	next := time.Second
	if q.rows.counting() {
		next = 33 * time.Millisecond
	}
	if cell := q.past.cell; cell > 0 {
		next = min(next, max(cell, 100*time.Millisecond))
	}
	if q.pace.fast && !q.still() && q.latest != q.view {
		next = min(next, max(fastPace-now.Sub(q.taken), 10*time.Millisecond))
	}
	if len(q.view.Contenders)+len(q.view.Standbys) == 0 && q.past.quiet && q.latest == q.view {
		return 0
	}
	return next
}
