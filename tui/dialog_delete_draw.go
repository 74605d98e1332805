package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// maxListed bounds how many targets are listed; the rest is a number.
const maxListed = 500

func (d *deleteDialog) prefer(maxW, maxH int) (w, h int) {
	return min(maxW, 76), min(maxH, 9+min(len(d.targets), 12))
}

func (d *deleteDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := page{st: st, width: width, scroll: &d.scroll}
	foot := d.row.spans(st, width, true)
	switch d.phase {
	case deleteCounting:
		text := fmt.Sprintf("Counting what is below: %s so far", plural(int(d.progress.Done), "znode", "znodes"))
		if d.progress.Waiting != "" {
			text += "; waiting, " + safetext.CleanLine(d.progress.Waiting)
		}
		p.say(st.text, text+" "+st.ellipsis)
		d.list(&p)
		foot = []span{{st.dim, "esc stops; nothing is deleted yet"}}
	case deleteConfirm:
		return d.renderConfirm(&p, height, foot)
	case deleteRunning:
		d.renderRunning(&p)
		foot = []span{{st.dim, "esc stops after this batch"}}
	case deleteReport:
		d.renderReport(&p)
	}
	return p.fit(height, foot...)
}

// renderConfirm is the question, with the field to type in right above the buttons.
func (d *deleteDialog) renderConfirm(p *page, height int, foot []span) ([]string, *tea.Cursor) {
	st := p.st
	n := len(d.targets)
	switch below := d.below(); {
	case below == 0 && n == 1:
		p.say(st.text, fmt.Sprintf("Delete %s? It has no children.", safetext.Clean(d.targets[0].path)))
	case below == 0:
		p.say(st.text, fmt.Sprintf("Delete these %d znodes? They have no children.", n))
	case n == 1:
		p.say(st.text, fmt.Sprintf("Delete %s and the %s below it?", safetext.Clean(d.targets[0].path), plural(below, "znode", "znodes")))
	default:
		p.say(st.text, fmt.Sprintf("Delete these %d znodes and the %s below them, %s in all?", n, plural(below, "znode", "znodes"), comma(int(d.sum.Znodes))))
	}
	d.warn(p)
	d.list(p)
	if d.typed == nil {
		return p.fitNote(height, d.note, levelBad, foot)
	}
	return p.fitTyped(height, d.typed, "Type "+d.word+" to delete all of it:", d.note, foot)
}

// fitTyped returns exactly height lines: as much of the page as there is room for, and
// below it what is to be typed, or a note in its place, the field for it, and the line
// foot.
func (p *page) fitTyped(height int, typed *textBox, prompt, note string, foot []span) ([]string, *tea.Cursor) {
	st := p.st
	f := page{st: st, width: p.width}
	if note != "" {
		f.say(st.bad, note)
	} else {
		f.say(st.warn, prompt)
	}
	f.lines = f.lines[:min(len(f.lines), max(height-3, 0))]
	box, cursor := typed.render(st, max(p.width-2, 1), 1, true)
	f.lines = append(f.lines, st.line(2, false, []span{{st.accent, "> "}}, nil)+box[0])
	room := max(height-len(f.lines)-1, 0)
	lines, _ := p.fit(room)
	above, below := false, len(p.lines) > room
	if p.scroll != nil {
		above, below = *p.scroll > 0, len(p.lines) > *p.scroll+room
	}
	f.lines = append(f.lines, st.line(p.width, false, foot, st.more(p.width-spansWidth(foot)-1, above, below)))
	if cursor != nil {
		cursor.X += 2
		cursor.Y += room + len(f.lines) - 2
	}
	return append(lines, f.lines...)[:height], cursor
}

// warn says what else one should know before deleting.
func (d *deleteDialog) warn(p *page) {
	if n := d.sum.Unread; n > 0 {
		p.say(p.st.warn, fmt.Sprintf("%s may not be listed (%s); what is in there is not counted and will stay.",
			plural(int(n), "znode", "znodes"), safetext.Clean(d.sum.Example)))
	}
	var owners []string
	for owner := range d.sum.Owners {
		if owner == d.own && d.own != 0 {
			owners = append(owners, fmt.Sprintf("0x%x (this zkdeck)", uint64(owner)))
		} else {
			owners = append(owners, fmt.Sprintf("0x%x", uint64(owner)))
		}
	}
	slices.Sort(owners)
	if n := d.sum.Ephemerals; n > 0 {
		p.say(p.st.warn, fmt.Sprintf("%s of live sessions among them: %s.", plural(int(n), "ephemeral", "ephemerals"), listed(owners, 4)))
	}
}

