package value_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"zkdeck/tui/value"
)

func FuzzRecognise(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2,{"b":null}],"c":"\u202e"}`, "<a k='v'><!-- x --><b/>t</a>", "a: 1\nb:\n  - c\n", "k=v\n# c\n",
		"\xff\xfea\x00", "\x1f\x8b\x08", "caf\xe9", "日本\u202e語\t\x1b[2J", "\xac\xed\x00\x05", "[[[[", "{\"a\":[{},[]",
	} {
		f.Add([]byte(s))
	}
	f.Add(pack(f, `{"a":"b"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := value.Recognise(data)
		for _, o := range []value.Options{{}, {View: value.Raw}, {View: value.Hex}, {Limit: 7}} {
			d := value.Layout(v, o)
			for i := range d.Lines() {
				checkLine(t, d.Line(i))
			}
			for _, width := range []int{1, 2, 9, 80} {
				checkPages(t, d, width)
			}
			checkContent(t, v, d)
			if d.Describe() == "" || d.Shown > d.Total {
				t.Fatalf("%q: %d of %d", d.Describe(), d.Shown, d.Total)
			}
		}
	})
}

// checkContent holds that printing moves blanks only.
func checkContent(t *testing.T, v value.Value, d *value.Document) {
	t.Helper()
	if v.Gzip || d.View != value.Pretty || d.Shown < d.Total || v.Encoding != value.UTF8 {
		return
	}
	for _, b := range v.Data {
		if b > 0x7e || b < 0x20 && b != '\n' && b != ' ' {
			return // escaped
		}
	}
	squeeze := strings.NewReplacer(" ", "", "\n", "")
	if got, want := squeeze.Replace(text(d)), squeeze.Replace(string(v.Data)); got != want {
		t.Fatalf("%q became %q", want, got)
	}
	var old, printed bytes.Buffer
	if v.Format == value.JSON && json.Compact(&old, v.Data) == nil {
		if err := json.Compact(&printed, []byte(text(d))); err != nil || old.String() != printed.String() {
			t.Fatalf("%s became %s, %v", old.String(), printed.String(), err)
		}
	}
}

// big returns values of a megabyte, friendly and hostile.
func big(tb testing.TB) map[string][]byte {
	rep := func(s string) []byte { return []byte(strings.Repeat(s, 1<<20/len(s))) }
	return map[string][]byte{
		"json":          []byte("[" + string(rep(`{"host":"10.0.0.3","port":9092,"up":true},`)) + "{}]"),
		"json-line":     []byte(`{"a":"` + string(rep("x")) + `"}`),
		"json-deep":     []byte(strings.Repeat("[", 9000) + string(rep("1,")) + "1" + strings.Repeat("]", 9000)),
		"json-open":     rep("["),
		"json-wide":     []byte(`["` + string(rep("日本")) + `"]`),
		"xml":           []byte("<a>" + string(rep(`<b k="v">text</b>`)) + "</a>"),
		"xml-deep":      []byte(string(rep("<a>"))),
		"xml-attr":      []byte("<a " + string(rep("a ")) + "/>"),
		"yaml":          []byte("a: 1\nb:\n" + string(rep("  - name: some text here # c\n"))),
		"yaml-line":     []byte("a: 1\nb: " + string(rep("x y "))),
		"properties":    rep("a.b.c = some value\n"),
		"text":          rep("some ordinary words of text\n"),
		"text-line":     rep("some ordinary words of text "),
		"text-wide":     rep("日本語"),
		"zalgo":         append([]byte("z"), rep("\u0335")...),
		"lines":         rep("\n"),
		"escapes":       rep("ab\x1b[31mcdef "),
		"binary":        rep("\x00\xff"),
		"quotes":        []byte("a: 1\nb: " + string(rep("\"x'"))),
		"gzip":          pack(tb, string(rep("0123456789abcdef\n"))),
		"latin1":        rep("caf\xe9 au lait "),
		"yaml-brackets": []byte("a: 1\nb: " + string(rep("[{"))),
	}
}

func TestBigIsBounded(t *testing.T) {
	for name, data := range big(t) {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			v := value.Recognise(data)
			recognised := time.Since(start)
			d := value.Layout(v, value.Options{})
			laid := time.Since(start) - recognised
			all := value.Layout(v, value.Options{Limit: -1, Plain: true})
			took := time.Since(start)
			t.Logf("%s: recognised in %v, laid out in %v, all of it in %v", d.Describe(), recognised, laid, took-recognised-laid)
			if took > time.Minute {
				t.Errorf("took %v", took)
			}
			for _, p := range []*value.Page{d.Page(80, true), d.Page(80, false), all.Page(80, true), all.Page(80, false)} {
				for _, l := range p.Rows(p.Len()-60, p.Len(), p.MaxX()/2) {
					checkLine(t, l)
				}
			}
		})
	}
}

func BenchmarkRecogniseLayout1MB(b *testing.B) {
	for name, data := range big(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				value.Layout(value.Recognise(data), value.Options{})
			}
		})
	}
}

// BenchmarkFrame1MB draws sixty rows from the middle of a whole megabyte.
func BenchmarkFrame1MB(b *testing.B) {
	for name, data := range big(b) {
		d := value.Layout(value.Recognise(data), value.Options{Limit: -1})
		for how, wrap := range map[string]bool{"wrap": true, "scroll": false} {
			b.Run(name+"/"+how, func(b *testing.B) {
				p := d.Page(120, wrap)
				b.ReportAllocs()
				for b.Loop() {
					p.Rows(p.Len()/2, p.Len()/2+60, p.MaxX()/2)
				}
			})
		}
	}
}

func BenchmarkDiff1MB(b *testing.B) {
	old := []byte(strings.Repeat("some ordinary words of text\n", 1<<20/28))
	changed := []byte(strings.Replace(string(old), "ordinary", "changed", 1000))
	for b.Loop() {
		value.Diff(old, changed)
	}
}
