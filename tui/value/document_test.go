package value_test

import (
	"strings"
	"testing"

	"zkdeck/tui/value"
)

func pretty(data string) string {
	return text(value.Layout(value.Recognise([]byte(data)), value.Options{}))
}

func TestPretty(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{
			"json", `{"endpoints":["PLAINTEXT://10.0.0.3:9092"],"n":12345678901234567890.10,"b":{},"a":[ ],"c":[1,[2]],"s":"x: {,}\""}`,
			`{
  "endpoints": ["PLAINTEXT://10.0.0.3:9092"],
  "n": 12345678901234567890.10,
  "b": {},
  "a": [],
  "c": [
    1,
    [2]
  ],
  "s": "x: {,}\""
}
`,
		},
		{"json escapes stay", `["\u202e\u001b"]`, `["\u202e\u001b"]` + "\n"},
		{"json with an override", "[\"a\u202eb\"]", `["a\u202eb"]` + "\n"},
		{"xml", `<?xml version="1.0"?><a x="1"><b>te  xt <i>x</i></b><c/><d></d><!-- n --></a>`, `<?xml version="1.0"?>
<a x="1">
  <b>te  xt <i>x</i></b>
  <c/>
  <d></d>
  <!-- n -->
</a>
`},
		{"xml indented already", "<a>\n <b>1</b>\n\n <b>2</b>\n</a>\n", "<a>\n  <b>1</b>\n  <b>2</b>\n</a>\n"},
		{"xml preserved", `<a xml:space="preserve"> <b/> </a>`, `<a xml:space="preserve"> <b/> </a>` + "\n"},
		{"xml cdata", `<a><b><![CDATA[<x> ]]></b></a>`, "<a>\n  <b><![CDATA[<x> ]]></b>\n</a>\n"},
		{"yaml as it is", "a:  1\nb: [1,\n  2]\n", "a:  1\nb: [1,\n  2]\n"},
		{"text with escapes", "a\x1b[31m\tb\r\nc\u200b", "a\\x1b[31m   b\nc\\u200b\n"},
		{"binary", "\x00\x01AB\xff", "00000000  00 01 41 42 ff                                    ..AB.\n"},
		{"empty", "", "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := pretty(c.in); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestHighlight(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"json", `{"a":"b","n":-1.5e3,"t":true}`, `{ | key:"a" punct:: string:"b" punct:, | key:"n" punct:: number:-1.5e3 punct:, | key:"t" punct:: literal:true | }`},
		{"yaml", "# c\na: 12\nb c: x\n", ""},
		{"yaml keys", "# c\na: 12\nlist:\n  - x: true\n", "comment:# c | key:a punct:: number:12 | key:list punct:: | punct:- key:x punct:: literal:true"},
		{"xml", `<a k="v">t&amp;<!-- c --></a>`, `tag:<a key:k punct:= string:"v" tag:> literal:&amp; comment:<!-- c --> tag:</a>`},
		{"properties", "! c\n[s]\na.b = 12\nc=x=y\n", "comment:! c | tag:[s] | key:a.b punct:=  number:12 | key:c punct:= string:x=y"},
		{"text", "true 12", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := value.Layout(value.Recognise([]byte(c.in)), value.Options{})
			want := strings.ReplaceAll(strings.ReplaceAll(c.want, "{ |", "punct:{ |"), "| }", "| punct:}")
			if got := spans(d); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// spans writes the spans of a document as kind:text, lines apart by bars.
func spans(d *value.Document) string {
	names := map[value.Kind]string{
		value.KeyKind: "key", value.StringKind: "string", value.NumberKind: "number", value.LiteralKind: "literal",
		value.PunctKind: "punct", value.CommentKind: "comment", value.TagKind: "tag",
	}
	var lines []string
	for i := range d.Lines() {
		l := d.Line(i)
		var parts []string
		for _, s := range l.Spans {
			parts = append(parts, names[s.Kind]+":"+l.Text[s.Start:s.End])
		}
		if len(parts) > 0 {
			lines = append(lines, strings.Join(parts, " "))
		}
	}
	return strings.Join(lines, " | ")
}

func TestHexRows(t *testing.T) {
	d := value.Layout(value.Recognise([]byte("0123456789abcdefXY\x1b")), value.Options{View: value.Hex})
	p := d.Page(80, false)
	got := p.Rows(0, 9, 0)
	if len(got) != 2 || got[0].Text != "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef" ||
		!strings.HasSuffix(got[1].Text, "  XY.") {
		t.Errorf("got %+v", got)
	}
	if p = d.Page(44, false); p.Len() != 3 || p.Rows(0, 1, 0)[0].Text != "00000000  30 31 32 33 34 35 36 37  01234567" {
		t.Errorf("got %d rows, %+v", p.Len(), p.Rows(0, 1, 0))
	}
}

func TestScrollAndWrap(t *testing.T) {
	d := value.Layout(value.Recognise([]byte("日本語abc\nthe quick brown fox jumps\n")), value.Options{})
	rows := func(p *value.Page, x int) string {
		var out []string
		for _, l := range p.Rows(0, p.Len(), x) {
			out = append(out, l.Text)
		}
		return strings.Join(out, "|")
	}
	if got := rows(d.Page(5, false), 1); got != " 本語|he qu" {
		t.Errorf("got %s", got)
	}
	if got := rows(d.Page(12, true), 0); got != "日本語abc|the quick |brown fox |jumps" {
		t.Errorf("got %s", got)
	}
	p := d.Page(10, true)
	if got := p.RowOf(1); got != 1 || p.MaxX() != 0 {
		t.Errorf("line 1 is at row %d", got)
	}
}

func TestASCII(t *testing.T) {
	d := value.Layout(value.Recognise([]byte(`{"ü":"日"}`)), value.Options{ASCII: true})
	if got := text(d); got != "{\n  \"\\u00fc\": \"\\u65e5\"\n}\n" {
		t.Errorf("got %s", got)
	}
}

func TestLimit(t *testing.T) {
	data := []byte("[" + strings.Repeat(`"日本",`, 30_000) + "1]")
	v := value.Recognise(data)
	d := value.Layout(v, value.Options{Limit: 1000})
	if d.Shown < 990 || d.Shown > 1010 || d.Total != len(data) {
		t.Errorf("%d of %d shown", d.Shown, d.Total)
	}
	if d = value.Layout(v, value.Options{Limit: -1}); d.Shown != d.Total || !d.Plain {
		t.Errorf("%d of %d shown", d.Shown, d.Total)
	}
	if d = value.Layout(value.Recognise([]byte(strings.Repeat("日", 1000))), value.Options{Limit: 100}); d.Line(0).Text != strings.Repeat("日", 33) {
		t.Errorf("got %q", d.Line(0).Text)
	}
}
