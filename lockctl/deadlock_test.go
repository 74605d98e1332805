package lockctl

import (
	"fmt"
	"strings"
	"testing"
)

// queueOf makes a lock of its sessions in order: those before the bar hold, the others
// wait. A letter r in front makes a reader.
func queueOf(kind Kind, path, queue string) *Lock {
	l := &Lock{Path: path, Kind: kind}
	role := Holder
	for i, w := range strings.Fields(queue) {
		if w == "|" {
			role = Waiter
			continue
		}
		c := Contender{Node: fmt.Sprintf("n%d", i), Mode: Exclusive, Role: role}
		if w[0] == 'r' {
			c.Mode, w = Read, w[1:]
		}
		if w[0] == '?' {
			c.Role, w = Unknown, w[1:]
		}
		if _, err := fmt.Sscan(w, &c.Session); err != nil {
			panic(err)
		}
		l.Contenders = append(l.Contenders, c)
	}
	return l
}

func told(all []Deadlock) string {
	var s []string
	for _, d := range all {
		var chain []string
		for _, w := range d.Chain {
			chain = append(chain, fmt.Sprintf("%d has %s, waits for %s", w.Session, w.Holds, w.Lock))
		}
		s = append(s, strings.Join(chain, "; "))
	}
	return strings.Join(s, "\n")
}

func TestDeadlocks(t *testing.T) {
	for _, test := range []struct {
		name  string
		locks []*Lock
		want  string
	}{
		{"two", []*Lock{queueOf(Mutex, "/a", "1 | 2"), queueOf(Mutex, "/b", "2 | 1")}, "1 has /a, waits for /b; 2 has /b, waits for /a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := told(Deadlocks(test.locks)); got != test.want {
				t.Errorf("got\n%s\nnot\n%s", got, test.want)
			}
		})
	}
}
