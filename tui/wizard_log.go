package tui

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// logPage is the end of the log of a server that did not start.
type logPage struct {
	w     *wizard
	from  *launchPage
	lines []string
	note  string
	list  scrollList
	rows  []string // the lines as they are wrapped at width
	width int
}

var _ wizardPage = (*logPage)(nil)

func newLogPage(w *wizard, from *launchPage, m serverLogMsg) *logPage {
	p := &logPage{w: w, from: from, lines: m.lines, list: scrollList{follow: true}}
	if m.err != nil {
		p.note = "The log cannot be read: " + safetext.CleanLine(m.err.Error())
	} else if len(m.lines) == 0 {
		p.note = "The log is empty."
	}
	return p
}

func (p *logPage) typing() bool { return false }

func (p *logPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, dkeys.Close, dkeys.Prev, dkeys.Accept):
		p.w.page = p.from
	case key.Matches(k, dkeys.ListTop):
		p.list.top, p.list.follow = 0, false
	case key.Matches(k, dkeys.ListBottom):
		p.list.follow = true
	case key.Matches(k, dkeys.ScrollUp):
		p.list.by(-1)
	case key.Matches(k, dkeys.ScrollDown):
		p.list.by(1)
	default:
		p.list.update(k)
	}
	return nil
}

func (p *logPage) update(tea.Msg) tea.Cmd { return nil }

func (p *logPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	g := page{st: st, width: width}
	title := fmt.Sprintf("Log of server %d of %s", p.from.culprit(), safetext.Clean(p.from.plan.Name))
	if p.note != "" {
		g.lines = append(g.lines, wizardHead(st, width, title, ""))
		g.remark(remark{levelWarn, p.note}, 1)
		return g.fit(height)
	}
	if p.width != width {
		p.rows, p.width = p.rows[:0], width
		for _, l := range p.lines {
			p.rows = append(p.rows, wrapWords(safetext.CleanLine(l), width-2)...)
		}
	}
	from, to := p.list.window(len(p.rows), max(height-1, 0))
	g.lines = append(g.lines, wizardHead(st, width, title, fmt.Sprintf("%d of %d", to, len(p.rows))))
	for _, l := range p.rows[from:to] {
		g.add(span{st.text, " " + l})
	}
	return g.fit(height)
}

func (p *logPage) hints() []hint {
	return []hint{{dkeys.Cancel, "back"}, {wizardKeys.Scroll, "scroll"}, {dkeys.ListTop, "top"}, {dkeys.ListBottom, "end"}}
}
