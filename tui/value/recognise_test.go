package value_test

import (
	"bytes"
	"strings"
	"testing"

	"zkdeck/tui/value"
)

func TestRecognise(t *testing.T) {
	utf16le := []byte{0xff, 0xfe, 'h', 0, 'i', 0}
	utf16be := []byte{0xfe, 0xff, 0, '{', 0, '}'}
	hbase := append([]byte{0xff, 0, 0, 0, 3, 'r', 's', '1'}, []byte("PBUF\x0a\x02ab\x00")...)
	cases := []struct {
		name, describe string
		data           []byte
	}{
		{"null", "null", nil},
		{"empty", "empty", []byte{}},
		{"number", "text · 2 B", []byte("42")},
		{"float", "text · 4 B", []byte("-1.5")},
		{"quoted", "text · 5 B", []byte(`"abc"`)},
		{"word true", "text · 4 B", []byte("true")},
		{"address", "text · 14 B", []byte("10.0.0.5:51234")},
		{"url", "text · 20 B", []byte("http://host:80/a?b=c")},
		{"base64", "text · 8 B", []byte("YWJjZA==")},
		{"prose", "text · 25 B", []byte("Note: this is not YAML.\n\n")},
		{"prose of lines", "text · 24 B", []byte("Dear all: hi\nRegards: me")},
		{"log", "text · 38 B", []byte("INFO: started\nINFO: going\nERROR: done\n")},
		{"list in prose", "text · 14 B", []byte("- one\n- two\n- ")},
		{"json object", "JSON · 7 B", []byte(`{"a":1}`)},
		{"json array", "JSON · 4 B", []byte(" [1]")},
		{"json with bom", "JSON · UTF-8 with BOM · 5 B", []byte("\xef\xbb\xbf{}")},
		{"broken json", "text · 6 B", []byte(`{"a":1`)},
		{"two jsons", "text · 4 B", []byte(`{}{}`)},
		{"xml", "XML · 17 B", []byte(`<a x="1"><b/></a` + ">")},
		{"xml latin declared", "XML · 48 B", []byte(`<?xml version="1.0" encoding="ISO-8859-1"?><a/>` + "\n")},
		{"broken xml", "text · 7 B", []byte("<a><b/>")},
		{"not xml", "text · 5 B", []byte("<a> b")},
		{"yaml", "YAML · 17 B", []byte("a: 1\nb:\n  - x: y\n")},
		{"yaml with mark", "YAML · 9 B", []byte("---\na: 1\n")},
		{"yaml list of maps", "YAML · 21 B", []byte("- name: a\n  port: 12\n")},
		{"one key", "text · 4 B", []byte("a: 1")},
		{"tabs are not yaml", "text · 10 B", []byte("a: 1\n\tb: 2")},
		{"properties", "properties · 53 B", []byte("# c\nserver.1=a:2888:3888:participant\nversion=1000000\n")},
		{"section", "properties · 9 B", []byte("[a]\nx = 1")},
		{"one property", "properties · 5 B", []byte("a.b=1")},
		{"not properties", "text · 9 B", []byte("a b = c=d")},
		{"latin-1", "text · Latin-1? · 4 B", []byte("caf\xe9")},
		{"escape in text", "text · 21 B", []byte("hello \x1b[31mred\x1b[0m wo")},
		{"utf-16", "text · UTF-16 LE · 6 B", utf16le},
		{"utf-16 json", "JSON · UTF-16 BE · 6 B", utf16be},
		{"damaged", "text · damaged UTF-8 · 101 B", append([]byte(strings.Repeat("x", 98)), 0xe6, 0x97, 'y')},
		{"java", "binary · 6 B · Java serialised", []byte("\xac\xed\x00\x05sr")},
		{"hbase", "binary · 17 B · protobuf (HBase)", hbase},
		{"counter", "binary · 4 B · int32 17?", []byte{0, 0, 0, 17}},
		{"long counter", "binary · 8 B · int64 -1?", bytes.Repeat([]byte{0xff}, 8)},
		{"protobuf", "binary · 7 B · protobuf?", []byte("\x0a\x03abc\x10\x00")},
		{"nul", "binary · 3 B", []byte("a\x00b")},
		{"text that starts like a zip", "text · 4 B", []byte("BZhi")},
		{"not gzip", "binary · 6 B · gzip, damaged", []byte("\x1f\x8b\x08\x00ab")},
		{"gzip", "gzip of JSON · 31 B, 7 B unpacked", pack(t, `{"a":1}`)},
		{"gzip of nothing", "gzip of empty · 23 B, 0 B unpacked", pack(t, "")},
		{"gzip of gzip", "", pack(t, string(pack(t, "x")))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := value.Recognise(c.data)
			if got := value.Describe(v); got != c.describe && c.describe != "" {
				t.Errorf("%q is %s, want %s", c.data, got, c.describe)
			}
			for _, view := range []value.View{value.Pretty, value.Raw, value.Hex} {
				checkPages(t, value.Layout(v, value.Options{View: view}), 20)
			}
		})
	}
}

func TestGzipDamaged(t *testing.T) {
	packed := pack(t, strings.Repeat("line of text\n", 1000))
	v := value.Recognise(packed[:len(packed)-10])
	if !v.Gzip || !v.Damaged || v.Format != value.Text {
		t.Errorf("got %s", value.Describe(v))
	}
}

func TestGzipBomb(t *testing.T) {
	v := value.Recognise(pack(t, "["+strings.Repeat("1,", 5<<20)+"1]"))
	if !v.Cut || len(v.Data) != value.MaxUnpacked || v.Format != value.JSON {
		t.Errorf("got %s with %d bytes", value.Describe(v), len(v.Data))
	}
	d := value.Layout(v, value.Options{})
	if d.Shown >= d.Total || !strings.Contains(d.Describe(), "truncated: first 262 kB of 8.4 MB shown") {
		t.Errorf("got %s", d.Describe())
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 212: "212 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 9949: "9.9 kB", 9999: "10 kB",
		83_000_000: "83 MB", 999_499: "999 kB", 999_500: "1.0 MB", -1: "?", 1<<63 - 1: "9 EB",
	} {
		if got := value.Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}
