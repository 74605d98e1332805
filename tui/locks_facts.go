package tui

import (
	"net"
	"slices"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// lockDenied is the word for a lock whose queue may not be listed; the other states
// are lockctl's own words.
const lockDenied = lockctl.Denied

// lockFacts are what one row says of a lock, made once for each view of it. All
// texts are safe.
type lockFacts struct {
	view *lockctl.View
	path string

	state            lockctl.State
	holders, waiters int
	holder, short    string // who holds, in a phrase, and in a shorter one
	ours, queued     bool   // we hold; we wait
	warnings         string // in a word each
	text             string // what a filter looks at

	at  int // its place by path
	key lockKey
	rev int // of what was ours when it was learnt
}

// lockKey is what rows are ordered by. It is renewed every few seconds only, so that
// rows do not change places all the time.
type lockKey struct {
	rank    uint8
	waiters int
	rate    float64
	since   time.Time
}

// learn takes a view of the lock.
func (f *lockFacts) learn(v *lockctl.View, ours func(int64) bool) {
	f.view, f.path, f.state = v, safetext.Clean(v.Path), v.State
	if v.Denied != "" && f.state != lockctl.Suspicious {
		f.state = lockDenied
	}
	f.tally(ours)
	f.warnings = warningWords(v)
	f.text = string(f.state) + "\n" + f.path + "\n" + string(v.Recipe) + "\n" + f.holder + "\n" + f.warnings
}

// lockHolders is who holds a lock.
type lockHolders struct {
	first, writer   *lockctl.Contender
	readers, places int
}

// tally counts who holds and who waits, and says who holds.
func (f *lockFacts) tally(ours func(int64) bool) {
	var h lockHolders
	f.holders, f.waiters, f.ours, f.queued = 0, 0, false, false
	for i := range f.view.Contenders {
		c := &f.view.Contenders[i]
		switch c.Role {
		case lockctl.Holder:
			f.holders++
			h.add(c)
			f.ours = f.ours || ours(c.Session)
		case lockctl.Waiter:
			f.waiters++
			f.queued = f.queued || ours(c.Session)
		}
	}
	f.holder, f.short = f.who(&h, ours)
	switch {
	case f.ours && !strings.HasPrefix(f.holder, "you"):
		f.holder, f.short = f.holder+", you too", "you, "+comma(f.holders-1)+" more"
	case f.queued && !f.ours:
		f.holder += ", you wait"
	}
}

func (h *lockHolders) add(c *lockctl.Contender) {
	if h.first == nil {
		h.first = c
	}
	switch c.Mode {
	case lockctl.Read:
		h.readers++
	case lockctl.Place:
		h.places++
	case lockctl.Write:
		h.writer = c
	}
}

// who says who holds, in full and in short.
func (f *lockFacts) who(h *lockHolders, ours func(int64) bool) (full, short string) {
	who := func(c *lockctl.Contender) (full, short string) {
		if ours(c.Session) {
			return "you", "you"
		}
		return whoIs(c)
	}
	same := func(text string) (string, string) { return text, text }
	switch n := f.holders; {
	case n == 0 && len(f.view.Contenders) > 0:
		return same("not settled")
	case n == 0 && f.state == lockDenied:
		return same(safetext.CleanLine(f.view.Denied))
	case n == 0:
		return same("free")
	case h.places > 0 && f.view.Limit > 0:
		short = comma(h.places) + " of " + comma(f.view.Limit)
		return short + " places", short
	case h.places > 1:
		return same(plural(h.places, "place", "places"))
	case h.writer != nil && h.readers > 0:
		full, short = who(h.writer)
		return full + ", " + plural(h.readers, "reader", "readers"), short
	case n == 1:
		return who(h.first)
	case h.readers == n:
		return same(plural(n, "reader", "readers"))
	default:
		return same(comma(n) + " hold")
	}
}

// whoIs names a contender: its identity and address as far as they are known, else
// its session, else its znode.
func whoIs(c *lockctl.Contender) (full, short string) {
	id, addr := safetext.CleanLine(c.Identity), safetext.Clean(c.Address)
	switch {
	case id != "" && addr != "" && id == hostOf(addr): // what Curator writes where nobody says anything
		return addr, id
	case id != "" && addr != "" && id != addr:
		return id + " @ " + addr, id
	case id != "":
		return id, id
	case addr != "":
		return addr, addr
	case c.Session != 0:
		return zxid(c.Session), zxid(c.Session)
	}
	node := safetext.Clean(c.Node)
	return node, node
}

// hostOf is the host of an address.
func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// holderIn is who holds in at most so many cells.
func (f *lockFacts) holderIn(cells int) string {
	if safetext.Width(f.holder) <= cells {
		return f.holder
	}
	return safetext.TruncateMiddle(f.short, cells)
}

// warningWords are the warnings of a lock in a word each, none of them twice, and the
// worst first.
func warningWords(v *lockctl.View) string {
	var words []string
	for i := range v.Warnings {
		if w := string(v.Warnings[i].Code); !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if i := slices.Index(words, string(lockctl.WarnDeadlock)); i > 0 {
		words = slices.Insert(slices.Delete(words, i, i+1), 0, string(lockctl.WarnDeadlock))
	}
	return strings.Join(words, " ")
}

// rekey renews what the row is ordered by.
func (f *lockFacts) rekey() {
	f.key = lockKey{rank: stateRank(f.state), waiters: f.waiters, rate: f.view.PerMinute, since: f.view.HeldSince}
}

// stateRank orders states by how much they concern a person.
func stateRank(s lockctl.State) uint8 {
	switch s {
	case lockctl.Suspicious:
		return 0
	case lockDenied:
		return 1
	case lockctl.Contended:
		return 2
	case lockctl.Shared:
		return 3
	case lockctl.Held:
		return 4
	default:
		return 5
	}
}

// lockGlyph is the glyph and the ink of a state.
func (st *styles) lockGlyph(s lockctl.State) (string, ink) {
	switch s {
	case lockctl.Suspicious:
		return st.warnSign, st.bad
	case lockDenied:
		return st.denied, st.warn
	case lockctl.Shared:
		return st.half, st.warn
	case lockctl.Held, lockctl.Contended:
		return st.bullet, st.warn
	default:
		return st.ring, st.dim
	}
}
