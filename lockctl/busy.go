package lockctl

import (
	"fmt"
	"time"
)

// A root that tells so much, of which so little is of locks, is not worth following as
// a whole: the server sends us every change of the cluster.
const (
	busyRate  = 2_000 // changes a second
	busySpan  = 10    // seconds
	busyShare = 10    // at least one part in so many is of locks
)

// load is what a follow told within a second.
type load struct{ seen, ours int }

// weighAll counts what the roots told in the last second.
func (b *Board) weighAll(time.Time) {
	for _, f := range b.follows {
		b.weigh(f)
	}
	if s := &b.search; s.again && !s.running && len(b.inLine) == 0 && time.Since(s.began) >= walkAgain {
		b.walk()
	}
}

func (b *Board) weigh(f *follow) {
	f.busy = append(f.busy, load{f.seen, f.ours})
	f.seen, f.ours = 0, 0
	if len(f.busy) > busySpan {
		f.busy = f.busy[1:]
	}
	if !f.finds || f.given || len(f.busy) < busySpan {
		return
	}
	var sum load
	for _, l := range f.busy {
		sum.seen += l.seen
		sum.ours += l.ours
	}
	if sum.seen >= busyRate*busySpan && sum.ours*busyShare < sum.seen {
		b.give(f, sum.seen/busySpan)
	}
}

// give stops following a busy root. The locks that were found below it are followed one
// by one.
func (b *Board) give(f *follow, rate int) {
	f.given = true
	if f.cancel != nil {
		f.cancel()
	}
	now := b.now()
	alone := 0
	for _, d := range b.dirs {
		if d.follow != f {
			continue
		}
		if len(d.locks) == 0 && !b.needed(d) || alone >= maxAlone {
			b.forget(d)
			continue
		}
		alone++
		d.follow = nil
		b.missDir(d, now, now, "it is followed by itself from now on")
		b.followAlone(d.path)
	}
	f.partial = fmt.Sprintf("%s changes %d times a second: only the %d locks found are followed; new ones are found by searching again", clean(f.path), rate, alone)
	b.news()
}
