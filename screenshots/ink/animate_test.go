package ink

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shows fails the test unless the parts make each frame of f while they are shown,
// none over another.
func shows(t rapid.TB, what string, f film, parts []part) {
	t.Helper()
	for k, want := range f.frames {
		got := make([]cell, len(want))
		drawn := make([]bool, len(want))
		for _, p := range parts {
			if !p.when.has(k) {
				continue
			}
			for i, c := range p.cells {
				at := p.y*f.w + p.x + i
				if f.empty(c) {
					continue
				}
				if drawn[at] {
					t.Fatalf("%s, frame %d: two are drawn in column %d of row %d", what, k, p.x+i, p.y)
				}
				got[at], drawn[at] = c, true
			}
		}
		for i, c := range want {
			if f.empty(c) == drawn[i] || drawn[i] && got[i] != c {
				t.Fatalf("%s, frame %d, column %d of row %d: %+v, want %+v", what, k, i%f.w, i/f.w, got[i], c)
			}
		}
	}
}

func TestPartsMakeTheFrames(t *testing.T) {
	blue := color.RGBA{0, 0, 0xff, 0xff}
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 9).Draw(t, "w"), rapid.IntRange(1, 3).Draw(t, "h")
		looks := rapid.SampledFrom([]Cell{{}, {Text: " "}, {Text: "a"}, {Text: "b"}, {Text: "─"}, {Text: "c", Bg: blue}, {Text: " ", Bg: blue}, {Underline: true}})
		f := Frame{W: w, H: h, Cells: make([]Cell, w*h)}
		var frames []Timed
		for range rapid.IntRange(1, 8).Draw(t, "frames") {
			next := Frame{W: w, H: h, Cells: append([]Cell(nil), f.Cells...)}
			for range rapid.IntRange(0, 2*w).Draw(t, "changes") {
				next.Cells[rapid.IntRange(0, w*h-1).Draw(t, "at")] = looks.Draw(t, "cell")
			}
			frames = append(frames, Timed{Frame: next, For: 100 * time.Millisecond})
			f = next
		}
		film, _, err := newFilm(frames, Options{Theme: Dark()})
		if err != nil {
			t.Fatal(err)
		}
		shows(t, "parts", film, film.parts())
		var all []part
		for _, s := range film.scenes() {
			for _, row := range s.rows {
				row.when = s.when
				all = append(all, row)
			}
		}
		shows(t, "scenes", film, all)
	})
}

// steps returns n frames in which a mark goes down a list, and a screen in between.
func steps(n int) []Timed {
	var out []Timed
	for i := range n {
		f := sampler()
		if i == n/2 {
			f = frameOf(strings.Repeat("another screen  abcd\n", 4)+"another screen  abcd", nil)
		}
		f.Set(9, 1, Cell{Text: strconv.Itoa(i % 10)})
		out = append(out, Timed{Frame: f, For: 400 * time.Millisecond})
	}
	return out
}

func TestAnimatedIsWellFormedAndTheSameAgain(t *testing.T) {
	frames, o := steps(12), Options{Title: "zkdeck", About: "moves", Poster: 3}
	one := must(t)(Animated(frames, o))
	wellFormed(t, one)
	if !bytes.Equal(one, must(t)(Animated(frames, o))) {
		t.Error("the same frames gave other bytes")
	}
	for _, want := range []string{"animation:4800ms step-end infinite", "prefers-reduced-motion", "<title>moves</title>"} {
		if !bytes.Contains(one, []byte(want)) {
			t.Errorf("%q is not in it", want)
		}
	}
	for _, never := range []string{"<script", "<text", "url(", "@import"} {
		if bytes.Contains(one, []byte(never)) {
			t.Errorf("it needs %q, which an <img> does not get", never)
		}
	}
	still := must(t)(SVG(frames[0].Frame, o))
	if len(one) > 3*len(still) {
		t.Errorf("%d bytes, where one frame takes %d: what stays is drawn again", len(one), len(still))
	}
}

func TestAnimationDrawsWhatStaysOnce(t *testing.T) {
	var frames []Timed
	for i := range 10 {
		frames = append(frames, Timed{Frame: frameOf(fmt.Sprintf("what stays here %d and there", i), nil), For: time.Second})
	}
	b := must(t)(Animated(frames, Options{}))
	if n := bytes.Count(b, []byte("<use")); n > len("whatstayshereandthere")+10 {
		t.Errorf("%d letters are drawn:\n%s", n, b)
	}
}

func TestRowsThatScrollAreDefinedOnce(t *testing.T) {
	list := func(from int) Frame {
		var rows []string
		for i := range 8 {
			rows = append(rows, strings.Repeat(string(rune('a'+from+i)), 30))
		}
		return frameOf(strings.Join(rows, "\n"), nil)
	}
	var frames []Timed
	for i := range 6 {
		frames = append(frames, Timed{Frame: list(i), For: time.Second})
	}
	b := must(t)(Animated(frames, Options{}))
	wellFormed(t, b)
	for _, row := range []string{"r0", "r9"} {
		if !bytes.Contains(b, []byte(`<g id="`+row+`">`)) {
			t.Errorf("row %s is not shared:\n%s", row, b)
		}
	}
}

func TestPosterIsWhatStandsStill(t *testing.T) {
	frames := []Timed{
		{Frame: frameOf("one", nil), For: time.Second},
		{Frame: frameOf("two", nil), For: time.Second},
	}
	for poster, want := range []string{
		`id="k0">`, // frame 0 is seen, and frame 1 hidden
		`id="k0" visibility="hidden">`,
	} {
		b := string(must(t)(Animated(frames, Options{Poster: poster})))
		if !strings.Contains(b, want) || strings.Count(b, `visibility="hidden"`) != 1 {
			t.Errorf("poster %d: %s is not in\n%s", poster, want, b)
		}
		if !strings.Contains(b, "@keyframes k0{0%{visibility:visible}50%{visibility:hidden}}") ||
			!strings.Contains(b, "@keyframes k1{0%{visibility:hidden}50%{visibility:visible}}") {
			t.Errorf("the two do not change places in the middle:\n%s", b)
		}
	}
}

func TestFramesThatMakeNoAnimation(t *testing.T) {
	a := Timed{Frame: frameOf("a", nil), For: time.Second}
	for name, frames := range map[string][]Timed{
		"none":      nil,
		"two sizes": {a, {Frame: frameOf("ab", nil), For: time.Second}},
		"no time":   {a, {Frame: frameOf("b", nil)}},
		"no glyph":  {a, {Frame: frameOf("日", nil), For: time.Second}},
	} {
		if _, err := Animated(frames, Options{}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Animated([]Timed{a}, Options{Poster: 1}); !errors.Is(err, ErrInput) {
		t.Errorf("a poster that is none: %v", err)
	}
	if b := must(t)(Animated([]Timed{a, a}, Options{})); bytes.Contains(b, []byte("animation")) {
		t.Errorf("a film in which nothing happens moves:\n%s", b)
	}
}
