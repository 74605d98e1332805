package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// topKept is how many of the top changing paths are shown at most, topEvery how
// often they are counted, and topRecent how far back where only what is recent
// counts.
const (
	topKept   = 200
	topEvery  = 500 * time.Millisecond
	topRecent = time.Minute
)

// topPaths are the paths that change most: since the feed began, or in the last
// minute. Counting them anew with every change would make them restless and dear.
type topPaths struct {
	recent bool
	shown  bool // there is room for them
	rows   []topPath
	at     time.Time
}

type topPath struct {
	path  string
	count int
}

// turnTop counts the top changing paths over another time.
func (a *activity) turnTop() tea.Cmd {
	a.top = topPaths{recent: !a.top.recent, shown: a.top.shown}
	if !a.top.shown {
		return flash(levelInfo, fmt.Sprintf("The top changing paths show from %d columns on", topWidth))
	}
	return nil
}

// refresh counts anew when it is due.
func (t *topPaths) refresh(log *zkview.ActivityLog, now time.Time) {
	if since := now.Sub(t.at); since >= 0 && since < topEvery {
		return
	}
	t.at, t.rows = now, t.rows[:0]
	if !t.recent {
		for _, p := range log.Top(topKept) {
			t.rows = append(t.rows, topPath{p.Path, int(p.Count)})
		}
		return
	}
	counts := map[string]int{}
	for row := range log.Len() {
		act := feedRow(log, row)
		if now.Sub(act.At) > topRecent {
			break
		}
		if act.Kind != zkview.Resync {
			counts[act.Path]++
		}
	}
	for path, n := range counts {
		t.rows = append(t.rows, topPath{path, n})
	}
	slices.SortFunc(t.rows, func(a, b topPath) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.path, b.path))
	})
	t.rows = t.rows[:min(len(t.rows), topKept)]
}

// render draws the paths on height rows of width cells.
func (t *topPaths) render(st *styles, root string, width, height int) []string {
	out := make([]string, 0, height)
	when := "since the start "
	if t.recent {
		when = "last minute "
	}
	out = append(out, st.line(width, false, []span{{st.dim, " top changing paths"}}, []span{{st.dim, when}}))
	bar := min(max(width/5, 4), 12)
	for i := 0; len(out) < height; i++ {
		if i >= len(t.rows) {
			out = append(out, strings.Repeat(" ", width))
			continue
		}
		r := t.rows[i]
		n := min(max(r.count*bar/max(t.rows[0].count, 1), 1), bar)
		right := []span{
			{st.text, safetext.PadLeft(comma(r.count), 7) + " "},
			{st.warn, safetext.Pad(strings.Repeat(st.block, n), bar) + " "},
		}
		room := width - spansWidth(right) - 2
		path := safetext.TruncateMiddle(safetext.Clean(relative(r.path, root)), max(room, 1))
		out = append(out, st.line(width, false, []span{{st.text, " " + path}}, right))
	}
	return out[:height]
}
