package ink

// arms says, for U+2500 on, how strong the lines to the left, right, top and
// bottom are: 0 none, 1 light, 2 heavy. An empty place is no such character.
var arms = [0x80]string{
	"1100", "2200", "0011", "0022", "", "", "", "", "", "", "", "", "0101", "0201", "0102", "0202", // ─ to ┏
	"1001", "2001", "1002", "2002", "0110", "0210", "0120", "0220", "1010", "2010", "1020", "2020", "0111", "0211", "0121", "0112", // ┐ to ┟
	"0122", "0221", "0212", "0222", "1011", "2011", "1021", "1012", "1022", "2021", "2012", "2022", "1101", "2101", "1201", "2201", // ┠ to ┯
	"1102", "2102", "1202", "2202", "1110", "2110", "1210", "2210", "1120", "2120", "1220", "2220", "1111", "2111", "1211", "2211", // ┰ to ┿
	"1121", "1112", "1122", "2121", "1221", "2112", "1212", "2221", "2212", "2122", "1222", "2222", // ╀ to ╋
	0x74: "1000", "0010", "0100", "0001", "2000", "0020", "0200", "0002", "1200", "0012", "2100", "0021", // ╴ to ╿
}

// over is how far lines reach into the cells right and below, for SVG alone: at
// sizes where cells do not end at pixels the ends of two would both be pale there.
const over = 0.5

// boxShape returns the geometry of a character of box drawing; ok is false for
// those that are left to the font (double lines, dashes, diagonals).
func boxShape(r rune, over float64) (s shape, ok bool) {
	if r < 0x2500 || r > 0x257f {
		return nil, false
	}
	if r >= '╭' && r <= '╰' {
		return arcShape(r, over), true
	}
	a := arms[r-0x2500]
	if a == "" {
		return nil, false
	}
	left, right, up, down := half(a[0]), half(a[1]), half(a[2]), half(a[3])
	const mx, my = cellW / 2.0, cellH / 2.0
	// A line ends at the far side of the line that it meets.
	tall, broad := max(up, down), max(left, right)
	if tall == 0 {
		tall = broad
	}
	if broad == 0 {
		broad = tall
	}
	switch {
	case left == right && left > 0:
		s.rect(0, my-left, cellW+over, my+left)
	default:
		if left > 0 {
			s.rect(0, my-left, mx+tall, my+left)
		}
		if right > 0 {
			s.rect(mx-tall, my-right, cellW+over, my+right)
		}
	}
	switch {
	case up == down && up > 0:
		s.rect(mx-up, 0, mx+up, cellH+over)
	default:
		if up > 0 {
			s.rect(mx-up, 0, mx+up, my+broad)
		}
		if down > 0 {
			s.rect(mx-down, my-broad, mx+down, cellH+over)
		}
	}
	return s, true
}

// half is half the width of a line of that strength.
func half(strength byte) float64 {
	switch strength {
	case '1':
		return 0.5
	case '2':
		return 1.5
	}
	return 0
}

// kappa is how far along the tangents the points of control of a cubic curve lie
// that draws a quarter of a circle of radius one.
const kappa = 0.5522847498

// arcShape returns a rounded corner: ╭ and its three mirrors.
func arcShape(r rune, over float64) shape {
	const (
		mx, my = cellW / 2.0, cellH / 2.0
		radius = cellW/2.0 - 0.5 // the rest is straight, so that the next line meets it square
	)
	// ╭ from its lower end along the outer side to the right one, and back.
	out, in := radius+0.5, radius-0.5
	cx, cy := mx+radius, my+radius
	var s shape
	s.move(mx-0.5, cellH)
	s.line(mx-0.5, cy)
	s.cube(cx-out, cy-out*kappa, cx-out*kappa, cy-out, cx, cy-out)
	s.line(cellW, my-0.5)
	s.line(cellW, my+0.5)
	s.line(cx, cy-in)
	s.cube(cx-in*kappa, cy-in, cx-in, cy-in*kappa, cx-in, cy)
	s.line(mx+0.5, cellH)
	flipX := r == '╮' || r == '╯'
	flipY := r == '╯' || r == '╰'
	return s.mapped(func(p point) point {
		if flipX {
			p.x = cellW - p.x
		}
		if flipY {
			p.y = cellH - p.y
		}
		if p.x == cellW {
			p.x += over
		}
		if p.y == cellH {
			p.y += over
		}
		return p
	})
}

// quadrants names, for U+2596 on, the quarters that are filled: 1 upper left, 2
// upper right, 4 lower left, 8 lower right.
var quadrants = [10]byte{4, 8, 1, 1 | 4 | 8, 1 | 8, 1 | 2 | 4, 1 | 2 | 8, 2, 2 | 4, 2 | 4 | 8}

// blockShape returns the geometry of a block element and how much of the cell's
// colour it covers (1, or less for the shades ░▒▓, which fill the cell evenly).
func blockShape(r rune) (s shape, cover float64, ok bool) {
	const w, h = float64(cellW), float64(cellH)
	switch {
	case r == '▀':
		s.rect(0, 0, w, eighths(h, 4))
	case r >= '▁' && r <= '█':
		s.rect(0, h-eighths(h, int(r-'▀')), w, h)
	case r >= '▉' && r <= '▏':
		s.rect(0, 0, eighths(w, int('▐'-r)), h)
	case r == '▐':
		s.rect(eighths(w, 4), 0, w, h)
	case r >= '░' && r <= '▓':
		s.rect(0, 0, w, h)
		return s, float64(r-'░'+1) / 4, true
	case r == '▔':
		s.rect(0, 0, w, eighths(h, 1))
	case r == '▕':
		s.rect(w-eighths(w, 1), 0, w, h)
	case r >= '▖' && r <= '▟':
		set := quadrants[r-'▖']
		for i := range 4 {
			if set&(1<<i) != 0 {
				x, y := float64(i%2)*w/2, float64(i/2)*h/2
				s.rect(x, y, x+w/2, y+h/2)
			}
		}
	default:
		return nil, 0, false
	}
	return s, 1, true
}

// eighths returns n eighths of full to the nearest half pixel, which a PNG of
// twice the size shows sharp.
func eighths(full float64, n int) float64 {
	return float64(int(full*float64(n)/4+0.5)) / 2
}
