package screenshots

import (
	"flag"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"zkdeck/screenshots/ink"
)

var (
	writing = flag.Bool("write", false, "make the pictures (make screenshots)")
	only    = flag.String("only", "", "with -write: make those alone whose names, separated by commas, are given")
	out     = flag.String("out", ".", "with -write: the folder into which they go")
	texts   = flag.String("texts", "", "with -write: also write what each picture shows as text into this folder")
)

// TestScreenshots makes the pictures.
func TestScreenshots(t *testing.T) {
	if !*writing {
		t.Skip("make screenshots makes the pictures")
	}
	bin := build(t)
	for _, p := range pictures {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), p.name) {
			continue
		}
		for theme := range strings.FieldsSeq(p.themes) {
			t.Run(p.name+"/"+theme, func(t *testing.T) { p.take(t, bin, theme) })
		}
	}
	if *only == "" || slices.Contains(strings.Split(*only, ","), "film") {
		t.Run("film", func(t *testing.T) { takeFilm(t, bin) })
	}
}

// take makes a picture in a theme.
func (p picture) take(t *testing.T, bin, theme string) {
	s := newStage(t, bin, theme)
	p.play(s)
	f := s.still()
	name := p.file(theme)
	if *texts != "" {
		write(t, *texts, name+".txt", []byte(text(f)))
	}
	o := ink.Options{Theme: look(theme), Title: p.title, About: p.about}
	svg, err := ink.SVG(f, o)
	if err != nil {
		t.Fatal(err)
	}
	png, err := ink.PNG(f, o)
	if err != nil {
		t.Fatal(err)
	}
	save(t, name+".svg", svg)
	save(t, name+".png", small(t, png))
}

// file is the name of the picture's files without their endings.
func (p picture) file(theme string) string {
	if theme == "light" {
		return p.name + "-light"
	}
	return p.name
}

func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*out, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func look(theme string) ink.Theme {
	if theme == "light" {
		return ink.Light()
	}
	return ink.Dark()
}

// still waits until the screen stands still and returns what it shows, masked.
func (s *stage) still() ink.Frame {
	s.t.Helper()
	s.term.Rest(2 * quiet)
	f := ink.Frame{W: s.w, H: s.h}
	for y := range s.h {
		for x, c := range s.row(y) {
			if c.Text == "" {
				continue
			}
			f.Set(x, y, ink.Cell{
				Text: c.Text, Fg: c.Fg, Bg: c.Bg, Wide: ansi.StringWidth(c.Text) > 1,
				Bold: c.Bold, Faint: c.Faint, Italic: c.Italic, Underline: c.Underline, Strike: c.Strike, Reverse: c.Reverse,
			})
		}
	}
	if x, y, shown := s.term.Cursor(); shown {
		f.Cursor = &image.Point{X: x, Y: y}
	}
	return f
}

// text is a frame without its colours.
func text(f ink.Frame) string {
	var b strings.Builder
	for y := range f.H {
		var row strings.Builder
		for x := range f.W {
			row.WriteString(f.Cells[y*f.W+x].Text)
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

// TestPicturesAreThere looks whether every picture that the scripts make is there, and no
// other one.
func TestPicturesAreThere(t *testing.T) {
	want := map[string]bool{filmName: true}
	for _, p := range pictures {
		for theme := range strings.FieldsSeq(p.themes) {
			want[p.file(theme)+".svg"], want[p.file(theme)+".png"] = true, true
		}
	}
	for _, pattern := range []string{"*.svg", "*.png"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !want[f] {
				t.Errorf("%s is made by no script", f)
			}
			delete(want, f)
		}
	}
	for f := range want {
		t.Errorf("%s is missing: make screenshots makes it", f)
	}
}

// TestMasksAreListed looks whether README.md says of every mask what it hides.
func TestMasksAreListed(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range masks {
		if !strings.Contains(string(readme), "| "+m.name+" |") {
			t.Errorf("README.md does not list %q", m.name)
		}
	}
}
