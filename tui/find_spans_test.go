package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"pgregory.net/rapid"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// litText draws marked spans in brackets.
func litText(spans []span, lit ink) string {
	var b strings.Builder
	for _, s := range spans {
		if s.ink == lit {
			b.WriteString("[" + s.text + "]")
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

func TestPathSpans(t *testing.T) {
	t.Parallel()
	st := newStyles(colorprofile.TrueColor, true, false)
	at := func(path, part string) []zkview.Span {
		i := strings.Index(path, part)
		return []zkview.Span{{From: i, To: i + len(part)}}
	}
	for _, c := range []struct {
		path, part string
		room       int
		want       string
	}{
		{"/kafka/topic-a", "topic", 40, "/kafka/[topic]-a"},
		{"/kafka/topic-a", "/kafka", 40, "[/kafka]/topic-a"},
		{"/a\x1b[31mred", "red", 40, `/a\x1b[31m[red]`},
		{"/a\x1b[31mred", "\x1b[31m", 40, `/a[\x1b[31m]red`},
		{"/a\nb", "\n", 40, `/a[\n]b`},
		{`/a\x41`, `\x`, 40, `/a[\\x]41`},
		{`/C:\dir`, `\d`, 40, `/C:[\d]ir`},
		{"/\u202eevil", "\u202e", 40, `/[\u202e]evil`},
		{"/\U000e0001x", "x", 40, `/\U000e0001[x]`},
		{"/e\u0301t\u00e9", "t", 40, `/e\u0301[t]é`},
		{"/日本語/x", "本", 40, "/日[本]語/x"},
		{"/日本語/x", "\x9c", 40, "/日[本]語/x"}, // a part of a character lights it all
		{"/👩\u200d🚀/ship", "ship", 40, strings.Replace(safetext.Clean("/👩\u200d🚀/ship"), "ship", "[ship]", 1)},
		{"/bad\xffbytes", "\xff", 40, `/bad[\xff]bytes`},
		{"/ends ", " ", 40, `/ends[\x20]`},
		{"/kafka/topic-a", "topic", 9, "…/[topic]-a"},
		{"/kafka/topic-a", "kafka", 9, "[…]/topic-a"},
		{"/a\x1bb", "b", 3, "…[b]"},
		{"/abc", "b", 1, "[…]"},
	} {
		got := litText(st.pathSpans(c.path, at(c.path, c.part), c.room, st.text, st.title), st.title)
		if got != c.want {
			t.Errorf("%q of %q in %d: %s, want %s", c.part, c.path, c.room, got, c.want)
		}
	}
}

func TestPathSpansOfLongPaths(t *testing.T) {
	t.Parallel()
	st := newStyles(colorprofile.TrueColor, true, false)
	path := "/" + strings.Repeat("日", maxDrawnPath) + "/end"
	got := litText(st.pathSpans(path, []zkview.Span{{From: 0, To: 4}, {From: len(path) - 3, To: len(path)}}, 10, st.text, st.title), st.title)
	if want := "[…]日日/[end]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A cleaned path is that of safetext, whatever is marked in it, and each byte that
// is marked is in a piece that is.
func TestPathPiecesProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + rapid.StringOf(rapid.RuneFrom([]rune("a/b\\x41u\"n \x1b\t\u0301\u200d\u202e日👩🇩🇪é\u00ad"))).Draw(t, "path") +
			string(rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "bytes"))
		from := rapid.IntRange(0, len(path)).Draw(t, "from")
		marks := []zkview.Span{{From: from, To: rapid.IntRange(from, len(path)).Draw(t, "to")}}
		var clean, raw strings.Builder
		for _, p := range pathPieces(path, marks) {
			at := raw.Len()
			if p.text[0] == '\\' && len(p.text) > 1 {
				text, err := safetext.Unquote(p.text)
				if err != nil {
					t.Fatal(err)
				}
				raw.WriteString(text)
			} else {
				raw.WriteString(p.text)
			}
			if touches := at < marks[0].To && raw.Len() > marks[0].From; touches != p.marked {
				t.Fatalf("piece %q at %d is marked: %v", p.text, at, p.marked)
			}
			clean.WriteString(p.text)
		}
		if raw.String() != path || clean.String() != safetext.Clean(path) {
			t.Fatalf("%q became %q, of %q", path, clean.String(), raw.String())
		}
	})
}

func TestSnippetSpans(t *testing.T) {
	t.Parallel()
	st := newStyles(colorprofile.TrueColor, true, false)
	text := "a\tb\x1b[31m日 end"
	for room, want := range map[int]string{
		40: `a   [b]\x1b[31m[日] end`,
		19: `a   [b]\x1b[31m[日] end`,
		18: `a   [b]\x1b[31m[日] e…`,
		6:  `a   [b]…`,
		5:  `…[b]…`,
		1:  `…`,
	} {
		got := litText(st.snippetSpans(text, []zkview.Span{{From: 2, To: 3}, {From: 8, To: 9}}, room, st.dim, st.title), st.title)
		if got != want {
			t.Errorf("in %d cells: %s, want %s", room, got, want)
		}
	}
	long := strings.Repeat("before ", 9) + "match" + strings.Repeat(" after", 9)
	got := litText(st.snippetSpans(long, []zkview.Span{{From: 63, To: 68}}, 24, st.dim, st.title), st.title)
	if want := "…before [match] after aft…"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
