package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// treePane shows the rows of a tree from top on. It knows the selected znode by
// its path and keeps it on its line of the screen while rows come and go above.
type treePane struct {
	tree   *zkview.Tree
	top    int    // the first row shown
	sel    string // path of the selected znode
	selRow int    // its row when last seen; where the selection goes when it is gone
	height int
	width  int
	// lockAt is the lock that a znode is, if it is known to be one; nil knows none.
	lockAt func(path string) (*lockFacts, bool)
}

// resize takes a new size and keeps the selection in view.
func (p *treePane) resize(width, height int) {
	p.width, p.height = width, height
	p.show()
}

// The root stands above the rows of the tree as row 0, so that it can be
// selected like any other znode.

func (p *treePane) len() int { return p.tree.Len() + 1 }

// at is the row i; it exists, as the caller has seen to.
func (p *treePane) at(i int) zkview.Row {
	if i == 0 {
		return p.tree.Root()
	}
	r, _ := p.tree.Row(i - 1)
	return r
}

func (p *treePane) find(path string) (row int, ok bool) {
	if path == "/" {
		return 0, true
	}
	row, ok = p.tree.IndexOf(path)
	return row + 1, ok
}

// rows are the rows in view.
func (p *treePane) rows(height int) []zkview.Row {
	from, to := p.top, min(p.top+height, p.len())
	if from == 0 && to > 0 {
		return append([]zkview.Row{p.tree.Root()}, p.tree.Rows(0, to-1)...)
	}
	return p.tree.Rows(from-1, to-1)
}

// wants is what the feed is to keep fresh while these rows are in view and the
// selected znode, if any, is shown in detail.
func (p *treePane) wants(selected string) zkview.Wants {
	from, to := p.top, min(p.top+max(p.height, 1), p.len())
	w := p.tree.Wants(max(from-1, 0), max(to-1, 0), selected)
	if from == 0 {
		w.Stats = append(w.Stats, "/")
	}
	return w
}

// settle finds the selection again after the tree changed, without moving it on
// the screen.
func (p *treePane) settle() {
	line := p.selRow - p.top
	row, ok := p.find(p.sel)
	if !ok {
		row = min(p.selRow, p.len()-1)
		p.sel = p.at(row).Path
	}
	p.selRow, p.top = row, row-line
	p.show()
}

// move selects the row by rows further down.
func (p *treePane) move(by int) { p.selectRow(p.selRow + by) }

// selectRow selects a row, the nearest one that exists.
func (p *treePane) selectRow(row int) {
	p.selRow = min(max(row, 0), p.len()-1)
	p.sel = p.at(p.selRow).Path
	p.show()
}

// selectPath selects a path if it has a row.
func (p *treePane) selectPath(path string) bool {
	row, ok := p.find(path)
	if ok {
		far := row < p.top || row >= p.top+p.height
		p.selectRow(row)
		if far { // land in the middle, where what is around it shows
			p.top = row - p.height/2
			p.show()
		}
	}
	return ok
}

// scroll moves the view by rows and the selection with it, so that it stays on
// its line.
func (p *treePane) scroll(by int) {
	p.top += by
	p.selectRow(p.selRow + by)
}

// show brings the selection into view and leaves no blank below the last row.
func (p *treePane) show() {
	h := max(p.height, 1)
	p.top = min(p.top, p.len()-h)
	if p.selRow < p.top {
		p.top = p.selRow
	}
	if p.selRow >= p.top+h {
		p.top = p.selRow - h + 1
	}
	p.top = max(p.top, 0)
}

// render draws height rows of width cells.
func (p *treePane) render(st *styles, width, height int, focused bool, _ time.Time) []string {
	rows := p.rows(height)
	out := make([]string, 0, height)
	for i, r := range rows {
		var lock *lockFacts
		if p.lockAt != nil {
			lock, _ = p.lockAt(r.Path)
		}
		out = append(out, st.treeRow(r, lock, width, p.top+i == p.selRow, focused))
	}
	blank := strings.Repeat(" ", width)
	for len(out) < height {
		out = append(out, blank)
	}
	return out
}

