package lockctl

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is a timeline that keeps all and looks everything up. Times are whole seconds.
type model struct {
	holds   []Hold
	gaps    []Gap
	grants  []time.Time
	since   time.Time
	last    time.Time
	free    time.Time
	looking bool
	longest int
}

func (m *model) clock(at time.Time) time.Time {
	if at.After(m.last) {
		m.last = at
	}
	return m.last
}

func (m *model) set(at time.Time, holders []Party, waiting int) {
	if !m.looking {
		m.begin(at, holders, waiting)
		return
	}
	at = m.clock(at)
	m.longest = max(m.longest, waiting)
	held, stays := 0, 0
	for i := range m.holds {
		if h := &m.holds[i]; h.To.IsZero() {
			held++
			if slices.ContainsFunc(holders, func(p Party) bool { return p.ID == h.ID }) {
				stays++
			} else {
				h.To = at
			}
		}
	}
	for _, p := range holders {
		if slices.ContainsFunc(m.holds, func(h Hold) bool { return h.To.IsZero() && h.ID == p.ID }) {
			continue
		}
		h := Hold{Party: p, From: at, Waiting: waiting, Waited: -1, Free: -1}
		switch {
		case held > 0:
			h.Free = 0
		case !m.free.IsZero():
			h.Free = at.Sub(m.free)
		}
		m.holds, m.grants = append(m.holds, h), append(m.grants, at)
	}
	switch {
	case len(holders) > 0:
		m.free = time.Time{}
	case held > 0:
		m.free = at
	}
}

func (m *model) begin(at time.Time, holders []Party, waiting int) {
	at = m.clock(at)
	m.looking, m.longest, m.free = true, max(m.longest, waiting), time.Time{}
	if m.since.IsZero() {
		m.since = at
	} else {
		m.gaps[len(m.gaps)-1].To = at
	}
	for _, p := range holders {
		m.holds = append(m.holds, Hold{Party: p, From: at, AtLeast: true, Waiting: waiting, Waited: -1, Free: -1})
	}
}

func (m *model) miss(from, to time.Time) {
	if m.looking {
		m.looking = false
		if from.Before(m.since) {
			from = m.since
		}
		for _, g := range m.gaps {
			if from.Before(g.To) {
				from = g.To
			}
		}
		m.gaps = append(m.gaps, Gap{From: from, Why: "missed"})
		for i := range m.holds {
			if h := &m.holds[i]; h.To.IsZero() {
				h.To, h.Lost = from, true
				if from.Before(h.From) {
					h.To = h.From
				}
			}
		}
	}
	m.clock(from)
	m.clock(to)
}

// unseen tells whether the second that begins at at was not seen, or whether a moment is
// in a gap.
func (m *model) unseen(at time.Time) bool {
	return m.since.IsZero() || at.Before(m.since) || slices.ContainsFunc(m.gaps, func(g Gap) bool { return within(at, g.From, g.To) })
}

// within tells whether a time has a part, or its only moment, in the second from at on.
func within(at, from, to time.Time) bool {
	return from.Before(at.Add(time.Second)) && (to.IsZero() || to.After(at) || to.Equal(at) && from.Equal(at))
}

func (m *model) perMinute(now time.Time) float64 {
	if m.since.IsZero() {
		return 0
	}
	n, seen := 0, 0
	for s := range 60 {
		at := now.Add(-time.Duration(s) * time.Second)
		if at.Before(m.since) {
			break
		}
		for _, g := range m.grants {
			if g.Equal(at) {
				n++
			}
		}
		missed := slices.ContainsFunc(m.gaps, func(g Gap) bool {
			return !at.Before(g.From) && (g.To.IsZero() || at.Before(g.To))
		})
		if s > 0 && !missed {
			seen++
		}
	}
	return float64(n) * 60 / float64(max(seen, 1))
}

// cell is what a lane shows of the seconds from a to b.
func (m *model) cell(session int64, a, b time.Time) Cell {
	touched, whole, unseen := false, true, false
	for at := a; at.Before(b); at = at.Add(time.Second) {
		unseen = unseen || m.unseen(at)
		full := false
		for _, h := range m.holds {
			if h.Session == session && within(at, h.From, h.To) {
				touched, full = true, full || h.To.IsZero() || h.To.After(at)
			}
		}
		whole = whole && full
	}
	switch {
	case touched && whole:
		return CellHeld
	case touched:
		return CellPart
	case unseen:
		return CellUnknown
	}
	return CellNone
}

