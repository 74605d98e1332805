package lockctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// walker searches. It is a goroutine of its own; what it finds it hands to the board.
type walker struct {
	b         *Board
	turn      int
	roots     []string
	following map[string]bool
	budget    int64

	seen   int64          // znodes
	base   SearchProgress // of the roots before this one
	parent string         // of the last path
	hinted bool           // whether any child of it will do
	is     bool           // it is a candidate
	name   [1]string
	found  []string
}

// do has something done by the goroutine that owns the state, if this search is still
// wanted.
func (w *walker) do(ctx context.Context, do func()) {
	select {
	case w.b.results <- func() {
		if w.b.search.turn == w.turn {
			do()
		}
	}:
	case <-ctx.Done():
	}
}

func (w *walker) run(ctx context.Context) {
	var failed error
	cut := false
	for _, root := range w.roots {
		if !w.following[root] && !w.follow(ctx, root) {
			return
		}
		o := w.b.o.Pace
		o.Progress = func(p SearchProgress) { w.progress(ctx, p) }
		o.Denied = func(path string) { w.do(ctx, func() { w.b.closed(path) }) }
		p, err := w.b.src.Walk(ctx, root, o, w.visit(ctx))
		if ctx.Err() != nil {
			return
		}
		w.base.Visited, w.base.Unread = w.base.Visited+p.Visited, w.base.Unread+p.Unread
		switch {
		case err == nil:
		case errors.Is(err, errBudget):
			cut = true
		case errors.Is(err, ErrGone), errors.Is(err, ErrDenied):
			w.do(ctx, func() { w.b.lacks(root, err) })
		default:
			failed = err
		}
		if cut {
			break
		}
	}
	w.do(ctx, func() {
		s := &w.b.search
		s.running, s.state.Running, s.state.Ended = false, false, w.b.now()
		s.state.Cut, s.state.Err = cut, failed
		w.base.Queued = 0
		s.state.Progress = w.base
		w.b.news()
	})
}

// follow begins to follow a root, however often that has to be tried.
func (w *walker) follow(ctx context.Context, root string) bool {
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		on, err := w.b.src.Follow(ctx, root)
		if err == nil {
			select {
			case w.b.results <- func() { w.b.followed(w.turn, root, on) }:
				return true
			case <-w.b.ctx.Done():
				on.Close()
				return false
			}
		}
		if ctx.Err() != nil {
			return false
		}
		w.do(ctx, func() { w.b.search.state.Err = fmt.Errorf("following %s: %w", root, err); w.b.news() })
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false
		}
	}
}

func (w *walker) progress(ctx context.Context, p SearchProgress) {
	p.Visited += w.base.Visited
	p.Unread += w.base.Unread
	w.do(ctx, func() {
		w.b.search.state.Progress = p
		w.b.news()
	})
}

// visit looks at the names of what a walk comes by.
func (w *walker) visit(ctx context.Context) func(paths []string) error {
	return func(paths []string) error {
		w.found = w.found[:0]
		for _, p := range paths {
			if w.seen++; w.seen > w.budget {
				break
			}
			w.look(p)
		}
		if len(w.found) > 0 {
			found := slices.Clone(w.found)
			w.do(ctx, func() {
				for _, p := range found {
					w.b.candidate(p, nil)
				}
			})
		}
		if w.seen > w.budget {
			return errBudget
		}
		return ctx.Err()
	}
}

// look notes the parent of a path if its name is promising. It keeps nothing of others.
func (w *walker) look(path string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || len(path) == 1 {
		return
	}
	dir := path[:max(i, 1)]
	if dir != w.parent {
		w.parent, w.is, w.hinted = dir, false, hintsOf(dir).lock
	}
	if w.is {
		return
	}
	if !w.hinted {
		w.name[0] = path[i+1:]
		if !promisingName(w.name[0]) {
			return
		}
	}
	w.is = true
	w.found = append(w.found, dir)
}

// promisingName is what [Promising] asks of a name.
func promisingName(name string) bool {
	return parseName(name).family != none || exclusiveName(name) || name == leaseHolder
}
