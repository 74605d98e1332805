// Package ink draws what a terminal shows: a grid of cells becomes an SVG, a PNG
// or a moving SVG.
//
// Letters are outlines of DejaVu Sans Mono and go into the picture as paths, so
// that it looks the same where that font is missing and where fonts may not be
// loaded, as in an <img> of GitHub. Box drawing and blocks are geometry:
// they meet their neighbours at any size. The same input always gives the same
// bytes. Nothing here blocks, starts goroutines or touches files; all functions
// may be called from several goroutines.
package ink

import (
	"errors"
	"image"
	"image/color"
	"time"
)

// ErrInput is wrapped by every error of this package: a frame whose size and
// cells do not fit, a glyph that DejaVu Sans Mono does not have, frames of an
// animation that differ in size. Such a picture is never made.
var ErrInput = errors.New("ink: cannot draw this")

// Cell is one place of the grid and how it is written.
type Cell struct {
	// Text is the grapheme cluster; empty or a space draws the background alone.
	Text string
	// Fg and Bg are the colours of the letter and of what is behind it; nil is
	// the theme's own.
	Fg, Bg color.Color

	Bold, Faint, Italic, Underline, Strike bool
	// Reverse exchanges Fg and Bg.
	Reverse bool
	// Wide says that Text takes the next column too; the cell there is not drawn.
	Wide bool
}

// Frame is what the terminal shows at one moment.
type Frame struct {
	// W and H are columns and rows.
	W, H int
	// Cells has W*H cells, row by row from the top.
	Cells []Cell
	// Cursor is the column and row of the cursor, drawn as a block; nil hides it.
	Cursor *image.Point
}

// Set puts c at column x and row y, making Cells on first use. Outside the frame
// it does nothing.
func (f *Frame) Set(x, y int, c Cell) {
	if x < 0 || y < 0 || x >= f.W || y >= f.H {
		return
	}
	if f.Cells == nil {
		f.Cells = make([]Cell, f.W*f.H)
	}
	f.Cells[y*f.W+x] = c
}

// Timed is a frame of an animation and how long it stays.
type Timed struct {
	Frame
	// For is rounded to milliseconds and must be at least one.
	For time.Duration
}

// Options say how the picture is framed.
type Options struct {
	// Theme is what the terminal itself looks like; the zero Theme is Dark.
	Theme Theme
	// Title is shown in a title bar; empty leaves the bar out.
	Title string
	// About describes the picture to those who do not see it (<title> of an SVG).
	About string
	// Poster is the number of the frame that an animation shows where it does not
	// move: with reduced motion, and in programs that draw SVG without animation.
	Poster int
}
