package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/lockctl/lab"
	"zkdeck/tui/value"
)

// labSpot is a place in the line: a worker, or a znode that is nobody's.
type labSpot struct {
	worker *lab.Worker // nil: the znode is of one that is not there, or of another program
	znode  *lab.Znode  // nil: it has none, or none was seen yet
}

// labSpots are the workers and znodes that are in the line, in its order: who believes
// to hold the lock without a znode, the queue as it is, and who waits without a znode.
func labSpots(s *lab.Snapshot) []labSpot {
	if s.Options.Recipe == lab.NoLock {
		return labCrowd(s)
	}
	var ahead, line, behind []labSpot
	placed := map[int]bool{}
	for i := range s.Queue {
		z := &s.Queue[i]
		w := labWorkerOf(s, z.Worker)
		switch {
		case w == nil:
			line = append(line, labSpot{nil, z})
		case !placed[w.N] && (w.Node == z.Name || w.Node == ""):
			if w.Node == "" && (w.State == lab.Thinking || w.State == lab.Connecting) {
				continue // it is deleted already: the next look at the directory tells
			}
			placed[w.N] = true
			line = append(line, labSpot{w, z})
		case s.Options.Recipe == lab.Naive && w.Node != z.Name:
			line = append(line, labSpot{nil, z})
		}
	}
	for i := range s.Workers {
		w := &s.Workers[i]
		switch {
		case placed[w.N]:
		case w.State == lab.Holding:
			ahead = append(ahead, labSpot{worker: w})
		case w.State == lab.Waiting:
			behind = append(behind, labSpot{worker: w})
		}
	}
	line = append(append(ahead, line...), behind...)
	slices.SortStableFunc(line, func(a, b labSpot) int { return cmp.Compare(a.rank(), b.rank()) })
	return line
}

// labCrowd is everybody in the order of numbers: there is no line.
func labCrowd(s *lab.Snapshot) []labSpot {
	var out []labSpot
	for i := range s.Workers {
		if w := &s.Workers[i]; w.State != lab.Gone && w.State != lab.Connecting {
			out = append(out, labSpot{worker: w})
		}
	}
	return out
}

func labWorkerOf(s *lab.Snapshot, n int) *lab.Worker {
	for i := range s.Workers {
		if s.Workers[i].N == n && n != 0 {
			return &s.Workers[i]
		}
	}
	return nil
}

// rank puts those in front who hold, then the queue as it is.
func (p *labSpot) rank() int {
	switch {
	case p.worker != nil && p.worker.State == lab.Holding:
		return 0
	case p.turn():
		return 1
	}
	return 2
}

// turn tells that it is the spot's turn by the znodes.
func (p *labSpot) turn() bool {
	return p.worker != nil && p.worker.First || p.znode != nil && p.znode.Holder
}

// orphan tells that the spot is a znode of a worker that has another: it was not told that
// this one was created, and the naive recipe looks for none of its own.
func (p *labSpot) orphan() bool { return p.worker == nil && p.znode.Worker > 0 }

// apart tells that the worker of a spot lost its connection by itself.
func (p *labSpot) apart() bool {
	w := p.worker
	return w.Link == lockctl.SessionSuspended && !w.Frozen && w.State != lab.Crashed && w.State != lab.Connecting
}

// labHolders says who believes to hold the lock, and whether those are too many.
func labHolders(s *lab.Snapshot) (n int, tooMany bool) {
	writers := 0
	for i := range s.Workers {
		if w := &s.Workers[i]; w.State == lab.Holding {
			n++
			writers += boolInt(w.Mode == lockctl.Write)
		}
	}
	switch s.Options.Recipe {
	case lab.Semaphore:
		return n, n > max(s.Options.Slots, 1) && (s.Options.Slots > 0 || n > 2)
	case lab.ReadWrite:
		return n, n > 1 && writers > 0
	}
	return n, n > 1
}

// labMark is how a spot is shown: a sign, an ink for its name, and a word.
type labMark struct {
	sign string
	ink  ink
	loud bool // drawn as a block that the eye finds at once
	word string
	says ink
}

