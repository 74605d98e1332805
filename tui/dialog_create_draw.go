package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

func (d *createDialog) prefer(maxW, maxH int) (w, h int) {
	return min(maxW, 84), min(maxH, 16)
}

func (d *createDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	if d.asking != nil {
		return d.asking.render(st, width, height)
	}
	p := page{st: st, width: width}
	p.field("name", d.name, d.focus == createName)
	d.result(&p)
	p.choice("kind", &d.kind, d.focus == createKind)
	p.indented(st.dim, createKinds[d.kind.at].what)
	if d.kindNow() == zkview.TTL {
		p.field("TTL", d.ttl, d.focus == createTTL)
	}
	p.toggle("", "sequential: the server adds ten digits that count up", d.sequential, d.focus == createSequential)
	p.toggle("", "make parents: / in the name makes the znodes above it", d.parents, d.focus == createParents)
	p.area("value", d.value, max(min(height-11, 8), 2), d.focus == createValue)
	p.field("ACL", d.acl, d.focus == createACL)
	if d.focus == createButtons {
		p.from, p.to = len(p.lines), len(p.lines)
	}
	foot := d.row.spans(st, width, d.focus == createButtons)
	if d.pending != "" {
		foot = []span{{st.accent, "creating " + safetext.Clean(d.pending) + " " + st.ellipsis}}
	}
	return p.fitNote(height, d.note, levelBad, foot)
}

// result shows what path would be made, and what is wrong with it.
func (d *createDialog) result(p *page) {
	if text := d.problem(); text != "" {
		p.indented(p.st.bad, text)
		if d.focus == createName {
			p.to = len(p.lines)
		}
		return
	}
	spans := []span{p.label("path", false), {p.st.text, safetext.TruncateMiddle(safetext.Clean(d.path()), max(p.width-24, 8))}}
	if d.sequential {
		spans = append(spans, span{p.st.dim, "0000000042"}, span{p.st.dim, " or so"})
	}
	p.add(spans...)
}

// fitNote is fit with a sentence between the page and its foot, which takes at
// most half of the height.
func (p *page) fitNote(height int, note string, l level, foot []span) ([]string, *tea.Cursor) {
	if note == "" {
		return p.fit(height, foot...)
	}
	n := page{st: p.st, width: p.width}
	n.say(l.ink(p.st), note)
	rows := min(len(n.lines), max(height/2, 1), max(height-2, 0))
	below := append(n.lines[:rows:rows], p.st.line(p.width, false, foot, nil))
	lines, c := p.fit(height - len(below))
	return append(lines, below...), c
}

func (d *createDialog) keys() []key.Binding {
	if d.asking != nil {
		return d.asking.keys()
	}
	k := []key.Binding{named(dkeys.Next, "next field"), named(dkeys.Save, "create"), dkeys.Cancel}
	switch d.focus {
	case createKind:
		k = append(k, named(dkeys.Right, "other kind"))
	case createSequential, createParents:
		k = append(k, dkeys.Toggle)
	}
	return k
}
