package lockctl

import (
	"math"
	"time"
)

// folderState is how a directory that may have locks is known.
type folderState uint8

const (
	// listing: its changes are kept until it has been listed.
	listing folderState = iota
	// live: its children are known, and every change is applied.
	live
	// denied: its ACL does not let us list it.
	denied
)

// folder is a directory that has locks, or may have, or the queue of a semaphore.
type folder struct {
	path   string
	follow *follow // whose changes count here
	state  folderState
	gone   bool // there is no such znode
	life   int  // how often it was deleted or made
	denied string

	// While it is listed:
	asked    int      // how often that was asked for; an older answer does not count
	early    []Change // what happened meanwhile, in order
	from     time.Time
	inFlight bool
	inLine   bool      // waits for its turn
	reply    *reply    // to be adopted when the changes before it have come
	due      time.Time // when they are sure to be on our side
	flush    int       // what of the follow is to come first; 0: not asked for yet
	tries    int
	notUntil time.Time
	known    bool // it has been live before

	stale    time.Time // since when what is known may be old; zero: it is not
	listedAt time.Time // when the last listing came
	next     int64     // its [Stat.NextSequence]: lower numbers are older than it
	czxid    int64     // of the znode; 0: not known
	owner    int64
	creates  int64 // [Stat.NextSequence] now
	own      []byte
	ownKnown bool
	ownAgain bool // it was written
	guessed  bool // a child that is about to be read may be a lock

	kids   map[string]*entry
	queues map[groupKey]*queue
	locks  []*lock

	queue  *folder // of the semaphore that is here: where its clients queue
	places *folder // the reverse

	// When it is to be looked at again.
	dirty   bool
	looked  time.Time
	cost    time.Duration
	last    time.Time // of the last change
	unread  []*entry  // to be read, the first of a queue first
	toRead  bool
	reading bool
	readAt  time.Time

	// Of children that may not be read a server may tell nothing: see blind.go.
	blind, jumped bool
}

// entry is a child of a directory that is known.
type entry struct {
	id   uint64
	life int // of its directory
	name string
	tag  tag
	stat Stat
	data []byte
	who  string // safe to print
	q    *queue // nil: it takes no part

	at     time.Time // when we learned of its creation; zero: it was there
	queued time.Time // when its client began to wait, where that is not at
	after  *entry    // whose leaving makes a holder of a place of Curator's semaphore

	wanted, asked, read, refused bool
	closed                       bool // its value may not be read

	birth uint64 // counts creations that were told; 0: it was there before

	gone, holds bool
	since       time.Time // holds since
	atLeast     bool
	turn        uint64 // scratch of [Board.hold]
}

// before tells whether an entry is before another in their queue. With numbers below
// zero the counter may have gone back, as [inOrder] has it: who came later is behind.
func (e *entry) before(o *entry) bool {
	copies := e.tag.family == solr || e.tag.family == curatorRW
	if (e.tag.seq < 0 || o.tag.seq < 0) && !copies {
		switch known := e.stat.Czxid != 0 && o.stat.Czxid != 0; {
		case known && e.stat.Czxid != o.stat.Czxid:
			return e.stat.Czxid < o.stat.Czxid
		case !known && e.birth != o.birth:
			return e.birth < o.birth
		}
	}
	if d := e.tag.seq - o.tag.seq; d != 0 { // wraps on purpose
		return d < 0
	}
	if e.tag.family == solr && o.tag.family == solr {
		return e.name < o.name
	}
	if e.stat.Czxid != 0 && o.stat.Czxid != 0 && e.stat.Czxid != o.stat.Czxid {
		return e.stat.Czxid < o.stat.Czxid
	}
	return e.id < o.id
}

// once tells whether nobody else in the directory ever gets this name: it ends in a
// number that the server gave. Who copies a number, as Solr and Curator's reader that
// writes do, gets one that was given before.
func (e *entry) once() bool { return once(e.tag) }

func once(t tag) bool {
	copied := t.family == solr || t.family == curatorRW && t.mode == Read
	return t.sequential && !copied && t.seq >= 0 && t.seq < math.MaxInt32
}

// tagOf is what the name says and, once it was read, its Stat.
func tagOf(name string, s Stat) tag {
	t := parseName(name)
	if s.NumChildren > 0 {
		return tag{}
	}
	settleSession(&t, &Node{Name: name, Stat: s})
	return t
}

func (e *entry) node() Node { return Node{Name: e.name, Stat: e.stat, Data: e.data} }

func (e *entry) key() groupKey { return groupKey{e.tag.family, stemOf(e.name, e.tag)} }

// contends tells whether its name is one of contenders, of whatever recipe.
func (e *entry) contends() bool { return e.tag.family != none && !e.tag.trap }

// queueOf is the queue of some families; it is empty where nobody is in it.
func (d *folder) queueOf(k groupKey) *queue {
	q := d.queues[k]
	if q == nil {
		q = &queue{key: k}
		d.queues[k] = q
	}
	return q
}

// put adds an entry to the children and to its queue.
func (d *folder) put(e *entry) {
	e.gone = false
	d.kids[e.name] = e
	if e.contends() {
		e.q = d.queueOf(e.key())
		e.q.insert(e)
	}
}

// take is the reverse of put.
func (d *folder) take(e *entry) {
	e.gone = true
	if d.kids[e.name] == e {
		delete(d.kids, e.name)
	}
	if e.q != nil {
		e.q.remove(e)
		if len(e.q.all) == 0 && len(d.queues) > 64 { // so many prefixes come and go
			delete(d.queues, e.q.key)
		}
	}
}

// clear forgets all children.
func (d *folder) clear() {
	for _, e := range d.kids {
		e.gone = true
	}
	d.kids, d.queues = map[string]*entry{}, map[groupKey]*queue{}
}

// stat is that of the znode as the changes since its listing left it: of what the
// recogniser asks, the counter.
func (d *folder) stat() Stat {
	if d.gone || d.creates < 0 {
		return Stat{}
	}
	n := int32(min(len(d.kids), math.MaxInt32))
	return Stat{
		Czxid: max(d.czxid, 1), EphemeralOwner: d.owner, NumChildren: n, DataLength: int32(len(d.own)),
		Cversion: int32(2*uint32(min(d.creates, math.MaxInt32)) - uint32(n)), // wraps as the server's does
	}
}

// directory is the listing as it is now.
func (d *folder) directory() Directory {
	l := Directory{Path: d.path, Stat: d.stat(), Children: make([]Node, 0, len(d.kids))}
	if d.ownKnown {
		l.Data = d.own
		if l.Data == nil {
			l.Data = []byte{}
		}
	}
	for _, e := range d.kids {
		l.Children = append(l.Children, e.node())
	}
	// A queue whose places are gone, or were never made, is a lock by itself.
	if q := d.queue; q != nil && !d.gone && !q.gone && q.state != denied {
		in := q.directory()
		l.Queue = &in
	}
	return l
}
