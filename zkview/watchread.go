package zkview

import (
	"context"
	"errors"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// The reads that leave a watch follow the rules of the plain reads. When the
// session holds the watch already (also over a reconnect, where the library arms
// it again), they are plain reads. A watch that fires comes as an [Event] of
// every [Subscription] and is spent. One reader is expected to own a path's
// watches: Unwatch takes them from everybody.

// WatchStat reads the Stat of a znode and leaves a watch on its creation, data
// and deletion. It leaves one also when there is no such znode, and then returns
// an error that matches [ErrNoNode].
func (s *Session) WatchStat(ctx context.Context, path string) (Stat, error) {
	return watched(ctx, s, "exists", path, DataWatch, false, s.statting(path),
		func(l *link) (Stat, <-chan zk.Event, error) {
			exists, stat, fires, err := l.conn.ExistsW(s.servers.abs(path))
			if err == nil && !exists {
				err = zk.ErrNoNode
			}
			return statOf(stat), fires, err
		})
}

// WatchData reads data and Stat of a znode and leaves a watch on its data and
// deletion; none when the read fails.
func (s *Session) WatchData(ctx context.Context, path string) ([]byte, Stat, error) {
	r, err := watched(ctx, s, "getData", path, DataWatch, false, s.getting(path),
		func(l *link) (withStat[[]byte], <-chan zk.Event, error) {
			data, stat, fires, err := l.conn.GetW(s.servers.abs(path))
			return withStat[[]byte]{data, statOf(stat)}, fires, err
		})
	return r.value, r.stat, err
}

// WatchChildren lists the names of the children of a znode and leaves a watch on
// the list and on the znode's deletion; none when the read fails.
func (s *Session) WatchChildren(ctx context.Context, path string) ([]string, Stat, error) {
	r, err := watched(ctx, s, "getChildren", path, ChildrenWatch, false, s.listing(path),
		func(l *link) (withStat[[]string], <-chan zk.Event, error) {
			names, stat, fires, err := l.conn.ChildrenW(s.servers.abs(path))
			return withStat[[]string]{names, statOf(stat)}, fires, err
		})
	return r.value, r.stat, err
}

// watched makes a read that is to leave a watch, with own one that the library
// does not know.
func watched[T any](
	ctx context.Context, s *Session, op, path string, kind WatchKind, own bool,
	bare func(*link) (T, error), arming func(*link) (T, <-chan zk.Event, error),
) (T, error) {
	ref := WatchRef{s.servers.abs(path), kind}
	return read(ctx, s, op, path, func(l *link) (T, error) {
		for {
			todo, w := l.watches.claim(ref)
			switch todo {
			case plain:
				return bare(l)
			case wait:
				<-w.settled // at the latest when the link ends
				continue
			default:
			}
			value, fires, err := arming(l)
			if l.watches.settle(ref, w, fires, own) {
				s.sweepSoon()
			}
			return value, err
		}
	})
}

// Unwatch tells that watches are no longer wanted. It returns at once. They are
// removed in the background after a second, so that one that is wanted again by
// then is re-used; a server before 3.5 cannot remove a watch, so there it stays
// for re-use until it fires. How many are held is [Status].Watches. References
// to watches that are not there are ignored.
func (s *Session) Unwatch(refs ...WatchRef) {
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	onServer := make([]WatchRef, len(refs))
	for i, ref := range refs {
		onServer[i] = WatchRef{s.servers.abs(ref.Path), ref.Kind}
	}
	if l.watches.unwant(onServer) {
		s.sweepSoon()
	}
}

// sweepSoon has the unwanted watches removed after the linger time.
func (s *Session) sweepSoon() { s.inbox.put(sweepDue{}) }

// sweep removes watches that nobody wants, one at a time: a person or a program
// waiting for the server is never behind more than one of these.
func (s *Session) sweep() {
	s.mu.Lock()
	l, conn, open, able := s.link, s.link.wire, s.open, s.has(featureRemoveWatches)
	s.mu.Unlock()
	if !open || conn == nil || l.keeps.Load() || !able {
		return // what brings the missing condition about calls again
	}
	refs := l.watches.takeUnwanted(s.tune.linger)
	if len(refs) == 0 {
		if l.watches.anyUnwanted() && !l.watches.anyRemoving() {
			s.sweepSoon()
		}
		return
	}
	s.spawn(func() {
		for _, ref := range refs {
			s.removeWatch(l, conn, ref)
		}
		signal(s.changed)
		if l.watches.anyUnwanted() {
			s.sweepSoon()
		}
	})
}

func (s *Session) removeWatch(l *link, conn *wire.Conn, ref WatchRef) {
	kind := wire.DataWatch
	if ref.Kind == ChildrenWatch {
		kind = wire.ChildrenWatch
	}
	ctx, cancel := context.WithTimeout(s.ctx, callTimeout)
	defer cancel()
	var code wire.Code
	err := conn.RemoveWatches(ctx, ref.Path, kind)
	gone := err == nil || errors.Is(err, wire.NoWatcher)
	if !gone && errors.As(err, &code) {
		s.log.Warn("the server does not remove watches; keeping them", "err", err)
		l.keeps.Store(true)
	}
	l.watches.removed(ref, gone)
	if gone {
		s.publish(Event{Kind: Removed, Path: s.servers.rel(ref.Path)})
	}
}
