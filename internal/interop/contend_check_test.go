//go:build interop

package interop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// acquisition is what a client says it did with a lock.
type acquisition struct {
	Path, Node, Session, Mode string
	Asked                     int64
	Got                       *int64 // nil: it gave up waiting
	Left, Held                int64  // nanoseconds
}

// event is what `zkdeck locks --watch --json` tells.
type event struct {
	Time                      time.Time
	Type, Path, Node, Session string
	Mode, Token, Why          string
	Since                     *time.Time
	AtLeast                   bool
	Waiting                   int
}

// short is how long a hold may be that need not be seen.
const short = 20 * time.Millisecond

// late is by how much zkdeck's times may be off on a busy machine. What it was in fact
// is in the log of the test.
const late = 10 * time.Second

// hold is what zkdeck says of who held a lock.
type hold struct {
	granted  event
	released time.Time // zero: that was missed
}

// gap is a time of which zkdeck knows that it knows nothing.
type gap struct{ from, to time.Time }

func gaps(all []event) map[string][]gap {
	g := map[string][]gap{}
	for _, e := range all {
		if e.Type == "missed" && e.Since != nil {
			g[e.Path] = append(g[e.Path], gap{*e.Since, e.Time})
		}
	}
	return g
}

// key names a znode.
type key struct{ path, node string }

// comparison is of one run.
type comparison struct {
	wrong  []string // what does not agree
	notes  []string // figures
	events []event
	gaps   map[string][]gap
	holds  map[key][]hold
	said   []acquisition // that were got, by when
	gaveUp map[key]bool
	found  map[string]time.Time // since when zkdeck knows that a path is a lock
	seen   map[string]int       // of each lock, so many acquisitions
}

// compare compares what zkdeck told with what the clients said.
func compare(told []event, said []acquisition) *comparison {
	m := &comparison{events: told, gaps: gaps(told), holds: map[key][]hold{}, gaveUp: map[key]bool{}, found: map[string]time.Time{}}
	for _, a := range said {
		if a.Got == nil {
			m.gaveUp[key{a.Path, a.Node}] = true
			continue
		}
		m.said = append(m.said, a)
	}
	slices.SortFunc(m.said, func(a, b acquisition) int { return cmp.Compare(*a.Got, *b.Got) })
	m.follow()
	m.notInvented()
	m.notMissed()
	if len(m.gaps) == 0 {
		m.inOrder()
	}
	return m
}

func (m *comparison) fail(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

func (m *comparison) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}

// together tells whether two may hold at the same time, beside more that do. How many
// places Curator's semaphore has is not in ZooKeeper: of one that was made during a gap
// zkdeck may not know that its client still waits for it.
func (m *comparison) together(a, b event, more int) bool {
	if a.Mode == "lease" && b.Mode == "lease" {
		return more < 1 || len(m.gaps[a.Path]) > 0
	}
	return a.Mode == "read" && b.Mode == "read"
}

// follow goes through the events, and finds that of holders who exclude each other there
// is one at a time.
func (m *comparison) follow() {
	open := map[string][]event{}
	for _, e := range m.events {
		k := key{e.Path, e.Node}
		at := slices.IndexFunc(open[e.Path], func(o event) bool { return o.Node == e.Node })
		switch e.Type {
		case "granted":
			for _, o := range open[e.Path] {
				if !m.together(o, e, len(open[e.Path])-1) {
					m.fail("%s: at %s %s is granted while %s holds", e.Path, e.Time.Format(exact), e.Node, o.Node)
				}
			}
			if len(m.holds[k]) > 0 && len(m.gaps[e.Path]) == 0 {
				m.fail("%s: %s is granted twice", e.Path, e.Node)
			}
			open[e.Path] = append(open[e.Path], e)
			m.holds[k] = append(m.holds[k], hold{granted: e})
		case "released":
			if at < 0 {
				m.fail("%s: at %s %s is released that was not granted", e.Path, e.Time.Format(exact), e.Node)
				continue
			}
			open[e.Path] = slices.Delete(open[e.Path], at, at+1)
			m.holds[k][len(m.holds[k])-1].released = e.Time
		case "found":
			if m.found[e.Path].IsZero() {
				m.found[e.Path] = e.Time
			}
		case "missed", "gone":
			open[e.Path] = nil
		case "lost":
			m.fail("zkdeck lost events: %+v", e)
		}
	}
	for path, left := range open {
		for _, e := range left {
			m.fail("%s: %s was not released", path, e.Node)
		}
	}
}

// inner tells whether a path is of the queue in front of a semaphore. Until its places
// are there it is a lock like others, and its clients do hold it.
func inner(path string) bool {
	return strings.HasSuffix(path, "-__lock__") || strings.HasSuffix(path, "/locks")
}

const exact = "15:04:05.000000"

