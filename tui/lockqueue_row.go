package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// queueColumns are the widths of the columns of the queue, 0 for one that is left out.
type queueColumns struct {
	tree, seq, mode, who, wait, queued, session, token int
	short                                              bool // few words for whom it waits for
}

// columnsOf divides a width. Who it is gets what the others leave.
func (q *lockQueue) columnsOf(width int) queueColumns {
	c := queueColumns{tree: 2, seq: 11 + boolInt(q.rows.negative), wait: 26, queued: 6}
	if q.rows.together > 0 {
		c.tree = 4
	}
	if all := q.view.Contenders; len(all) > 0 && !all[0].Sequential {
		c.seq = min(max(width/5, 11), 34)
	}
	if width < 80 { // an address is worth more than words
		c.short, c.wait = true, 16
	}
	left := func() int { return width - 2 - c.tree - c.seq - c.mode - c.wait - c.queued - c.session - c.token }
	take := func(column *int, cells, least int) {
		if left()-(cells-*column) >= least {
			*column = cells
		}
	}
	least := 23 // an address
	if q.rows.named {
		least = 30
	}
	if q.rows.modes {
		take(&c.mode, 6, 12)
	}
	take(&c.session, 11, least)
	take(&c.mode, 10, least)
	take(&c.token, 14, least+8)
	take(&c.session, 20, least+8)
	take(&c.token, 19, least+8)
	c.who = max(left(), 1)
	return c
}

// queueRows draws the list: its headings where there is room, and the rows in view.
func (q *lockQueue) queueRows(st *styles, width, height int, now time.Time) []string {
	c := q.columnsOf(width)
	var rows []string
	if height >= queueHeadings && len(q.view.Contenders) > 0 {
		rows = append(rows, st.queueHeadings(c, width))
		q.body.first++
	}
	room := max(height-len(rows), 0)
	if q.body.rows = room; room != q.list.height {
		q.list.resize(room)
	}
	if q.rows.n == 0 && room > 0 {
		text := " nobody holds it, and nobody waits"
		if q.view.Denied != "" {
			text = " who holds it and who waits cannot be seen"
		}
		rows = append(rows, st.line(width, false, []span{{st.dim, text}}, nil))
	}
	since := q.since(now)
	for row := q.list.top; row < q.rows.n && len(rows) < height; row++ {
		rows = append(rows, q.row(st, row, c, width, since, now))
	}
	return st.fill(rows, width, height)
}

// queueHeadings name the columns.
func (st *styles) queueHeadings(c queueColumns, width int) string {
	text := strings.Repeat(" ", 1+c.tree) + safetext.Pad("number", c.seq) + safetext.Pad("mode", c.mode)[:c.mode] +
		safetext.Pad("who", c.who) + safetext.Pad("", c.wait) + safetext.PadLeft("queued", c.queued)
	if c.session > 0 {
		text += safetext.Pad(" session", c.session)
	}
	if c.token > 0 {
		text += safetext.Pad(" token", c.token)
	}
	return st.line(width, false, []span{{st.dim, text}}, nil)
}

// row draws one row of the list.
func (q *lockQueue) row(st *styles, row int, c queueColumns, width int, since map[string]lockctl.Hold, now time.Time) string {
	selected := row == q.list.at
	edge := span{st.text, " "}
	if selected {
		edge = span{st.accent, st.bar}
	}
	s, i := q.rows.at(row)
	switch s.kind {
	case contenderRows:
		return q.contenderRow(st, edge, s, i, c, width, selected, since, now)
	case foreignRows:
		f := &q.view.Foreign[i]
		name := safetext.TruncateMiddle(safetext.Clean(f.Node), max(width/2, 8))
		spans := []span{edge, {st.dim, st.branch(i == len(q.view.Foreign)-1)}, {st.text, name}}
		if f.Effect != "" {
			spans = append(spans, span{st.warn, "  " + safetext.CleanLine(f.Effect)})
		}
		return st.line(width, selected, spans, nil)
	case standbyRows:
		return st.line(width, selected, q.standby(st, edge, i), nil)
	case togetherHead:
		sign, k := st.half, st.warn
		if q.rows.together == 0 {
			sign, k = st.ring, st.dim
		}
		left := []span{edge, {k, sign + " "}, {bolder(st, k), s.text}}
		var right []span
		if since == nil && !q.view.HeldSince.IsZero() {
			right = []span{{st.dim, "the first " + heldFor(now.Sub(q.view.HeldSince), q.view.AtLeast) + " "}}
		}
		if spansWidth(left)+spansWidth(right) >= width {
			right = nil
		}
		return st.line(width, selected, left, right)
	}
	return st.line(width, selected, []span{edge, {st.dim, s.text}}, nil)
}

