package zkview

import (
	"slices"
	"strings"
	"time"
)

const (
	// rateSeconds is how far back an ActivityLog counts changes.
	rateSeconds = 600
	// topCounters is how many paths it counts.
	topCounters = 1000
	// logValues is how many bytes of values it keeps.
	logValues = 32 << 20
)

// noValue is the Note of an Action whose values were let go.
const noValue = "the values of this change are not kept any more: those of newer ones took their room"

// ActivityLog keeps the last Actions for a screen, up to a limit, and counts. Of the
// oldest it lets go of the values when they are more than 32 MiB together, and says so
// in their Note. It is a pure value: for one goroutine, it asks nothing. What it costs to draw does not
// depend on how many Actions there were.
type ActivityLog struct {
	limit   int
	ring    []Action
	first   int // of the oldest, in ring
	dropped uint64
	lost    uint64
	bytes   int    // of the values that are kept
	bare    uint64 // the values of this Seq and those before are let go

	filter activityFilter
	hits   []uint64 // the Seqs of those that pass the filter, oldest first; nil without one

	second [rateSeconds]int64 // which second a counter is about
	counts [rateSeconds]int
	top    topPaths
}

// NewActivityLog returns an empty log of at most so many Actions, 10,000 if limit is
// not positive.
func NewActivityLog(limit int) *ActivityLog {
	if limit <= 0 {
		limit = 10_000
	}
	return &ActivityLog{limit: limit, top: newTopPaths(topCounters)}
}

// Add takes in what [Activity.Next] has returned: one whose Seq is there takes the
// place of the earlier one, one that has been dropped meanwhile is ignored.
func (l *ActivityLog) Add(actions []Action) {
	for _, x := range actions {
		if i, there := l.find(x.Seq); there {
			old := l.at(i)
			l.bytes += valueBytes(&x) - valueBytes(old)
			*old = x
			if x.Seq <= l.bare {
				l.letGo(old)
			}
			l.thin()
			continue
		}
		if n := len(l.ring); n > 0 && x.Seq < l.at(n-1).Seq {
			continue
		}
		l.push(x)
		l.thin()
		l.lost += uint64(x.Lost)
		if x.Kind != Resync {
			l.count(x)
		}
	}
}

// push appends an Action; the oldest makes room.
func (l *ActivityLog) push(x Action) {
	if len(l.ring) < l.limit {
		l.ring = append(l.ring, x)
	} else {
		if len(l.hits) > 0 && l.hits[0] == l.ring[l.first].Seq {
			l.hits = l.hits[1:]
		}
		l.bytes -= valueBytes(&l.ring[l.first])
		l.ring[l.first] = x
		l.first = (l.first + 1) % l.limit
		l.dropped++
	}
	l.bytes += valueBytes(&x)
	if l.filter.on && l.filter.match(&x) {
		l.hits = append(l.hits, x.Seq)
	}
}

// valueBytes is how long the values of an Action are.
func valueBytes(x *Action) int { return len(x.Data) + len(x.Before) }

// letGo takes the values from an Action.
func (l *ActivityLog) letGo(x *Action) {
	if n := valueBytes(x); n > 0 {
		l.bytes -= n
		x.Data, x.HasData, x.Before, x.HasBefore, x.Note = nil, false, nil, false, noValue
	}
}

// thin lets go of the oldest values while there are too many.
func (l *ActivityLog) thin() {
	for i, _ := l.find(l.bare + 1); l.bytes > logValues && i < len(l.ring); i++ {
		x := l.at(i)
		l.bare = x.Seq
		l.letGo(x)
	}
}

// at is the i-th of all, from the oldest.
func (l *ActivityLog) at(i int) *Action { return &l.ring[(l.first+i)%len(l.ring)] }

