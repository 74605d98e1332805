//go:build interop

package interop

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The comparison finds what it is for.
func TestCompare(t *testing.T) {
	at := func(ms int64) time.Time { return time.UnixMilli(1_000_000 + ms) }
	said := func(node string, got, left int64) acquisition {
		from := at(got).UnixNano()
		return acquisition{Path: "/a", Node: node, Session: "0x1", Mode: "exclusive", Got: &from, Left: at(left).UnixNano(), Held: (left - got) * 1_000_000}
	}
	told := func(kind, node string, ms int64) event {
		return event{Type: kind, Path: "/a", Node: node, Session: "0x1", Mode: "exclusive", Time: at(ms)}
	}
	since := at(105)
	missed := event{Type: "missed", Path: "/a", Since: &since, Time: at(2000)}
	claims := []acquisition{said("n1", 0, 50), said("n2", 60, 100), said("n3", 110, 120)}
	events := []event{
		told("granted", "n1", 0), told("released", "n1", 51), told("granted", "n2", 59), told("released", "n2", 101),
		told("granted", "n3", 109), told("released", "n3", 121),
	}
	other := slices.Clone(events)
	other[2].Session = "0x2"
	shared := slices.Clone(events)
	shared[1], shared[2] = shared[2], shared[1]
	for _, test := range []struct {
		name   string
		events []event
		wrong  string // "": nothing
	}{
		{"as it was", events, ""},
		{"it was not known as a lock", append([]event{told("found", "", 55)}, events[2:]...), ""},
		{"a gap", append(slices.Clone(events[:4]), missed), ""},
		{"a long one missed", slices.Concat(events[:2], events[4:]), "does not tell"},
		{"invented", append(slices.Clone(events), told("granted", "n4", 130), told("released", "n4", 140)), "nobody had n4"},
		{"twice", append(slices.Clone(events), events[0], events[1]), "granted twice"},
		{"two at once", shared, "while n1 holds"},
		{"another order", slices.Concat(events[2:4], events[:2], events[4:]), "another order"},
		{"another's", other, "zkdeck says 0x2"},
		{"for ever", events[:5], "was not released"},
		{"from nowhere", events[1:], "was not granted"},
		{"at another time", []event{told("granted", "n1", 90_000), told("released", "n1", 90_001)}, "zkdeck says from"},
		{"dropped", append(slices.Clone(events), event{Type: "lost"}), "lost events"},
	} {
		m := compare(test.events, claims)
		got := strings.Join(m.wrong, "\n")
		if test.wrong == "" && got != "" || !strings.Contains(got, test.wrong) {
			t.Errorf("%s: %q, want %q", test.name, got, test.wrong)
		}
	}
}