// notInvented finds grants that nobody had: each has to be of a client that says it
// held with this znode, or that it was given up, as first of the queue for all we know.
func (m *comparison) notInvented() {
	had := map[key]string{}
	for _, a := range m.said {
		had[key{a.Path, a.Node}] = a.Session
	}
	sessions, brief, queues := 0, 0, 0
	for k, holds := range m.holds {
		session, ok := had[k]
		switch {
		case k.path == marker:
		case inner(k.path):
			queues++
		case m.gaveUp[k]:
			brief++
		case !ok:
			m.fail("%s: nobody had %s, %+v", k.path, k.node, holds)
		}
		for _, h := range holds {
			if s := h.granted.Session; s != "" && ok {
				if sessions++; s != session && !strings.HasSuffix(s, strings.TrimPrefix(session, "0x")) {
					m.fail("%s: %s is of %s, zkdeck says %s", k.path, k.node, session, s)
				}
			}
		}
	}
	m.note("%d grants told, %d of them with the session, %d to clients that gave up at that moment, %d of queues of semaphores",
		len(m.holds), sessions, brief, queues)
	if places := len(slices.DeleteFunc(slices.Clone(m.said), func(a acquisition) bool { return a.Mode != "lease" })); 2*queues > places {
		m.fail("%d grants of queues of semaphores, of %d places: queues are to be shown as a part of these", queues, places)
	}
}

// notMissed finds acquisitions that zkdeck does not tell of, and how far its times are
// from the clients'.
func (m *comparison) notMissed() {
	var granted, released []time.Duration
	count := map[string]int{}
	long, excused, early, overlap, unseen := 0, 0, 0, 0, 0
	for _, a := range m.said {
		got, left := time.Unix(0, *a.Got), time.Unix(0, a.Left)
		holds := m.holds[key{a.Path, a.Node}]
		if len(holds) == 0 {
			switch {
			case m.inGap(a.Path, got, left):
				excused++
			case left.Before(m.found[a.Path]), a.Mode == "lease" && got.Before(m.found[a.Path]):
				early++ // a semaphore is found when both its directories are
			case time.Duration(a.Held) > short:
				m.fail("%s: %s held from %s for %v, and zkdeck does not tell", a.Path, a.Node, got.Format(exact), time.Duration(a.Held))
			default:
				unseen++
			}
			continue
		}
		count[a.Path]++
		first, last := holds[0], holds[len(holds)-1]
		from, to := first.granted.Time, last.released
		if from.After(left.Add(late)) || !to.IsZero() && to.Before(got) {
			m.fail("%s: %s held from %s to %s, zkdeck says from %s to %s", a.Path, a.Node,
				got.Format(exact), left.Format(exact), from.Format(exact), to.Format(exact))
		}
		if time.Duration(a.Held) > short {
			long++
			if from.Before(left) && (to.IsZero() || to.After(got)) {
				overlap++
			}
		}
		if !first.granted.AtLeast {
			granted = append(granted, from.Sub(got))
		}
		if !to.IsZero() {
			released = append(released, to.Sub(left))
		}
	}
	m.seen = count
	m.note("%d acquisitions, %d gave up; seen of each lock: %v; not seen: %d in gaps, %d over before the lock was found, %d short",
		len(m.said), len(m.gaveUp), count, excused, early, unseen)
	m.note("of %d longer than %v %d overlap to the moment", long, short, overlap)
	m.note("granted after the client knew: %s; released after it let go: %s", spread(granted), spread(released))
}

// inGap tells whether zkdeck says that it missed some of a time, or may have lost what
// was on its way when the connection went.
func (m *comparison) inGap(path string, from, to time.Time) bool {
	return slices.ContainsFunc(m.gaps[path], func(g gap) bool {
		return from.Before(g.to) && to.After(g.from.Add(-time.Second))
	})
}

// inOrder compares the order of grants with the clients', where one holds at a time. Those
// that zkdeck does not tell of are notMissed's.
func (m *comparison) inOrder() {
	for path := range m.seen {
		var told, said []string
		alone := true
		for _, e := range m.events {
			if e.Type == "granted" && e.Path == path && !m.gaveUp[key{path, e.Node}] {
				told = append(told, e.Node)
			}
		}
		for _, a := range m.said {
			if a.Path == path && len(m.holds[key{path, a.Node}]) > 0 {
				said = append(said, a.Node)
				alone = alone && a.Mode == "exclusive"
			}
		}
		if alone && !slices.Equal(told, said) {
			m.fail("%s: zkdeck tells of %d grants in another order than the clients of %d:\n%s", path, len(told), len(said), fmt.Sprint(told, "\n", said))
		}
	}
}

// spread is the percentiles of durations.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(p int) time.Duration { return all[(len(all)-1)*p/100].Round(10 * time.Microsecond) }
	return fmt.Sprintf("min %v p50 %v p90 %v p99 %v max %v", at(0), at(50), at(90), at(99), at(100))
}
