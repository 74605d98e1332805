package lab

import (
	"fmt"
	"time"

	"zkdeck/lockctl"
)

// Pause lets no request leave any more. What is under way is answered, and who holds goes on
// to work under the lock.
func (r *Run) Pause() { r.gate.pause(true); r.signal() }

// Resume undoes [Run.Pause].
func (r *Run) Resume() { r.gate.pause(false); r.signal() }

// Step pauses the run, and lets one of the requests go that wait: of those that came before
// the last one went the lowest worker's. Where none waits it does nothing.
func (r *Run) Step() { r.gate.step(); r.signal() }

// SetPace changes Options.Pace; below zero is none.
func (r *Run) SetPace(pace time.Duration) { r.gate.setPace(max(pace, 0)); r.signal() }

// SetTimes changes Options.Hold and Think, also for turns under way; below zero is none.
func (r *Run) SetTimes(hold, think time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.o.Hold, r.o.Think = max(hold, 0), max(think, 0)
	close(r.retimed)
	r.retimed = make(chan struct{})
	r.signal()
}

// SetWorkers adds workers, or kills the last ones, until there are so many. It fails with
// [ErrOptions] for a number that cannot be.
func (r *Run) SetWorkers(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case n < 1 || n > MaxWorkers:
		return fmt.Errorf("%w: %d workers; there are 1 to %d", ErrOptions, n, MaxWorkers)
	case r.over:
		return r.isOver()
	}
	active := r.active()
	for len(active) > n {
		w := active[len(active)-1]
		active = active[:len(active)-1]
		r.thaw(w)
		r.kill(w)
	}
	for range n - len(active) {
		r.say(addedNote(r.add().n))
	}
	return nil
}

// Add adds a worker and returns its number. It fails with [ErrOptions] where there are
// [MaxWorkers].
func (r *Run) Add() (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.over:
		return 0, r.isOver()
	case len(r.active()) >= MaxWorkers:
		return 0, fmt.Errorf("%w: there are %d workers already", ErrOptions, MaxWorkers)
	}
	w := r.add()
	r.say(addedNote(w.n))
	return w.n, nil
}

// Kill ends a worker in good order: its session is closed, and its znode goes at once. It
// fails with [ErrOptions] for one that is not there, and for one that is frozen, which closes
// nothing.
func (r *Run) Kill(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, err := r.find(n)
	switch {
	case err != nil:
		return err
	case w.frozen:
		return fmt.Errorf("%w: worker %d is frozen and closes nothing; thaw it first, or let it crash", ErrOptions, n)
	}
	r.kill(w)
	return nil
}

// kill has a worker end; r.mu is held.
func (r *Run) kill(w *worker) {
	z, ok := r.nodes.of(w.n, w.session)
	r.say(killedNote(w.n, z.Name, ok && z.Owner == 0))
	w.ending = killed
	if w.state == Holding {
		r.counts.steady(&r.tally)
	}
	w.cancel()
}

// Crash ends a worker as when its program is gone: its connection breaks, and nobody says
// anything to the servers, who keep its znode until the session times out. It fails with
// [ErrOptions] for one that is not there.
func (r *Run) Crash(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, err := r.find(n)
	if err != nil {
		return err
	}
	if !w.frozen {
		w.part()
	}
	r.thawQuietly(w)
	w.ending = crashed
	if w.line != nil {
		w.line.cut()
	}
	w.cancel()
	w.turn = nil
	r.setState(w, Crashed)
	r.say(crashedNote(n, w.parting.node, r.shown(w.until()), w.parting.node != "" && !w.parting.ephemeral))
	return nil
}

