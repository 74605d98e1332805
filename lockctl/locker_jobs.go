package lockctl

import (
	"context"
	"errors"
	"time"
)

// briefly is how long Acquire waits, when it has failed, for its znode to be gone. Mostly
// it is then.
const briefly = 200 * time.Millisecond

// begin has the handle taken. What is left of its last znode goes first.
func (k *Locker) begin(ctx context.Context) error {
	for {
		k.mu.Lock()
		wait := k.clear
		if k.busy {
			if k.lease == nil || k.lease.Err() == nil {
				k.mu.Unlock()
				return ErrHeldAlready
			}
			wait = k.free // its lease has ended, and its keeper is about to see that
		} else if wait == nil {
			k.busy, k.free, k.lease = true, make(chan struct{}), nil
			k.mu.Unlock()
			return nil
		}
		k.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// end gives the handle back.
func (k *Locker) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.release()
}

// release gives the handle back; k.mu is held.
func (k *Locker) release() {
	if k.busy {
		k.busy = false
		close(k.free)
	}
}

// hold keeps the lease, and whose names and rule the lock has.
func (k *Locker) hold(l *Lease) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lease, k.format = l, &l.t.format
}

// forget has the next attempt look first.
func (k *Locker) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.format = nil
}

func (k *Locker) learnt() *format {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.format
}

// discard deletes what is or may be left of a ticket, in the background, and gives the
// handle back at once: its next znode waits until this one is gone. What is returned is
// closed then.
func (k *Locker) discard(t *ticket) <-chan struct{} {
	gone := make(chan struct{})
	k.mu.Lock()
	k.clear = gone
	k.release()
	k.mu.Unlock()
	k.start(func() {
		defer k.cleared(gone)
		defer t.forget()
		for pause := (pause{}); ; {
			err := t.remove(context.Background())
			if err == nil {
				return
			}
			k.o.Logger.Warn("our znode could not be deleted", "dir", t.dir, "node", t.node, "err", err)
			if errors.Is(err, ErrDenied) {
				return // it goes with the session
			}
			_ = pause.wait(context.Background())
		}
	})
	return gone
}

// cleared tells that nothing of ours is left.
func (k *Locker) cleared(gone chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.clear = nil
	close(gone)
}

// start does something in a goroutine that Settled waits for.
func (k *Locker) start(do func()) {
	k.mu.Lock()
	if k.jobs++; k.jobs == 1 {
		k.idle = make(chan struct{})
	}
	k.mu.Unlock()
	go func() {
		defer k.done()
		do()
	}()
}

func (k *Locker) done() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.jobs--; k.jobs == 0 {
		close(k.idle)
	}
}

// Settled waits for what still goes on after an Acquire that failed, a lock that was
// lost or a Release that was given up: the deletion of our znode. Nothing goes on any
// more then that this handle has started. It fails with ctx's error, and waits for the
// lease while there is one.
func (k *Locker) Settled(ctx context.Context) error {
	for {
		k.mu.Lock()
		jobs, idle := k.jobs, k.idle
		k.mu.Unlock()
		if jobs == 0 {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tell tells Observe of a step, one after the other.
func (k *Locker) tell(s Step) { k.tellIf(s, nil) }

// tellIf tells it if that still is so when its turn has come.
func (k *Locker) tellIf(s Step, so func() bool) {
	if k.o.Observe == nil {
		return
	}
	k.telling.Lock()
	defer k.telling.Unlock()
	if so != nil && !so() {
		return
	}
	s.At, s.Path = k.o.Now(), k.path
	k.o.Observe(s)
}
