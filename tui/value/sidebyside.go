package value

// Side is one half of a row of [SideBySide]. A side that has no line there has the
// number 0.
type Side struct {
	Kind   DiffKind
	Text   string // safe to print
	Number int    // of the line, from 1
}

// Row pairs what stands beside each other. Where Left.Kind is Skipped or Cut, so is
// Right.Kind, and Count says how many lines were skipped.
type Row struct {
	Left, Right Side
	Count       int
}

// SideBySide compares two values as [Diff] does and pairs lines that were removed
// with lines that were added in their place. A context below 0 keeps all equal
// lines; otherwise they are collapsed as by [Collapse].
func SideBySide(before, after []byte, context int) []Row {
	lines := Diff(before, after)
	if context >= 0 {
		lines = Collapse(lines, context)
	}
	rows := make([]Row, 0, len(lines))
	for i := 0; i < len(lines); {
		l := lines[i]
		if l.Kind != Removed && l.Kind != Added {
			right := l.Text
			if l.right != "" {
				right = l.right
			}
			rows = append(rows, Row{Side{l.Kind, l.Text, l.Old}, Side{l.Kind, right, l.New}, l.Count})
			i++
			continue
		}
		removed := run(lines[i:], Removed)
		added := run(lines[i+removed:], Added)
		for k := range max(removed, added) {
			var row Row
			if k < removed {
				r := lines[i+k]
				row.Left = Side{Removed, r.Text, r.Old}
			}
			if k < added {
				r := lines[i+removed+k]
				row.Right = Side{Added, r.Text, r.New}
			}
			rows = append(rows, row)
		}
		i += removed + added
	}
	return rows
}

// run counts the lines of a kind at the start of lines.
func run(lines []DiffLine, kind DiffKind) int {
	n := 0
	for n < len(lines) && lines[n].Kind == kind {
		n++
	}
	return n
}
