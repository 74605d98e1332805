package zkview

import (
	"context"
	"errors"
	"sync"
	"time"

	"zkdeck/zkview/wire"
)

// walker is a walk under way. All but the sending is done by the goroutine that
// called Walk.
type walker struct {
	s      *Session
	ctx    context.Context
	o      WalkOptions
	bounds walkBounds
	visit  func([]Znode) error
	root   string // on the server

	queue   walkQueue
	pending []task // to be sent before what is in the queue
	batch   []Znode
	buf     []byte
	free    []*frame

	answers chan *frame
	senders sync.WaitGroup
	flight  int // frames
	asked   int // paths in them
	expect  int // bytes of reply to them

	ops      int // paths a request at present
	listSize int // bytes of an answer to getChildren of late
	dataSize int // and to getData

	after uint64    // connections up to this one are lost
	pause time.Time // nothing is sent before

	start time.Time
	next  time.Time // when the rate allows the next request
	p     WalkProgress
}

// walkBatch is how many znodes are enough for visit.
const walkBatch = 256

// walkProgressEvery is the time between two calls of Progress, walkBurst how much
// the rate may be behind.
const (
	walkProgressEvery = 100 * time.Millisecond
	walkBurst         = 50 * time.Millisecond
	throttledPause    = 200 * time.Millisecond
)

func (s *Session) walk(ctx context.Context, root string, o WalkOptions, b walkBounds, visit func([]Znode) error) (WalkProgress, error) {
	w := newWalker(s, o, b, visit)
	w.root = s.servers.abs(root)
	if err := CheckPath(root); err != nil {
		return w.p, &OpError{"getChildren", root, err}
	}
	w.add(task{path: w.root})
	return w.to(Background(ctx))
}

func newWalker(s *Session, o WalkOptions, b walkBounds, visit func([]Znode) error) *walker {
	return &walker{
		s: s, o: o, bounds: b, visit: visit, queue: walkQueue{bound: b.queue},
		answers: make(chan *frame, max(b.flight, backgroundLimit)),
		ops:     b.first, listSize: 64, dataSize: likelyData,
		start: time.Now(),
	}
}

// to goes to the end of what was added, or of ctx.
func (w *walker) to(ctx context.Context) (WalkProgress, error) {
	own, cancel := context.WithCancel(ctx)
	w.ctx = own
	err := w.run()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	cancel()
	w.senders.Wait()
	w.update()
	return w.p, err
}

// run goes on until nothing is left to be read.
func (w *walker) run() error {
	tick := (<-chan time.Time)(nil)
	if w.o.Progress != nil {
		t := time.NewTicker(walkProgressEvery)
		defer t.Stop()
		tick = t.C
	}
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		// What was read is handed over before Prune is asked of its children, and so
		// is what Prune settles.
		if err := w.hand(); err != nil {
			return err
		}
		idle := w.fill()
		if err := w.hand(); err != nil {
			return err
		}
		switch {
		case w.flight == 0 && !w.work():
			return nil
		case w.flight == 0 && idle == 0: // all that was due was pruned
			continue
		case idle > 0:
			wait.Reset(idle)
		}
		select {
		case f := <-w.answers:
			if err := w.takeAll(f); err != nil {
				return err
			}
		case <-tick:
			w.update()
			w.o.Progress(w.p)
		case <-wait.C:
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
	}
}

// work reports whether there is something to ask for.
func (w *walker) work() bool { return len(w.pending) > 0 || w.queue.znodes > 0 }

// hand gives what was read to visit.
func (w *walker) hand() error {
	if len(w.batch) == 0 {
		return nil
	}
	w.p.Visited += int64(len(w.batch))
	err := w.visit(w.batch)
	clear(w.batch)
	w.batch = w.batch[:0]
	return err
}

// takeAll takes in an answer, and others that are there if they are small.
func (w *walker) takeAll(f *frame) error {
	for {
		if err := w.take(f); err != nil {
			return err
		}
		if len(w.batch) >= walkBatch {
			return nil
		}
		select {
		case f = <-w.answers:
		default:
			return nil
		}
	}
}