// bolder is an ink that stands out beside others: bold where there is no colour.
func bolder(st *styles, k ink) ink {
	if st.mono {
		return st.bold
	}
	return k
}

// branch is the tree's sign before a row.
func (st *styles) branch(last bool) string {
	if last {
		return st.lastBranch + " "
	}
	return st.midBranch + " "
}

// standby is a session that watches a znode that has no queue.
func (q *lockQueue) standby(st *styles, edge span, i int) []span {
	id := q.view.Standbys[i]
	out := []span{edge, {st.dim, st.branch(i == len(q.view.Standbys)-1)}}
	if q.ours(id) {
		out = append(out, span{st.title, "you  "})
	}
	out = append(out, span{st.text, zxid(id)})
	if a := q.asked.Cluster.Addresses[id]; a != "" {
		out = append(out, span{st.text, "  " + safetext.CleanLine(a)})
	}
	return out
}

// contenderRow draws a contender.
func (q *lockQueue) contenderRow(st *styles, edge span, s *section, i int, c queueColumns, width int, selected bool, since map[string]lockctl.Hold, now time.Time) string {
	k := &q.view.Contenders[i]
	ours := k.Session != 0 && q.ours(k.Session)
	plain, name := st.text, st.text
	if k.Role == lockctl.Holder {
		plain, name = bolder(st, st.warn), st.bold
	}
	if ours {
		name = st.title
	}
	spans := append(make([]span, 0, 12), edge)
	spans = append(spans, q.sign(st, k, s, i)...)
	spans = append(spans, span{plain, safetext.Pad(q.number(k, c.seq-1), c.seq)})
	if c.mode > 0 {
		spans = append(spans, span{st.dim, safetext.Pad(modeWord(k.Mode, c.mode-1), c.mode)})
	}
	who := q.who(st, k, ours, name, c.who-1)
	spans = append(spans, who...)
	spans = append(spans, span{st.text, strings.Repeat(" ", max(c.who-spansWidth(who), 0))})
	wait, ink := q.waits(st, k, c.short, since, now)
	spans = append(spans, span{ink, safetext.Pad(safetext.Truncate(wait, c.wait-1), c.wait)})
	spans = append(spans, span{st.dim, safetext.PadLeft(q.queued(st, k, now), c.queued)})
	if c.session > 0 {
		spans = append(spans, span{st.dim, safetext.Pad(" "+sessionWord(k, c.session-1), c.session)})
	}
	if c.token > 0 && k.Role == lockctl.Holder && k.Stat.Known() {
		spans = append(spans, span{st.dim, safetext.Pad(" "+zxid(k.Stat.Czxid), c.token)})
	}
	return st.line(width, selected, spans, nil)
}

// modeWord is a mode in at most room cells.
func modeWord(m lockctl.Mode, room int) string {
	if m == lockctl.Exclusive && room < len(m) {
		return "excl"
	}
	return safetext.Truncate(safetext.CleanLine(string(m)), room)
}

