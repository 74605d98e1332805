package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
)

// inlineLimit is the most text that a field takes. What is bigger belongs into an
// editor made for it.
const inlineLimit = 256 << 10

// errNotText is a paste that is not text.
var errNotText = errors.New("the paste is not UTF-8 text; nothing was inserted")

// textBox is an editable text of one or several lines. Unlike bubbles' textarea it
// keeps every byte (tabs, control characters and line ends included), costs by
// what is visible and not by what it holds, and shows what is invisible.
type textBox struct {
	lines []string // without their ends; never empty
	multi bool
	crlf  bool // every line ends in CR LF
	limit int  // bytes; 0 is inlineLimit
	hint  string

	row, col int // the cursor: line, and byte in it
	goal     int // the cell that up and down keep to; -1 when none
	size     int // bytes of all lines
	rev      int // counts changes

	width, height   int // of the last drawing, without the cell for the cursor
	topRow, topPart int // the first visible line, and part of it

	wrapped     string // the line for which parts was made, at partsWidth
	parts       []int
	partsWidth  int
	singleStart int // of a one-line box: the first visible byte
}

// newTextBox makes a box that holds text.
func newTextBox(multi bool, text string) *textBox {
	t := &textBox{multi: multi, goal: -1, width: 80, height: 1}
	t.set(text)
	return t
}

// set replaces everything and puts the cursor at the start.
func (t *textBox) set(text string) {
	t.crlf = t.multi && strings.Contains(text, "\n") && strings.Count(text, "\n") == strings.Count(text, "\r\n")
	t.row, t.col, t.topRow, t.topPart, t.singleStart, t.goal = 0, 0, 0, 0, 0, -1
	t.rev++
	if !t.multi {
		t.lines, t.size = []string{text}, len(text)
		return
	}
	end := "\n"
	if t.crlf {
		end = "\r\n"
	}
	t.lines = strings.Split(text, end)
	t.size = len(text)
}

// toEnd puts the cursor behind the text.
func (t *textBox) toEnd() {
	t.row = len(t.lines) - 1
	t.col = len(t.lines[t.row])
}

// text returns the text, byte for byte as it was set but for what was edited.
func (t *textBox) text() string {
	if t.crlf {
		return strings.Join(t.lines, "\r\n")
	}
	return strings.Join(t.lines, "\n")
}

// update takes a key or a paste and reports whether it had a use for it. The
// error is a sentence about what was refused.
func (t *textBox) update(msg tea.Msg) (bool, error) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return true, t.insert(strings.ReplaceAll(strings.ReplaceAll(msg.Content, "\r\n", "\n"), "\r", "\n"))
	case tea.KeyPressMsg:
		if goalKept := key.Matches(msg, dkeys.Up, dkeys.Down, dkeys.PageUp, dkeys.PageDown); !goalKept {
			t.goal = -1
		}
		if t.move(msg) || t.kill(msg) {
			return true, nil
		}
		if t.multi && key.Matches(msg, dkeys.Accept) {
			return true, t.insert("\n")
		}
		if msg.Text != "" {
			return true, t.insert(msg.Text)
		}
	}
	return false, nil
}

// insert puts text at the cursor.
func (t *textBox) insert(text string) error {
	limit := t.limit
	if limit == 0 {
		limit = inlineLimit
	}
	switch {
	case !utf8.ValidString(text):
		return errNotText
	case t.size+len(text) > limit:
		return fmt.Errorf("%d bytes more would be over the %d that fit here; nothing was inserted", len(text), limit)
	}
	if !t.multi {
		text = strings.ReplaceAll(strings.Trim(text, "\n"), "\n", " ")
	}
	t.replace(t.row, t.col, t.row, t.col, text)
	return nil
}

// replace puts text in the place of what lies between two positions, and the
// cursor behind it. It is the only way in which the text changes.
func (t *textBox) replace(r0, c0, r1, c1 int, text string) {
	for r := r0; r <= r1; r++ {
		t.size -= len(t.lines[r])
	}
	head, rest := t.lines[r0][:c0], t.lines[r1][c1:]
	put := strings.Split(text, "\n")
	if !t.multi {
		put = []string{text}
	}
	t.row, t.col = r0+len(put)-1, len(put[len(put)-1])
	if len(put) == 1 {
		t.col += c0
	}
	put[0] = head + put[0]
	put[len(put)-1] += rest
	for _, l := range put {
		t.size += len(l)
	}
	if r0 == r1 && len(put) == 1 {
		t.lines[r0] = put[0]
	} else {
		t.lines = slices.Replace(t.lines, r0, r1+1, put...)
	}
	t.size += (len(put) - 1 - (r1 - r0)) * (1 + boolInt(t.crlf))
	t.rev++
}

// kill takes the keys that delete.
func (t *textBox) kill(k tea.KeyPressMsg) bool {
	r, c := t.row, t.col
	switch {
	case key.Matches(k, dkeys.Backspace):
		t.left()
		t.replace(t.row, t.col, r, c, "")
	case key.Matches(k, dkeys.Delete):
		t.right()
		t.replace(r, c, t.row, t.col, "")
	case key.Matches(k, dkeys.KillWord):
		t.word(-1)
		t.replace(t.row, t.col, r, c, "")
	case key.Matches(k, dkeys.KillRight):
		if c == len(t.lines[r]) && r+1 < len(t.lines) {
			t.replace(r, c, r+1, 0, "")
		} else {
			t.replace(r, c, r, len(t.lines[r]), "")
		}
	case key.Matches(k, dkeys.KillLeft):
		t.replace(r, 0, r, c, "")
	default:
		return false
	}
	return true
}

// piece is what is drawn for the grapheme cluster at the start of s when it
// begins at cell x of its row: its bytes in s, the text, its cells, and whether
// the text stands for something invisible.
func piece(s string, x int) (size int, text string, cells int, marked bool) {
	if s[0] >= ' ' && s[0] < 0x7f && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, s[:1], 1, false
	}
	if s[0] == '\t' {
		n := safetext.TabWidth - x%safetext.TabWidth
		return 1, "    "[:n], n, false
	}
	cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	text = safetext.CleanLine(cluster)
	return len(cluster), text, safetext.Width(text), text != cluster
}
