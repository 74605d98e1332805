package tui

import (
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"zkdeck/internal/safetext"
)

// Every line is exactly as wide as it was asked to be, whatever it holds: one
// cell more and the terminal wraps, one less and the divider jumps.
func TestLineHasItsWidth(t *testing.T) {
	st := testStyles()
	text := rapid.Custom(func(t *rapid.T) string { return safetext.Clean(rapid.String().Draw(t, "text")) })
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 200).Draw(t, "width")
		spans := func(name string) []span {
			var out []span
			for _, s := range rapid.SliceOfN(text, 0, 5).Draw(t, name) {
				out = append(out, span{st.text, s})
			}
			return out
		}
		got := st.line(width, rapid.Bool().Draw(t, "selected"), spans("left"), spans("right"))
		if w := ansi.StringWidth(got); w != width {
			t.Fatalf("line of %d cells has %d: %q", width, w, got)
		}
	})
}

func TestLineKeepsTheRightPart(t *testing.T) {
	st := testStyles()
	for _, tt := range []struct {
		name        string
		width       int
		left, right string
		want        string
	}{
		{"both fit", 20, "name", "212 B", "name           212 B"},
		{"left is cut", 12, "a-long-name", "212 B", "a-lon… 212 B"},
		{"exactly full", 10, "name", "212 B", "name 212 B"},
		{"right alone is wider", 4, "name", "212 B", "name"},
		{"nothing", 3, "", "", "   "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ansi.Strip(st.line(tt.width, false, []span{{st.text, tt.left}}, []span{{st.dim, tt.right}}))
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
