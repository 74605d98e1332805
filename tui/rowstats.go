package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// rowStats reads the Stats of rows that came without, when they have rested in view,
// and remembers which znodes are gone.
type rowStats struct {
	id   int
	ctx  context.Context
	sess searcher
	host host

	stats  map[string]zkview.Stat
	gone   map[string]bool
	failed map[string]bool // not readable; not asked for again
	gen    int
	asked  bool // a command is on its way
}

// maxRowStats bounds what is remembered.
const maxRowStats = 10_000

// statsDueMsg tells that rows have rested in view, statsOfRowsMsg what they are.
type (
	statsDueMsg    struct{ gen int }
	statsOfRowsMsg struct {
		gen   int
		stats map[string]zkview.Stat
		errs  map[string]error
		round bool // asked for by due
	}
)

func newRowStats(ctx context.Context, id int, sess searcher, h host) rowStats {
	r := rowStats{id: id, ctx: ctx, sess: sess, host: h}
	r.clear()
	return r
}

// clear forgets everything, and what is on its way.
func (r *rowStats) clear() {
	r.stats, r.gone, r.failed = map[string]zkview.Stat{}, map[string]bool{}, map[string]bool{}
	r.gen++
	r.asked = false
}

// knows tells that there is nothing to ask about a path.
func (r *rowStats) knows(path string) bool {
	_, ok := r.stats[path]
	return ok || r.failed[path] || r.isGone(path)
}

// isGone tells that a znode, or one above it, was seen to be gone.
func (r *rowStats) isGone(path string) bool {
	if len(r.gone) == 0 {
		return false
	}
	for ; path != "/"; path = parentOf(path) {
		if r.gone[path] {
			return true
		}
	}
	return false
}

// want arranges for the rows to be asked about, if any lack something.
func (r *rowStats) want(lacking bool) tea.Cmd {
	if !lacking || r.asked {
		return nil
	}
	r.asked = true
	id, gen := r.id, r.gen
	return r.host.after(restTime, func(time.Time) tea.Msg { return screenMsg{id, statsDueMsg{gen}} })
}

// due asks about the paths that are in view now.
func (r *rowStats) due(msg statsDueMsg, paths []string) tea.Cmd {
	if msg.gen != r.gen {
		return nil
	}
	if len(paths) == 0 {
		r.asked = false
		return nil
	}
	return r.read(paths, true)
}

// reread asks again about znodes that we have changed.
func (r *rowStats) reread(paths []string) tea.Cmd { return r.read(paths, false) }

// read returns the command that reads Stats.
func (r *rowStats) read(paths []string, round bool) tea.Cmd {
	ctx, sess, id, gen := r.ctx, r.sess, r.id, r.gen
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		msg := statsOfRowsMsg{gen: gen, stats: map[string]zkview.Stat{}, errs: map[string]error{}, round: round}
		for _, p := range paths {
			stat, err := sess.Stat(ctx, p)
			switch {
			case ctx.Err() != nil:
				return screenMsg{id, msg}
			case err != nil:
				msg.errs[p] = err
			default:
				msg.stats[p] = stat
			}
		}
		return screenMsg{id, msg}
	}
}

// took remembers what was read.
func (r *rowStats) took(msg statsOfRowsMsg) {
	if msg.gen != r.gen {
		return
	}
	if msg.round {
		r.asked = false
	}
	if len(r.stats) > maxRowStats {
		clear(r.stats)
	}
	for p, s := range msg.stats {
		r.stats[p] = s
		delete(r.gone, p)
	}
	for p, err := range msg.errs {
		if errors.Is(err, zkview.ErrNoNode) {
			r.gone[p] = true
			delete(r.stats, p)
			r.host.forget(p)
		} else {
			r.failed[p] = true
		}
	}
}
