package ink

import "image/color"

// The window around the cells, in pixels.
const (
	margin    = 12
	barHeight = 31 // an even distance above and below the title
	rounding  = 8
)

// window is what surrounds the cells of a picture.
type window struct {
	width, height int // of the picture
	left, top     int // of the first cell
	shapes        []painted
	title         []cell // drawn in the bar, from column 0 at (titleX, titleY)
	titleX        int
	titleY        int
}

// newWindow returns the window for w columns and h rows.
func newWindow(w, h int, o Options) window {
	win := window{width: w*cellW + 2*margin, height: h*cellH + 2*margin, left: margin, top: margin}
	bar := 0
	if o.Title != "" {
		bar = barHeight
		win.top += bar
		win.height += bar
	}
	width, height := float64(win.width), float64(win.height)
	win.add(o.Theme.Edge, rounded(0, 0, width, height, rounding))
	if bar > 0 {
		win.add(o.Theme.Bar, rounded(1, 1, width-1, height-1, rounding-1))
		win.add(o.Theme.Edge, wideBox(1, float64(bar), width-1, float64(bar+1)))
		win.add(o.Theme.Bg, flatTop(1, float64(bar+1), width-1, height-1, rounding-1))
		for i := range 3 {
			x, y := float64(margin+7+i*18), float64(bar)/2
			win.add(mix(o.Theme.Bar, o.Theme.Quiet, 0.55), rounded(x-5, y-5, x+5, y+5, 5))
		}
		win.setTitle(o)
	} else {
		win.add(o.Theme.Bg, rounded(1, 1, width-1, height-1, rounding-1))
	}
	return win
}

// setTitle puts the title in the middle of the bar, cut where it would meet the
// three dots.
func (w *window) setTitle(o Options) {
	text := []rune(o.Title)
	if room := (w.width - 2*(margin+3*18)) / cellW; len(text) > room {
		text = append(text[:max(room-1, 0)], '…')
	}
	for _, r := range text {
		w.title = append(w.title, settleCell(Cell{Text: string(r), Fg: o.Theme.Quiet, Bg: o.Theme.Bar}, o.Theme))
	}
	w.titleX = (w.width - len(text)*cellW) / 2
	w.titleY = (barHeight - cellH) / 2
}

func (w *window) add(c color.RGBA, s shape) { w.shapes = append(w.shapes, painted{c, s}) }

func wideBox(x0, y0, x1, y1 float64) shape {
	var s shape
	s.rect(x0, y0, x1, y1)
	return s
}

// rounded is a rectangle with corners of radius r.
func rounded(x0, y0, x1, y1, r float64) shape {
	var s shape
	s.move(x0+r, y0)
	s.line(x1-r, y0)
	s.cube(x1-r+r*kappa, y0, x1, y0+r-r*kappa, x1, y0+r)
	s.lowerHalf(x0, x1, y1, r)
	s.line(x0, y0+r)
	s.cube(x0, y0+r-r*kappa, x0+r-r*kappa, y0, x0+r, y0)
	return s
}

// flatTop is rounded with sharp upper corners.
func flatTop(x0, y0, x1, y1, r float64) shape {
	var s shape
	s.move(x0, y0)
	s.line(x1, y0)
	s.lowerHalf(x0, x1, y1, r)
	return s
}

func (s *shape) lowerHalf(x0, x1, y1, r float64) {
	s.line(x1, y1-r)
	s.cube(x1, y1-r+r*kappa, x1-r+r*kappa, y1, x1-r, y1)
	s.line(x0+r, y1)
	s.cube(x0+r-r*kappa, y1, x0, y1-r+r*kappa, x0, y1-r)
}