// Freeze has a worker stand still, as in a long pause of the garbage collector: it does
// nothing more, and nothing passes on its connection. It fails with [ErrOptions] for one that
// is not there or is frozen.
func (r *Run) Freeze(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, err := r.find(n)
	switch {
	case err != nil:
		return err
	case w.frozen || w.waking:
		return fmt.Errorf("%w: worker %d is frozen", ErrOptions, n)
	}
	w.part()
	w.frozen, w.awake = true, make(chan struct{})
	r.gate.freeze(n, true)
	if w.line != nil {
		w.line.freeze()
	}
	r.say(frozenNote(n, w.state == Holding))
	return nil
}

// Thaw wakes up a worker. If it was about to write under the lock, it does that first, and
// only then learns what has become of its session. It fails with [ErrOptions] for one that is
// not there or is not frozen.
func (r *Run) Thaw(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, err := r.find(n)
	switch {
	case err != nil:
		return err
	case !w.frozen:
		return fmt.Errorf("%w: worker %d is not frozen", ErrOptions, n)
	}
	r.say(thawedNote(n, w.state == Holding && w.mode != lockctl.Read))
	r.thaw(w)
	return nil
}

// thaw wakes up a worker, if it is frozen; r.mu is held.
func (r *Run) thaw(w *worker) {
	if !w.frozen {
		return
	}
	w.frozen, w.waking = false, true
	if t := w.turn; t != nil && !t.written {
		close(t.woke)
		return // it goes on when it has written
	}
	r.awakens(w)
}

// wakes has a worker that was thawed hear of things again, when its turn has nothing to
// write any more.
func (r *Run) wakes(w *worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.turn != nil {
		w.turn.written = true
	}
	if w.waking {
		r.awakens(w)
	}
}

// awakens ends the waking; r.mu is held.
func (r *Run) awakens(w *worker) {
	r.thawQuietly(w)
	for _, s := range w.held {
		r.tell(w, s)
	}
	w.held = nil
}

// thawQuietly has all flow again; r.mu is held.
func (r *Run) thawQuietly(w *worker) {
	w.frozen, w.waking = false, false
	if w.awake != nil {
		close(w.awake)
		w.awake = nil
	}
	r.gate.freeze(w.n, false)
	if w.line != nil {
		w.line.thaw()
	}
	r.signal()
}

// Try has a worker try to get the lock, in the place of waiting for it, when it asks next. It
// fails with [ErrOptions] for one that is not there or has given up.
func (r *Run) Try(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, err := r.find(n)
	switch {
	case err != nil:
		return err
	case w.state == GivenUp:
		return fmt.Errorf("%w: worker %d has gone away, and asks no more", ErrOptions, n)
	}
	w.try = true
	return nil
}

// Reset counts from zero, and empties the commentary. What the resource holds stays.
func (r *Run) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	began := time.Time{}
	if r.started {
		began = time.Now()
	}
	r.counts = counts{began: began, runs: r.counts.runs, released: r.counts.released}
	r.tally.requests.Store(0)
	r.tally.wakeups.Store(0)
	r.store.reset()
	r.notes = nil
	kept := r.workers[:0:0]
	for _, w := range r.workers {
		w.turns = 0
		if w.state != Gone {
			kept = append(kept, w)
		}
	}
	r.workers, r.nodes.dirty = kept, true
	r.signal()
}

// active are the workers that contend, or have given up; r.mu is held.
func (r *Run) active() []*worker {
	var all []*worker
	for _, w := range r.workers {
		if w.ending == 0 && w.state != Gone {
			all = append(all, w)
		}
	}
	return all
}

// find is an active worker; r.mu is held.
func (r *Run) find(n int) (*worker, error) {
	if r.over {
		return nil, r.isOver()
	}
	for _, w := range r.active() {
		if w.n == n {
			return w, nil
		}
	}
	return nil, fmt.Errorf("%w: there is no worker %d", ErrOptions, n)
}

func (r *Run) isOver() error {
	if r.err != nil {
		return fmt.Errorf("%w: the run has ended: %w", ErrOptions, r.err)
	}
	return fmt.Errorf("%w: the run has ended", ErrOptions)
}
