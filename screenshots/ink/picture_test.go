package ink

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
)

// wellFormed reads b as XML and fails the test where a href names nothing or two
// things have one id.
func wellFormed(t *testing.T, b []byte) {
	t.Helper()
	ids, refs := map[string]bool{}, map[string]bool{}
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range el.Attr {
			switch a.Name.Local {
			case "id":
				if ids[a.Value] {
					t.Errorf("two elements have id %q", a.Value)
				}
				ids[a.Value] = true
			case "href":
				refs[strings.TrimPrefix(a.Value, "#")] = true
			}
		}
	}
	for ref := range refs {
		if !ids[ref] {
			t.Errorf("<use> of %q, which is not defined", ref)
		}
	}
	if bytes.Contains(b, []byte("Inf")) || bytes.Contains(b, []byte("NaN")) {
		t.Error("a number is none")
	}
}

func TestSameBytesAgain(t *testing.T) {
	f, o := sampler(), Options{Title: "zkdeck", About: `a "tree" & <locks>`}
	for name, draw := range map[string]func(Frame, Options) ([]byte, error){"SVG": SVG, "PNG": PNG} {
		one, two := must(t)(draw(f, o)), must(t)(draw(f, o))
		if !bytes.Equal(one, two) {
			t.Errorf("%s: the same frame gave other bytes", name)
		}
		o := o
		o.Theme = Light()
		if bytes.Equal(one, must(t)(draw(f, o))) {
			t.Errorf("%s: light looks like dark", name)
		}
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	b := must(t)(SVG(sampler(), Options{Title: "zkdeck", About: `a "tree" & <locks>`}))
	wellFormed(t, b)
	for _, never := range []string{"<text", "font", "<script", "http://www.w3.org/1999", "url("} {
		if bytes.Contains(b, []byte(never)) {
			t.Errorf("it needs %q, which an <img> does not get", never)
		}
	}
}

func TestMissingGlyphsAreAllNamed(t *testing.T) {
	f := frameOf("a日b\nc本日\n", nil)
	for name, draw := range map[string]func(Frame, Options) ([]byte, error){"SVG": SVG, "PNG": PNG} {
		_, err := draw(f, Options{})
		if !errors.Is(err, ErrInput) {
			t.Fatalf("%s: %v", name, err)
		}
		for _, want := range []string{"column 1, row 0", "'日' (U+65E5)", "column 1, row 1", "'本'"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s does not say %q: %v", name, want, err)
			}
		}
		if strings.Count(err.Error(), "日") != 1 {
			t.Errorf("%s says it more than once: %v", name, err)
		}
		if _, err := draw(sampler(), Options{Title: "日"}); !errors.Is(err, ErrInput) {
			t.Errorf("%s, in the title: %v", name, err)
		}
	}
}

func TestFramesThatDoNotFit(t *testing.T) {
	for name, f := range map[string]Frame{
		"nothing":             {},
		"too few cells":       {W: 2, H: 2, Cells: make([]Cell, 3)},
		"wide in last column": {W: 1, H: 1, Cells: []Cell{{Text: "⚡", Wide: true}}},
		"several letters":     {W: 1, H: 1, Cells: []Cell{{Text: "👩\u200d👧"}}},
		"not UTF-8":           {W: 1, H: 1, Cells: []Cell{{Text: "\xff"}}},
	} {
		if _, err := SVG(f, Options{}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEverythingThatZkdeckDraws(t *testing.T) {
	const all = "●◐○◒◌▲◆✕▸▾▌├└│─▇…←┬⊘░·█▂→↓↑╭╮╰╯▏┴×≥↻≤▉▊▋▍▎▁▃▄▅▆┌┐┘┤┼µ−–“”éöäßü≠✓✗★▶◀▼■□"
	for _, style := range []Cell{{}, {Bold: true}, {Italic: true}, {Bold: true, Italic: true}} {
		f := frameOf(all, func(_, _ int, c *Cell) { c.Bold, c.Italic = style.Bold, style.Italic })
		must(t)(SVG(f, Options{}))
	}
	must(t)(SVG(Frame{W: 1, H: 1, Cells: []Cell{{Text: "e\u0301"}}}, Options{})) // composed
	must(t)(SVG(Frame{W: 2, H: 1, Cells: []Cell{{Text: "❤\ufe0f", Wide: true}, {}}}, Options{}))
}

// pixels decodes a PNG of f and returns what it shows at a place in cell (x, y).
func pixels(t *testing.T, f Frame) func(x, y int, dx, dy float64) color.RGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(must(t)(PNG(f, Options{}))))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), image.Pt(2*(f.W*cellW+2*margin), 2*(f.H*cellH+2*margin)); got != want {
		t.Fatalf("%v pixels, want %v", got, want)
	}
	return func(x, y int, dx, dy float64) color.RGBA {
		px := 2 * (float64(margin+x*cellW) + dx)
		py := 2 * (float64(margin+y*cellH) + dy)
		return color.RGBAModel.Convert(img.At(int(px), int(py))).(color.RGBA)
	}
}

