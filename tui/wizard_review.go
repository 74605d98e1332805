package tui

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// reviewPage shows all that would be written, and what is wrong with it, before
// anything is.
type reviewPage struct {
	w        *wizard
	plan     *ensemble.Plan // nil until it is there
	files    []reviewFile
	written  int // how many files
	findings []zoocfg.Finding

	list   scrollList
	first  int  // the leftmost server, from 0
	bare   bool // without the explanations
	zoomed bool // one server, whole lines
	drawn  reviewDrawing
}

// reviewDrawing are the lines of the preview as they were drawn last.
type reviewDrawing struct {
	st           *styles
	width, first int
	bare, zoomed bool
	lines        []string
	columns      int
}

var _ wizardPage = (*reviewPage)(nil)

// review plans what was asked for, and shows it.
func (w *wizard) review() tea.Cmd {
	p := &reviewPage{w: w}
	w.page = p
	return p.ask()
}

// ask has the plan made and checked.
func (p *reviewPage) ask() tea.Cmd {
	w := p.w
	wish := w.a.wish(&w.found)
	return func() tea.Msg {
		var m plannedMsg
		if m.plan, m.err = w.deps.maker.Plan(w.ctx, wish); m.err == nil {
			m.files, m.err = w.deps.maker.Files(m.plan)
		}
		if m.err == nil {
			m.findings = w.deps.maker.Preflight(w.ctx, m.plan)
		}
		return w.wrap(p)(m)
	}
}

func (p *reviewPage) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case plannedMsg:
		if m.err != nil {
			p.w.ask()
			p.w.asks.turnTo(p.w.stepOfError(m.err), m.err)
			return nil
		}
		p.plan, p.written, p.findings = m.plan, len(m.files), m.findings
		p.files = reviewFiles(m.plan, m.files)
		p.drawn = reviewDrawing{}
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			p.list.by(-3)
		} else if m.Button == tea.MouseWheelDown {
			p.list.by(3)
		}
	}
	return nil
}

// worst is the first finding that keeps the servers from starting, nil for none.
func (p *reviewPage) worst() *zoocfg.Finding {
	for i := range p.findings {
		if p.findings[i].Severity == zoocfg.Error {
			return &p.findings[i]
		}
	}
	return nil
}

func (p *reviewPage) typing() bool { return false }

func (p *reviewPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, dkeys.Cancel, dkeys.Prev):
		p.w.ask()
	case p.plan == nil:
	case key.Matches(k, dkeys.Accept):
		return p.accept()
	case key.Matches(k, wizardKeys.Again):
		p.plan = nil
		return p.ask()
	case key.Matches(k, wizardKeys.Explain):
		p.bare = !p.bare
	case key.Matches(k, wizardKeys.Zoom):
		p.zoomed = !p.zoomed
	case key.Matches(k, dkeys.Left):
		p.first = max(p.first-1, 0)
	case key.Matches(k, dkeys.Right):
		p.first = min(p.first+1, max(len(p.plan.Members)-p.drawn.columns, 0))
	case key.Matches(k, dkeys.ListTop):
		p.list.top = 0
	case key.Matches(k, dkeys.ListBottom):
		p.list.top = 1 << 20 // drawing knows the end
	case key.Matches(k, dkeys.ScrollUp):
		p.list.by(-1)
	case key.Matches(k, dkeys.ScrollDown):
		p.list.by(1)
	default:
		p.list.update(k)
	}
	return nil
}

// accept writes and starts, or goes to the question that mends what is in the way.
func (p *reviewPage) accept() tea.Cmd {
	if f := p.worst(); f != nil {
		p.w.ask()
		p.w.asks.turnTo(p.w.stepOfFinding(f), fmt.Errorf("%s", findingText(f)))
		return nil
	}
	return p.w.launch(p.plan)
}

// foot says what enter does.
func (p *reviewPage) foot() remark {
	if p.worst() != nil {
		return remark{levelBad, "The servers would not start like this: enter goes to the question that mends it, " + wizardKeys.Again.Help().Key + " checks again."}
	}
	servers := count(len(p.plan.Members), "1", "server", "servers")
	text := fmt.Sprintf("Enter writes %d files below %s", p.written, safetext.Clean(p.plan.Dir))
	switch p.w.a.start {
	case startNot:
		text += ", and starts nothing."
	case startInTurn:
		text += ", and starts " + servers + ", one by one."
	default:
		text += ", and starts " + servers + "."
	}
	return remark{levelInfo, text}
}

func (p *reviewPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	g := page{st: st, width: width}
	if p.plan == nil {
		g.lines = append(g.lines, wizardHead(st, width, wizardTitle, ""))
		g.blank()
		g.add(span{st.dim, " " + st.dotted + " planning, and trying the ports " + st.ellipsis})
		return g.fit(height)
	}
	foot := page{st: st, width: width}
	foot.lines = append(foot.lines, st.hrule(width, 0, ""))
	foot.remark(p.foot(), 1)
	if keep := max(height-4, 0); len(foot.lines) > keep {
		foot.lines = foot.lines[:keep]
	}
	p.draw(st, width)
	room := max(height-1-len(foot.lines), 0)
	from, to := p.list.window(len(p.drawn.lines), room)
	right := append(st.more(width/3, from > 0, to < len(p.drawn.lines)), span{st.text, " "})
	title := []span{{st.title, " " + wizardTitle + " " + safetext.Clean(p.plan.Name)}, {st.dim, "  what would be written"}}
	g.lines = append(g.lines, st.line(width, false, title, right))
	g.lines = append(g.lines, p.drawn.lines[from:to]...)
	for len(g.lines) < 1+room {
		g.blank()
	}
	g.lines = append(g.lines, foot.lines...)
	return g.fit(height)
}

func (p *reviewPage) hints() []hint {
	if p.plan == nil {
		return []hint{{dkeys.Cancel, "back"}}
	}
	out := []hint{{dkeys.Accept, "start"}}
	switch {
	case p.worst() != nil:
		out[0].word = "mend it"
	case p.w.a.start == startNot:
		out[0].word = "write"
	}
	out = append(out, hint{dkeys.Cancel, "back"}, hint{wizardKeys.Scroll, "scroll"})
	if p.drawn.columns < len(p.plan.Members) {
		out = append(out, hint{wizardKeys.Sideways, "servers"})
	}
	if len(p.plan.Members) > 1 {
		out = append(out, hint{wizardKeys.Zoom, "one or all"})
	}
	return append(out, hint{wizardKeys.Explain, "explanations"})
}
