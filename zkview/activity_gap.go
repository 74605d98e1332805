package zkview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
)

const (
	// gapPaths is how many znodes are read again after a Resync at most.
	gapPaths = 200_000
	// gapFound is how many missed changes are told one by one.
	gapFound = 10_000
)

// outage is the time without a connection, of which the changes are looked for by
// reading the subtree again. Its fields are under Activity.mu.
type outage struct {
	cancel context.CancelFunc // ends the reading that is under way; nil if none is
	round  int                // counts them
	zxid   int64              // changes up to this one were told
	torn   bool               // the last reading was not finished: zxid is from before it
	live   map[string]bool    // changed since, as far as an event told
}

// open begins to read again after a Resync, told as the Action of that Seq.
func (g *outage) open(a *Activity, seq uint64, c Change) {
	if g.cancel != nil {
		g.cancel()
	}
	if !g.torn || c.Zxid < g.zxid {
		g.zxid = c.Zxid
	}
	x := Action{Seq: seq, Change: c}
	if a.follow.Partial() != "" {
		x.Settled = true
		x.Note = "what is watched is being read again, and what has changed follows"
		a.revise(x)
		return
	}
	ctx, cancel := context.WithCancel(a.ctx)
	g.round++
	g.cancel, g.torn, g.live = cancel, true, map[string]bool{}
	r := &rereading{a: a, round: g.round, zxid: g.zxid, resync: x}
	a.wg.Go(func() {
		defer cancel()
		r.run(ctx)
	})
}

// seen notes that an event has told of a path.
func (g *outage) seen(path string) {
	if g.cancel != nil && len(g.live) < gapPaths {
		g.live[path] = true
	}
}

// missed is one change that no event told of.
type missed struct {
	kind EventKind
	path string
	stat Stat
	zxid int64
	was  *knownValue
}

// rereading is one reading of the subtree after a Resync.
type rereading struct {
	a      *Activity
	round  int
	zxid   int64
	resync Action

	visited, unread int
	found           []missed
	counts          map[EventKind]int
}

func (r *rereading) run(ctx context.Context) {
	a := r.a
	r.resync.Settled = true
	r.counts = map[EventKind]int{}
	_, err := a.s.Walk(ctx, a.path, WalkOptions{Stat: true}, r.visit)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gap.round != r.round {
		r.resync.Note = "the connection was lost again before the subtree was read"
		a.revise(r.resync)
		return
	}
	a.gap.cancel = nil
	switch {
	case err == nil, errors.Is(err, ErrNoNode):
		a.gap.torn = false
		a.status.Missing = err != nil && !a.gap.live[a.path]
		for _, k := range a.known.missing(r.round, func(path string) bool { return a.gap.live[path] }) {
			r.note(missed{Deleted, k.path, k.stat, 0, k})
		}
	case errors.Is(err, errEnough):
		a.gap.torn = false
	default:
		r.resync.Note = "what has changed meanwhile is not known: " + err.Error()
		a.revise(r.resync)
		return
	}
	r.tell(errors.Is(err, errEnough))
	a.gap.live = nil
}

// visit compares a batch of znodes with what was known.
func (r *rereading) visit(batch []Znode) error {
	a := r.a
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gap.round != r.round {
		return errEnough
	}
	for _, z := range batch {
		if r.visited >= gapPaths {
			return errEnough
		}
		r.visited++
		k := a.known.byPath[z.Path]
		if k != nil {
			k.round = r.round
		}
		switch {
		case z.Err != nil && z.Stat == (Stat{}):
			r.unread++
		case a.gap.live[z.Path]:
		case k != nil && k.stat.Czxid != z.Stat.Czxid:
			r.note(missed{Deleted, z.Path, k.stat, 0, k})
			r.note(missed{Created, z.Path, z.Stat, z.Stat.Czxid, nil})
		case k == nil && z.Stat.Czxid > r.zxid:
			r.note(missed{Created, z.Path, z.Stat, z.Stat.Czxid, nil})
		case k != nil && (k.stat.Mzxid == z.Stat.Mzxid || k.stat.Mzxid < z.Stat.Mzxid && z.Stat.Mzxid <= r.zxid):
		case k != nil || z.Stat.Mzxid > r.zxid: // an older one than known: another database
			r.note(missed{DataChanged, z.Path, z.Stat, z.Stat.Mzxid, k})
		}
	}
	return nil
}

func (r *rereading) note(m missed) {
	r.counts[m.kind]++
	if len(r.found) < gapFound {
		r.found = append(r.found, m)
	}
}

// tell tells what was found, in the order of the transactions as far as they are
// known, and in a sentence; Activity.mu is held.
func (r *rereading) tell(capped bool) {
	a := r.a
	slices.SortStableFunc(r.found, func(x, y missed) int { return cmp.Compare(x.zxid, y.zxid) })
	now := time.Now()
	for _, m := range r.found {
		x := Action{Change: Change{Kind: m.kind, Path: m.path, At: now}, Stat: m.stat, HasStat: true, Missed: true}
		if m.was != nil {
			x.Before, x.HasBefore = m.was.value, m.was.hasValue
		}
		a.status.Total++
		if m.kind != Deleted {
			a.addAndRead(x)
			continue
		}
		x.Settled = true
		a.add(x)
	}
	r.resync.Note = r.words(capped)
	a.revise(r.resync)
}

// words is what was found, in a sentence.
func (r *rereading) words(capped bool) string {
	note := fmt.Sprintf("%s znodes were read again: %d created, %d changed and %d deleted ones were missed",
		humanize.Comma(int64(r.visited)), r.counts[Created], r.counts[DataChanged], r.counts[Deleted])
	if len(r.found) == gapFound {
		note += fmt.Sprintf(", of which the first %s are told", humanize.Comma(gapFound))
	}
	if r.unread > 0 {
		note += fmt.Sprintf("; %s could not be read", humanize.Comma(int64(r.unread)))
	}
	if capped {
		note += "; there are more znodes, which were not looked at"
	}
	return note
}
