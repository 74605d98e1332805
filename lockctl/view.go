package lockctl

import "time"

// State is how a lock stands, in one word.
type State string

// The states.
const (
	Free       State = "free"       // nobody holds and nobody waits
	Held       State = "held"       // held, nobody waits
	Contended  State = "contended"  // held, and others wait
	Shared     State = "shared"     // readers, or several places of a semaphore, hold together
	Suspicious State = "suspicious" // a warning that exclusion or progress may be lost, or a deadlock
	Denied     State = "denied"     // the queue may not be listed, and nothing was seen in it
)

// View is a lock as it is followed, at one moment. It is not changed after it was
// handed out.
type View struct {
	Lock
	State State

	// Read is how many contenders have been read; the others are known by their names
	// alone, because they are many, or their ACL forbids it.
	Read int
	// Denied says why the queue cannot be listed or followed, "" if it can. Then
	// the rest is what was seen last, if anything.
	Denied string
	// Stale is since when the rest may be old, zero if it is not.
	Stale time.Time

	// HeldSince is since when we have seen the present holder hold, of several the
	// first of them; AtLeast tells that it may have held before. Zero if nobody holds.
	HeldSince time.Time
	AtLeast   bool
	// Skew is to be added to a Stat's Ctime to get our clock's time: the least that
	// was seen between a znode's creation and our learning of it.
	Skew time.Duration
	// PerMinute is how many grants were seen in the last minute, scaled up while we have
	// looked for less.
	PerMinute float64

	Timeline *Timeline
}

// QueuedAt is when a contender joined its queue, by our clock; zero if its Stat is not
// at hand.
func (v *View) QueuedAt(c *Contender) time.Time {
	if !c.Stat.Known() {
		return time.Time{}
	}
	return time.UnixMilli(c.Stat.Ctime).Add(v.Skew)
}

// Search is how far the search for locks has come.
type Search struct {
	Roots    []string // what is searched and followed; nil: nothing was asked for
	Running  bool
	Progress SearchProgress
	Ended    time.Time // when the last one ended
	// Cut tells that the budget ended it, Err why it ended early otherwise.
	Cut bool
	Err error
	// Partial are sentences on what is missed of the roots: an old server, a root so
	// busy that only the locks found are followed, a root that is gone.
	Partial []string
}

// Snapshot is all that a Board knows at one moment. It is not changed after it was
// handed out.
type Snapshot struct {
	Locks     []*View // by path
	Search    Search
	Answers   Answers // of the servers; At is zero before the first
	AskErr    error   // why they could not be asked the last time
	Deadlocks []Deadlock
}

// At is the lock with this path, nil if there is none.
func (s *Snapshot) At(path string) *View {
	lo, hi := 0, len(s.Locks)
	for lo < hi {
		mid := (lo + hi) / 2
		if s.Locks[mid].Path < path {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.Locks) && s.Locks[lo].Path == path {
		return s.Locks[lo]
	}
	return nil
}
