package cli

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// lockLines prints locks and what happens to them. That nothing can be written shows
// when the writer is flushed.
type lockLines struct {
	j *job
	o locksFlags
	// holds are who was granted what and has not released it, by the lock's path.
	holds map[string]map[uint64]hold
	// begun is when the locks in listed were printed as they stood.
	begun  time.Time
	listed map[string]bool
}

// hold is since when somebody is seen to hold; atLeast tells that it may have before.
type hold struct {
	since   time.Time
	atLeast bool
}

// note keeps who holds, and completes the event of who has released.
func (w *lockLines) note(e *lockctl.Event) {
	switch e.Kind {
	case lockctl.EventGranted:
		if w.holds == nil {
			w.holds = map[string]map[uint64]hold{}
		}
		if w.holds[e.Path] == nil {
			w.holds[e.Path] = map[uint64]hold{}
		}
		w.holds[e.Path][e.Party.ID] = hold{e.At, e.AtLeast}
	case lockctl.EventReleased:
		h := w.holds[e.Path][e.Party.ID]
		e.Since, e.AtLeast = h.since, h.atLeast
		delete(w.holds[e.Path], e.Party.ID)
	case lockctl.EventMissed, lockctl.EventGone:
		delete(w.holds, e.Path)
	case lockctl.EventQueued, lockctl.EventLeft, lockctl.EventFound:
	}
}

// lockStateJSON is a lock that was found by the first search.
type lockStateJSON struct {
	Type string `json:"type"`
	Time string `json:"time"`
	*lockJSON
}

// lockEventJSON is an event for programs. What is not known, or makes no sense for the
// event, is null.
type lockEventJSON struct {
	Time     string  `json:"time"`
	Type     string  `json:"type"`
	Path     string  `json:"path"`
	Recipe   *string `json:"recipe"`
	Node     *string `json:"node"`
	Session  *string `json:"session"`
	Address  *string `json:"address"`
	Identity *string `json:"identity"`
	Mode     *string `json:"mode"`
	Token    *string `json:"token"`
	QueuedAt *string `json:"queuedAt"`
	Since    *string `json:"since"`
	AtLeast  bool    `json:"atLeast"`
	Waiting  int     `json:"waiting"`
	Why      *string `json:"why"`
}

// exact is a time as our clock has it.
func exact(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func exactOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return some(exact(t))
}

// begin prints the locks that are there, and that from here on all is told.
func (w *lockLines) begin(s *lockctl.Snapshot, now time.Time) error {
	views := w.o.chosen(s)
	w.begun, w.listed = now, make(map[string]bool, len(s.Locks))
	for _, v := range s.Locks {
		w.listed[v.Path] = true
	}
	for _, v := range views {
		if w.o.json {
			_ = w.j.line(lockStateJSON{"lock", exact(now), jsonOfLock(v)})
			continue
		}
		text := safetext.Clean(v.Path) + "  " + string(v.Recipe) + "  "
		switch {
		case v.Holders() == 0:
			text += string(v.State)
		case v.State == lockctl.Suspicious:
			text += "suspicious, held by " + holderText(v)
		default:
			text += "held by " + holderText(v)
		}
		if n := v.Waiters(); n > 0 {
			text += waiting(n)
		}
		w.text(now, "lock", text)
	}
	if w.o.json {
		_ = w.j.line(struct {
			Type  string `json:"type"`
			Time  string `json:"time"`
			Locks int    `json:"locks"`
		}{"ready", exact(now), len(views)})
	} else {
		w.text(now, "ready", many(int64(len(views)), "lock is", "locks are")+" followed")
	}
	return w.j.out.Flush()
}

// isListed tells whether an event is in the lines of the locks already: that a lock was
// found, and to a person also who held it at the first look.
func (w *lockLines) isListed(e *lockctl.Event) bool {
	if !w.listed[e.Path] || e.At.After(w.begun) {
		return false
	}
	return e.Kind == lockctl.EventFound || e.Kind == lockctl.EventGranted && e.AtLeast && !w.o.json
}

func (w *lockLines) text(at time.Time, kind, text string) {
	_, _ = fmt.Fprintf(w.j.out, "%s %-8s %s\n", at.Local().Format("15:04:05.000"), kind, text)
}

// print prints an event, if it is of a recipe that is asked for.
func (w *lockLines) print(e lockctl.Event) {
	w.note(&e)
	if !w.o.wantsRecipe(e.Recipe) || w.isListed(&e) {
		return
	}
	if w.o.json {
		_ = w.j.line(jsonOfEvent(e))
		return
	}
	text := safetext.Clean(e.Path)
	p := &e.Party
	switch e.Kind {
	case lockctl.EventFound, lockctl.EventGone:
		text += "  " + string(e.Recipe)
	case lockctl.EventMissed:
		text += "  nothing is known since " + e.Since.Local().Format("15:04:05.000")
		if e.Why != "" {
			text += ": " + safetext.CleanLine(e.Why)
		}
	default:
		text += "  " + who(p.Identity, p.Address, p.Session, p.Node)
		if p.Mode != lockctl.Exclusive {
			text += "  " + string(p.Mode)
		}
		text += eventTimes(e)
		if e.Waiting > 0 {
			text += waiting(e.Waiting)
		}
	}
	w.text(e.At, string(e.Kind), text)
}

// eventTimes says how long it waited that was granted, or held that was released.
func eventTimes(e lockctl.Event) string {
	switch {
	case e.Kind == lockctl.EventGranted && e.AtLeast:
		return "  now or before"
	case e.Kind == lockctl.EventGranted && !e.Party.Queued.IsZero():
		return "  waited " + brief(e.At.Sub(e.Party.Queued))
	case e.Kind == lockctl.EventReleased && !e.Since.IsZero() && e.AtLeast:
		return "  held for at least " + brief(e.At.Sub(e.Since))
	case e.Kind == lockctl.EventReleased && !e.Since.IsZero():
		return "  held for " + brief(e.At.Sub(e.Since))
	}
	return ""
}

// brief is a duration to the millisecond, or to the second where it is long.
func brief(d time.Duration) string {
	d = max(d, 0)
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}

func waiting(n int) string {
	if n == 1 {
		return "  1 waits"
	}
	return "  " + humanize.Comma(int64(n)) + " wait"
}

func jsonOfEvent(e lockctl.Event) lockEventJSON {
	p := &e.Party
	return lockEventJSON{
		Time: exact(e.At), Type: string(e.Kind), Path: e.Path, Recipe: some(string(e.Recipe)),
		Node: some(p.Node), Session: hexOrNull(p.Session), Address: some(p.Address), Identity: some(p.Identity),
		Mode: some(string(p.Mode)), Token: hexOrNull(p.Czxid), QueuedAt: exactOrNull(p.Queued),
		Since: exactOrNull(e.Since), AtLeast: e.AtLeast, Waiting: e.Waiting, Why: some(e.Why),
	}
}

// lost prints that events were dropped.
func (w *lockLines) lost(n int, now time.Time) {
	clear(w.holds)
	if w.o.json {
		_ = w.j.line(struct {
			Type  string `json:"type"`
			Time  string `json:"time"`
			Count int    `json:"count"`
		}{"lost", exact(now), n})
		return
	}
	w.text(now, "lost", many(int64(n), "event", "events")+": they came faster than they were read")
}
