package value_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zkdeck/tui/value"
)

// show writes a difference in the usual form.
func show(lines []value.DiffLine) string {
	var b strings.Builder
	for _, l := range lines {
		switch l.Kind {
		case value.Skipped:
			fmt.Fprintf(&b, "@%d|", l.Count)
		case value.Cut:
			b.WriteString("cut|")
		default:
			b.WriteString(string(" -+"[l.Kind]) + l.Text + "|")
		}
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"same", "a\nb", "a\nb", " a| b|"},
		{"text", "a\nb\nc", "a\nx\nc", " a|-b|+x| c|"},
		{"json", `{"a":1,"b":2}`, `{"a":1,"b":3}`, ` {|   "a": 1,|-  "b": 2|+  "b": 3| }|`},
		{"blanks of json", `{"a":1}`, `{"a": 1}`, `-{"a":1}|+{"a": 1}|`},
		{"line ends", "a\r\n", "a\n", "-00000000  61 0d 0a                                          a..|+00000000  61 0a                                             a.|"},
		{"created", "", "a", "+a|"},
		{"emptied", "a", "", "-a|"},
		{"hostile", "a\x1b[2J", "a", `-a\x1b[2J|+a|`},
		{
			"binary", "0123456789abcdef\x00", "0123456789abcdef\x01",
			" 00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef|" +
				"-00000010  00                                                .|" + "+00000010  01                                                .|",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(value.Diff([]byte(c.old), []byte(c.new))); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", strings.ReplaceAll(got, "|", "\n"), strings.ReplaceAll(c.want, "|", "\n"))
			}
		})
	}
}

func TestDiffOfGzip(t *testing.T) {
	if got := show(value.Diff(pack(t, "a\nb"), pack(t, "a\nc"))); got != " a|-b|+c|" {
		t.Errorf("got %s", got)
	}
}

func TestCollapseAndSideBySide(t *testing.T) {
	before, after := "1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nfive\n5b\n6\n7\n8\n9"
	lines := value.Collapse(value.Diff([]byte(before), []byte(after)), 1)
	if got := show(lines); got != "@3| 4|-5|+five|+5b| 6|@3|" {
		t.Errorf("got %s", got)
	}
	var got []string
	for _, r := range value.SideBySide([]byte(before), []byte(after), 1) {
		got = append(got, fmt.Sprintf("%d%s/%d%s/%d", r.Left.Number, r.Left.Text, r.Right.Number, r.Right.Text, r.Count))
	}
	if want := "1/1/3 44/44/0 55/5five/0 0/65b/0 66/76/0 7/8/3"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}

func TestSideBySideOfBinaryHasItsOwnOffsets(t *testing.T) {
	rows := value.SideBySide([]byte("\x000123456789abcde"), []byte("\x01123456789abcdef\x000123456789abcde"), -1)
	last := rows[len(rows)-1]
	if len(rows) != 2 || !strings.HasPrefix(last.Left.Text, "00000000") || !strings.HasPrefix(last.Right.Text, "00000010") {
		t.Errorf("got %+v", rows)
	}
}

// Many scattered changes stay apart: every unique line anchors.
func TestDiffOfManyChanges(t *testing.T) {
	var before, after strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&before, "line %d\n", i)
		if i%10 == 0 {
			fmt.Fprintf(&after, "changed %d\n", i)
		} else {
			fmt.Fprintf(&after, "line %d\n", i)
		}
	}
	counts := map[value.DiffKind]int{}
	for _, l := range value.Diff([]byte(before.String()), []byte(after.String())) {
		counts[l.Kind]++
	}
	if counts[value.Same] != 4500 || counts[value.Removed] != 500 || counts[value.Added] != 500 {
		t.Errorf("got %v", counts)
	}
}

func TestDiffOfHostileIsQuick(t *testing.T) {
	inputs := []string{
		strings.Repeat("a\nb\n", 1<<16), strings.Repeat("b\na\na\n", 1<<15), strings.Repeat("\n", 1<<18),
		strings.Repeat("x", 1<<18), strings.Repeat("\x00\x01", 1<<17), strings.Repeat("\xff\x00\x02", 1<<16),
	}
	for i, a := range inputs {
		for k, b := range inputs[i:] {
			start := time.Now()
			value.Diff([]byte(a), []byte(b))
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%d to %d took %v", i, i+k, took)
			}
		}
	}
}

// The lines of a difference give both values back.
func FuzzDiff(f *testing.F) {
	f.Add([]byte("a\nb\nc\nd"), []byte("b\na\nd\nd"))
	f.Add([]byte(`{"a":[1,2,{"b":null}]}`), []byte(`{"a":[1,2]}`))
	f.Add([]byte{0, 1, 2}, []byte("text"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		before, after := 0, 0
		for _, l := range value.Diff(a, b) {
			checkLine(t, value.Line{Text: l.Text})
			if l.Kind == value.Same || l.Kind == value.Removed {
				before++
				if l.Old != before {
					t.Fatalf("line %d where %d is due", l.Old, before)
				}
			}
			if l.Kind == value.Same || l.Kind == value.Added {
				after++
				if l.New != after {
					t.Fatalf("line %d where %d is due", l.New, after)
				}
			}
		}
		value.SideBySide(a, b, 2)
	})
}
