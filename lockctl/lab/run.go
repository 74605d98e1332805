package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"zkdeck/lockctl"
)

// Run is workers that contend for one lock, from [Start] to [Run.Close]. All methods may be
// called from anywhere; none but Close blocks on the network.
type Run struct {
	dir     string
	below   []string // directories in it that the recipe has
	open    func(Dial) (lockctl.Session, error)
	now     func() time.Time
	gate    *gate
	tally   tally
	changed chan struct{}

	ctx      context.Context // of the workers
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // workers, and the clock
	lookCtx  context.Context
	lookDone context.CancelFunc
	looking  sync.WaitGroup // who looks on
	begun    chan struct{}  // closed when the workers may begin
	closing  sync.Once

	mu      sync.Mutex
	o       Options // Paused and Pace are the gate's
	workers []*worker
	last    int // the greatest number
	nodes   nodes
	store   store
	counts  counts
	notes   []Note
	retimed chan struct{} // closed and replaced when Hold or Think change
	ready   bool          // the directory is there
	firstUp time.Time     // when the first session was there
	started bool          // begun is closed
	ended   time.Time     // of the counting
	over    bool
	err     error
	unhook  func() bool // from Start's ctx
}

const (
	// notesKept is how many notes are shown.
	notesKept = 200
	// goneShown is how many workers that are gone are shown.
	goneShown = 5
	// patience is how long the first session waits for the others' to begin with it.
	patience = 5 * time.Second
	// longestBase is how long a path is at most that lines know again.
	longestBase = 512
)

// ErrOptions is what Start and the methods of a Run fail with for what cannot be.
var ErrOptions = errors.New("the lab cannot do that")

// check completes the options.
func check(o Options) (Options, error) {
	if o.Recipe == "" {
		o.Recipe = Fair
	}
	if o.Workers == 0 {
		o.Workers = 5
	}
	if o.Slots == 0 {
		o.Slots = slotsUnlessSaid
	}
	if o.Base == "" {
		o.Base = DefaultBase
	}
	if o.Tidy == 0 {
		o.Tidy = tidyLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case !slices.Contains(Recipes(), o.Recipe):
		return o, fmt.Errorf("%w: there is no recipe %q: there are %s", ErrOptions, string(o.Recipe), recipeNames())
	case o.Workers < 1 || o.Workers > MaxWorkers:
		return o, fmt.Errorf("%w: %d workers; there are 1 to %d", ErrOptions, o.Workers, MaxWorkers)
	case o.Slots < 1:
		return o, fmt.Errorf("%w: %d slots; there is at least one", ErrOptions, o.Slots)
	case o.Hold < 0 || o.Think < 0 || o.Pace < 0:
		return o, fmt.Errorf("%w: a time is below zero", ErrOptions)
	case !strings.HasPrefix(o.Base, "/") || strings.HasSuffix(o.Base, "/") || strings.Contains(o.Base, "//") || len(o.Base) > longestBase:
		return o, fmt.Errorf("%w: the base %q is no path of a znode that begins with /, does not end so, and has at most %d bytes", ErrOptions, o.Base, longestBase)
	case o.Open == nil:
		return o, fmt.Errorf("%w: nothing opens sessions", ErrOptions)
	}
	return o, nil
}

// Start has workers contend as the options say. It fails for options that can never work
// only, and returns at once: sessions open in the background, and the workers begin together
// when they are there. The end of ctx ends the run as [Run.Close] does.
func Start(ctx context.Context, o Options) (*Run, error) {
	o, err := check(o)
	if err != nil {
		return nil, err
	}
	r := &Run{
		dir: o.Base + "/" + string(o.Recipe), open: o.Open, now: o.Now, o: o,
		changed: make(chan struct{}, 1), begun: make(chan struct{}), retimed: make(chan struct{}),
		nodes: newNodes(),
	}
	if o.Recipe == Semaphore {
		r.below = []string{queueDir, placesDir}
	}
	r.gate = newGate(o.Paused, o.Pace, r.signal)
	// Close ends what these belong to, also when ctx does.
	r.ctx, r.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	r.lookCtx, r.lookDone = context.WithCancel(context.WithoutCancel(ctx))
	r.mu.Lock()
	for range o.Workers {
		r.add()
	}
	r.mu.Unlock()
	r.work.Go(r.tick)
	r.looking.Go(r.look)
	unhook := context.AfterFunc(ctx, func() { _ = r.Close() })
	r.mu.Lock()
	r.unhook = unhook
	r.mu.Unlock()
	return r, nil
}

// queueDir is where those are that want a place of a semaphore.
const queueDir = "locks"

