package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// foundEvery is the pace at which results come to the screen: 30 times a second.
const foundEvery = time.Second / 30

// findRun is one search. The goroutine that searches ranks its hits; the screen asks
// for those in view.
type findRun struct {
	gen    int
	query  zkview.Query
	root   string
	cancel context.CancelFunc
	ctx    context.Context
	news   chan findNewsMsg // the newest alone

	mu   sync.Mutex
	hits *zkview.Hits

	// What the screen has been told.
	told    findNewsMsg
	stopped bool // by the person
}

// findNewsMsg tells how far a search is.
type findNewsMsg struct {
	gen      int
	progress zkview.WalkProgress
	found    int // hits so far; kept are those that can be looked at
	kept     int
	done     bool
	err      error
}

func newFindRun(ctx context.Context, gen int, q zkview.Query, root string) *findRun {
	r := &findRun{gen: gen, query: q, root: root, news: make(chan findNewsMsg, 1), hits: zkview.NewHits(0)}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// search finds until all is seen or the search is cancelled.
func (r *findRun) search(s searcher) {
	var last time.Time
	var p zkview.WalkProgress
	o := zkview.WalkOptions{Progress: func(now zkview.WalkProgress) {
		p = now
		r.tell(p, false, nil)
	}}
	p, err := s.Find(r.ctx, r.root, r.query, o, func(batch []zkview.Hit) error {
		r.add(batch)
		if time.Since(last) >= foundEvery {
			last = time.Now()
			r.tell(p, false, nil)
		}
		return r.ctx.Err()
	})
	r.tell(p, true, err)
}

// chunk is how many hits are ranked while the screen waits: some 50 microseconds.
const chunk = 32

// add ranks hits.
func (r *findRun) add(batch []zkview.Hit) {
	for len(batch) > 0 {
		n := min(len(batch), chunk)
		r.mu.Lock()
		for i := range batch[:n] {
			r.hits.Add(batch[i])
		}
		r.mu.Unlock()
		batch = batch[n:]
	}
}

// tell leaves word for the screen in the place of what it has not taken yet.
func (r *findRun) tell(p zkview.WalkProgress, done bool, err error) {
	msg := findNewsMsg{gen: r.gen, progress: p, found: r.hits.Total(), kept: r.hits.Len(), done: done, err: err}
	select {
	case <-r.news:
	default:
	}
	r.news <- msg
}

// await is the command that brings the next news to the screen with this id.
func (r *findRun) await(id int) tea.Cmd {
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
func (r *findRun) running() bool { return r != nil && !r.told.done && !r.stopped }

// stop ends the search because the person wants it.
func (r *findRun) stop() {
	r.stopped = true
	r.cancel()
}

// page returns the hits from top on, where sel stands if it is one of them, and how
// many there are.
func (r *findRun) place(sel zkview.Hit) (place, n int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	place, ok = r.hits.Place(sel)
	return place, r.hits.Len(), ok
}

// page returns the hits from..to.
func (r *findRun) page(from, to int) []zkview.Hit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hits.Page(from, to)
}
