package tui

import (
	"strings"

	"zkdeck/internal/safetext"
)

// canvas is a grid of cells to draw on in any order, as spans of a line cannot be.
type canvas struct {
	width int
	rows  [][]canvasCell
}

// canvasCell is one cell; the text is empty in the second cell of a wide character.
type canvasCell struct {
	text     string
	ink      ink
	selected bool
}

func newCanvas(st *styles, width, height int) *canvas {
	c := &canvas{width: max(width, 0)}
	for range max(height, 0) {
		row := make([]canvasCell, c.width)
		for x := range row {
			row[x] = canvasCell{text: " ", ink: st.text}
		}
		c.rows = append(c.rows, row)
	}
	return c
}

// put writes safe text from x, y on. What is beyond the edges is not seen.
func (c *canvas) put(x, y int, k ink, text string) {
	if y < 0 || y >= len(c.rows) {
		return
	}
	for text != "" {
		n, cells := safetext.Next(text)
		if x < 0 || x+cells > c.width {
			return
		}
		c.rows[y][x].text, c.rows[y][x].ink = text[:n], k
		for i := 1; i < cells; i++ {
			c.rows[y][x+i].text, c.rows[y][x+i].ink = "", k
		}
		text, x = text[n:], x+cells
	}
}

// fill repeats a sign of one cell from column from up to, but not including, to.
func (c *canvas) fill(from, to, y int, k ink, sign string) {
	from, to = max(from, 0), min(to, c.width)
	if to > from {
		c.put(from, y, k, strings.Repeat(sign, to-from))
	}
}

// choose draws a part of a row on the background of the selection.
func (c *canvas) choose(from, to, y int) {
	if y < 0 || y >= len(c.rows) {
		return
	}
	for x := max(from, 0); x < min(to, c.width); x++ {
		c.rows[y][x].selected = true
	}
}

// lines are the rows as they go to the terminal.
func (c *canvas) lines(st *styles) []string {
	out := make([]string, 0, len(c.rows))
	for _, row := range c.rows {
		var b, run strings.Builder
		for x := 0; x < len(row); {
			k, sel := row[x].ink, row[x].selected
			run.Reset()
			for ; x < len(row) && row[x].ink == k && row[x].selected == sel; x++ {
				run.WriteString(row[x].text)
			}
			st.write(&b, k, run.String(), sel)
		}
		out = append(out, b.String())
	}
	return out
}
