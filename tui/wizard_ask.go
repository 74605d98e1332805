package tui

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// askPage asks the steps, one after the other.
type askPage struct {
	w      *wizard
	at     int // among the steps
	q      *wizardQuestion
	trying *ensemble.Wish // whose ports are being tried; nil while none are
	// done are the steps that somebody has seen; the others stand at their defaults.
	done map[stepID]bool
}

var _ wizardPage = (*askPage)(nil)

func newAskPage(w *wizard) *askPage {
	p := &askPage{w: w, done: map[stepID]bool{}}
	p.show(0)
	return p
}

// show asks the step at i.
func (p *askPage) show(i int) {
	p.at = i
	s := &p.w.steps[i]
	v := s.value(&p.w.a)
	check := func(text string) error {
		if s.check == nil {
			return nil
		}
		return s.check(p.w, text)
	}
	switch {
	case s.options != nil:
		p.q = pickQuestion(v, s.options(p.w), check)
	case s.lines:
		p.q = linesQuestion(v, check)
	default:
		p.q = typedQuestion(v, check)
		p.q.replaced = s.number
	}
}

// turnTo asks a step again, and says why.
func (p *askPage) turnTo(id stepID, why error) {
	for i, s := range p.w.steps {
		if s.id == id {
			p.show(i)
			p.q.refuse(why)
		}
	}
}

// next is the step after the one at i in a direction, -1 or past the end for none.
func (p *askPage) next(i, by int) int {
	for i += by; i >= 0 && i < len(p.w.steps); i += by {
		if skip := p.w.steps[i].skip; skip == nil || !skip(p.w) {
			break
		}
	}
	return i
}

func (p *askPage) typing() bool { return p.q.typing() }

func (p *askPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, dkeys.Cancel, dkeys.Prev):
		p.trying = nil
		if i := p.next(p.at, -1); i >= 0 {
			p.show(i)
			return nil
		}
		if key.Matches(k, dkeys.Prev) {
			return nil
		}
		return p.w.cancel()
	case p.trying != nil:
	case key.Matches(k, dkeys.Save):
		if !p.q.press(tea.KeyPressMsg{Code: tea.KeyEnter}) {
			return nil
		}
		p.show(p.at) // where the preview leads back to
		return p.w.review()
	case p.q.press(k):
		return p.answered()
	}
	return nil
}

// answered goes on after a step.
func (p *askPage) answered() tea.Cmd {
	s := &p.w.steps[p.at]
	p.done[s.id] = true
	if s.id == stepZooKeeper && p.w.a.zookeeper == otherZooKeeper {
		p.w.a.zookeeper = p.w.found.first()
		p.show(p.at)
		return p.w.obtain(nil)
	}
	if w := p.w; s.id == stepWhere && w.a.where == whereFolder && w.a.dir == "" {
		w.a.dir = "~/" + strings.TrimSpace(w.a.name)
	}
	if s.id == stepPort && strings.TrimSpace(p.w.a.port) == "" {
		p.w.a.port = p.w.a.givenPort
	}
	if s.id == stepPort && p.w.a.port != p.w.a.givenPort {
		return p.try()
	}
	return p.goOn()
}

// try has the ports tried before the next question.
func (p *askPage) try() tea.Cmd {
	w := p.w
	p.show(p.at)
	wish := w.a.wish(&w.found)
	p.trying = &wish
	return func() tea.Msg {
		_, err := w.deps.maker.Plan(w.ctx, wish)
		return w.wrap(p)(portsTriedMsg{&wish, err})
	}
}

// tried goes on, or says why the ports cannot be had. What else is wrong with the plan
// comes up with all of it.
func (p *askPage) tried(m portsTriedMsg) tea.Cmd {
	if m.wish != p.trying {
		return nil
	}
	p.trying = nil
	var wish *ensemble.WishError
	if errors.As(m.err, &wish) && wish.Field == "BasePort" {
		p.q.refuse(wish)
		return nil
	}
	return p.goOn()
}

// goOn asks the next step, or shows what comes of all of them.
func (p *askPage) goOn() tea.Cmd {
	i := p.next(p.at, 1)
	if i >= len(p.w.steps) {
		p.show(p.at) // where the preview leads back to
		return p.w.review()
	}
	p.show(i)
	return nil
}

