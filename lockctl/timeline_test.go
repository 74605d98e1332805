package lockctl

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sec is a moment, in seconds from the epoch of the tests.
func sec(s float64) time.Time { return epoch.Add(time.Duration(s * float64(time.Second))) }

func holding(ids ...uint64) []Party {
	all := make([]Party, len(ids))
	for i, id := range ids {
		all[i] = Party{ID: id, Node: "n" + string(rune('0'+id)), Mode: Exclusive, Session: int64(id)}
	}
	return all
}

func TestTimelineHolds(t *testing.T) {
	l := NewTimeline(10)
	if got := l.Holds(time.Time{}, time.Time{}); got != nil || !l.Since().IsZero() {
		t.Fatalf("before the first look: %v", got)
	}
	l.Begin(sec(10), holding(1), 2)
	two := holding(2)
	two[0].Queued = sec(7)
	l.Set(sec(11), two, 1) // handed on
	l.Set(sec(13), nil, 0)
	l.Set(sec(15), holding(3), 0)
	l.Describe(Party{ID: 3, Identity: "three", Address: "h:1", Czxid: 77, Queued: sec(14)}, Party{ID: 9, Node: "who"})
	l.Set(sec(16), holding(3, 4), 0) // joined, as readers do
	want := []Hold{
		{Party: holding(1)[0], From: sec(10), To: sec(11), AtLeast: true, Waiting: 2, Waited: -1, Free: -1},
		{Party: two[0], From: sec(11), To: sec(13), Waiting: 1, Waited: 4 * time.Second},
		{Party: Party{ID: 3, Node: "n3", Mode: Exclusive, Session: 3, Identity: "three", Address: "h:1", Czxid: 77, Queued: sec(14)}, From: sec(15), Waited: time.Second, Free: 2 * time.Second},
		{Party: holding(4)[0], From: sec(16), Waited: -1},
	}
	got := l.Holds(time.Time{}, time.Time{})
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("hold %d of\n%+v\nis not\n%+v", i, got, want[i])
		}
	}
	if got := l.Holds(sec(11.5), sec(14)); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("from 11.5 to 14: %+v", got)
	}
	s := l.Summary(sec(20))
	if s.Grants != 3 || s.Longest != 2 || s.Seen != 10*time.Second || !s.Since.Equal(sec(10)) ||
		s.Hold.Count != 1 || s.Hold.Max != 2*time.Second || s.Hold.P50 != 2*time.Second ||
		s.Wait.Count != 2 || s.Wait.P50 != time.Second || s.Wait.Max != 4*time.Second || s.Free.Count != 2 || s.Free.Max != 2*time.Second || s.Free.P50 != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTimelineMiss(t *testing.T) {
	l := NewTimeline(10)
	l.Miss(sec(1), sec(2), "too early to matter")
	l.Begin(sec(10), holding(1), 0)
	l.Set(sec(20), holding(2), 0)
	l.Miss(sec(19), sec(25), "reconnected") // from before the last change
	if g := l.Gaps(time.Time{}, time.Time{}); len(g) != 1 || !g[0].To.IsZero() {
		t.Fatalf("while it lasts: %+v", g)
	}
	l.Miss(sec(26), sec(27), "and again")
	l.Set(sec(28), holding(2), 0) // counts as Begin
	l.Begin(sec(30), holding(2), 3)
	l.Begin(sec(40), holding(3), 0) // others, though nothing was said to be missed
	got, gaps := l.Holds(time.Time{}, time.Time{}), l.Gaps(time.Time{}, time.Time{})
	if len(gaps) != 2 || gaps[0] != (Gap{sec(19), sec(28), "reconnected"}) || gaps[1].From != sec(30) || gaps[1].To != sec(40) {
		t.Errorf("gaps: %+v", gaps)
	}
	if len(got) != 4 || got[0].Lost || !got[1].Lost || got[1].To != sec(20) || !got[2].AtLeast || !got[2].Lost || got[2].To != sec(30) || !got[3].AtLeast {
		t.Errorf("holds: %+v", got)
	}
	if s := l.Summary(sec(40)); s.Grants != 1 || s.Hold.Count != 0 || s.Free.Count != 1 || s.Seen != 11*time.Second {
		t.Errorf("%+v", s)
	}
}

