package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/lockctl"
	"zkdeck/lockctl/lab"
)

var labNow = time.Date(2026, 3, 4, 12, 4, 11, 0, time.UTC)

// labSnap is a run of n workers in a queue, the first of which holds the lock. fired
// of those that wait have just been told.
func labSnap(r lab.Recipe, n, fired int) lab.Snapshot {
	s := lab.Snapshot{
		At: labNow, State: lab.Running, Dir: lab.DefaultBase + "/" + string(r),
		Options: lab.Options{Recipe: r, Workers: n, Hold: 200 * time.Millisecond, Think: 100 * time.Millisecond},
	}
	before := ""
	for i := range n {
		w := lab.Worker{
			N: (i*7+2)%n + 1, State: lab.Waiting, Link: lockctl.SessionLive, Session: 0x1000a000 + int64(i),
			Node: fmt.Sprintf("lock-%010d", 41+i), Token: 0x300000000 + int64(41+i), Turns: 12,
		}
		x := lab.Watch{Node: before}
		if r == lab.Naive {
			x.Node = ""
		}
		before = w.Node
		if i > 0 && i <= fired {
			x.Fired = labNow.Add(-300 * time.Millisecond)
		}
		w.Watches = []lab.Watch{x}
		if i == 0 {
			w.State, w.First, w.Watches = lab.Holding, true, nil
			if r == lab.Fair && fired > 0 {
				w.Watches = []lab.Watch{{Node: "lock-0000000040", Fired: labNow.Add(-300 * time.Millisecond)}}
			}
		}
		s.Workers = append(s.Workers, w)
		s.Queue = append(s.Queue, lab.Znode{Name: w.Node, Worker: w.N, Czxid: w.Token, Owner: w.Session, Holder: i == 0})
	}
	s.Resource = lab.Resource{Value: 1204, Writes: 1204, Token: 0x300000029}
	s.Counters = lab.Counters{
		Recipe: r, Workers: n, Seconds: 62, Handoffs: 1204, WakeupsPerHandoff: 1, RequestsPerHandoff: 4.1, Fairness: 0.998,
		HandoffMicros: &lab.Micros{P50: 612, P99: 1480},
	}
	s.Notes = []lab.Note{
		{At: labNow, Worker: 2, Kind: lab.NoteStep, Text: "worker 2 created lock-0000000045"},
		{At: labNow, Worker: 2, Kind: lab.NoteStep, Text: "lock-0000000044 (worker 4) is before it; worker 2 watches that one"},
		{At: labNow, Worker: 1, Kind: lab.NoteStep, Text: "worker 1 deleted lock-0000000040"},
		{At: labNow, Worker: 3, Kind: lab.NoteWake, Text: "worker 3 is told, and nobody else"},
		{At: labNow, Worker: 3, Kind: lab.NoteGrant, Text: "lock-0000000041 is the first: worker 3 has the lock"},
	}
	if r == lab.Naive {
		s.Counters.WakeupsPerHandoff, s.Counters.RequestsPerHandoff = float64(n-1), 2+1.9*float64(n)
		s.Counters.HandoffMicros = &lab.Micros{P50: 1914, P99: 5210}
		s.Notes[3].Text = fmt.Sprintf("all %d that watch the parent are told", n-1)
	}
	return s
}

// labFrozen has the holder of a fair run frozen beyond its session: another holds too.
func labFrozen() lab.Snapshot {
	s := labSnap(lab.Fair, 5, 1)
	old := &s.Workers[0]
	old.Frozen, old.First, old.Link = true, false, lockctl.SessionSuspended
	s.Workers[1].State, s.Workers[1].First = lab.Holding, true
	s.Queue = s.Queue[1:]
	s.Queue[0].Holder = true
	s.Resource.Refused, s.Resource.Token = 1, 0x30000002a
	s.Resource.Last = []lab.Write{{Worker: old.N, Value: 1205, Token: 0x300000029, Refused: true, At: labNow}}
	s.Notes = append(s.Notes, lab.Note{Kind: lab.NoteTrouble, Text: "worker 3 believes that it holds the lock, and so does worker 1"})
	return s
}

