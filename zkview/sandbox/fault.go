package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// SessionInfo is what a server knows of a session.
type SessionInfo struct {
	ID         int64
	Address    string // of its connection, host:port; empty if it has none
	Timeout    time.Duration
	Connected  bool
	Ephemerals int
}

// Sessions lists the sessions that there are, by id.
func (s *Server) Sessions() []SessionInfo {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]SessionInfo, 0, len(s.sessions))
	for _, n := range s.sessions {
		info := SessionInfo{
			ID:         n.id,
			Timeout:    time.Duration(n.timeout.Load()) * time.Millisecond,
			Connected:  n.owner != nil,
			Ephemerals: len(s.tree.ephemerals(n.id)),
		}
		if n.owner != nil {
			info.Address = n.owner.about().address.String()
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b SessionInfo) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Expire ends a session as if it had timed out: its ephemerals are deleted, its
// connection is closed, and its client is told when it comes back. It reports
// whether there was such a session.
func (s *Server) Expire(session int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.sessions[session]
	if n == nil {
		return false
	}
	s.expireSession(n, "it was made to expire")
	return true
}

// Drop cuts the connection of a session, which lives on for its timeout. It
// reports whether there was one; a [Client] has none.
func (s *Server) Drop(session int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.sessions[session]
	if n == nil || n.owner == nil || n.inside {
		return false
	}
	s.drop(n)
	return true
}

// DropAll cuts all connections; the sessions live on for their timeouts.
func (s *Server) DropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropAll("it was made to drop")
}

func (s *Server) drop(n *session) {
	s.tree.forget(n.owner)
	n.owner.cut("it was made to drop")
	n.owner = nil
}

// dropAll cuts all connections of sockets. The server's lock is held.
func (s *Server) dropAll(why string) {
	for _, n := range s.sessions {
		if n.owner != nil && !n.inside {
			s.drop(n)
		}
	}
	s.cutAll(why, func(o owner) bool { // those in the handshake as well
		_, socket := o.(*conn)
		return socket
	})
}

// SetDelay holds each reply and event for d before it is sent; what is queued
// already keeps its time. Zero, as at the start, holds nothing.
func (s *Server) SetDelay(d time.Duration) { s.delay.Store(int64(max(d, 0))) }

// SetRefuse makes the server close every new connection at once. Those that there
// are stay.
func (s *Server) SetRefuse(on bool) { s.refuse.Store(on) }

// SetServing off makes the server one without a quorum: connections are dropped
// and new ones closed, sessions stay as they are, and four letter words say that it
// is not serving. On again, the timeouts of all sessions begin anew.
func (s *Server) SetServing(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serving == on {
		return
	}
	s.serving = on
	if on {
		s.touchAll()
	} else {
		s.dropAll("the server stops serving")
	}
}

// SetReadOnly makes the server one that has lost its quorum and serves reads
// (org.apache.zookeeper.server.quorum.ReadOnlyZooKeeperServer with local sessions):
// all connections are dropped; clients that allow read-only may connect, with new
// sessions that the tree knows nothing of and that end with the mode. The others'
// sessions stay as they are, and their timeouts begin anew afterwards.
func (s *Server) SetReadOnly(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readOnly == on {
		return
	}
	s.dropAll("the server changes its mode")
	for _, n := range s.sessions {
		if n.local {
			s.expireSession(n, "the read-only mode ends")
		}
	}
	s.readOnly = on
	s.touchAll()
}

// SetCounter makes a znode one that ever had so many children, which takes weeks to get
// near the end of the numbers. The next sequential child gets this number; at
// 2147483647 it stays (ZOOKEEPER-3249). It reports whether there is such a znode.
func (s *Server) SetCounter(path string, children int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.tree.find(path)
	if n != nil {
		n.created = children
	}
	return n != nil
}

// SetVersion makes the server act like another version of ZooKeeper from now on:
// all connections are dropped, as by an upgrade. The error tells of a version that
// it cannot act like.
func (s *Server) SetVersion(version string) error {
	acts, err := parseRelease(version)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts = acts
	s.dropAll("the server is another version now")
	return nil
}
