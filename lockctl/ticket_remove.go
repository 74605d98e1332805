package lockctl

import (
	"context"
	"errors"
	"fmt"
)

// remove deletes all that is or may be there of us. It goes on until that is gone, ctx
// ends or the session has, which takes its ephemerals with it.
func (t *ticket) remove(ctx context.Context) error {
	err := t.clear(ctx)
	if err == nil || errors.Is(err, ErrEnded) {
		t.forget()
		return nil
	}
	return err
}

func (t *ticket) clear(ctx context.Context) error {
	if t.node != "" {
		if err := t.delete(ctx, Node{Name: t.node, Stat: t.stat}); err != nil {
			return err
		}
	}
	return t.sweep(ctx)
}

// sweep deletes what may be there of us beside the znode that we know of.
func (t *ticket) sweep(ctx context.Context) error {
	if !t.doubt {
		return nil
	}
	if t.others != nil {
		if err := t.others.take(ctx); err != nil {
			return err
		}
		defer t.others.give()
	}
	found, err := t.find(ctx)
	if err != nil {
		return err
	}
	for _, n := range found {
		if err := t.delete(ctx, n); err != nil {
			return err
		}
	}
	t.doubt = false
	return nil
}

// forget has the ticket known to nobody any more. It may be called again.
func (t *ticket) forget() {
	if t.others == nil {
		return
	}
	if t.node != "" {
		t.others.own(t.path(), false)
	}
	t.others.leave(t.k.s)
	t.others = nil
}

// delete deletes a znode of ours until it is gone.
func (t *ticket) delete(ctx context.Context, n Node) error {
	_, err := t.deleteOnce(ctx, n)
	return err
}

// deleteOnce is delete, and tells whether the znode was there when nothing had been sent
// yet that could have deleted it.
func (t *ticket) deleteOnce(ctx context.Context, n Node) (there bool, err error) {
	path := join(t.dir, n.Name)
	for {
		err = t.k.persist(ctx, func() error {
			version := int32(-1)
			if !t.format.unique() {
				// The name may be another's by now, the directory having been made anew.
				_, st, err := t.k.s.Get(ctx, path, false)
				if err != nil {
					return err
				}
				if st.Czxid != n.Stat.Czxid {
					return fmt.Errorf("%w: another has its name", ErrGone)
				}
				version = st.Version
			}
			err := t.k.s.Delete(ctx, path, version)
			t.deleted = t.deleted || n.Name == t.node && mayBeDone(err)
			return err
		})
		if !errors.Is(err, ErrChanged) { // somebody wrote a revoke word meanwhile
			break
		}
	}
	switch {
	case errors.Is(err, ErrGone):
		return t.deleted && n.Name == t.node, nil
	case err != nil:
		return true, fmt.Errorf("delete %s: %w", clean(path), err)
	}
	return true, nil
}

// mayBeDone tells whether what failed so may have been done all the same.
func mayBeDone(err error) bool {
	for _, not := range []error{nil, ErrNotSent, ErrGone, ErrExists, ErrDenied, ErrChanged, ErrReadOnly, ErrEnded} {
		if errors.Is(err, not) {
			return false
		}
	}
	return true
}