// labCrash has the holder crashed and one that waits frozen.
func labCrash() lab.Snapshot {
	s := labSnap(lab.Fair, 5, 0)
	s.Workers[0].State, s.Workers[0].Until = lab.Crashed, labNow.Add(3400*time.Millisecond)
	s.Workers[2].Frozen, s.Workers[2].Until = true, labNow.Add(5200*time.Millisecond)
	s.State, s.Next = lab.Paused, "worker 4 asks which znodes there are"
	s.Workers = append(s.Workers, lab.Worker{N: 6, State: lab.Thinking}, lab.Worker{N: 7, State: lab.Gone})
	s.Notes = append(s.Notes, lab.Note{Kind: lab.NoteLab, Text: "you crashed worker 3: its connection is cut, and its session lives on"})
	return s
}

// labReaders are readers and writers: who waits does not always wait for the one before.
func labReaders() lab.Snapshot {
	s := labSnap(lab.ReadWrite, 6, 0)
	for i := range s.Workers {
		w := &s.Workers[i]
		w.Mode = lockctl.Read
		if i == 2 {
			w.Mode = lockctl.Write
		}
		if i > 2 {
			w.Watches = []lab.Watch{{Node: s.Workers[2].Node}}
		}
	}
	s.Workers[1].State, s.Workers[1].First, s.Workers[1].Watches = lab.Holding, true, nil
	s.Queue[1].Holder = true
	return s
}

// labRace are workers without a lock.
func labRace() lab.Snapshot {
	s := labSnap(lab.NoLock, 5, 0)
	s.Queue = nil
	for i := range s.Workers {
		w := &s.Workers[i]
		w.Watches, w.Node, w.First, w.N = nil, "", false, i+1
		if i > 2 {
			w.State = lab.Thinking
		} else {
			w.State = lab.Holding
		}
	}
	s.Resource = lab.Resource{Value: 740, Writes: 1204, Lost: 464}
	s.Counters.LostUpdates, s.Counters.HandoffMicros = 464, nil
	return s
}

// labPlaces is a semaphore of two places; the first that waits has a znode for a place,
// and one of another program is in the queue.
func labPlaces() lab.Snapshot {
	s := labSnap(lab.Semaphore, 6, 0)
	s.Options.Slots = 2
	for i := range s.Queue {
		s.Queue[i].Dir = "locks"
		if i < 3 {
			s.Queue[i].Dir = "leases"
		}
	}
	s.Workers[1].State, s.Workers[1].First, s.Queue[1].Holder = lab.Holding, true, true
	s.Workers[2].Watches = []lab.Watch{{Dir: "leases"}}
	s.Queue[4].Worker, s.Queue[4].Name = 0, "_c_a3b\u202e-lock-0000000045"
	s.Workers = append(s.Workers[:4], s.Workers[5:]...)
	return s
}

// labSingle is one persistent znode whose worker is gone, and others that wait for it.
func labSingle() lab.Snapshot {
	s := labSnap(lab.Single, 5, 0)
	s.Options.Persistent, s.Options.Pace = true, 300*time.Millisecond
	for i := range s.Workers {
		s.Workers[i].Watches, s.Workers[i].Node = []lab.Watch{{Node: "lock"}}, ""
	}
	s.Workers[0] = lab.Worker{N: s.Workers[0].N, State: lab.Gone}
	s.Queue = []lab.Znode{{Name: "lock", Czxid: 0x29, Worker: s.Workers[0].N, Holder: true}}
	return s
}

// labNaive is the tutorial's lock with all that can go wrong.
func labNaive() lab.Snapshot {
	s := labSnap(lab.Naive, 6, 0)
	s.Workers[0].State, s.Workers[0].Watches = lab.GivenUp, nil
	s.Workers[2].State = lab.Holding
	s.Workers[4].State = lab.Holding
	s.Workers[3].Link, s.Workers[3].Until = lockctl.SessionSuspended, labNow.Add(2500*time.Millisecond)
	s.Counters.TwoHolders, s.Counters.Nothing, s.Counters.Stale = 3, 1117, 2
	return s
}

