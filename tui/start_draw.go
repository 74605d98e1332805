package tui

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// The start screen keeps to a column of startWidth cells where there is more room,
// and says less on fewer than startRoomy lines.
const (
	startWidth = 92
	startRoomy = 14
	maxSaid    = 3 // lines of a sentence above the footer
)

// startLine is a line of the body, and the row that it belongs to, -1 for none.
type startLine struct {
	row  int
	text string
}

// startPage collects the lines of the body.
type startPage struct {
	st     *styles
	width  int
	lines  []startLine
	cursor *tea.Cursor
}

func (p *startPage) add(row int, selected bool, left, right []span) {
	p.lines = append(p.lines, startLine{row, p.st.line(p.width, selected, left, right)})
}

func (p *startPage) blank() { p.add(-1, false, nil, nil) }

// render draws the whole screen, with head as its first line.
func (s *startScreen) render(st *styles, width, height int, head string) ([]string, *tea.Cursor) {
	notes := s.notes(st, width, height)
	s.body = image.Rect(0, 3, width, height-2-len(notes))
	p := s.page(st, width)
	s.scrollTo(p, s.body.Dy())
	title := " Start"
	if s.over != "" {
		title = " Open another"
	}
	below := s.top+s.body.Dy() < len(p.lines)
	more := append(st.more(width-len(title)-2, s.top > 0, below), span{st.text, " "})
	rows := make([]string, 0, height)
	rows = append(rows, head, st.line(width, false, []span{{st.title, title}}, more), st.hrule(width, 0, ""))
	s.hits = s.hits[:0]
	margin := (width - p.width) / 2
	for i := range s.body.Dy() {
		row, text := -1, strings.Repeat(" ", width)
		if at := s.top + i; at < len(p.lines) {
			row = p.lines[at].row
			text = strings.Repeat(" ", margin) + p.lines[at].text + strings.Repeat(" ", width-margin-p.width)
		}
		s.hits = append(s.hits, row)
		rows = append(rows, text)
	}
	rows = append(rows, st.hrule(width, 0, ""))
	rows = append(append(rows, notes...), s.footer(st, width))
	cursor := p.cursor
	if cursor != nil {
		cursor.X += margin
		cursor.Y += s.body.Min.Y - s.top
	}
	if s.dialogs.top() != nil {
		cursor = s.dialogs.draw(st, rows, width)
	}
	return rows, cursor
}

// notes are the lines above the footer: what is under way, or what was said.
func (s *startScreen) notes(st *styles, width, height int) []string {
	if o := s.opening; o != nil {
		what := "Opening " + s.what(o.choice)
		if o.choice.Kind == ChoiceServers {
			what = "Connecting to " + s.what(o.choice)
		}
		return []string{st.line(width, false, []span{{st.accent, " " + st.dotted + " " + safetext.Truncate(what, width-6) + " " + st.ellipsis}}, nil)}
	}
	lines := wrapWords(s.said.text, width-2)
	if room := min(maxSaid, height-minHeight+2); len(lines) > room {
		lines = append(lines[:room-1:room-1], strings.Join(lines[room-1:], " "))
	}
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, st.line(width, false, []span{{s.said.level.ink(st), " " + l}}, nil))
	}
	return out
}

// scrollTo keeps the selected row in view, and what stands above the first one.
func (s *startScreen) scrollTo(p *startPage, height int) {
	from, to := len(p.lines), 0
	for i, l := range p.lines {
		if l.row == s.list.at {
			from, to = min(from, i), i+1
		}
	}
	if s.list.at == 0 {
		from = 0
	}
	s.top = min(max(s.top, to-height), from)
	s.top = max(min(s.top, len(p.lines)-height), 0)
	s.list.resize(height)
}

// page lays out the body.
func (s *startScreen) page(st *styles, width int) *startPage {
	p := &startPage{st: st, width: min(width, startWidth)}
	roomy := s.body.Dy() >= startRoomy
	if roomy {
		p.blank()
	}
	for _, l := range wrapWords(safetext.CleanLine(s.why()), p.width-2) {
		p.add(-1, false, []span{{st.text, " " + l}}, nil)
	}
	if roomy {
		p.blank()
	}
	const sandbox = "an in-memory ZooKeeper with sample data, nothing to install"
	left := []span{{st.bold, "Open the sandbox"}}
	if !roomy && p.width > len(sandbox)+24 { // beside it where there is no room below it
		left = append(left, span{st.dim, "  " + sandbox})
	}
	s.item(p, 0, s.keys.Sandbox.Help().Key, left, nil)
	if roomy {
		for _, l := range wrapWords(upper(sandbox), p.width-7) {
			p.add(0, false, []span{{st.dim, "      " + l}}, nil)
		}
		p.blank()
	}
	s.fieldLines(p, roomy)
	s.listLines(p, roomy)
	return p
}

// why is the sentence at the top.
func (s *startScreen) why() string {
	if s.over != "" {
		return "The session with " + safetext.Clean(s.over) + " stays open until another is there."
	}
	return s.begin.Why
}

// item appends a row with the key that chooses it at once.
func (s *startScreen) item(p *startPage, row int, key string, left, right []span) {
	bar, selected := " ", row == s.list.at
	if selected {
		bar = p.st.bar
	}
	head := []span{{p.st.accent, bar}, {p.st.accent, "  " + safetext.Pad(key, 1) + "  "}}
	p.add(row, selected, append(head, left...), right)
}

