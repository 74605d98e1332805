package ink

import (
	"math"
	"strconv"

	"golang.org/x/image/vector"
)

// A cell is odd in both directions, so that a line of one pixel stands exactly in
// the middle. The letters are as large as makes their advance one cell.
const (
	cellW, cellH = 9, 19
	baseline     = 15
)

type point struct{ x, y float64 }

// segment is one step of an outline: 'M' and 'L' use one point, 'Q' two, 'C'
// three. An outline that a further 'M' or the end follows is closed.
type segment struct {
	op byte
	p  [3]point
}

func (s segment) points() int {
	switch s.op {
	case 'Q':
		return 2
	case 'C':
		return 3
	}
	return 1
}

// shape is a filled outline in pixels of a cell, from its upper left corner.
type shape []segment

func (s *shape) move(x, y float64) { *s = append(*s, segment{op: 'M', p: [3]point{{x, y}}}) }
func (s *shape) line(x, y float64) { *s = append(*s, segment{op: 'L', p: [3]point{{x, y}}}) }

func (s *shape) quad(ax, ay, x, y float64) {
	*s = append(*s, segment{op: 'Q', p: [3]point{{ax, ay}, {x, y}}})
}

func (s *shape) cube(ax, ay, bx, by, x, y float64) {
	*s = append(*s, segment{op: 'C', p: [3]point{{ax, ay}, {bx, by}, {x, y}}})
}

// rect adds a rectangle from (x0, y0) to (x1, y1).
func (s *shape) rect(x0, y0, x1, y1 float64) {
	s.move(x0, y0)
	s.line(x1, y0)
	s.line(x1, y1)
	s.line(x0, y1)
}

// mapped returns the shape with every point put through f.
func (s shape) mapped(f func(point) point) shape {
	out := make(shape, len(s))
	for i, g := range s {
		for j := range g.points() {
			g.p[j] = f(g.p[j])
		}
		out[i] = g
	}
	return out
}

func (s shape) moved(dx, dy float64) shape {
	return s.mapped(func(p point) point { return point{p.x + dx, p.y + dy} })
}

// bounds returns the smallest box around all points, those of control too.
func (s shape) bounds() (lo, hi point) {
	lo, hi = point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, g := range s {
		for _, p := range g.p[:g.points()] {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	return lo, hi
}

// fill adds the shape to z, scaled first and then moved by (dx, dy).
func (s shape) fill(z *vector.Rasterizer, scale, dx, dy float64) {
	at := func(p point) (float32, float32) { return float32(p.x*scale + dx), float32(p.y*scale + dy) }
	open := false
	for _, g := range s {
		ax, ay := at(g.p[0])
		bx, by := at(g.p[1])
		cx, cy := at(g.p[2])
		switch g.op {
		case 'M':
			if open {
				z.ClosePath()
			}
			z.MoveTo(ax, ay)
			open = true
		case 'L':
			z.LineTo(ax, ay)
		case 'Q':
			z.QuadTo(ax, ay, bx, by)
		case 'C':
			z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	if open {
		z.ClosePath()
	}
}

// appendPath appends the shape, moved by (dx, dy), as the d of an SVG path, in
// steps of a hundredth of a pixel: relative to the point before, with h and v for
// straight lines, and with nothing between numbers that the next one's sign or dot
// parts from the one before.
func (s shape) appendPath(b []byte, dx, dy float64) []byte {
	w := pathWriter{out: b}
	at := func(p point) (int, int) { return hundredths(p.x + dx), hundredths(p.y + dy) }
	for i, g := range s {
		x, y := at(g.p[g.points()-1])
		switch {
		case g.op == 'M':
			if i > 0 {
				w.close()
			}
			w.start(x, y)
		case g.op == 'L' && y == w.y:
			if x != w.x {
				w.step('h', x-w.x)
			}
		case g.op == 'L' && x == w.x:
			w.step('v', y-w.y)
		default:
			args := make([]int, 0, 6)
			for _, p := range g.p[:g.points()] {
				px, py := at(p)
				args = append(args, px-w.x, py-w.y)
			}
			w.step(g.op+'a'-'A', args...)
		}
		w.x, w.y = x, y
	}
	if len(s) > 0 {
		w.close()
	}
	return w.out
}

func hundredths(v float64) int { return int(math.Round(v * 100)) }

// pathWriter writes the commands of a path; positions are hundredths of a pixel.
type pathWriter struct {
	out    []byte
	op     byte // the command that numbers continue; 0 after none
	dot    bool // the number before has a dot
	x, y   int  // where the pen is
	sx, sy int  // where the outline began, and where z brings the pen
}

func (w *pathWriter) start(x, y int) {
	w.out, w.op = append(w.out, 'M'), 0
	w.number(x, true)
	w.number(y, false)
	w.sx, w.sy = x, y
}

func (w *pathWriter) close() {
	w.out, w.op = append(w.out, 'z'), 0
	w.x, w.y = w.sx, w.sy
}

func (w *pathWriter) step(op byte, args ...int) {
	same := op == w.op
	if !same {
		w.out, w.op = append(w.out, op), op
	}
	for i, v := range args {
		w.number(v, i == 0 && !same)
	}
}

// number writes v hundredths; first says that no number stands before it.
func (w *pathWriter) number(v int, first bool) {
	text := decimal(v)
	dot := v%100 != 0
	if !first && text[0] != '-' && (text[0] != '.' || !w.dot) {
		w.out = append(w.out, ' ')
	}
	w.out, w.dot = append(w.out, text...), dot
}

// decimal writes v hundredths as short as SVG allows: "9", ".5", "-.25".
func decimal(v int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	whole, rest := "", ""
	if v >= 100 || v == 0 {
		whole = strconv.Itoa(v / 100)
	}
	if part := v % 100; part != 0 {
		rest = "." + string(rune('0'+part/10))
		if part%10 != 0 {
			rest += string(rune('0' + part%10))
		}
	}
	return sign + whole + rest
}
