package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/tui/value"
)

// The width from which the timeline stands beside the queue, and the heights of what
// is between head and warnings from which it shows below the queue, and from which
// the columns have headings.
const (
	besideQueue   = 110
	belowQueue    = 9
	queueHeadings = 5
)

// render draws the opened lock on height rows of width cells. Its cost depends on the
// rows in view alone, whatever the number of contenders.
func (q *lockQueue) render(st *styles, width, height int, now time.Time) []string {
	q.settle(now)
	q.drawn = now
	now = q.at(now)
	if q.view == nil {
		return q.unknown(st, width, height)
	}
	q.rows.count()
	rows := q.head(st, width, height, now)
	rest := height - len(rows)
	foot := q.foot(st, width, max(rest/3, min(rest-q.rows.n-belowQueue+2, rest*2/3), 0))
	room := max(height-len(rows)-len(foot), 0)
	q.body = queueBody{first: len(rows), rows: room, width: width}
	switch {
	case width >= besideQueue && room >= 4:
		side := min(max(width*38/100, 44), 96)
		q.body.width = width - side - 1
		left, right := q.queueRows(st, q.body.width, room, now), q.pastRows(st, side, room, now)
		divider := st.dim.on + st.divider + off
		for i := range left {
			rows = append(rows, left[i]+divider+right[i])
		}
	case room >= belowQueue:
		below := max(room*2/5, 4)
		if spare := room - below - 1 - boolInt(room-below-1 >= queueHeadings) - q.rows.n; spare > 0 {
			below += min(spare, 6)
		}
		rows = append(rows, q.queueRows(st, width, room-below-1, now)...)
		rows = append(rows, st.hrule(width, 0, ""))
		rows = append(rows, q.pastRows(st, width, below, now)...)
	default:
		rows = append(rows, q.queueRows(st, width, room, now)...)
		q.past.cell = 0
	}
	return append(rows, foot...)[:height]
}

// unknown says that nothing is known of the lock.
func (q *lockQueue) unknown(st *styles, width, height int) []string {
	rows := []string{
		st.line(width, false, []span{{st.bold, " " + safetext.TruncateMiddle(safetext.Clean(q.path), max(width-2, 8))}}, nil),
		st.line(width, false, []span{{st.dim, " looking at it " + st.ellipsis}}, nil),
	}
	return st.fill(rows, width, height)
}

// fill appends blank rows, and cuts what is too much.
func (st *styles) fill(rows []string, width, height int) []string {
	blank := strings.Repeat(" ", max(width, 0))
	for len(rows) < height {
		rows = append(rows, blank)
	}
	return rows[:max(height, 0)]
}

// head draws what the lock is and how it stands, in as many rows as it takes, and
// why what is shown may be old or is not whole.
func (q *lockQueue) head(st *styles, width, height int, now time.Time) []string {
	v := q.view
	sign, k := st.lockGlyph(v.State)
	parts := [][]span{
		{{st.bold, safetext.TruncateMiddle(safetext.Clean(v.Path), max(width/2, 8))}},
		q.recipe(st),
		{{k, sign + " " + safetext.CleanLine(string(v.State))}},
		q.crowd(st),
	}
	limit := 1
	if height >= 8 {
		limit = 2
		parts = append(parts, q.facts(st, now)...)
	}
	rows := st.flow(width, limit, parts)
	for _, n := range q.notes(now) {
		if height-len(rows) < 6 {
			break
		}
		for _, l := range wrapWords(n, max(width-2, 1)) {
			rows = append(rows, st.line(width, false, []span{{st.warn, " " + l}}, nil))
		}
	}
	return rows[:min(len(rows), max(height-3, 1))]
}

// flow draws parts one after the other, in at most limit rows; what has no room there
// is left out.
func (st *styles) flow(width, limit int, parts [][]span) []string {
	var rows []string
	var line []span
	used := 1
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		w := spansWidth(p)
		if len(line) > 0 && used+2+w > width {
			rows = append(rows, st.line(width, false, line, nil))
			line, used = nil, 1
			if len(rows) == limit {
				return rows
			}
		}
		gap := "  "
		if len(line) == 0 {
			gap = " "
		}
		line = append(append(line, span{st.text, gap}), p...)
		used += w + len(gap)
	}
	if len(line) > 0 {
		rows = append(rows, st.line(width, false, line, nil))
	}
	return rows
}