// labOrphan has a worker that was not told of its first znode, and made another.
func labOrphan() lab.Snapshot {
	s := labSnap(lab.Naive, 4, 0)
	s.Workers[0].State, s.Workers[0].First, s.Workers[0].Watches = lab.Waiting, false, s.Workers[1].Watches
	s.Queue[0].Holder = false
	s.Queue = slices.Insert(s.Queue, 0, lab.Znode{Name: "lock-0000000039", Worker: s.Workers[1].N, Czxid: 1, Owner: s.Workers[1].Session, Holder: true})
	return s
}

var labLessonHerd = labLessonLook{
	title: "The herd", place: "step 2 of 4", head: "Everyone is told, and one gets it",
	text: "Both lanes have the same workers, and the same times. On the left everyone watches the parent znode: when the holder " +
		"leaves, every worker is told, and each of them lists the directory again to find that it is still not its turn.",
	look: "the arrows that light up, and the first figure of each lane", until: true,
}

// labScenes are what there is to see.
func labScenes() map[string]*labLook {
	two := func(a, b lab.Snapshot) *labLook {
		return &labLook{lanes: []labLane{{snap: a}, {snap: b}}, front: 1, where: "on a sandbox"}
	}
	one := func(a lab.Snapshot) *labLook {
		return &labLook{lanes: []labLane{{snap: a}}, where: "on a sandbox"}
	}
	herd := two(labSnap(lab.Naive, 5, 4), labSnap(lab.Fair, 5, 1))
	herd.sel = 1
	ten := two(labSnap(lab.Naive, 10, 9), labSnap(lab.Fair, 10, 1))
	ten.front, ten.sel = 0, 2
	lesson := two(labSnap(lab.Naive, 5, 4), labSnap(lab.Fair, 5, 1))
	lesson.lesson = &labLessonHerd
	crash := two(labCrash(), labFrozen())
	crash.front, crash.sel = 0, 3
	crash.where, crash.lanes[1].snap.Options.Unfenced = "on a sandbox of its own", true
	end := one(labNaive())
	end.lesson = &labLessonLook{
		title: "Why a lock is not enough", place: "the end", question: "Who refuses the write of a worker that has slept too long?",
		answer: "The resource, by the token: it has seen a greater one.", try: "set fencing off with e, and freeze the holder once more.",
	}
	return map[string]*labLook{
		"places": two(labPlaces(), labSingle()), "end": end,
		"herd": herd, "ten": ten, "lesson": lesson, "crash": crash,
		"fifty":   two(labSnap(lab.Naive, 50, 49), labSnap(lab.Fair, 50, 1)),
		"frozen":  one(labFrozen()),
		"orphan":  two(labOrphan(), labSnap(lab.Fair, 4, 0)),
		"readers": two(labReaders(), labRace()),
		"empty":   {lanes: []labLane{{why: "The servers cannot be reached: connect to 127.0.0.1:2181: connection refused."}, {}}},
	}
}

// labSizes are the bodies of screens of 80x24, 120x36 and 200x60.
var labSizes = [][2]int{{80, 18}, {120, 30}, {200, 54}}

func TestLabGoldens(t *testing.T) {
	for name := range labScenes() {
		for _, size := range labSizes {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, drawLab(t, labScenes()[name], testStyles(), size[0], size[1]))
			})
		}
	}
}

// drawLab draws a look and has it be of its size.
func drawLab(t *testing.T, l *labLook, st *styles, width, height int) string {
	t.Helper()
	rows := l.render(st, width, height, labNow)
	if len(rows) != height {
		t.Errorf("%d rows, not %d", len(rows), height)
	}
	for y, row := range rows {
		if w := ansi.StringWidth(row); w != width {
			t.Errorf("row %d is %d cells wide, not %d: %q", y, w, width, plain(row))
		}
	}
	return plain(strings.Join(rows, "\n")) + "\n"
}

