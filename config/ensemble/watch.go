package ensemble

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How often a Watcher looks.
const (
	lookFast   = 50 * time.Millisecond  // something has just changed
	lookSoon   = 100 * time.Millisecond // something is on its way: a start, an election
	lookIdle   = time.Second            // all is as it was
	lookCalm   = 5 * time.Second        // nobody sees it
	glanceTime = 100 * time.Millisecond // is every process still there?

	// settling is how long after a change more is expected at once, waiting how long
	// something may be on its way.
	settling = 3 * time.Second
	waiting  = time.Minute
	// straggler is how long what is seen of the others waits for a server that does not
	// answer.
	straggler = 150 * time.Millisecond
	// maxEvents is how many events are kept.
	maxEvents = 500
)

// WatchOptions are how an ensemble is watched.
type WatchOptions struct {
	// Logger is told every event; nil for nobody.
	Logger *slog.Logger
}

// Watcher looks at an ensemble again and again, often while something changes and
// once a second when all is calm, and tells what happens. Its methods do not block
// and may be called from any goroutine.
type Watcher struct {
	of     subject
	reload func() error // nil: the plan never changes
	eye    *eye
	logger *slog.Logger

	changed chan struct{}
	poke    chan struct{}
	calm    atomic.Bool
	cancel  context.CancelFunc
	done    chan struct{}

	mu     sync.Mutex
	status Status
	events []Event
}

// Watch begins to watch the ensemble, until Close. The first look has been taken when
// the first change is told; before it Status has the servers and knows nothing of
// them.
func (e *Ensemble) Watch(o WatchOptions) *Watcher {
	w := newWatcher(e, o)
	w.reload = e.Reload
	w.begin()
	return w
}

// begin starts the owner of what is seen.
func (w *Watcher) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go newLookout(w).run(ctx)
}

// newWatcher makes a watcher that does not run yet.
func newWatcher(of subject, o WatchOptions) *Watcher {
	w := &Watcher{
		of: of, eye: newEye(of), logger: o.Logger,
		changed: make(chan struct{}, 1), poke: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if w.logger == nil {
		w.logger = slog.New(slog.DiscardHandler)
	}
	plan := of.Plan()
	var unseen []sighting
	for _, m := range plan.Members {
		unseen = append(unseen, blank(&plan, m))
	}
	w.status, _ = judge(&plan, unseen, time.Time{})
	return w
}

// Changed has an element when Status or Events are not what they were when it was
// last taken from. It is closed when the watcher has ended.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Status is what was seen last.
func (w *Watcher) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := w.status
	st.Servers = slices.Clone(st.Servers)
	return st
}

// Events are the newest 500 events, the oldest first.
func (w *Watcher) Events() []Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events)
}

// Poke has the watcher look now: something was done to the ensemble.
func (w *Watcher) Poke() {
	select {
	case w.poke <- struct{}{}:
	default: // one is on its way
	}
}

// Calm has the watcher look every five seconds only, while nobody sees what it shows.
func (w *Watcher) Calm(calm bool) {
	if w.calm.Swap(calm) && !calm {
		w.Poke()
	}
}

// Close ends the watcher and waits until it has ended, which is at once.
func (w *Watcher) Close() {
	w.cancel()
	<-w.done
}

// publish shows what was seen, and tells of it if it is something new.
func (w *Watcher) publish(st Status, events []Event) {
	w.mu.Lock()
	same := len(events) == 0 && st.Quorum == w.status.Quorum && !w.status.At.IsZero() &&
		slices.Equal(st.Servers, w.status.Servers)
	w.status = st
	w.events = append(w.events, events...)
	w.events = slices.Delete(w.events, 0, max(len(w.events)-maxEvents, 0))
	w.mu.Unlock()
	for _, e := range events {
		w.logger.Info(e.Text, "ensemble", st.Name, "kind", e.Kind, "server", e.Server)
	}
	if same {
		return
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}
