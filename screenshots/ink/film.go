package ink

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// film is an animation before it is drawn.
type film struct {
	w, h   int
	frames [][]cell
	starts []int64 // of each frame, in ms
	length int64   // of all, in ms
	blank  cell
}

// newFilm settles the frames and joins those that look like the one before. It
// returns the number that frame poster has then.
func newFilm(frames []Timed, o Options) (film, int, error) {
	if len(frames) == 0 {
		return film{}, 0, fmt.Errorf("%w: an animation of no frames", ErrInput)
	}
	if o.Poster < 0 || o.Poster >= len(frames) {
		return film{}, 0, fmt.Errorf("%w: the poster is frame %d of %d", ErrInput, o.Poster, len(frames))
	}
	f := film{w: frames[0].W, h: frames[0].H, blank: settleCell(Cell{}, o.Theme)}
	poster := 0
	for i, t := range frames {
		cells, err := settle(t.Frame, o.Theme)
		if err != nil {
			return film{}, 0, fmt.Errorf("frame %d: %w", i, err)
		}
		ms := t.For.Round(time.Millisecond).Milliseconds()
		if ms < 1 {
			return film{}, 0, fmt.Errorf("%w: frame %d stays for %v, which is less than a millisecond", ErrInput, i, t.For)
		}
		if t.W != f.w || t.H != f.h {
			return film{}, 0, fmt.Errorf("%w: frame %d has %d columns and %d rows, the first %d and %d", ErrInput, i, t.W, t.H, f.w, f.h)
		}
		if i == 0 || !slices.Equal(cells, f.frames[len(f.frames)-1]) {
			f.frames, f.starts = append(f.frames, cells), append(f.starts, f.length)
		}
		f.length += ms
		if i == o.Poster {
			poster = len(f.frames) - 1
		}
	}
	return f, poster, nil
}

// part is a piece of row y from column x on, and the frames that show it.
type part struct {
	y, x  int
	cells []cell
	when  spans
}

// spans are frames: each from the first number up to the second, in order, with
// frames between that are not meant.
type spans [][2]int

func (s spans) has(frame int) bool {
	return slices.ContainsFunc(s, func(p [2]int) bool { return p[0] <= frame && frame < p[1] })
}

// add adds frames from a up to b, which lie behind all others.
func (s spans) add(a, b int) spans {
	if n := len(s); n > 0 && s[n-1][1] == a {
		s[n-1][1] = b
		return s
	}
	return append(s, [2]int{a, b})
}

func (s spans) String() string { return strings.Trim(fmt.Sprint([][2]int(s)), "[]") }

// parts cuts the film into pieces so that at every moment those that are shown
// lie side by side and make the frame of that moment, and what stays is not
// drawn again.
func (f film) parts() []part {
	var out []part
	for y := range f.h {
		var row []part
		f.cut(y, 0, f.w, 0, len(f.frames), &row)
		slices.SortStableFunc(row, func(a, b part) int { return a.when[0][0] - b.when[0][0] })
		out = append(out, join(row)...)
	}
	return out
}

// cut appends the pieces of columns x0 up to x1 in frames a up to b.
func (f film) cut(y, x0, x1, a, b int, out *[]part) {
	at, most, moves := f.changes(y, x0, x1, a, b)
	if most == 0 {
		f.emit(y, x0, x1, a, b, out)
		return
	}
	// Where much changes at once, as from one screen to the next, what is before
	// has little to do with what comes. Else what moves is parted from what stays.
	if still := regions(moves); 2*most < x1-x0 && len(still) > 1 {
		for _, r := range still {
			f.cut(y, x0+r[0], x0+r[1], a, b, out)
		}
		return
	}
	f.cut(y, x0, x1, a, at, out)
	f.cut(y, x0, x1, at, b, out)
}

// changes looks at frames a up to b: it returns the one that differs most from the
// frame before it, in how many columns, and which columns change at all.
func (f film) changes(y, x0, x1, a, b int) (at, most int, moves []bool) {
	moves = make([]bool, x1-x0)
	for k := a + 1; k < b; k++ {
		was, is := f.frames[k-1][y*f.w+x0:y*f.w+x1], f.frames[k][y*f.w+x0:y*f.w+x1]
		n := 0
		for i := range is {
			if is[i] != was[i] {
				moves[i] = true
				n++
			}
		}
		if n > most {
			at, most = k, n
		}
	}
	return at, most, moves
}

// regions parts columns into runs that move and runs that do not; up to three that
// stay between two that move are drawn along with them.
func regions(moves []bool) [][2]int {
	const gap = 3
	var out [][2]int
	for from := 0; from < len(moves); {
		to := from + 1
		for to < len(moves) && moves[to] == moves[from] {
			to++
		}
		n := len(out)
		switch {
		case n > 1 && moves[from] && from-out[n-1][0] <= gap:
			out[n-2][1] = to // the one before stays, and is short
			out = out[:n-1]
		default:
			out = append(out, [2]int{from, to})
		}
		from = to
	}
	return out
}

// emit appends what columns x0 up to x1 show, if they show anything.
func (f film) emit(y, x0, x1, a, b int, out *[]part) {
	cells := f.frames[a][y*f.w+x0 : y*f.w+x1]
	for len(cells) > 0 && f.empty(cells[0]) {
		cells, x0 = cells[1:], x0+1
	}
	for len(cells) > 0 && f.empty(cells[len(cells)-1]) {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > 0 {
		*out = append(*out, part{y: y, x: x0, cells: cells, when: spans{{a, b}}})
	}
}

func (f film) empty(c cell) bool {
	return c.key.text == "" && c.bg == f.blank.bg && !c.under && !c.strike
}

// join makes one of the pieces of a row that show the same in the same place at
// different times. They are in order of time.
func join(row []part) []part {
	var out []part
	for _, p := range row {
		i := slices.IndexFunc(out, func(o part) bool { return o.x == p.x && slices.Equal(o.cells, p.cells) })
		if i < 0 {
			out = append(out, p)
			continue
		}
		out[i].when = out[i].when.add(p.when[0][0], p.when[0][1])
	}
	return out
}

// scene is all that is shown in the same frames, row by row.
type scene struct {
	when spans
	rows []part
}

// scenes collects the parts of each set of frames. Those of a row become one.
func (f film) scenes() []scene {
	byWhen := map[string]int{}
	var out []scene
	for _, p := range f.parts() {
		i, ok := byWhen[p.when.String()]
		if !ok {
			i = len(out)
			byWhen[p.when.String()] = i
			out = append(out, scene{when: p.when})
		}
		out[i].rows = append(out[i].rows, p)
	}
	for i := range out {
		out[i].rows = f.byRow(out[i].rows)
	}
	slices.SortStableFunc(out, func(a, b scene) int {
		return slices.CompareFunc(a.when, b.when, func(p, q [2]int) int {
			return cmp.Or(p[0]-q[0], q[1]-p[1])
		})
	})
	return out
}

// byRow joins the parts of each row, with nothing between them.
func (f film) byRow(parts []part) []part {
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Or(a.y-b.y, a.x-b.x) })
	var out []part
	for _, p := range parts {
		n := len(out) - 1
		if n < 0 || out[n].y != p.y {
			p.cells = slices.Clone(p.cells)
			out = append(out, p)
			continue
		}
		for out[n].x+len(out[n].cells) < p.x {
			out[n].cells = append(out[n].cells, f.blank)
		}
		out[n].cells = append(out[n].cells, p.cells...)
	}
	return out
}
