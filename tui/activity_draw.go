package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// feedClock is how the time of a change is written.
const feedClock = "15:04:05.000"

// readingFor is how long after a change one says that it is being read.
const readingFor = 3 * time.Second

// activityKind is the sign, the ink and the word of a kind of change.
func (st *styles) activityKind(kind zkview.EventKind) (string, ink, string) {
	switch kind {
	case zkview.Created:
		return st.created, st.good, "created"
	case zkview.Deleted:
		return st.deleted, st.bad, "deleted"
	case zkview.Resync:
		return st.resync, st.accent, "resync"
	default:
		return st.changed, st.warn, "changed"
	}
}

// feedColumns are the widths of the columns that a list has room for; the path
// takes what is left.
type feedColumns struct {
	clock, word, size, version, owner int
}

// columnsFor gives up what matters least first.
func columnsFor(width int) feedColumns {
	c := feedColumns{clock: len("15:04:05"), size: 7}
	if width >= 50 {
		c.clock, c.version = len(feedClock), 6
	}
	if width >= 70 {
		c.word = len("changed")
	}
	switch {
	case width >= 120:
		c.owner = 18
	case width >= 76:
		c.owner = 10
	}
	return c
}

// headings are the words above the columns.
func (st *styles) headings(c feedColumns, width int) string {
	left := " " + safetext.Pad("time", c.clock) + "    "
	if c.word > 0 {
		left += safetext.Pad("change", c.word) + " "
	}
	right := safetext.PadLeft("size", c.size)
	if c.version > 0 {
		right += " " + safetext.PadLeft("version", c.version+1)
	}
	if c.owner > 0 {
		right += "  " + safetext.Pad("owner", c.owner)
	}
	return st.line(width, false, []span{{st.dim, left + "path"}}, []span{{st.dim, right + " "}})
}

// feedLine draws one change on one row.
func (st *styles) feedLine(a *zkview.Action, root string, ours int64, now time.Time, c feedColumns, width int, selected bool) string {
	sign, k, word := st.activityKind(a.Kind)
	edge, found := " ", " "
	if selected {
		edge = st.bar
	}
	if a.Missed {
		found = st.resync
	}
	at := a.At.Format(feedClock)[:c.clock]
	left := []span{{st.accent, edge}, {st.dim, at + " "}, {k, sign}, {st.accent, found + " "}}
	if c.word > 0 {
		left = append(left, span{k, safetext.Pad(word, c.word) + " "})
	}
	if a.Kind == zkview.Resync {
		return st.line(width, selected, append(left, span{st.accent, resyncWords(a)}), nil)
	}
	right := st.feedFacts(a, ours, now, c)
	room := width - spansWidth(left) - spansWidth(right) - 1
	path := safetext.TruncateMiddle(safetext.Clean(relative(a.Path, root)), max(room, 1))
	return st.line(width, selected, append(left, span{st.text, path}), right)
}

// feedFacts are size, version and owner, or why they are not known.
func (st *styles) feedFacts(a *zkview.Action, ours int64, now time.Time, c feedColumns) []span {
	wide := c.size
	if c.version > 0 {
		wide += c.version + 2
	}
	if c.owner > 0 {
		wide += c.owner + 2
	}
	say := func(k ink, text string) []span { return []span{{k, safetext.Pad(text, wide) + " "}} }
	switch {
	case a.Err != nil:
		return say(st.warn, safetext.Truncate(rowTrouble(st, a.Err), wide))
	case !a.HasStat && !reading(a, now):
		return say(st.dim, "")
	case !a.HasStat:
		return say(st.dim, safetext.PadLeft(st.ellipsis, c.size))
	}
	out := []span{{st.text, safetext.PadLeft(value.Size(int64(a.Stat.DataLength)), c.size)}}
	if c.version > 0 {
		out = append(out, span{st.dim, " " + safetext.PadLeft("v"+itoa(a.Stat.Version), c.version+1)})
	}
	if c.owner > 0 {
		k := st.dim
		if a.Stat.EphemeralOwner == ours && ours != 0 {
			k = st.accent
		}
		out = append(out, span{k, "  " + safetext.Pad(safetext.TruncateMiddle(ownerWord(a.Stat), c.owner), c.owner)})
	}
	return append(out, span{st.text, " "})
}

