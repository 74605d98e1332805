package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"pgregory.net/rapid"

	"zkdeck/lockctl"
)

// moving is a queue of a mutex that a test moves.
type moving struct {
	q    *lockQueue
	next int32
	all  []lockctl.Contender
	tl   *lockctl.Timeline
}

func newMoving(n int) *moving {
	m := &moving{}
	m.q = newLockQueue(&fakeHost{}, "/m", func(int64) bool { return false })
	m.join(n)
	return m
}

func (m *moving) join(n int) {
	for range n {
		m.all = append(m.all, lockctl.Contender{
			Dir: "/m", Node: fmt.Sprintf("lock-%010d", m.next), Mode: lockctl.Exclusive, Sequence: m.next, Sequential: true,
			Session: int64(m.next) + 1, Stat: lockctl.Stat{Czxid: int64(m.next) + 1},
		})
		m.next++ // at its end it goes on below zero, as the server's does
	}
}

func (m *moving) leave(i int) { m.all = slices.Delete(m.all, i, i+1) }

// view is the queue as it is now.
func (m *moving) view() *lockctl.View {
	v := &lockctl.View{Lock: lockctl.Lock{Path: "/m", Recipe: lockctl.PlainLock, Kind: lockctl.Mutex, Limit: 1, Contenders: slices.Clone(m.all)}, Timeline: m.tl}
	for i := range v.Contenders {
		c := &v.Contenders[i]
		c.Role, c.WaitsFor = lockctl.Waiter, i-1
		if i == 0 {
			c.Role, c.WaitsFor = lockctl.Holder, lockctl.NobodyBefore
		}
	}
	return v
}

// draw shows the queue as it is now and returns the rows of the list without ages.
func (m *moving) draw(height int, now time.Time) []string {
	m.q.show(&lockctl.Snapshot{Locks: []*lockctl.View{m.view()}})
	var rows []string
	for _, r := range m.q.render(testStyles(), 80, height, now)[m.q.body.first:][:m.q.body.rows] {
		rows = append(rows, plain(r))
	}
	return rows
}

// selectedRow is the line and the number that are selected.
func selectedRow(rows []string) (line int, number string) {
	for i, r := range rows {
		if strings.HasPrefix(r, "▌") {
			return i, regexp.MustCompile(`-?\d{10}`).FindString(r)
		}
	}
	return -1, ""
}

// Whoever comes and goes, the selection stays on its contender, and on its line as
// long as there are enough before it; when its contender goes, on its line.
func TestQueueSelectionStays(t *testing.T) {
	keys := DefaultKeyMap()
	rapid.Check(t, func(t *rapid.T) {
		m := newMoving(rapid.IntRange(0, 60).Draw(t, "contenders"))
		if rapid.Bool().Draw(t, "at its end") {
			m.next, m.all = 2147483647-20, nil
			m.join(40)
		}
		height := rapid.IntRange(4, 12).Draw(t, "height")
		rows := m.draw(height, queueNow)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "key") {
				m.q.key(press(rapid.SampledFrom([]string{"down", "up", "pgdown", "pgup", "G", "g"}).Draw(t, "which")), &keys)
				rows = m.draw(height, queueNow)
				continue
			}
			line, number := selectedRow(rows)
			held := m.q.list.held
			for range rapid.IntRange(0, 5).Draw(t, "go") {
				if len(m.all) > 0 {
					m.leave(rapid.IntRange(0, len(m.all)-1).Draw(t, "who") / rapid.SampledFrom([]int{1, 100}).Draw(t, "head"))
				}
			}
			m.join(rapid.IntRange(0, 5).Draw(t, "come"))
			rows = m.draw(height, queueNow)
			checkStays(t, m, rows, line, number, held)
		}
	})
}

func checkStays(t *rapid.T, m *moving, rows []string, line int, number string, held bool) {
	is, now := selectedRow(rows)
	if len(m.all) == 0 || number == "" {
		return
	}
	if !held {
		if is != 0 || m.q.list.at != 0 {
			t.Fatalf("the first is not selected any more: line %d of\n%s", is, strings.Join(rows, "\n"))
		}
		return
	}
	at := slices.IndexFunc(m.all, func(c lockctl.Contender) bool { return c.Node == "lock-"+number })
	last := min(len(rows), len(m.all)) - 1
	switch {
	case at >= 0 && now != number:
		t.Fatalf("%s was selected and is still there; now it is %s", number, now)
	case at >= 0 && at >= line && len(m.all)-at >= len(rows)-line && is != line:
		t.Fatalf("%s was on line %d and is on %d:\n%s", number, line, is, strings.Join(rows, "\n"))
	case at < 0 && is != min(line, last):
		t.Fatalf("the selection was on line %d of %d and is on %d:\n%s", line, last+1, is, strings.Join(rows, "\n"))
	}
}

