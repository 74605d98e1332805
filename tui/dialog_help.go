package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// helpDialog lists all keys; what one types narrows the list.
type helpDialog struct {
	groups []keyGroup
	search *textBox
	list   scrollList
}

var _ dialog = (*helpDialog)(nil)

// newHelpDialog makes the help of keys; disabled ones are left out. Those of the screen
// with that title come first; "" is the tree.
func newHelpDialog(keys KeyMap, screen string) dialog {
	groups := append(keys.groups(), dkeys.group())
	if word, _, _ := strings.Cut(screen, " "); word != "" { // after it a title may have a figure
		word = strings.ToLower(strings.TrimSuffix(word, "s"))
		has := func(g keyGroup) int { return boolInt(strings.Contains(strings.ToLower(g.Title), word)) }
		slices.SortStableFunc(groups, func(a, b keyGroup) int { return has(b) - has(a) })
	}
	return &helpDialog{groups: groups, search: newTextBox(false, "")}
}

func (d *helpDialog) title() string   { return "Keys" }
func (d *helpDialog) danger() bool    { return false }
func (d *helpDialog) unsaved() string { return "" }

func (d *helpDialog) update(msg tea.Msg) (tea.Cmd, bool) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		empty := d.search.text() == ""
		switch {
		case key.Matches(k, dkeys.Cancel) && !empty:
			d.search.set("")
			return nil, false
		case key.Matches(k, dkeys.Leave), empty && key.Matches(k, dkeys.Close):
			return nil, true
		case d.list.update(k):
			return nil, false
		}
	}
	if used, _ := d.search.update(msg); used { // what is refused finds nothing
		d.list.top = 0
	}
	return nil, false
}

// helpRow is a heading, or a key with what it does.
type helpRow struct{ head, keys, what string }

// rows are the lines that match what was typed.
func (d *helpDialog) rows() []helpRow {
	want := strings.ToLower(strings.TrimSpace(d.search.text()))
	var out []helpRow
	for _, g := range d.groups {
		n := len(out)
		for _, b := range g.Keys {
			h := b.Help()
			if !b.Enabled() || !strings.Contains(strings.ToLower(g.Title+" "+h.Key+" "+h.Desc), want) {
				continue
			}
			if len(out) == n {
				if n > 0 {
					out = append(out, helpRow{})
				}
				out = append(out, helpRow{head: g.Title})
			}
			out = append(out, helpRow{keys: h.Key, what: h.Desc})
		}
	}
	return out
}

func (d *helpDialog) prefer(maxW, maxH int) (w, h int) {
	n := 2
	for _, g := range d.groups {
		n += len(g.Keys) + 2
	}
	return min(maxW, 76), min(maxH, n)
}

func (d *helpDialog) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	const label = "search  "
	x := min(len(label), width/2)
	search, cursor := d.search.render(st, width-x, 1, true)
	out := []string{st.line(x, false, []span{{st.dim, label}}, nil) + search[0]}
	if cursor != nil {
		cursor.X += x
	}
	rows := d.rows()
	if len(rows) == 0 {
		rows = []helpRow{{what: "no key does that"}}
	}
	wide := 0
	for _, r := range rows {
		wide = max(wide, safetext.Width(r.keys))
	}
	from, to := d.list.window(len(rows), max(height-1, 0))
	for _, r := range rows[from:to] {
		if r.head != "" {
			out = append(out, st.line(width, false, []span{{st.bold, r.head}}, nil))
			continue
		}
		out = append(out, st.line(width, false, []span{
			{st.accent, "  " + safetext.Pad(r.keys, wide) + "  "}, {st.text, r.what},
		}, nil))
	}
	for len(out) < height {
		out = append(out, st.line(width, false, nil, nil))
	}
	return out[:height], cursor
}

func (d *helpDialog) keys() []key.Binding {
	return []key.Binding{named(dkeys.Up, "scroll"), named(dkeys.Leave, "close")}
}
