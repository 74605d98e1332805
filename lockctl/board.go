package lockctl

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultBudget is how many znodes a search visits at most.
const DefaultBudget = 5_000_000

// Options say how a Board works. The zero value is fine.
type Options struct {
	Budget int64 // most znodes that a search visits; 0: [DefaultBudget]
	Pace   SearchPace
	// AskEvery is how often the servers are asked who is connected while there are
	// locks; 0: every 30 seconds. When a session queues that is not known they are asked
	// sooner, but not within 5 seconds. What is watched, which costs them most, they are
	// asked once a minute at most, and when a lock is opened.
	AskEvery time.Duration
	// ReadAll reads every contender of every queue, as Open does of one. Else of a very
	// long one those at its head are read, and the others known by their names.
	ReadAll bool
	// Observe, if not nil, is called with every event, those of one lock in the order in
	// which they happened. It must not block for long, nor call the Board.
	Observe func(Event)
	// Patience is how long an event waits for what is read of whom it is about, if that is
	// under way; 0: a second.
	Patience time.Duration
	Now      func() time.Time // nil: time.Now
	Logger   *slog.Logger     // nil: nowhere
}

// Board finds the locks of a cluster and follows them: who holds, who waits, since when.
// It reads, and never writes.
//
// A Board asks for a listing of each queue once and is told of every change from then
// on; nothing is polled. Two layers make of that what it knows of a lock: a tracker,
// which takes every single change and tells the [Timeline] who holds after it, by the
// rule that [Recognise] has settled; and Recognise itself over the whole queue, which
// makes the [View], as often as a screen can show it and as the time it takes allows.
//
// All methods may be called from any goroutine; none but Settled and Close block.
type Board struct {
	src     Source
	o       Options
	log     *slog.Logger
	now     func() time.Time
	grace   time.Duration // how long changes may be under way behind a listing
	pause   time.Duration // before a directory that is no lock is looked at again
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	changed chan struct{}

	snapshot atomic.Pointer[Snapshot]

	mu     sync.Mutex
	orders []func()
	wake   chan struct{}

	moves   chan moves // what follows tell
	results chan func()

	// All below is of the goroutine run alone.

	dirs    map[string]*folder
	nothing map[string]*blank // looked at, and no lock
	retry   []string          // of those, where something promising happened since
	locks   map[string]*lock
	sorted  []*lock // by path
	over    []*lock // whose znodes are gone, the first to go first
	full    bool
	opened  string
	ids     uint64
	births  uint64 // creations that were told
	turns   uint64
	holding []*entry // scratch

	search  search
	follows map[string]*follow // by path
	rows    map[string]*row    // what Look asks for

	inLine   []*folder // to be listed
	settling []*folder // listed, and to be adopted
	readers  []*folder // whose children are to be read
	verdicts []verdict // read, and to be taken
	lists    int       // under way
	reads    int
	others   int

	soiled    []*folder
	credit    time.Duration
	credited  time.Time
	stirred   bool
	published time.Time
	ticked    time.Time

	skew   time.Duration
	skewed bool

	asking
	deadlocks  []Deadlock
	deadlocked map[string]string
	contention bool
	circled    time.Time
	circleCost time.Duration

	telling []*lock
	waiting []waiter
	due     time.Time
}

// NewBoard makes a Board and starts its goroutines. It asks nothing yet. Close it.
func NewBoard(src Source, o Options) *Board {
	b := newBoard(src, o)
	b.wg.Go(b.run)
	return b
}

func newBoard(src Source, o Options) *Board {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.AskEvery == 0 {
		o.AskEvery = 30 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Board{
		src: src, o: o, log: o.Logger, now: o.Now, grace: grace, pause: time.Second,
		changed: make(chan struct{}, 1), wake: make(chan struct{}, 1), moves: make(chan moves), results: make(chan func()),
		dirs: map[string]*folder{}, nothing: map[string]*blank{}, locks: map[string]*lock{}, follows: map[string]*follow{}, rows: map[string]*row{},
		deadlocked: map[string]string{}, credit: burst, credited: time.Now(),
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.snapshot.Store(&Snapshot{})
	return b
}

// Search searches below these paths for locks, and follows what it finds and what is
// made there later. It replaces the paths of the last call; what is known below those
// that stay is kept, and searched anew.
func (b *Board) Search(roots ...string) {
	roots = append([]string(nil), roots...)
	b.order(func() { b.searchFor(roots) })
}

// Look looks at these directories although no root covers them, as of the rows of a tree
// that are in view. Each is listed once, and followed if it is a lock or its path says
// that it could be. It replaces the paths of the last call; those that are not in view
// any more are forgotten some time later.
func (b *Board) Look(paths ...string) {
	paths = append([]string(nil), paths...)
	b.order(func() { b.lookAt(paths) })
}

// LookAgain lists those of the paths of the last Look once more that were no locks then:
// their children have changed.
func (b *Board) LookAgain(paths ...string) {
	paths = append([]string(nil), paths...)
	b.order(func() {
		for _, p := range paths {
			b.peekAgain(p)
		}
	})
}

// Open has the lock with this path in front: all its contenders are read, what is
// watched is asked for, and its views come more often. "" is none.
func (b *Board) Open(path string) {
	b.order(func() { b.open(path) })
}

// Changed is signalled when Snapshot would be another, at most 30 times a second.
func (b *Board) Changed() <-chan struct{} { return b.changed }

// Snapshot is what is known now. It is cheap.
func (b *Board) Snapshot() *Snapshot { return b.snapshot.Load() }

// Settled waits until the search has ended, all that was found has been listed and
// read, the changes that had been told before the call have been taken, and the servers
// have been asked. It fails with ctx's error, or with
// context.Canceled when the Board was closed.
func (b *Board) Settled(ctx context.Context) error {
	done := make(chan struct{})
	b.order(func() { b.waiting = append(b.waiting, waiter{done: done}) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-b.ctx.Done():
		return context.Canceled
	}
}

// Close ends all that the Board does, and waits for it. It may be called again.
func (b *Board) Close() {
	b.cancel()
	b.wg.Wait()
}

// order has something done by the goroutine that owns the state.
func (b *Board) order(do func()) {
	b.mu.Lock()
	b.orders = append(b.orders, do)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
