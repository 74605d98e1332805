package value

import (
	"sort"
	"strings"
	"unicode/utf8"

	"zkdeck/internal/safetext"
)

// View is the way in which a value is shown.
type View uint8

// The views. Pretty is hexadecimal for what is no text. Raw is the text as it is,
// with escapes for what a terminal cannot show.
const (
	Pretty View = iota
	Raw
	Hex
)

// Options say how a value is laid out.
type Options struct {
	View View
	// Limit is how many bytes of the value are laid out as text: DefaultLimit when
	// 0, all when negative. Hexadecimal needs no limit.
	Limit int
	// Plain leaves highlighting out.
	Plain bool
	// ASCII escapes everything beyond ASCII, for terminals without Unicode.
	ASCII bool
}

// Kind is what a span of a line means. The caller maps kinds to its palette.
type Kind uint8

// The kinds. What no span covers is plain text.
const (
	PlainKind   Kind = iota
	KeyKind          // key of an object or property, attribute
	StringKind       // quoted text
	NumberKind       // number
	LiteralKind      // true, false, null, an entity
	PunctKind        // brackets, colons, commas
	CommentKind      // comment, declaration
	TagKind          // XML element, section, YAML anchor
	OffsetKind       // offset of a line of hexadecimal
	ASCIIKind        // right column of hexadecimal
)

// Span says that the bytes Start to End of a line are of a kind.
type Span struct {
	Start, End int
	Kind       Kind
}

// Line is what stands on one row. Text is safe to print and has no line break.
type Line struct {
	Text  string
	Spans []Span // in order, not overlapping
	// Number counts the lines of the document from 1. Continued tells that the row
	// goes on with a line that began on a row above.
	Number    int
	Continued bool
	// More tells that the line goes on to the right of the page.
	More bool
}

// Document is a value laid out in one view. It does not change and may be read by
// several goroutines.
type Document struct {
	// Value is what was laid out.
	Value Value
	// View is how; Hex where a text view was asked for what is no text.
	View View
	// Shown of Total bytes of the value's data are in the document.
	Shown, Total int
	// Plain tells that the end of the text is not highlighted: it is too long, or
	// would have taken too long.
	Plain bool

	text   string  // lines, safe, separated by "\n"
	starts []int32 // where each line starts, and the end of the text plus one
	cells  []int32 // the width of each line
	widest int
	spans  []Span           // over text
	stops  map[int32][]stop // of long lines that are not ASCII
	hex    []byte
}

// stop is a place in a line whose column is known.
type stop struct{ off, cell int }

// stopEvery is the distance of stops, in bytes.
const stopEvery = 2048

// Layout prepares v for reading. It takes some tens of milliseconds for 256 KiB, and
// up to a third of a second more when that much is highlighted (1 ms for a value of
// ordinary size); it is meant for a command.
func Layout(v Value, o Options) *Document {
	d := &Document{Value: v, View: o.View, Total: len(v.Data)}
	if v.Format == Null || v.Format == Empty {
		d.setText("")
		return d
	}
	if o.View == Hex || v.Format == Binary && o.View == Pretty {
		d.View, d.hex, d.Shown = Hex, v.Data, len(v.Data)
		return d
	}
	limit := o.Limit
	switch {
	case limit == 0:
		limit = DefaultLimit
	case limit < 0:
		limit = len(v.Data)
	}
	text, used := form(v, o.View, limit)
	source := len(v.text)
	if v.Format == Binary {
		source = len(v.Data)
	}
	d.Shown = d.Total
	if used < source {
		d.Shown = int(int64(d.Total) * int64(used) / int64(source))
	}
	text = safetext.CleanBlock(strings.TrimSuffix(text, "\n"))
	if o.ASCII {
		text = safetext.ASCII(text)
	}
	d.setText(text)
	if !o.Plain && o.View == Pretty {
		d.spans, d.Plain = highlight(v.Format, d.text)
	}
	return d
}

// form returns the text of v in a view, up to about limit bytes of it, and how
// many bytes were used.
func form(v Value, view View, limit int) (string, int) {
	text := v.text
	if v.Format == Binary {
		text = string(v.Data[:min(len(v.Data), limit)])
		return text, len(text)
	}
	if view == Pretty {
		switch v.Format {
		case JSON:
			return prettyJSON(text, limit)
		case XML:
			return prettyXML(text, limit)
		}
	}
	n := cutAt(text, limit)
	return text[:n], n
}