// The rate does not depend on how many holds are kept.
func TestTimelineRate(t *testing.T) {
	l := NewTimeline(4)
	l.Begin(sec(0), nil, 500)
	for i := range 500 * 90 {
		l.Set(sec(float64(i+1)/500), holding(uint64(i)), 500)
		switch i {
		case 499:
			if r := l.PerMinute(sec(1)); r < 29_900 || r > 30_100 {
				t.Errorf("after a second: %v", r)
			}
		case 5000:
			if r := l.PerMinute(sec(10)); r < 29_900 || r > 30_100 {
				t.Errorf("after ten seconds: %v", r)
			}
		}
	}
	for _, test := range []struct{ at, least, most float64 }{{90, 29_900, 30_600}, {120, 14_000, 15_100}, {148.5, 0, 760}, {200, 0, 0}, {-5, 0, 0}} {
		if r := l.PerMinute(sec(test.at)); r < test.least || r > test.most {
			t.Errorf("at %v: %v", test.at, r)
		}
	}
	l.Miss(sec(90), sec(120), "reconnected")
	l.Begin(sec(120), nil, 0)
	if r := l.PerMinute(sec(120)); r < 29_000 || r > 30_600 {
		t.Errorf("with half a minute missed: %v", r)
	}
	if n := len(l.Holds(time.Time{}, time.Time{})); n != 4 {
		t.Errorf("%d holds are kept", n)
	}
	if l.Summary(sec(120)).Grants != 45_000 {
		t.Error("not all grants were counted")
	}
}

func TestTimelinePercentiles(t *testing.T) {
	l := NewTimeline(1)
	l.Begin(sec(0), nil, 0)
	at := 0.0
	for i := range 1000 { // 1 ms … 1 s
		l.Set(sec(at), holding(uint64(i)), 0)
		at += float64(i+1) / 1000
		l.Set(sec(at), nil, 0)
	}
	p := l.Summary(sec(at)).Hold
	near := func(d time.Duration, ms int) bool {
		return (d - time.Duration(ms)*time.Millisecond).Abs() <= time.Duration(ms)*time.Millisecond/32+time.Microsecond
	}
	if p.Count != 1000 || !near(p.P50, 500) || !near(p.P90, 900) || !near(p.P99, 990) || p.Max.Round(time.Microsecond) != time.Second {
		t.Errorf("%+v", p)
	}
}

func TestTimelineJSON(t *testing.T) {
	l := NewTimeline(2)
	l.Begin(sec(0), holding(1), 0)
	l.Set(sec(1), []Party{{ID: 2, Node: "<n>", Mode: Write, Session: -2, Address: "h:1", Identity: "w\u00e9", Czxid: 31, Queued: sec(0.5)}}, 3)
	l.Set(sec(1.25), []Party{{ID: 3, Node: "n3", Mode: Read}}, 0)
	l.Miss(sec(2), sec(3), "reconnected")
	l.Begin(sec(3), holding(4), 0)
	var b strings.Builder
	if err := l.WriteJSON(&b, "/a"); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"gap","path":"/a","from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:00:01Z","why":"not all that happened so long ago is kept"}
{"type":"hold","path":"/a","node":"<n>","session":"0xfffffffffffffffe","address":"h:1","identity":"wé","mode":"write","token":31,"from":"2026-03-01T12:00:01Z","to":"2026-03-01T12:00:01.25Z","atLeast":false,"lost":false,"waiting":3,"waitedMS":500,"freeMS":0}
{"type":"hold","path":"/a","node":"n3","session":null,"address":null,"identity":"","mode":"read","token":null,"from":"2026-03-01T12:00:01.25Z","to":"2026-03-01T12:00:02Z","atLeast":false,"lost":true,"waiting":0,"waitedMS":null,"freeMS":0}
{"type":"gap","path":"/a","from":"2026-03-01T12:00:02Z","to":"2026-03-01T12:00:03Z","why":"reconnected"}
{"type":"hold","path":"/a","node":"n4","session":"0x4","address":null,"identity":"","mode":"exclusive","token":null,"from":"2026-03-01T12:00:03Z","to":null,"atLeast":true,"lost":false,"waiting":0,"waitedMS":null,"freeMS":null}
`
	if b.String() != want {
		t.Errorf("got\n%s\nnot\n%s", b.String(), want)
	}
}

// One writes while others read.
func TestTimelineReaders(t *testing.T) {
	l := NewTimeline(8)
	l.Begin(sec(0), nil, 0)
	var done sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		done.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, h := range l.Holds(sec(0), time.Time{}) {
					if h.ID == 0 || !h.To.IsZero() && h.To.Before(h.From) {
						t.Errorf("half a hold: %+v", h)
					}
				}
				l.Strip(sec(0), sec(60), 60, 4)
				l.Summary(sec(60))
				l.PerMinute(sec(60))
				if err := l.WriteJSON(io.Discard, "/a"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 300 {
		at := sec(float64(i) / 5)
		l.Set(at, holding(uint64(i+1)), i)
		l.Describe(Party{ID: uint64(i + 1), Identity: "x", Queued: at})
		if i%50 == 49 {
			l.Miss(at, at, "reconnected")
			l.Begin(at, nil, 0)
		}
	}
	close(stop)
	done.Wait()
}
