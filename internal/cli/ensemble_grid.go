package cli

import (
	"slices"
	"strings"

	"zkdeck/internal/safetext"
)

// gridRow is a row of cells, which are safe to print, and lines below it.
type gridRow struct {
	cells []string
	below []string
}

// grid aligns rows below their headings, two blanks apart; the columns whose numbers
// are given hold numbers, and are aligned at the right. What stands below a row is
// indented.
func grid(head []string, rows []gridRow, numbers ...int) string {
	all := append([]gridRow{{cells: head}}, rows...)
	widths := make([]int, len(head))
	for _, r := range all {
		for i, cell := range r.cells {
			widths[i] = max(widths[i], safetext.Width(cell))
		}
	}
	var b strings.Builder
	for _, r := range all {
		line := make([]string, len(r.cells))
		for i, cell := range r.cells {
			if slices.Contains(numbers, i) {
				line[i] = safetext.PadLeft(cell, widths[i])
			} else {
				line[i] = fill(cell, widths[i])
			}
		}
		b.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
		for _, text := range r.below {
			b.WriteString("     " + text + "\n")
		}
	}
	return b.String()
}
