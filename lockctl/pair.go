package lockctl

import (
	"slices"
	"time"
)

// partner has the other directory of a semaphore listed, where a listing shows that
// there may be one: the queue in front of places, or the places that a queue is for.
func (b *Board) partner(d *folder, r *reply) {
	if r.err != nil {
		return
	}
	if d.queue == nil && d.places == nil && placesIn(d.path, r.names) {
		q := b.other(QueueOf(d.path), d)
		if q != nil && q.places == nil && q.queue == nil {
			d.queue, q.places = q, d
		}
	}
	if p := QueuedFor(d.path); p != "" && d.places == nil && d.queue == nil && queueIn(r.names) {
		o := b.other(p, d)
		if o != nil && o.queue == nil && o.places == nil {
			d.places, o.queue = o, d
		}
	}
}

// other is a directory that is looked at because of d.
func (b *Board) other(path string, d *folder) *folder {
	if o := b.dirs[path]; o != nil {
		return o
	}
	f := b.followOf(path)
	if f == nil {
		if d.follow == nil || d.follow.finds {
			return nil
		}
		b.followAlone(path)
		if f = b.follows[path]; f == nil {
			return nil
		}
	}
	o := b.enter(path, f)
	if f.started {
		b.listSoon(o)
	}
	return o
}

func placesIn(path string, names []string) bool {
	if _, base := split(path); base == "leases" {
		return true
	}
	return slices.ContainsFunc(names, func(n string) bool {
		f := parseName(n).family
		return f == kazooPlace || f == curatorLease
	})
}

func queueIn(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		f := parseName(n).family
		return f == curatorMutex || f == kazooLock
	})
}

// needed tells whether a directory is kept though it has no lock of its own.
func (b *Board) needed(d *folder) bool { return d.places != nil || d.queue != nil && !d.queue.gone }

// refuse notes that a directory may not be listed.
func (b *Board) refuse(d *folder) {
	hinted := hintsOf(d.path).lock || hintsOf(d.path).elect
	if d.known || hinted && len(d.locks) == 0 {
		d.state, d.denied, d.gone = denied, "its ACL does not let us list "+clean(d.path), false
		if len(d.locks) == 0 {
			if l := b.add(d, d.path); l != nil {
				l.seen = Lock{Path: d.path, NextSequence: NoSequence}
				b.tellListed(l, EventFound)
			}
		}
		d.stale = time.Time{}
		if d.known {
			d.stale = d.from
		}
		for _, l := range d.locks {
			b.show(l)
		}
		return
	}
	b.blank(d, 0)
}