// reading tells that what is there after a change may still come. What changes again
// before it was read is never read for the earlier change.
func reading(a *zkview.Action, now time.Time) bool {
	return a.Kind != zkview.Deleted && now.Sub(a.At) < readingFor
}

// ownerWord is the session that owns an ephemeral, or what else ends the znode.
func ownerWord(s zkview.Stat) string {
	switch s.Kind() {
	case zkview.Ephemeral:
		return zxid(s.EphemeralOwner)
	case zkview.Container:
		return "container"
	case zkview.TTL:
		return "TTL"
	default:
		return ""
	}
}

// relative is a path as seen from root: "." is root itself.
func relative(path, root string) string {
	switch {
	case path == root:
		return "."
	case root == "/":
		return strings.TrimPrefix(path, "/")
	default:
		return strings.TrimPrefix(path, root+"/")
	}
}

// resyncWords say in one row what may be missing before a Resync.
func resyncWords(a *zkview.Action) string {
	words := "changes may be missing"
	if !a.Since.IsZero() {
		words = "no connection from " + clock(a.Since) + " to " + clock(a.At)
	}
	if a.Note != "" {
		words += "; " + safetext.CleanLine(a.Note)
	}
	return words
}

// resyncText says it in sentences.
func resyncText(a *zkview.Action) string {
	if a.Since.IsZero() {
		return "Changes may be missing here; what is there now was read again"
	}
	return fmt.Sprintf("The connection was gone from %s to %s: what came and went between may be missing; what is there now was read again",
		clock(a.Since), clock(a.At))
}

// sparkline draws numbers as a line of bars, the highest of them the full height.
func (st *styles) sparkline(counts []int) []span {
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	top := len(st.spark) - 1
	var out []span
	for _, n := range counts {
		s := span{st.dim, st.spark[0]}
		if n > 0 {
			s = span{st.accent, st.spark[max((n*top+most-1)/most, 1)]}
		}
		if last := len(out) - 1; last >= 0 && out[last].ink == s.ink {
			out[last].text += s.text
			continue
		}
		out = append(out, s)
	}
	return out
}

// state says what the list does by itself, the most important first: it is paused,
// newer changes are out of view, or the watch is not there.
func (a *activity) state(st *styles, k *KeyMap) []span {
	status := a.src.Status()
	switch {
	case a.err != nil:
		return []span{{st.bad, "ended: " + safetext.CleanLine(reason(a.err)) + " "}}
	case a.since != nil:
		return []span{{st.warn, fmt.Sprintf("paused, %s since ", comma(a.since.Len()))}}
	case a.list.top(a.log) > 0:
		return []span{
			{st.accent, st.newer + " " + comma(a.list.top(a.log)) + " newer"},
			{st.dim, ", " + k.Top.Help().Key + " to follow "},
		}
	case !status.Armed:
		return []span{{st.warn, "waiting for the watch " + st.ellipsis + " "}}
	default:
		return []span{{st.good, st.bullet + " live "}}
	}
}

// tally is how much came in all, and what of it is not here.
func (a *activity) tally(st *styles) []span {
	out := []span{{st.dim, "  " + comma(a.total) + " " + word(a.total, "change", "changes")}}
	if n := a.src.Status().Lost; n > 0 {
		out = append(out, span{st.warn, "  " + comma(int(n)) + " came too fast and are lost"})
	}
	if n := a.log.Dropped(); n > 0 {
		out = append(out, span{st.dim, "  " + comma(int(n)) + " older dropped"})
	}
	if f := a.filter.text(); f != "" && !a.typing {
		out = append(out, span{st.warn, "  filter " + safetext.CleanLine(f)}, span{st.dim, " " + a.found()})
	}
	return out
}

// found says how many changes the filter leaves.
func (a *activity) found() string {
	n := a.log.Len()
	return comma(n) + " " + word(n, "row", "rows")
}
