package lockctl

import (
	"slices"
	"time"
)

// latest moves the writer's clock on, which never runs backwards.
func (t *Timeline) latest(at time.Time) time.Time {
	if at.Before(t.last) {
		return t.last
	}
	t.last = at
	return at
}

func (t *Timeline) begin(at time.Time, holders []Party, waiting int) {
	at = t.latest(at)
	if t.since.IsZero() {
		t.since, t.kept, t.rate.from = at, at, at
	} else {
		t.gaps[len(t.gaps)-1].To = at
	}
	t.looking, t.free, t.waiting = true, time.Time{}, waiting
	t.longest = max(t.longest, waiting)
	for i := range holders {
		t.open = append(t.open, Hold{Party: holders[i], From: at, AtLeast: true, Waiting: waiting, Waited: -1, Free: -1})
	}
}

func (t *Timeline) set(at time.Time, holders []Party, waiting int) {
	at = t.latest(at)
	t.waiting, t.longest = waiting, max(t.longest, waiting)
	// Of many readers that hold mostly one comes or goes.
	lo, hi, hiNew := 0, len(t.open), len(holders)
	for lo < hi && lo < hiNew && t.open[lo].ID == holders[lo].ID {
		lo++
	}
	for hi > lo && hiNew > lo && t.open[hi-1].ID == holders[hiNew-1].ID {
		hi, hiNew = hi-1, hiNew-1
	}
	if lo == hi && lo == hiNew {
		return
	}
	before := len(t.open)
	now, stayed := t.change(at, t.open[lo:hi], holders[lo:hiNew], before-(hi-lo))
	if !stayed && before > 0 {
		t.free = at
	}
	t.grant(at, now, stayed)
	t.open = slices.Replace(t.open, lo, hi, now...)
	if len(t.open) > 0 {
		t.free = time.Time{}
	}
}

// change ends the holds of those who went and begins those of the new, whose From is
// zero until they are granted. It tells whether anybody holds on; others are the
// holders that are not looked at, who do.
func (t *Timeline) change(at time.Time, was []Hold, is []Party, others int) (now []Hold, stayed bool) {
	stayed = others > 0
	place := func(id uint64) int { return slices.IndexFunc(is, func(p Party) bool { return p.ID == id }) }
	if len(was) > few && len(is) > few {
		by := make(map[uint64]int, len(is))
		for i := range is {
			by[is[i].ID] = i
		}
		place = func(id uint64) int {
			if i, ok := by[id]; ok {
				return i
			}
			return -1
		}
	}
	now = make([]Hold, len(is))
	for i := range was {
		if j := place(was[i].ID); j >= 0 {
			now[j], stayed = was[i], true
		} else {
			t.end(was[i], at, false)
		}
	}
	for i := range is {
		if now[i].From.IsZero() {
			now[i].Party = is[i]
		}
	}
	return now, stayed
}

// few is up to how many a search is as fast as a map.
const few = 16

// grant begins the new holds among now.
func (t *Timeline) grant(at time.Time, now []Hold, joined bool) {
	free := time.Duration(-1)
	switch {
	case joined:
		free = 0
	case !t.free.IsZero():
		free = at.Sub(t.free)
	}
	counted := joined // who joins others took over from nobody
	for i := range now {
		h := &now[i]
		if !h.From.IsZero() {
			continue
		}
		h.From, h.Waiting, h.Waited, h.Free = at, t.waiting, -1, free
		t.waited(h)
		t.grants++
		t.rate.add(at)
		if !counted && free >= 0 {
			t.idle.add(free)
			counted = true
		}
	}
}

// waited settles for how long a holder had queued, when that is known.
func (t *Timeline) waited(h *Hold) {
	if h.AtLeast || h.Waited >= 0 || h.Queued.IsZero() {
		return
	}
	h.Waited = max(h.From.Sub(h.Queued), 0)
	t.wait.add(h.Waited)
}

// end closes a hold and keeps it as long as there is room.
func (t *Timeline) end(h Hold, at time.Time, lost bool) {
	h.To, h.Lost = at, lost
	if !lost && !h.AtLeast {
		t.held.add(at.Sub(h.From))
	}
	if dropped, full := t.ended.add(h, t.limit); full {
		t.drop(dropped.From, dropped.To)
	}
}

// drop notes until when not all is kept.
func (t *Timeline) drop(from, to time.Time) {
	if from.Equal(to) { // that moment is in it
		to = to.Add(1)
	}
	if to.After(t.kept) {
		t.kept = to
	}
}

func (t *Timeline) miss(from, to time.Time, why string) {
	if !t.looking { // nothing is known yet, or the gap lasts already
		t.latest(to)
		return
	}
	if n := len(t.gaps); n > 0 && from.Before(t.gaps[n-1].To) {
		from = t.gaps[n-1].To
	}
	if from.Before(t.since) {
		from = t.since
	}
	t.latest(from)
	t.latest(to)
	for _, h := range t.open {
		end := from
		if end.Before(h.From) {
			end = h.From
		}
		t.end(h, end, true)
	}
	clear(t.open)
	t.open, t.looking, t.free = t.open[:0], false, time.Time{}
	if n := len(t.gaps); n > 0 && n >= t.limit {
		t.drop(t.gaps[0].From, t.gaps[0].To)
		t.gaps = slices.Delete(t.gaps, 0, 1)
	}
	t.gaps = append(t.gaps, Gap{From: from, Why: why})
}

func (t *Timeline) describe(h *Hold, p *Party) {
	if p.Node != "" {
		h.Node = p.Node
	}
	if p.Mode != "" {
		h.Mode = p.Mode
	}
	if p.Session != 0 {
		h.Session = p.Session
	}
	if p.Identity != "" {
		h.Identity = p.Identity
	}
	if p.Address != "" {
		h.Address = p.Address
	}
	if p.Czxid != 0 {
		h.Czxid = p.Czxid
	}
	if h.Queued.IsZero() { // what was counted by it stays
		h.Queued = p.Queued
		t.waited(h)
	}
}

// same tells whether the holders are those who hold already.
func same(open []Hold, holders []Party) bool {
	return slices.EqualFunc(open, holders, func(h Hold, p Party) bool { return h.ID == p.ID })
}