// update brings the progress up to date.
func (w *walker) update() {
	w.p.Queued = w.queue.znodes + int64(len(w.pending)+w.asked)
	w.p.Elapsed = time.Since(w.start)
	w.p.Waiting = ""
	if st := w.s.Status(); st.State != Connected {
		if w.p.Waiting = st.Why; st.Why == "" {
			w.p.Waiting = st.State.String()
		}
	}
}

// fill sends what may be sent now. If only the time forbids more, it returns how
// long to wait.
func (w *walker) fill() time.Duration {
	for w.work() {
		most := w.bounds.flight
		switch {
		case len(w.pending) > 0 && w.pending[0].suspect():
			most = 1
		case w.p.Slow:
			most = backgroundLimit
		}
		if w.flight >= most || w.flight > 0 && w.expect > 4*w.bounds.target {
			return 0
		}
		now := time.Now()
		if d := w.pause.Sub(now); d > 0 {
			return d
		}
		if d := w.next.Sub(now); d > 0 && !w.o.Fast {
			return d
		}
		f := w.build()
		if f == nil {
			return 0 // nothing had to be asked so far
		}
		rate := w.o.Rate
		if rate <= 0 {
			rate = DefaultWalkRate
		}
		if earliest := now.Add(-walkBurst); w.next.Before(earliest) {
			w.next = earliest
		}
		w.next = w.next.Add(time.Second / time.Duration(rate))
		w.flight++
		w.asked += len(f.tasks)
		w.expect += f.expect
		w.p.Requests++
		w.senders.Add(1)
		go func() {
			defer w.senders.Done()
			f.send(w.ctx, w.s, w.bounds.limit)
			w.answers <- f // there is room for all
		}()
	}
	return 0
}

// gone counts a znode that was deleted; without a root there is no walk.
func (w *walker) gone(t *task, op string) error {
	if t.kin == nil {
		return &OpError{op, w.s.servers.rel(t.path), ErrNoNode}
	}
	w.p.Gone++
	return nil
}

// emit hands a znode to visit with the next batch.
func (w *walker) emit(z Znode) {
	if z.Err != nil {
		w.p.Unread++
	}
	w.batch = append(w.batch, z)
}

// failed settles a frame without an answer: its tasks are sent again, or the walk
// ends.
func (w *walker) failed(f *frame) error {
	err := reason(f.err)
	alone := false
	switch {
	case w.ctx.Err() != nil:
		return context.Cause(w.ctx)
	case errors.Is(f.err, wire.ErrMalformed) && !errors.Is(f.err, wire.ErrNoReply), errors.Is(f.err, ErrClosed), errors.Is(f.err, ErrSessionOver):
		return &OpError{w.opName(), w.s.servers.rel(w.root), f.err}
	case errors.Is(f.err, wire.ErrReplyTooLong):
		alone = true
	case errors.Is(err, ErrUnimplemented):
		w.p.Slow = true
		if errors.Is(f.err, wire.Unimplemented) { // it closes the connection
			w.after = max(w.after, f.generation)
		}
	case errors.Is(err, ErrThrottled):
		w.pause = time.Now().Add(throttledPause)
	case lost(err):
		w.after = max(w.after, f.generation)
		if !errors.Is(f.err, wire.ErrNoReply) {
			break
		}
		for i := range f.tasks {
			f.tasks[i].lost++
		}
		if len(f.tasks) == 1 && f.tasks[0].lost >= w.bounds.tries {
			return w.refuse(&f.tasks[0], err)
		}
	case len(f.tasks) == 1:
		return w.refuse(&f.tasks[0], err)
	default:
		alone = true
	}
	for _, t := range f.tasks {
		t.alone = t.alone || alone
		w.pending = append(w.pending, t)
	}
	return nil
}

func (w *walker) opName() string {
	if w.p.Slow {
		return "getChildren"
	}
	return "multiRead"
}
