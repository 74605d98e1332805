package zkview

import (
	"context"
	"strings"
	"sync"
	"time"
)

// trunk is one path that is followed, with the watch that all its Follows share.
type trunk struct {
	path   string // on the server
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing of it is left

	// Under followSet.mu:
	follows map[*Follow]bool // whether it has been armed before
	marked  bool             // no one-shot watch is armed on the path itself
	armed   bool             // on the present connection
	partial string           // there is no persistent watch: what is missed
	lost    time.Time        // since when it is not armed any more, if it was
	zxid    int64            // the last one seen then
	err     error            // why it never will be
	turn    chan struct{}    // closed and replaced when one of these changes
}

// followSet knows the paths that are followed. Its lock is taken after that of a
// watchTable, and no other lock is taken under it but a Follow's.
type followSet struct {
	mu     sync.Mutex
	trunks map[string]*trunk
}

// marked tells that one-shot watches on a path are not to be armed: a server up to
// 3.8 keeps one watch mode for a path and a connection (ZOOKEEPER-4466).
func (fs *followSet) marked(path string) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	t := fs.trunks[path]
	return t != nil && t.marked
}

// covers reports whether path is root or below it.
func covers(root, path string) bool {
	return root == "/" || strings.HasPrefix(path, root) && (len(path) == len(root) || path[len(root)] == '/')
}

// tell gives a change to the Follows that it concerns. covered tells that a persistent
// watch covers the path, self that it is the very one that is followed, and parent that
// its parent is. path is as on the server, change.Path below the chroot.
func (fs *followSet) tell(path string, change Change) (covered, self, parent bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if len(fs.trunks) == 0 {
		return false, false, false
	}
	dir, _ := split(path)
	for _, t := range fs.trunks {
		self = self || t.marked && path == t.path
		if !t.armed || t.partial != "" || !covers(t.path, path) {
			continue
		}
		covered = true
		parent = parent || dir == t.path && path != "/"
		for f := range t.follows {
			f.push(change)
		}
	}
	return covered, self, parent
}

// arm notes that a trunk's watch is there from now on, and tells its Follows that
// were without it for a while. partial is what it misses.
func (fs *followSet) arm(path, partial string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	t := fs.trunks[path]
	if t == nil || t.ctx.Err() != nil {
		return
	}
	now := time.Now()
	for f, before := range t.follows {
		f.set(true, partial)
		if before && !t.lost.IsZero() {
			f.push(Change{Kind: Resync, Path: f.path, At: now, Since: t.lost, Zxid: t.zxid})
		}
		t.follows[f] = true
	}
	t.armed, t.partial, t.lost = true, partial, time.Time{}
	t.changed()
}

// drop notes that a connection was lost, and all watches with it. What happened after
// the server was heard for the last time was not told: a silent one is noticed late.
func (fs *followSet) drop(zxid int64, heard time.Time) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	since := time.Now()
	if !heard.IsZero() && heard.Before(since) {
		since = heard
	}
	for _, t := range fs.trunks {
		if t.armed {
			t.armed, t.lost, t.zxid = false, since, zxid
			for f := range t.follows {
				f.set(false, t.partial)
			}
			t.changed()
		}
	}
}

// changed wakes those who wait for a trunk; followSet.mu is held.
func (t *trunk) changed() {
	close(t.turn)
	t.turn = make(chan struct{})
}

// mark keeps one-shot watches off the path of a trunk.
func (fs *followSet) mark(t *trunk) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	t.marked = true
}

// unmark takes that back and reports whether it was so.
func (fs *followSet) unmark(t *trunk) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	was := t.marked
	t.marked, t.armed = false, false
	return was
}

// fail ends a trunk: nothing can be followed here.
func (fs *followSet) fail(t *trunk, err error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
	for f := range t.follows {
		f.end(err)
	}
	t.changed()
	t.cancel()
}

// leave takes a Follow off its trunk, which ends with its last.
func (fs *followSet) leave(t *trunk, f *Follow) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	delete(t.follows, f)
	if len(t.follows) == 0 {
		t.cancel()
	}
}

// remove forgets a trunk that has ended.
func (fs *followSet) remove(t *trunk) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	delete(fs.trunks, t.path)
	close(t.done)
}

// count is the number of persistent watches that are armed.
func (fs *followSet) count() int {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := 0
	for _, t := range fs.trunks {
		if t.armed && t.partial == "" {
			n++
		}
	}
	return n
}
