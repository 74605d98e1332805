package tui

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// maxCompletion is the longest listing that completion asks for; a longer one
// would make typing a path cost megabytes.
const maxCompletion = 50_000

// command is an entry of the command bar.
type command struct {
	name string
	args []string // completions of its argument; those of connect and ensemble are the bar's own
	help string
	run  func(m *model, arg string) tea.Cmd
}

// commandBar is the line that `:` opens. A path jumps; anything else is a
// command. Tab completes, up and down walk the history.
type commandBar struct {
	input      textinput.Model
	gen        int // stale completions are dropped by it
	dir        string
	names      []string // children of dir, sorted; nil until they came
	note       string   // why there are no completions
	history    []string
	historyPos int
	chosen     int      // candidate that repeated Tab stands on, -1 before the first
	places     []string // what connect can open, the likeliest first
	candidates []string
	ensembles  func() []string // nil where there are none
}

func newCommandBar(history []string) commandBar {
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	return commandBar{input: in, history: history}
}

// open shows the bar with text in it.
func (c *commandBar) open(text string) {
	c.input.SetValue(text)
	c.input.CursorEnd()
	c.input.Focus()
	c.historyPos = len(c.history)
	c.dir, c.names, c.note = "", nil, ""
	c.changed()
}

// remember adds a line to the history, newest last, without repeats.
func (c *commandBar) remember(text string) {
	c.history = append(slices.DeleteFunc(c.history, func(h string) bool { return h == text }), text)
	if over := len(c.history) - 200; over > 0 {
		c.history = c.history[over:]
	}
}

// walk goes through the history.
func (c *commandBar) walk(by int) {
	pos := c.historyPos + by
	if pos < 0 || pos > len(c.history) {
		return
	}
	c.historyPos = pos
	text := ""
	if pos < len(c.history) {
		text = c.history[pos]
	}
	c.input.SetValue(text)
	c.input.CursorEnd()
	c.changed()
}

// wants returns the parent whose children would complete what is typed, and
// whether they have yet to be asked for.
func (c *commandBar) wants() (dir string, ask bool) {
	_, path, ok := typedPath(c.input.Value())
	if !ok {
		return "", false
	}
	dir = path[:strings.LastIndexByte(path, '/')]
	if dir == "" {
		dir = "/"
	}
	return dir, dir != c.dir
}

// typedPath is the path in what is typed, alone or as the argument of a command
// that takes one, and what stands before it.
func typedPath(text string) (before, path string, ok bool) {
	if name, arg, has := strings.Cut(text, " "); has && takesPath(name) {
		before, text = text[:len(name)+1], arg
	}
	return before, text, strings.HasPrefix(text, "/")
}

// asked notes that the children of dir are under way.
func (c *commandBar) asked(dir string) int {
	c.gen++
	c.dir, c.names, c.note = dir, nil, ""
	c.changed()
	return c.gen
}

// completed takes the children that came.
func (c *commandBar) completed(msg completedMsg) {
	if msg.gen != c.gen {
		return
	}
	c.names, c.note = msg.names, ""
	if msg.err != nil {
		c.note = upper(reason(msg.err))
	}
	sort.Strings(c.names)
	c.changed()
}

// changed finds the candidates for what is typed now.
func (c *commandBar) changed() {
	c.chosen = -1
	c.candidates = c.candidates[:0]
	text := c.input.Value()
	if before, path, ok := typedPath(text); ok {
		c.completePath(before, path)
		return
	}
	name, arg, hasArg := strings.Cut(text, " ")
	for _, cmd := range commands() {
		switch {
		case !hasArg && strings.HasPrefix(cmd.name, name):
			c.candidates = append(c.candidates, cmd.name)
		case hasArg && cmd.name == name:
			args := cmd.args
			switch {
			case name == "connect":
				args = c.places
			case name == "ensemble" && c.ensembles != nil:
				args = c.ensembles()
			}
			for _, a := range args {
				if strings.HasPrefix(a, arg) {
					c.candidates = append(c.candidates, name+" "+a)
				}
			}
		}
	}
}

