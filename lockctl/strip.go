package lockctl

import (
	"cmp"
	"slices"
	"time"
)

// Cell is what a client did in a part of the time that a [Strip] shows.
type Cell uint8

// The cells.
const (
	CellNone    Cell = iota // it did not hold
	CellPart                // it held for a part of it
	CellHeld                // it held for all of it
	CellUnknown             // it was not seen to hold, but not all of it was seen
)

// Strip is a timeline as a chart of cells of equal length.
type Strip struct {
	Lanes []Lane // the most recent holder first
	More  int    // how many clients that held have no lane

	// Gap tells of each cell whether a gap is in it; Unseen whether any of it was not
	// seen, or is no longer kept. A cell may be held in part and unseen in part.
	Gap, Unseen []bool
}

// Lane is what one client held.
type Lane struct {
	Party // as it held last
	Cells []Cell
}

// client tells lanes apart: a session, or who says to be the same, or else a znode.
type client struct {
	session        int64
	identity, node string
}

func clientOf(p *Party) client {
	switch {
	case p.Session != 0:
		return client{session: p.Session}
	case p.Identity != "":
		return client{identity: p.Identity}
	}
	return client{node: p.Node}
}

// Strip is the chart of the time from from to to, which is at most now, in so many
// cells: a lane for each client that held, at most so many. Those who hold still come
// first, then who held last; of equals whose hold began last. Nothing that was not seen
// is drawn as free or held. A hold is in a cell however short it was; to itself is in
// the last cell.
func (t *Timeline) Strip(from, to time.Time, cells, lanes int) Strip {
	if cells <= 0 || !to.After(from) {
		return Strip{}
	}
	t.mu.RLock()
	holds, gaps := t.holds(from, to), t.gapsIn(from, to)
	seen := t.since
	if t.kept.After(seen) {
		seen = t.kept
	}
	never := t.since.IsZero()
	t.mu.RUnlock()

	ruler := ruler{from: from, span: to.Sub(from), cells: cells}
	s := Strip{Gap: make([]bool, cells), Unseen: make([]bool, cells)}
	if never {
		seen = to
	}
	if seen.After(from) {
		ruler.each(from, seen, func(i int, _ time.Duration) { s.Unseen[i] = true })
	}
	for _, g := range gaps {
		ruler.each(g.From, g.To, func(i int, _ time.Duration) { s.Gap[i], s.Unseen[i] = true, true })
	}
	order, of := byClient(holds)
	s.More = max(len(order)-max(lanes, 0), 0)
	for _, c := range order[:len(order)-s.More] {
		mine := of[c]
		s.Lanes = append(s.Lanes, Lane{Party: mine[len(mine)-1].Party, Cells: ruler.lane(mine, s.Unseen)})
	}
	return s
}

// byClient sorts the clients, and their holds oldest first.
func byClient(holds []Hold) ([]client, map[client][]*Hold) {
	of, latest := map[client][]*Hold{}, map[client]*Hold{}
	for i := range holds {
		h := &holds[i]
		c := clientOf(&h.Party)
		if l, ok := latest[c]; !ok || later(h, l) < 0 {
			latest[c] = h
		}
		of[c] = append(of[c], h)
	}
	order := make([]client, 0, len(of))
	for c := range of {
		order = append(order, c)
	}
	slices.SortFunc(order, func(a, b client) int {
		return cmp.Or(later(latest[a], latest[b]), cmp.Compare(a.session, b.session),
			cmp.Compare(a.identity, b.identity), cmp.Compare(a.node, b.node))
	})
	return order, of
}

// later is negative if a holds or held later than b.
func later(a, b *Hold) int {
	if a.To.IsZero() != b.To.IsZero() {
		if a.To.IsZero() {
			return -1
		}
		return 1
	}
	return cmp.Or(b.To.Compare(a.To), b.From.Compare(a.From), cmp.Compare(b.ID, a.ID))
}

// ruler divides a time into cells.
type ruler struct {
	from  time.Time
	span  time.Duration
	cells int
}

// edge is where a cell begins and the one before it ends, from the ruler's begin on.
func (r ruler) edge(i int) time.Duration {
	n := time.Duration(r.cells)
	return time.Duration(i)*(r.span/n) + time.Duration(i)*(r.span%n)/n
}

// cell is the cell that a time is in, which is within the ruler.
func (r ruler) cell(d time.Duration) int {
	i := int(float64(d) / float64(r.span) * float64(r.cells))
	i = min(max(i, 0), r.cells-1)
	for i > 0 && d < r.edge(i) {
		i--
	}
	for i < r.cells-1 && d >= r.edge(i+1) {
		i++
	}
	return i
}

// each calls do with the cells that a time touches and how much of each it covers. A
// time without an end lasts to the ruler's; one without a length has a cell too.
func (r ruler) each(from, to time.Time, do func(cell int, covered time.Duration)) {
	a, b := from.Sub(r.from), r.span
	if !to.IsZero() {
		b = min(to.Sub(r.from), r.span)
	}
	if a > r.span || b < 0 || b == 0 && a < 0 {
		return
	}
	a = max(a, 0)
	first, last := r.cell(a), r.cell(b)
	if last > first && b == r.edge(last) {
		last--
	}
	for i := first; i <= last; i++ {
		do(i, max(min(r.edge(i+1), b)-max(r.edge(i), a), 0))
	}
}

// lane draws the holds of one client, oldest first. They may overlap.
func (r ruler) lane(holds []*Hold, unseen []bool) []Cell {
	cells := make([]Cell, r.cells)
	covered := make([]time.Duration, r.cells)
	drawn := r.from // up to here
	for _, h := range holds {
		from := h.From
		if from.Before(drawn) {
			if from = drawn; !h.To.IsZero() && !h.To.After(drawn) {
				continue
			}
		}
		r.each(from, h.To, func(i int, d time.Duration) {
			cells[i] = CellPart
			covered[i] += d
		})
		if drawn = h.To; h.To.IsZero() {
			break
		}
	}
	for i := range cells {
		switch {
		case cells[i] == CellPart && covered[i] == r.edge(i+1)-r.edge(i):
			cells[i] = CellHeld
		case cells[i] == CellNone && unseen[i]:
			cells[i] = CellUnknown
		}
	}
	return cells
}
