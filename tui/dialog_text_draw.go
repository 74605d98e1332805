package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// rowStarts returns where in line each row of the screen begins that it takes at
// width cells. The last line asked for is remembered, for the sake of long ones.
func (t *textBox) rowStarts(line string, width int) []int {
	if len(line) <= width && isPrintable(line) {
		return []int{0}
	}
	if t.parts != nil && t.partsWidth == width && t.wrapped == line {
		return t.parts
	}
	starts := []int{0}
	if isPrintable(line) {
		for at := width; at < len(line); at += width {
			starts = append(starts, at)
		}
	} else {
		for at, x := 0, 0; at < len(line); {
			n, _, w, _ := piece(line[at:], x)
			if x > 0 && x+w > width {
				starts, x = append(starts, at), 0
				continue
			}
			at, x = at+n, x+w
		}
	}
	t.wrapped, t.parts, t.partsWidth = line, starts, width
	return starts
}

// isPrintable tells whether s is ASCII of one cell a byte.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// partAt returns the row of line, by its starts, that holds byte col.
func partAt(starts []int, col int) int {
	i := len(starts) - 1
	for i > 0 && starts[i] > col {
		i--
	}
	return i
}

// cellsOf is the width of the row s.
func cellsOf(s string) int {
	x := 0
	for len(s) > 0 {
		n, _, w, _ := piece(s, x)
		s, x = s[n:], x+w
	}
	return x
}

// byteAt is where in the row s cell x is, at the start of a cluster.
func byteAt(s string, x int) int {
	at, cells := 0, 0
	for at < len(s) {
		n, _, w, _ := piece(s[at:], cells)
		if cells+w > x {
			break
		}
		at, cells = at+n, cells+w
	}
	return at
}

// left moves the cursor one cluster back, over the end of a line too.
func (t *textBox) left() {
	if t.col == 0 {
		if t.row > 0 {
			t.row--
			t.col = len(t.lines[t.row])
		}
		return
	}
	line := t.lines[t.row]
	from := 0
	if starts := t.rowStarts(line, t.width); len(starts) > 1 {
		from = starts[partAt(starts, t.col-1)]
	}
	for {
		n, _, _, _ := piece(line[from:], 0)
		if from+n >= t.col {
			t.col = from
			return
		}
		from += n
	}
}

// right moves the cursor one cluster on.
func (t *textBox) right() {
	if line := t.lines[t.row]; t.col < len(line) {
		n, _, _, _ := piece(line[t.col:], 0)
		t.col += n
	} else if t.row+1 < len(t.lines) {
		t.row, t.col = t.row+1, 0
	}
}

// word moves over blanks and then over what is no blank.
func (t *textBox) word(dir int) {
	line := t.lines[t.row]
	if dir < 0 {
		if t.col == 0 {
			t.left()
			return
		}
		head := strings.TrimRightFunc(line[:t.col], notOfWord)
		t.col = len(strings.TrimRightFunc(head, isOfWord))
		return
	}
	if t.col == len(line) {
		t.right()
		return
	}
	rest := strings.TrimLeftFunc(line[t.col:], notOfWord)
	t.col = len(line) - len(strings.TrimLeftFunc(rest, isOfWord))
}

func isOfWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}

func notOfWord(r rune) bool { return !isOfWord(r) }

// move takes the keys that move the cursor. In a box of one line up and down are
// the form's.
func (t *textBox) move(k tea.KeyPressMsg) bool {
	switch {
	case key.Matches(k, dkeys.Left):
		t.left()
	case key.Matches(k, dkeys.Right):
		t.right()
	case key.Matches(k, dkeys.WordLeft):
		t.word(-1)
	case key.Matches(k, dkeys.WordRight):
		t.word(1)
	case key.Matches(k, dkeys.Home):
		t.col = 0
	case key.Matches(k, dkeys.End):
		t.col = len(t.lines[t.row])
	case !t.multi:
		return false
	case key.Matches(k, dkeys.Up):
		t.vertical(-1)
	case key.Matches(k, dkeys.Down):
		t.vertical(1)
	case key.Matches(k, dkeys.PageUp):
		t.vertical(-max(t.height-1, 1))
	case key.Matches(k, dkeys.PageDown):
		t.vertical(max(t.height-1, 1))
	case key.Matches(k, dkeys.Top):
		t.row, t.col = 0, 0
	case key.Matches(k, dkeys.Bottom):
		t.row = len(t.lines) - 1
		t.col = len(t.lines[t.row])
	default:
		return false
	}
	return true
}

// vertical moves the cursor by n rows of the screen.
func (t *textBox) vertical(n int) {
	starts := t.rowStarts(t.lines[t.row], t.width)
	part := partAt(starts, t.col)
	if t.goal < 0 {
		t.goal = cellsOf(t.lines[t.row][starts[part]:t.col])
	}
	row, part := t.step(t.row, part, n)
	line := t.lines[row]
	starts = t.rowStarts(line, t.width)
	from, to := rowBounds(line, starts, part)
	t.row, t.col = row, from+byteAt(line[from:to], t.goal)
	if t.col == to && part+1 < len(starts) && t.col > from {
		t.left() // the end of a row that goes on is the start of the next
	}
}

