package tui

import (
	"fmt"
	"image"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"zkdeck/zkview"
)

// tourRows is how many znodes the tree of tourModel has.
const tourRows = 60

// tourModel is a screen on a session of the sandbox, as far as the model knows, that
// has some znodes.
func tourModel(t *testing.T, w, h int, change ...func(*Options)) *model {
	t.Helper()
	sess, err := zkview.Open(zkview.Config{Servers: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sess.Close() })
	o := Options{Session: sess, Title: "test", Sandbox: true, Now: func() time.Time { return time.Unix(1e9, 0) }}
	for _, f := range change {
		f(&o)
	}
	m := newModel(t.Context(), o)
	t.Cleanup(m.close)
	m.session = 1
	m.header.update(zkview.Status{State: zkview.Connected, Server: "127.0.0.1:1"})
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	var names []string
	for i := range tourRows {
		names = append(names, "znode-"+pad(i))
	}
	m.tree.tree.Apply(zkview.News{Kind: zkview.ListingNews, Path: "/", Listing: zkview.PrepareListing(names)})
	m.tree.settle()
	return m
}

// shownAround begins the tour and counts how often it was told that it is over.
func shownAround(done *atomic.Int32) func(*Options) {
	return func(o *Options) { o.Tour = &Tour{Show: true, Done: func() { done.Add(1) }} }
}

// runAll runs a command with all that it leads to.
func runAll(cmd tea.Cmd) {
	if cmd != nil {
		flatten(cmd())
	}
}

// content is a frame without its colours.
func content(m *model) string { return ansi.Strip(m.View().Content) }

func TestTourByNextToldOnce(t *testing.T) {
	var done atomic.Int32
	m := tourModel(t, 80, 24, shownAround(&done))
	for range 2 { // the second time by the command
		for i, s := range tourSteps {
			if got := content(m); !strings.Contains(got, fmt.Sprintf("%d/%d  %s", i+1, len(tourSteps), s.title)) {
				t.Fatalf("step %d is not shown in\n%s", i+1, got)
			} else if strings.Contains(got, "That was the tour") {
				t.Fatalf("in step %d it says that the tour is over\n%s", i+1, got)
			}
			runAll(m.keyPressed(press("n")))
		}
		if m.tour.on || done.Load() != 1 {
			t.Fatalf("after the last step the tour is on: %v, told %d times", m.tour.on, done.Load())
		}
		if got := content(m); strings.Contains(got, "6/6") || !strings.Contains(got, "That was the tour; :tour") {
			t.Fatalf("after the last step the screen is\n%s", got)
		}
		m.runCommand("tour")
	}
	m.close()
	if done.Load() != 1 {
		t.Errorf("told %d times", done.Load())
	}
}

func TestTourSkippedAndTheProgramEnds(t *testing.T) {
	var done atomic.Int32
	m := tourModel(t, 80, 24, shownAround(&done))
	cmd := m.keyPressed(press("N"))
	if got := content(m); strings.Contains(got, "1/6") || !strings.Contains(got, "The tour is over") || done.Load() != 0 {
		t.Errorf("told %d times already, or the screen is wrong:\n%s", done.Load(), got)
	}
	m.close() // before the command ran
	runAll(cmd)
	if done.Load() != 1 {
		t.Errorf("told %d times", done.Load())
	}
}

func TestTourLeftInTheMiddleComesAgain(t *testing.T) {
	var done atomic.Int32
	m := tourModel(t, 80, 24, shownAround(&done))
	runAll(m.keyPressed(press("n")))
	m.quitNow()
	m.close()
	if done.Load() != 0 {
		t.Error("told that the tour is over")
	}
	again := tourModel(t, 80, 24, func(o *Options) { o.Tour = m.opts.Tour })
	if got := content(again); !strings.Contains(got, "1/6") {
		t.Errorf("another session of the run does not begin the tour:\n%s", got)
	}
	runAll(again.keyPressed(press("N")))
	if third := tourModel(t, 80, 24, func(o *Options) { o.Tour = m.opts.Tour }); third.tour.on || done.Load() != 1 {
		t.Errorf("told %d times; after that another session begins the tour: %v", done.Load(), third.tour.on)
	}
}