func (p *askPage) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.PasteMsg:
		if p.trying == nil {
			p.q.paste(m.Content)
		}
	case portsTriedMsg:
		return p.tried(m)
	}
	return nil
}

func (p *askPage) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	if width >= railWidth && height >= len(p.w.steps)+3 {
		return p.beside(st, width, height)
	}
	g := page{st: st, width: width}
	g.lines = append(g.lines, wizardHead(st, width, wizardTitle, p.place()))
	if height >= 10 {
		g.add(p.answers(st, width)...)
		g.blank()
	}
	p.ask(&g, height)
	return g.fit(height)
}

// ask appends the question.
func (p *askPage) ask(g *page, height int) {
	s := &p.w.steps[p.at]
	var means []remark
	if s.means != nil {
		means = s.means(p.w)
	}
	if p.trying != nil {
		means = []remark{saying("%s trying the ports %s", g.st.dotted, g.st.ellipsis)}
	}
	g.question(p.q, s.title, s.about, means, height-len(g.lines))
}

// place says which question of how many this is.
func (p *askPage) place() string {
	n, of := 0, 0
	for i, s := range p.w.steps {
		if s.skip != nil && s.skip(p.w) {
			continue
		}
		if of++; i <= p.at {
			n++
		}
	}
	return strconv.Itoa(n) + " of " + strconv.Itoa(of)
}

// shortOf is the answer of a step in a word or two.
func (p *askPage) shortOf(s *wizardStep) string {
	if s.short != nil {
		return s.short(p.w)
	}
	return safetext.Clean(*s.value(&p.w.a))
}

// answers are those so far, in a line; of many the last ones.
func (p *askPage) answers(st *styles, width int) []span {
	var out []span
	for i := p.at - 1; i >= 0; i-- {
		s := &p.w.steps[i]
		if s.skip != nil && s.skip(p.w) {
			continue
		}
		one := []span{{st.dim, " " + s.label + " "}, {st.text, p.shortOf(s)}}
		if len(out) > 0 {
			one = append(one, span{st.dim, " ·"})
		}
		if spansWidth(out)+spansWidth(one) > width-3 {
			return append([]span{{st.dim, " " + st.ellipsis}}, out...)
		}
		out = append(one, out...)
	}
	return out
}

// beside draws the question to the right of all answers.
func (p *askPage) beside(st *styles, width, height int) ([]string, *tea.Cursor) {
	left := p.rail(st, railCells, height)
	g := page{st: st, width: width - railCells - 1}
	g.lines = append(g.lines, wizardHead(st, g.width, "", p.place()))
	p.ask(&g, height)
	right, cursor := g.fit(height)
	for i := range left {
		left[i] += st.dim.on + st.divider + off + right[i]
	}
	if cursor != nil {
		cursor.X += railCells + 1
	}
	return left, cursor
}

// rail are all questions with their answers.
func (p *askPage) rail(st *styles, width, height int) []string {
	out := []string{wizardHead(st, width, wizardTitle, ""), st.line(width, false, nil, nil)}
	for i := range p.w.steps {
		s := &p.w.steps[i]
		if s.skip != nil && s.skip(p.w) {
			continue
		}
		k, bar := st.dim, " "
		switch {
		case i == p.at:
			k, bar = st.text, st.bar
		case p.done[s.id]:
			k = st.text
		}
		left := []span{{st.accent, bar}, {st.dim, "  " + safetext.Pad(s.label, 13)}, {k, p.shortOf(s)}}
		out = append(out, st.line(width, i == p.at, left, nil))
	}
	for len(out) < height {
		out = append(out, st.line(width, false, nil, nil))
	}
	return out[:height]
}

func (p *askPage) hints() []hint {
	out := []hint{{dkeys.Accept, "next"}}
	if !p.q.typing() {
		out = append(out, hint{wizardKeys.Choose, "choose"})
	}
	if p.q.lines {
		out = append(out, hint{wizardKeys.NewLine, "a further line"})
	}
	out = append(out, hint{dkeys.Save, "the rest as it is"})
	if p.next(p.at, -1) < 0 {
		return append(out, hint{dkeys.Cancel, "cancel"})
	}
	return append(out, hint{dkeys.Cancel, "back"})
}
