package tui

import (
	"image"
	"testing"
)

// The parts of the screen never overlap and fill it, whatever its size.
func TestLayoutCoversTheScreen(t *testing.T) {
	for width := minWidth; width < 220; width += 7 {
		for height := minHeight; height < 70; height += 3 {
			for flags := range 8 {
				zoom, inDetail, pane := flags&1 != 0, flags&2 != 0, flags&4 != 0
				l := layOut(width, height, zoom, inDetail, pane)
				parts := []image.Rectangle{
					l.header, l.tabs, l.topRule, l.tree, l.divider, l.detail, l.paneRule, l.pane, l.bottomRule, l.message, l.footer,
				}
				cells := 0
				for i, a := range parts {
					cells += a.Dx() * a.Dy()
					for _, b := range parts[i+1:] {
						if a.Overlaps(b) {
							t.Fatalf("%dx%d zoom %v detail %v pane %v: %v overlaps %v", width, height, zoom, inDetail, pane, a, b)
						}
					}
				}
				if cells != width*height {
					t.Fatalf("%dx%d zoom %v detail %v pane %v: %d cells of %d are used", width, height, zoom, inDetail, pane, cells, width*height)
				}
			}
		}
	}
}

func TestLayoutFolds(t *testing.T) {
	for _, tt := range []struct {
		name           string
		w, h           int
		shown, stacked bool
	}{
		{"wide: beside", 120, 36, true, false},
		{"narrow: below", 80, 24, true, true},
		{"narrow and low: hidden", 80, 14, false, false},
	} {
		l := layOut(tt.w, tt.h, false, false, false)
		if l.detailShown != tt.shown || l.stacked != tt.stacked {
			t.Errorf("%s: shown %v, stacked %v", tt.name, l.detailShown, l.stacked)
		}
	}
	if !layOut(39, 10, false, false, false).tooSmall || !layOut(40, 9, false, false, false).tooSmall || layOut(40, 10, false, false, false).tooSmall {
		t.Error("below 40x10 is too small, and nothing else")
	}
}
