package zkview

import (
	"context"
	"time"
)

// Znode is one znode that a walk came past.
type Znode struct {
	Path string
	// Stat is there where the walk was asked for Stat or Data, unless Err says why
	// the znode could not be read.
	Stat Stat
	// Data is there where the walk was asked for it.
	Data []byte
	// Children is the number of children that were listed; where none were, because
	// of Depth or Prune, it is what Stat says, or 0 without Stat.
	Children int
	// Err is nil, or why the znode or its children could not be read: an *OpError.
	Err error
}

// WalkOptions say what a walk brings and how hard it may ask.
type WalkOptions struct {
	// Stat and Data ask for more than paths. A multiRead knows no exists, so a Stat
	// costs the transfer of the data as well.
	Stat, Data bool
	// Depth is how many levels below the root are visited; 0 is all.
	Depth int
	// Rate bounds the requests a second, each of which may ask for some hundred
	// znodes; 0 is [DefaultWalkRate]. Fast lifts the bound.
	Rate int
	Fast bool
	// Prune, if not nil, reports that the children of a znode are not to be visited.
	// It is called before they are listed, after the parent of path was visited.
	Prune func(path string) bool
	// Progress, if not nil, is called some ten times a second while the walk goes on
	// or waits, never together with visit.
	Progress func(WalkProgress)
}

// DefaultWalkRate is the number of requests a second that a walk sends unless it
// is told otherwise: a standalone server answers ten times as many.
const DefaultWalkRate = 500

// WalkProgress tells how far a walk has come.
type WalkProgress struct {
	// Visited znodes were handed to visit, Queued ones are known and not read yet.
	Visited, Queued int64
	// Unread counts the visited ones with an Err, Gone those that were deleted
	// between their parent's listing and their turn.
	Unread, Gone int64
	// Requests were sent and Bytes received.
	Requests, Bytes int64
	Elapsed         time.Duration
	// Waiting says why nothing moves at the moment: "suspended", …; mostly empty.
	Waiting string
	// Slow tells that the server is older than 3.6, or of unknown version, and is
	// asked for one znode a request.
	Slow bool
}

// Rate is the number of znodes visited a second.
func (p WalkProgress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Visited) / p.Elapsed.Seconds()
}

// Walk visits root and every znode below it, parents before their children, and
// hands them to visit in batches, each of which is visit's only until it returns.
// What is created meanwhile may be missed; no znode is visited twice and none that
// stays is missed, whatever happens to the connection. A znode that cannot be
// read is visited with its Err, one that was deleted meanwhile is not visited.
//
// Walk blocks until all is done, ctx ends, or visit returns an error, which it
// then returns. A root that does not exist is ErrNoNode. The progress is valid with
// every error.
func (s *Session) Walk(ctx context.Context, root string, o WalkOptions, visit func(batch []Znode) error) (WalkProgress, error) {
	return s.walk(ctx, root, o, defaultWalkBounds(o), visit)
}
