package tui

import (
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// diffRow is a line of two texts side by side; an absent line is empty. The texts
// are safe to draw.
type diffRow struct {
	left, right string
	differs     bool
}

// sideBySide puts the lines of two values next to each other, lines that both
// have on the same row. It may take some tens of milliseconds: call it in a command.
func sideBySide(mine, theirs []byte) []diffRow {
	var out []diffRow
	for _, r := range value.SideBySide(mine, theirs, -1) {
		row := diffRow{r.Left.Text, r.Right.Text, r.Left.Kind != value.Same || r.Right.Kind != value.Same}
		if r.Left.Kind == value.Cut {
			row = diffRow{"the rest is not compared", "the rest is not compared", true}
		}
		out = append(out, row)
	}
	return out
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
