package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"zkdeck/zkview/wire"
)

// session is a client's, whether it is connected or not. Fields that are not
// atomic are guarded by the server's lock.
type session struct {
	id     int64
	inside bool // of a Client: it does not time out
	local  bool // opened in read-only mode: the tree knows nothing of it
	ended  bool
	owner  owner // its connection, nil if there is none

	timeout atomic.Int64 // ms
	due     atomic.Int64 // ms since 1970, a multiple of the tick
}

// owner is the connection of a session.
type owner interface {
	watcher
	cut(why string) // ends the connection; may be called with any lock held
	about() *peer
}

// clampTimeout is the session timeout that a client gets.
func (s *Server) clampTimeout(asked time.Duration) time.Duration {
	return min(max(asked, 2*s.opts.TickTime), 20*s.opts.TickTime)
}

// newSession opens a session for o. The server's lock is held.
func (s *Server) newSession(o owner, timeout time.Duration, inside bool) *session {
	s.lastID++
	n := &session{id: s.lastID, inside: inside, local: s.readOnly, owner: o}
	n.timeout.Store(timeout.Milliseconds())
	s.sessions[n.id] = n
	if !n.local {
		s.tree.openSession(n.id, int32(timeout.Milliseconds()))
	}
	s.touch(n)
	o.about().attach(n.id, timeout)
	return n
}

// firstSession is the id before the first: 1 for the server, as a standalone one
// has it, and the time, so that one that starts later never gives the same ids
// (SessionTrackerImpl.initializeNextSessionId).
func firstSession(now time.Time) int64 {
	return int64(uint64(now.UnixMilli())<<24>>8|1<<56) - 1
}

// touch moves the end of a session: the next tick after its timeout from now, as
// ExpiryQueue has it. Any lock of the server will do.
func (s *Server) touch(n *session) {
	n.due.Store(nextTick(s.opts.Now().UnixMilli()+n.timeout.Load(), s.opts.TickTime))
}

func nextTick(ms int64, tick time.Duration) int64 {
	t := max(tick.Milliseconds(), 1)
	return (ms/t + 1) * t
}

// endSession deletes a session and its ephemerals. Its connection is left to the
// caller. The server's lock is held. It returns the zxid.
func (s *Server) endSession(n *session) int64 {
	n.ended = true
	delete(s.sessions, n.id)
	if n.local {
		return s.tree.lastZxid()
	}
	return s.tree.closeSession(n.id)
}

// expireSession ends a session as if it had timed out. The server's lock is held.
func (s *Server) expireSession(n *session, why string) {
	s.log.Info("session expired", "session", hex(n.id), "why", why)
	s.stats.expired.Add(1)
	s.endSession(n)
	if n.owner != nil {
		s.tree.forget(n.owner)
		n.owner.cut(why)
		n.owner = nil
	}
}

// expireDue ends the sessions whose time has come. Without a quorum there is
// nobody who could (LearnerSessionTracker).
func (s *Server) expireDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.serving {
		return
	}
	now := s.opts.Now().UnixMilli()
	for _, n := range s.sessions {
		if !n.inside && n.due.Load() <= now && n.local == s.readOnly {
			s.expireSession(n, "nothing was heard of the client for "+time.Duration(n.timeout.Load()*int64(time.Millisecond)).String())
		}
	}
}

// touchAll starts all timeouts anew, as a server does that has a quorum again.
func (s *Server) touchAll() {
	for _, n := range s.sessions {
		s.touch(n)
	}
}

// tick ends sessions and deletes container and TTL znodes in time.
func (s *Server) tick() {
	defer s.group.Done()
	swept := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-timer.C:
		}
		s.expireDue()
		if time.Since(swept) >= s.opts.ContainerCheck {
			swept = time.Now()
			s.sweep()
		}
		now := s.opts.Now().UnixMilli()
		wait := time.Duration(nextTick(now, s.opts.TickTime)-now) * time.Millisecond
		timer.Reset(max(time.Millisecond, min(wait, s.opts.TickTime)))
	}
}

// sweep deletes container and TTL znodes that are due.
func (s *Server) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serving && !s.readOnly {
		s.tree.expire()
	}
}

// password proves that a client is the one who opened a session.
func (s *Server) password(id int64) []byte {
	h := hmac.New(sha256.New, s.secret[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(id)))
	return h.Sum(nil)[:passwordSize]
}

const passwordSize = 16

// connectRequest is the first frame of a connection.
type connectRequest struct {
	seen     int64 // the last zxid that the client knows of
	timeout  time.Duration
	session  int64
	password []byte
	old      bool // without the readOnly byte, as clients of before 3.4
	readOnly bool
}

func decodeConnect(frame []byte) (connectRequest, error) {
	d := wire.NewDecoder(frame)
	d.Int() // protocol version
	r := connectRequest{seen: d.Long()}
	r.timeout = time.Duration(d.Int()) * time.Millisecond
	r.session = d.Long()
	r.password = d.Buffer()
	if d.Err() != nil {
		return r, fmt.Errorf("connect request of %d bytes: %w", len(frame), d.Err())
	}
	r.old = d.Len() == 0
	r.readOnly = d.Bool()
	return r, nil
}
