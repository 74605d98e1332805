package lockctl

import "time"

// StepKind is one step of taking a lock.
type StepKind string

// The steps, in the order in which an acquisition takes them. Lists and watches repeat.
const (
	StepLook    StepKind = "look"    // the directory was looked at, to see who is queued there
	StepCreate  StepKind = "create"  // our znode was made
	StepList    StepKind = "list"    // the queue was listed: Position and Of are set
	StepWatch   StepKind = "watch"   // we watch Before
	StepWake    StepKind = "wake"    // what we watched has changed
	StepGranted StepKind = "granted" // the lock is ours: Token is set
	// StepRecover: it is not known whether something was done, and that is looked for.
	StepRecover StepKind = "recover"
	// StepRequeue: our znode was deleted while we waited, and we queue anew.
	StepRequeue   StepKind = "requeue"
	StepCancelled StepKind = "cancelled" // the wait was given up; Why says by what
	StepSuspended StepKind = "suspended" // the connection is lost; Until is when the lock is lost at the latest
	StepResumed   StepKind = "resumed"   // and came back in time: the lock is held
	StepRevoke    StepKind = "revoke"    // somebody asks for the lock; Why is the word
	StepLost      StepKind = "lost"      // Why says how
	StepReleased  StepKind = "released"
)

// Step is something that happened to an acquisition or a lease.
type Step struct {
	At   time.Time
	Kind StepKind
	Path string // of the lock
	Node string // our znode, "" before it is made

	Position, Of int       // where we stand in the queue, from 1; of how many
	Before       string    // the znode that we wait for
	Token        int64     // the fencing token: our znode's czxid
	Until        time.Time // of StepSuspended
	Why          string    // safe to print
}
