package zkview

import (
	"context"
	"sync"
	"time"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// WatchKind is what a watch is about.
type WatchKind uint8

// The kinds of one-shot watches. A server keeps one DataWatch for exists and
// getData alike (org.apache.zookeeper.server.DataTree), so a session does too.
const (
	DataWatch WatchKind = iota
	ChildrenWatch
)

// WatchRef names one watch: what WatchStat and WatchData (DataWatch) or
// WatchChildren (ChildrenWatch) have left on Path.
type WatchRef struct {
	Path string
	Kind WatchKind
}

// spareWatches is how many watches that nobody wants are kept where the server
// cannot remove them (before 3.5). When there are so many, reads with a watch
// become plain reads until some have fired.
const spareWatches = 10_000

// watch is one watch that is being armed, is armed, or is being removed.
type watch struct {
	armed    bool
	fired    bool          // an event came while it was being armed
	settled  chan struct{} // closed when arming or removing is over
	unwanted time.Time     // when it was last given up; zero while wanted
	removing bool
	own      bool // the library does not know it and does not arm it again
	epoch    int  // the table's when arming began
}

// watchTable knows the watches of one link by their paths on the server. The
// library adds a channel at every call that asks for a watch, and the server
// keeps one for all of them; so there is at most one such call for a path and
// kind until the watch has fired or was removed.
type watchTable struct {
	mu    sync.Mutex
	table map[WatchRef]*watch
	armed int // on the server
	spare int // of those, unwanted
	epoch int // counts lost connections

	follows *followSet
}

func newWatchTable(follows *followSet) *watchTable {
	return &watchTable{table: map[WatchRef]*watch{}, follows: follows}
}

// held is the number of watches on the server.
func (t *watchTable) held() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.armed
}

// claim is what [watchTable.claim] allows.
type claim uint8

const (
	plain claim = iota // read without a watch: one is there
	arm                // ask for a watch, then call settle
	wait               // somebody is arming or removing it: wait, then claim again
)

// claim decides how a read that wants a watch is to be made.
func (t *watchTable) claim(ref WatchRef) (claim, *watch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.table[ref]
	switch {
	case w == nil && (t.spare >= spareWatches || t.follows.marked(ref.Path)):
		return plain, nil
	case w == nil:
		w = &watch{settled: make(chan struct{}), epoch: t.epoch}
		t.table[ref] = w
		return arm, w
	case !w.armed || w.removing:
		return wait, w
	}
	t.want(w)
	return plain, w
}

// want takes back that a watch was given up; t.mu is held.
func (t *watchTable) want(w *watch) {
	if !w.unwanted.IsZero() {
		w.unwanted = time.Time{}
		t.spare--
	}
}

// settle ends arming and reports whether the watch was given up meanwhile. fires
// is the library's channel for this very watch, nil when none was left. One of our
// own is gone already if the connection was lost since claim.
func (t *watchTable) settle(ref WatchRef, w *watch, fires <-chan zk.Event, own bool) (unwanted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w.own = own
	if own && w.epoch != t.epoch {
		fires = nil
	}
	select {
	case <-fires: // nil blocks, so this is "fired already"
		fires = nil
	default:
	}
	if fires == nil || w.fired {
		delete(t.table, ref)
	} else {
		w.armed = true
		t.armed++
		if !w.unwanted.IsZero() {
			t.spare++
		}
	}
	close(w.settled)
	return w.armed && !w.unwanted.IsZero()
}

// fire forgets a watch that has fired, and reports whether there was one.
func (t *watchTable) fire(ref WatchRef) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.table[ref]
	switch {
	case w == nil:
		return false
	case !w.armed:
		w.fired = true
	default:
		t.forget(ref, w)
	}
	return true
}

// forget drops an armed watch; t.mu is held.
func (t *watchTable) forget(ref WatchRef, w *watch) {
	if !w.unwanted.IsZero() {
		t.spare--
	}
	if w.removing {
		close(w.settled)
	}
	t.armed--
	delete(t.table, ref)
}

