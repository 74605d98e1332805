package zkview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// logged are the paths that a log shows.
func logged(l *ActivityLog) string {
	var paths []string
	for i := range l.Len() {
		paths = append(paths, l.At(i).Path)
	}
	return strings.Join(paths, " ")
}

func TestActivityLog(t *testing.T) {
	l := NewActivityLog(5)
	act := func(seq uint64, kind EventKind, path string) Action {
		return Action{Seq: seq, Change: Change{Kind: kind, Path: path, At: time.Unix(100, 0)}}
	}
	l.Add([]Action{act(1, Created, "/a"), act(2, DataChanged, "/B/x"), act(3, Deleted, "/a")})
	if got := logged(l); got != "/a /B/x /a" {
		t.Error(got)
	}
	l.SetFilter("b x kind:ch")
	if got := logged(l); got != "/B/x" {
		t.Error(got)
	}
	read := act(2, DataChanged, "/B/x")
	read.HasStat = true
	l.Add([]Action{read, act(4, DataChanged, "/B/x/y"), act(5, Created, "/bx")})
	if got := logged(l); got != "/B/x /B/x/y" || !l.At(0).HasStat {
		t.Error(got)
	}
	if i, ok := l.Find(4); i != 1 || !ok {
		t.Error(i, ok)
	}
	if _, ok := l.Find(3); ok {
		t.Error("found what does not pass the filter")
	}
	l.Add([]Action{act(6, Created, "/c"), act(7, DataChanged, "/bx")}) // 1 and 2 make room
	if got := logged(l); got != "/B/x/y /bx" || l.Dropped() != 2 {
		t.Error(got, l.Dropped())
	}
	l.Add([]Action{read}) // too late
	l.SetFilter("")
	if got := logged(l); got != "/a /B/x/y /bx /c /bx" {
		t.Error(got)
	}
	if i, ok := l.Find(7); i != 4 || !ok {
		t.Error(i, ok)
	}
	missed := act(8, Deleted, "/m")
	missed.Missed, missed.Lost = true, 3
	l.Add([]Action{missed, act(9, Resync, "/")})
	for filter, want := range map[string]string{
		"kind:missed": "/m", "kind:deleted": "/m", "kind:resync": "/", "nothing": "/", "kind:deleted kind:created": "/bx /c /m", "C": "/c /",
	} {
		if l.SetFilter(filter); logged(l) != want {
			t.Errorf("%q shows %q, want %q", filter, logged(l), want)
		}
	}
	if l.Lost() != 3 {
		t.Error(l.Lost())
	}
	if top := l.Top(2); len(top) != 2 || top[0] != (TopPath{"/a", 2, 0}) || top[1] != (TopPath{"/bx", 2, 0}) {
		t.Errorf("%+v", top)
	}
}

func TestActivityLogRate(t *testing.T) {
	l := NewActivityLog(0)
	seq := uint64(0)
	at := func(sec int64, n int) {
		for range n {
			seq++
			l.Add([]Action{{Seq: seq, Change: Change{Kind: Created, Path: "/", At: time.Unix(sec, 5)}}})
		}
	}
	at(1000, 3)
	at(1002, 1)
	at(999, 2) // a clock that was set back
	if got := l.Rate(time.Unix(1002, 9), 4); !slices.Equal(got, []int{2, 3, 0, 1}) {
		t.Error(got)
	}
	at(1000+rateSeconds, 4)
	if got := l.Rate(time.Unix(1000+rateSeconds, 0), 10_000); len(got) != rateSeconds || got[rateSeconds-1] != 4 || got[1] != 1 || got[0] != 0 {
		t.Error(got[:3], got[rateSeconds-1])
	}
	if got := l.Rate(time.Unix(1<<40, 0), 2); !slices.Equal(got, []int{0, 0}) || len(l.Rate(time.Unix(-5, 0), -1)) != 0 {
		t.Error(got)
	}
}

func TestTopPathsAreBounded(t *testing.T) {
	top := newTopPaths(10)
	for i := range 10_000 {
		top.add(fmt.Sprint("/once", i))
		if i%4 == 0 {
			top.add("/often")
		}
	}
	best := top.best(1)
	if len(top.heap) != 10 || len(top.at) != 10 || best[0].Path != "/often" || best[0].Count-best[0].Over > 2500 || best[0].Count < 2500 {
		t.Errorf("%d, %+v", len(top.heap), best)
	}
}
