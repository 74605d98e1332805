//go:build interop

package interop

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// stay is what a witness tells of one who held.
type stay struct {
	name, mode, node string
	from, to         int       // lines; to is -1 where no end was written
	at               time.Time // when it entered
	token            int64     // 0: it has none
	until            time.Time // by when it was certain to hold no longer; zero: it did not say
	stood            string    // whether the znode was there at the end: yes, no, "" not known
}

// stays reads a witness's lines.
func stays(text string) ([]stay, error) {
	var all []stay
	last := map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		word := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(word) < 2 {
			return nil, fmt.Errorf("line %d is %q", n, line)
		}
		at, known := last[word[1]]
		switch {
		case word[0] == "enter" && len(word) >= 5 && (!known || all[at].to >= 0):
			last[word[1]] = len(all)
			s := stay{name: word[1], mode: word[2], node: word[3], from: n, to: -1, at: instant(word[4])}
			if len(word) > 5 {
				s.token, _ = strconv.ParseInt(word[5], 10, 64)
			}
			all = append(all, s)
		case word[0] == "leave" && known && all[at].to < 0:
			all[at].to = n
		case word[0] == "until" && known && len(word) == 3:
			all[at].until = instant(word[2])
		case word[0] == "stood" && known && len(word) == 3:
			all[at].stood = word[2]
		default:
			return nil, fmt.Errorf("line %d is %q, after %d stays", n, line, len(all))
		}
	}
	return all, nil
}

// instant is a time of so many nanoseconds since 1970.
func instant(text string) time.Time {
	ns, _ := strconv.ParseInt(text, 10, 64)
	return time.Unix(0, ns)
}

// overlap is two that held together and may not.
type overlap struct{ first, second stay }

func (o overlap) String() string {
	return fmt.Sprintf("line %d: %s enters with %s (%s) while %s holds with %s (%s) since line %d",
		o.second.from, o.second.name, o.second.node, o.second.mode, o.first.name, o.first.node, o.first.mode, o.first.from)
}

// overlaps finds who held together: of a lock with so many slots; readers may.
func overlaps(all []stay, slots int) []overlap {
	var found []overlap
	var in []stay
	for _, s := range all {
		in = slices.DeleteFunc(in, func(o stay) bool { return o.to >= 0 && o.to < s.from })
		for _, o := range in {
			if !(o.mode == "read" && s.mode == "read") && (slots < 2 || len(in) >= slots) {
				found = append(found, overlap{o, s})
			}
		}
		in = append(in, s)
	}
	return found
}

// sequence is the number at the end of a name.
func sequence(node string) int {
	n, _ := strconv.Atoi(node[max(0, len(node)-10):])
	return n
}

// alone fails the test where two held together, or one never left.
func (w *witness) alone(t *testing.T, slots int) []stay {
	t.Helper()
	all, err := stays(w.read(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range overlaps(all, slots) {
		t.Error(o)
	}
	for _, s := range all {
		if s.to < 0 {
			t.Errorf("%s never left", s.name)
		}
	}
	return all
}

// The verdict finds what it is for.
func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name, lines string
		slots, want int
	}{
		{"one after the other", "enter a exclusive n1 0/leave a/stood a yes/enter b exclusive n2 0/leave b", 0, 0},
		{"together", "enter a exclusive n1 0/enter b exclusive n2 0/leave a/leave b", 0, 1},
		{"inside", "enter a exclusive n1 0/enter b exclusive n2 0/leave b/leave a", 0, 1},
		{"for ever", "enter a exclusive n1 0/enter b exclusive n2 0/leave b/enter b exclusive n3 0", 0, 2},
		{"readers", "enter a read n1 0/enter b read n2 0/leave a/leave b", 0, 0},
		{"a reader and a writer", "enter a read n1 0/enter b write n2 0/leave a/leave b", 0, 1},
		{"places", "enter a lease n1 0/enter b lease n2 0/leave a/enter c lease n3 0/leave b/leave c", 2, 0},
		{"one too many", "enter a lease n1 0/enter b lease n2 0/enter c lease n3 0/leave a/leave b/leave c", 2, 2},
		{"entered twice", "enter a exclusive n1 0/enter a exclusive n2 0", 0, -1},
		{"left twice", "enter a exclusive n1 0/leave a/leave a", 0, -1},
		{"half a line", "enter a exclusive n1 0/lea", 0, -1},
	} {
		all, err := stays(strings.ReplaceAll(test.lines, "/", "\n") + "\n")
		got := len(overlaps(all, test.slots))
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%s: %d overlaps, want %d (%v)", test.name, got, test.want, err)
		}
	}
}