// recipe names recipe and kind, and how sure that is.
func (q *lockQueue) recipe(st *styles) []span {
	v := q.view
	out := []span{{st.text, safetext.CleanLine(string(v.Recipe))}}
	name := strings.ReplaceAll(string(v.Recipe), "-", " ")
	if kind := string(v.Kind); !strings.Contains(name, kind) {
		out = append(out, span{st.dim, " " + safetext.CleanLine(kind)})
	}
	switch v.Certainty {
	case lockctl.Possible:
		out = append(out, span{st.warn, " (possibly: by its names alone)"})
	case lockctl.Likely:
		out = append(out, span{st.dim, " (likely)"})
	}
	return out
}

// crowd is how many hold, wait, and may do either.
func (q *lockQueue) crowd(st *styles) []span {
	r := &q.rows
	var words []string
	if r.holders > 1 || r.waiters()+r.unsure == 0 && r.holders > 0 {
		words = append(words, comma(r.holders)+" "+word(r.holders, "holder", "holders"))
	}
	if r.waiters() > 0 || r.holders > 0 {
		words = append(words, comma(r.waiters())+" waiting")
	}
	if r.unsure > 0 {
		words = append(words, comma(r.unsure)+" unknown")
	}
	if len(words) == 0 {
		return nil
	}
	return []span{{st.text, strings.Join(words, ", ")}}
}

// facts are the figures of the head, what matters most first.
func (q *lockQueue) facts(st *styles, now time.Time) [][]span {
	v := q.view
	var out [][]span
	add := func(k ink, text string) { out = append(out, []span{{k, text}}) }
	if q.pace.fast {
		part := []span{{st.title, fmt.Sprintf("changes hands %s times a second", comma(int(q.pace.rate+0.5)))}}
		if !q.still() {
			part = append(part, span{st.dim, ", shown twice a second"})
		}
		out = append(out, part)
	}
	if q.still() {
		out = append(out, []span{{st.title, "paused at " + clock(q.paused)}})
	}
	if v.Until > 0 {
		end := time.UnixMilli(v.Until)
		switch left := end.Sub(now); {
		case left > 0:
			add(st.text, fmt.Sprintf("until %s, %s more", stamp(end), lasting(left)))
		default:
			add(st.text, "ended "+stamp(end))
		}
	}
	if c := q.token(); c != 0 {
		add(st.dim, "token "+zxid(c))
	}
	if v.NextSequence >= 0 {
		add(st.dim, fmt.Sprintf("next number %s = queued so far", comma(int(v.NextSequence))))
	}
	if v.Timeline != nil {
		add(st.dim, perMinute(v.PerMinute)+" grants a minute")
	}
	if n := len(v.Contenders); v.Read < n {
		add(st.dim, fmt.Sprintf("%s of %s read", comma(v.Read), comma(n)))
	}
	return out
}

// token is the czxid of the one that holds, 0 if it is not one, or not known.
func (q *lockQueue) token() int64 {
	if q.rows.holders != 1 || q.rows.lead != 1 {
		return 0
	}
	return q.view.Contenders[0].Stat.Czxid
}

// perMinute writes a rate; below ten its first decimal counts.
func perMinute(rate float64) string {
	if rate >= 9.95 || rate < 0.05 {
		return comma(int(rate + 0.5))
	}
	return fmt.Sprintf("%.1f", rate)
}

// lasting writes how long something lasts: "41 s", "5:40", "2:11:09".
func lasting(d time.Duration) string {
	if d < time.Minute || d >= 24*time.Hour {
		return value.Age(d)
	}
	return value.Clock(d)
}

// notes say what is to be known of what is shown.
func (q *lockQueue) notes(now time.Time) []string {
	v := q.latest
	var out []string
	if q.missed {
		out = append(out, "It is not listed any more: this is how it was last.")
	}
	if v.Denied != "" {
		out = append(out, upper(sentence(safetext.CleanLine(v.Denied))))
	}
	if !v.Stale.IsZero() {
		out = append(out, fmt.Sprintf("What is shown may be old: nothing was heard since %s, %s ago.", clock(v.Stale), value.Age(now.Sub(v.Stale))))
	}
	return out
}