// Changed gets a value when Snapshot would be another; it is for one reader, and several
// changes share one value.
func (r *Run) Changed() <-chan struct{} { return r.changed }

func (r *Run) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// errClosed is why workers end.
var errClosed = errors.New("the run of the lab was closed")

// fail ends the run by itself.
func (r *Run) fail(err error) {
	r.mu.Lock()
	if !r.over {
		r.err = err
		r.end()
	}
	r.mu.Unlock()
	r.gate.close()
	r.cancel(err)
	r.signal()
}

// end ends the counting; r.mu is held.
func (r *Run) end() {
	r.over, r.ended = true, time.Now()
	for _, w := range r.workers {
		if w.line != nil {
			w.line.thaw() // so that its session can be closed
		}
	}
}

// Close ends all sessions, deletes what the run has made, and its directory if that is
// empty then. It blocks until nothing of the run goes on any more, for some three seconds at
// most, also where no server answers; after the first time it does nothing. Its error is
// always nil.
func (r *Run) Close() error {
	r.closing.Do(func() {
		r.mu.Lock()
		if !r.over {
			r.end()
		}
		unhook := r.unhook
		r.mu.Unlock()
		if unhook != nil {
			unhook()
		}
		r.gate.close()
		r.cancel(errClosed)
		r.work.Wait()
		r.lookDone()
		r.looking.Wait()
		r.signal()
	})
	return nil
}

// tick looks what time alone has changed.
func (r *Run) tick() {
	beat := time.NewTicker(100 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-beat.C:
		}
		r.mu.Lock()
		r.mayBegin()
		moves := r.judge()
		r.mu.Unlock()
		if moves {
			r.signal()
		}
	}
}

// mayBegin lets the workers begin when all are there, or have been waited for; r.mu is held.
func (r *Run) mayBegin() {
	if r.started || !r.ready || r.firstUp.IsZero() {
		return
	}
	for _, w := range r.workers {
		if w.ending == 0 && w.state == Connecting && w.session == 0 && time.Since(r.firstUp) < patience {
			return
		}
	}
	r.started = true
	close(r.begun)
	r.counts.began = time.Now()
	r.signal()
}

// judge takes in which sessions have ended by now of workers that cannot tell, and tells
// whether anything moves with the time; r.mu is held.
func (r *Run) judge() (moves bool) {
	for _, w := range r.workers {
		if w.state != Crashed && !w.frozen || w.link == lockctl.SessionEnded {
			moves = moves || w.link == lockctl.SessionSuspended || w.line != nil && time.Since(w.line.firedLast()) < firedShown+time.Second
			continue
		}
		moves = true
		if w.session == 0 { // it has none to end
			if w.state == Crashed {
				w.link = lockctl.SessionEnded
				r.setState(w, Gone)
				r.prune()
			}
			continue
		}
		left := w.left()
		z, there := r.nodes.of(w.n, w.session)
		// Its znode was there and is not: the servers have ended its session. Of one that had
		// none nobody can see it; a tick is half a session's timeout at the most, and of an
		// ensemble the leader may have heard of it half a tick later.
		if left > 0 || there && z.Owner != 0 || !w.parting.ephemeral && left > -w.timeout {
			continue
		}
		w.link = lockctl.SessionEnded
		r.say(expiredNote(w.n, w.parting.node, w.parting.node != "" && !w.parting.ephemeral))
		if w.state == Crashed {
			r.setState(w, Gone)
			r.prune()
		}
	}
	return moves
}

// say adds to the commentary; r.mu is held.
func (r *Run) say(n Note) {
	n.At = r.now()
	if len(r.notes) >= 2*notesKept { // snapshots have the old ones
		r.notes = append(make([]Note, 0, 2*notesKept), r.notes[len(r.notes)-notesKept:]...)
	}
	r.notes = append(r.notes, n)
	r.signal()
}

// setState changes what a worker does; r.mu is held.
func (r *Run) setState(w *worker, s WorkerState) {
	if w.state != s && (w.ending != crashed || s == Crashed || s == Gone) {
		w.state, w.since = s, time.Now()
		r.nodes.dirty = r.nodes.dirty || s == Gone
		r.signal()
	}
}

// prune forgets workers that have been gone for longest; r.mu is held.
func (r *Run) prune() {
	gone := 0
	for i := len(r.workers) - 1; i >= 0; i-- {
		if r.workers[i].state != Gone {
			continue
		}
		if gone++; gone > goneShown {
			r.workers = slices.Delete(r.workers, i, i+1)
			r.nodes.dirty = true
		}
	}
}
