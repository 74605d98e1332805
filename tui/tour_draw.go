package tui

import (
	"fmt"
	"image"
	"strings"
)

// The smallest screen with room for the card, the rows of the body from which it is
// less dense, and how wide it is at most. On a smaller screen the tour is one line.
const (
	cardMinWidth, cardMinRows = 56, 12
	cardAiry                  = 24
	cardMaxWidth              = 74
)

// tourNow is what the current step says here and now.
func (m *model) tourNow() tourCard {
	s := m.tour.step()
	switch {
	case m.tour.there:
		return s.seen(m)
	case m.screens.top() != nil && !s.beside: // what it points at is on the tree
		back := hint{m.keys.TreeScreen, "back to the tree"}
		if m.typing() {
			back.key = m.keys.Back
		}
		return tourCard{text: s.ask(m).text, do: []hint{back}}
	}
	return s.ask(m)
}

// tourCard is the card of the tour and where it stands; ok is false where it has no
// room and the tour is a line.
func (m *model) tourCard(c tourCard) (box []string, at image.Rectangle, ok bool) {
	if m.width < cardMinWidth || m.lay.body.Dy() < cardMinRows {
		return nil, at, false
	}
	box = m.tourBox(c)
	target := c.target
	if !target.Empty() {
		target.Min.Y-- // with its label
	}
	at, ok = placeCard(m.lay.body, image.Pt(m.tourWidth(), len(box)), m.selectedRow(), target)
	return box, at, ok
}

// drawTour lays the card of the tour over the rows of the screen, and marks the rule
// above what it points at. A dialog hides it.
func (m *model) drawTour(rows []string) {
	if !m.tourShows() || m.dialogs.top() != nil {
		return
	}
	c := m.tourNow()
	if t := c.target; !t.Empty() && c.label != nil {
		overlay(rows, []string{m.st.pointing(c.label, t.Dx())}, t.Min.X, t.Min.Y-1)
	}
	if box, at, ok := m.tourCard(c); ok {
		overlay(rows, box, at.Min.X, at.Min.Y)
	}
}

// pointing is a rule of width cells in the accent, with a label near its left end.
func (st *styles) pointing(label []span, width int) string {
	const before = 2
	spans := append([]span{{st.accent, strings.Repeat(st.rule, before)}}, label...)
	spans = append(spans, span{st.accent, strings.Repeat(st.rule, max(width-before-spansWidth(label), 0))})
	return st.line(width, false, spans, nil)
}

// tourWidth is how wide the card is with its edges. Where panes stand beside each
// other it covers one of them and leaves the other; else it leaves no remnants of
// lines beside it.
func (m *model) tourWidth() int {
	if m.width < besideWidth {
		return m.width
	}
	return min(max(treeWidth(m.width), 46), cardMaxWidth)
}

// tourBox draws the card.
func (m *model) tourBox(c tourCard) []string {
	w := m.tourWidth() - 4
	var lines []string
	for _, l := range wrapWords(c.text, w) {
		lines = append(lines, m.st.line(w, false, []span{{m.st.text, l}}, nil))
	}
	if m.lay.body.Dy() >= cardAiry {
		lines = append(lines, m.st.line(w, false, nil, nil))
	}
	do, on := m.st.pointed(c.do), m.tourKeys()
	if spansWidth(do)+spansWidth(on)+2 > w {
		lines = append(lines, m.st.line(w, false, do, nil))
		do = nil
	}
	lines = append(lines, m.st.line(w, false, do, on))
	title := fmt.Sprintf("%d/%d  %s", m.tour.at+1, len(tourSteps), m.tour.step().title)
	return m.st.box(title, lines, w+2, false)
}

// pointed are keys with what they do, the keys so that the eye finds them.
func (st *styles) pointed(hints []hint) []span {
	var out []span
	for i, h := range hints {
		if i > 0 {
			out = append(out, span{st.text, "  "})
		}
		out = append(out, span{st.point, " " + h.key.Help().Key + " "}, span{st.text, " " + h.word})
	}
	return out
}

