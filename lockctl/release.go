package lockctl

import (
	"context"
	"errors"
	"fmt"
)

// Release gives the lock back: it deletes our znode, and tries again until that is gone
// or the session has ended. The lock is not free, nor [Lease.Done] closed, before.
//
// When ctx ends before, it fails, and goes on in the background: see [Locker.Settled].
// Where our znode turns out to be gone although nothing of ours can have deleted it, and
// where the session has ended, the error is an [ErrLost]: others may have held the lock
// already. A second call, or one after a loss, fails with [ErrNotHeld]. Any other error,
// of an ACL say, leaves the lock held.
func (l *Lease) Release(ctx context.Context) error {
	if l.State() != LeaseLost { // by the clock of now
		l.mu.Lock()
		if l.final == "" && !l.releasing {
			l.releasing = true
			l.signal()
			l.mu.Unlock()
			return l.release(ctx)
		}
		l.mu.Unlock()
	}
	if err := l.Err(); err != nil && !errors.Is(err, ErrNotHeld) {
		return fmt.Errorf("release %s: %w: %w", clean(l.k.path), ErrNotHeld, err)
	}
	return fmt.Errorf("release %s: %w: it was released before", clean(l.k.path), ErrNotHeld)
}

// release deletes our znode.
func (l *Lease) release(ctx context.Context) error {
	err := l.deleteNode(ctx)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ErrEnded) {
		l.k.start(func() {
			if err := l.released(l.deleteNode(context.Background())); err != nil {
				l.k.o.Logger.Warn("a release that was given up has failed", "err", err)
			}
		})
		return fmt.Errorf("release %s: %w: our znode is there still, and its deletion goes on", clean(l.k.path), context.Cause(ctx))
	}
	return l.released(err)
}

// deleteNode deletes our znode. It fails with [ErrGone] where that was gone and we have
// not sent anything that could have deleted it.
func (l *Lease) deleteNode(ctx context.Context) error {
	there, err := l.t.deleteOnce(ctx, Node{Name: l.t.node, Stat: l.t.stat})
	if err != nil {
		return err
	}
	if !there {
		return ErrGone
	}
	return l.t.sweep(ctx)
}

// released ends the lease after its znode was deleted, or could not be.
func (l *Lease) released(err error) error {
	l.mu.Lock()
	lost := l.final != "" // meanwhile
	switch {
	case lost:
	case err == nil:
		l.finish(LeaseReleased, "", fmt.Errorf("%s: %w: it was released", clean(l.k.path), ErrNotHeld))
	case errors.Is(err, ErrEnded):
		l.finish(LeaseLost, "the session ended before the lock was released", fmt.Errorf("%s: %w: the session ended before it was released: %w", clean(l.k.path), ErrLost, err))
	case errors.Is(err, ErrGone):
		l.finish(LeaseLost, "our znode was gone already", fmt.Errorf("%s: %w: our znode was gone already when it was to be released: %w", clean(l.k.path), ErrLost, err))
	default:
		l.releasing = false
		l.mu.Unlock()
		return fmt.Errorf("release %s: %w", clean(l.k.path), err)
	}
	final := l.final
	l.mu.Unlock()
	if errors.Is(err, ErrGone) || err == nil || errors.Is(err, ErrEnded) {
		l.t.forget()
		l.k.end()
	} else {
		l.k.discard(l.t)
	}
	if final == LeaseReleased {
		l.k.tell(Step{Kind: StepReleased, Node: l.node, Token: l.token})
		return nil
	}
	return fmt.Errorf("release: %w", l.Err())
}
