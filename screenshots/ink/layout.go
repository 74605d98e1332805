package ink

import (
	"errors"
	"fmt"
	"image/color"
	"strings"
)

// cell is a Cell with its colours settled. Two that are equal look the same.
type cell struct {
	key    glyphKey // no text: the background alone
	right  bool     // the right half of key, which is drawn with the left one
	fg, bg color.RGBA
	under  bool
	strike bool
}

// settle returns the cells of f as they are to be drawn.
func settle(f Frame, t Theme) ([]cell, error) {
	if f.W < 1 || f.H < 1 || len(f.Cells) != f.W*f.H {
		return nil, fmt.Errorf("%w: %d cells for %d columns and %d rows", ErrInput, len(f.Cells), f.W, f.H)
	}
	out := make([]cell, len(f.Cells))
	for y := range f.H {
		for x := 0; x < f.W; x++ {
			i := y*f.W + x
			c := f.Cells[i]
			if f.Cursor != nil && f.Cursor.X == x && f.Cursor.Y == y {
				c.Reverse = !c.Reverse
			}
			out[i] = settleCell(c, t)
			if !c.Wide {
				continue
			}
			if x+1 == f.W {
				return nil, fmt.Errorf("%w: %q takes two columns and stands in the last one of row %d", ErrInput, c.Text, y)
			}
			out[i+1] = out[i]
			out[i+1].right = true
			x++
		}
	}
	return out, nil
}

func settleCell(c Cell, t Theme) cell {
	fg, bg := opaque(c.Fg, t.Fg), opaque(c.Bg, t.Bg)
	if c.Reverse {
		fg, bg = bg, fg
	}
	if c.Faint {
		fg = mix(bg, fg, 0.6)
	}
	out := cell{fg: fg, bg: bg, under: c.Underline, strike: c.Strike}
	if strings.Trim(c.Text, " \u00a0") == "" {
		return out
	}
	out.key = glyphKey{text: c.Text, wide: c.Wide}
	if c.Bold {
		out.key.face |= bold
	}
	if c.Italic {
		out.key.face |= italic
	}
	return out
}

// opaque returns c, or other where c is nil or lets everything through.
func opaque(c color.Color, other color.RGBA) color.RGBA {
	if c == nil {
		return other
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	if n.A == 0 {
		return other
	}
	return color.RGBA{R: n.R, G: n.G, B: n.B, A: 0xff}
}

// mix returns a with part (0 to 1) of b over it.
func mix(a, b color.RGBA, part float64) color.RGBA {
	at := func(a, b uint8) uint8 { return uint8(float64(a)*(1-part) + float64(b)*part + 0.5) }
	return color.RGBA{R: at(a.R, b.R), G: at(a.G, b.G), B: at(a.B, b.B), A: 0xff}
}

// glyphs makes each glyph once.
type glyphs struct {
	over float64
	made map[glyphKey]glyph
}

func newGlyphs(over float64) *glyphs {
	return &glyphs{over: over, made: map[glyphKey]glyph{}}
}

// makeAll makes what cells show. It names everything that is missing at once, with
// the first place of each.
func (g *glyphs) makeAll(cells []cell, width int) error {
	var errs []error
	seen := map[glyphKey]bool{}
	for i, c := range cells {
		if c.key.text == "" || c.right || seen[c.key] {
			continue
		}
		seen[c.key] = true
		if _, ok := g.made[c.key]; ok {
			continue
		}
		made, err := glyphOf(c.key, g.over)
		if err != nil {
			errs = append(errs, fmt.Errorf("column %d, row %d: %w", i%width, i/width, err))
			continue
		}
		g.made[c.key] = made
	}
	return errors.Join(errs...)
}

// strip is what a piece of a row shows, in pixels from the row's upper left
// corner: first the backgrounds, then all else, by colour.
type strip struct {
	backs []painted
	inks  []inks
}

// painted is a shape in one colour.
type painted struct {
	color color.RGBA
	shape shape
}

// inks is what one colour draws.
type inks struct {
	color  color.RGBA
	blocks shape // drawn without smoothing
	lines  shape
	places []place
}

// place is a glyph and the column that it stands in.
type place struct {
	key glyphKey
	x   int
}

// strip lays out cells, of which the first stands in column x0. Neighbours that
// look alike become one shape.
func (g *glyphs) strip(cells []cell, x0 int, bg color.RGBA) strip {
	var s strip
	for from, to := range runs(cells, func(a, b cell) bool { return a.bg == b.bg }) {
		if c := cells[from]; c.bg != bg {
			s.backs = append(s.backs, painted{c.bg, wide(x0+from, x0+to, 0, cellH)})
		}
	}
	byColor := map[color.RGBA]int{}
	of := func(c color.RGBA) *inks {
		i, ok := byColor[c]
		if !ok {
			i = len(s.inks)
			byColor[c] = i
			s.inks = append(s.inks, inks{color: c})
		}
		return &s.inks[i]
	}
	alike := func(a, b cell) bool {
		return a == b && g.made[a.key].across
	}
	for from, last := range runs(cells, alike) {
		c := cells[from]
		if c.key.text == "" || c.right {
			continue
		}
		d := g.made[c.key]
		k := of(mix(c.bg, c.fg, d.cover))
		switch {
		case len(d.shape) == 0: // one of Unicode's many spaces
		case d.across:
			lo, hi := d.shape.bounds()
			to := &k.lines
			if d.block {
				to = &k.blocks
			}
			to.rect(float64((x0+from)*cellW), lo.y, float64((x0+last-1)*cellW)+hi.x, hi.y)
		case d.block:
			k.blocks = append(k.blocks, d.shape.moved(float64((x0+from)*cellW), 0)...)
		default:
			k.places = append(k.places, place{c.key, x0 + from})
		}
	}
	for from, to := range runs(cells, func(a, b cell) bool { return a.fg == b.fg && a.under == b.under && a.strike == b.strike }) {
		c := cells[from]
		if c.under {
			k := of(c.fg)
			k.lines = append(k.lines, wide(x0+from, x0+to, baseline+2, baseline+3)...)
		}
		if c.strike {
			k := of(c.fg)
			k.lines = append(k.lines, wide(x0+from, x0+to, baseline-5, baseline-4)...)
		}
	}
	return s
}

// wide is a rectangle over columns.
func wide(from, to int, y0, y1 float64) shape {
	var s shape
	s.rect(float64(from*cellW), y0, float64(to*cellW), y1)
	return s
}

// runs yields where each run of cells that are alike begins and ends.
func runs(cells []cell, alike func(a, b cell) bool) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for from := 0; from < len(cells); {
			to := from + 1
			for to < len(cells) && alike(cells[from], cells[to]) {
				to++
			}
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}
