package lockctl

import (
	"time"
)

// lateness is how long after a listing a change that it has in it may still come.
const lateness = time.Second

// maxEarly bounds the changes that are kept for a directory until it is listed.
const maxEarly = 20_000

// change takes one change of what is followed.
func (b *Board) change(f *follow, c *Change) {
	if c.Kind == Missed {
		b.missed(f, c)
		return
	}
	f.seen++
	if d := b.dirs[c.Path]; d != nil && d.follow == f {
		f.ours++
		b.self(d, c)
	}
	if c.Path == "/" || c.Path == "" {
		return
	}
	parent, name := split(c.Path)
	if d := b.dirs[parent]; d != nil {
		if d.follow == f {
			f.ours++
			b.child(d, name, c)
		}
		return
	}
	if c.Kind == Created {
		b.grown(f, parent)
		if f.finds && b.promises(parent, name) {
			f.ours++
			b.candidate(parent, c)
		}
	}
}

// grown notes that a contender got a child, and so is none.
func (b *Board) grown(f *follow, path string) {
	parent, name := split(path)
	d := b.dirs[parent]
	if d == nil || d.follow != f || d.state != live {
		return
	}
	if e := d.kids[name]; e != nil && e.q != nil {
		b.want(d, e)
	}
}

// self takes a change of the directory's own znode.
func (b *Board) self(d *folder, c *Change) {
	switch {
	case d.state == listing:
		b.keep(d, c)
	case c.Kind == Written:
		d.ownAgain = true
		if d.ownKnown {
			b.readSoon(d)
		}
	case d.state == denied:
		if c.Kind == Created {
			b.relist(d, c.At)
		}
	case c.Kind == Created:
		b.reborn(d, c.At, false)
	case c.Kind == Deleted:
		b.reborn(d, c.At, true)
	}
}

// reborn empties a directory: it was deleted, or created. Its locks stay, as free.
func (b *Board) reborn(d *folder, at time.Time, gone bool) {
	had := len(d.kids) > 0
	d.clear()
	d.life++
	d.gone, d.next, d.creates, d.czxid, d.owner = gone, 0, 0, 0, 0
	d.own, d.ownKnown = nil, false
	d.last = at
	if had {
		b.settleAll(d, at)
	}
	b.soil(d)
}

// child takes a change of a child.
func (b *Board) child(d *folder, name string, c *Change) {
	switch d.state {
	case listing:
		b.keep(d, c)
		return
	case denied:
		return
	}
	switch e := d.kids[name]; c.Kind {
	case Created:
		b.created(d, name, c.At, nil)
	case Deleted:
		if e != nil {
			b.deleted(d, e, c.At)
		}
	case Written:
		if e != nil {
			b.want(d, e)
		}
	}
}

// keep keeps a change until the directory was listed. Too many are as good as missed.
func (b *Board) keep(d *folder, c *Change) {
	if len(d.early) >= maxEarly {
		b.missDir(d, d.early[0].At, c.At, "too much changed while the queue was listed")
	}
	d.early = append(d.early, *c)
}

// created takes a new child, with what a listing told of it already, if any did.
func (b *Board) created(d *folder, name string, at time.Time, e *entry) {
	if old := d.kids[name]; old != nil {
		if !old.once() { // made again; its czxid will tell
			b.want(d, old)
		}
		return
	}
	if e == nil {
		t := parseName(name)
		if once(t) && int64(t.seq) < d.next && at.Before(d.listedAt.Add(lateness)) {
			return // from before the listing, and gone when it was made
		}
		e = b.entry(d, name, t)
	}
	b.births++
	e.at, e.birth = at, b.births
	d.gone = false
	d.jumped = d.jumped || jumps(d, e.tag)
	if d.creates >= 0 {
		d.creates++
	}
	d.last = at
	b.place(d, e)
	d.put(e)
	if e.tag.family == kazooPlace && !d.ownKnown { // it had no places when it was listed
		d.ownAgain = true
	}
	if !e.read || !e.once() {
		b.want(d, e)
	}
	b.soil(d)
	b.settleAll(d, at)
	b.joined(d, e, at)
}

// entry makes an entry that is not in its directory yet.
func (b *Board) entry(d *folder, name string, t tag) *entry {
	b.ids++
	return &entry{id: b.ids, life: d.life, name: name, tag: t}
}