// find finds a Seq among all.
func (l *ActivityLog) find(seq uint64) (int, bool) {
	lo, hi := 0, len(l.ring)
	for lo < hi {
		mid := (lo + hi) / 2
		if l.at(mid).Seq < seq {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(l.ring) && l.at(lo).Seq == seq
}

// Len is the number of Actions that pass the filter.
func (l *ActivityLog) Len() int {
	if l.filter.on {
		return len(l.hits)
	}
	return len(l.ring)
}

// At is the i-th that passes the filter, from the oldest, which is 0.
func (l *ActivityLog) At(i int) Action {
	if !l.filter.on {
		return *l.at(i)
	}
	k, _ := l.find(l.hits[i])
	return *l.at(k)
}

// Find is the place, for [ActivityLog.At], of the Action of that Seq, or where it would
// stand; false if it is not there or does not pass the filter.
func (l *ActivityLog) Find(seq uint64) (int, bool) {
	if l.filter.on {
		return slices.BinarySearch(l.hits, seq)
	}
	return l.find(seq)
}

// Dropped is how many Actions were dropped for newer ones.
func (l *ActivityLog) Dropped() uint64 { return l.dropped }

// Lost is how many changes never got here, because they came faster than they were
// taken.
func (l *ActivityLog) Lost() uint64 { return l.lost }

// SetFilter shows only Actions that match every word of text: a word must be part of
// the path, upper or lower case, or is "kind:" with one of created, deleted, changed,
// missed and resync. A Resync passes unless a kind is asked for. The empty text shows
// all. It costs as much as the log is long.
func (l *ActivityLog) SetFilter(text string) {
	l.filter, l.hits = parseActivityFilter(text), nil
	if !l.filter.on {
		return
	}
	for i := range len(l.ring) {
		if x := l.at(i); l.filter.match(x) {
			l.hits = append(l.hits, x.Seq)
		}
	}
}

// activityFilter is what SetFilter was told.
type activityFilter struct {
	on    bool
	words []string
	kinds []string
}

func parseActivityFilter(text string) activityFilter {
	var f activityFilter
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		f.on = true
		if kind, ok := strings.CutPrefix(word, "kind:"); ok {
			f.kinds = append(f.kinds, kind)
		} else {
			f.words = append(f.words, word)
		}
	}
	return f
}

func (f *activityFilter) match(x *Action) bool {
	if len(f.kinds) > 0 && !slices.ContainsFunc(f.kinds, func(kind string) bool { return x.isKind(kind) }) {
		return false
	}
	if x.Kind == Resync {
		return true
	}
	path := ""
	for _, word := range f.words {
		if path == "" {
			path = strings.ToLower(x.Path)
		}
		if !strings.Contains(path, word) {
			return false
		}
	}
	return true
}

// isKind reports whether an Action is of the kind that a word, or its beginning, names.
func (x *Action) isKind(word string) bool {
	name := map[EventKind]string{Created: "created", Deleted: "deleted", DataChanged: "changed", Resync: "resync"}[x.Kind]
	return strings.HasPrefix(name, word) || x.Missed && strings.HasPrefix("missed", word)
}

// count counts a change.
func (l *ActivityLog) count(x Action) {
	sec := x.At.Unix()
	i := int(((sec % rateSeconds) + rateSeconds) % rateSeconds)
	if l.second[i] != sec {
		if l.second[i] > sec {
			return // older than all that is counted
		}
		l.second[i], l.counts[i] = sec, 0
	}
	l.counts[i]++
	l.top.add(x.Path)
}

// Rate is the number of changes in each of the last seconds, the oldest first and the
// one of now last, up to ten minutes back. What was missed counts when it was found.
func (l *ActivityLog) Rate(now time.Time, buckets int) []int {
	buckets = max(0, min(buckets, rateSeconds))
	rate := make([]int, buckets)
	for k := range rate {
		sec := now.Unix() - int64(buckets-1-k)
		if i := int(((sec % rateSeconds) + rateSeconds) % rateSeconds); l.second[i] == sec {
			rate[k] = l.counts[i]
		}
	}
	return rate
}

// Top are the n paths that changed most often since the log began, most often first.
func (l *ActivityLog) Top(n int) []TopPath { return l.top.best(n) }
