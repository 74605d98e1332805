package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
)

// locksPace is the least time between two looks at the board: what happens to locks
// repaints at most thirty times a second.
const locksPace = 33 * time.Millisecond

// lockBoard is what the program asks of a lockctl.Board. Nothing but Close blocks.
type lockBoard interface {
	Search(roots ...string)
	Look(paths ...string)
	LookAgain(paths ...string)
	Open(path string)
	Changed() <-chan struct{}
	Snapshot() *lockctl.Snapshot
	Close()
}

// locks is what the program knows of the cluster's locks: one board a session, made
// when something is first asked of it. The screen Locks and the rows of the tree
// show the same.
type locks struct {
	open  func() lockBoard
	ctx   context.Context // of the program
	board lockBoard       // nil: nothing was asked yet
	snap  *lockctl.Snapshot
	ours  int64          // the session that browses
	held  map[int64]bool // those of our leases
	rev   int            // counts the changes of both
	lost  time.Time      // since when there is no connection; zero while there is one

	roots    []string // what is searched; nil: nothing
	searches int      // how often the roots were set, by which stale ones are told
	opened   string   // the lock in front

	look lockLook
}

// locksChangedMsg tells that the board has another snapshot.
type locksChangedMsg struct{}

func newLocks(ctx context.Context, open func() lockBoard) *locks {
	return &locks{open: open, ctx: ctx, snap: &lockctl.Snapshot{}, look: lockLook{seen: map[string]*lockFacts{}}}
}

// begin makes the board unless there is one, and returns what waits for its news.
func (l *locks) begin() tea.Cmd {
	if l.board != nil {
		return nil
	}
	l.board = l.open()
	return l.await(0)
}

// await waits for news, at the earliest after rest.
func (l *locks) await(rest time.Duration) tea.Cmd {
	ctx, changed := l.ctx, l.board.Changed()
	return func() tea.Msg {
		pause := time.NewTimer(rest)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil
		}
		select {
		case _, more := <-changed:
			if more {
				return locksChangedMsg{}
			}
		case <-ctx.Done():
		}
		return nil
	}
}

// take takes the newest snapshot and waits for the next.
func (l *locks) take() tea.Cmd {
	if l.board == nil {
		return nil
	}
	l.snap = l.board.Snapshot()
	return l.await(locksPace)
}

// search searches below roots, anew if they are the same, and follows what it finds.
func (l *locks) search(roots []string) tea.Cmd {
	cmd := l.begin()
	l.searches++
	l.roots = roots
	l.board.Search(roots...)
	return cmd
}

// end lets go of what was searched. The tree's rows keep theirs.
func (l *locks) end() {
	l.searches++
	l.roots = nil
	if l.board != nil {
		l.board.Search()
	}
}

// show tells the board which lock is in front, "" for none.
func (l *locks) show(path string) {
	if l.board != nil && l.opened != path {
		l.opened = path
		l.board.Open(path)
	}
}

// close ends the board and waits for that.
func (l *locks) close() {
	if l.board != nil {
		l.board.Close()
	}
}

// newBoard is the board of a session.
func newBoard(o Options) lockBoard {
	return lockctl.NewBoard(lockview.New(o.Session), lockctl.Options{Logger: o.Logger, Now: o.Now})
}

// known is the time up to which one knows what holds: while there is no connection,
// the end of it.
func (l *locks) known(now time.Time) time.Time {
	if !l.lost.IsZero() && l.lost.Before(now) {
		return l.lost
	}
	return now
}

// isOurs tells our own sessions: the one that browses, and those of our leases.
func (l *locks) isOurs(session int64) bool {
	return session != 0 && (session == l.ours || l.held[session])
}
