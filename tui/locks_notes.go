package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// lockNote is a sentence on what the screen Locks does not know; a loud one means
// that locks may be missing.
type lockNote struct {
	text string
	loud bool
}

// lockNotes are all such sentences, the ones that matter most first.
func lockNotes(s *lockctl.Snapshot) []lockNote {
	var notes []lockNote
	add := func(loud bool, text string) {
		notes = append(notes, lockNote{sentence(safetext.CleanLine(text)), loud})
	}
	q := &s.Search
	if q.Err != nil {
		add(true, "The search ended early: "+reason(q.Err))
	}
	if q.Cut {
		add(true, fmt.Sprintf("The search ended at its budget of %s: locks beyond are not known. Search below some paths only, as with :locks /apps",
			plural(int(q.Progress.Visited), "znode", "znodes")))
	}
	for _, p := range q.Partial {
		add(true, p)
	}
	if n := q.Progress.Unread; n > 0 {
		add(true, fmt.Sprintf("%s could not be listed, and what is below is not known", plural(int(n), "znode", "znodes")))
	}
	if s.AskErr != nil {
		add(false, "The servers could not be asked for sessions and addresses: "+reason(s.AskErr))
	}
	for _, r := range s.Answers.Refusals {
		add(false, r)
	}
	return notes
}

// noteLine is the most important note in one line, and how many more there are.
func (s *locksScreen) noteLine(st *styles, room int) []span {
	notes := lockNotes(s.locks.snap)
	if len(notes) == 0 || room < 20 {
		return nil
	}
	k := st.dim
	if notes[0].loud {
		k = st.warn
	}
	more := ""
	if n := len(notes) - 1; n > 0 {
		more = fmt.Sprintf(" and %s more", comma(n))
	}
	way := []span{{st.accent, "  " + s.keys.LocksMissing.Help().Key}, {st.dim, more + " "}}
	text := notes[0].text
	if safetext.Width(text) <= room-2 && more == "" {
		way = nil
	}
	return append([]span{{k, safetext.Truncate(text, max(room-spansWidth(way)-2, 1))}}, way...)
}

// rootsWords are what is searched.
func rootsWords(roots []string) string {
	clean := make([]string, len(roots))
	for i, r := range roots {
		clean[i] = safetext.Clean(r)
	}
	return strings.Join(clean, " ")
}

// searchState says in at most room cells how far the search is.
func (s *locksScreen) searchState(st *styles, room int) []span {
	q := &s.locks.snap.Search
	n := plural(int(q.Progress.Visited), "znode", "znodes")
	where := safetext.TruncateMiddle(rootsWords(s.locks.roots), max(room-40, 12))
	var ways []string // the first that fits is taken
	k := st.dim
	switch done := !q.Running && !q.Ended.IsZero(); {
	case !done && q.Progress.Waiting != "":
		k = st.warn
		why := safetext.CleanLine(q.Progress.Waiting)
		ways = []string{"searching " + where + " " + st.ellipsis + " " + n + ", waiting: " + why, "waiting: " + why}
	case !done:
		k = st.accent
		ways = []string{"searching " + where + " " + st.ellipsis + " " + n, "searching " + st.ellipsis + " " + n, "searching " + st.ellipsis}
	case q.Err != nil:
		k = st.bad
		ways = []string{"search below " + where + " ended early, after " + n, "search ended early"}
	case q.Cut:
		k = st.warn
		ways = []string{"search below " + where + " ended at its budget, " + n, "search ended at its budget", "not all"}
	default:
		at := clock(q.Ended)
		ways = []string{n + " below " + where + " searched at " + at, n + " at " + at, "at " + at}
	}
	for _, text := range ways {
		if safetext.Width(text) < room {
			return []span{{k, text + " "}}
		}
	}
	return nil
}

// nothing says why the table is empty, and what can be done.
func (s *locksScreen) nothing() []string {
	q, k := &s.locks.snap.Search, s.keys
	roots := rootsWords(s.locks.roots)
	elsewhere := fmt.Sprintf("%s searches again, :locks PATH searches below other paths.", strings.Fields(k.SearchAgain.Help().Key)[0])
	what := "Locks, elections, semaphores and leases of all known recipes show here, whoever made them: " +
		"directories in which clients queue, and single znodes such as leader."
	switch {
	case len(s.table.all) > 0:
		return []string{
			"No lock matches the filter.",
			"It takes parts of path, recipe, holder and warnings, and the words held, free, contended, shared, suspicious, warnings, denied, old, mine; ! before one turns it round.",
		}
	case q.Running || q.Ended.IsZero() || len(q.Roots) == 0:
		return []string{"No lock yet below " + roots + ". What is found shows at once.", what}
	case q.Err != nil:
		return []string{"The search below " + roots + " ended early: " + safetext.CleanLine(sentence(reason(q.Err))), elsewhere}
	default:
		return []string{
			fmt.Sprintf("No lock below %s: %s were looked at.", roots, plural(int(q.Progress.Visited), "znode", "znodes")),
			what, "A new one shows by itself as soon as it is made. " + elsewhere,
		}
	}
}

// nextChange is how long what is drawn stays true: the times that locks are held
// count in whole seconds.
func (s *locksScreen) nextChange(now time.Time) time.Duration {
	s.sync(now)
	if s.queue != nil {
		return s.queue.nextChange(now)
	}
	next := s.table.due(now)
	rows := s.table.rows
	for _, f := range rows[min(s.list.top, len(rows)):min(s.list.top+s.list.height, len(rows))] {
		if !f.view.HeldSince.IsZero() || !f.view.Stale.IsZero() {
			if d := time.Second - now.Sub(now.Truncate(time.Second)); next == 0 || d < next {
				next = d
			}
			break
		}
	}
	return next
}
