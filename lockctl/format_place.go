package lockctl

import (
	"fmt"
	"math"
)

// place is where a contender stands in its queue.
type place struct {
	Holds bool
	// Position counts from 1 and Of the contenders; a Position of 0 tells that the own
	// znode is not in the queue.
	Position, Of int
	Watch        string // the znode to watch; "" where nobody is waited for
	Second       string // the one that Watch, or we, wait for next; "" where there is none
	// Next tells that nobody but Watch is waited for, and nobody can come before us any
	// more: its deletion alone lets us in. See [format.place].
	Next bool
	// Err is why the lock cannot be taken from here: an [ErrExhausted] or [ErrMixed].
	Err error
}

// place tells from a listing where own stands. It takes one pass, and makes nothing.
//
// A contender is before another if its number is, on the ring of an int32: -2147483648
// comes after 2147483647. A writer waits for all before it and watches the closest, a
// reader waits for the writers before it and watches the closest of them: when that is
// gone the rest is looked at again. So whoever is let in has nobody before it that
// excludes it, whatever the others' order of waking is.
//
// That Next needs no new listing rests on this: those before us can only become fewer.
//   - A znode that a server numbers later gets a higher number, the counter of the
//     directory only ever rising, for as long as it is not at its end. Near that nobody
//     is Next.
//   - The directory cannot be made anew, which starts the counter at 0, while our znode
//     is in it.
//   - No client of these recipes makes a contender with a number of its own choice, but
//     for Curator's InterProcessReadWriteLock: the reader of who holds the write lock
//     has its number (CURATOR-621). Where such a name takes part nobody is Next. A
//     znode made by hand with a number before ours is not reckoned with.
//   - A contender does not change its mode.
//
// Whether our own znode and session live is for the caller to know.
//
// A contender with a name that only another recipe makes, and that came before ours, is
// an error: the directory was of that recipe when we queued, or became so just then.
func (f format) place(names []string, own string) place {
	if f.shape.places() {
		return f.placeAmong(names, own)
	}
	me := parseName(own)
	if !me.sequential {
		return place{Err: fmt.Errorf("%s has no sequence number: %w", clean(own), ErrForeign)}
	}
	var (
		p                place
		listed, copies   bool
		before, blockers int
		closest, second  int32
		equal, negative  string
		stranger         string
	)
	if me.seq < 0 {
		negative = own
	}
	for _, n := range names {
		if n == own {
			listed = true
			continue
		}
		t := parseName(n)
		if !t.sequential {
			continue
		}
		if !f.shape.counts(n, t) {
			if t.seq < me.seq && families[t.family].strong {
				stranger = n
			}
			continue
		}
		p.Of++
		copies = copies || t.family == curatorRW
		if t.seq < 0 {
			negative = n
		}
		distance := t.seq - me.seq // wraps on purpose
		switch {
		case distance == 0:
			equal = n
			continue
		case distance > 0:
			continue
		}
		before++
		if f.mode == Read && t.mode == Read {
			continue
		}
		switch blockers++; {
		case blockers == 1:
			closest, p.Watch = distance, n
		case distance > closest:
			second, p.Second = closest, p.Watch
			closest, p.Watch = distance, n
		case blockers == 2 || distance > second:
			second, p.Second = distance, n
		}
	}
	if !listed {
		return place{Of: p.Of}
	}
	p.Of++
	p.Position = before + 1
	p.Holds = blockers == 0
	p.Next = blockers == 1 && !copies && !nearItsEnd(me.seq)
	if p.Err = f.broken(own, me.seq, equal, negative); p.Err == nil && stranger != "" && !f.forced {
		p.Err = fmt.Errorf("%w: %s came before us, whose recipe does not wait for %s. Use another directory, or force it", ErrMixed, clean(stranger), f.recipe)
	}
	if p.Err != nil {
		p.Holds, p.Next = false, false
	}
	return p
}

// broken tells why numbers do not order a queue any more. Equal ones are nobody's to
// hold by: go-zookeeper and kazoo let in all that have the lowest, Curator whichever
// was listed first. Below zero who compares text or signed numbers goes before those
// who came earlier.
func (f format) broken(own string, seq int32, equal, negative string) error {
	const remedy = "delete the directory when it is empty, it starts at 0 again"
	switch {
	case equal != "":
		return fmt.Errorf("%s has the number of %s: %w: %s", clean(own), clean(equal), ErrExhausted, remedy)
	case negative != "" && seq == math.MaxInt32:
		// The counter stands still there: ours may be younger than those below zero, which
		// are behind it on the ring.
		return fmt.Errorf("%s may have been made after %s: %w: %s", clean(own), clean(negative), ErrExhausted, remedy)
	case f.forced:
	case negative != "":
		return fmt.Errorf("%s is behind number 2147483647, and may go before who came earlier: %w: %s, or force it", clean(negative), ErrExhausted, remedy)
	case nearItsEnd(seq):
		return fmt.Errorf("%s: few numbers are left until 2147483647: %w: %s, or force it", clean(own), ErrExhausted, remedy)
	}
	return nil
}

// nearItsEnd tells whether the counter that gave a number is near its end, or past it.
func nearItsEnd(seq int32) bool { return seq < 0 || seq > math.MaxInt32-nearEnd }
