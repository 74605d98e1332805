// Package lab has workers contend for one lock, each on a session of its own, under a
// recipe that is chosen, so that people see why the recipe is what it is: who is woken
// by a release, what a hand-off costs, what a crash does, and why a lock alone does not
// save the resource behind it.
//
// Everything in it is real: real sessions, real znodes and watches, counted where they
// pass, on a sandbox or on an ensemble. Only the resource that the workers write to is
// a stand-in, in this process.
package lab

import (
	"context"
	"log/slog"
	"net"
	"time"

	"zkdeck/lockctl"
)

// MaxWorkers is how many contend for a lock at most.
const MaxWorkers = 50

// DefaultBase is where the znodes of runs are, each in a directory of its recipe's name.
const DefaultBase = "/zkdeck-lab"

// Recipe is a way of taking turns that workers are shown with.
type Recipe string

// The recipes to compare.
const (
	// Fair: each waits for the contender before it (recipes.mdx, Locks). It is lockctl's.
	Fair Recipe = "fair"
	// Naive is the tutorial's /uk/lock: all watch the parent.
	Naive Recipe = "naive"
	// ReadWrite: readers together, writers alone (recipes.mdx, Shared Locks). It is lockctl's.
	ReadWrite Recipe = "read-write"
	// Semaphore: so many at a time. It is lockctl's.
	Semaphore Recipe = "semaphore"
	// Single is one ephemeral znode that all try to create: no queue, a herd.
	Single Recipe = "single"
	// NoLock: nobody asks, and updates are lost.
	NoLock Recipe = "no-lock"
)

// Options say what a [Run] is like. The zero value of a field is its default.
type Options struct {
	Recipe  Recipe // Fair
	Workers int    // 5; 1 to [MaxWorkers]
	// Hold is how long a worker works under the lock, Think how long it does something
	// else before it asks again; 0 is not at all, but for a moment with NoLock, where
	// nothing else takes time.
	Hold, Think time.Duration
	// Slots is how many hold a Semaphore at a time; 2.
	Slots int
	// Persistent has Single make its znode one that stays when its session ends.
	Persistent bool
	// Unfenced has the resource take every write, whatever token comes with it.
	Unfenced bool
	// Believes has workers of Naive go by what its acquire returns, which after a wait is
	// nothing: they then take the lock for refused, and leave their znode behind.
	Believes bool
	// Paused: no request leaves before [Run.Resume] or [Run.Step].
	Paused bool
	// Pace is how long each request is held before it leaves, one at a time; 0 is full
	// speed. A write to the resource waits as a request does.
	Pace time.Duration
	// Base is the path below which the znodes are; [DefaultBase].
	Base string
	// Tidy is how long Close may take to delete what was made; a second.
	Tidy time.Duration
	// Open opens a session over connections that dial makes. It returns at once, as
	// lockview.OpenSession with zkview.Config.Dial does.
	Open   func(dial Dial) (lockctl.Session, error)
	Now    func() time.Time // time.Now
	Logger *slog.Logger     // none
}

// Dial makes a TCP connection, and blocks for that.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// State is how a [Run] stands.
type State string

// The states of a run.
const (
	Starting State = "starting" // sessions are being opened
	Running  State = "running"
	Paused   State = "paused"
	Ended    State = "ended" // by Close, or by Snapshot.Err
)

// Snapshot is how a run stands at one moment. It is the caller's own, but for the
// slices in Queue and Notes, which must not be changed.
type Snapshot struct {
	At      time.Time
	Options Options // as they are now: workers, times and pace change
	State   State
	Dir     string // where the contenders' znodes are
	Server  string // host:port of the first worker that is connected
	Workers []Worker
	Queue   []Znode
	// Resource is what the lock protects.
	Resource Resource
	Counters Counters
	// Notes is the commentary, oldest first; the last 200.
	Notes []Note
	// Next is what Step would let go, as a sentence; "" where nothing waits.
	Next string
	Err  error // why it ended by itself
}

// WorkerState is what a worker does.
type WorkerState string

// The states of workers.
const (
	Connecting WorkerState = "connecting"
	Thinking   WorkerState = "thinking"
	Waiting    WorkerState = "waiting"  // from when it asks for the lock
	Holding    WorkerState = "holding"  // it believes that it holds the lock
	Crashed    WorkerState = "crashed"  // its program is gone, its session not yet
	Gone       WorkerState = "gone"     // its session has ended, and it does not come back
	GivenUp    WorkerState = "given up" // it went away without the lock and left its znode behind
)

