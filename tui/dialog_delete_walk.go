package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"zkdeck/zkview"
)

// target is a znode that a person wants to delete, as it was seen.
type target struct {
	path string
	stat zkview.Stat
}

// What a walk does at once, and how long one command of it lasts before it
// reports.
const (
	walkParallel = 24 // of the 32 that a session has under way; interactive ones go first
	walkSlice    = 100 * time.Millisecond
	maxOwners    = 100
)

// fate is what became of a node.
type fate uint8

const (
	pending fate = iota
	deleted
	vanished // somebody else deleted it
	kept     // not allowed, changed, or something below it stays
)

// node is a znode to delete. Paths are made of the names up to a target when they
// are needed, so that a million nodes do not cost a million paths.
type node struct {
	name   string // of a target: its whole path
	parent int32  // -1 for a target
	fate   fate
	tries  uint8 // times that it was found to have new children
	shut   bool  // its ACL does not let us delete its children
}

// subtree is everything that would be deleted, parents before their children. It
// belongs to the command that works on it, and is handed back with its message.
type subtree struct {
	nodes    []node
	versions []int32       // of the targets, which are the first nodes
	listed   int           // nodes[:listed] have been listed
	owners   map[int64]int // ephemerals by their owner session
	denied   int           // nodes that we may not list
	example  string        // one of them
}

// newSubtree begins with the targets.
func newSubtree(targets []target) *subtree {
	s := &subtree{owners: map[int64]int{}}
	for _, t := range targets {
		s.nodes = append(s.nodes, node{name: t.path, parent: -1})
		s.versions = append(s.versions, t.stat.Version)
	}
	return s
}

// path is the whole path of node i.
func (s *subtree) path(i int32) string {
	n := &s.nodes[i]
	if n.parent < 0 {
		return n.name
	}
	return s.path(n.parent) + "/" + n.name
}

// version guards the deletion of node i. Of what lies below a target nobody has
// seen more than how much it is, so nothing guards it.
func (s *subtree) version(i int32) int32 {
	if int(i) < len(s.versions) {
		return s.versions[i]
	}
	return -1
}

// children is the answer to the listing of one node.
type children struct {
	names []string
	stat  zkview.Stat
	err   error
}

// walk lists breadth-first for about walkSlice, and reports whether everything is
// listed. The error is that of the connection or the context; what one znode
// answers is noted in s.
func (s *subtree) walk(ctx context.Context, c cluster) (done bool, err error) {
	for until := time.Now().Add(walkSlice); s.listed < len(s.nodes) && time.Now().Before(until); {
		if err := s.listNext(ctx, c, min(len(s.nodes)-s.listed, 16*walkParallel)); err != nil {
			return false, err
		}
	}
	return s.listed == len(s.nodes), nil
}

// listNext lists the next n nodes, up to walkParallel at a time.
func (s *subtree) listNext(ctx context.Context, c cluster, n int) error {
	answers := make([]children, n)
	var g errgroup.Group
	g.SetLimit(walkParallel)
	for i := range answers {
		path := s.path(int32(s.listed + i))
		g.Go(func() error {
			a := &answers[i]
			a.names, a.stat, a.err = c.Children(ctx, path)
			return nil
		})
	}
	_ = g.Wait() // the answers carry their errors
	for i := range answers {
		if err := answers[i].err; err != nil && !ofZnode(err) {
			return err
		}
		s.take(int32(s.listed), &answers[i])
		s.listed++
	}
	return nil
}

// ofZnode tells errors that are about one znode from those of the connection.
func ofZnode(err error) bool {
	return errors.Is(err, zkview.ErrNoNode) || errors.Is(err, zkview.ErrNoAuth) || errors.Is(err, zkview.ErrBadPath)
}

// take puts the children of node i into the list.
func (s *subtree) take(i int32, a *children) {
	switch {
	case errors.Is(a.err, zkview.ErrNoNode):
		return // its deletion will find out
	case a.err != nil:
		s.denied++
		s.example = s.path(i)
		return
	}
	if _, known := s.owners[a.stat.EphemeralOwner]; a.stat.Kind() == zkview.Ephemeral && (known || len(s.owners) < maxOwners) {
		s.owners[a.stat.EphemeralOwner]++
	}
	for _, name := range a.names {
		s.nodes = append(s.nodes, node{name: name, parent: i})
	}
}

// guardPath says why a path is never deleted; empty when it may be.
func guardPath(path string) string {
	switch {
	case path == "/":
		return "The root / cannot be deleted."
	case path == "/zookeeper", strings.HasPrefix(path, "/zookeeper/"):
		return "/zookeeper belongs to ZooKeeper itself (quotas, configuration); zkdeck does not delete it or anything in it."
	}
	return ""
}

// topmost drops targets that lie below another one, and repeated ones.
func topmost(targets []target) []target {
	paths := make(map[string]bool, len(targets))
	for _, t := range targets {
		paths[t.path] = true
	}
	var out []target
	for _, t := range targets {
		if !belowAny(t.path, paths) {
			out = append(out, t)
		}
	}
	seen := make(map[string]bool, len(out))
	return slices.DeleteFunc(out, func(t target) bool {
		again := seen[t.path]
		seen[t.path] = true
		return again
	})
}

// belowAny tells whether a path above path is among paths.
func belowAny(path string, paths map[string]bool) bool {
	for path != "/" {
		if path = parentOf(path); paths[path] {
			return true
		}
	}
	return false
}

// plural is "1 znode" or "5 znodes".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + many
}