func (c *commandBar) completePath(before, path string) {
	at := strings.LastIndexByte(path, '/') + 1
	prefix := path[at:]
	from, _ := slices.BinarySearch(c.names, prefix)
	for _, n := range c.names[from:] {
		if !strings.HasPrefix(n, prefix) || len(c.candidates) == 1000 {
			break
		}
		c.candidates = append(c.candidates, before+path[:at]+n)
	}
}

// complete extends the text to what all candidates share, then walks them.
func (c *commandBar) complete(by int) {
	if len(c.candidates) == 0 {
		return
	}
	text := c.input.Value()
	if c.chosen < 0 {
		if common := commonPrefix(c.candidates); len(common) > len(text) {
			candidates := slices.Clone(c.candidates)
			c.input.SetValue(common)
			c.input.CursorEnd()
			c.candidates = candidates
			if len(candidates) > 1 {
				return
			}
		}
	}
	c.chosen = (c.chosen + by + len(c.candidates)) % len(c.candidates)
	if c.chosen < 0 {
		c.chosen = 0
	}
	c.input.SetValue(c.candidates[c.chosen])
	c.input.CursorEnd()
}

// render draws the bar: what is typed, the rest of the best candidate in dim,
// and to the right how many there are.
func (c *commandBar) render(st *styles, width int) (string, *tea.Cursor) {
	text := c.input.Value()
	pos := safetext.Width(safetext.CleanLine(string([]rune(text)[:c.input.Position()])))
	shown := safetext.CleanLine(text)
	ghost := ""
	if len(c.candidates) > 0 && c.chosen < 0 && strings.HasPrefix(c.candidates[0], text) {
		ghost = safetext.CleanLine(c.candidates[0][len(text):])
	}
	var right []span
	switch {
	case c.note != "":
		right = []span{{st.warn, safetext.Truncate(c.note, width/2) + " "}}
	case c.chosen >= 0:
		right = []span{{st.dim, itoa(int32(c.chosen+1)) + " of " + itoa(int32(len(c.candidates))) + " "}}
	case len(c.candidates) > 0 && text != "":
		// What is typed comes first, with what would complete it.
		if room := min(width/2, width-12-pos-safetext.Width(ghost)); room > 4 {
			right = []span{{st.dim, "tab: " + c.preview(text, room) + " "}}
		}
	case strings.HasPrefix(text, "/") && c.names == nil:
		right = []span{{st.dim, "loading " + st.ellipsis + " "}}
	}
	// A long line shows its end, where the cursor is.
	room := width - 4 - spansWidth(right)
	if pos >= room {
		right, room = nil, width-4
	}
	if pos >= room {
		shown = safetext.TruncateLeft(shown, room)
		pos = min(pos, safetext.Width(shown))
	}
	row := st.line(width, false, []span{{st.accent, " :"}, {st.text, shown}, {st.dim, ghost}}, right)
	return row, tea.NewCursor(2+pos, 0)
}

// preview names the next few candidates by their last part.
func (c *commandBar) preview(text string, width int) string {
	at := strings.LastIndexByte(text, '/') + 1
	var parts []string
	for _, cand := range c.candidates[:min(len(c.candidates), 8)] {
		parts = append(parts, safetext.CleanLine(cand[min(at, len(cand)):]))
	}
	out := strings.Join(parts, "  ")
	if len(c.candidates) > 8 {
		out += "  …"
	}
	return safetext.Truncate(out, width)
}

func commonPrefix(list []string) string {
	p := list[0]
	for _, s := range list[1:] {
		for !strings.HasPrefix(s, p) {
			_, n := utf8.DecodeLastRuneInString(p)
			p = p[:len(p)-n]
		}
	}
	return p
}
