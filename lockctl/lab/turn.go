package lab

import (
	"context"
	"errors"
	"strings"
	"time"

	"zkdeck/lockctl"
)

// turn is a worker's turn, from when it has the lock, or takes itself to have it, until it
// has let go.
type turn struct {
	grant
	read      reading
	written   bool
	releasing bool
	woke      chan struct{} // closed when it is thawed before it has written
}

// again is how long a worker waits after a failure; moment is what NoLock takes at least,
// for reading, writing and all else.
const (
	again  = 250 * time.Millisecond
	moment = time.Millisecond
)

// takeTurns takes turns until ctx ends, and tells whether another session is to follow.
func (w *worker) takeTurns(ctx context.Context, c contender) (more bool) {
	r := w.run
	for ctx.Err() == nil {
		w.become(Thinking)
		if !w.sleep(ctx, r.thinks) || !w.stirs(ctx) {
			break
		}
		g, ok, err := w.ask(ctx, c)
		switch {
		case !w.stirs(ctx), err == nil && !ok && g.node == "":
		case err == nil && r.givesUp(w, g, ok):
			<-ctx.Done()
			return false
		case err == nil:
			w.hold(ctx, g)
			w.release(ctx, c)
		case errors.Is(err, lockctl.ErrEnded):
			<-ctx.Done() // the attendant hears of it too
		case hopeless(err):
			r.fail(err)
		default:
			w.failed(ctx, "take the lock", err)
		}
	}
	return true
}

// ask waits for the lock, or tries to get it where it was told to.
func (w *worker) ask(ctx context.Context, c contender) (g grant, ok bool, err error) {
	r := w.run
	r.mu.Lock()
	try := w.try
	w.try = false
	r.setState(w, Waiting)
	r.mu.Unlock()
	if try {
		return c.try(ctx)
	}
	g, err = c.acquire(ctx)
	return g, err == nil, err
}

// givesUp counts what Naive's acquire has returned, and has a worker go away that goes by
// that, or by a try that was told no and has left its znode.
func (r *Run) givesUp(w *worker, g grant, ok bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if g.stale {
		r.counts.stale++
	}
	if g.nothing {
		r.counts.nothing++
	}
	switch {
	case ok && g.nothing && r.o.Believes:
		r.say(believedNote(w.n, g.node))
	case ok:
		return false
	}
	r.setState(w, GivenUp)
	return true
}

func (w *worker) become(s WorkerState) {
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	w.run.setState(w, s)
}

func (w *worker) failed(ctx context.Context, what string, err error) {
	r := w.run
	r.mu.Lock()
	r.say(failedNote(w.n, what, err))
	r.mu.Unlock()
	timer := time.NewTimer(again)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// thinks and holds are for how long, and a channel that is closed when that changes.
func (r *Run) thinks() (time.Duration, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.o.least(r.o.Think), r.retimed
}

func (r *Run) holds() (time.Duration, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.o.least(r.o.Hold), r.retimed
}

func (o *Options) least(d time.Duration) time.Duration {
	if o.Recipe == NoLock {
		return max(d, moment)
	}
	return d
}

// sleep waits for so long as span says, and tells whether ctx lasts.
func (w *worker) sleep(ctx context.Context, span func() (time.Duration, <-chan struct{}), early ...<-chan struct{}) bool {
	began := time.Now()
	early = append(early, nil, nil)
	for {
		d, retimed := span()
		d -= time.Since(began)
		if d <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-retimed:
		case <-early[0]:
			timer.Stop()
			return true
		case <-early[1]:
			timer.Stop()
			return true
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return false
		}
	}
}

