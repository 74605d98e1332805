package zkview

import (
	"context"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// WatchLongChildren is [Session.WatchChildren] for listings of thousands. The
// library decodes a listing by reflection, with an allocation a name, which takes
// as long as the server takes to send it; here the names share one string. The
// library does not know the watch that is left, so it ends with the connection: the
// Resync that follows is when to ask again.
func (s *Session) WatchLongChildren(ctx context.Context, path string) ([]string, Stat, error) {
	r, err := watched(ctx, s, "getChildren", path, ChildrenWatch, true, s.listingLong(ctx, path, false),
		func(l *link) (withStat[[]string], <-chan zk.Event, error) {
			r, err := s.listingLong(ctx, path, true)(l)
			if err != nil {
				return r, nil, err
			}
			return r, make(chan zk.Event), nil // the event comes by the link's callback alone
		})
	return r.value, r.stat, err
}

// listingLong asks for a listing by a request of our own.
func (s *Session) listingLong(ctx context.Context, path string, watch bool) func(*link) (withStat[[]string], error) {
	return func(l *link) (withStat[[]string], error) {
		s.mu.Lock()
		conn := l.wire
		s.mu.Unlock()
		if conn == nil {
			return withStat[[]string]{}, errNoConn
		}
		var e wire.Encoder
		e.Ustring(s.servers.abs(path))
		e.Bool(watch)
		body, _, err := conn.Call(ctx, wire.OpGetChildren2, e.Bytes())
		if err != nil {
			return withStat[[]string]{}, err
		}
		return decodeListing(body)
	}
}

// decodeListing reads a GetChildren2Response. All names are parts of one string.
func decodeListing(body []byte) (withStat[[]string], error) {
	d := wire.NewDecoder(body)
	names, st := d.Names(), d.Stat()
	if err := d.Err(); err != nil {
		return withStat[[]string]{}, err
	}
	return withStat[[]string]{names.Strings(), Stat(st)}, nil
}
