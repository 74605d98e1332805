package lockctl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
)

// agreeOnPlaces makes the directory of a semaphore of kazoo's, with the number of its
// places for a value, or compares that with ours. A value that is no number is for
// something else (Semaphore._ensure_path).
func (k *Locker) agreeOnPlaces(ctx context.Context, f format) error {
	for {
		data, _, err := k.value(ctx, k.path)
		if err == nil {
			if n, ok := kazooPlaces(data); ok && n != f.slots && !f.forced {
				return otherSlots(n, f.slots)
			}
			return nil
		}
		if !errors.Is(err, ErrGone) {
			return err
		}
		if parent, _ := split(k.path); parent != "/" {
			if err := k.makeDir(ctx, parent); err != nil {
				return err
			}
		}
		err = k.persist(ctx, func() error {
			_, _, err := k.s.Create(ctx, k.path, strconv.AppendInt(nil, int64(f.slots), 10), k.o.ACL, PersistentNode)
			return err
		})
		if err != nil && !errors.Is(err, ErrExists) && !errors.Is(err, ErrGone) {
			return fmt.Errorf("make %s: %w", clean(k.path), err)
		}
	}
}

// value is the value of a znode, never nil if there is one.
func (k *Locker) value(ctx context.Context, path string) (data []byte, st Stat, err error) {
	err = k.persist(ctx, func() (err error) {
		data, st, err = k.s.Get(ctx, path, false)
		return err
	})
	if err != nil {
		return nil, st, fmt.Errorf("read %s: %w", clean(path), err)
	}
	if data == nil {
		data = []byte{}
	}
	return data, st, nil
}

// kazooPlaces reads the value of the directory of a semaphore of kazoo's.
func kazooPlaces(data []byte) (int, bool) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 32)
	return int(n), err == nil && n > 0
}

func otherSlots(there, ours int) error {
	return fmt.Errorf("%w: this semaphore has %s, not %d. Take one of %d, or choose another directory, or force it", ErrSlots, plural(there, "place"), ours, there)
}

// enterPlain makes a znode without a number, and lists what is there.
func (t *ticket) enterPlain(ctx context.Context) (roll, error) {
	k, name := t.k, t.format.prefix(t.guid, 0)
	for pause := (pause{}); ; {
		_, st, err := k.s.Create(ctx, join(t.dir, name), t.format.data(k.o.Identity, k.o.Now()), k.o.ACL, EphemeralNode)
		switch {
		case err == nil:
			t.keep(name, st)
		case ctx.Err() != nil:
			t.doubt = t.doubt || !errors.Is(err, ErrNotSent)
			return roll{}, err
		case errors.Is(err, ErrNotSent):
			if err := pause.wait(ctx); err != nil {
				return roll{}, err
			}
		case errors.Is(err, ErrGone):
			return roll{}, errGone // the directory, and nothing of ours was made
		case errors.Is(err, ErrUnknown), t.doubt && errors.Is(err, ErrExists):
			t.doubt = true
			if err := t.recover(ctx, err); err != nil {
				return roll{}, err
			}
		default:
			return roll{}, fmt.Errorf("make a znode in %s: %w", clean(t.dir), err)
		}
		if t.node != "" {
			return k.list(ctx, t.dir, false)
		}
	}
}
