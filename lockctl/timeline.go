package lockctl

import (
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
