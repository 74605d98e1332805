package ink

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"github.com/go-fonts/dejavu/dejavusansmonoboldoblique"
	"github.com/go-fonts/dejavu/dejavusansmonooblique"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// face is a cut of the font.
type face uint8

const (
	bold face = 1 << iota
	italic
)

// faces returns the four cuts, by face. The embedded fonts always parse.
var faces = sync.OnceValues(func() ([4]*sfnt.Font, error) {
	var out [4]*sfnt.Font
	for i, ttf := range [4][]byte{
		dejavusansmono.TTF, dejavusansmonobold.TTF, dejavusansmonooblique.TTF, dejavusansmonoboldoblique.TTF,
	} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return out, fmt.Errorf("ink: reading the embedded DejaVu Sans Mono, cut %d: %w", i, err)
		}
		out[i] = f
	}
	return out, nil
})

// glyphKey names a glyph: what a cell shows apart from its colours and place.
type glyphKey struct {
	text string
	face face
	wide bool
}

// glyph is what is drawn for a key.
type glyph struct {
	shape shape
	// block says that the edges are those of the cell or parallel to them, and are
	// drawn without smoothing so that neighbours meet without a seam.
	block bool
	// across says that it is one rectangle from the left edge to the right, which
	// several in a row share.
	across bool
	// cover is the part of the colour that a shade lets through; 1 for all else.
	cover float64
}

// glyphOf makes the glyph of k; over is how far lines reach beyond the cell.
func glyphOf(k glyphKey, over float64) (glyph, error) {
	r, ok := single(k.text)
	if !ok {
		return glyph{}, fmt.Errorf("%w: %q is more than one letter in a cell, which DejaVu Sans Mono has no glyph for", ErrInput, k.text)
	}
	if s, cover, ok := blockShape(r); ok {
		return glyph{shape: s, block: true, across: r == '▀' || r == '▔' || r >= '▁' && r <= '█' || r >= '░' && r <= '▓', cover: cover}, nil
	}
	if s, ok := boxShape(r, over); ok {
		return glyph{shape: s, across: r == '─' || r == '━', cover: 1}, nil
	}
	s, err := letter(r, k.face)
	if err != nil {
		return glyph{}, err
	}
	if k.wide {
		s = s.mapped(func(p point) point { return point{p.x + cellW/2.0, p.y} })
	}
	return glyph{shape: s, cover: 1}, nil
}

// single returns the one rune that text is after composition. The variation
// selectors, which ask for letters in colour or without, are left out.
func single(text string) (rune, bool) {
	var one rune
	n := 0
	for _, r := range norm.NFC.String(text) {
		if r == 0xfe0e || r == 0xfe0f {
			continue
		}
		one = r
		n++
	}
	return one, n == 1 && one != utf8.RuneError
}

// letter returns the outline of r in cut f. A cut that lacks it gives place to
// the upright regular one, which has the most symbols.
func letter(r rune, f face) (shape, error) {
	all, err := faces()
	if err != nil {
		return nil, err
	}
	var buf sfnt.Buffer
	for _, cut := range []*sfnt.Font{all[f], all[0]} {
		i, err := cut.GlyphIndex(&buf, r)
		if err != nil {
			return nil, fmt.Errorf("ink: looking for %q in DejaVu Sans Mono: %w", r, err)
		}
		if i != 0 {
			return outline(cut, &buf, i)
		}
	}
	return nil, fmt.Errorf("%w: DejaVu Sans Mono has no glyph for %q (%U)", ErrInput, r, r)
}

// outline returns glyph i in pixels of a cell. At as many pixels to the em as it
// has units, sfnt gives the points of the design, unrounded and unhinted.
func outline(f *sfnt.Font, buf *sfnt.Buffer, i sfnt.GlyphIndex) (shape, error) {
	em := fixed.I(int(f.UnitsPerEm()))
	advance, err := f.GlyphAdvance(buf, i, em, font.HintingNone)
	if err != nil {
		return nil, fmt.Errorf("ink: reading the width of a glyph: %w", err)
	}
	segments, err := f.LoadGlyph(buf, i, em, nil)
	if err != nil {
		return nil, fmt.Errorf("ink: reading the outline of a glyph: %w", err)
	}
	scale := cellW / float64(advance)
	at := func(p fixed.Point26_6) (x, y float64) {
		return float64(p.X) * scale, float64(p.Y)*scale + baseline
	}
	var s shape
	for _, g := range segments {
		ax, ay := at(g.Args[0])
		bx, by := at(g.Args[1])
		switch g.Op {
		case sfnt.SegmentOpMoveTo:
			s.move(ax, ay)
		case sfnt.SegmentOpLineTo:
			s.line(ax, ay)
		case sfnt.SegmentOpQuadTo:
			s.quad(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			cx, cy := at(g.Args[2])
			s.cube(ax, ay, bx, by, cx, cy)
		}
	}
	return s, nil
}
