package lockctl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// persist asks until there is an answer: as long as only the connection fails. What it
// asks must do no harm when it is done twice.
func (k *Locker) persist(ctx context.Context, ask func() error) error {
	for pause := (pause{}); ; {
		err := ask()
		if ctx.Err() != nil || !errors.Is(err, ErrNotSent) && !errors.Is(err, ErrUnknown) {
			return err
		}
		if err := pause.wait(ctx); err != nil {
			return err
		}
	}
}

// list lists the queue; with watch its next change is told.
func (k *Locker) list(ctx context.Context, dir string, watch bool) (roll, error) {
	var l roll
	err := k.persist(ctx, func() (err error) {
		l.at = k.s.Status().Connection
		l.names, l.dir, err = k.s.List(ctx, dir, watch)
		return err
	})
	if err != nil {
		return roll{}, fmt.Errorf("list %s: %w", clean(dir), err)
	}
	return l, nil
}

// makeDir makes a directory and what is missing above it: containers, which go by
// themselves when nobody queues any more.
func (k *Locker) makeDir(ctx context.Context, path string) error {
	err := k.persist(ctx, func() error {
		_, _, err := k.s.Create(ctx, path, nil, k.o.ACL, ContainerNode)
		if errors.Is(err, ErrExists) {
			return nil
		}
		return err
	})
	if !errors.Is(err, ErrGone) {
		if err != nil {
			return fmt.Errorf("make %s: %w", clean(path), err)
		}
		return nil
	}
	parent, _ := split(path)
	if path == "/" || parent == "/" {
		return fmt.Errorf("make %s: the root of the session is missing, its chroot: %w", clean(path), err)
	}
	if err := k.makeDir(ctx, parent); err != nil {
		return err
	}
	return k.makeDir(ctx, path) // a container may have gone again meanwhile
}

// pause waits between tries that fail at once: a session's calls wait for a connection
// themselves.
type pause struct{ last time.Duration }

func (p *pause) wait(ctx context.Context) error {
	if p.last == 0 {
		p.last = time.Millisecond
		return ctx.Err()
	}
	p.last = min(2*p.last, 500*time.Millisecond)
	timer := time.NewTimer(p.last)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