// fieldLines append the field for a connect string, and below it, while one types,
// what completes it.
func (s *startScreen) fieldLines(p *startPage, roomy bool) {
	st, key := p.st, s.keys.ConnectTo.Help().Key
	label := span{st.bold, "Connect to  "}
	if !s.typing {
		text := span{st.text, safetext.CleanLine(s.field.text())}
		if text.text == "" {
			text = span{st.dim, s.field.hint}
		}
		s.item(p, fieldRow, key, []span{label, text}, nil)
	} else {
		head := []span{{st.accent, st.bar + "  " + key + "  "}, {st.title, label.text}}
		x := spansWidth(head)
		lines, c := s.field.render(st, p.width-x-1, 1, true)
		if c != nil {
			c.X += x
			c.Y = len(p.lines)
			p.cursor = c
		}
		p.lines = append(p.lines, startLine{fieldRow, st.line(x, false, head, nil) + lines[0] + " "})
	}
	if !roomy {
		return
	}
	var hint []span
	if c := s.completion(); s.typing && c != "" {
		hint = []span{{st.dim, strings.Repeat(" ", 18) + s.keys.Complete.Help().Key + ": " + safetext.CleanLine(c)}}
	}
	p.add(fieldRow, false, hint, nil)
}

// listLines append the profiles and the recent connect strings.
func (s *startScreen) listLines(p *startPage, roomy bool) {
	st, wide := p.st, 0
	for _, r := range s.begin.Profiles {
		wide = max(wide, safetext.Width(safetext.Clean(r.Name)))
	}
	wide = min(wide, p.width/3)
	for i, r := range s.rows {
		if i <= fieldRow {
			continue
		}
		switch {
		case r.ensembles:
			s.leadingRow(p, i, s.keys.EnsemblesScreen.Help().Key, "Launch an ensemble", "real ZooKeeper servers on this machine, to try things on and to break", roomy)
			continue
		case r.lab:
			s.leadingRow(p, i, s.keys.LabScreen.Help().Key, "Open the lock lab", "workers that contend for a lock, slowly: see why the recipe is what it is", roomy)
			continue
		}
		if kind, before := r.choice.Kind, s.rows[i-1]; roomy && (i == fieldRow+1 || before.leads() || kind != before.choice.Kind) {
			if i > fieldRow+1 {
				p.blank()
			}
			head := "Recent"
			if kind == ChoiceProfile {
				head = "Profiles"
			}
			p.add(i, false, []span{{st.dim, "   " + head}}, nil)
		}
		left, right := []span{{st.text, safetext.Clean(r.choice.Text)}}, []span(nil)
		if r.choice.Kind == ChoiceProfile {
			name := safetext.Pad(safetext.Truncate(safetext.Clean(r.choice.Text), wide), wide)
			left = []span{{st.text, name}, {st.dim, "  " + safetext.Clean(r.servers)}}
		}
		if r.readOnly {
			right = []span{{st.danger, "READ-ONLY "}}
		}
		s.item(p, i, "", left, right)
	}
}

// leadingRow appends a row that leads elsewhere than to a session, and below it what
// is there.
func (s *startScreen) leadingRow(p *startPage, row int, key, name, what string, roomy bool) {
	left := []span{{p.st.bold, name}}
	if !roomy && p.width > len(what)+len(name)+8 {
		left = append(left, span{p.st.dim, "  " + what})
	}
	s.item(p, row, key, left, nil)
	if roomy {
		for _, l := range wrapWords(upper(what), p.width-7) {
			p.add(row, false, []span{{p.st.dim, "      " + l}}, nil)
		}
	}
}

// footer names the keys that do something here and now.
func (s *startScreen) footer(st *styles, width int) string {
	k := &s.keys
	if d := s.dialogs.top(); d != nil {
		return footerLine(st, width, keyHints(d.keys()), nil)
	}
	if s.opening != nil {
		return footerLine(st, width, []hint{{k.Quit, "quit"}, {k.Back, "stop"}}, nil)
	}
	if s.typing {
		return footerLine(st, width, []hint{{k.Accept, "connect"}, {k.Complete, "complete"}, {k.HistoryBack, ""}, {k.HistoryOn, "recent"}, {k.HelpTyping, "help"}, {k.Back, "leave the field"}}, nil)
	}
	word := "open"
	if s.list.at == fieldRow {
		word = "type"
	}
	hints := []hint{{k.Choose, word}, {k.Up, ""}, {k.Down, "move"}, {k.Sandbox, "sandbox"}, {k.ConnectTo, "connect to"}, {k.EnsemblesScreen, "ensembles"}, {k.LabScreen, "lab"}}
	if s.over != "" {
		hints = append(hints, hint{k.Back, "back"})
	}
	return footerLine(st, width, append(hints, hint{k.Quit, "quit"}, hint{k.Help, "help"}), nil)
}

// startView draws the start screen.
func (a *app) startView() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	v.WindowTitle = "zkdeck"
	if a.opts.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	w, h := a.size.Width, a.size.Height
	if w == 0 {
		return v
	}
	if w < minWidth || h < minHeight {
		v.SetContent(tooSmallText(w, h))
		return v
	}
	st, head := a.st, ""
	if a.main != nil {
		st = a.main.st
		head = a.main.header.render(st, w, a.now())
	} else {
		head = st.line(w, false, []span{{st.title, " zkdeck"}, {st.dim, "  " + st.ring + " not connected"}}, nil)
	}
	rows, cursor := []string(nil), (*tea.Cursor)(nil)
	if a.alone != nil {
		rows, cursor = a.alone.render(st, w, h, head, nil)
	} else {
		rows, cursor = a.start.render(st, w, h, head)
	}
	if a.main != nil {
		a.main.leases.over(st, rows, w, a.main.keys.Leases.Help().Key, a.now())
	}
	content := strings.Join(rows, "\n")
	if a.opts.ASCII {
		content = asciiFold(content)
	}
	v.SetContent(content)
	v.Cursor = cursor
	return v
}
