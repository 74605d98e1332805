package lockctl

import (
	"errors"
	"math"
	"slices"
	"time"
)

// adopt makes a directory live by its listing, when all changes before that have come.
//
// The changes that were kept meanwhile are from before the listing or after it. The
// former are undone first, which gives the children as they were when the first of them
// happened; then all are applied one by one, so that the timeline misses none of them.
func (b *Board) adopt(d *folder) {
	r := d.reply
	d.reply = nil
	early := d.early
	d.early = nil
	gone := errors.Is(r.err, ErrGone)
	switch {
	case errors.Is(r.err, ErrDenied):
		b.refuse(d)
		return
	case r.none && !d.known && !b.needed(d) && !promising(d.path, early):
		b.blank(d, len(r.names))
		for i := range early { // it may be one by now
			if c := &early[i]; c.Kind == Created && c.Path != d.path {
				_, name := split(c.Path)
				b.promises(d.path, name)
			}
		}
		return
	}
	if d.blind || d.jumped {
		b.unseen(d, r, early)
	}
	before := b.split(d, r, early)
	was := b.remake(d, r)
	if d.follow != nil && d.follow.partial != "" {
		early, before = early[before:], 0 // they come in no order
	}
	born, undone := b.undo(d, early[:before], was, r.stat.Czxid)
	d.state, d.gone, d.denied = live, gone, ""
	d.listedAt, d.next, d.czxid, d.owner = r.at, max(r.stat.NextSequence(), 0), r.stat.Czxid, r.stat.EphemeralOwner
	d.creates = max(d.next-int64(undone), 0)
	if r.own != nil {
		d.own, d.ownKnown = r.own.Data, true
	}
	at := d.from
	if len(early) > 0 && early[0].At.Before(at) { // it was on its way when we began
		at = early[0].At
	}
	if d.follow == nil || d.follow.partial != "" || at.IsZero() {
		at = r.at
	}
	b.attach(d, at, born)
	life := d.life
	for i := range early {
		c := &early[i]
		if c.Path == d.path {
			if c.Kind == Written {
				d.ownAgain = true
			} else {
				b.reborn(d, c.At, c.Kind == Deleted)
			}
			continue
		}
		_, name := split(c.Path)
		switch e := born[name]; {
		case i >= before, c.Kind != Created, len(e) == 0 && d.life != life:
			// Since the directory was made, the changes tell all, whatever was listed.
			b.child(d, name, c)
		case len(e) > 0:
			born[name] = e[:len(e)-1]
			b.created(d, name, c.At, e[len(e)-1])
		}
	}
	if !d.gone && d.czxid == 0 {
		d.czxid, d.owner = r.stat.Czxid, r.stat.EphemeralOwner
	}
	d.known, d.stale = true, time.Time{}
	b.soil(d)
	b.wantFirst(d)
}

// promising tells whether one of the children that came and went is one of a contender.
func promising(path string, early []Change) bool {
	for i := range early {
		if c := &early[i]; c.Kind == Created && c.Path != path {
			_, name := split(c.Path)
			if f := parseName(name).family; f != none && f != other && !families[f].hinted {
				return true
			}
		}
	}
	return false
}

// remake makes the children anew by a listing. Those that are the same znodes as before
// stay who they are. It returns those there were.
func (b *Board) remake(d *folder, r *reply) (was map[string]entry) {
	old := d.kids
	was = make(map[string]entry, len(old))
	for name, e := range old {
		was[name] = *e
	}
	same := d.czxid != 0 && d.czxid == r.stat.Czxid
	d.blind, d.jumped = false, false
	d.clear()
	for _, name := range r.names {
		n, read := r.nodes[name]
		if errors.Is(n.Err, ErrGone) {
			n = ReadNode{Node: Node{Name: name}} // its deletion is to be told
			read = false
		}
		e := old[name]
		switch {
		case e == nil:
		case n.Stat.Czxid != 0 && e.stat.Czxid != 0:
			if n.Stat.Czxid != e.stat.Czxid {
				e = nil
			}
		case !same || !e.once():
			e = nil // it may be the same, or not
		}
		if e == nil {
			e = b.entry(d, name, parseName(name))
		}
		if read && n.Err == nil {
			e.take(n.Node)
		}
		e.refused = errors.Is(n.Err, ErrDenied)
		d.blind = d.blind || e.refused || e.closed
		d.put(e)
	}
	return was
}