func TestTourIsForTheSandboxAndWhoAsks(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"none":            func(*Options) {},
		"seen already":    func(o *Options) { o.Tour = &Tour{} },
		"another cluster": func(o *Options) { o.Sandbox, o.Tour = false, &Tour{Show: true} },
	} {
		t.Run(name, func(t *testing.T) {
			m := tourModel(t, 120, 36, change)
			without := content(m)
			for _, k := range []string{"n", "N"} {
				runAll(m.keyPressed(press(k)))
			}
			if got := content(m); strings.Contains(got, "1/6") || got != without {
				t.Errorf("the screen is\n%s", got)
			}
			m.zoom, m.focus = true, focusDetail
			m.relayout()
			m.runCommand("tour")
			if got := content(m); !strings.Contains(got, "1/6  The tree") || !strings.Contains(got, "▾ the tree ──") {
				t.Errorf("after :tour the screen is\n%s", got)
			}
			runAll(m.keyPressed(press("N")))
			if m.tour.on {
				t.Error("it is not skipped")
			}
		})
	}
}

// Letters that are text stay text, and the card does not offer them.
func TestTourTakesNoKeyThatIsText(t *testing.T) {
	var done atomic.Int32
	for name, open := range map[string]func(*model){
		"filter":  func(m *model) { m.keyPressed(press("/")) },
		"command": func(m *model) { m.keyPressed(press(":")) },
		"dialog":  func(m *model) { m.keyPressed(press("c")) },
		"help":    func(m *model) { m.keyPressed(press("?")) },
		"find":    func(m *model) { m.keyPressed(press("ctrl+f")) },
		"opening": func(m *model) { m.opening = true },
	} {
		t.Run(name, func(t *testing.T) {
			m := tourModel(t, 120, 36, shownAround(&done))
			open(m)
			m.keyPressed(press("n"))
			m.keyPressed(press("N"))
			if !m.tour.on || m.tour.at != 0 || done.Load() != 0 {
				t.Errorf("the tour took them: on %v, at %d", m.tour.on, m.tour.at)
			}
			got := content(m)
			if (name != "opening") == strings.Contains(got, "N skip") {
				t.Errorf("wrong keys are offered in\n%s", got)
			}
			if covered := name == "dialog" || name == "help"; covered == strings.Contains(got, "1/6") {
				t.Errorf("a dialog hides the card, nothing else does:\n%s", got)
			}
		})
	}
}

// What does not show takes no keys, before there is a session and where it has no room.
func TestTourTakesKeysWhereItShows(t *testing.T) {
	var done atomic.Int32
	m := tourModel(t, 80, 24, shownAround(&done))
	blind := func(when string) {
		t.Helper()
		runAll(m.keyPressed(press("n")))
		runAll(m.keyPressed(press("N")))
		if !m.tour.on || m.tour.at != 0 || done.Load() != 0 {
			t.Errorf("%s the tour took keys: on %v, at %d", when, m.tour.on, m.tour.at)
		}
	}
	m.session = 0
	blind("without a session")
	m.session = 1
	m.Update(tea.WindowSizeMsg{Width: 30, Height: 8})
	blind("on a small screen")
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if got := content(m); !strings.Contains(got, "1/6") {
		t.Errorf("the step is not shown in\n%s", got)
	}
}

// Every step fits every screen, in all themes, and never hides what is selected.
func TestTourFitsEveryScreen(t *testing.T) {
	sizes := [][2]int{{40, 10}, {55, 30}, {56, 18}, {60, 20}, {80, 18}, {80, 24}, {99, 40}, {100, 17}, {100, 24}, {120, 36}, {200, 60}}
	var done atomic.Int32
	for _, size := range sizes {
		for theme, change := range map[string]func(*Options){
			"dark":  func(*Options) {},
			"light": func(o *Options) { o.Theme = "light" },
			"ascii": func(o *Options) { o.ASCII = true },
			"mono":  func(o *Options) { p := colorprofile.ASCII; o.Profile = &p },
		} {
			m := tourModel(t, size[0], size[1], change, shownAround(&done))
			for m.tour.on {
				for _, row := range []int{0, 1, 3, 4, 5, 30, tourRows} {
					m.tree.selectRow(row)
					m.Update(nil)
					checkTour(t, m, fmt.Sprintf("%dx%d %s, step %d, row %d", size[0], size[1], theme, m.tour.at+1, row))
				}
				if s := m.tour.step(); s.seen != nil && !m.tour.there {
					m.tour.there = true
					checkTour(t, m, fmt.Sprintf("%dx%d %s, step %d, done", size[0], size[1], theme, m.tour.at+1))
				}
				m.nextStep()
			}
		}
	}
}

