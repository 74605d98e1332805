package ink

import "image/color"

// Theme is the look of the terminal around what a program writes.
type Theme struct {
	// Fg and Bg stand where a cell names no colour.
	Fg, Bg color.RGBA
	// Bar is the title bar, Edge the line around the window, and Quiet what is
	// written and drawn in the bar.
	Bar, Edge, Quiet color.RGBA
}

// Dark is a terminal with light letters on near black. It returns a new value.
func Dark() Theme {
	return Theme{
		Fg: rgb(0xd8dee4), Bg: rgb(0x0d1117),
		Bar: rgb(0x161b22), Edge: rgb(0x30363d), Quiet: rgb(0x7d8590),
	}
}

// Light is a terminal with dark letters on white. It returns a new value.
func Light() Theme {
	return Theme{
		Fg: rgb(0x24292f), Bg: rgb(0xffffff),
		Bar: rgb(0xf6f8fa), Edge: rgb(0xd0d7de), Quiet: rgb(0x6e7781),
	}
}

// orDark returns t, or Dark for the zero Theme.
func (t Theme) orDark() Theme {
	if t == (Theme{}) {
		return Dark()
	}
	return t
}

func rgb(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}