// hold works under the lock, and writes. One that learns that the lock is lost writes
// nothing; one that was frozen writes first.
func (w *worker) hold(ctx context.Context, g grant) {
	r := w.run
	t := r.begins(w, g)
	defer r.wakes(w)
	lost := g.lost
	for {
		if !w.sleep(ctx, r.holds, t.woke, lost) {
			return
		}
		if !closed(t.woke) && !closed(lost) {
			err := r.gate.wait(ctx, request{w.n, w.writeWords(t)}, lost, t.woke)
			if err != nil && !closed(lost) {
				return
			}
		}
		switch {
		case ctx.Err() != nil:
			return
		case closed(t.woke):
		case closed(lost):
			if !w.stands() {
				return
			}
			lost = nil // it hears of that when it is awake
			continue
		}
		r.writes(w, t)
		return
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// stands tells whether the worker hears of nothing.
func (w *worker) stands() bool {
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	return w.frozen || w.waking
}

// begins begins a turn.
func (r *Run) begins(w *worker, g grant) *turn {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := &turn{grant: g, woke: make(chan struct{})}
	if w.ending != 0 {
		return t
	}
	token := g.token
	if r.o.Recipe == Semaphore {
		token = 0
	}
	t.read = r.store.read(token)
	w.turn = t
	w.turns++
	r.counts.granted(time.Now(), w.since)
	r.setState(w, Holding)
	var believe []int
	alone := true
	for _, o := range r.workers {
		if o.turn != nil && !o.turn.releasing && o.state == Holding {
			believe = append(believe, o.n)
			alone = alone && o.mode == lockctl.Read
		}
	}
	most := 1
	switch {
	case r.o.Recipe == NoLock, r.o.Recipe == ReadWrite && alone:
		return t
	case r.o.Recipe == Semaphore:
		most = r.o.Slots
	}
	if len(believe) > most {
		r.counts.two++
		r.say(twoHoldersNote(believe, r.first()))
	}
	return t
}

// first is whose turn it is, 0 where that is not known: what one had that has gone or is
// frozen may be deleted by now; r.mu is held.
func (r *Run) first() int {
	for _, z := range r.queue() {
		if !z.Holder {
			continue
		}
		for _, w := range r.workers {
			if w.n == z.Worker && !w.frozen && w.link == lockctl.SessionLive {
				return w.n
			}
		}
		return 0
	}
	return 0
}

// writes writes to the resource what the turn has worked out.
func (r *Run) writes(w *worker, t *turn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.ending != 0 {
		return
	}
	t.written = true
	from, token := t.read, t.token
	switch {
	case w.mode == lockctl.Read:
		return
	case r.o.Recipe == Semaphore: // several at a time: it protects no value, and its tokens no order
		from, token = r.store.read(0), 0
	}
	before := r.store.Token
	wr, over := r.store.write(w.n, from, token, !r.o.Unfenced, r.now())
	switch {
	case wr.Refused:
		r.say(refusedNote(wr, before))
	case wr.Lost:
		r.say(lostNote(wr, over))
	}
	r.signal()
}

// writeWords says what the worker is about to write.
func (w *worker) writeWords(t *turn) func() string {
	return func() string { return writeText(w.n, w.mode, t) }
}

// release lets go, again until that is done.
func (w *worker) release(ctx context.Context, c contender) {
	r := w.run
	r.mu.Lock()
	if w.turn != nil {
		w.turn.releasing = true
	}
	if ctx.Err() == nil { // else it was ended, and what that woke is counted already
		r.counts.steady(&r.tally)
	}
	waits := false // with NoLock nobody does, whatever they are about
	for _, o := range r.workers {
		waits = waits || o.state == Waiting
	}
	if waits && r.o.Recipe != NoLock {
		r.counts.releases(time.Now(), r.o.Recipe == Semaphore)
	}
	r.mu.Unlock()
	for ctx.Err() == nil {
		err := c.release(ctx)
		if err == nil || errors.Is(err, lockctl.ErrLost) || errors.Is(err, lockctl.ErrNotHeld) {
			break
		}
		if errors.Is(err, lockctl.ErrEnded) {
			<-ctx.Done()
			break
		}
		w.failed(ctx, "release the lock", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.turn = nil
	if w.state == Holding {
		r.setState(w, Thinking)
	}
}

// made takes in that a worker has made a znode.
func (r *Run) made(dir, name string, st lockctl.Stat, w *worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nodes.made(dir, name, st, w.n)
	r.signal()
}

// deleting takes in that the deletion of a worker's znode leaves: one that releases with it
// believes no more that it holds. Who watches it is told by the servers before this worker
// gets its answer, so that it is said now; without a connection it does not leave yet, and
// said is false.
func (r *Run) deleting(w *worker, name, path string) (said bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.ending != 0 {
		return true
	}
	if w.turn != nil && w.turn.releasing && w.state == Holding {
		r.setState(w, Thinking)
	}
	if w.link != lockctl.SessionLive {
		return false
	}
	var told []int
	for _, o := range r.workers {
		if o != w && o.line != nil && o.line.watched(path) {
			told = append(told, o.n)
		}
	}
	r.say(releasedNote(w.n, name, told))
	return true
}

// sawDeleted takes in that a worker was told of a deletion, which the one who looks on
// learns later.
func (r *Run) sawDeleted(w *worker, path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rest, ok := strings.CutPrefix(path, w.dir+"/")
	if !ok || r.o.Recipe == Single { // whose znode may be made anew under its name by now
		return
	}
	dir, name := splitPath(rest)
	owner := r.nodes.remove(dir, name)
	for _, o := range r.workers {
		if o.session == owner && (o.frozen || o.state == Crashed) {
			r.judge()
			return
		}
	}
}

// deleted takes in that it is done.
func (r *Run) deleted(w *worker, dir, name string, said bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n, ok := noteOf(w.n, lockctl.Step{Kind: lockctl.StepReleased, Node: name}, nil); ok && !said {
		r.say(n)
	}
	r.nodes.deleted(dir, name, w.n, w.session)
	r.signal()
}
