package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// status is the line below the counts: what is going on, or why it ended.
func (c *compareScene) status(st *styles) []span {
	switch {
	case !c.done:
		p := c.progress
		text := fmt.Sprintf("reading: %s so far, %s", plural(int(p.Done), "znode", "znodes"), value.Size(p.Bytes))
		if p.Waiting != "" {
			text += "; waiting, " + safetext.CleanLine(p.Waiting)
		}
		return []span{{st.accent, text + " " + st.ellipsis}}
	case c.stopped:
		return []span{{st.warn, "You stopped it; what is shown is not all."}}
	case c.job.err != nil:
		return []span{{st.bad, upper(sentence(reason(c.job.err)))}}
	case c.job.report.Equal() && c.job.report.Unread == 0:
		return []span{{st.good, sentence(c.equalText())}}
	case c.more > 0:
		return []span{{st.warn, fmt.Sprintf("The first %s are shown; %s more.", plural(len(c.found), "difference", "differences"), comma(int(c.more)))}}
	case !c.job.report.ACL:
		return []span{{st.dim, "ACLs are not compared: an export without them."}}
	}
	return nil
}

func (c *compareScene) render(st *styles, width, height int, _ time.Time) ([]string, *tea.Cursor) {
	if c.diff != nil {
		return c.diff.render(st, width, height), nil
	}
	total := c.tree.nodes[0].below
	head := []span{{st.bold, " " + c.left.label()}, {st.dim, "  " + st.arrow + "  "}, {st.bold, c.right.label()}}
	right := append(st.tally(total), span{st.text, " "})
	if c.done && c.job.report.Same > 0 && total.sum() > 0 {
		right = append(right, span{st.dim, comma(int(c.job.report.Same)) + " alike "})
	}
	out := []string{st.line(width, false, head, right)}
	if status := c.status(st); status != nil {
		for _, l := range wrapWords(status[0].text, width-2) {
			out = append(out, st.line(width, false, []span{{st.text, " "}, {status[0].ink, l}}, nil))
		}
	}
	if height >= 12 {
		out = append(out, st.line(width, false, nil, nil))
	}
	out = out[:min(len(out), height)]
	c.first, c.height = len(out), max(height-len(out), 0)
	if total.sum() > 0 {
		out = append(out, c.rows(st, width, c.height)...)
	}
	for len(out) < height {
		out = append(out, st.line(width, false, nil, nil))
	}
	return out, nil
}

// rows draws those that are in view, the selected one among them.
func (c *compareScene) rows(st *styles, width, height int) []string {
	rows := c.tree.visible()
	at := c.tree.row(c.at)
	c.at = rows[at]
	if at < c.list.top {
		c.list.top = at
	}
	if at >= c.list.top+height {
		c.list.top = at - height + 1
	}
	from, to := c.list.window(len(rows), height)
	out := make([]string, 0, height)
	for i := from; i < to; i++ {
		out = append(out, c.row(st, width, rows[i], i == at))
	}
	return out
}

// row draws one node.
func (c *compareScene) row(st *styles, width int, i int32, selected bool) string {
	n := &c.tree.nodes[i]
	edge := span{st.text, " "}
	if selected {
		edge = span{st.accent, st.bar}
	}
	glyph := "  "
	switch {
	case len(n.kids) > 0 && n.open:
		glyph = st.open + " "
	case len(n.kids) > 0:
		glyph = st.closed + " "
	}
	ink, sign := st.text, "  "
	switch n.sign {
	case signAdded:
		ink, sign = st.good, st.created+" "
	case signRemoved:
		ink, sign = st.bad, st.deleted+" "
	case signChanged:
		ink, sign = st.warn, st.changed+" "
	}
	left := []span{
		edge, {st.text, strings.Repeat(" ", min(2*int(n.depth), width/2))}, {st.dim, glyph}, {ink, sign}, {ink, safetext.Clean(n.name)},
	}
	var right []span
	if n.detail >= 0 {
		right = append(right, span{st.dim, differenceText(c.found[n.detail])})
	}
	var sums []span
	if len(n.kids) > 0 {
		sums = st.tally(n.below)
	}
	if gap := tallyWidth - spansWidth(sums); width >= 80 && gap > 0 {
		right = append(right, span{st.text, strings.Repeat(" ", gap)})
	}
	return st.line(width, selected, left, append(append(right, sums...), span{st.text, " "}))
}

// tallyWidth is the column of the counts where there is room for one.
const tallyWidth = 20

// tally are the counts that are not zero.
func (st *styles) tally(t tally) []span {
	var out []span
	for _, part := range []struct {
		n    int64
		ink  ink
		sign string
	}{{t[signAdded], st.good, st.created}, {t[signRemoved], st.bad, st.deleted}, {t[signChanged], st.warn, st.changed}} {
		if part.n > 0 {
			out = append(out, span{part.ink, " " + part.sign + comma(int(part.n))})
		}
	}
	return out
}

// differenceText is in what a znode differs.
func differenceText(d zkview.Difference) string {
	switch {
	case d.Kind == zkview.DiffAdded && d.After > 0:
		return value.Size(int64(d.After))
	case d.Kind == zkview.DiffRemoved && d.Before > 0:
		return value.Size(int64(d.Before))
	case d.Kind != zkview.DiffChanged:
		return ""
	}
	var what []string
	if d.Data {
		what = append(what, "value "+value.Size(int64(d.Before))+" → "+value.Size(int64(d.After)))
	}
	if d.ACL {
		what = append(what, "ACL")
	}
	if d.Mode {
		what = append(what, "kind")
	}
	return strings.Join(what, ", ")
}
