package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"zkdeck/zkview"
)

// told is a source of changes that a test makes up.
type told struct{ status zkview.ActivityStatus }

var _ changes = (*told)(nil)

func (*told) Next(ctx context.Context) ([]zkview.Action, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (t *told) Status() zkview.ActivityStatus { return t.status }
func (*told) Close()                          {}

// testFeed is a feed of root whose changes come from the test.
func testFeed(t interface{ Context() context.Context }, root string, now time.Time) (*activity, *told) {
	src := &told{zkview.ActivityStatus{Path: root, Armed: true}}
	a := newActivity()
	a.start(t.Context(), src, root, now)
	return a, src
}

// come has n changes come, each of another path.
func (a *activity) come(n int, at time.Time) {
	acts := make([]zkview.Action, n)
	for i := range acts {
		seq := a.last + uint64(i) + 1
		acts[i] = zkview.Action{Seq: seq, Change: zkview.Change{Kind: zkview.DataChanged, Path: fmt.Sprintf("/r/%c/%d", 'a'+rune(seq%3), seq), At: at}}
	}
	a.take(activityMsg{gen: a.gen, actions: acts})
}

// While the selection is not on the newest change, neither it nor what is around it
// moves, whatever comes, whatever is paused and goes on; on the newest it stays there.
func TestFeedStandsStill(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	keys := DefaultKeyMap()
	rapid.Check(t, func(t *rapid.T) {
		a, _ := testFeed(t, "/r", now)
		height := rapid.IntRange(3, 40).Draw(t, "height")
		st := testStyles()
		view := func() []string {
			rows := a.rows(st, 80, height, now, true)
			for i, r := range rows {
				rows[i] = plain(r)
			}
			return rows
		}
		names := []string{"up", "down", "pgup", "pgdown", "g", "G", "ctrl+u", "ctrl+d"}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			was, away := view(), a.list.away
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				a.come(rapid.IntRange(1, 60).Draw(t, "changes"), now)
				checkStill(t, a, was, view(), away)
			case 1:
				a.pause()
				if a.since != nil {
					checkStill(t, a, was, view(), true)
				} else {
					checkStill(t, a, was, view(), away)
				}
			case 2:
				a.list.key(press(rapid.SampledFrom(names).Draw(t, "key")), &keys, a)
			}
			checkSelection(t, a, view())
		}
	})
}

// checkStill checks that what was on the screen is there still, if one is away, and
// that the newest is on top if not.
func checkStill(t *rapid.T, a *activity, was, is []string, away bool) {
	if !away && a.since == nil {
		if a.list.top(a.log) != 0 || a.list.row(a.log) > 0 {
			t.Fatalf("the newest is not followed: row %d, top %d", a.list.row(a.log), a.list.top(a.log))
		}
		return
	}
	for i := range was {
		if strings.TrimSpace(was[i]) != "" && !strings.HasPrefix(strings.TrimSpace(was[i]), "Nothing") &&
			!strings.HasPrefix(strings.TrimSpace(was[i]), "Every change") && was[i] != is[i] {
			t.Fatalf("line %d was\n%s\nis\n%s", i, was[i], is[i])
		}
	}
}

// checkSelection checks that exactly one row is selected, where there is any.
func checkSelection(t *rapid.T, a *activity, rows []string) {
	n := 0
	for _, r := range rows {
		if strings.HasPrefix(r, "▌") {
			n++
		}
	}
	if n != min(a.log.Len(), 1) {
		t.Fatalf("%d rows are selected of %d:\n%s", n, a.log.Len(), strings.Join(rows, "\n"))
	}
}

