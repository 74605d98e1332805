package value_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"zkdeck/tui/value"
)

func pack(t testing.TB, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// text returns all lines of a document.
func text(d *value.Document) string {
	var b strings.Builder
	for i := range d.Lines() {
		b.WriteString(d.Line(i).Text + "\n")
	}
	return b.String()
}

// checkLine holds what every line must obey: no control, spans within and in order.
func checkLine(t *testing.T, l value.Line) {
	t.Helper()
	for _, r := range l.Text {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x2028 || r == 0xfeff {
			t.Fatalf("%U in line %q", r, l.Text)
		}
	}
	at := 0
	for _, s := range l.Spans {
		if s.Start < at || s.End < s.Start || s.End > len(l.Text) {
			t.Fatalf("span %v after %d in %q", s, at, l.Text)
		}
		at = s.End
	}
}

// checkPages reads a document in all ways at a width.
func checkPages(t *testing.T, d *value.Document, width int) {
	t.Helper()
	for _, wrap := range []bool{false, true} {
		p := d.Page(width, wrap)
		for _, x := range []int{0, 1, p.MaxX() / 2, p.MaxX()} {
			rows := p.Rows(0, min(p.Len(), 400), x)
			if len(rows) != min(p.Len(), 400) {
				t.Fatalf("%d rows of %d", len(rows), p.Len())
			}
			for _, l := range rows {
				checkLine(t, l)
				if w := ansi.StringWidth(l.Text); w > max(width, 2) && d.View != value.Hex {
					t.Fatalf("row %q takes %d cells of %d", l.Text, w, width)
				}
			}
		}
		if wrap && d.View != value.Hex && p.Len() < 2000 {
			var b strings.Builder
			for i, l := range p.Rows(0, p.Len(), 0) {
				if !l.Continued && i > 0 {
					b.WriteByte('\n')
				}
				b.WriteString(l.Text)
			}
			if b.String()+"\n" != text(d) {
				t.Fatalf("wrapping to %d changed\n%s\nto\n%s", width, text(d), b.String())
			}
		}
	}
}