// rowBounds are the bytes of line that stand in row part of it.
func rowBounds(line string, starts []int, part int) (from, to int) {
	if part+1 < len(starts) {
		return starts[part], starts[part+1]
	}
	return starts[part], len(line)
}

// step goes n rows of the screen from a row, as far as there are any.
func (t *textBox) step(row, part, n int) (int, int) {
	for ; n < 0; n++ {
		switch {
		case part > 0:
			part--
		case row > 0:
			row--
			part = len(t.rowStarts(t.lines[row], t.width)) - 1
		default:
			return row, part
		}
	}
	for ; n > 0; n-- {
		switch {
		case part+1 < len(t.rowStarts(t.lines[row], t.width)):
			part++
		case row+1 < len(t.lines):
			row, part = row+1, 0
		default:
			return row, part
		}
	}
	return row, part
}

// render draws height lines of exactly width cells; the cursor is nil without the
// focus.
func (t *textBox) render(st *styles, width, height int, focused bool) ([]string, *tea.Cursor) {
	// The last cell is for a cursor behind a full row.
	t.width, t.height = max(width-1, 1), height
	if !t.multi {
		return t.renderSingle(st, width, height, focused)
	}
	part := partAt(t.rowStarts(t.lines[t.row], t.width), t.col)
	t.keepVisible(part)
	var cursor *tea.Cursor
	out := make([]string, 0, height)
	row, at := t.topRow, t.topPart
	for len(out) < height {
		if row >= len(t.lines) {
			out = append(out, st.line(width, false, nil, nil))
			continue
		}
		line := t.lines[row]
		starts := t.rowStarts(line, t.width)
		at = min(at, len(starts)-1)
		from, to := rowBounds(line, starts, at)
		if focused && row == t.row && at == part {
			cursor = tea.NewCursor(min(cellsOf(line[from:t.col]), width-1), len(out))
		}
		out = append(out, st.line(width, false, t.spans(st, line[from:to], width), nil))
		if at++; at >= len(starts) {
			row, at = row+1, 0
		}
	}
	return out, cursor
}

// keepVisible scrolls as little as shows the row of the cursor.
func (t *textBox) keepVisible(part int) {
	t.topRow = min(t.topRow, len(t.lines)-1)
	if t.row < t.topRow || t.row == t.topRow && part < t.topPart {
		t.topRow, t.topPart = t.row, part
		return
	}
	row, at := t.step(t.row, part, 1-t.height)
	if row > t.topRow || row == t.topRow && at > t.topPart {
		t.topRow, t.topPart = row, at
	}
}

// renderSingle draws the one line from where the cursor is visible.
func (t *textBox) renderSingle(st *styles, width, height int, focused bool) ([]string, *tea.Cursor) {
	line := t.lines[0]
	t.singleStart = min(t.singleStart, t.col)
	for t.singleStart < t.col && !utf8.RuneStart(line[t.singleStart]) {
		t.singleStart++
	}
	for x := cellsOf(line[t.singleStart:t.col]); x > t.width && t.singleStart < t.col; x = cellsOf(line[t.singleStart:t.col]) {
		n, _, _, _ := piece(line[t.singleStart:], 0)
		t.singleStart += n
		if x > 4*t.width { // far away: do not go by single steps
			t.singleStart = max(t.singleStart, t.col-4*t.width)
			for !utf8.RuneStart(line[t.singleStart]) {
				t.singleStart++
			}
		}
	}
	var cursor *tea.Cursor
	if focused {
		cursor = tea.NewCursor(min(cellsOf(line[t.singleStart:t.col]), max(width-1, 0)), 0)
	}
	out := make([]string, height)
	for i := range out {
		var spans []span
		switch {
		case i > 0:
		case line == "" && t.hint != "":
			spans = []span{{st.dim, t.hint}}
		default:
			spans = t.spans(st, line[t.singleStart:], width)
		}
		out[i] = st.line(width, false, spans, nil)
	}
	return out, cursor
}

// spans is the start of s as it is drawn, no more than width cells of it.
func (t *textBox) spans(st *styles, s string, width int) []span {
	if cut := s[:min(len(s), width)]; isPrintable(cut) && (len(s) == len(cut) || s[len(cut)] < utf8.RuneSelf) {
		return []span{{st.text, cut}}
	}
	var out []span
	var b strings.Builder
	marked := false
	end := func() {
		k := st.text
		if marked {
			k = st.warn
		}
		if b.Len() > 0 {
			out = append(out, span{k, b.String()})
			b.Reset()
		}
	}
	for x := 0; s != "" && x < width; {
		n, text, w, m := piece(s, x)
		if x > 0 && x+w > width {
			break
		}
		if m != marked {
			end()
			marked = m
		}
		b.WriteString(text)
		s, x = s[n:], x+w
	}
	end()
	return out
}
