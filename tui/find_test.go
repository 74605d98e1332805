package tui

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"zkdeck/zkview"
)

// fakeSearch finds what a test sends it.
type fakeSearch struct{ hits chan []zkview.Hit }

func (f *fakeSearch) Find(ctx context.Context, _ string, _ zkview.Query, _ zkview.WalkOptions, found func([]zkview.Hit) error) (zkview.WalkProgress, error) {
	var p zkview.WalkProgress
	for {
		select {
		case <-ctx.Done():
			return p, context.Cause(ctx)
		case batch, ok := <-f.hits:
			if !ok {
				return p, nil
			}
			p.Visited += int64(len(batch))
			if err := found(batch); err != nil {
				return p, err
			}
		}
	}
}

func (f *fakeSearch) Walk(context.Context, string, zkview.WalkOptions, func([]zkview.Znode) error) (zkview.WalkProgress, error) {
	return zkview.WalkProgress{}, nil
}

func (f *fakeSearch) Stat(context.Context, string) (zkview.Stat, error) { return zkview.Stat{}, nil }

// fakeHost is a program that remembers marks and what was said.
type fakeHost struct {
	marks map[string]bool
	said  []string
	lines []string
	went  string
}

func (h *fakeHost) marked(path string) bool      { return h.marks[path] }
func (h *fakeHost) markedLen() int               { return len(h.marks) }
func (h *fakeHost) forget(path string)           { delete(h.marks, path) }
func (h *fakeHost) copyText(_, _ string) tea.Cmd { return nil }
func (h *fakeHost) deleteOr(string) tea.Cmd      { return nil }
func (h *fakeHost) jump(path string) tea.Cmd     { h.went = path; return nil }

