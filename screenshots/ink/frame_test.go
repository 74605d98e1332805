package ink

import (
	"image/color"
	"strings"
	"testing"
)

// frameOf returns a frame of the rows of text, one letter a cell, with how from
// column x and row y.
func frameOf(text string, how func(x, y int, c *Cell)) Frame {
	rows := strings.Split(text, "\n")
	f := Frame{H: len(rows)}
	for _, row := range rows {
		f.W = max(f.W, len([]rune(row)))
	}
	f.Cells = make([]Cell, f.W*f.H)
	for y, row := range rows {
		for x, r := range []rune(row) {
			c := Cell{Text: string(r)}
			if how != nil {
				how(x, y, &c)
			}
			f.Set(x, y, c)
		}
	}
	return f
}

// sampler shows some of everything that a cell can be.
func sampler() Frame {
	f := frameOf(""+
		"╭── ▾ tree ──┬─────╮\n"+
		"│▌/locks ●◐○ │ ▲◆✕ │\n"+
		"├─ bold ital fain ─┤\n"+
		"└─ undr strk revs ─┘\n"+
		"╰▇▇▇▂▂░░█████▏ ⊘…──╯", func(x, y int, c *Cell) {
		switch word := x / 5; {
		case y == 1:
			c.Bg = color.RGBA{0x1f, 0x2d, 0x3d, 0xff}
		case y == 2:
			c.Bold, c.Italic, c.Faint = word == 0, word == 1, word == 2
		case y == 3:
			c.Underline, c.Strike, c.Reverse = word == 0, word == 1, word == 2
		case y == 4:
			c.Fg = color.RGBA{0x79, 0xb8, 0xff, 0xff}
		}
	})
	return f
}

func must(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}