// cutAt returns n, or a little less where s[:n] would end within a character.
func cutAt(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for k := n; k > 0 && n-k < utf8.UTFMax; k-- {
		if utf8.RuneStart(s[k]) {
			return k
		}
	}
	return n
}

// setText takes the lines and measures them.
func (d *Document) setText(text string) {
	d.text = text
	n := strings.Count(text, "\n") + 1
	d.starts, d.cells = make([]int32, 0, n+1), make([]int32, 0, n)
	for at := 0; at <= len(text); {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i
		}
		line := text[at:end]
		w := safetext.Width(line)
		if w != len(line) && len(line) > 2*stopEvery {
			if d.stops == nil {
				d.stops = map[int32][]stop{}
			}
			d.stops[int32(len(d.cells))] = stopsOf(line)
		}
		d.starts = append(d.starts, int32(at))
		d.cells = append(d.cells, int32(w))
		d.widest = max(d.widest, w)
		at = end + 1
	}
	d.starts = append(d.starts, int32(len(text)+1))
}

// stopsOf returns a stop for about each stopEvery bytes of line.
func stopsOf(line string) []stop {
	var stops []stop
	next := stopEvery
	for off, cell := 0, 0; off < len(line); {
		if off >= next {
			stops = append(stops, stop{off, cell})
			next = off + stopEvery
		}
		n, w := safetext.Next(line[off:])
		off, cell = off+n, cell+w
	}
	return stops
}

// Lines returns how many lines the document has before wrapping. In hexadecimal it
// counts rows of 16 bytes.
func (d *Document) Lines() int {
	if d.View == Hex {
		return (len(d.hex) + 15) / 16
	}
	return len(d.cells)
}

// Line returns line i, counted from 0, at its full length.
func (d *Document) Line(i int) Line {
	if d.View == Hex {
		return hexLine(d.hex, i, 16)
	}
	return d.part(i, 0, d.len(i))
}

// raw returns the text of line i.
func (d *Document) raw(i int) string { return d.text[d.starts[i] : d.starts[i+1]-1] }

func (d *Document) len(i int) int { return int(d.starts[i+1]-d.starts[i]) - 1 }

// ascii tells whether line i has one byte a cell.
func (d *Document) ascii(i int) bool { return int(d.cells[i]) == d.len(i) }

// part returns the bytes from to end of line i with their spans.
func (d *Document) part(i, from, end int) Line {
	base := int(d.starts[i])
	l := Line{Text: d.text[base+from : base+end], Number: i + 1, Continued: from > 0}
	from, end = base+from, base+end
	first := sort.Search(len(d.spans), func(k int) bool { return d.spans[k].End > from })
	for _, s := range d.spans[first:] {
		if s.Start >= end {
			break
		}
		l.Spans = append(l.Spans, Span{max(s.Start, from) - from, min(s.End, end) - from, s.Kind})
	}
	return l
}

// window returns the cells x to x+width of line i. A wide character that is cut by
// the left edge shows as a blank.
func (d *Document) window(i, x, width int) Line {
	n := d.len(i)
	if d.ascii(i) {
		from := min(x, n)
		l := d.part(i, from, min(n, from+width))
		l.Continued, l.More = false, from+width < n
		return l
	}
	line := d.raw(i)
	off, cell := 0, 0
	stops := d.stops[int32(i)]
	if k := sort.Search(len(stops), func(k int) bool { return stops[k].cell > x }); k > 0 {
		off, cell = stops[k-1].off, stops[k-1].cell
	}
	for off < n && cell < x {
		size, w := safetext.Next(line[off:])
		off, cell = off+size, cell+w
	}
	gap := 0
	if off < n {
		gap = min(max(0, cell-x), width)
	}
	size, _ := safetext.Fit(line[off:], width-gap)
	l := d.part(i, off, off+size)
	l.Continued, l.More = false, off+size < n
	if gap > 0 {
		l.Text = strings.Repeat(" ", gap) + l.Text
		for k := range l.Spans {
			l.Spans[k].Start += gap
			l.Spans[k].End += gap
		}
	}
	return l
}
