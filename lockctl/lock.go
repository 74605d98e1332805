package lockctl

// Kind is what a recipe gives to those who use it.
type Kind string

// The kinds of recipes.
const (
	Mutex         Kind = "mutex"          // one at a time, the others queue
	ReadWrite     Kind = "read-write"     // one writer or many readers
	Semaphore     Kind = "semaphore"      // some at a time
	Election      Kind = "election"       // one leads until it goes
	ExclusiveNode Kind = "exclusive node" // whoever creates one znode; there is no queue
	TimedLease    Kind = "timed lease"    // until a time that stands in the value
)

// Mode is what a contender wants.
type Mode string

// The modes of contenders.
const (
	Exclusive Mode = "exclusive"
	Read      Mode = "read"
	Write     Mode = "write"
	Place     Mode = "lease" // a place of a semaphore
)

// Role is where a contender stands by the rule of its recipe.
type Role string

// The roles of contenders.
const (
	// Holder is who the recipe lets in: the first in the queue, or one of the first.
	// It does not say that the client knows.
	Holder Role = "holder"
	Waiter Role = "waiter"
	// Unknown is where the znodes do not settle it: behind the first of a semaphore
	// whose limit is not in ZooKeeper, or among equal sequence numbers.
	Unknown Role = "unknown"
)

// Wake is who is woken when a holder leaves.
type Wake string

// The rules of waking.
const (
	WakeNext    Wake = "next"    // the one that waits for it
	WakeReaders Wake = "readers" // the next writer, or all readers that wait for it
	WakeHead    Wake = "head"    // the first of the queue, which alone watches all holders
	WakeAll     Wake = "all"     // everybody: a herd
	WakeNobody  Wake = "nobody"  // they sleep and ask again
)

// Certainty is how sure a recognition is.
type Certainty int

// The degrees of certainty.
const (
	// Possible is by the names alone: the Stats that would settle it are not at hand.
	Possible Certainty = iota + 1
	// Likely is names that others use too, and all else fits.
	Likely
	// Certain is names that only this recipe makes, or waiters seen watching whom the
	// recipe says.
	Certain
)

// NoSequence is a [Lock.NextSequence] that is not known.
const NoSequence int64 = -1

// Lock is one lock, election, semaphore or lease that was recognised.
type Lock struct {
	Path      string // the directory, the znode itself, or a semaphore that spans two directories
	Recipe    Recipe
	Kind      Kind
	Certainty Certainty
	Limit     int // how many may hold together; 0: not in ZooKeeper, or not limited (readers)
	Wake      Wake

	// NextSequence is the number that the next child of the queue would get, which is
	// also how many it ever had: acquisitions so far.
	NextSequence int64

	// Contenders are in their true order: by sequence number on the ring of an int32,
	// then by czxid. Of a semaphore with a queue the places come first.
	Contenders []Contender

	// Foreign are the children that take no part.
	Foreign []Foreign

	// Standbys are sessions that watch a single znode that has no queue: likely those
	// who want it next.
	Standbys []int64

	// Until is the end of a timed lease in milliseconds since 1970, 0 if it is not
	// said or cannot be read.
	Until int64

	Warnings []Warning

	// How it was recognised, for who follows it: the families of its contenders, and
	// whether they are settled by a rule that looks at one queue. A single znode has none.
	of    []groupKey
	rule  rule
	mixed bool // each family has its own idea of who holds
}

// NobodyBefore is a [Contender.WaitsFor] of one that waits for nobody.
const NobodyBefore = -1

// Contender is a znode in a queue.
type Contender struct {
	Dir    string // the directory that it is in
	Node   string // its name
	Recipe Recipe // whose name it is; it differs from the lock's only where recipes are mixed
	Mode   Mode
	Role   Role

	Sequence   int32
	Sequential bool // whether it has a sequence number

	Session int64 // the ephemeral owner; 0: persistent, or not known
	Address string
	// Identity is who it says to be, safe to print; "" where the recipe says nothing.
	Identity string
	Data     []byte // as given
	Stat     Stat   // as given; Ctime is since when it queues

	// WaitsFor is the index of the contender whose leaving lets it move on, by the rule
	// of its recipe, or [NobodyBefore]. It is always before its own.
	WaitsFor int
	// All tells that it waits for every contender before it, WaitsFor being the last.
	All bool
	// Seen tells that its session watches whom it waits for, as `wchp` shows it.
	Seen bool

	name tag
}

// Foreign is a child of a queue that takes no part in it.
type Foreign struct {
	Node   string
	Effect string // what it does to the recipe's clients, safe to print; "": nothing
}

// Holders counts the contenders that hold.
func (l *Lock) Holders() int { return l.count(Holder) }

// Waiters counts the contenders that wait.
func (l *Lock) Waiters() int { return l.count(Waiter) }

func (l *Lock) count(r Role) int {
	n := 0
	for i := range l.Contenders {
		if l.Contenders[i].Role == r {
			n++
		}
	}
	return n
}
