package tui

import (
	"context"
	"fmt"
	"os"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// compareDiff is the difference of one znode, in place of the tree.
type compareDiff struct {
	about string
	lines []value.DiffLine // nil until they came
	note  string           // why there are none
	list  scrollList
}

// compareDiffMsg is a difference that was read and computed aside.
type compareDiffMsg struct {
	diff  *compareDiff
	lines []value.DiffLine
	err   error
}

// came takes what was read.
func (d *compareDiff) came(m compareDiffMsg) {
	d.lines = m.lines
	switch {
	case m.err != nil:
		d.note = upper(sentence(safetext.CleanLine(m.err.Error())))
	case len(m.lines) == 0:
		d.note = "Both are alike by now."
	}
}

// sideZnode is what a side holds at a path.
type sideZnode struct {
	data []byte
	kind zkview.Kind
	acl  []zkview.ACL
}

// read reads one znode of a side.
func (s compareSide) read(ctx context.Context, c cluster, rel string) (sideZnode, error) {
	if s.file == "" {
		path := s.absolute(rel)
		data, stat, err := c.Get(ctx, path)
		if err != nil {
			return sideZnode{}, err
		}
		acl, _, err := c.ACL(ctx, path)
		if err != nil {
			acl = nil // the value is worth showing without it
		}
		return sideZnode{data, stat.Kind(), acl}, nil
	}
	f, err := os.Open(s.file)
	if err != nil {
		return sideZnode{}, fmt.Errorf("%s: %s", s.file, fileReason(err))
	}
	defer f.Close()
	r, err := zkview.FindRecord(ctx, f, rel)
	if err != nil {
		return sideZnode{}, fmt.Errorf("%s: %w", s.file, err)
	}
	if r.ACL == nil {
		r.ACL = zkview.OpenACL()
	}
	return sideZnode{r.Data, r.Kind, r.ACL}, nil
}

// showDiff reads both sides of the selected znode.
func (c *compareScene) showDiff() tea.Cmd {
	rel, d, ctx, sess := c.tree.path(c.at), c.found[c.tree.nodes[c.at].detail], c.ctx, c.sess
	left, right := c.left, c.right
	diff := &compareDiff{about: fmt.Sprintf("%s  %s", safetext.Clean(rel), differenceText(d))}
	c.diff = diff
	wrap := c.wrap
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, diffTime)
		defer cancel()
		a, err := left.read(ctx, sess, rel)
		var b sideZnode
		if err == nil {
			b, err = right.read(ctx, sess, rel)
		}
		if err != nil {
			return wrap(compareDiffMsg{diff: diff, err: err})
		}
		return wrap(compareDiffMsg{diff: diff, lines: diffOf(a, b, d)})
	}
}

// diffTime bounds the reading of both sides; of an export, everything before the
// znode has to be read.
const diffTime = 6 * callTime

// diffOf are the differences of the value, and of what else differs.
func diffOf(a, b sideZnode, d zkview.Difference) []value.DiffLine {
	var out []value.DiffLine
	if d.Mode {
		out = append(out, value.DiffLine{Kind: value.Removed, Text: a.kind.String()}, value.DiffLine{Kind: value.Added, Text: b.kind.String()})
	}
	if d.ACL {
		out = append(out, changed(value.Diff([]byte(aclText(a.acl)), []byte(aclText(b.acl))))...)
	}
	return append(out, changed(value.Diff(a.data, b.data))...)
}

// changed are the lines of a difference with some around them, none where nothing
// differs.
func changed(lines []value.DiffLine) []value.DiffLine {
	for _, l := range lines {
		if l.Kind != value.Same {
			return value.Collapse(lines, 3)
		}
	}
	return nil
}

// aclText is an ACL, an entry a line.
func aclText(acl []zkview.ACL) string {
	var b strings.Builder
	for _, a := range acl {
		fmt.Fprintf(&b, "ACL %s:%s:%s\n", a.Scheme, a.ID, a.Perms)
	}
	return b.String()
}

// diffKey takes a key while a difference is shown.
func (c *compareScene) diffKey(k tea.KeyPressMsg) (tea.Cmd, bool) {
	m, l := c.keys, &c.diff.list
	page := max(l.height-1, 1)
	switch {
	case key.Matches(k, m.Back), key.Matches(k, m.Close), key.Matches(k, m.Toggle):
		c.diff = nil
	case key.Matches(k, m.Up):
		l.by(-1)
	case key.Matches(k, m.Down):
		l.by(1)
	case key.Matches(k, m.PageUp), key.Matches(k, m.HalfUp):
		l.by(-page)
	case key.Matches(k, m.PageDown), key.Matches(k, m.HalfDown):
		l.by(page)
	case key.Matches(k, m.Top):
		l.top = 0
	case key.Matches(k, m.Bottom):
		l.top = len(c.diff.lines)
	default:
		return nil, false
	}
	return nil, true
}

func (d *compareDiff) render(st *styles, width, height int) []string {
	out := make([]string, 0, height)
	put := func(spans ...span) {
		if len(out) < height {
			out = append(out, st.line(width, false, spans, nil))
		}
	}
	put(span{st.bold, " " + safetext.TruncateMiddle(d.about, max(width-2, 1))})
	switch {
	case d.note != "":
		for _, l := range wrapWords(d.note, width-2) {
			put(span{st.warn, " " + l})
		}
	case d.lines == nil:
		put(span{st.dim, " loading " + st.ellipsis})
	}
	from, to := d.list.window(len(d.lines), max(height-len(out), 0))
	for _, l := range d.lines[from:to] {
		put(st.diffLine(l)...)
	}
	for len(out) < height {
		put()
	}
	return out
}
