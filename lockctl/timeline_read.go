package lockctl

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Summary is a timeline in numbers.
type Summary struct {
	Since  time.Time     // the first look
	Seen   time.Duration // for how long we looked, without the gaps that are kept
	Grants int64         // how many were seen

	Hold Percentiles // of holds that were seen from end to end
	Wait Percentiles // of grants that were seen, from queueing on
	Free Percentiles // between a release and the next grant: 0 where one hands on to the next

	Longest int // the longest queue, without the holders
}

// Percentiles are of durations. They are at most 1/32 off; Max is exact.
type Percentiles struct {
	Count              int64
	P50, P90, P99, Max time.Duration
}

// Since is the time of the first look, zero before it.
func (t *Timeline) Since() time.Time {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.since
}

// Holds are the holds that touch the time from from to to, as far as they are kept,
// oldest first. A zero to is no end.
func (t *Timeline) Holds(from, to time.Time) []Hold {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.holds(from, to)
}

func (t *Timeline) holds(from, to time.Time) []Hold {
	var found []Hold
	// The ring is read from its oldest on, so that there is next to nothing to sort.
	for _, holds := range [][]Hold{t.ended.all[t.ended.next:], t.ended.all[:t.ended.next], t.open} {
		for i := range holds {
			if h := &holds[i]; touches(h.From, h.To, from, to) {
				found = append(found, *h)
			}
		}
	}
	slices.SortFunc(found, func(a, b Hold) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID), a.To.Compare(b.To))
	})
	return found
}

// Gaps are the gaps that touch the time from from to to, as far as they are kept,
// oldest first. A zero to is no end.
func (t *Timeline) Gaps(from, to time.Time) []Gap {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.gapsIn(from, to)
}

func (t *Timeline) gapsIn(from, to time.Time) []Gap {
	var found []Gap
	for _, g := range t.gaps {
		if touches(g.From, g.To, from, to) {
			found = append(found, g)
		}
	}
	return found
}

// touches tells whether two times have a moment in common. Ends that are zero are none.
func touches(aFrom, aTo, bFrom, bTo time.Time) bool {
	return (aTo.IsZero() || !aTo.Before(bFrom)) && (bTo.IsZero() || !aFrom.After(bTo))
}

// PerMinute is how many grants were seen in the minute before now. It is scaled up if
// we looked for less, of the minute's gaps too, but never from less than a second.
func (t *Timeline) PerMinute(now time.Time) float64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.since.IsZero() {
		return 0
	}
	n, from := t.rate.last(now)
	return float64(n) * float64(time.Minute) / float64(max(t.seen(from, now), time.Second))
}

// seen is for how long we looked between two times.
func (t *Timeline) seen(from, to time.Time) time.Duration {
	d := to.Sub(from)
	for _, g := range t.gaps {
		end := g.To
		if end.IsZero() || end.After(to) {
			end = to
		}
		if g.From.After(from) {
			d -= max(end.Sub(g.From), 0)
		} else {
			d -= max(end.Sub(from), 0)
		}
	}
	return max(d, 0)
}

// Summary sums up what was seen until now.
func (t *Timeline) Summary(now time.Time) Summary {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := Summary{
		Since: t.since, Grants: t.grants, Longest: t.longest,
		Hold: t.held.percentiles(), Wait: t.wait.percentiles(), Free: t.idle.percentiles(),
	}
	if !t.since.IsZero() {
		s.Seen = t.seen(t.since, now)
	}
	return s
}

// holdLine and gapLine are the lines of [Timeline.WriteJSON].
type holdLine struct {
	Type     string     `json:"type"`
	Path     string     `json:"path"`
	Node     string     `json:"node"`
	Session  *string    `json:"session"`
	Address  *string    `json:"address"`
	Identity string     `json:"identity"`
	Mode     Mode       `json:"mode"`
	Token    *int64     `json:"token"`
	From     time.Time  `json:"from"`
	To       *time.Time `json:"to"`
	AtLeast  bool       `json:"atLeast"`
	Lost     bool       `json:"lost"`
	Waiting  int        `json:"waiting"`
	WaitedMS *float64   `json:"waitedMS"`
	FreeMS   *float64   `json:"freeMS"`
}

type gapLine struct {
	Type string     `json:"type"`
	Path string     `json:"path"`
	From time.Time  `json:"from"`
	To   *time.Time `json:"to"`
	Why  string     `json:"why"`
}

// WriteJSON writes a line of JSON for each hold and each gap that is kept, in the order
// in which they began. Times are RFC 3339 with nanoseconds in UTC; what is not known is
// null, and so is the end of what lasts. If older holds are not kept, a gap from the
// first look says so. It blocks as w does.
func (t *Timeline) WriteJSON(w io.Writer, path string) error {
	t.mu.RLock()
	holds, gaps := t.holds(time.Time{}, time.Time{}), slices.Clone(t.gaps)
	since, kept := t.since, t.kept
	t.mu.RUnlock()
	if kept.After(since) {
		gaps = slices.Insert(gaps, 0, Gap{From: since, To: kept, Why: "not all that happened so long ago is kept"})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for len(holds)+len(gaps) > 0 {
		var line any
		if len(holds) > 0 && (len(gaps) == 0 || !gaps[0].From.Before(holds[0].From)) {
			line, holds = lineOf(&holds[0], path), holds[1:]
		} else {
			g := gaps[0]
			line, gaps = gapLine{"gap", path, g.From.UTC(), unless(g.To.UTC(), g.To.IsZero()), g.Why}, gaps[1:]
		}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("writing the timeline of %q: %w", path, err)
		}
	}
	return nil
}

func lineOf(h *Hold, path string) holdLine {
	ms := func(d time.Duration) *float64 { return unless(float64(d.Microseconds())/1000, d < 0) }
	return holdLine{
		Type: "hold", Path: path, Node: h.Node,
		Session: unless(fmt.Sprintf("0x%x", uint64(h.Session)), h.Session == 0),
		Address: unless(h.Address, h.Address == ""), Identity: h.Identity, Mode: h.Mode,
		Token: unless(h.Czxid, h.Czxid == 0), From: h.From.UTC(), To: unless(h.To.UTC(), h.To.IsZero()),
		AtLeast: h.AtLeast, Lost: h.Lost, Waiting: h.Waiting, WaitedMS: ms(h.Waited), FreeMS: ms(h.Free),
	}
}

// unless is a pointer to v, or nil where the value is not known.
func unless[T any](v T, unknown bool) *T {
	if unknown {
		return nil
	}
	return &v
}
