package tui

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"zkdeck/internal/safetext"
)

// diffRow is a line of two texts side by side; an absent line is empty. The texts
// are safe to draw.
type diffRow struct {
	left, right string
	differs     bool
}

// sideBySide puts the lines of two values next to each other, lines that both
// have on the same row. It may take a while for long values: call it in a command.
func sideBySide(mine, theirs []byte) []diffRow {
	how := codecFor(mine)
	how.hex = how.hex || codecFor(theirs).hex
	before, after := how.encode(mine), how.encode(theirs)
	var out []diffRow
	at := 0
	for _, e := range udiff.Lines(before, after) {
		for _, l := range textLines(before[at:e.Start]) {
			out = append(out, diffRow{safetext.CleanLine(l), safetext.CleanLine(l), false})
		}
		old, put := textLines(before[e.Start:e.End]), textLines(e.New)
		for i := range max(len(old), len(put)) {
			r := diffRow{differs: true}
			if i < len(old) {
				r.left = safetext.CleanLine(old[i])
			}
			if i < len(put) {
				r.right = safetext.CleanLine(put[i])
			}
			out = append(out, r)
		}
		at = e.End
	}
	for _, l := range textLines(before[at:]) {
		out = append(out, diffRow{safetext.CleanLine(l), safetext.CleanLine(l), false})
	}
	return out
}

// textLines splits text without making a last empty line of a final newline.
func textLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// halves cuts the two sides of a row to width cells each. Of long lines that differ
// it shows the part where they begin to.
func (r diffRow) halves(width int) (left, right string) {
	left, right = r.left, r.right
	if r.differs && max(len(left), len(right)) > width {
		same, cells := 0, 0
		var starts []int // of the pieces that both have
		for same < len(left) {
			n, w := safetext.Next(left[same:])
			if !strings.HasPrefix(right[min(same, len(right)):], left[same:same+n]) {
				break
			}
			starts = append(starts, same)
			same, cells = same+n, cells+w
		}
		if keep := width / 3; cells > 2*keep && len(starts) > keep {
			from := starts[len(starts)-keep]
			left, right = "…"+left[from:], "…"+right[from:]
		}
	}
	return safetext.Pad(left, width), safetext.Pad(right, width)
}
