package safetext_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/safetext"
)

var hostile = []struct{ name, in, clean, line string }{
	{"plain", "brokers", "brokers", "brokers"},
	{"empty", "", "", ""},
	{"escape sequence", "a\x1b[31mb", `a\x1b[31mb`, `a\x1b[31mb`},
	{"title", "\x1b]0;pwned\a", `\x1b]0;pwned\x07`, `\x1b]0;pwned\x07`},
	{"c1 as a rune", "a\u009b31m", `a\u009b31m`, `a\u009b31m`},
	{"c1 as a byte", "a\x9b31m", `a\x9b31m`, `a\x9b31m`},
	{"nul and del", "\x00\x7f", `\x00\x7f`, `\x00\x7f`},
	{"breaks", "a\nb\rc\td", `a\nb\rc\td`, `a\nb\rc d`},
	{"unicode breaks", "a\u2028b\u2029c\u0085", `a\u2028b\u2029c\u0085`, `a\u2028b\u2029c\u0085`},
	{"override", "a\u202egpj.exe", `a\u202egpj.exe`, `a\u202egpj.exe`},
	{"isolates", "\u2066a\u2069\u200e\u061c", `\u2066a\u2069\u200e\u061c`, `\u2066a\u2069\u200e\u061c`},
	{"zero width", "a\u200bb\ufeffc\u00ad", `a\u200bb\ufeffc\u00ad`, `a\u200bb\ufeffc\u00ad`},
	{"fillers", "a\u3164\u2800\u115f", `a\u3164\u2800\u115f`, `a\u3164\u2800\u115f`},
	{"tags", "a\U000e0041", `a\U000e0041`, `a\U000e0041`},
	{"private, unassigned", "\ue000\u0378", `\ue000\u0378`, `\ue000\u0378`},
	{"surrogate bytes", "\xed\xa0\x80", `\xed\xa0\x80`, `\xed\xa0\x80`},
	{"invalid", "a\xffb\xc3", `a\xffb\xc3`, `a\xffb\xc3`},
	{"no-break space", "a\u00a0b", `a\u00a0b`, `a\u00a0b`},
	{"ideographic space", "日\u3000本", `日\u3000本`, "日\u3000本"},
	{"blank ends", " a b ", `\x20a b\x20`, " a b "},
	{"variation", "❤\ufe0f", `❤\ufe0f`, `❤\ufe0f`},
	{"joined emoji", "👩\u200d👩", `👩\u200d👩`, `👩\u200d👩`},
	{"composed", "café", "café", "café"},
	{"decomposed", "cafe\u0301", `cafe\u0301`, "cafe\u0301"},
	{"singleton", "\u212b", `\u212b`, "\u212b"},
	{"mark without base", "\u0301a", `\u0301a`, `\u0301a`},
	{"mark after space", "a \u0308", `a \u0308`, `a \u0308`},
	{"mark after escape", "\x01\u0308", `\x01\u0308`, `\x01\u0308`},
	{"wide", "日本", "日本", "日本"},
	{"backslash", `a\b`, `a\b`, `a\b`},
	{"backslash like an escape", `a\x1b`, `a\\x1b`, `a\x1b`},
	{"backslash before an escape", "\\\x1b", `\\\x1b`, `\\x1b`},
	{"quote", `"a"`, `\"a"`, `"a"`},
}

func TestClean(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			if got := safetext.Clean(c.in); got != c.clean {
				t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.clean)
			}
			if got := safetext.CleanLine(c.in); got != c.line {
				t.Errorf("CleanLine(%q) = %q, want %q", c.in, got, c.line)
			}
			if got := safetext.IsSafe(c.in); got != (c.in == c.clean) {
				t.Errorf("IsSafe(%q) = %v", c.in, got)
			}
			check(t, c.in)
		})
	}
}

func TestZalgoIsBounded(t *testing.T) {
	in := "z" + strings.Repeat("\u0335", 50)
	marks := 0
	for _, r := range safetext.CleanLine(in) {
		if unicode.IsMark(r) {
			marks++
		}
	}
	if marks > 4 {
		t.Errorf("%d marks are left on one base", marks)
	}
}

// Much of what belongs to one cluster must not cost the square of it.
func TestLongClustersAreLinear(t *testing.T) {
	for _, unit := range []string{"\u0335", "\u1161", "\u1100", "\u200d👩", "🇩", "\u0600", "\ufe0f", "\xff", "\u0e33", "\t"} {
		in := "z각" + strings.Repeat(unit, 60_000/len(unit))
		start := time.Now()
		safetext.Truncate(safetext.CleanBlock(in), 80)
		safetext.Width(safetext.Clean(in))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("60 kB of %q took %v", unit, took)
		}
	}
}