// inOrderOf sorts holds so that two sets of them can be compared.
func inOrderOf(holds []Hold) []Hold {
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	slices.SortFunc(holds, func(a, b Hold) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID), a.To.Compare(b.To), cmp.Compare(flag(a.AtLeast), flag(b.AtLeast)),
			cmp.Compare(flag(a.Lost), flag(b.Lost)), cmp.Compare(a.Waiting, b.Waiting), cmp.Compare(a.Free, b.Free))
	})
	return holds
}

func TestTimelineModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int{0, 1, 3, 1000}).Draw(t, "limit")
		l, m := NewTimeline(limit), &model{}
		now := sec(100)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(max(rapid.IntRange(-4, 6).Draw(t, "later"), -1)) * time.Second)
			var holders []Party
			for _, id := range rapid.Permutation([]uint64{1, 2, 3, 4, 5, 6}).Draw(t, "ids")[:rapid.IntRange(0, 3).Draw(t, "holders")] {
				holders = append(holders, Party{ID: id, Session: int64(id%4 + 1)})
			}
			waiting := rapid.IntRange(0, 5).Draw(t, "waiting")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				from := now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "since")) * time.Second)
				l.Miss(from, now, "missed")
				m.miss(from, now)
			case 1:
				if !m.looking {
					l.Begin(now, holders, waiting)
					m.begin(now, holders, waiting)
				}
			default:
				l.Set(now, holders, waiting)
				m.set(now, holders, waiting)
			}
		}
		m.compare(t, l, limit)
	})
}

func (m *model) compare(t *rapid.T, l *Timeline, limit int) {
	now := m.clock(sec(100))
	kept := l.kept
	touching := func(holds []Hold) []Hold { // what must be kept, whatever the limit
		return inOrderOf(slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return !h.To.IsZero() && !h.To.After(kept) }))
	}
	got := l.Holds(time.Time{}, time.Time{})
	ended := 0
	for i, h := range got {
		if i > 0 && h.From.Before(got[i-1].From) {
			t.Fatalf("out of order: %+v", got)
		}
		if !h.To.IsZero() {
			ended++
		}
		if !slices.Contains(m.holds, h) {
			t.Fatalf("invented: %+v", h)
		}
	}
	if want := touching(m.holds); !slices.Equal(touching(got), want) || ended > limit {
		t.Fatalf("after %v\n%+v\nare not\n%+v", kept, got, want)
	}
	late := func(gaps []Gap) []Gap {
		return slices.DeleteFunc(slices.Clone(gaps), func(g Gap) bool { return !g.To.IsZero() && !g.To.After(kept) })
	}
	if got := l.Gaps(time.Time{}, time.Time{}); !slices.Equal(late(got), late(m.gaps)) {
		t.Fatalf("%+v are not %+v", got, m.gaps)
	}
	if s := l.Summary(now); s.Grants != int64(len(m.grants)) || s.Longest != m.longest || !s.Since.Equal(m.since) {
		t.Fatalf("%+v", s)
	}
	if limit == 1000 {
		if got, want := l.PerMinute(now), m.perMinute(now); math.Abs(got-want) > 1e-6 {
			t.Fatalf("%v a minute, not %v", got, want)
		}
	}
	m.compareStrip(t, l, now)
}

func (m *model) compareStrip(t *rapid.T, l *Timeline, now time.Time) {
	width := time.Duration(rapid.IntRange(1, 5).Draw(t, "width")) * time.Second
	cells := rapid.IntRange(1, 20).Draw(t, "cells")
	from := now.Add(-width * time.Duration(cells))
	s := l.Strip(from, now, cells, 9)
	for _, lane := range s.Lanes {
		for i, c := range lane.Cells {
			a := from.Add(width * time.Duration(i))
			want := m.cell(lane.Session, a, a.Add(width))
			edge := i == cells-1 && (c == CellPart || c == CellUnknown) // what begins at the very end is in it
			old := s.Unseen[i] && c == CellUnknown || a.Before(l.kept) && want == CellHeld && c == CellPart
			if c != want && !old && !edge {
				t.Fatalf("cell %d of session %d is %d, not %d: %+v", i, lane.Session, c, want, m.holds)
			}
			if c == CellUnknown && !edge && want != CellUnknown && !a.Before(l.kept) {
				t.Fatalf("cell %d of session %d is unknown, not %d", i, lane.Session, want)
			}
		}
	}
}
