package lockctl

import (
	"context"
	"time"
)

// How many calls to the source are under way at most.
const (
	maxLists  = 6
	maxReads  = 4
	maxOthers = 4
)

// run owns the state of the board.
func (b *Board) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	defer b.closeFollows()
	for {
		b.due = time.Time{}
		b.turn()
		wait := time.Hour
		if !b.due.IsZero() {
			wait = max(time.Until(b.due), 0)
		}
		timer.Reset(wait)
		select {
		case <-b.ctx.Done():
			return
		case <-b.wake:
			b.obey()
		case m := <-b.moves:
			b.take(m)
		case do := <-b.results:
			do()
		case <-timer.C:
		}
	}
}

// wakeAt has turn called at a time, or before.
func (b *Board) wakeAt(at time.Time) {
	if b.due.IsZero() || at.Before(b.due) {
		b.due = at
	}
}

// turn does all that is due.
func (b *Board) turn() {
	now := time.Now()
	b.adoptDue(now)
	b.verifyDue(now)
	b.recogniseDue(now)
	b.retryDue(now)
	b.listDue(now)
	b.readDue(now)
	b.askDue(now)
	if now.Sub(b.ticked) >= time.Second {
		b.ticked = now
		b.refresh()
		b.lookAtBlind(now)
		b.weighAll(now)
		b.forgetRows(now)
	}
	if len(b.locks)+len(b.follows)+len(b.rows) > 0 {
		b.wakeAt(b.ticked.Add(time.Second))
	}
	b.findDeadlocks(now)
	b.tellDue(now)
	b.publish(now)
	b.answerSettled()
}

func (b *Board) obey() {
	b.mu.Lock()
	orders := b.orders
	b.orders = nil
	b.mu.Unlock()
	for _, do := range orders {
		do()
	}
}

// work has a call made to the source, and what it returns done by run.
func (b *Board) work(ctx context.Context, call func(ctx context.Context) (then func())) {
	b.wg.Go(func() {
		then := call(ctx)
		select {
		case b.results <- then:
		case <-b.ctx.Done():
		}
	})
}

// waiter waits until all is known, and for what follows had to tell when it began to.
type waiter struct {
	done    chan struct{}
	flushes map[*follow]int
}

// flushes asks every follow for all that has happened.
func (b *Board) flushes() map[*follow]int {
	asked := map[*follow]int{}
	for _, f := range b.follows {
		if f.started && !f.ended && !f.given {
			asked[f] = f.flush()
		}
	}
	return asked
}

func (w *waiter) flushed(b *Board) bool {
	for f, n := range w.flushes {
		if f.flushed < n && !f.ended && b.follows[f.path] == f {
			return false
		}
	}
	return true
}

// answerSettled lets those go who wait for all to be known.
func (b *Board) answerSettled() {
	if len(b.waiting) == 0 || !b.settled() {
		return
	}
	// What is handed out has all.
	if b.stirred {
		b.published = time.Time{}
		b.publish(time.Now())
	}
	left := b.waiting[:0]
	for _, w := range b.waiting {
		if w.flushes == nil { // what follows have told, and we have not taken yet
			w.flushes = b.flushes()
		}
		if w.flushed(b) {
			close(w.done)
		} else {
			left = append(left, w)
		}
	}
	b.waiting = left
}

func (b *Board) settled() bool {
	switch {
	case b.search.running, b.lists+b.reads+b.others > 0, len(b.inLine)+len(b.settling)+len(b.readers)+len(b.verdicts) > 0, b.asked():
		return false
	}
	for _, d := range b.soiled {
		if d.looked.IsZero() || d.dirty && d.state == live {
			return false
		}
	}
	return !b.contention
}