func TestCleanBlock(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb":             "a\nb",
		"a\r\nb\rc":        "a\nb\\rc",
		"\tx\n12\ty\n日\tz": "    x\n12  y\n日  z",
		"a\x1b[2J\nb":      "a\\x1b[2J\nb",
		"a\v\f":            `a\x0b\x0c`,
	} {
		if got := safetext.CleanBlock(in); got != want {
			t.Errorf("CleanBlock(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestASCII(t *testing.T) {
	if got := safetext.ASCII(safetext.Clean("é日\x1b😀")); got != `\u00e9\u65e5\x1b\U0001f600` {
		t.Errorf("got %s", got)
	}
}

func TestQuote(t *testing.T) {
	for _, c := range hostile {
		q := safetext.Quote(c.in)
		got, err := safetext.Unquote(q)
		if err != nil || got != c.in {
			t.Errorf("Unquote(%s) = %q, %v, want %q", q, got, err, c.in)
		}
		if got, err := strconv.Unquote(q); err != nil || got != c.in {
			t.Errorf("strconv.Unquote(%s) = %q, %v, want %q", q, got, err, c.in)
		}
	}
	if got := safetext.Quote(`say "hi" \ x`); got != `"say \"hi\" \\ x"` {
		t.Errorf("got %s", got)
	}
}

func TestUnquoteErrors(t *testing.T) {
	for _, s := range []string{`\x1`, `\u12`, `\U00110000`, `\ud800`, `"a\"`, `"a"b"`, `"\q"`} {
		if got, err := safetext.Unquote(s); err == nil {
			t.Errorf("Unquote(%s) = %q, want an error", s, got)
		}
	}
	if got, err := safetext.Unquote(`a\b\`); err != nil || got != `a\b\` {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTruncate(t *testing.T) {
	cases := []struct {
		how, in string
		width   int
		want    string
	}{
		{"right", "brokers", 7, "brokers"},
		{"right", "brokers", 6, "broke…"},
		{"right", "brokers", 1, "…"},
		{"right", "brokers", 0, ""},
		{"right", "日本語", 4, "日…"},
		{"right", "日本語", 5, "日本…"},
		{"right", "cafe\u0301s", 4, "caf…"},
		{"right", `ab\u202ecd`, 6, "ab…"},
		{"right", "the server said no", 12, "the server…"},
		{"right", "a verylongwordindeed", 12, "a verylongw…"},
		{"left", "/a/brokers", 5, "…kers"},
		{"left", "日本語", 4, "…語"},
		{"middle", "/kafka/brokers/ids/3", 14, "/kafka/…/ids/3"},
		{"middle", "/kafka/brokers/topics/orders", 20, "/kafka/broke…/orders"},
		{"middle", "abcdefghij", 5, "a…hij"},
	}
	how := map[string]func(string, int) string{
		"right": safetext.Truncate, "left": safetext.TruncateLeft, "middle": safetext.TruncateMiddle,
	}
	for _, c := range cases {
		got := how[c.how](c.in, c.width)
		if got != c.want {
			t.Errorf("%s %q to %d = %q, want %q", c.how, c.in, c.width, got, c.want)
		}
		if w := safetext.Width(got); w > c.width {
			t.Errorf("%q takes %d cells of %d", got, w, c.width)
		}
	}
	if got := safetext.ASCIIDots.Truncate("brokers", 4); got != "bro~" {
		t.Errorf("got %q", got)
	}
}

func TestPad(t *testing.T) {
	for in, want := range map[string]string{"日": "日  ", "abcdef": "abc…", "": "    "} {
		if got := safetext.Pad(in, 4); got != want {
			t.Errorf("Pad(%q) = %q, want %q", in, got, want)
		}
	}
	if got := safetext.PadLeft("12", 4); got != "  12" {
		t.Errorf("got %q", got)
	}
}

// check holds what every result must obey.
func check(t *testing.T, in string) {
	t.Helper()
	for _, out := range []string{
		safetext.Clean(in), safetext.CleanLine(in), safetext.Quote(in), safetext.ASCII(safetext.Clean(in)),
	} {
		safe(t, in, out)
		for _, w := range []int{0, 1, 3, 8} {
			for _, cut := range []string{
				safetext.Truncate(out, w), safetext.TruncateLeft(out, w), safetext.TruncateMiddle(out, w), safetext.Pad(out, w),
			} {
				if got := ansi.StringWidth(cut); got > w {
					t.Fatalf("%q cut to %d is %q of %d cells", out, w, cut, got)
				}
			}
		}
	}
	for _, line := range strings.Split(safetext.CleanBlock(in), "\n") {
		safe(t, in, line)
	}
	for _, form := range []string{safetext.Clean(in), safetext.Quote(in), safetext.ASCII(safetext.Clean(in))} {
		if back, err := safetext.Unquote(form); err != nil || back != in {
			t.Fatalf("%q became %q and back %q, %v", in, form, back, err)
		}
	}
}

func safe(t *testing.T, in, out string) {
	t.Helper()
	for i, r := range out {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) ||
			r == unicode.ReplacementChar && !strings.HasPrefix(out[i:], "\uFFFD") {
			t.Fatalf("%q became %q with %U", in, out, r)
		}
	}
	w := safetext.Width(out)
	if w != ansi.StringWidth(out) || w != ansi.StringWidthWc(out) {
		t.Fatalf("%q: width %d, by graphemes %d, by wcwidth %d", out, w, ansi.StringWidth(out), ansi.StringWidthWc(out))
	}
}

func FuzzClean(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.in)
	}
	f.Add("🇩🇪🇩👍🏽1\ufe0f\u20e3각\u1100\u1161\u11a8ก็ำ\u0d4ea\u0600b\u0c95\u0ccd\u200d\u0cb7")
	f.Fuzz(check)
}

func TestPlainTextIsNotCopied(t *testing.T) {
	s := "an-ordinary_name-0000000001"
	n := testing.AllocsPerRun(100, func() {
		_ = safetext.Clean(s)
		_ = safetext.CleanLine(s)
		_ = safetext.Width(s)
		_ = safetext.Truncate(s, 40)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkClean(b *testing.B) {
	for name, s := range map[string]string{
		"ascii": "an-ordinary_name-0000000001", "wide": "注文サービス-0000000001", "hostile": "a\x1b[31m\u202eb\xff",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				safetext.Clean(s)
			}
		})
	}
}

func BenchmarkCleanBlock1MB(b *testing.B) {
	for name, s := range map[string]string{
		"ascii": strings.Repeat("key = value\n", 1<<20/12), "wide": strings.Repeat("注文サービス\n", 1<<20/19),
		"bytes": strings.Repeat("\xff\x00\x1b\n", 1<<18),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				safetext.CleanBlock(s)
			}
		})
	}
}
