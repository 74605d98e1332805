package sandbox

import (
	"slices"
	"strings"
	"sync"

	"zkdeck/zkview/wire"
)

// The events that a server sends (org.apache.zookeeper.Watcher.Event.EventType).
const (
	eventCreated  int32 = 1
	eventDeleted  int32 = 2
	eventChanged  int32 = 3
	eventChildren int32 = 4
)

// Which of the two tables a watch is in. exists and getData arm one on the data, and
// persistent watches are in both.
type watchTableID uint8

const (
	onData watchTableID = iota
	onChildren
)

type watchMode uint8

const (
	watchOnce watchMode = iota
	watchPersistent
	watchRecursive
)

// watchTables are the watches. A read that only holds the tree's lock for reading arms
// some, and so they have a lock of their own; it is never held while a watcher is told.
type watchTables struct {
	mu sync.Mutex
	at [2]watchTable
}

func (t *watchTables) init() {
	for i := range t.at {
		t.at[i] = watchTable{paths: map[string][]watch{}, by: map[watcher]*watched{}}
	}
}

// watchTable is one of the real server's WatchManagers. A watcher has one mode for a
// path: the last one armed (ZOOKEEPER-4466).
type watchTable struct {
	paths     map[string][]watch
	by        map[watcher]*watched
	recursive int
}

type watch struct {
	who  watcher
	mode watchMode
}

// watched is what one watcher watches, and the ids that decide what it is told. It
// stays until the connection ends, also without any path.
type watched struct {
	session int64
	ids     []wire.Identity
	paths   map[string]struct{}
}

func (t *watchTables) arm(in watchTableID, path string, by *caller, mode watchMode) {
	if by.watcher == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at[in].arm(path, by, mode)
}

func (t *watchTable) arm(path string, by *caller, mode watchMode) {
	if mode == watchRecursive {
		t.recursive++
	}
	w := t.by[by.watcher]
	if w == nil {
		w = &watched{session: by.session, paths: map[string]struct{}{}}
		t.by[by.watcher] = w
	}
	w.ids = by.ids
	list := t.paths[path]
	if i := index(list, by.watcher); i >= 0 {
		if list[i].mode == watchRecursive {
			t.recursive--
		}
		list[i].mode = mode
		return
	}
	path = strings.Clone(path)
	t.paths[path] = append(list, watch{by.watcher, mode})
	w.paths[path] = struct{}{}
}

func index(list []watch, who watcher) int {
	return slices.IndexFunc(list, func(w watch) bool { return w.who == who })
}

// drop takes the watch of who on path out of the list, not out of what who watches.
func (t *watchTable) drop(path string, who watcher) {
	list := t.paths[path]
	i := index(list, who)
	if i < 0 {
		return
	}
	if list[i].mode == watchRecursive {
		t.recursive--
	}
	if list = slices.Delete(list, i, i+1); len(list) == 0 {
		delete(t.paths, path)
	} else {
		t.paths[path] = list
	}
}

// fire tells each watcher of path, and with recursive watches those of the znodes
// above, once, but for those in told and those who may not read what has this ACL.
// That is later than 3.8.0, in which a recursive watch told of what its owner could not
// see (CVE-2024-23944), but in 3.8.4 and what distributions ship as 3.8.0. fire returns
// who has such a watch, told or not; the ones that fire once are gone for all of them.
func (t *watchTables) fire(in watchTableID, path string, event int32, acl []wire.ACL, told []watcher) []watcher {
	t.mu.Lock()
	table := &t.at[in]
	who := table.trigger(path, event)
	tell := make([]watcher, 0, len(who))
	for _, w := range who {
		if !slices.Contains(told, w) && allowed(acl, permRead, table.by[w].ids) {
			tell = append(tell, w)
		}
	}
	t.mu.Unlock()
	for _, w := range tell {
		w.event(event, path)
	}
	return who
}

func (t *watchTable) trigger(path string, event int32) []watcher {
	if len(t.paths) == 0 {
		return nil
	}
	who := t.triggerAt(path, event)
	if t.recursive == 0 || event == eventChildren {
		return who
	}
	for path != "/" && path != "" {
		above, _ := splitPath(path)
		path = orRoot(above)
		for _, w := range t.paths[path] {
			if w.mode == watchRecursive && !slices.Contains(who, w.who) {
				who = append(who, w.who)
			}
		}
	}
	return who
}

// triggerAt takes the watches of the path itself that fire but once.
func (t *watchTable) triggerAt(path string, event int32) []watcher {
	list := t.paths[path]
	if len(list) == 0 {
		return nil
	}
	who := make([]watcher, 0, len(list))
	kept := list[:0]
	for _, w := range list {
		if w.mode != watchRecursive || event != eventChildren {
			who = append(who, w.who)
		}
		if w.mode == watchOnce {
			delete(t.by[w.who].paths, path)
		} else {
			kept = append(kept, w)
		}
	}
	clear(list[len(kept):])
	if len(kept) == 0 {
		delete(t.paths, path)
	} else {
		t.paths[path] = kept
	}
	return who
}