// place notes for whom a place of a semaphore is made: the head of the queue makes it,
// and of Curator's has it when it leaves the queue (InterProcessSemaphoreV2 lets go of
// its mutex once there are not too many leases).
func (b *Board) place(d *folder, e *entry) {
	if e.tag.family != curatorLease && e.tag.family != kazooPlace || d.queue == nil {
		return
	}
	k := groupKey{family: kazooLock}
	if e.tag.family == curatorLease {
		k.family = curatorMutex
	}
	q := d.queue.queues[k]
	if q == nil || len(q.all) == 0 {
		return
	}
	if e.at.Before(q.since) {
		return // it was made for one who has left since, and so has it: the queue is told first
	}
	head := q.all[0]
	if e.queued = head.queued; e.queued.IsZero() {
		e.queued = head.at
	}
	if k.family == curatorMutex {
		e.after = head
	}
}

// pending notes for whom the newest place of Curator's semaphore was made, where that was
// not seen: for the head of the queue, if that is of the same session and was there
// before.
func (d *folder) pending() {
	places := d.queues[groupKey{family: curatorLease}]
	if places == nil || len(places.all) == 0 || d.queue == nil {
		return
	}
	q := d.queue.queues[groupKey{family: curatorMutex}]
	if q == nil || len(q.all) == 0 {
		return
	}
	newest, head := places.all[len(places.all)-1], q.all[0]
	own := newest.stat.EphemeralOwner != 0 && newest.stat.EphemeralOwner == head.stat.EphemeralOwner
	if newest.after == nil && own && newest.stat.Czxid > head.stat.Czxid {
		newest.after = head
	}
}

// joined tells of one that has to wait.
func (b *Board) joined(d *folder, e *entry, at time.Time) {
	if b.o.Observe == nil || e.holds {
		return
	}
	for _, l := range d.locks {
		if l.begun && l.takes(e) {
			b.tell(l, EventQueued, e, at, l.waiting(len(l.holders)))
		}
	}
	if p := d.places; p != nil && e.q != nil {
		for _, l := range p.locks {
			if l.begun && l.head() == e.q {
				b.tell(l, EventQueued, e, at, l.waiting(len(l.holders)))
			}
		}
	}
}

// deleted takes a child away.
func (b *Board) deleted(d *folder, e *entry, at time.Time) {
	held := e.holds
	if e.q != nil && len(e.q.all) > 0 && e.q.all[0] == e {
		e.q.since = at
	}
	d.take(e)
	d.last = at
	b.soil(d)
	b.settleAll(d, at)
	if held || b.o.Observe == nil {
		return
	}
	for _, l := range d.locks {
		if l.begun && l.takes(e) {
			b.tell(l, EventLeft, e, at, l.waiting(len(l.holders)))
		}
	}
}

// settleAll tells of each lock that the directory is of who holds now.
func (b *Board) settleAll(d *folder, at time.Time) {
	for _, l := range d.locks {
		b.settle(l, at)
	}
	if d.places != nil {
		for _, l := range d.places.locks {
			b.settle(l, at)
		}
	}
}

// missed notes that changes may have been missed of all that a follow tells of.
func (b *Board) missed(f *follow, c *Change) {
	since, why := c.Since, "the connection was lost"
	if since.IsZero() {
		since, why = f.last, "changes came faster than they could be taken"
	}
	b.gap(f, since, c.At, why)
}

// gap has all that a follow tells of listed again.
func (b *Board) gap(f *follow, since, at time.Time, why string) {
	for _, d := range b.dirs {
		if d.follow == f {
			b.missDir(d, since, at, why)
		}
	}
	b.skewed = false
	if f.finds {
		b.searchAgain()
	}
	b.news()
}

// missDir has one directory listed again.
func (b *Board) missDir(d *folder, since, at time.Time, why string) {
	for _, l := range d.locks {
		b.miss(l, since, at, why)
	}
	if d.places != nil {
		for _, l := range d.places.locks {
			b.miss(l, since, at, why)
		}
	}
	if d.stale.IsZero() && d.known {
		d.stale = since
	}
	b.soil(d)
	b.relist(d, at)
}

// relist lists a directory anew; what happens from at on is kept until then.
func (b *Board) relist(d *folder, at time.Time) {
	d.early, d.reply, d.from = nil, nil, at
	d.state = listing
	d.asked++
	b.listSoon(d)
}
