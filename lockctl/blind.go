package lockctl

import (
	"time"
)

// Servers since 3.8.4, and those of distributions that took over the remedy for
// CVE-2024-23944, send no event about a znode to who may not read it. A queue with such
// contenders is listed again and again: with so much between for the queue, and so much
// more for each child.
const (
	blindPause = 5 * time.Second
	blindChild = time.Millisecond
)

// lookAtBlind lists again what changes without a word.
func (b *Board) lookAtBlind(now time.Time) {
	for _, d := range b.dirs {
		if d.state != live || !d.blind && !d.jumped {
			continue
		}
		if d.jumped || b.now().Sub(d.listedAt) >= blindPause+time.Duration(len(d.kids))*blindChild {
			b.relist(d, b.now())
		}
	}
}

// jumps tells whether a new child has a higher number than it can have by what was told.
func jumps(d *folder, t tag) bool {
	f := d.follow
	return once(t) && d.known && d.creates >= 0 && int64(t.seq) > d.creates && f != nil && f.partial == "" && !f.given
}

// unseen marks a gap where a listing shows that children came or went without a word.
func (b *Board) unseen(d *folder, r *reply, early []Change) {
	f := d.follow
	if !d.known || r.err != nil || !d.stale.IsZero() || f == nil || f.partial != "" || f.given {
		return
	}
	told := make(map[string]bool, len(early))
	for i := range early {
		if early[i].Path == d.path {
			return
		}
		_, name := split(early[i].Path)
		told[name] = true
	}
	missed := false
	there := make(map[string]bool, len(r.names))
	for _, n := range r.names {
		there[n] = true
		missed = missed || d.kids[n] == nil && !told[n]
	}
	for n := range d.kids {
		missed = missed || !there[n] && !told[n]
	}
	if !missed {
		return
	}
	locks := d.locks
	if d.places != nil {
		locks = append(locks[:len(locks):len(locks)], d.places.locks...)
	}
	for _, l := range locks {
		b.miss(l, d.listedAt, r.at, "the server does not tell of znodes that we may not read")
	}
}

// warnClosed tells of contenders that may not be read.
func (v *View) warnClosed(d *folder) {
	if !d.blind {
		return
	}
	var nodes []string
	for i := range v.Contenders {
		if e := d.kids[v.Contenders[i].Node]; e != nil && (e.closed || e.refused) {
			nodes = append(nodes, e.name)
		}
	}
	v.about(WarnClosed, nodes, "We may not read %s. Many servers do not tell us of such znodes: the queue is listed again every few seconds, and what happens in between is not seen.")
}
