package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// usageRun is one count of a subtree.
type usageRun struct {
	gen    int
	root   string
	ctx    context.Context
	cancel context.CancelFunc
	usages *zkview.Usages
	news   chan usageNewsMsg // the newest alone

	// What the screen has been told.
	told    usageNewsMsg
	last    *usageNewsMsg // that all is counted; nil before
	stopped bool
}

// usageNewsMsg tells how far a count is.
type usageNewsMsg struct {
	gen      int
	progress zkview.WalkProgress
	done     bool
	err      error
}

// usageRowsMsg is what was counted of one znode and its children.
type usageRowsMsg struct {
	gen   int
	dir   string
	order zkview.UsageOrder
	self  zkview.Usage
	rows  []zkview.Usage
	rest  zkview.Usage // of the children that are not listed
	most  int64        // what the longest bar stands for
}

func newUsageRun(ctx context.Context, gen int, root string) *usageRun {
	r := &usageRun{gen: gen, root: root, usages: zkview.NewUsages(root), news: make(chan usageNewsMsg, 1)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// count walks until all is counted or the count is stopped.
func (r *usageRun) count(s searcher) {
	o := zkview.WalkOptions{Stat: true, Progress: func(p zkview.WalkProgress) { r.tell(usageNewsMsg{gen: r.gen, progress: p}) }}
	p, err := s.Walk(r.ctx, r.root, o, func(batch []zkview.Znode) error {
		r.usages.Add(batch)
		return nil
	})
	r.tell(usageNewsMsg{gen: r.gen, progress: p, done: true, err: err})
}

// tell leaves word for the screen in the place of what it has not taken yet.
func (r *usageRun) tell(msg usageNewsMsg) {
	select {
	case <-r.news:
	default:
	}
	r.news <- msg
}

// await is the command that brings the next news to the screen with this id.
func (r *usageRun) await(id int) tea.Cmd {
	return func() tea.Msg {
		select {
		case msg := <-r.news:
			return screenMsg{id, msg}
		case <-r.ctx.Done():
			return nil
		}
	}
}

// running tells that more may come.
func (r *usageRun) running() bool { return r != nil && !r.told.done && !r.stopped }

// stop ends the count, unless it has ended by itself; what was counted stays.
func (r *usageRun) stop() {
	r.stopped = r.stopped || r.last == nil
	r.cancel()
}
