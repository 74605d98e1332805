package lockctl

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	readPause = 20 * time.Millisecond // between two reads of one directory
	readAhead = 256                   // so many of a queue are read though nobody looks at it
)

// listSoon has a directory listed when its turn comes; the one that is open first.
func (b *Board) listSoon(d *folder) {
	if d.inLine || d.inFlight {
		return
	}
	d.inLine = true
	if b.isOpen(d) {
		b.inLine = slices.Insert(b.inLine, 0, d)
		return
	}
	b.inLine = append(b.inLine, d)
}

// listDue lists what is in line.
func (b *Board) listDue(now time.Time) {
	for i := 0; i < len(b.inLine) && b.lists < maxLists; {
		d := b.inLine[i]
		if d.notUntil.After(now) && b.dirs[d.path] == d {
			b.wakeAt(d.notUntil)
			i++
			continue
		}
		b.inLine = slices.Delete(b.inLine, i, i+1)
		d.inLine = false
		if b.dirs[d.path] != d || d.state != listing || d.follow == nil { // without a follow it waits for one
			continue
		}
		b.lists++
		d.inFlight = true
		path, asked, sure, c := d.path, d.asked, d.known || b.needed(d), b.judged()
		b.work(b.ctx, func(ctx context.Context) func() {
			r := b.list(ctx, path, sure, c)
			r.d, r.asked = d, asked
			return func() {
				b.lists--
				b.listed(r)
			}
		})
	}
}

// want has a child read, or read again.
func (b *Board) want(d *folder, e *entry) {
	if e.wanted || e.gone {
		return
	}
	e.wanted = true
	d.unread = append(d.unread, e)
	b.readSoon(d)
}

// wantFirst has those read who are first in a queue, or all of the lock that is open.
func (b *Board) wantFirst(d *folder) {
	every := b.every(d) || b.o.ReadAll
	for _, q := range d.queues {
		for i, e := range q.all {
			if i >= readAhead && !every {
				break
			}
			if !e.read && !e.refused {
				b.want(d, e)
			}
		}
	}
	if d.queue != nil && d.queue.state == live {
		b.wantFirst(d.queue)
	}
	for _, l := range d.locks {
		if e := d.kids[l.base]; l.base != "" && e != nil && !e.read && !e.refused {
			b.want(d, e)
		}
	}
}

// every tells whether d is of the lock that is open, of which all are read.
func (b *Board) every(d *folder) bool {
	return b.isOpen(d) || d.places != nil && b.isOpen(d.places)
}

func (b *Board) readSoon(d *folder) {
	if !d.toRead {
		d.toRead = true
		b.readers = append(b.readers, d)
	}
}

// readDue reads what is wanted: of each directory one batch at a time.
func (b *Board) readDue(now time.Time) {
	if len(b.readers) == 0 {
		return
	}
	left := b.readers[:0]
	for _, d := range b.readers {
		switch {
		case b.dirs[d.path] != d, d.state == denied:
			d.toRead = false
		case d.reading, d.state == listing, b.reads >= maxReads:
			left = append(left, d)
		case now.Before(d.readAt):
			b.wakeAt(d.readAt)
			left = append(left, d)
		default:
			d.toRead = false
			b.readSome(d, now)
			if d.toRead {
				left = append(left, d)
			}
		}
	}
	clear(b.readers[len(left):])
	b.readers = left
}

// readSome reads the first of those that are wanted.
func (b *Board) readSome(d *folder, now time.Time) {
	lazy := !b.every(d) && !b.o.ReadAll && b.o.Observe == nil
	var batch []*entry
	var names []string
	rest := d.unread[:0]
	for i, e := range d.unread {
		if len(batch) == whole {
			rest = append(rest, d.unread[i:]...)
			break
		}
		e.wanted = false
		if e.gone || d.kids[e.name] != e || lazy && e.q != nil && len(e.q.all) > whole && e.q.find(e) >= readAhead {
			continue // it went, or is so far behind that nobody looks at it yet
		}
		e.asked = true
		batch, names = append(batch, e), append(names, e.name)
	}
	clear(d.unread[len(rest):])
	d.unread = rest
	if len(rest) > 0 {
		d.toRead = true
		for _, e := range rest {
			e.wanted = true
		}
	}
	own := d.ownAgain && d.path != "/"
	d.ownAgain = false
	if len(batch) == 0 && !own {
		return
	}
	b.reads++
	d.reading, d.readAt = true, now.Add(readPause)
	path, asked := d.path, d.asked
	b.work(b.ctx, func(ctx context.Context) func() {
		var nodes, self []ReadNode
		var err error
		if len(names) > 0 {
			nodes, err = b.src.Read(ctx, path, names)
		}
		if own && err == nil {
			dir, base := split(path)
			self, err = b.src.Read(ctx, dir, []string{base})
		}
		return func() {
			b.reads--
			b.verify(verdict{d: d, asked: asked, due: time.Now().Add(b.grace), batch: batch, nodes: nodes, self: self, err: err})
		}
	})
}

