package lockctl

import (
	"fmt"
	"slices"
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

func two(path, queue string) *Lock { return queueOf(Mutex, path, queue) }

func limited(n int, l *Lock) *Lock {
	l.Limit = n
	return l
}

func mixed(path, queue string, families ...family) *Lock {
	l := queueOf(Mutex, path, queue)
	l.Recipe = Mixed
	for i := range l.Contenders {
		l.Contenders[i].name.family = families[i]
	}
	return l
}

func at(first, second int64, l *Lock) *Lock {
	l.Contenders[0].Stat.Czxid, l.Contenders[1].Stat.Czxid = first, second
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
		{"nobody", nil, ""},
		{"one after the other", []*Lock{queueOf(Mutex, "/a", "1 | 2 3"), queueOf(Mutex, "/b", "2 | 3")}, ""},
		{"two", []*Lock{two("/b", "2 | 1"), nil, two("/a", "1 | 2")}, "1 has /a, waits for /b; 2 has /b, waits for /a"},
		{
			"three, and who only waits for them",
			[]*Lock{two("/a", "1 | 9 2"), two("/b", "2 | 3"), two("/c", "3 | 1 8"), two("/d", "8 | 7")},
			"1 has /a, waits for /c; 3 has /c, waits for /b; 2 has /b, waits for /a",
		},
		{"one session, twice in one lock", []*Lock{two("/a", "1 | 1"), two("/b", "1 | 2")}, ""},
		{"another between the two", []*Lock{two("/a", "1 | 2 1"), two("/b", "1 | 2")}, ""},
		{"others between threads of one", []*Lock{two("/a", "1 | 2 1"), two("/b", "1 | 2 1")}, ""},
		{"all of one session", []*Lock{two("/a", "1 | 1"), two("/b", "1 | 1")}, ""},
		{
			"readers and a writer",
			[]*Lock{queueOf(ReadWrite, "/a", "r1 r2 | 3"), two("/b", "3 | 1")},
			"1 has /a, waits for /b; 3 has /b, waits for /a",
		},
		{
			"a reader behind a writer that waits",
			[]*Lock{queueOf(ReadWrite, "/a", "r1 | 2 r3"), two("/b", "3 | 1")},
			"1 has /a, waits for /b; 3 has /b, waits for /a; 2 has /a, waits for /a",
		},
		{"readers are not in each other's way", []*Lock{queueOf(ReadWrite, "/a", "1 | r2 r3"), two("/b", "3 | 2")}, ""},
		{"another place", []*Lock{queueOf(Semaphore, "/a", "1 2 | 3"), two("/b", "3 | 1")}, ""},
		{
			"all places",
			[]*Lock{queueOf(Semaphore, "/a", "1 2 | 3"), two("/b", "3 | 1 2")},
			"1 has /a, waits for /b; 3 has /b, waits for /a\n2 has /a, waits for /b; 3 has /b, waits for /a",
		},
		{"another place, and another who is before", []*Lock{queueOf(Semaphore, "/a", "1 2 | 3 4"), two("/b", "4 | 1 3")}, ""},
		{"a place that nobody has", []*Lock{limited(3, queueOf(Semaphore, "/a", "1 2 | 3")), two("/b", "3 | 1 2")}, ""},
		{"unknown", []*Lock{two("/a", "?1 | 2"), two("/b", "2 | 1")}, ""},
		{"nobody knows who", []*Lock{two("/a", "0 | 2"), two("/b", "2 | 0")}, ""},
		{"queued for after it got the other", []*Lock{at(2, 4, two("/a", "1 | 2")), at(1, 3, two("/b", "2 | 1"))}, "1 has /a, waits for /b; 2 has /b, waits for /a"},
		{"having waited when it got the other", []*Lock{at(2, 4, two("/a", "1 | 2")), at(3, 1, two("/b", "2 | 1"))}, ""},
		{"elections", []*Lock{queueOf(Election, "/a", "1 | 2"), queueOf(Election, "/b", "2 | 1")}, ""},
		{"two circles in one knot", []*Lock{two("/a", "1 | 2"), two("/b", "2 | 1 3"), two("/c", "3 | 2")}, "1 has /a, waits for /b; 2 has /b, waits for /a\n2 has /b, waits for /c; 3 has /c, waits for /b"},
		{"recipes that do not see each other", []*Lock{mixed("/a", "1 | 2", kazooLock, curatorMutex), two("/b", "2 | 1")}, ""},
		{"recipes that do", []*Lock{mixed("/a", "1 | 2", kazooLock, goZooKeeper), two("/b", "2 | 1")}, "1 has /a, waits for /b; 2 has /b, waits for /a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := told(Deadlocks(test.locks)); got != test.want {
				t.Errorf("got\n%s\nnot\n%s", got, test.want)
			}
		})
	}
}

// The nodes of a chain hang together.
func TestDeadlockNodes(t *testing.T) {
	a, b := two("/a", "1 | 5 2"), two("/b", "2 | 1")
	a.Contenders[0].Identity, b.Contenders[1].Address = "one", "h:1"
	got := Deadlocks([]*Lock{a, b})
	want := []Wait{
		{Session: 1, Identity: "one", Address: "h:1", Holds: "/a", HoldsNode: "n0", Lock: "/b", Node: "n2", For: "n0"},
		{Session: 2, Holds: "/b", HoldsNode: "n0", Lock: "/a", Node: "n3", For: "n0"},
	}
	if len(got) != 1 || !slices.Equal(got[0].Chain, want) {
		t.Errorf("%+v", got)
	}
}