// A queue that turns over 500 times a second is shown twice a second, says so, and
// the selection does not leap; when it is quiet again, every change shows at once.
func TestQueueTurnsOverFast(t *testing.T) {
	keys := DefaultKeyMap()
	m := newMoving(200)
	m.tl = lockctl.NewTimeline(10_000)
	at := queueNow
	turn := func() {
		m.leave(0)
		m.join(1)
		c := &m.all[0]
		m.tl.Set(at, []lockctl.Party{{ID: uint64(c.Session), Node: c.Node, Session: c.Session}}, len(m.all)-1)
	}
	const frame = 40 * time.Millisecond
	m.draw(18, at)
	m.q.key(press("down"), &keys)
	m.q.key(press("down"), &keys)
	shown, last := 0, ""
	for i := range 100 { // four seconds
		for range 20 {
			at = at.Add(frame / 20)
			turn()
		}
		rows := m.draw(18, at)
		line, _ := selectedRow(rows)
		if i < 50 {
			last = rows[0]
			continue
		}
		if rows[0] != last {
			shown++
		}
		last = rows[0]
		if line != 2 {
			t.Fatalf("the selection leapt to line %d:\n%s", line, strings.Join(rows, "\n"))
		}
	}
	if shown < 3 || shown > 5 {
		t.Errorf("in two seconds the rows were others %d times", shown)
	}
	head := m.head(at)
	if !strings.Contains(head, "changes hands 500 times a second") {
		t.Errorf("it does not say how fast it is:\n%s", head)
	}
	for range 4 { // and then it is quiet
		at = at.Add(time.Second)
		m.draw(18, at)
	}
	if head := m.head(at); strings.Contains(head, "changes hands") {
		t.Errorf("it is not fast any more:\n%s", head)
	}
	before := m.draw(18, at)[0]
	turn()
	if now := m.draw(18, at.Add(frame))[0]; now == before {
		t.Errorf("a change does not show at once: %s", now)
	}
}

// head is what stands above the list.
func (m *moving) head(now time.Time) string {
	return plain(strings.Join(m.q.render(testStyles(), 100, 18, now)[:m.q.body.first], "\n"))
}

// A contender deep in a queue that moves fast stays on its line, and so do those
// around it.
func TestQueueStandsStillDeepInside(t *testing.T) {
	keys := DefaultKeyMap()
	m := newMoving(1000)
	m.draw(18, queueNow)
	for range 40 {
		m.q.key(press("pgdown"), &keys)
	}
	rows := m.draw(18, queueNow)
	for range 15 {
		for range 17 {
			m.leave(0)
			m.join(1)
		}
		now := m.draw(18, queueNow)
		if !slices.Equal(rows, now) {
			t.Fatalf("it was\n%s\nis\n%s", strings.Join(rows, "\n"), strings.Join(now, "\n"))
		}
	}
}

// Paused, it stands still whatever comes, and then goes on.
func TestQueuePauses(t *testing.T) {
	keys := DefaultKeyMap()
	m := newMoving(5)
	before := m.draw(18, queueNow)
	m.q.key(press("space"), &keys)
	m.leave(0)
	if now := m.draw(18, queueNow.Add(time.Minute)); !slices.Equal(before, now) {
		t.Errorf("it was\n%s\nis\n%s", strings.Join(before, "\n"), strings.Join(now, "\n"))
	}
	if d := m.q.nextChange(queueNow); d != 0 {
		t.Errorf("paused, it wants to be drawn in %v", d)
	}
	if head := m.head(queueNow); !strings.Contains(head, "paused at 12:00:00") {
		t.Errorf("it does not say that it is paused:\n%s", head)
	}
	m.q.key(press("space"), &keys)
	if now := m.draw(18, queueNow.Add(time.Minute)); slices.Equal(before, now) {
		t.Error("it does not go on")
	}
}

// What a frame costs depends on the rows in view: nothing else of a contender is
// looked at, whom it waits for included, and as much memory is asked for.
func TestQueueFrameCostsTheRowsInView(t *testing.T) {
	st := testStyles()
	allocs := func(n int) float64 {
		m := newMoving(n)
		v := m.view()
		for i := 60; i < n-60; i++ {
			v.Contenders[i].WaitsFor = 1 << 40 // drawing it would panic
		}
		snap := &lockctl.Snapshot{Locks: []*lockctl.View{v}}
		m.q.show(snap)
		m.q.render(st, 200, 54, queueNow)
		return testing.AllocsPerRun(20, func() {
			again := *v
			m.q.show(&lockctl.Snapshot{Locks: []*lockctl.View{&again}})
			m.q.render(st, 200, 54, queueNow)
		})
	}
	few := allocs(100)
	if many := allocs(100_000); many > few*1.05 { // its figures are longer
		t.Errorf("a frame of 100,000 contenders asks for memory %v times, of 100 %v times", many, few)
	}
}

// BenchmarkQueueFrame is a frame of 200x60: of the same queue in another view, as
// when only its timeline moved, and of one that has turned over.
func BenchmarkQueueFrame(b *testing.B) {
	st := newStyles(colorprofile.TrueColor, true, false)
	for _, n := range []int{100, 100_000} {
		for _, turns := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d,turns=%v", n, turns), func(b *testing.B) {
				m := newMoving(n)
				views := []*lockctl.View{m.view()}
				if turns {
					m.leave(0)
					m.join(1)
					views = append(views, m.view())
				}
				keys := DefaultKeyMap()
				m.draw(54, queueNow)
				m.q.key(press("down"), &keys)
				for i := 0; b.Loop(); i++ {
					v := *views[i%len(views)]
					m.q.show(&lockctl.Snapshot{Locks: []*lockctl.View{&v}})
					m.q.render(st, 200, 54, queueNow)
				}
			})
		}
	}
}