// Nothing ticks when nothing has come for as long as the sparkline shows.
func TestFeedIsIdle(t *testing.T) {
	now := time.Unix(1_700_000_000, 300_000_000)
	a, src := testFeed(t, "/r", now)
	if d := a.nextChange(now); d != 0 {
		t.Errorf("before anything came it wants to be drawn in %v", d)
	}
	a.come(10, now)
	if d := a.nextChange(now); d != 700*time.Millisecond {
		t.Errorf("after a change it wants to be drawn in %v", d)
	}
	if n := a.rate(now); n != 10 {
		t.Errorf("the rate is %d", n)
	}
	if n := a.rate(now.Add(2 * time.Second)); n != 0 {
		t.Errorf("the rate is %d, two seconds later", n)
	}
	later := now.Add((activityWindow + 2) * time.Second)
	if d := a.nextChange(later); d != 0 {
		t.Errorf("after a minute it wants to be drawn in %v", d)
	}
	if rates := a.rates(later, activityWindow); peak(rates) != "" {
		t.Errorf("what does not tick any more shows %v", rates)
	}
	src.status.Armed = false
	if d := a.nextChange(later); d != armedPoll {
		t.Errorf("while it waits for the watch it looks in %v", d)
	}
	src.status.Armed, src.status.Reading = true, true
	if d := a.nextChange(later); d != armedPoll {
		t.Errorf("while it is not known whether there is a znode it looks in %v", d)
	}
	a.stop()
	if d := a.nextChange(now); d != 0 {
		t.Errorf("after its end it wants to be drawn in %v", d)
	}
}

// Every size that the screen may have gets exactly its cells, whatever is shown.
func TestFeedFitsAnySize(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	keys := DefaultKeyMap()
	a, src := testFeed(t, "/"+hostile, now)
	st := newStyles(colorprofile.TrueColor, true, false)
	check := func(what string) {
		t.Helper()
		for width := 38; width < 230; width += 23 {
			for height := 3; height < 60; height += 11 {
				rows, _ := (&activityScreen{feed: a, keys: &keys}).render(st, width, height, now)
				if len(rows) != height {
					t.Fatalf("%s: %dx%d has %d rows", what, width, height, len(rows))
				}
				for i, r := range rows {
					if w := ansi.StringWidth(r); w != width {
						t.Fatalf("%s: %dx%d: row %d is %d wide: %s", what, width, height, i, w, plain(r))
					}
				}
			}
		}
	}
	check("empty")
	at := zkview.Change{Kind: zkview.DataChanged, Path: "/" + hostile + "/" + hostile, At: now, Since: now}
	stat := zkview.Stat{Version: 1 << 30, DataLength: 1 << 30, EphemeralOwner: 1 << 60}
	full := zkview.Action{Change: at, Stat: stat, HasStat: true, Data: []byte(hostile), HasData: true, Before: []byte("{\"a\": 1}"), HasBefore: true, Cut: true}
	for _, kind := range []zkview.EventKind{zkview.Created, zkview.DataChanged, zkview.Deleted, zkview.Resync} {
		for flags := range 8 {
			x := full
			x.Seq, x.Kind = a.last+1, kind
			x.HasData, x.HasBefore, x.HasStat, x.Missed = flags&1 != 0, flags&2 != 0, flags&4 == 0, flags&4 != 0
			if flags == 0 {
				x.Err, x.Note = zkview.ErrNoAuth, hostile
			}
			a.take(activityMsg{gen: a.gen, actions: []zkview.Action{x}})
			check("with rows")
			cmd := a.change.show(x)
			check("comparing")
			ready, _ := cmd().(changeReadyMsg)
			a.change.take(ready)
			check("compared")
			a.change.close()
		}
	}
	src.status.Partial, src.status.Missing, src.status.Lost = "an old server: "+hostile, true, 1234
	a.pause()
	check("paused")
	a.typing = true
	a.filter.input.SetValue("no such path")
	a.setFilter()
	check("typing")
	a.typing = false
	check("filtered")
	a.err = zkview.ErrClosed
	check("ended")
}

// BenchmarkFeed measures a batch of changes with the frame after it at 200x60, as 30
// of them a second come at 5,000 changes a second, in a log of few and of many.
func BenchmarkFeed(b *testing.B) {
	keys := DefaultKeyMap()
	st := newStyles(colorprofile.TrueColor, true, false)
	for _, before := range []int{100, activityKept} {
		for _, filter := range []string{"", "/a/"} {
			b.Run(fmt.Sprintf("%d,filter=%q", before, filter), func(b *testing.B) {
				now := time.Unix(1_700_000_000, 0)
				a, _ := testFeed(b, "/r", now)
				a.filter.input.SetValue(filter)
				a.setFilter()
				a.come(before, now)
				for b.Loop() {
					now = now.Add(time.Second / 30)
					a.come(5000/30, now)
					a.render(st, &keys, 200, 54, now)
				}
			})
		}
	}
}