// Worker is one contender.
type Worker struct {
	N     int // its number, from 1; numbers are not used again
	State WorkerState
	Mode  lockctl.Mode // Read or Write of ReadWrite
	// Frozen: neither it nor its connection does anything, as in a long pause of the
	// garbage collector. State is what it believes.
	Frozen bool
	Node   string // its znode's name, "" while there is none
	Token  int64  // that znode's czxid
	// First: by the znodes it is its turn, as the recipe counts, whatever it believes.
	First   bool
	Session int64
	// Link is how its session stands, of one that is frozen as it stood then, and
	// SessionEnded when the servers have ended it.
	Link lockctl.SessionState
	// Until is set while it is crashed, frozen or without a connection: the servers end its
	// session at their first tick after it, not before. It is the session's timeout after
	// what they can have heard of it last.
	Until   time.Time
	Watches []Watch // but for those on its own znode
	Turns   int     // how often it held the lock, since the start or Reset
	Since   time.Time
}

// Watch is one that a worker has left, or that has just fired. One that has fired and was
// left again is there twice.
type Watch struct {
	Dir string // as Znode.Dir
	// Node is the name of the znode that is watched, "" for the children of Dir.
	Node  string
	Fired time.Time // zero while it waits; it is shown for two seconds afterwards
	// Last: the run is paused, and it fired since the last request was let go. It is shown
	// until the next one is.
	Last bool
}

// Znode is one of the directory, as it was seen last.
type Znode struct {
	Name   string
	Dir    string // below Snapshot.Dir, "" for itself: "locks", "leases"
	Worker int    // whose it is, 0: of somebody else, or of one that is not there any more
	Czxid  int64
	Owner  int64 // its session, 0 for a persistent one
	Holder bool  // whose turn it is by the recipe
}

// Resource is a store in this process that stands for a database or a disk: it knows
// nothing of ZooKeeper, but the tokens that come with writes.
type Resource struct {
	Value   int64 // each turn reads it, works, and writes one more
	Writes  int64 // that were taken
	Lost    int64 // of those, how many wrote over another's
	Refused int64 // for a token smaller than Token
	Token   int64 // the greatest that came; 0 where the recipe has none
	// Last are the writes, oldest first; the last 8.
	Last []Write
}

// Write is one at the resource.
type Write struct {
	Worker  int
	Value   int64
	Token   int64
	Refused bool
	Lost    bool // it wrote over an update that it had not read
	At      time.Time
}

// Note is one sentence of the commentary, in the recipe's words.
type Note struct {
	At     time.Time
	Worker int // 0: none in particular
	Kind   NoteKind
	Text   string // safe to print
}

// NoteKind is what a note is about, for who shows it.
type NoteKind string

// The kinds of notes.
const (
	NoteStep    NoteKind = "step"    // of a recipe
	NoteWake    NoteKind = "wake"    // a watch fired
	NoteGrant   NoteKind = "grant"   // the lock was granted
	NoteTrouble NoteKind = "trouble" // two holders, a lost update, a late write, a stale wake-up
	NoteLab     NoteKind = "lab"     // what the person at the lab did
)

// Counters is what was counted since the start, or since [Run.Reset]. When the first turn
// ends, the requests, wake-ups, hand-offs and seconds up to then are forgotten: what it
// takes all to get into the queue is of no hand-off. As JSON it is what zkdeck lab prints.
type Counters struct {
	Recipe  Recipe  `json:"recipe"`
	Workers int     `json:"workers"`
	Seconds float64 `json:"seconds"` // for how long was counted
	// Handoffs is how often a worker's turn began since the first one ended; all that is
	// per hand-off is divided by it.
	Handoffs int64 `json:"handoffs"`
	// WakeupsPerHandoff counts the watch events that servers sent to workers about anything
	// but their own znode. RequestsPerHandoff counts what workers sent, but for what keeps a
	// session: pings, the syncs by which zkview proves that it lives, opening and closing it.
	WakeupsPerHandoff  float64 `json:"wakeupsPerHandoff"`
	RequestsPerHandoff float64 `json:"requestsPerHandoff"`
	// HandoffMicros is from when a holder begins to release to when the next one that
	// waited has it; nil where that did not happen.
	HandoffMicros *Micros `json:"handoffMicros"`
	// Fairness is Jain's index of the turns of all workers: 1 where all had as many, 1/n
	// where one had all.
	Fairness    float64 `json:"fairness"`
	LostUpdates int64   `json:"lostUpdates"`

	Wakeups    int64 `json:"-"`
	Requests   int64 `json:"-"`
	TwoHolders int64 `json:"-"` // how often more believed that they hold than the recipe lets in
	Stale      int64 `json:"-"` // acquires of Naive that a wake-up from before has ended
	Nothing    int64 `json:"-"` // acquires of Naive that returned nothing
}

// Micros are percentiles, in microseconds.
type Micros struct {
	P50 int64 `json:"p50"`
	P99 int64 `json:"p99"`
}
