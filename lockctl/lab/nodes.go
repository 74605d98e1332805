package lab

import (
	"time"

	"zkdeck/lockctl"
)

// nodes are the znodes of a run as they are now, as far as anybody here knows: the
// listings of the one who looks on, which are some milliseconds old, and what workers were
// told of their own since. Run.mu guards it.
type nodes struct {
	all map[nodeKey]node
	// gone are znodes, by czxid, that are known to be deleted: an older listing, or one of a
	// server that lags, may still have them.
	gone map[int64]time.Time
	// makers are the workers of sessions, and of the persistent znodes that they made.
	sessions   map[int64]int
	persistent map[int64]int
	// whose is the worker of a name, also of one that is deleted.
	whose map[string]int
	names []string // of whose, the oldest first

	dirty bool
	queue []Znode // of the last call, handed out to many
}

type nodeKey struct{ dir, name string }

type node struct {
	Znode
	made time.Time // when its worker was told so, zero of one that was listed first
}

const (
	// goneKept is how long a deleted znode may be listed by a server that lags.
	goneKept = 30 * time.Second
	// lag is how long a listing may lack a znode that was made.
	lag = 300 * time.Millisecond
	// namesKept is of how many names it is known whose they were.
	namesKept = 4 * MaxWorkers
)

func newNodes() nodes {
	return nodes{
		all: map[nodeKey]node{}, gone: map[int64]time.Time{},
		sessions: map[int64]int{}, persistent: map[int64]int{}, whose: map[string]int{},
	}
}

// made takes in that a worker has made a znode.
func (n *nodes) made(dir, name string, st lockctl.Stat, worker int) {
	if _, gone := n.gone[st.Czxid]; gone {
		return
	}
	if st.EphemeralOwner == 0 {
		n.persistent[st.Czxid] = worker
	}
	n.name(name, worker)
	n.put(dir, name, st, time.Now())
}

func (n *nodes) name(name string, worker int) {
	if _, known := n.whose[name]; !known {
		n.names = append(n.names, name)
		if len(n.names) > namesKept {
			delete(n.whose, n.names[0])
			n.names = n.names[1:]
		}
	}
	n.whose[name] = worker
}

func (n *nodes) put(dir, name string, st lockctl.Stat, made time.Time) {
	if z, ok := n.all[nodeKey{dir, name}]; ok && z.Czxid > st.Czxid {
		return // made anew meanwhile
	}
	n.all[nodeKey{dir, name}] = node{Znode{Name: name, Dir: dir, Czxid: st.Czxid, Owner: st.EphemeralOwner}, made}
	n.dirty = true
}

// deleted takes in that a worker has deleted its znode. Another may have made one of that
// name by now.
func (n *nodes) deleted(dir, name string, worker int, session int64) {
	k := nodeKey{dir, name}
	if z, ok := n.all[k]; ok && n.belongs(z.Znode, worker, session) {
		n.bury(k, z)
	}
}

// remove takes in that a znode is deleted, of a name that is not used again, and returns
// whose session it was.
func (n *nodes) remove(dir, name string) (owner int64) {
	k := nodeKey{dir, name}
	z, ok := n.all[k]
	if ok {
		n.bury(k, z)
	}
	return z.Owner
}

// belongs tells whether a znode is a worker's, by its session or, if it is persistent, by
// who made it.
func (n *nodes) belongs(z Znode, worker int, session int64) bool {
	if z.Owner == 0 {
		return n.persistent[z.Czxid] == worker
	}
	return z.Owner == session
}

func (n *nodes) bury(k nodeKey, z node) {
	n.gone[z.Czxid] = time.Now()
	delete(n.persistent, z.Czxid)
	delete(n.all, k)
	n.dirty = true
}

// ended takes in that a session has ended or was closed, and its ephemerals are deleted.
func (n *nodes) ended(session int64) {
	for k, z := range n.all {
		if z.Owner == session && session != 0 {
			delete(n.all, k) // it is listed again if the servers did not hear of the closing
			n.dirty = true
		}
	}
}

// listed takes in a listing of one directory with the Stats of who is in it, and tells
// whether it is to be listed again: it lacks what was made just now.
func (n *nodes) listed(dir string, children []lockctl.ReadNode) (again bool) {
	there := map[string]bool{}
	for _, c := range children {
		if _, gone := n.gone[c.Stat.Czxid]; gone || c.Err != nil {
			continue
		}
		there[c.Name] = true
		if z, ok := n.all[nodeKey{dir, c.Name}]; !ok || z.Czxid < c.Stat.Czxid {
			n.put(dir, c.Name, c.Stat, time.Time{})
			if w := n.sessions[c.Stat.EphemeralOwner]; w != 0 {
				n.name(c.Name, w)
			}
		}
	}
	for k, z := range n.all {
		switch {
		case k.dir != dir || there[k.name]:
		case time.Since(z.made) < lag:
			again = true
		default:
			delete(n.all, k)
			n.dirty = true
		}
	}
	for czxid, when := range n.gone {
		if time.Since(when) > goneKept {
			delete(n.gone, czxid)
		}
	}
	return again
}

// worker is whose a znode is.
func (n *nodes) worker(z Znode) int {
	if z.Owner == 0 {
		return n.persistent[z.Czxid]
	}
	return n.sessions[z.Owner]
}

// of is the znode of a session that counts: its place rather than its turn to get one, and
// of several the last.
func (n *nodes) of(worker int, session int64) (best Znode, ok bool) {
	for _, z := range n.all {
		if !n.belongs(z.Znode, worker, session) {
			continue
		}
		if !ok || z.Dir == placesDir && best.Dir != placesDir || z.Dir == best.Dir && z.Czxid > best.Czxid {
			best, ok = z.Znode, true
		}
	}
	return best, ok
}

// show is the queue in the recipe's order.
func (n *nodes) show(o Options, there func(worker int) bool) []Znode {
	if !n.dirty {
		return n.queue
	}
	n.dirty = false
	queue := make([]Znode, 0, len(n.all))
	for _, z := range n.all {
		if w := n.worker(z.Znode); there(w) {
			z.Worker = w
		}
		queue = append(queue, z.Znode)
	}
	n.queue = mark(o, queue)
	return n.queue
}
