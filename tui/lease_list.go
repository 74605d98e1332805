package tui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// leaseList is the list of all leases that we hold, wait for or lost.
type leaseList struct {
	desk *leaseDesk
	km   KeyMap
	now  func() time.Time

	list   pickList
	sel    *claim
	asking *question
}

var _ dialog = (*leaseList)(nil)

func newLeaseList(desk *leaseDesk, keys KeyMap, now func() time.Time) dialog {
	d := &leaseList{desk: desk, km: keys, now: now}
	d.settle()
	return d
}

func (d *leaseList) title() string   { return "Leases" }
func (d *leaseList) danger() bool    { return d.asking != nil }
func (d *leaseList) unsaved() string { return "" }

// rows are the claims: what is lost first, then what is suspended, then by age.
func (d *leaseList) rows() []*claim {
	rows := slices.Clone(d.desk.claims)
	rank := func(c *claim) int {
		switch c.look().state {
		case claimLost:
			return 0
		case claimSuspended:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(rows, func(a, b *claim) int { return rank(a) - rank(b) })
	return rows
}

// settle keeps the selection on its claim.
func (d *leaseList) settle() []*claim {
	rows := d.rows()
	at := slices.Index(rows, d.sel)
	if at < 0 {
		at = d.list.at
	}
	d.list.moved(len(rows), at)
	d.pick(rows)
	return rows
}

// pick notes which claim is selected.
func (d *leaseList) pick(rows []*claim) {
	d.sel = nil
	if d.list.at < len(rows) {
		d.sel = rows[d.list.at]
	}
}

func (d *leaseList) update(msg tea.Msg) (tea.Cmd, bool) {
	rows := d.settle()
	if d.asking != nil {
		switch d.asking.update(msg) {
		case 0:
			d.asking = nil
		case 1:
			d.asking = nil
			if d.sel != nil {
				d.sel.leave()
			}
		}
		return nil, false
	}
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(k, dkeys.Close, d.km.Leases):
		return nil, true
	case d.list.key(&d.km, k):
		d.pick(rows)
	case d.sel == nil:
	case key.Matches(k, dkeys.Accept):
		return tell(showLeaseMsg{d.sel}), true
	case key.Matches(k, d.km.Jump):
		return tell(showInTreeMsg{d.sel.path}), true
	case key.Matches(k, d.km.LeaseQueue):
		return tell(showQueueMsg{d.sel.path}), true
	case key.Matches(k, d.km.LeaseEnd):
		d.endSelected()
	}
	return nil, false
}

// endSelected takes note of what has ended, and asks before anything is given up.
func (d *leaseList) endSelected() {
	v, name := d.sel.look(), safetext.Clean(d.sel.path)
	switch v.state {
	case claimLost, claimRefused, claimReleased, claimCancelled:
		d.desk.drop(d.sel)
		d.settle()
	case claimWaiting:
		d.asking = ask([]string{"Give up the wait for " + name + "? The place in the queue is lost."}, "Keep waiting", "Give up")
	case claimHeld, claimSuspended:
		d.asking = ask([]string{"Release " + name + "? The next in the queue is granted it at once."}, "Keep it", "Release")
	}
}

func (d *leaseList) prefer(maxW, maxH int) (w, h int) {
	if d.asking != nil {
		return d.asking.prefer(maxW)
	}
	return min(maxW, 104), min(maxH, max(len(d.desk.claims)+5, 7))
}

func (d *leaseList) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	if d.asking != nil {
		return d.asking.render(st, width, height)
	}
	rows, now := d.settle(), d.now()
	room := max(height-5, 1)
	if room != d.list.height {
		d.list.resize(room)
	}
	c := leaseColumnsOf(width)
	out := []string{st.line(width, false, []span{{st.dim, c.row("  ", "lock", "state", "held for", "token", "")}}, nil)}
	if len(rows) == 0 {
		out = append(out, st.line(width, false, []span{{st.dim, "  We hold nothing and wait for nothing. " + d.km.Lock.Help().Key + " takes a lock."}}, nil))
	}
	for i := d.list.top; i < len(rows) && len(out) <= room; i++ {
		out = append(out, d.row(st, rows[i], c, width, i == d.list.at, now))
	}
	if d.sel != nil {
		v := d.sel.look()
		_, k := st.claimSign(v.state)
		foot := wrapWords(meaning(d.sel.path, v, now), width)
		out = st.fill(out, width, height-min(len(foot), height/2))
		for _, l := range foot {
			out = append(out, st.line(width, false, []span{{k, l}}, nil))
		}
	}
	return st.fill(out, width, height), nil
}

// leaseColumns are the widths of the columns.
type leaseColumns struct{ path, state, held, token, more int }

func leaseColumnsOf(width int) leaseColumns {
	c := leaseColumns{state: 12, held: 13, token: 14}
	if width >= 90 {
		c.more = 26
	}
	if width < 60 {
		c.token = 0
	}
	c.path = max(width-2-c.state-c.held-c.token-c.more, 8)
	return c
}

// row joins the columns.
func (c leaseColumns) row(sign, path, state, held, token, more string) string {
	text := sign + safetext.Pad(path, c.path) + safetext.Pad(state, c.state) + safetext.PadLeft(held, c.held-2) + "  "
	if c.token > 0 {
		text += safetext.Pad(safetext.Truncate(token, c.token-1), c.token)
	}
	if c.more > 0 {
		text += safetext.Truncate(more, c.more)
	}
	return text
}

// row draws a claim.
func (d *leaseList) row(st *styles, cl *claim, c leaseColumns, width int, selected bool, now time.Time) string {
	v := cl.look()
	sign, k := st.claimSign(v.state)
	held, token, more := holdTime(v, now), "", ""
	if v.token != 0 {
		token = zxid(v.token)
	}
	if p := placeWord(v); p != "" {
		held = p
	}
	switch {
	case v.asked != "" && v.state.active():
		more = "asked back: " + safetext.CleanLine(v.asked)
	case v.state == claimRefused:
		more = refused(v.err, cl.want).what
	case v.state == claimWaiting && v.before != "":
		more = "behind " + safetext.Clean(v.before)
	case v.recipe != "":
		more = string(v.mode) + ", " + string(v.recipe)
	}
	path := safetext.TruncateMiddle(safetext.Clean(cl.path), c.path-1)
	edge := span{st.text, " "}
	if selected {
		edge = span{st.accent, st.bar}
	}
	rest := c.row("", "", "", held, token, more)[c.path+c.state:]
	return st.line(width, selected, []span{
		edge,
		{k, sign + " "},
		{st.text, safetext.Pad(path, c.path-1)},
		{bolder(st, k), safetext.Pad(v.state.word(), c.state)},
		{st.text, rest},
	}, nil)
}

func (d *leaseList) keys() []key.Binding {
	if d.asking != nil {
		return d.asking.keys()
	}
	k := &d.km
	end := k.LeaseEnd
	if d.sel != nil {
		switch d.sel.look().state {
		case claimHeld, claimSuspended:
			end = named(end, "release")
		case claimWaiting:
			end = named(end, "give up")
		default:
			end = named(end, "understood")
		}
	}
	return []key.Binding{named(dkeys.Accept, "open"), end, named(k.LeaseQueue, "its queue"), named(k.Jump, "in tree"), dkeys.Close}
}