// listed joins at most n words.
func listed(words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
}

// list shows the targets, those that a filter hides too.
func (d *deleteDialog) list(p *page) {
	for i, t := range d.targets {
		if i == maxListed {
			p.say(p.st.dim, fmt.Sprintf("and %d more", len(d.targets)-i))
			break
		}
		about := ""
		switch {
		case t.stat.Czxid == 0:
		case t.stat.Kind() == zkview.Ephemeral && t.stat.EphemeralOwner == d.own:
			about = "  ephemeral of this zkdeck's session"
		case t.stat.Kind() == zkview.Ephemeral:
			about = fmt.Sprintf("  ephemeral of session 0x%x", uint64(t.stat.EphemeralOwner))
		case t.stat.NumChildren > 0:
			about = "  " + plural(int(t.stat.NumChildren), "child", "children")
		default:
			about = fmt.Sprintf("  version %d, %d bytes", t.stat.Version, t.stat.DataLength)
		}
		if d.hidden[t.path] {
			about += "  (not visible in the tree)"
		}
		room := max(p.width-2-safetext.Width(about), p.width/3)
		p.add(span{p.st.dim, "  "}, span{p.st.text, safetext.TruncateMiddle(safetext.Clean(t.path), room)}, span{p.st.dim, about})
	}
}

func (d *deleteDialog) renderRunning(p *page) {
	st, g := p.st, d.progress
	text := fmt.Sprintf("Deleting: %s of %s", comma(int(g.Done)), comma(int(max(g.Total, d.sum.Znodes))))
	if r := int(g.Rate()); r > 0 && g.Elapsed > rateAfter {
		text += ", " + comma(r) + " a second"
	}
	p.say(st.text, text)
	p.bar(g.Done, g.Total)
	if g.Waiting != "" {
		p.say(st.warn, "Waiting: "+safetext.CleanLine(g.Waiting)+".")
	}
	if d.stopping {
		p.say(st.warn, "stopping after this batch "+st.ellipsis)
	}
}

func (d *deleteDialog) renderReport(p *page) {
	st := p.st
	if !d.job.applied {
		p.say(st.bad, upper(sentence(reason(d.stopped))))
		p.say(st.text, "Nothing was deleted.")
		return
	}
	p.say(st.text, fmt.Sprintf("Deleted %s; %s.", d.doneText(), plural(d.remaining(), "znode remains", "znodes remain")))
	switch {
	case d.stopping:
		p.say(st.text, "You stopped it.")
	case d.stopped != nil:
		p.say(st.bad, upper(sentence(reason(d.stopped))))
	}
	if n := d.report.Unknown; n > 0 {
		p.say(st.warn, fmt.Sprintf("Whether the last %s are gone could not be read; they count as remaining here.", plural(int(n), "znode", "znodes")))
	}
	for _, n := range d.report.Notes {
		p.say(st.warn, d.noteText(n))
	}
	if n := d.report.MoreNotes; n > 0 {
		p.say(st.warn, fmt.Sprintf("and %s more reasons like these", comma(int(n))))
	}
}

// noteText is why a znode stays, in a sentence that is safe to draw.
func (d *deleteDialog) noteText(n zkview.Note) string {
	name := safetext.Clean(n.Path)
	switch {
	case errors.Is(n.Err, zkview.ErrNoAuth) && len(d.targets) == 1 && n.Path == parentOf(d.targets[0].path):
		return "The ACL of " + name + " does not let us delete " + safetext.Clean(d.targets[0].path) + "."
	case errors.Is(n.Err, zkview.ErrNoAuth):
		return "The ACL of " + name + " does not let us delete its children."
	case errors.Is(n.Err, zkview.ErrBadVersion):
		return name + " was changed by somebody else since you looked."
	}
	return sentence(name + ": " + reason(n.Err))
}

func (d *deleteDialog) keys() []key.Binding {
	switch d.phase {
	case deleteCounting, deleteRunning:
		return []key.Binding{named(dkeys.Cancel, "stop")}
	}
	return []key.Binding{named(dkeys.Next, "next button"), dkeys.Accept, named(dkeys.Down, "scroll"), dkeys.Cancel}
}