// tourKeys are the keys of the tour itself, where letters are no text.
func (m *model) tourKeys() []span {
	if m.typing() {
		return nil
	}
	k := &m.keys
	if m.tour.at+1 == len(tourSteps) {
		return []span{{m.st.accent, k.TourNext.Help().Key}, {m.st.dim, " done"}}
	}
	return []span{
		{m.st.accent, k.TourNext.Help().Key},
		{m.st.dim, " next  "},
		{m.st.accent, k.TourSkip.Help().Key},
		{m.st.dim, " skip"},
	}
}

// tourLine is the tour on the line above the footer, where it has no card.
func (m *model) tourLine() (line string, ok bool) {
	if !m.tourShows() || m.dialogs.top() != nil {
		return "", false
	}
	c := m.tourNow()
	if _, _, ok := m.tourCard(c); ok {
		return "", false
	}
	left := append([]span{{m.st.title, fmt.Sprintf(" %d/%d ", m.tour.at+1, len(tourSteps))}}, m.st.pointed(c.do)...)
	on := append(m.tourKeys(), span{m.st.text, " "})
	if title := []span{{m.st.text, "  " + m.tour.step().title}}; spansWidth(left)+spansWidth(title)+spansWidth(on) < m.width {
		left = append(left, title...)
	}
	return m.st.line(m.width, false, left, on), true
}

// selectedRow is the row of the screen on which the selection is.
func (m *model) selectedRow() image.Rectangle {
	r, line := m.lay.tree, m.tree.selRow-m.tree.top
	switch top := m.screens.top().(type) {
	case nil:
	case *findScreen:
		r, line = m.lay.body, 0
		if top.inList {
			line = findHead + top.list.at - top.list.top
		}
	case *activityScreen:
		r = m.lay.body
		line = top.feed.list.first + top.feed.list.row(top.feed.log) - top.feed.list.top(top.feed.log)
	default:
		return image.Rectangle{}
	}
	return image.Rect(r.Min.X, r.Min.Y+line, r.Max.X, r.Min.Y+line+1).Intersect(r)
}

// placeCard puts a card of a size into body: never on keep, on as little of target as
// possible, and then as far down and to the right as possible.
func placeCard(body image.Rectangle, size image.Point, keep, target image.Rectangle) (best image.Rectangle, ok bool) {
	least := 0
	for y := body.Max.Y - size.Y; y >= body.Min.Y; y-- {
		for _, x := range [...]int{body.Max.X - size.X, body.Min.X} {
			r := image.Rectangle{Min: image.Pt(x, y), Max: image.Pt(x+size.X, y+size.Y)}
			if r.Overlaps(keep) {
				continue
			}
			hides := r.Intersect(target)
			if n := hides.Dx() * hides.Dy(); !ok || n < least {
				best, least, ok = r, n, true
			}
		}
	}
	return best, ok
}

// pointFooter is the footer, with the keys first to which the tour points.
func (m *model) pointFooter(hints []hint) string {
	if !m.tourShows() {
		return footerLine(m.st, m.width, hints, m.tray())
	}
	do := m.tourNow().do
	first := append([]span{{m.st.text, " "}}, m.st.pointed(do)...)
	room := m.width - spansWidth(first) - 1
	if room < 12+spansWidth(m.tray()) {
		return footerLine(m.st, m.width, hints, m.tray())
	}
	rest := make([]hint, 0, len(hints))
	for _, h := range hints {
		if !pointsAt(do, h) {
			rest = append(rest, h)
		}
	}
	return m.st.line(m.width-room, false, first, nil) + footerLine(m.st, room, rest, m.tray())
}

func pointsAt(do []hint, h hint) bool {
	for _, d := range do {
		if d.key.Help().Key == h.key.Help().Key {
			return true
		}
	}
	return false
}

// onCard tells that a place of the screen is on the card of the tour, so that a click
// there means nothing below it.
func (m *model) onCard(at image.Point) bool {
	if !m.tourShows() {
		return false
	}
	_, card, ok := m.tourCard(m.tourNow())
	return ok && at.In(card)
}