// verdict is what was read of some children, and may have to wait.
type verdict struct {
	d           *folder
	asked       int // its listing when they were read
	due         time.Time
	flush       int
	batch       []*entry
	nodes, self []ReadNode
	err         error
}

// verify takes what was read when the changes from before it have come: who is still
// there then is who was read. A name may be there again and again, and one with a number
// too when its directory was deleted and made again.
func (b *Board) verify(v verdict) {
	if v.err != nil {
		v.d.reading = false
		b.wasRead(v)
		return
	}
	if !slices.ContainsFunc(v.batch, func(e *entry) bool { return !e.once() }) {
		v.due = time.Time{}
	}
	b.verdicts = append(b.verdicts, v)
}

// verifyDue takes what waited for changes from before it.
func (b *Board) verifyDue(now time.Time) {
	if len(b.verdicts) == 0 {
		return
	}
	var ready []verdict
	left := b.verdicts[:0]
	for _, v := range b.verdicts {
		if b.caughtUp(v.d.follow, now, v.due, &v.flush) {
			ready = append(ready, v)
		} else {
			left = append(left, v)
		}
	}
	clear(b.verdicts[len(left):])
	b.verdicts = left
	for _, v := range ready {
		v.d.reading = false
		b.wasRead(v)
	}
}

// wasRead takes what was read of some children.
func (b *Board) wasRead(v verdict) {
	d, batch, nodes, self, err := v.d, v.batch, v.nodes, v.self, v.err
	if b.dirs[d.path] != d {
		return
	}
	if d.state != live || d.asked != v.asked { // who that was is not known; what is listed is read anew
		for _, e := range batch {
			e.asked = false
		}
		return
	}
	if err != nil {
		b.log.Warn("contenders could not be read", "path", d.path, "err", err)
		d.readAt = time.Now().Add(time.Second)
		for _, e := range batch {
			e.asked = false
			b.want(d, e)
		}
		return
	}
	if len(self) == 1 && self[0].Err == nil && !d.gone {
		d.own, d.ownKnown = self[0].Data, true
	}
	parties := make([]Party, 0, len(batch))
	for i, e := range batch {
		e.asked = false
		if i >= len(nodes) {
			continue
		}
		switch n := nodes[i]; {
		case n.Err == nil:
			n.Name = e.name
			if e = b.learn(d, e, n.Node); e != nil {
				parties = append(parties, b.party(e))
			}
		case errors.Is(n.Err, ErrDenied):
			e.refused, d.blind = true, true
		case errors.Is(n.Err, ErrGone): // its deletion is to be told
		default:
			b.want(d, e)
		}
	}
	b.describe(d, parties)
	b.soil(d)
}

// describe hands to the timelines what was read.
func (b *Board) describe(d *folder, parties []Party) {
	if len(parties) == 0 {
		return
	}
	for _, l := range d.locks {
		l.timeline.Describe(parties...)
	}
	if d.places != nil {
		for _, l := range d.places.locks {
			l.timeline.Describe(parties...)
		}
	}
}

// learn takes what was read of an entry. It returns who that is: another if the znode
// was deleted and made again, nil if that is not known.
func (b *Board) learn(d *folder, e *entry, n Node) *entry {
	switch {
	case e.gone && (!e.once() || e.life != d.life): // it may be of the next one
		return nil
	case !e.gone && e.stat.Czxid != 0 && n.Stat.Czxid != e.stat.Czxid:
		at := b.now()
		b.deleted(d, e, at)
		again := b.entry(d, e.name, parseName(e.name))
		again.take(n)
		d.creates-- // it is counted as it is put in
		b.created(d, e.name, at, again)
		return again
	}
	fresh := !e.read
	was := e.key()
	e.take(n)
	d.blind = d.blind || e.closed
	if !e.gone {
		b.moved(d, e, was)
	}
	if fresh && !e.at.IsZero() && n.Stat.Ctime != 0 {
		if skew := e.at.Sub(time.UnixMilli(n.Stat.Ctime)); !b.skewed || skew < b.skew {
			b.skew, b.skewed = skew, true
		}
	}
	if e.after != nil && e.after.read && e.after.stat.EphemeralOwner != e.stat.EphemeralOwner {
		e.after = nil // another's place
		b.settleAll(d, d.last)
	}
	b.unknown(e.stat.EphemeralOwner)
	return e
}

// moved puts an entry where it belongs by what was read of it.
func (b *Board) moved(d *folder, e *entry, was groupKey) {
	switch now := e.key(); {
	case e.q != nil && was != now || e.q == nil && e.contends():
		if e.q != nil {
			e.q.remove(e)
			e.q = nil
		}
		if e.contends() {
			e.q = d.queueOf(now)
			e.q.insert(e)
		}
		b.settleAll(d, d.last)
	case e.q != nil && (!e.once() || len(e.q.all) > 1):
		e.q.replaced(e)
	}
}
