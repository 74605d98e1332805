package tui

import (
	"fmt"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// conflict is what stands in the znode in the place of what we wanted to write.
type conflict struct {
	theirs []byte
	stat   zkview.Stat
	row    buttons
	scroll int
	page   int // rows that fit, from the last drawing
	rows   []diffRow
}

// The answers to a conflict.
const (
	conflictBack = iota
	conflictRebase
	conflictTake
	conflictOverwrite
)

func newConflict(m savedMsg) *conflict {
	return &conflict{theirs: m.theirs, stat: m.theirStat, rows: m.rows, row: buttons{
		labels: []string{"Cancel", "Keep editing mine", "Take theirs", "Overwrite theirs"}, danger: conflictOverwrite,
	}}
}

// updateConflict takes the keys while both values are shown.
func (d *editDialog) updateConflict(msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || d.saving {
		return nil, false
	}
	c := d.conflict
	n := len(c.row.labels)
	switch {
	case key.Matches(k, dkeys.Cancel):
		d.conflict = nil
		d.say(levelWarn, "Not saved. The znode holds another value since; ctrl-s shows both again.")
	case key.Matches(k, dkeys.Accept):
		return d.resolve(c.row.at)
	case key.Matches(k, dkeys.Next):
		c.row.at = (c.row.at + 1) % n
	case key.Matches(k, dkeys.Prev):
		c.row.at = (c.row.at + n - 1) % n
	case key.Matches(k, dkeys.Up):
		c.scroll--
	case key.Matches(k, dkeys.Down):
		c.scroll++
	case key.Matches(k, dkeys.PageUp):
		c.scroll -= c.page
	case key.Matches(k, dkeys.PageDown):
		c.scroll += c.page
	default:
		c.row.update(k)
	}
	return nil, false
}

// resolve does what was chosen.
func (d *editDialog) resolve(answer int) (tea.Cmd, bool) {
	c := d.conflict
	name := safetext.Clean(d.path)
	switch answer {
	case conflictBack:
		d.conflict = nil
		d.say(levelWarn, "Not saved. The znode holds another value since; ctrl-s shows both again.")
	case conflictRebase:
		d.rebase()
		d.say(levelWarn, fmt.Sprintf("Your text goes on top of version %d now: ctrl-s replaces that value by it.", c.stat.Version))
	case conflictTake:
		d.ask(ask([]string{fmt.Sprintf("Drop your text and leave %s as it is, version %d of %d bytes?",
			name, c.stat.Version, len(c.theirs))}, "Back", "Take theirs"),
			func(a int) (tea.Cmd, bool) { return tell(wroteMsg{[]string{d.path}}), a == 1 })
	case conflictOverwrite:
		data, err := d.decode(d.box.text())
		if err != nil {
			d.conflict = nil
			d.say(levelBad, "Not saved: "+err.Error()+".")
			return nil, false
		}
		d.ask(ask([]string{fmt.Sprintf("Replace version %d of %s, written %s (%d bytes), by yours (%d bytes)?",
			c.stat.Version, name, c.stat.Modified().Format("15:04:05"), len(c.theirs), len(data))}, "Back", "Overwrite"),
			func(a int) (tea.Cmd, bool) {
				if a != 1 {
					return nil, false
				}
				d.rebase()
				return d.write(data, c.stat), false
			})
	}
	return nil, false
}

// rebase makes their value the one that ours is compared with and guarded by.
func (d *editDialog) rebase() {
	d.base, d.orig, d.conflict, d.changedRev = d.conflict.stat, slices.Clone(d.conflict.theirs), nil, -1
}

// renderConflict draws mine and theirs.
func (d *editDialog) renderConflict(st *styles, width, height int) ([]string, *tea.Cursor) {
	c := d.conflict
	top := page{st: st, width: width}
	top.say(st.warn, fmt.Sprintf("Somebody changed it while you edited: version %d now, written %s. Nothing was saved.",
		c.stat.Version, c.stat.Modified().Format("15:04:05")))
	top.lines = top.lines[:min(len(top.lines), max(height/3, 1))]
	half := max((width-5)/2, 1)
	rule := span{st.dim, " " + st.divider + " "}
	top.add(span{st.bold, "  " + safetext.Pad("mine", half)}, rule, span{st.bold, "theirs"})
	c.page = max(height-len(top.lines)-1, 1)
	c.scroll = max(min(c.scroll, len(c.rows)-c.page), 0)
	for i := range c.page {
		if c.scroll+i >= len(c.rows) {
			top.blank()
			continue
		}
		r := c.rows[c.scroll+i]
		k, mark := st.text, "  "
		if r.differs {
			k, mark = st.warn, st.changed+" "
		}
		left, right := r.halves(half)
		top.add(span{k, mark + left}, rule, span{k, right})
	}
	more := st.more(width/3, c.scroll > 0, c.scroll+c.page < len(c.rows))
	lines := top.lines[:min(len(top.lines), max(height-1, 0))]
	return append(lines, st.line(width, false, c.row.spans(st, width-spansWidth(more), true), more)), nil
}