func TestLinesMeet(t *testing.T) {
	at := pixels(t, frameOf("╭─┬─╮\n│ │ │\n├─┼─┤\n╰─┴─╯", nil))
	fg, bg := Dark().Fg, Dark().Bg
	same := func(x, y int, dx, dy float64, want color.RGBA) {
		t.Helper()
		if got := at(x, y, dx, dy); got != want {
			t.Errorf("cell %d,%d at %v,%v: %v, want %v", x, y, dx, dy, got, want)
		}
	}
	for _, x := range []int{0, 2, 4} { // down the columns, on both sides of each edge
		for y := range 3 {
			same(x, y, 4, cellH-0.5, fg)
			same(x, y, 4.5, cellH-0.5, fg)
			same(x, y+1, 4, 0, fg)
			same(x, y+1, 3.5, 0, bg)
			same(x, y+1, 5, 0, bg)
		}
	}
	for _, y := range []int{0, 2, 3} {
		for x := range 4 {
			same(x, y, cellW-0.5, 9, fg)
			same(x, y, cellW-0.5, 9.5, fg)
			same(x+1, y, 0, 9, fg)
			same(x+1, y, 0, 8.5, bg)
			same(x+1, y, 0, 10, bg)
		}
	}
	same(0, 0, 4, 9, bg) // a round corner leaves out the sharp one
	same(2, 2, 4, 9, fg)
}

func TestBlocksAndShades(t *testing.T) {
	at := pixels(t, frameOf("█▌▇░", nil))
	fg, bg := Dark().Fg, Dark().Bg
	for _, c := range []struct {
		x      int
		dx, dy float64
		want   color.RGBA
	}{
		{0, 0, 0, fg},
		{0, 8.5, 18.5, fg},
		{1, 4, 9, fg},
		{1, 4.5, 9, bg},
		{2, 0, 18.5, fg},
		{2, 8.5, 2.5, fg},
		{2, 4, 1.5, bg},
		{3, 0, 0, mix(bg, fg, 0.25)},
		{3, 8.5, 18.5, mix(bg, fg, 0.25)},
	} {
		if got := at(c.x, 0, c.dx, c.dy); got != c.want {
			t.Errorf("cell %d at %v,%v: %v, want %v", c.x, c.dx, c.dy, got, c.want)
		}
	}
}

func TestColoursOfCells(t *testing.T) {
	red, blue := color.RGBA{0xff, 0, 0, 0xff}, color.RGBA{0, 0, 0xff, 0xff}
	f := Frame{W: 5, H: 1, Cells: []Cell{
		{Text: "█", Fg: red, Bg: blue},
		{Text: "█", Fg: red, Bg: blue, Reverse: true},
		{Text: "█", Fg: color.Transparent},
		{Text: "█", Fg: red, Bg: blue, Faint: true},
		{Text: " ", Bg: blue},
	}, Cursor: &image.Point{X: 4}}
	at := pixels(t, f)
	for x, want := range []color.RGBA{red, blue, Dark().Fg, mix(blue, red, 0.6), Dark().Fg} {
		if got := at(x, 0, 4, 9); got != want {
			t.Errorf("cell %d: %v, want %v", x, got, want)
		}
	}
}

func TestWideLetterStandsInBothColumns(t *testing.T) {
	blue := color.RGBA{0, 0, 0xff, 0xff}
	at := pixels(t, Frame{W: 4, H: 1, Cells: []Cell{{Text: "|"}, {Text: "⚡", Wide: true, Bg: blue}, {Text: "x"}, {Text: "█"}}})
	if at(1, 0, 0, 0) != blue || at(2, 0, 8.5, 18.5) != blue {
		t.Error("its background covers one column only")
	}
	inked := func(x int) bool {
		for dy := 0.0; dy < cellH; dy += 0.5 {
			for dx := 0.0; dx < cellW; dx += 0.5 {
				if at(x, 0, dx, dy) != blue {
					return true
				}
			}
		}
		return false
	}
	if !inked(1) || !inked(2) {
		t.Error("it is not in the middle of its two columns")
	}
	if at(3, 0, 0, 0) != Dark().Fg {
		t.Error("what follows is not in its column")
	}
}