// absorb forgets the watches of a path that is followed from now on. Those that are
// being armed or removed it waits for.
func (t *watchTable) absorb(ctx context.Context, path string) error {
	for _, kind := range []WatchKind{DataWatch, ChildrenWatch} {
		ref := WatchRef{path, kind}
		for {
			t.mu.Lock()
			w := t.table[ref]
			if w == nil || w.armed && !w.removing {
				if w != nil {
					t.forget(ref, w)
				}
				t.mu.Unlock()
				break
			}
			settled := w.settled
			t.mu.Unlock()
			select {
			case <-settled:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// dropOwn forgets the watches that went with a lost connection.
func (t *watchTable) dropOwn() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epoch++
	for ref, w := range t.table {
		if w.armed && w.own {
			t.forget(ref, w)
		}
	}
}

// unwant marks watches as given up and reports whether there are any.
func (t *watchTable) unwant(refs []WatchRef) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	some := false
	for _, ref := range refs {
		w := t.table[ref]
		if w == nil || !w.unwanted.IsZero() {
			continue
		}
		w.unwanted = time.Now()
		if w.armed {
			t.spare++
		}
		some = true
	}
	return some
}

func (t *watchTable) anyUnwanted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.spare > 0
}

func (t *watchTable) anyRemoving() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.table {
		if w.removing {
			return true
		}
	}
	return false
}

// takeUnwanted marks the watches that have been unwanted for the given time as
// being removed and returns them.
func (t *watchTable) takeUnwanted(linger time.Duration) []WatchRef {
	t.mu.Lock()
	defer t.mu.Unlock()
	var refs []WatchRef
	for ref, w := range t.table {
		if w.armed && !w.removing && !w.unwanted.IsZero() && time.Since(w.unwanted) >= linger {
			w.removing, w.settled = true, make(chan struct{})
			refs = append(refs, ref)
		}
	}
	return refs
}

// removed ends the removal of a watch: it is gone, or stays for another try.
func (t *watchTable) removed(ref WatchRef, gone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.table[ref]
	if w == nil || !w.removing {
		return // it fired meanwhile
	}
	w.removing = false
	close(w.settled)
	if gone {
		t.spare--
		t.armed--
		delete(t.table, ref)
	}
}

// firedBy are the watches that an event has used up
// (org.apache.zookeeper.server.WatchManager, and notifyWatches of the library).
func firedBy(e zk.Event) []WatchKind {
	switch e.Type {
	case zk.EventNodeCreated, zk.EventNodeDataChanged:
		return []WatchKind{DataWatch}
	case zk.EventNodeDeleted:
		return []WatchKind{DataWatch, ChildrenWatch}
	case zk.EventNodeChildrenChanged:
		return []WatchKind{ChildrenWatch}
	default:
		return nil
	}
}

var eventKinds = map[zk.EventType]EventKind{
	zk.EventNodeCreated:         Created,
	zk.EventNodeDeleted:         Deleted,
	zk.EventNodeDataChanged:     DataChanged,
	zk.EventNodeChildrenChanged: ChildrenChanged,
}

// watchFired handles an event of a watch. Where a persistent watch covers the path,
// the event need not mean that a one-shot one has fired: then the subscriptions hear
// of it only what one-shot watches would have told.
func (s *Session) watchFired(l *link, e zk.Event) {
	switch int32(e.State) {
	case wire.RemovedState:
		return // made by RemoveWatches for the library
	case wire.FollowedState:
		s.follows.arm(e.Path, "")
		signal(s.changed)
		return
	}
	kind, ok := eventKinds[e.Type]
	if !ok {
		return // the library's own EventNotWatching: a Resync follows
	}
	fired := false
	for _, k := range firedBy(e) {
		if l.watches.fire(WatchRef{e.Path, k}) {
			fired = true
		}
	}
	path := s.servers.rel(e.Path)
	if kind == ChildrenChanged {
		s.publish(Event{Kind: kind, Path: path})
		return
	}
	covered, self, parent := s.follows.tell(e.Path, Change{Kind: kind, Path: path, At: time.Now()})
	if fired || self || !covered {
		s.publish(Event{Kind: kind, Path: path})
	}
	if parent && kind != DataChanged {
		dir, _ := split(path)
		s.publish(Event{Kind: ChildrenChanged, Path: dir})
	}
}