// treeRow draws one znode: what it is called, and to the right only what helps; of
// a lock that is who holds it.
func (st *styles) treeRow(r zkview.Row, lock *lockFacts, width int, selected, focused bool) string {
	edge := span{st.text, " "}
	switch {
	case r.Marked:
		edge = span{st.accent, st.marked}
	case selected && focused:
		edge = span{st.accent, st.bar}
	}
	glyph := " "
	switch {
	case r.Expanded && (r.Expandable || !r.HasStat):
		glyph = st.open
	case r.Expandable:
		glyph = st.closed
	}
	nameInk, sign := st.text, span{st.text, " "}
	switch r.Mark {
	case zkview.MarkCreated:
		nameInk, sign = st.good, span{st.good, st.created}
	case zkview.MarkChanged:
		nameInk, sign = st.warn, span{st.warn, st.changed}
	case zkview.MarkDeleted:
		nameInk, sign = st.strike, span{st.bad, st.deleted}
	}
	if r.Err != nil && r.Mark != zkview.MarkDeleted {
		nameInk = st.dim
	}
	name, depth := safetext.Clean(r.Name), r.Depth
	if r.Depth < 0 { // the root is always open and needs no sign for it
		name, glyph, depth = "/", "", 0
	} else {
		glyph += " "
	}
	left := []span{
		edge,
		{st.text, strings.Repeat(" ", min(2*depth, width/2))},
		{st.dim, glyph},
		{nameInk, name},
	}
	right := append(st.rowFacts(r), sign, span{st.text, " "})
	if lock != nil && r.Mark != zkview.MarkDeleted {
		right = append(st.lockMark(lock, width-spansWidth(left)-spansWidth(right)-1), right...)
	}
	return st.line(width, selected, left, right)
}

// rowFacts are the mode letters and the size or the number of children, or why
// there is neither.
func (st *styles) rowFacts(r zkview.Row) []span {
	switch {
	case r.Mark == zkview.MarkDeleted:
		return []span{{st.bad, "gone "}}
	case errors.Is(r.ChildErr, zkview.ErrHeld):
		return []span{{st.warn, comma(int(r.Stat.NumChildren)) + " children, o loads "}}
	case r.Err != nil:
		return []span{{st.warn, rowTrouble(st, r.Err) + " "}}
	case r.Size > 0 && r.Loading:
		return []span{{st.dim, fmt.Sprintf("loading %s %d%% ", value.Size(r.Size), 100*r.Got/r.Size)}}
	case !r.HasStat && r.Loading:
		return []span{{st.dim, st.ellipsis + " "}}
	case !r.HasStat:
		return nil
	}
	fact := value.Size(int64(r.Stat.DataLength))
	if r.Stat.NumChildren > 0 {
		fact = comma(int(r.Stat.NumChildren))
		if r.Stat.NumChildren > zkview.CountedListing && !r.Expanded {
			fact = "~" + fact // no watch tells when it changes
		}
	} else if r.Stat.DataLength == 0 {
		fact = "-"
	}
	trouble := ""
	if r.ChildErr != nil {
		trouble = rowTrouble(st, r.ChildErr) + " "
	} else if r.Loading {
		trouble = st.ellipsis + " "
	}
	return []span{{st.warn, trouble}, {st.accent, modeLetters(r) + " "}, {st.dim, safetext.PadLeft(fact, 8) + " "}}
}

// modeLetters are s for a name that ends like a sequence number, then e for
// ephemeral, c for container, t for TTL.
func modeLetters(r zkview.Row) string {
	letter := " "
	switch r.Stat.Kind() {
	case zkview.Ephemeral:
		letter = "e"
	case zkview.Container:
		letter = "c"
	case zkview.TTL:
		letter = "t"
	}
	if sequential(r.Name) {
		return "s" + letter
	}
	return " " + letter
}

// sequential tells whether a name ends like one that ZooKeeper made: ten digits
// and nothing but digits before another character. Nothing else tells; the
// servers do not store it.
func sequential(name string) bool {
	n := len(name)
	if n < 10 {
		return false
	}
	for _, c := range []byte(name[n-10:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return n == 10 || name[n-11] < '0' || name[n-11] > '9'
}

// rowTrouble is why a znode shows nothing, in two words.
func rowTrouble(st *styles, err error) string {
	switch {
	case errors.Is(err, zkview.ErrNoAuth):
		return st.denied + " no read"
	case errors.Is(err, zkview.ErrNoNode):
		return "gone"
	case errors.Is(err, zkview.ErrBadPath):
		return st.denied + " cannot be opened"
	default:
		return st.warnSign + " not read"
	}
}
