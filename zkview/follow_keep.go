package zkview

import (
	"context"
	"errors"
	"fmt"

	"zkdeck/zkview/wire"
)

// Follow begins to tell of every change of path and of all that is below it, by one
// persistent recursive watch of the server (ZooKeeper 3.6 and later; see
// [Follow.Partial] for others). Of znodes that we may not read, servers from 3.8.4 on
// tell nothing (CVE-2024-23944). path need not exist. Follows of one path share one
// watch. It blocks until the watch is armed, for as long as ctx allows while there
// is no connection. Close the Follow when it is no longer read.
//
// The watch does not outlive a connection: after a reconnect it is armed again, and
// the Follow tells so by a Resync. While a path is followed no one-shot watch is
// armed on that very path; what one would have told, the Follow's watch tells every
// [Subscription].
func (s *Session) Follow(ctx context.Context, path string) (*Follow, error) {
	f, err := s.follow(ctx, path)
	if err != nil {
		return nil, &OpError{"addWatch", path, err}
	}
	return f, nil
}

func (s *Session) follow(ctx context.Context, path string) (*Follow, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	f := newFollow(path)
	for {
		t, joined, err := s.join(f)
		if err != nil {
			return nil, err
		}
		if joined {
			if err := s.armed(ctx, t); err != nil {
				f.Close()
				return nil, err
			}
			return f, nil
		}
		select { // the last Follow of the path is ending
		case <-t.done:
		case <-s.ctx.Done():
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// join adds a Follow to the trunk of its path, made if need be. It fails to while
// that is ending.
func (s *Session) join(f *Follow) (t *trunk, joined bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.State == Closed {
		return nil, false, ErrClosed
	}
	fs := &s.follows
	fs.mu.Lock()
	defer fs.mu.Unlock()
	path := s.servers.abs(f.path)
	t = fs.trunks[path]
	switch {
	case t == nil:
		t = &trunk{path: path, follows: map[*Follow]bool{}, done: make(chan struct{}), turn: make(chan struct{})}
		t.ctx, t.cancel = context.WithCancel(s.ctx)
		if fs.trunks == nil {
			fs.trunks = map[string]*trunk{}
		}
		fs.trunks[path] = t
		s.spawn(func() { s.keep(t) })
	case t.ctx.Err() != nil:
		return t, false, nil
	}
	t.follows[f] = t.armed
	f.set(t.armed, t.partial)
	f.close = func() { fs.leave(t, f) }
	return t, true, nil
}

// armed waits until a trunk's watch is there.
func (s *Session) armed(ctx context.Context, t *trunk) error {
	for {
		s.follows.mu.Lock()
		armed, err, turn := t.armed, t.err, t.turn
		s.follows.mu.Unlock()
		switch {
		case err != nil:
			return err
		case armed:
			return nil
		}
		select {
		case <-turn:
		case <-ctx.Done():
			if st := s.Status(); st.State != Connected {
				return notReady(ctx, st)
			}
			return fmt.Errorf("no answer: %w", context.Cause(ctx))
		}
	}
}

// keep keeps a trunk's watch armed on every connection until nobody follows it.
func (s *Session) keep(t *trunk) {
	err := s.keepArmed(t)
	if s.ctx.Err() != nil || t.ctx.Err() != nil {
		err = ErrClosed
	}
	s.follows.fail(t, err)
	s.unfollow(t)
	// Behind the events that are on their way to run: they belong to nobody who comes
	// later.
	s.inbox.put(followEnded{t})
}

// keepArmed returns when the trunk has ended, or cannot be followed at all.
func (s *Session) keepArmed(t *trunk) error {
	var partly *partFollow
	defer func() { partly.stop() }()
	for after := uint64(0); ; {
		at, err := s.ready(t.ctx, after, anyEpoch)
		if err != nil {
			return err
		}
		after = at.generation
		to, err := s.featured(t.ctx, at.link, featureAddWatch)
		switch {
		case err == nil:
		case !errors.Is(err, ErrUnimplemented):
			continue // that connection is gone
		case partly != nil:
			continue // its Feed reads all again
		default:
			s.endMark(t)
			partly = s.followPartly(t)
			continue
		}
		partly.stop()
		partly = nil
		err = s.arm(t, at.link, to)
		s.learn(to, featureAddWatch, err)
		if code := wire.Code(0); errors.As(err, &code) && code != wire.Unimplemented {
			return codeError(int32(code))
		}
	}
}

// arm arms a trunk's watch on a connection. What is armed then is noted by run when
// it comes to the event that [wire.Conn.Follow] puts into the stream.
func (s *Session) arm(t *trunk, l *link, to server) error {
	s.follows.mark(t)
	if err := l.watches.absorb(t.ctx, t.path); err != nil {
		return err
	}
	return to.Follow(t.ctx, t.path)
}

// unfollow has the server forget the watch of a trunk that has ended.
func (s *Session) unfollow(t *trunk) {
	if !s.follows.marked(t.path) {
		return
	}
	s.mu.Lock()
	conn, open := s.link.wire, s.open
	s.mu.Unlock()
	if conn != nil && open {
		ctx, cancel := context.WithTimeout(s.ctx, callTimeout)
		defer cancel()
		err := conn.RemoveWatches(ctx, t.path, wire.AnyWatch)
		if err != nil && !errors.Is(err, wire.NoWatcher) && !over(conn) {
			s.log.Warn("a watch stays on the server", "path", t.path, "err", err)
		}
	}
	s.endMark(t)
}

// endMark lets one-shot watches be armed again on the path of a trunk.
func (s *Session) endMark(t *trunk) {
	if s.follows.unmark(t) {
		s.publish(Event{Kind: Removed, Path: s.servers.rel(t.path)})
		signal(s.changed)
	}
}
