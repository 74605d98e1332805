package zkview

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"zkdeck/zkview/wire"
)

// feature is a request that not every server knows.
type feature uint8

// The features, each with the change that brought it.
const (
	featureRemoveWatches feature = iota // ZOOKEEPER-442
	featureCreate2                      // ZOOKEEPER-1297; containers came with it, or soon after
	featureMultiRead                    // ZOOKEEPER-3402
	featureAddWatch                     // ZOOKEEPER-1416
	featureEphemerals                   // ZOOKEEPER-3209
	featureCount                        // ZOOKEEPER-3167
	featureWhoAmI                       // ZOOKEEPER-3969
	features                            // how many
)

// since is the version 3.x from which on servers have a feature.
var since = [features]int{
	featureRemoveWatches: 5,
	featureCreate2:       5,
	featureMultiRead:     6,
	featureAddWatch:      6,
	featureEphemerals:    6,
	featureCount:         6,
	featureWhoAmI:        7,
}

// serverFacts are what srvr told of the server of the present connection, beside
// what is in Status.
type serverFacts struct {
	asked   bool // it has answered, or did not and never will
	product string
}

// lack is a feature that a server turned out not to have. An upgraded server has
// another version.
type lack struct {
	address, version string
	feature          feature
}

// can reports whether the server that we are connected to has a feature. It waits
// for a connection, and for the answer to srvr, until ctx ends. A server whose
// version is not to be had counts as old: it would answer an unknown request by
// closing the connection. The answer holds for the present connection only; a
// request is sent by [Session.featured].
func (s *Session) can(ctx context.Context, f feature) (bool, error) {
	after := uint64(0)
	for {
		t, err := s.ready(ctx, after, anyEpoch)
		if err != nil {
			return false, err
		}
		_, err = s.featured(ctx, t.link, f)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, ErrUnimplemented):
			return false, nil
		case ctx.Err() != nil:
			return false, err
		}
		after = t.generation // it was lost meanwhile
	}
}

// server is the present connection and the version of its server, if known.
type server struct {
	*wire.Conn
	version string
}

// featured returns the connection of a link if its server has the feature; if it
// has not, it comes with ErrUnimplemented; if it is lost, the error is ErrNotSent.
// It waits for the answer to srvr until ctx ends.
func (s *Session) featured(ctx context.Context, l *link, f feature) (server, error) {
	for {
		s.mu.Lock()
		conn, version, asked, has, turn := l.wire, s.status.Version, s.server.asked, s.has(f), s.turn
		present := s.open && s.link == l && conn != nil
		s.mu.Unlock()
		switch {
		case !present || over(conn):
			return server{}, errNoConn
		case asked && has:
			return server{conn, version}, nil
		case asked:
			return server{conn, version}, ErrUnimplemented
		}
		select {
		case <-turn:
		case <-conn.Done():
		case <-ctx.Done():
			return server{}, fmt.Errorf("%w: the server's version is not known yet (%w)", ErrNotSent, context.Cause(ctx))
		}
	}
}

// has reports whether the server of the present connection is known to have a
// feature; s.mu is held.
func (s *Session) has(f feature) bool {
	return s.server.asked && knows(s.server.product, s.status.Version, f) &&
		(s.link.wire == nil || !s.lacks[lack{s.link.wire.Address(), s.status.Version, f}])
}

// knows reports whether a server of this name and version has a feature. Others
// than Apache's count their versions differently, so they have none.
func knows(product, version string, f feature) bool {
	if !strings.EqualFold(product, "zookeeper") {
		return false
	}
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return errA == nil && errB == nil && (a > 3 || a == 3 && b >= since[f])
}

// learn remembers what an answer tells of a server: one that does not know a
// request of its version is not asked again.
func (s *Session) learn(of server, f feature, err error) {
	if !errors.Is(err, wire.Unimplemented) {
		return
	}
	s.mu.Lock()
	s.lacks[lack{of.Address(), of.version, f}] = true
	s.mu.Unlock()
	s.log.Warn("the server does not know a request of its version", "server", of.Address(), "version", of.version)
}

// askFor makes a read by a request of a feature. On a server without it nothing is
// sent, and the error matches ErrUnimplemented.
func askFor[T any](
	ctx context.Context, s *Session, f feature, op, path string,
	send func(context.Context, server) (T, error),
) (T, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	return read(ctx, s, op, path, func(l *link) (T, error) {
		var none T
		to, err := s.featured(ctx, l, f)
		if err != nil {
			return none, err
		}
		value, err := send(ctx, to)
		s.learn(to, f, err)
		return value, err
	})
}

// Identity is one of the names by which a server knows us.
type Identity struct {
	Scheme, ID string
}

// WhoAmI asks the server for the identities of this session: its address ("ip"),
// and what was added ("digest" with the user's name). It waits as the reads do. A
// server before 3.7, or of unknown version, is not asked: ErrUnimplemented.
func (s *Session) WhoAmI(ctx context.Context) ([]Identity, error) {
	return askFor(ctx, s, featureWhoAmI, "whoAmI", "/",
		func(ctx context.Context, to server) ([]Identity, error) {
			ids, err := to.WhoAmI(ctx)
			all := make([]Identity, len(ids))
			for i, id := range ids {
				all[i] = Identity(id)
			}
			return all, err
		})
}

// Ephemerals lists the ephemerals of this session whose path begins with prefix
// ("/" for all), in no order. It waits as the reads do. A server before 3.6, or of
// unknown version, is not asked: ErrUnimplemented.
func (s *Session) Ephemerals(ctx context.Context, prefix string) ([]string, error) {
	return askFor(ctx, s, featureEphemerals, "getEphemerals", prefix,
		func(ctx context.Context, to server) ([]string, error) {
			names, err := to.Ephemerals(ctx, s.servers.abs(prefix))
			var paths []string
			for _, p := range names.Strings() {
				if rest, ok := strings.CutPrefix(p, s.servers.Chroot); ok && strings.HasPrefix(rest, "/") {
					paths = append(paths, rest)
				}
			}
			return paths, err
		})
}

// CountDescendants asks the server how many znodes there are below path. It waits
// as the reads do. The server looks at every path it holds to tell (DataTree
// .getAllChildrenNumber), so this is for one question of a person, not for a row
// of a screen. A server before 3.6, or of unknown version, is not asked:
// ErrUnimplemented.
func (s *Session) CountDescendants(ctx context.Context, path string) (int, error) {
	return askFor(ctx, s, featureCount, "getAllChildrenNumber", path,
		func(ctx context.Context, to server) (int, error) {
			return to.AllChildrenNumber(ctx, s.servers.abs(path))
		})
}