// take takes what was read of an entry that is in no queue.
func (e *entry) take(n Node) {
	e.stat, e.data, e.read = n.Stat, n.Data, true
	e.closed = n.Data == nil
	e.tag = tagOf(e.name, n.Stat)
	e.who = identity(e.tag, &Node{Name: e.name, Stat: n.Stat, Data: n.Data})
}

// unread forgets what was read of an entry.
func (e *entry) unread() {
	e.stat, e.data, e.who, e.read = Stat{}, nil, "", false
	e.tag = parseName(e.name)
}

// split tells how many of the changes that were kept are from before the listing. A
// name that ends in a number of the server's is there once, and the listing's counter
// tells whether it was given before; the others have to fit in.
func (b *Board) split(d *folder, r *reply, early []Change) int {
	next := r.stat.NextSequence()
	if r.err != nil { // it is gone: up to when it went
		for i := len(early); i > 0; i-- {
			if c := &early[i-1]; c.Path == d.path && c.Kind == Deleted {
				return i
			}
		}
		return 0
	}
	in := make(map[string]bool, len(r.names))
	for _, n := range r.names {
		in[n] = true
	}
	lo, hi := 0, len(early)
	for i := range early {
		c := &early[i]
		if c.Path == d.path {
			if c.Kind != Written { // who was there then is known
				lo = i + 1
			}
			continue
		}
		_, name := split(c.Path)
		t := parseName(name)
		if !once(t) || next == math.MaxInt32 {
			continue
		}
		given := int64(t.seq) < next
		switch {
		case c.Kind == Created && given, c.Kind == Deleted && given && !in[name]:
			lo = max(lo, i+1)
		case c.Kind == Created && !given, c.Kind == Deleted:
			hi = min(hi, i)
		}
	}
	return b.fit(d, in, early, lo, max(lo, hi))
}

// fit chooses, between lo and hi, where the listing was made: the last place where all
// names are there as it has them.
func (b *Board) fit(d *folder, in map[string]bool, early []Change, lo, hi int) int {
	if hi-lo > whole {
		return lo
	}
	wrong := map[string]bool{}
	judge := func(name string, there bool) {
		if there != in[name] {
			wrong[name] = true
		} else {
			delete(wrong, name)
		}
	}
	first := map[string]ChangeKind{}
	for i := hi; i < len(early); i++ {
		if c := &early[i]; c.Path != d.path && c.Kind != Written {
			_, name := split(c.Path)
			if _, ok := first[name]; !ok {
				first[name] = c.Kind
			}
		}
	}
	for name, kind := range first {
		judge(name, kind == Deleted)
	}
	for i := range hi {
		if c := &early[i]; c.Path != d.path && c.Kind != Written {
			_, name := split(c.Path)
			judge(name, c.Kind == Created)
		}
	}
	for k := hi; k > lo; k-- {
		if len(wrong) == 0 {
			return k
		}
		if c := &early[k-1]; c.Path != d.path && c.Kind != Written {
			_, name := split(c.Path)
			judge(name, c.Kind == Deleted)
		}
	}
	return lo
}

// undo takes changes back, the last one first. It returns those whom they create, as
// the listing knows them, the first to be created last, and how many creations it took
// back.
func (b *Board) undo(d *folder, early []Change, was map[string]entry, czxid int64) (born map[string][]*entry, undone int) {
	born = map[string][]*entry{}
	remade := slices.ContainsFunc(early, func(c Change) bool { return c.Path == d.path && c.Kind != Written })
	for i := len(early) - 1; i >= 0; i-- {
		c := &early[i]
		if c.Path == d.path {
			if c.Kind != Written { // before this one nobody was there
				d.clear()
			}
			continue
		}
		_, name := split(c.Path)
		switch e := d.kids[name]; {
		case c.Kind == Created && e != nil:
			d.take(e)
			if !e.once() { // what was read may be of the one before, or after
				e.unread()
			}
			if before, ok := was[name]; ok { // whoever had the name before is another
				b.ids++
				e.id, e.holds = b.ids, false
				if before.stat.Czxid == e.stat.Czxid {
					e.unread()
				}
			}
			if remade { // and the listing may be of the directory that there was before
				e.unread()
			}
			born[name] = append(born[name], e)
			undone++
		case c.Kind == Deleted && e == nil:
			e = b.entry(d, name, parseName(name))
			if before, ok := was[name]; ok && e.once() && d.czxid != 0 && d.czxid == czxid { // the last to be undone keeps it
				e = &before
				e.q, e.holds = nil, false
			}
			d.put(e)
		}
	}
	return born, undone
}
