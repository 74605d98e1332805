package edits_test

import (
	"testing"

	"zkdeck/internal/edits"
)

func TestDistance(t *testing.T) {
	for _, at := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"ls", "", 2},
		{"find", "find", 0},
		{"fnid", "find", 1},
		{"fid", "find", 1},
		{"finnd", "find", 1},
		{"fund", "find", 1},
		{"tickTIme", "tickTime", 1},
		{"clientport", "clientPort", 1},
		{"abc", "xyz", 3},
	} {
		if got := edits.Distance(at.a, at.b); got != at.want {
			t.Errorf("%s, %s: %d, want %d", at.a, at.b, got, at.want)
		}
	}
}
