package lockctl

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// How much of a directory is read when it is listed. Of more than whole the first,
// the last and some between tell what it is.
const (
	whole       = 512
	sampleFirst = 128
	sampleLast  = 32
	sampleRest  = 96
)

// reply is what listing a directory brought.
type reply struct {
	d     *folder
	asked int
	at    time.Time
	names []string
	stat  Stat
	nodes map[string]ReadNode // those that were read
	own   *ReadNode           // the directory itself, if it was read
	none  bool                // it is none for sure
	err   error
}

// list lists a directory, and reads what is needed to recognise it. Sure tells that it
// is worth it whatever the names are. It blocks, and is called by a worker.
func (b *Board) list(ctx context.Context, path string, sure bool, c Cluster) *reply {
	r := &reply{}
	r.names, r.stat, r.err = b.src.List(ctx, path)
	r.at = b.now()
	if r.err != nil {
		return r
	}
	if r.stat.EphemeralOwner != 0 || !sure && !Promising(path, r.names) {
		r.none = true
		return r
	}
	pick := sample(path, r.names)
	if r.nodes, r.err = b.readAll(ctx, path, pick); r.err != nil {
		return r
	}
	if wantsOwn(path, r.names) && path != "/" {
		dir, base := split(path)
		own, err := b.src.Read(ctx, dir, []string{base})
		if err == nil && len(own) == 1 && own[0].Err == nil {
			r.own = &own[0]
		}
	}
	if !sure && len(r.names) > whole {
		d := Directory{Path: path, Stat: r.stat}
		for _, n := range r.nodes {
			if n.Err == nil || errors.Is(n.Err, ErrDenied) {
				d.Children = append(d.Children, n.Node)
			}
		}
		r.none = len(Recognise(d, c)) == 0 && !(wantsOwn(path, r.names) || QueuedFor(path) != "")
	}
	return r
}

// readAll reads children, some hundred a call.
func (b *Board) readAll(ctx context.Context, path string, names []string) (map[string]ReadNode, error) {
	nodes := make(map[string]ReadNode, len(names))
	for part := range slices.Chunk(names, whole) {
		read, err := b.src.Read(ctx, path, part)
		if err != nil {
			return nil, err
		}
		for i, n := range read[:min(len(read), len(part))] {
			n.Name = part[i]
			nodes[part[i]] = n
		}
	}
	return nodes, nil
}

// wantsOwn tells whether the value of the directory itself may be the limit of a
// semaphore of kazoo's.
func wantsOwn(_ string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return len(n) == 32 && isHex(n, 32) })
}

// sample chooses the children to be read: all, or those that may be contenders, the
// first and the last of them and some between.
func sample(path string, names []string) []string {
	if len(names) <= whole {
		return names
	}
	type place struct {
		name string
		tag  tag
	}
	var may []place
	var single []string
	for _, n := range names {
		t := parseName(n)
		switch {
		case t.family != none:
			may = append(may, place{n, t})
		case (exclusiveName(n) || n == leaseHolder) && len(single) < sampleFirst:
			single = append(single, n)
		}
	}
	slices.SortFunc(may, func(a, b place) int {
		if d := a.tag.seq - b.tag.seq; d != 0 { // wraps on purpose
			return cmp.Compare(d, 0)
		}
		return cmp.Compare(a.name, b.name)
	})
	pick := single
	n := len(may)
	for i, p := range may {
		between := n - sampleFirst - sampleLast
		if i < sampleFirst || i >= n-sampleLast || between <= sampleRest || (i-sampleFirst)%(between/sampleRest+1) == 0 {
			pick = append(pick, p.name)
		}
	}
	if n == 0 && hintsOf(path).lock { // leases of ShedLock have any name
		for i := 0; i < len(names); i += len(names)/(sampleFirst+sampleRest) + 1 {
			pick = append(pick, names[i])
		}
	}
	return pick
}

// listed takes the reply of a listing.
func (b *Board) listed(r *reply) {
	d := r.d
	d.inFlight = false
	if b.dirs[d.path] != d {
		return
	}
	if r.asked != d.asked {
		b.listSoon(d)
		return
	}
	if r.err != nil && !errors.Is(r.err, ErrGone) && !errors.Is(r.err, ErrDenied) {
		d.tries++
		d.notUntil = time.Now().Add(min(time.Second<<min(d.tries, 5), 30*time.Second))
		b.log.Warn("a queue could not be listed", "path", d.path, "err", r.err)
		b.listSoon(d)
		return
	}
	d.tries = 0
	d.reply, d.due, d.flush = r, time.Now().Add(b.grace), 0
	b.partner(d, r)
	b.settling = append(b.settling, d)
}

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
		b.refuse(d, r)
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
