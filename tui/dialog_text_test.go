package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestTextBoxKeepsEveryByte(t *testing.T) {
	for _, text := range []string{
		"", "\n", "a", "a\n", "a\r\nb\r\n", "a\r\nb", "a\nb\r\nc", "\r", "a\rb\n", "\ttab\n", "\ufeffbom\n", "\x1b[2J\n\n\n",
	} {
		if got := newTextBox(true, text).text(); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	b := newTextBox(true, "a\r\nb")
	for _, m := range []tea.Msg{press("end"), press("enter"), press("x"), tea.PasteMsg{Content: "1\r2\r\n3\n"}} {
		if _, err := b.update(m); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.text(), "a\r\nx1\r\n2\r\n3\r\n\r\nb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTextBoxAgainstModel compares the box with a plain string and an index.
func TestTextBoxAgainstModel(t *testing.T) {
	alphabet := []string{"a", "b ", "漢", "e\u0301", "👩‍👩‍👧", "\t", "\n", "\x1b", "\r", "long words here"}
	keys := []string{"left", "right", "home", "end", "backspace", "delete", "up", "down", "pgup", "pgdown", "ctrl+k", "ctrl+u", "ctrl+w", "alt+f", "enter"}
	rapid.Check(t, func(t *rapid.T) {
		start := strings.Join(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 30).Draw(t, "text"), "")
		b := newTextBox(true, start)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			w, h := rapid.IntRange(2, 30).Draw(t, "w"), rapid.IntRange(1, 6).Draw(t, "h")
			lines, cursor := b.render(testStyles(), w, h, true)
			for _, l := range lines {
				if got := ansi.StringWidth(l); got != w {
					t.Fatalf("a line takes %d cells of %d: %q", got, w, l)
				}
			}
			if cursor == nil || cursor.X >= w || cursor.Y >= h {
				t.Fatalf("the cursor is out of sight: %v at %dx%d, row %d col %d of %q", cursor, w, h, b.row, b.col, b.lines)
			}
			before := b.text()
			at := offset(b)
			if rapid.Bool().Draw(t, "type") {
				text := strings.ReplaceAll(rapid.SampledFrom(alphabet).Draw(t, "put"), "\r", "")
				if err := b.insert(text); err != nil {
					t.Fatal(err)
				}
				if b.crlf {
					text = strings.ReplaceAll(text, "\n", "\r\n")
				}
				if got, want := b.text(), before[:at]+text+before[at:]; got != want {
					t.Fatalf("typing %q at %d of %q made %q", text, at, before, got)
				}
				continue
			}
			k := rapid.SampledFrom(keys).Draw(t, "key")
			if _, err := b.update(press(k)); err != nil {
				t.Fatal(err)
			}
			switch now := offset(b); k {
			case "backspace", "ctrl+u", "ctrl+w":
				if b.text() != before[:now]+before[at:] {
					t.Fatalf("%s at %d of %q made %q", k, at, before, b.text())
				}
			case "delete", "ctrl+k":
				if now != at || !strings.HasPrefix(b.text(), before[:at]) || !strings.HasSuffix(before, b.text()[at:]) {
					t.Fatalf("%s at %d of %q made %q", k, at, before, b.text())
				}
			case "enter":
			default:
				if b.text() != before {
					t.Fatalf("%s changed the text", k)
				}
			}
			if b.size != len(b.text()) {
				t.Fatalf("size %d of %d bytes", b.size, len(b.text()))
			}
		}
	})
}

// offset is the byte of the whole text at which the cursor is.
func offset(b *textBox) int {
	n := b.col
	for _, l := range b.lines[:b.row] {
		n += len(l) + 1 + boolInt(b.crlf)
	}
	return n
}

func TestTextBoxRefusesWhatDoesNotFit(t *testing.T) {
	b := newTextBox(true, "")
	begin := time.Now()
	if _, err := b.update(tea.PasteMsg{Content: strings.Repeat("x", 1<<20)}); err == nil || b.text() != "" {
		t.Errorf("a megabyte was taken (%v)", err)
	}
	if _, err := b.update(tea.PasteMsg{Content: "\xff"}); err == nil {
		t.Error("a paste that is not UTF-8 was taken")
	}
	if _, err := b.update(tea.PasteMsg{Content: strings.Repeat("é一", inlineLimit/5)}); err != nil {
		t.Error(err)
	}
	_, _ = b.update(press("end"))
	b.render(testStyles(), 80, 20, true)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// BenchmarkTextBoxLongLine is a key and a frame in the worst text that is taken:
// one line of wide characters.
func BenchmarkTextBoxLongLine(b *testing.B) {
	for _, kind := range []struct{ name, text string }{
		{"ascii", strings.Repeat("x", inlineLimit-8000)},
		{"wide", strings.Repeat("一", (inlineLimit-8000)/3)},
		{"lines", strings.Repeat("key=value\n", (inlineLimit-8000)/10)},
	} {
		b.Run(kind.name, func(b *testing.B) {
			box := newTextBox(true, kind.text)
			_, _ = box.update(press("end"))
			_, _ = box.update(press("ctrl+end"))
			st := testStyles()
			for b.Loop() {
				_, _ = box.update(press("x"))
				box.render(st, 120, 40, true)
				_, _ = box.update(press("backspace"))
			}
		})
	}
}
