package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/dustin/go-humanize"

	"zkdeck/tui/value"
)

// valueView shows the value of a znode. Recognising and laying out run in
// commands; what is drawn are the rows of a page.
type valueView struct {
	data    []byte
	have    bool // data is the whole value
	held    bool // the value is large and waits to be loaded
	stale   bool // the znode is gone since; the value is the last that was seen
	loading bool
	got     int64
	size    int64

	style value.View
	wrap  bool
	doc   *value.Document
	page  *value.Page
	wide  int // the width that page was broken for
	x     int // columns scrolled sideways
	gen   int // stale layouts are dropped by it
}

// take keeps a new value and returns the command that lays it out. The old one
// stays on screen until then.
func (v *valueView) take(path string, data []byte) tea.Cmd {
	v.data, v.have, v.held, v.stale = data, true, false, false
	return v.layOut(path)
}

// layOut recognises and lays out the value aside.
func (v *valueView) layOut(path string) tea.Cmd {
	if !v.have {
		return nil
	}
	v.gen++
	gen, data, style := v.gen, v.data, v.style
	limit := 0
	if len(data) > value.DefaultLimit {
		limit = -1 // it is here because the person asked for all of it
	}
	return func() tea.Msg {
		doc := value.Layout(value.Recognise(data), value.Options{View: style, Limit: limit})
		return valueReadyMsg{gen: gen, path: path, doc: doc}
	}
}

// nextStyle goes from pretty to raw to hex.
func (v *valueView) nextStyle(path string) tea.Cmd {
	v.style = (v.style + 1) % (value.Hex + 1)
	return v.layOut(path)
}

// valueReady takes a layout unless a newer one was asked for since.
func (d *detail) valueReady(msg valueReadyMsg) {
	if msg.gen != d.val.gen || msg.path != d.path {
		return
	}
	d.val.doc, d.val.page = msg.doc, nil
}

// pan scrolls sideways and tells whether that changed anything.
func (v *valueView) pan(by int) bool {
	if v.page == nil {
		return false
	}
	x := min(max(v.x+by, 0), v.page.MaxX())
	changed := x != v.x
	v.x = x
	return changed
}

// about describes the value in the corner of the tabs.
func (v *valueView) about() string {
	switch {
	case v.loading && v.size > 0:
		return fmt.Sprintf("loading %s of %s", value.Size(v.got), value.Size(v.size))
	case v.loading:
		return "loading"
	case v.doc == nil:
		return ""
	case v.doc.View == value.Raw:
		return "raw"
	case v.doc.View == value.Hex:
		return "hex"
	}
	return ""
}

// valueLines draws the rows of the value in view, and below them what it is.
func (d *detail) valueLines(st *styles, width, height int) []string {
	v := &d.val
	note := d.valueNote(st)
	switch {
	case v.held && !v.loading:
		return d.window(st, width, height, [][]span{
			{{st.warn, " The value is " + value.Size(int64(d.stat.DataLength)) + " and is not loaded."}},
			{{st.dim, " It is read only when you ask for it: "}, {st.accent, "o"}, {st.dim, " loads it, esc stops that."}},
		})
	case v.loading:
		return d.window(st, width, height, [][]span{{{st.dim, " " + v.about() + " " + st.ellipsis + "  esc stops"}}})
	case v.doc == nil:
		return d.window(st, width, height, [][]span{{{st.dim, " loading " + st.ellipsis}}})
	}
	room := max(height-2, 1)
	if v.page == nil || v.wide != width-1 {
		v.page, v.wide = v.doc.Page(width-1, v.wrap), width-1
	}
	d.lines = v.page.Len() + 2
	from := min(d.offset[tabValue], max(v.page.Len()-room, 0))
	d.offset[tabValue] = from
	out := make([]string, 0, height)
	for _, l := range v.page.Rows(from, from+room, v.x) {
		spans := st.valueSpans(l)
		if l.More { // one cell more than there is room for, so that an ellipsis shows
			spans = append(spans, span{st.dim, strings.Repeat(" ", max(width-spansWidth(spans), 0)+1)})
		}
		out = append(out, st.line(width, false, spans, nil))
	}
	if v.doc.Value.Format == value.Empty || v.doc.Value.Format == value.Null {
		out = append(out[:0], st.line(width, false, []span{{st.dim, " no data"}}, nil))
	}
	for len(out) < room {
		out = append(out, st.line(width, false, nil, nil))
	}
	if height < 3 {
		return out
	}
	right := ""
	if n := v.page.Len(); n > room {
		right = fmt.Sprintf("%s-%s of %s ", comma(from+1), comma(min(from+room, n)), comma(n))
	}
	return append(out, st.line(width, false, nil, nil), st.line(width, false, note, []span{{st.dim, right}}))
}

func comma(n int) string { return humanize.Comma(int64(n)) }

// valueNote says what the value is, how big, and which version.
func (d *detail) valueNote(st *styles) []span {
	if d.val.doc == nil {
		return nil
	}
	text := fmt.Sprintf(" %s · v%d", d.val.doc.Describe(), d.stat.Version)
	out := []span{{st.dim, text}}
	if d.val.stale {
		out = append(out, span{st.warn, " · as last seen"})
	}
	return out
}

// valueSpans turns a line of a document into spans of the palette.
func (st *styles) valueSpans(l value.Line) []span {
	out := make([]span, 0, 2*len(l.Spans)+2)
	out = append(out, span{st.text, " "})
	at := 0
	for _, s := range l.Spans {
		if s.Start > at {
			out = append(out, span{st.text, l.Text[at:s.Start]})
		}
		out = append(out, span{st.kindInk(s.Kind), l.Text[s.Start:s.End]})
		at = s.End
	}
	if at < len(l.Text) {
		out = append(out, span{st.text, l.Text[at:]})
	}
	return out
}

// kindInk maps what a span means onto the palette: keys stand out, punctuation
// recedes, and warn and bad are left to what they mean elsewhere.
func (st *styles) kindInk(k value.Kind) ink {
	switch k {
	case value.KeyKind, value.TagKind:
		return st.accent
	case value.StringKind:
		return st.text
	case value.NumberKind, value.LiteralKind:
		return st.good
	case value.PunctKind, value.CommentKind, value.OffsetKind:
		return st.dim
	default:
		return st.text
	}
}
