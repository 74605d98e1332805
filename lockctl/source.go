package lockctl

import (
	"context"
	"errors"
	"time"
)

// What a Source fails with, wrapped: test with errors.Is. Any other error is of the
// connection, and what it was about may be asked again.
var (
	// ErrGone: there is no such znode.
	ErrGone = errors.New("no such znode")
	// ErrDenied: its ACL does not let us read it.
	ErrDenied = errors.New("reading it is not allowed")
)

// Source is what following locks asks of a cluster. Calls block until they are
// answered or ctx ends; while there is no connection they wait for one. Paths are the
// session's: below its chroot, if it has one.
type Source interface {
	// Walk calls visit with the paths of all znodes below root and of root itself,
	// parents before their children, and ends early where visit fails.
	Walk(ctx context.Context, root string, o SearchPace, visit func(paths []string) error) (SearchProgress, error)
	// List returns the names of the children and the znode's Stat, both of one reply.
	List(ctx context.Context, path string) ([]string, Stat, error)
	// Read reads Stat and the beginning of the value of some children of dir, in the
	// order of names. An error of one of them stands in its place; the error of the
	// call is of all.
	Read(ctx context.Context, dir string, names []string) ([]ReadNode, error)
	// Follow tells of every change at and below a path, from when it returns on.
	Follow(ctx context.Context, path string) (Following, error)
	// Ask asks every server for its connections and sessions, and with watches for
	// what is watched, which costs the servers most.
	Ask(ctx context.Context, watches bool) (Answers, error)
}

// SearchPace says how hard a walk may ask.
type SearchPace struct {
	Rate int  // requests a second, each for some hundred znodes; 0: the source's own
	Fast bool // as fast as the server answers
	// Progress, if not nil, is called some ten times a second.
	Progress func(SearchProgress)
	// Denied, if not nil, is called with each path that may not be listed, like visit.
	Denied func(path string)
}

// SearchProgress tells how far a walk has come.
type SearchProgress struct {
	Visited, Queued int64  // znodes seen, and known and still to be listed
	Unread          int64  // those that could not be listed
	Waiting         string // why nothing moves at the moment; mostly ""
}

// ReadNode is a child that was read.
type ReadNode struct {
	Node
	Err error // ErrGone, ErrDenied or another; then only the name is there
}

// Following tells of changes, in the server's order. Close ends it and does not block.
type Following interface {
	// Next waits for changes and returns all that wait. It fails with ctx's error, or
	// with why there will be no more.
	Next(ctx context.Context) ([]Change, error)
	// Partial says what an old server makes us miss, "" if nothing.
	Partial() string
	// Live tells whether changes are told at the moment. They are not from when the
	// connection was lost until [Missed] is told, and what is read meanwhile is not to be
	// joined to the changes from before. Never to be live again is live too.
	Live() bool
	Close()
}

// ChangeKind is what happened to a znode.
type ChangeKind uint8

// The kinds of changes.
const (
	Created ChangeKind = iota + 1
	Deleted
	Written // its value was set
	// Missed is not of a znode: between Since and At changes may have happened that are
	// not told. What is known is to be read again.
	Missed
)

// Change is one thing that happened to a znode that is followed.
type Change struct {
	Kind  ChangeKind
	Path  string    // of Missed the one that is followed
	At    time.Time // when we learned of it
	Since time.Time // of Missed
	Lost  int       // how many changes before this one were dropped, us being too slow
}

// Answers is what the servers said when they were asked.
type Answers struct {
	// Cluster has all but Now, with the session's own paths.
	Cluster Cluster
	At      time.Time
	Servers int // how many were asked
	// Refusals are sentences on what could not be learned, and which setting would
	// allow it: "wchp is not in 4lw.commands.whitelist of 127.0.0.1:2182". Safe to print.
	Refusals []string
}
