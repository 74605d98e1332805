package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// lockOrder is by what the table is ordered.
type lockOrder uint8

const (
	locksByState lockOrder = iota
	locksByPath
	locksByWaiters
	locksByRate
	locksByAge
	numLockOrders
)

var lockOrders = [numLockOrders]string{"state", "path", "waiters", "rate", "age"}

func (o lockOrder) String() string { return lockOrders[o] }

// reorderEvery is the least time between two changes of the order of rows that were
// there before: a lock that is taken and freed many times a second is not to jump up
// and down. New rows, and locks that come into trouble, find their place at once.
const reorderEvery = 3 * time.Second

// lockTable is which locks are listed, in which order.
type lockTable struct {
	all    []*lockFacts // by path, as in the snapshot
	rows   []*lockFacts // those that the filter leaves, in order
	order  lockOrder
	filter lockFilter

	held, contended, trouble int // of all

	// want is the most that the texts have taken so far. It only grows, so that columns
	// do not move with every change.
	want lockColumns

	keyed time.Time // when the keys were renewed
	stale bool      // they are not those of the views any more
}

// sync takes a snapshot. What it costs depends on how many locks there are, and for
// most of them is the comparison of a pointer. With anew all are looked at again.
func (t *lockTable) sync(s *lockctl.Snapshot, ours func(int64) bool, anew bool, now time.Time) {
	old, was, kept := t.all, 0, 0
	t.all = make([]*lockFacts, 0, len(s.Locks))
	t.held, t.contended, t.trouble = 0, 0, 0
	moved := false
	for _, v := range s.Locks {
		for was < len(old) && old[was].view != v && old[was].view.Path < v.Path {
			was++
		}
		var f *lockFacts
		fresh := was == len(old) || old[was].view != v && old[was].view.Path != v.Path
		if fresh {
			f = &lockFacts{}
		} else {
			f = old[was]
			was++
			kept++
		}
		if fresh || anew || f.view != v {
			trouble := f.state == lockctl.Suspicious
			f.learn(v, ours)
			t.want.fit(f)
			t.stale = true
			if fresh || trouble != (f.state == lockctl.Suspicious) {
				f.rekey()
				moved = true
			}
			moved = moved || len(t.filter) > 0
		}
		f.at = len(t.all)
		t.all = append(t.all, f)
		t.count(f)
	}
	if t.overdue(now) {
		t.rekey(now)
		moved = true
	}
	if moved || kept < len(old) {
		t.arrange()
	}
}

// rekey orders the rows by what the locks are now.
func (t *lockTable) rekey(now time.Time) {
	t.keyed, t.stale = now, false
	for _, f := range t.all {
		f.rekey()
	}
}

func (t *lockTable) count(f *lockFacts) {
	t.held += boolInt(f.holders > 0)
	t.contended += boolInt(f.waiters > 0)
	t.trouble += boolInt(f.state == lockctl.Suspicious)
}

// arrange lists what the filter leaves, in order.
func (t *lockTable) arrange() {
	t.rows = t.rows[:0]
	for _, f := range t.all {
		if t.filter.match(f) {
			t.rows = append(t.rows, f)
		}
	}
	if t.order != locksByPath {
		slices.SortFunc(t.rows, func(a, b *lockFacts) int {
			return cmp.Or(t.order.compare(a, b), a.at-b.at)
		})
	}
}

// sortBy changes the order.
func (t *lockTable) sortBy(o lockOrder, now time.Time) {
	t.order = o
	t.rekey(now)
	t.arrange()
}

// overdue tells that the order is to be renewed.
func (t *lockTable) overdue(now time.Time) bool {
	since := now.Sub(t.keyed)
	return t.stale && (since >= reorderEvery || since < 0)
}

// due is how long until the order is renewed; 0: it is that of the views.
func (t *lockTable) due(now time.Time) time.Duration {
	if !t.stale || t.order == locksByPath {
		return 0
	}
	return max(reorderEvery-now.Sub(t.keyed), time.Millisecond)
}

// compare orders two locks; most comes first, what is held longest too.
func (o lockOrder) compare(a, b *lockFacts) int {
	switch o {
	case locksByWaiters:
		return cmp.Compare(b.key.waiters, a.key.waiters)
	case locksByRate:
		return cmp.Compare(b.key.rate, a.key.rate)
	case locksByAge:
		switch az, bz := a.key.since.IsZero(), b.key.since.IsZero(); {
		case az || bz:
			return boolInt(az) - boolInt(bz)
		default:
			return a.key.since.Compare(b.key.since)
		}
	}
	return cmp.Compare(a.key.rank, b.key.rank)
}

// lockFilter is what a person typed, word by word; all must hold. Words of state
// mean that, others are looked for in what the row says.
type lockFilter []func(*lockFacts) bool

func parseLockFilter(typed string) lockFilter {
	var out lockFilter
	for _, w := range strings.Fields(typed) {
		if is, ok := lockWords[strings.ToLower(strings.TrimPrefix(w, "!"))]; ok {
			want := !strings.HasPrefix(w, "!")
			out = append(out, func(f *lockFacts) bool { return is(f) == want })
			continue
		}
		if names := zkview.ParseFilter(w); names.Active() {
			out = append(out, func(f *lockFacts) bool {
				if w[0] == '~' {
					return names.Match(f.path)
				}
				return names.Match(f.text)
			})
		}
	}
	return out
}

// lockWords are the words of a filter that mean a state.
var lockWords = map[string]func(*lockFacts) bool{
	"held":       func(f *lockFacts) bool { return f.holders > 0 },
	"free":       func(f *lockFacts) bool { return f.holders == 0 && f.state == lockctl.Free },
	"contended":  func(f *lockFacts) bool { return f.waiters > 0 },
	"shared":     func(f *lockFacts) bool { return f.holders > 1 },
	"suspicious": func(f *lockFacts) bool { return f.state == lockctl.Suspicious },
	"warnings":   func(f *lockFacts) bool { return f.warnings != "" },
	"denied":     func(f *lockFacts) bool { return f.view.Denied != "" },
	"old":        func(f *lockFacts) bool { return !f.view.Stale.IsZero() },
	"mine":       func(f *lockFacts) bool { return f.ours || f.queued },
}

func (l lockFilter) match(f *lockFacts) bool {
	for _, is := range l {
		if !is(f) {
			return false
		}
	}
	return true
}
