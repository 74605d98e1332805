package ink

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"
)

// pngScale is how many pixels of a PNG one of an SVG becomes.
const pngScale = 2

// PNG draws f at twice the size of the SVG, with what is outside the rounded
// corners transparent. On another kind of processor the edges of letters may
// differ by one shade. Errors wrap ErrInput.
func PNG(f Frame, o Options) ([]byte, error) {
	o.Theme = o.Theme.orDark()
	cells, err := settle(f, o.Theme)
	if err != nil {
		return nil, err
	}
	win := newWindow(f.W, f.H, o)
	g := newGlyphs(0)
	if err := g.makeAll(cells, f.W); err != nil {
		return nil, err
	}
	if err := g.makeAll(win.title, len(win.title)); err != nil {
		return nil, fmt.Errorf("the title: %w", err)
	}
	c := canvas{
		glyphs: g, masks: map[glyphKey]*image.Alpha{},
		img: image.NewRGBA(image.Rect(0, 0, win.width*pngScale, win.height*pngScale)),
	}
	for _, p := range win.shapes {
		c.paint(p.shape, p.color, 0, 0)
	}
	c.strip(g.strip(win.title, 0, o.Theme.Bar), win.titleX, win.titleY)
	for y := range f.H {
		c.strip(g.strip(cells[y*f.W:(y+1)*f.W], 0, o.Theme.Bg), win.left, win.top+y*cellH)
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := enc.Encode(&b, c.img); err != nil {
		return nil, fmt.Errorf("ink: writing a PNG: %w", err)
	}
	return b.Bytes(), nil
}

// canvas is a PNG in the making.
type canvas struct {
	glyphs *glyphs
	img    *image.RGBA
	masks  map[glyphKey]*image.Alpha // of glyphs, their bounds relative to the cell
}

// strip draws s with its upper left corner at (x, y), in pixels of an SVG.
func (c *canvas) strip(s strip, x, y int) {
	for _, p := range s.backs {
		c.paint(p.shape, p.color, x, y)
	}
	for _, k := range s.inks {
		c.paint(k.blocks, k.color, x, y)
		c.paint(k.lines, k.color, x, y)
		for _, p := range k.places {
			m, ok := c.masks[p.key]
			if !ok {
				m = mask(c.glyphs.made[p.key].shape)
				c.masks[p.key] = m
			}
			c.stamp(m, k.color, x+p.x*cellW, y)
		}
	}
}

// paint draws a shape whose points count from (x, y), outline by outline. One
// outline with another inside must be a glyph.
func (c *canvas) paint(s shape, ink color.RGBA, x, y int) {
	for len(s) > 0 {
		n := 1
		for n < len(s) && s[n].op != 'M' {
			n++
		}
		c.stamp(mask(s[:n]), ink, x, y)
		s = s[n:]
	}
}

func (c *canvas) stamp(m *image.Alpha, ink color.RGBA, x, y int) {
	at := m.Rect.Add(image.Pt(x*pngScale, y*pngScale))
	draw.DrawMask(c.img, at, image.NewUniform(ink), image.Point{}, m, m.Rect.Min, draw.Over)
}

// mask returns how much of each pixel s covers.
func mask(s shape) *image.Alpha {
	lo, hi := s.bounds()
	x0, y0 := int(math.Floor(lo.x*pngScale)), int(math.Floor(lo.y*pngScale))
	x1, y1 := int(math.Ceil(hi.x*pngScale)), int(math.Ceil(hi.y*pngScale))
	m := image.NewAlpha(image.Rect(x0, y0, x1, y1))
	z := vector.NewRasterizer(x1-x0, y1-y0)
	z.DrawOp = draw.Src
	s.fill(z, pngScale, float64(-x0), float64(-y0))
	z.Draw(m, m.Rect, image.Opaque, image.Point{})
	return m
}