func (h *fakeHost) say(_ level, text string)                             { h.said = append(h.said, text) }
func (h *fakeHost) earlier(string) []string                              { return h.lines }
func (h *fakeHost) remember(_, line string)                              { h.lines = append(h.lines, line) }
func (h *fakeHost) after(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
func (h *fakeHost) toggleMark(path string) {
	if h.marks[path] {
		delete(h.marks, path)
	} else {
		h.marks[path] = true
	}
}

// finding is a Find screen in which a search is under way.
type finding struct {
	*findScreen
	t    testing.TB
	host *fakeHost
	hits chan []zkview.Hit
	st   *styles
	done chan struct{}
}

func startFinding(t testing.TB, query string) *finding {
	t.Helper()
	keys := DefaultKeyMap()
	search, h := &fakeSearch{make(chan []zkview.Hit)}, &fakeHost{marks: map[string]bool{}}
	f := &finding{newFindScreen(t.Context(), 1, search, h, &keys), t, h, search.hits, newStyles(colorprofile.TrueColor, true, false), make(chan struct{})}
	f.setQuery(query)
	f.start()
	f.inList = true
	run := f.run
	go func() { defer close(f.done); run.search(search) }()
	t.Cleanup(func() { f.close(); <-f.done })
	f.draw()
	return f
}

func (f *finding) draw() []string {
	rows, _ := f.render(f.st, 80, 12, time.Now())
	return rows
}

// found sends hits and waits until they are in the list.
func (f *finding) found(hits ...zkview.Hit) {
	f.t.Helper()
	f.run.mu.Lock()
	want := f.run.hits.Total() + len(hits)
	f.run.mu.Unlock()
	f.hits <- hits
	for {
		f.run.mu.Lock()
		n := f.run.hits.Total()
		f.run.mu.Unlock()
		if n >= want {
			break
		}
		runtime.Gosched()
	}
	f.update(findNewsMsg{gen: f.gen, found: want, kept: want})
}

func (f *finding) press(key string) {
	f.t.Helper()
	code := map[string]rune{"down": tea.KeyDown, "up": tea.KeyUp, "enter": tea.KeyEnter, "space": tea.KeySpace}[key]
	if code == 0 {
		f.key(tea.KeyPressMsg{Code: rune(key[0]), Text: key})
		return
	}
	f.key(tea.KeyPressMsg{Code: code})
}

func hit(path string, score int) zkview.Hit {
	return zkview.Hit{Path: path, Score: score, HasStat: true}
}

func TestFindSelectionStaysWhereAPersonPutIt(t *testing.T) {
	t.Parallel()
	f := startFinding(t, "x")
	f.found(hit("/b", 5), hit("/c", 4))
	f.found(hit("/a", 9)) // nobody has moved: the best is selected
	if f.sel.Path != "/a" || f.list.at != 0 {
		t.Fatalf("selected is %s at %d", f.sel.Path, f.list.at)
	}
	f.press("down")
	f.press("down")
	for i := range 30 {
		f.found(hit(fmt.Sprintf("/better-%d", i), 10+i))
	}
	if f.sel.Path != "/c" || f.list.at != 32 || f.list.n != 33 {
		t.Errorf("selected is %s at %d of %d", f.sel.Path, f.list.at, f.list.n)
	}
	if y := f.list.at - f.list.top; y != 2 && f.list.top+f.list.height != f.list.n {
		t.Errorf("the selection moved to line %d", y)
	}
	for _, want := range []string{"/c"} {
		if rows := strings.Join(f.draw(), "\n"); !strings.Contains(rows, want) {
			t.Errorf("%s is not in view:\n%s", want, rows)
		}
	}
	f.press("enter")
	if f.host.went != "/c" {
		t.Errorf("went to %q", f.host.went)
	}
	f.found(hit("/z", 1), hit("/y", 2))
	if f.sel.Path != "/c" {
		t.Errorf("selected is %s", f.sel.Path)
	}
}

func TestFindMouse(t *testing.T) {
	t.Parallel()
	f := startFinding(t, "x")
	f.found(hit("/a", 3), hit("/b", 2), hit("/c", 1))
	f.update(tea.MouseClickMsg{Button: tea.MouseLeft, X: 3, Y: findHead + 2})
	if f.sel.Path != "/c" {
		t.Errorf("a click selects %s", f.sel.Path)
	}
	f.update(tea.MouseClickMsg{Button: tea.MouseLeft, X: 3, Y: findHead + 9}) // below the last
	f.update(tea.MouseClickMsg{Button: tea.MouseLeft, X: 3, Y: findHead + 2})
	if f.host.went != "/c" {
		t.Errorf("a click on what is selected leads to %q", f.host.went)
	}
	f.update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	if f.sel.Path != "/a" {
		t.Errorf("the wheel leads to %s", f.sel.Path)
	}
	f.update(tea.MouseClickMsg{Button: tea.MouseLeft, X: 3, Y: 0})
	if !f.typing() {
		t.Error("a click on the query does not lead there")
	}
}

func TestFindDropsWhatAnEarlierSearchSays(t *testing.T) {
	t.Parallel()
	f := startFinding(t, "x")
	f.found(hit("/old", 1))
	old := findNewsMsg{gen: f.gen, found: 7}
	f.query.set("y")
	f.edited()
	if !f.stale() || len(f.page) != 1 {
		t.Errorf("the results of the search before are stale: %v, %d in view", f.stale(), len(f.page))
	}
	f.update(old)
	f.update(findRestMsg{f.gen - 1})
	if f.run != nil {
		t.Error("a search goes on that was typed over")
	}
	f.update(findRestMsg{f.gen})
	if f.run == nil || f.run.told.found != 0 {
		t.Error("what rested is not searched for")
	}
	f.update(findNewsMsg{gen: f.gen, done: true})
	if f.stale() || len(f.page) != 0 {
		t.Errorf("nothing was found, but %d are in view", len(f.page))
	}
}

func TestFindMarksNoMoreThanItSays(t *testing.T) {
	t.Parallel()
	f := startFinding(t, "x")
	hits := make([]zkview.Hit, maxMarkAll+5)
	for i := range hits {
		hits[i] = hit(fmt.Sprintf("/n%05d", i), 1)
	}
	f.found(hits...)
	f.press("a")
	if len(f.host.marks) != maxMarkAll || !strings.Contains(f.host.said[0], "the first 1,000 of 1,005") {
		t.Errorf("%d are marked, %q", len(f.host.marks), f.host.said)
	}
	f.press("a")
	if len(f.host.marks) != 0 {
		t.Errorf("%d are marked still", len(f.host.marks))
	}
}

func TestFindSaysWhatIsCutOff(t *testing.T) {
	t.Parallel()
	f := startFinding(t, "x")
	f.found(hit("/a", 1))
	f.update(findNewsMsg{gen: f.gen, found: 312_763, kept: 100_000, done: true, progress: zkview.WalkProgress{Visited: 400_000, Unread: 3, Slow: true}})
	text := strings.Join(f.draw()[:2], "\n")
	for _, want := range []string{"312,763 found", "the best 100,000 are listed"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// BenchmarkFindFrame is what a batch of news costs the screen when 100,000 results
// are there, with the frame after it.
func BenchmarkFindFrame(b *testing.B) {
	f := startFinding(b, "task")
	hits := make([]zkview.Hit, 100_000)
	for i := range hits {
		p := fmt.Sprintf("/wide/task-%010d", i)
		hits[i] = zkview.Hit{Path: p, Score: i % 100, Name: []zkview.Span{{From: 6, To: 10}}, HasStat: true}
	}
	f.found(hits...)
	for range 20 {
		f.press("down")
	}
	b.Run("news", func(b *testing.B) {
		for b.Loop() {
			f.update(findNewsMsg{gen: f.gen, found: len(hits), kept: len(hits)})
		}
	})
	b.Run("frame", func(b *testing.B) {
		now := time.Now()
		for b.Loop() {
			f.render(f.st, 200, 60, now)
		}
	})
}