func checkTour(t *testing.T, m *model, what string) {
	t.Helper()
	frame := m.View().Content
	if why := frameTrouble(frame, m.width, m.height, false, m.opts.ASCII); why != "" {
		t.Errorf("%s: %s\n%s", what, why, ansi.Strip(frame))
	}
	lines := strings.Split(ansi.Strip(frame), "\n")
	sel := m.selectedRow()
	if row := ansi.Cut(lines[sel.Min.Y], sel.Min.X, sel.Max.X); m.screens.top() == nil &&
		strings.TrimSpace(strings.Trim(row, m.st.bar)) != strings.TrimPrefix(m.tree.sel, "/") && m.tree.sel != "/" {
		t.Errorf("%s: the selected row is %q in\n%s", what, row, strings.Join(lines, "\n"))
	}
	if !strings.Contains(strings.Join(lines, "\n"), fmt.Sprintf("%d/%d", m.tour.at+1, len(tourSteps))) {
		t.Errorf("%s: the step does not show in\n%s", what, strings.Join(lines, "\n"))
	}
	if _, _, ok := m.tourCard(m.tourNow()); !ok { // its line has the keys
		if m.width >= 60 && m.height >= 20 {
			t.Errorf("%s: no card in\n%s", what, strings.Join(lines, "\n"))
		}
		return
	}
	footer, do := lines[len(lines)-1], m.tourNow().do[0].key.Help().Key
	if !m.opts.ASCII && !strings.HasPrefix(footer, "  "+do) {
		t.Errorf("%s: the footer does not begin with %s: %q", what, do, footer)
	}
}

// A click on the card means nothing that lies below it.
func TestTourCardIsNotClickedThrough(t *testing.T) {
	var done atomic.Int32
	m := tourModel(t, 80, 24, shownAround(&done))
	x, y := 10, 16
	if !m.onCard(image.Pt(x, y)) || m.onCard(image.Pt(x, 5)) {
		t.Fatalf("the card is elsewhere:\n%s", content(m))
	}
	click := tea.MouseClickMsg{Button: tea.MouseLeft, X: x, Y: y}
	m.Update(click)
	if m.focus != focusTree {
		t.Error("the click went to the detail")
	}
	m.keyPressed(press("N"))
	m.Update(click)
	if m.focus != focusDetail {
		t.Error("without the card the click does not reach the detail")
	}
}

func TestPlaceCard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := image.Rect(0, 3, rapid.IntRange(cardMinWidth, 200).Draw(t, "width"), 3+rapid.IntRange(cardMinRows, 60).Draw(t, "rows"))
		size := image.Pt(rapid.IntRange(20, body.Dx()).Draw(t, "w"), rapid.IntRange(3, 9).Draw(t, "h"))
		line := rapid.IntRange(body.Min.Y, body.Max.Y-1).Draw(t, "line")
		keep := image.Rect(0, line, rapid.IntRange(1, body.Dx()).Draw(t, "keep"), line+1)
		at, ok := placeCard(body, size, keep, image.Rectangle{})
		room := max(keep.Min.Y-body.Min.Y, body.Max.Y-keep.Max.Y) >= size.Y || keep.Max.X <= body.Max.X-size.X
		if ok != room {
			t.Fatalf("it has a place: %v; there is room: %v", ok, room)
		}
		if ok && (at.Size() != size || !at.In(body) || at.Overlaps(keep)) {
			t.Fatalf("it stands at %v in %v, over %v", at, body, keep)
		}
	})
}

// Who needs no tour pays nothing for it.
func TestWithoutTourNothingIsAllocated(t *testing.T) {
	m := tourModel(t, 120, 36)
	if err := m.sess.Close(); err != nil { // it tries to connect meanwhile, which asks for memory
		t.Fatal(err)
	}
	rows := strings.Split(m.View().Content, "\n")
	if n := testing.AllocsPerRun(100, func() {
		m.drawTour(rows)
		_ = m.watchTour()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
