package lockctl

import (
	"fmt"
	"strings"
	"testing"
)

// drawn is a strip in letters, lane by lane.
func drawn(s Strip) string {
	var b strings.Builder
	for _, l := range s.Lanes {
		fmt.Fprintf(&b, "%d ", l.Session)
		for _, c := range l.Cells {
			b.WriteString([]string{".", "+", "#", "?"}[c])
		}
		b.WriteByte('\n')
	}
	if s.More > 0 {
		fmt.Fprintf(&b, "%d more\n", s.More)
	}
	for _, flags := range [][]bool{s.Gap, s.Unseen} {
		for _, f := range flags {
			b.WriteString(map[bool]string{true: "!", false: "."}[f])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestStrip(t *testing.T) {
	l := NewTimeline(3)
	if s := l.Strip(sec(0), sec(4), 4, 9); drawn(s) != "....\n!!!!\n" {
		t.Errorf("before the first look:\n%s", drawn(s))
	}
	l.Begin(sec(2), holding(1), 0)
	l.Set(sec(4), holding(2), 0)
	l.Set(sec(4.5), nil, 0)
	l.Set(sec(6), holding(3), 0)
	l.Set(sec(6), holding(1), 0) // 3 for no time at all
	for _, test := range []struct {
		lanes int
		want  string
	}{
		{9, "1 ??##..##\n3 ??....+.\n2 ??..+...\n........\n!!......\n"},
		{1, "1 ??##..##\n2 more\n........\n!!......\n"},
		{0, "3 more\n........\n!!......\n"},
	} {
		if got := drawn(l.Strip(sec(0), sec(8), 8, test.lanes)); got != test.want {
			t.Errorf("got\n%snot\n%s", got, test.want)
		}
	}
	l.Miss(sec(8), sec(8), "reconnected")
	if got := drawn(l.Strip(sec(6), sec(10), 4, 1)); got != "1 ##??\n1 more\n..!!\n..!!\n" {
		t.Errorf("while a gap lasts:\n%s", got)
	}
	l.Begin(sec(9), holding(2), 0) // what 1 held at first is not kept from here on
	if got := drawn(l.Strip(sec(0), sec(10), 5, 9)); got != "2 ??+.+\n1 ??.#?\n3 ??.+?\n....!\n!!..!\n" {
		t.Errorf("not all kept:\n%s", got)
	}
	for _, s := range []Strip{l.Strip(sec(1), sec(1), 5, 5), l.Strip(sec(2), sec(1), 5, 5), l.Strip(sec(1), sec(2), 0, 5)} {
		if s.Lanes != nil || s.Gap != nil {
			t.Errorf("%+v", s)
		}
	}
}

// Holds of one client that overlap are not added up.
func TestStripOverlap(t *testing.T) {
	l := NewTimeline(9)
	both := holding(1, 2)
	both[1].Session = 1
	l.Begin(sec(0), nil, 0)
	l.Set(sec(0.25), both[:1], 0)
	l.Set(sec(0.5), both, 0)
	l.Set(sec(0.75), both[1:], 0)
	l.Set(sec(1), nil, 0)
	if got := drawn(l.Strip(sec(0), sec(2), 2, 2)); got != "1 +.\n..\n..\n" {
		t.Errorf("got\n%s", got)
	}
}
