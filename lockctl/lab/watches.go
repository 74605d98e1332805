package lab

import (
	"slices"
	"strings"
	"time"
)

// The requests that are told apart (ZooDefs.OpCode), and the xids of what is not asked for
// by a caller (ClientCnxn).
const (
	opExists        = 3
	opGetData       = 4
	opGetChildren   = 8
	opSync          = 9
	opPing          = 11
	opGetChildren2  = 12
	opRemoveWatches = 18
	opAuth          = 100
	opSetWatches    = 101
	opSASL          = 102
	opSetWatches2   = 105
	opCloseSession  = -11

	xidEvent = -1
)

// The types of events (Watcher.Event.EventType).
const (
	eventCreated = iota + 1
	eventDeleted
	eventWritten
	eventChildren
)

// target is what one watch is on.
type target struct {
	path     string
	children bool
}

// asked is a request under way that leaves or takes away watches when it is answered.
type asked struct {
	target
	remove, both bool
}

// watchTable is which watches a session has left, by what has passed on its connection: a
// watch is there from the reply to the read that left it, and until it fires or the
// connection ends.
type watchTable struct {
	asked map[int32]asked // by xid
	left  map[target]bool
	fired []fired // oldest first
}

type fired struct {
	target
	at time.Time
}

// firedKept is how many watches that have fired are remembered, of which each is shown for
// firedShown.
const (
	firedKept  = 8
	firedShown = 2 * time.Second
)

func newWatchTable() watchTable {
	return watchTable{asked: map[int32]asked{}, left: map[target]bool{}}
}

// ask takes in a request; body follows its header.
func (t *watchTable) ask(xid, op int32, body []byte) {
	f := read(body)
	path := f.text()
	switch op {
	case opExists, opGetData, opGetChildren, opGetChildren2:
		if f.flag() {
			t.asked[xid] = asked{target: target{path, op == opGetChildren || op == opGetChildren2}}
		}
	case opRemoveWatches:
		kind := f.number() // WatcherType: 1 of children, 2 of data, 3 any
		t.asked[xid] = asked{target: target{path, kind == 1}, remove: true, both: kind == 3}
	}
}

// answer takes in a reply.
func (t *watchTable) answer(xid, code int32) {
	a, ok := t.asked[xid]
	delete(t.asked, xid)
	switch {
	case !ok || code != 0: // an exists of what is not there leaves one too; no recipe here asks so
	case !a.remove:
		t.left[a.target] = true
	default:
		delete(t.left, a.target)
		if a.both {
			delete(t.left, target{a.path, !a.children})
		}
	}
}

// fire takes in an event, which ends the watches that it is told by (WatchManager). Of an
// own znode's nothing is shown.
func (t *watchTable) fire(kind int32, path string, own bool, at time.Time) {
	for _, w := range []target{{path, false}, {path, true}} {
		if t.left[w] && (kind == eventDeleted || w.children == (kind == eventChildren)) {
			delete(t.left, w)
			if own {
				continue
			}
			t.fired = slices.DeleteFunc(t.fired, func(f fired) bool { return f.target == w })
			t.fired = append(t.fired, fired{w, at})
		}
	}
	t.fired = t.fired[max(0, len(t.fired)-firedKept):]
}

// drop takes in that the connection is gone, and what was left on it.
func (t *watchTable) drop() {
	clear(t.asked)
	clear(t.left)
}

// show is the watches below a directory of the server: those that wait by name, and those
// that have fired of late as they did, or since let.
func (t *watchTable) show(dir string, own func(path string) bool, now, let time.Time, shown func(time.Time) time.Time) []Watch {
	var all []Watch
	add := func(w target, at time.Time, last bool) {
		rest, ok := strings.CutPrefix(w.path, dir)
		if !ok || rest != "" && rest[0] != '/' || own(w.path) {
			return
		}
		rest = strings.TrimPrefix(rest, "/")
		if w.children {
			all = append(all, Watch{Dir: rest, Fired: at, Last: last})
			return
		}
		below, name := splitPath(rest)
		all = append(all, Watch{Dir: below, Node: name, Fired: at, Last: last})
	}
	for w := range t.left {
		add(w, time.Time{}, false)
	}
	slices.SortFunc(all, func(a, b Watch) int {
		if c := strings.Compare(a.Dir, b.Dir); c != 0 {
			return c
		}
		return strings.Compare(a.Node, b.Node)
	})
	for _, f := range t.fired {
		if last := !f.at.Before(let); last || now.Sub(f.at) < firedShown {
			add(f.target, shown(f.at), last)
		}
	}
	return all
}

// splitPath is the directory and the name of a path; without a slash it is all name.
func splitPath(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}