// sign is what stands before a contender: who holds, and the queue as a tree.
func (q *lockQueue) sign(st *styles, k *lockctl.Contender, s *section, i int) []span {
	indent, rest := "", ""
	if q.rows.together > 0 {
		if s.grouped {
			indent = "  "
		} else {
			rest = "  "
		}
	}
	switch {
	case k.Role == lockctl.Holder:
		return []span{{st.text, indent}, {st.warn, st.bullet + " "}, {st.text, rest}}
	case k.Role != lockctl.Waiter:
		return []span{{st.text, indent}, {st.dim, "? "}, {st.text, rest}}
	}
	last := i == s.from+s.n-1
	return []span{{st.dim, indent + st.branch(last) + rest}}
}

// number is the sequence number of a contender, or its name.
func (q *lockQueue) number(k *lockctl.Contender, room int) string {
	if k.Sequential {
		return fmt.Sprintf("%010d", k.Sequence)
	}
	return safetext.TruncateMiddle(safetext.Clean(k.Node), room)
}

// unread tells that nothing but the name of a contender is known (yet).
func unread(k *lockctl.Contender) bool { return !k.Stat.Known() && k.Session == 0 }

// who says who a contender is, in at most room cells: who it says to be and where it
// comes from, or what else is known.
func (q *lockQueue) who(st *styles, k *lockctl.Contender, ours bool, name ink, room int) []span {
	var out []span
	if ours {
		out = append(out, span{st.title, "you  "})
		room -= 5
	}
	text, short := whoIs(k)
	switch {
	case k.Identity != "" || k.Address != "":
		if safetext.Width(text) > room {
			text = short
		}
	case unread(k):
		return append(out, span{st.dim, safetext.TruncateMiddle(safetext.Clean(k.Node), max(room-2, 1)) + " " + st.ellipsis})
	case k.Session != 0:
		text = "session " + text
	default:
		text, name = "persistent, of no session", st.dim
	}
	return append(out, span{name, safetext.Truncate(text, max(room, 1))})
}

// waits says how a contender stands: since when it holds, or whom it waits for.
func (q *lockQueue) waits(st *styles, k *lockctl.Contender, short bool, since map[string]lockctl.Hold, now time.Time) (string, ink) {
	switch {
	case k.Role == lockctl.Holder:
		return q.holding(k, short, since, now), bolder(st, st.warn)
	case k.Role != lockctl.Waiter || k.WaitsFor < 0:
		return "role unknown", st.dim
	case k.All && short:
		return st.arrow + " all before", st.dim
	case k.All:
		return "waits for all before it", st.dim
	}
	for1 := q.number(&q.view.Contenders[k.WaitsFor], 14)
	if short {
		return st.arrow + " " + for1, st.dim
	}
	return "waits for " + for1, st.dim
}

// holding says since when a contender holds.
func (q *lockQueue) holding(k *lockctl.Contender, short bool, since map[string]lockctl.Hold, now time.Time) string {
	v := q.view
	from, least := time.Time{}, false
	if h, ok := since[k.Node]; ok {
		from, least = h.From, h.AtLeast
	} else if q.rows.holders == 1 {
		from, least = v.HeldSince, v.AtLeast
	}
	switch {
	case from.IsZero():
		return "holds"
	case short && least:
		return "held ≥ " + lasting(now.Sub(from))
	case short:
		return "held " + lasting(now.Sub(from))
	}
	return heldFor(now.Sub(from), least)
}

// heldFor says how long something was held; at least where it was held when we first
// looked, since ZooKeeper does not store when that began.
func heldFor(d time.Duration, least bool) string {
	if least {
		return "held for at least " + lasting(d)
	}
	return "held for " + lasting(d)
}

// queued is how long ago a contender joined.
func (q *lockQueue) queued(st *styles, k *lockctl.Contender, now time.Time) string {
	at := q.view.QueuedAt(k)
	if at.IsZero() {
		return st.ellipsis
	}
	return shortAge(now.Sub(at))
}

// sessionWord is a contender's session in at most room cells.
func sessionWord(k *lockctl.Contender, room int) string {
	if k.Session == 0 {
		if k.Stat.Known() {
			return "none"
		}
		return ""
	}
	return safetext.TruncateMiddle(zxid(k.Session), room)
}
