package lockctl

import (
	"bytes"
	"slices"
	"strings"
)

// Recognise tells which locks, elections, semaphores and leases are in a directory:
// none, one queue, several (zk-ultralight keeps some in one directory), or single
// znodes that are locks by themselves. It follows the decision list of what is known of
// libraries: names that only one library makes settle it; queues, logs and groups that
// look alike are refused; other names need ephemeral owners, numbers that the parent's
// counter can have given, and for some a word in the path or waiters seen watching.
//
// What is not at hand of d and c makes the answer less certain, never wrong on purpose.
// It takes time in proportion to the children, n log n for those that queue, and keeps
// references to the strings and values of d.
func Recognise(d Directory, c Cluster) []Lock {
	return recognise(d, c, nil)
}

// known is what was learnt of a queue before, when more of it was to be seen.
type known struct {
	key       groupKey
	limit     int // 0: nothing beyond what the recipe has
	certainty Certainty
}

// recognise is [Recognise] with what is known from before.
func recognise(d Directory, c Cluster, before []known) []Lock {
	if d.Stat.EphemeralOwner != 0 {
		return nil // NoChildrenForEphemerals: whatever was listed is not of it
	}
	s := survey(&d)
	if l, ok := semaphore(&d, &c, s); ok {
		return []Lock{l}
	}
	if l, ok := leaseIn(&d, &c); ok {
		return []Lock{l}
	}
	groups := s.groups(&d, &c)
	for i := range groups {
		for _, k := range before {
			if k.key == groups[i].key() {
				groups[i].limit = k.limit
				groups[i].certainty = max(groups[i].certainty, k.certainty)
			}
		}
	}
	switch {
	case len(groups) == 1:
		return []Lock{queueLock(&d, &c, groups[0], s)}
	case len(groups) > 1 && groups[0].family != other:
		return []Lock{mixedLock(&d, &c, groups, s)}
	case len(groups) > 1: // several locks of zk-ultralight
		locks := make([]Lock, len(groups))
		for i, g := range groups {
			locks[i] = queueLock(&d, &c, g, nil)
		}
		return locks
	}
	return single(&d, &c)
}

// again makes a lock of what is left of a queue that was recognised before, however
// little that is: it stays what it was until nobody is left in it.
func again(d Directory, c Cluster, k known) (Lock, bool) {
	s := survey(&d)
	g := group{family: k.key.family, stem: k.key.stem, counts: s.counts[k.key.family], certainty: k.certainty, limit: k.limit}
	g.members = s.members(func(t tag) bool { return t.family == k.key.family })
	if k.key.family == other {
		g.members = slices.DeleteFunc(g.members, func(i int32) bool { return stemOf(d.Children[i].Name, s.tags[i]) != k.key.stem })
		s = nil
	}
	if len(g.members) == 0 {
		return Lock{}, false
	}
	return queueLock(&d, &c, g, s), true
}

// Promising tells from the names alone whether [Recognise] could find something, so
// that a wide directory that is no lock costs no Stats. It errs on the side of yes.
func Promising(path string, names []string) bool {
	if hintsOf(path).lock {
		return len(names) > 0
	}
	for _, n := range names {
		if t := parseName(n); t.family != none || exclusiveName(n) || n == leaseHolder {
			return true
		}
	}
	return false
}

// QueueOf is the directory whose listing [Recognise] wants as [Directory.Queue] if it
// exists: <p>/locks of <p>/leases (Curator's InterProcessSemaphoreV2), <p>-__lock__ of
// <p> (kazoo's Semaphore).
func QueueOf(path string) string {
	if dir, base := split(path); base == "leases" {
		return join(dir, "locks")
	}
	return path + "-__lock__"
}

// QueuedFor is the reverse of [QueueOf]: the directory whose queue path may be, or "".
// If that exists, the queue is to be shown as a part of it.
func QueuedFor(path string) string {
	if dir, base := split(path); base == "locks" {
		return join(dir, "leases")
	}
	if p, ok := strings.CutSuffix(path, "-__lock__"); ok && p != "" && !strings.HasSuffix(p, "/") {
		return p
	}
	return ""
}

// surveyed is what one pass over the children found.
type surveyed struct {
	path   string
	tags   []tag
	counts [numFamilies]counts
	hints  hints
	next   int64
}

// counts is what is known of the members of one family.
type counts struct {
	members, persistent, unseen int
	reads                       int
	foreignNumber               bool // a number that the counter cannot have given
	service                     bool // a value of service discovery
	owned                       bool // the session in a name is its owner
	protobuf, json              bool // values of HBase; values that are JSON
}

func survey(d *Directory) *surveyed {
	s := &surveyed{path: d.Path, tags: make([]tag, len(d.Children)), hints: hintsOf(d.Path), next: d.Stat.NextSequence()}
	for i := range d.Children {
		n := &d.Children[i]
		t := parseName(n.Name)
		if n.Stat.NumChildren > 0 { // contenders are leaves
			t = tag{}
		}
		settleSession(&t, n)
		s.tags[i] = t
		if t.family != none {
			s.counts[t.family].add(n, t, s.next)
		}
	}
	return s
}

// settleSession tells the two recipes x-<session>- apart by the owner.
func settleSession(t *tag, n *Node) {
	if t.family != zooLock || !n.Stat.Known() || owns(*t, n) {
		return
	}
	if decimal := (tag{family: writeLock, idFrom: t.idFrom, idTo: t.idTo}); owns(decimal, n) {
		t.family = writeLock
	}
}

func (c *counts) add(n *Node, t tag, next int64) {
	c.members++
	if t.mode == Read {
		c.reads++
	}
	switch {
	case !n.Stat.Known():
		c.unseen++
	case n.Stat.EphemeralOwner == 0:
		c.persistent++
	}
	if t.sequential && !given(t.seq, next) {
		c.foreignNumber = true
	}
	if len(n.Data) > 0 {
		c.service = c.service || service(n.Data)
		c.protobuf = c.protobuf || bytes.HasPrefix(n.Data, []byte("PBUF"))
		c.json = c.json || n.Data[0] == '{'
	}
	if t.family == writeLock || t.family == zooLock || t.family == solr || t.family == distributedLog {
		c.owned = c.owned || owns(t, n)
	}
}

// service tells whether a value is of service discovery: Twitter's ServerSet, Curator's
// ServiceInstance, or JSON with host and port.
func service(data []byte) bool {
	has := func(s string) bool { return bytes.Contains(data, []byte(s)) }
	return has(`"serviceEndpoint"`) || has(`"serviceType"`) ||
		data[0] == '{' && has(`"port"`) && (has(`"host"`) || has(`"address"`))
}
