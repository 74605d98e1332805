package zkview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
)

// writing is what is common to writes.
type writing struct {
	op, path string
	size     int // of the request, about
}

// verdict is what a second look says about a write whose answer was lost.
type verdict uint8

const (
	unsettled verdict = iota // it cannot be told
	applied                  // it was carried out
	absent                   // it was not, so far, and its version guard still holds
	overtaken                // somebody else was first, so that it never will be
)

// settler looks what became of a write. It is nil for a write that no version
// guards.
type settler[T any] func(ctx context.Context) (T, verdict)

// write sends a request that changes something.
func write[T any](ctx context.Context, s *Session, w writing, send func(*link) (T, error), settle settler[T]) (T, error) {
	var zero T
	if err := s.mayWrite(w); err != nil {
		return zero, &OpError{w.op, w.path, err}
	}
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	epoch := s.currentEpoch()
	var after uint64
	var unknown error // a try before this one may have been carried out
	for try := 1; ; try++ {
		value, t, err := once(ctx, s, after, epoch, send)
		after = t.generation
		switch {
		case err == nil:
			return value, nil
		case errors.Is(err, ErrNotSent) && unknown == nil:
			if t.link != nil && try < readTries {
				continue // the library never sent it: wait for a connection again
			}
			return value, &OpError{w.op, w.path, err}
		case errors.Is(err, ErrUnknownOutcome):
			unknown = err
		case unknown == nil:
			return value, &OpError{w.op, w.path, err}
		}
		if settle == nil || ctx.Err() != nil {
			return value, &OpError{w.op, w.path, unknown}
		}
		found, v := settle(ctx)
		switch v {
		case applied:
			return found, nil
		case overtaken:
			return value, &OpError{w.op, w.path, ErrBadVersion}
		case absent:
			if try < readTries && s.currentEpoch() == epoch {
				continue // the guard makes sure that it runs once
			}
		default:
		}
		return value, &OpError{w.op, w.path, unknown}
	}
}

// mayWrite refuses what must not or cannot be sent.
func (s *Session) mayWrite(w writing) error {
	if s.cfg.ReadOnly {
		return ErrReadOnly
	}
	if w.op != "create" { // which has its own rules
		if err := CheckPath(w.path); err != nil {
			return err
		}
	}
	if size := w.size + len(s.servers.Chroot); size > maxFrame {
		return fmt.Errorf("%w: the request takes %d bytes, the usual limit (jute.maxbuffer) is %d", ErrTooBig, size, maxFrame)
	}
	return nil
}

// settleSet reads the znode again: the next version with our data is ours.
func settleSet(s *Session, path string, data []byte, version int32) settler[Stat] {
	if version < 0 {
		return nil
	}
	return func(ctx context.Context) (Stat, verdict) {
		if s.Sync(ctx, path) != nil {
			return Stat{}, unsettled
		}
		got, stat, err := s.Get(ctx, path)
		switch {
		case err != nil:
			return Stat{}, unsettled
		case stat.Version == version:
			return Stat{}, absent
		case stat.Version == version+1 && bytes.Equal(got, data):
			return stat, applied
		case stat.Version == version+1:
			return Stat{}, overtaken
		default:
			return Stat{}, unsettled
		}
	}
}

// settleSetACL reads the ACL again. A server rewrites entries of the scheme
// "auth", and masks digests, so a list that differs proves nothing.
func settleSetACL(s *Session, path string, acl []ACL, aversion int32) settler[Stat] {
	if aversion < 0 {
		return nil
	}
	return func(ctx context.Context) (Stat, verdict) {
		if s.Sync(ctx, path) != nil {
			return Stat{}, unsettled
		}
		got, stat, err := s.ACL(ctx, path)
		switch {
		case err != nil:
			return Stat{}, unsettled
		case stat.Aversion == aversion:
			return Stat{}, absent
		case stat.Aversion == aversion+1 && slices.Equal(got, acl):
			return stat, applied
		default:
			return Stat{}, unsettled
		}
	}
}

// settleDelete looks whether the znode is still there. When it is gone, it does
// not matter who deleted it.
func settleDelete(s *Session, n PathVersion) settler[struct{}] {
	if n.Version < 0 {
		return nil
	}
	return func(ctx context.Context) (struct{}, verdict) {
		return struct{}{}, s.settleGone(ctx, n)
	}
}

// settleDeleteMany looks at one znode of a transaction that deletes all or none.
func settleDeleteMany(s *Session, nodes []PathVersion) settler[int] {
	for _, n := range nodes {
		if n.Version < 0 {
			return nil
		}
	}
	return func(ctx context.Context) (int, verdict) {
		for _, n := range nodes {
			if v := s.settleGone(ctx, n); v != applied {
				return 0, v
			}
		}
		return 0, applied
	}
}

func (s *Session) settleGone(ctx context.Context, n PathVersion) verdict {
	if s.Sync(ctx, n.Path) != nil {
		return unsettled
	}
	stat, err := s.Stat(ctx, n.Path)
	switch {
	case errors.Is(err, ErrNoNode):
		return applied
	case err == nil && stat.Version == n.Version:
		return absent
	default:
		return unsettled
	}
}
