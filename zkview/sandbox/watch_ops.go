package sandbox

import (
	"maps"
	"slices"
	"strings"

	"zkdeck/zkview/wire"
)

// addWatch arms a persistent watch, recursive or not, on a path that need not exist
// and needs no permission. In 3.8.0 nothing else is looked at.
func (t *tree) addWatch(by *caller, r *request) result {
	a := result{op: r.op, zxid: t.zxid}
	mode := watchPersistent
	switch r.kind {
	case 0:
	case 1:
		mode = watchRecursive
	default:
		a.code = wire.MarshallingError
		return a
	}
	t.watches.arm(onData, r.path, by, mode)
	t.watches.arm(onChildren, r.path, by, mode)
	return a
}

// watchesOfKind are the tables that a type of checkWatches and removeWatches means
// (org.apache.zookeeper.Watcher.WatcherType; 3.8 has no others).
func watchesOfKind(kind int32) ([]watchTableID, bool) {
	switch kind {
	case 1:
		return []watchTableID{onChildren}, true
	case 2:
		return []watchTableID{onData}, true
	case 3:
		return []watchTableID{onChildren, onData}, true
	}
	return nil, false
}

// checkWatches says whether there is a watch on the path. As in 3.8.0 it may be
// anyone's, and a path that does not begin with a slash makes the server stumble when
// it looks for the parent.
func (t *tree) checkWatches(_ *caller, r *request) result {
	stumbles := false
	a := t.onWatches(r, func(w *watchTable) bool {
		watched := r.path != "" && len(w.paths[r.path]) > 0
		stumbles = stumbles || r.path != "" && !strings.Contains(r.path, "/") ||
			!watched && w.recursive > 0 && r.path != "" && r.path[0] != '/'
		return watched
	})
	if stumbles {
		a.code = wire.MarshallingError
	}
	return a
}

// removeWatches takes the watches of the type away that this watcher has on the path,
// be they persistent or not.
func (t *tree) removeWatches(by *caller, r *request) result {
	return t.onWatches(r, func(w *watchTable) bool {
		mine := w.by[by.watcher]
		if mine == nil || r.noPath {
			return false
		}
		if _, ok := mine.paths[r.path]; !ok {
			return false
		}
		delete(mine.paths, r.path)
		w.drop(r.path, by.watcher)
		return true
	})
}

// onWatches does one of the two above to each table that is meant; the answer is
// NoWatcher if it was false for all of them.
func (t *tree) onWatches(r *request, do func(*watchTable) bool) result {
	a := result{op: r.op, zxid: t.zxid, code: wire.NoWatcher}
	tables, ok := watchesOfKind(r.kind)
	if !ok {
		a.code = wire.MarshallingError
		return a
	}
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	for _, in := range tables {
		if do(&t.watches.at[in]) {
			a.code = 0
		}
	}
	return a
}

// setWatches arms the watches that a client had before its connection broke. What
// has changed since is told at once instead, but for the persistent ones, of which
// nothing is caught up (DataTree.setWatches).
func (t *tree) setWatches(by *caller, s *setWatches) {
	if by.watcher == nil {
		return
	}
	rearm := func(in watchTableID, path string, event int32) {
		if event != 0 {
			by.watcher.event(event, path)
		} else {
			t.watches.arm(in, path, by, watchOnce)
		}
	}
	for _, p := range s.data {
		rearm(onData, p, t.since(p, eventChanged, func(n *node) bool { return n.mzxid > s.since }))
	}
	for _, p := range s.exist {
		event := int32(0)
		if t.find(p) != nil {
			event = eventCreated
		}
		rearm(onData, p, event)
	}
	for _, p := range s.child {
		rearm(onChildren, p, t.since(p, eventChildren, func(n *node) bool { return n.pzxid > s.since }))
	}
	for _, m := range []struct {
		mode  watchMode
		paths []string
	}{{watchPersistent, s.persistent}, {watchRecursive, s.recursive}} {
		for _, p := range m.paths {
			t.watches.arm(onChildren, p, by, m.mode)
			t.watches.arm(onData, p, by, m.mode)
		}
	}
}

// since is the event that a watch on the path has missed, or zero.
func (t *tree) since(path string, event int32, changed func(*node) bool) int32 {
	n := t.find(path)
	switch {
	case n == nil:
		return eventDeleted
	case changed(n):
		return event
	}
	return 0
}

// authenticated says that by has other ids than when it armed its watches: from now on
// these decide which events it may see.
func (t *tree) authenticated(by *caller) {
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	for i := range t.watches.at {
		if mine := t.watches.at[i].by[by.watcher]; mine != nil {
			mine.ids = by.ids
		}
	}
}

// forget drops all watches of a connection that ended.
func (t *tree) forget(w watcher) {
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	for i := range t.watches.at {
		table := &t.watches.at[i]
		if mine := table.by[w]; mine != nil {
			for p := range mine.paths {
				table.drop(p, w)
			}
			delete(table.by, w)
		}
	}
}

// watchCounts are what wchs tells, of the watches on data as the real server's does:
// connections that have or had some, paths watched, and watches.
func (t *tree) watchCounts() (connections, paths, total int) {
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	d := &t.watches.at[onData]
	return len(d.by), len(d.paths), d.size()
}

// watchCount is the number of watches of all kinds; a persistent one counts twice
// (zk_watch_count in mntr).
func (t *tree) watchCount() int {
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	return t.watches.at[onData].size() + t.watches.at[onChildren].size()
}

func (t *watchTable) size() int {
	sum := 0
	for _, w := range t.by {
		sum += len(w.paths)
	}
	return sum
}

// watchesByPath are the sessions that watch each path's data, sorted (wchp).
func (t *tree) watchesByPath() map[string][]int64 {
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	d := &t.watches.at[onData]
	out := make(map[string][]int64, len(d.paths))
	for p, list := range d.paths {
		for _, w := range list {
			out[p] = append(out[p], d.by[w.who].session)
		}
		slices.Sort(out[p])
	}
	return out
}

// watchesBySession are the paths whose data each session watches, sorted, also of one
// that has none any more (wchc).
func (t *tree) watchesBySession() map[int64][]string {
	t.watches.mu.Lock()
	defer t.watches.mu.Unlock()
	d := &t.watches.at[onData]
	out := make(map[int64][]string, len(d.by))
	for _, w := range d.by {
		paths := slices.AppendSeq(out[w.session], maps.Keys(w.paths))
		slices.Sort(paths)
		out[w.session] = paths
	}
	return out
}