// labThemes are the ways to write that a terminal may leave us.
var labThemes = map[string]*styles{
	"dark": newStyles(colorprofile.TrueColor, true, false), "light": newStyles(colorprofile.TrueColor, false, false),
	"mono": newStyles(colorprofile.ASCII, true, false), "ascii": newStyles(colorprofile.ANSI, true, true),
}

func TestLabThemes(t *testing.T) {
	for name, st := range labThemes {
		for _, scene := range []string{"herd", "crash"} {
			t.Run(name+"-"+scene, func(t *testing.T) {
				rows := labScenes()[scene].render(st, 120, 30, labNow)
				text := strings.Join(rows, "\n")
				if name == "ascii" {
					text = asciiFold(text)
				}
				golden.RequireEqual(t, strings.ReplaceAll(text, "\x1b", "␛")+"\n")
			})
		}
	}
}

// Each worker in view is where the mouse finds it.
func TestLabAt(t *testing.T) {
	for name, l := range labScenes() {
		for _, size := range labSizes {
			rows := strings.Split(drawLab(t, l, testStyles(), size[0], size[1]), "\n")
			seen := map[[2]int]bool{}
			for y := range rows {
				for x := range size[0] {
					if lane, n, ok := l.at(x, y); ok {
						seen[[2]int{lane, n}] = true
					}
				}
			}
			for _, h := range l.hits {
				if h.from >= h.to || h.from < 0 || h.y >= size[1] || !seen[[2]int{h.lane, h.worker}] {
					t.Errorf("%s %v: nobody can hit %+v", name, size, h)
				}
			}
			if len(l.hits) == 0 && name != "empty" {
				t.Errorf("%s %v: nobody can be hit", name, size)
			}
		}
	}
}

// No size is too small to be drawn.
func TestLabSizes(t *testing.T) {
	for _, l := range labScenes() {
		for width := 1; width < 210; width += 41 {
			for height := 1; height < 40; height += 9 {
				drawLab(t, l, testStyles(), width, height)
			}
		}
	}
}

// A watch is lit for a while after it has fired, while the lab is paused until the next
// request goes, and not in the wait after that one.
func TestLabLit(t *testing.T) {
	ago := func(d time.Duration) time.Time { return labNow.Add(-d) }
	for _, c := range []struct {
		fired, since time.Time
		state        lab.WorkerState
		run          lab.State
		last         bool
		there, lit   bool
	}{
		{time.Time{}, ago(time.Second), lab.Waiting, lab.Running, false, true, false},
		{ago(300 * time.Millisecond), ago(time.Second), lab.Waiting, lab.Running, false, true, true},
		{ago(1900 * time.Millisecond), ago(5 * time.Second), lab.Waiting, lab.Running, false, false, false},
		{ago(300 * time.Millisecond), ago(100 * time.Millisecond), lab.Waiting, lab.Running, false, false, false},
		{ago(300 * time.Millisecond), ago(100 * time.Millisecond), lab.Holding, lab.Running, false, true, true},
		{time.Time{}, ago(time.Second), lab.Waiting, lab.Paused, false, true, false},
		{ago(time.Minute), ago(time.Hour), lab.Waiting, lab.Paused, true, true, true},
		{ago(300 * time.Millisecond), ago(time.Hour), lab.Waiting, lab.Paused, false, false, false},
		{ago(time.Minute), ago(time.Second), lab.Waiting, lab.Paused, true, false, false},
	} {
		w := lab.Worker{N: 2, State: c.state, Since: c.since, Watches: []lab.Watch{{Node: "lock-0000000001", Fired: c.fired, Last: c.last}}}
		s := lab.Snapshot{State: c.run, Options: lab.Options{Recipe: lab.Fair}, Workers: []lab.Worker{w}}
		d := labDrawing{st: testStyles(), now: labNow}
		if l := d.link(&s, labSpots(&s), 0); l.there != c.there || l.lit != c.lit {
			t.Errorf("%+v: %+v", c, l)
		}
	}
}