// mark says how a spot is shown. tooMany tells that more believe to hold the lock than
// may; told, that a watch of the spot has just fired.
func (d *labDrawing) mark(s *lab.Snapshot, p *labSpot, tooMany, told bool) labMark {
	st := d.st
	w := p.worker
	switch {
	case p.orphan() && p.turn(): // nobody lets go of it
		return labMark{st.cross, st.alarm, true, "orphan", st.bad}
	case p.orphan():
		return labMark{st.cross, st.danger, false, "orphan", st.bad}
	case w == nil:
		return labMark{"?", st.dim, false, "not ours", st.dim}
	}
	m := labMark{" ", st.bold, false, d.word(s, p), st.dim}
	switch {
	case w.State == lab.Holding && tooMany && (!p.turn() || s.Options.Recipe == lab.NoLock):
		m.sign, m.ink, m.loud, m.says = st.warnSign, st.alarm, true, st.danger
	case w.State == lab.Holding:
		m.sign, m.ink, m.loud, m.says = st.bullet, st.caution, true, st.lit
	case w.State == lab.Crashed, w.State == lab.Gone:
		m.sign, m.ink, m.says = st.cross, st.danger, st.bad
		if p.turn() { // nobody is there, and yet it has the lock
			m.ink, m.loud = st.alarm, true
		}
	case w.State == lab.GivenUp:
		m.sign, m.ink, m.says = st.ring, st.lit, st.warn
	case p.turn() && w.State != lab.Thinking && s.Options.Recipe != lab.NoLock:
		m.sign, m.ink, m.says = st.ring, st.lit, st.warn
	case told && w.State == lab.Waiting:
		m.ink, m.says, m.word = st.lit, st.lit, "told"
	}
	switch {
	case w.Frozen:
		m.sign = st.half
		if !m.loud {
			m.ink, m.says = st.lit, st.warn
		}
	case p.apart():
		m.sign, m.says = st.dotted, st.warn
	}
	return m
}

// word says what a spot does.
func (d *labDrawing) word(s *lab.Snapshot, p *labSpot) string {
	w := p.worker
	left := labLeft(w, d.now)
	switch {
	case w.State == lab.Crashed:
		return strings.TrimSpace("crashed " + left)
	case w.Frozen && (left != "" || w.State != lab.Holding):
		return strings.TrimSpace("frozen " + left)
	case w.Frozen:
		return "believes"
	case w.State == lab.GivenUp:
		return "gave up"
	case p.apart():
		return strings.TrimSpace("cut off " + left)
	}
	reads := w.Mode == lockctl.Read
	switch w.State {
	case lab.Holding:
		switch {
		case s.Options.Recipe == lab.NoLock:
			return "works"
		case s.Options.Recipe != lab.ReadWrite:
			return "holds"
		case reads:
			return "reads"
		}
		return "writes"
	case lab.Waiting:
		switch {
		case p.turn():
			return "its turn"
		case s.Options.Recipe != lab.ReadWrite:
			return "waits"
		case reads:
			return "to read"
		}
		return "to write"
	}
	if w.State == lab.Thinking && p.znode != nil {
		return "leaves"
	}
	return labDoes(w.State)
}

// labDoes says what a worker does in a word.
func labDoes(state lab.WorkerState) string {
	if state == lab.Thinking {
		return "thinks"
	}
	return safetext.CleanLine(string(state))
}

// labLeft is how long the session of a worker lives on at most, in whole seconds;
// empty where that is not known or over.
func labLeft(w *lab.Worker, now time.Time) string {
	left := w.Until.Sub(now)
	if w.Until.IsZero() || left <= 0 {
		return ""
	}
	return value.Age(left + time.Second - time.Nanosecond)
}

// labLink is an arrow from a spot to what it watches.
type labLink struct {
	there, lit bool
	to         string // whom, where that is not the one before it
}

// labIsLit tells whether a watch has just fired: while the run is paused, by the last
// request that was let go.
func labIsLit(s *lab.Snapshot, x lab.Watch, now time.Time) bool {
	if s.State == lab.Paused {
		return x.Last
	}
	return !x.Fired.IsZero() && now.Sub(x.Fired) < labLit
}

// link is the arrow of the spot at i.
func (d *labDrawing) link(s *lab.Snapshot, spots []labSpot, i int) labLink {
	w := spots[i].worker
	if w == nil {
		return labLink{}
	}
	var out labLink
	for _, x := range w.Watches {
		lit := labIsLit(s, x, d.now)
		switch {
		case !lit && !x.Fired.IsZero():
			continue
		case lit && w.State == lab.Waiting && x.Fired.Before(w.Since):
			continue // that was the wait before this one
		case !lit && out.lit:
			continue // what has just happened is shown first
		}
		out = labLink{there: true, lit: lit, to: d.target(s, spots, i, x.Node)}
	}
	return out
}

// target names whom a watch of the spot at i is about: "" for the one before it.
func (d *labDrawing) target(s *lab.Snapshot, spots []labSpot, i int, node string) string {
	if node == "" {
		return ""
	}
	for j := range spots {
		z := spots[j].znode
		if z == nil || z.Name != node {
			continue
		}
		if j == i-1 || labFan(s.Options.Recipe) || spots[j].worker == nil {
			return ""
		}
		return labName(spots[j].worker.N)
	}
	return ""
}
