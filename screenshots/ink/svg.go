package ink

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"strconv"
)

// SVG draws f, nine pixels by nineteen a cell. It needs no font, style sheet or
// script. Errors wrap ErrInput.
func SVG(f Frame, o Options) ([]byte, error) {
	o.Theme = o.Theme.orDark()
	cells, err := settle(f, o.Theme)
	if err != nil {
		return nil, err
	}
	d := newDrawing(f.W, f.H, o)
	if err := d.glyphs.makeAll(cells, f.W); err != nil {
		return nil, err
	}
	if err := d.begin(); err != nil {
		return nil, err
	}
	for y := range f.H {
		if row := d.strip(cells[y*f.W:(y+1)*f.W], 0); len(row) > 0 {
			d.body = fmt.Appendf(d.body, `<g transform="translate(%d %d)">%s</g>`+"\n", d.win.left, d.win.top+y*cellH, row)
		}
	}
	return d.bytes(), nil
}

// drawing is an SVG in the making.
type drawing struct {
	o      Options
	win    window
	glyphs *glyphs
	ids    map[glyphKey]string
	style  []byte
	defs   []byte
	body   []byte
}

func newDrawing(w, h int, o Options) *drawing {
	return &drawing{o: o, win: newWindow(w, h, o), glyphs: newGlyphs(over), ids: map[glyphKey]string{}}
}

// begin draws the window and its title.
func (d *drawing) begin() error {
	if err := d.glyphs.makeAll(d.win.title, len(d.win.title)); err != nil {
		return fmt.Errorf("the title: %w", err)
	}
	for _, p := range d.win.shapes {
		d.body = appendShape(d.body, p.shape, p.color, false)
	}
	d.body = append(d.body, '\n')
	if len(d.win.title) > 0 {
		title := d.glyphs.strip(d.win.title, 0, d.o.Theme.Bar)
		d.body = fmt.Appendf(d.body, `<g transform="translate(%d %d)">%s</g>`+"\n", d.win.titleX, d.win.titleY, d.draw(title))
	}
	return nil
}

// strip returns the elements of cells, of which the first stands in column x0.
func (d *drawing) strip(cells []cell, x0 int) []byte {
	return d.draw(d.glyphs.strip(cells, x0, d.o.Theme.Bg))
}

// draw returns the elements of s; what has the theme's colour leaves it to the
// group around.
func (d *drawing) draw(s strip) []byte {
	var b []byte
	for _, p := range s.backs {
		b = appendShape(b, p.shape, p.color, true)
	}
	for _, k := range s.inks {
		b = fmt.Appendf(b, `<g fill="%s">`, hex(k.color))
		if len(k.blocks) > 0 {
			b = appendPlain(b, k.blocks, true)
		}
		if len(k.lines) > 0 {
			b = appendPlain(b, k.lines, false)
		}
		for _, p := range k.places {
			b = fmt.Appendf(b, `<use href="#%s"`, d.id(p.key))
			if p.x > 0 {
				b = fmt.Appendf(b, ` x="%d"`, p.x*cellW)
			}
			b = append(b, "/>"...)
		}
		b = append(b, "</g>"...)
	}
	return b
}

// id returns the name of a glyph and defines it on first use.
func (d *drawing) id(k glyphKey) string {
	id, ok := d.ids[k]
	if !ok {
		id = name(len(d.ids))
		d.ids[k] = id
		d.defs = fmt.Appendf(d.defs, `<path id="%s" d="%s"/>`+"\n", id, d.glyphs.made[k].shape.appendPath(nil, 0, 0))
	}
	return id
}

// name returns the name of number n: a to Z, aa and so on.
func name(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	out := ""
	for ; n >= 0; n = n/len(letters) - 1 {
		out = letters[n%len(letters):][:1] + out
	}
	return out
}

func appendShape(b []byte, s shape, c color.RGBA, sharp bool) []byte {
	b = fmt.Appendf(b, `<path fill="%s"`, hex(c))
	return appendPath(b, s, sharp)
}

func appendPlain(b []byte, s shape, sharp bool) []byte {
	return appendPath(append(b, "<path"...), s, sharp)
}

func appendPath(b []byte, s shape, sharp bool) []byte {
	if sharp {
		b = append(b, ` shape-rendering="crispEdges"`...)
	}
	b = append(b, ` d="`...)
	b = s.appendPath(b, 0, 0)
	return append(b, `"/>`...)
}

// hex writes a colour, with three digits where they say as much as six.
func hex(c color.RGBA) string {
	if c.R%17 == 0 && c.G%17 == 0 && c.B%17 == 0 {
		return fmt.Sprintf("#%x%x%x", c.R/17, c.G/17, c.B/17)
	}
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

// bytes returns the whole picture.
func (d *drawing) bytes() []byte {
	var b bytes.Buffer
	w, h := strconv.Itoa(d.win.width), strconv.Itoa(d.win.height)
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + w + `" height="` + h + `" viewBox="0 0 ` + w + ` ` + h + `" role="img">` + "\n")
	if about := d.o.About; about != "" {
		b.WriteString("<title>")
		_ = xml.EscapeText(&b, []byte(about)) // a bytes.Buffer takes everything
		b.WriteString("</title>\n")
	}
	if len(d.style) > 0 {
		b.WriteString("<style>\n")
		b.Write(d.style)
		b.WriteString("</style>\n")
	}
	b.WriteString("<defs>\n")
	b.Write(d.defs)
	b.WriteString("</defs>\n")
	b.Write(d.body)
	b.WriteString("</svg>\n")
	return b.Bytes()
}
