package lockctl

import (
	"slices"
	"sync"
	"time"
)

// Party is one contender as a [Timeline] knows it.
type Party struct {
	// ID is unique within its lock for as long as the program runs: a znode that was
	// deleted and made again is another party.
	ID      uint64
	Node    string
	Mode    Mode
	Session int64 // 0: not known (yet)

	Identity, Address string // safe to print

	Czxid  int64     // the fencing token; 0: not known
	Queued time.Time // by our clock; zero: not known, it was there before
}

// Hold is a time for which a party held.
type Hold struct {
	Party
	From, To time.Time // To is zero while it holds

	AtLeast bool // it may have held before From, which is when we looked first
	Lost    bool // the end was not seen: To is up to when we know that it held

	Waiting int           // how many waited when it was granted
	Waited  time.Duration // for how long it had queued; -1: not known
	Free    time.Duration // for how long nobody had held; -1: not known
}

// Gap is a time in which changes may have been missed.
type Gap struct {
	From, To time.Time // To is zero while it lasts
	Why      string
}

// Timeline is what was seen of one lock: who held from when to when, and how long the
// queue was. It remembers a bounded number of holds; its counters and percentiles are
// of all that was seen. A holder is who the recipe lets in by the znodes that there
// were, as everywhere in this package.
//
// One goroutine may write (Begin, Set, Describe, Miss) while others read. No method
// blocks for longer than the others take. Times of the writer that run backwards count
// as the latest there was.
type Timeline struct {
	mu    sync.RWMutex
	limit int

	since   time.Time // the first look; zero before it
	last    time.Time // the latest time that the writer named
	looking bool      // false before the first look and in a gap
	free    time.Time // since when nobody holds, zero if that is not known or not so
	waiting int

	open  []Hold // of those who hold, in the order in which they were given
	ended ring   // the last that ended, in the order in which they did
	gaps  []Gap
	// kept is from when on all holds and gaps are kept: the latest end of one that is
	// not.
	kept time.Time

	longest          int
	grants           int64
	rate             perSecond
	held, wait, idle histogram
}

// NewTimeline makes an empty timeline that keeps at most limit holds that ended, and as
// many gaps; those who hold now are kept however many they are.
func NewTimeline(limit int) *Timeline {
	return &Timeline{limit: max(limit, 0)}
}

// Begin is the first look at a lock, or the first after a gap: who holds, and how many
// wait. Those who hold may have held before, so they count as no grants. If neither is
// so and others hold than before, the time since the last call becomes a gap.
func (t *Timeline) Begin(at time.Time, holders []Party, waiting int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.looking {
		if same(t.open, holders) {
			t.set(at, holders, waiting)
			return
		}
		t.miss(t.last, at, "looked at anew")
	}
	t.begin(at, holders, waiting)
}

// Set is the state after a change: who holds, and how many wait. IDs decide who is new
// and who went. It is cheap while the holders stay the same, and takes time in
// proportion to their number. Before the first Begin, or in a gap, it is a Begin.
func (t *Timeline) Set(at time.Time, holders []Party, waiting int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.looking {
		t.begin(at, holders, waiting)
		return
	}
	t.set(at, holders, waiting)
}

// Describe adds what was read later of parties that hold or held: what is not empty
// replaces what was known. Those that the timeline does not have are passed over. Many
// at once cost little more than one.
func (t *Timeline) Describe(parties ...Party) {
	if len(parties) == 0 {
		return
	}
	find := func(id uint64) *Party {
		if parties[0].ID == id {
			return &parties[0]
		}
		return nil
	}
	if len(parties) > 1 {
		by := make(map[uint64]*Party, len(parties))
		for i := range parties {
			by[parties[i].ID] = &parties[i]
		}
		find = func(id uint64) *Party { return by[id] }
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, holds := range [][]Hold{t.open, t.ended.all} {
		for i := range holds {
			if p := find(holds[i].ID); p != nil {
				t.describe(&holds[i], p)
			}
		}
	}
}

// Miss tells that changes between from and to may not have been seen. Who held is
// closed with its end not seen. What follows must be a Begin, and until then the gap
// lasts.
func (t *Timeline) Miss(from, to time.Time, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.miss(from, to, why)
}

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
