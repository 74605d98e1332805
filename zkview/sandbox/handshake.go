package sandbox

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"time"

	"zkdeck/zkview/wire"
)

// connect answers the first frame (ZooKeeperServer.processConnectRequest). Some
// are refused by closing the connection without a word: a client that has seen
// more than we have, and in read-only mode one that does not want that.
func (c *conn) connect(frame []byte) error {
	r, err := decodeConnect(frame)
	if err != nil {
		return err
	}
	s := c.server
	s.stats.connects.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.acts = s.acts
	switch seen := s.tree.lastZxid(); {
	case !s.serving:
		return errors.New("refused: not serving")
	case s.readOnly && !r.readOnly:
		return errors.New("refused: the server is read-only, and the client does not want that")
	case r.seen > seen:
		return fmt.Errorf("refused: the client has seen zxid %s, ours is %s", hex(r.seen), hex(seen))
	}
	timeout := s.clampTimeout(r.timeout)
	if r.session == 0 {
		c.session = s.newSession(c, timeout, false)
	} else if c.session, err = s.renew(c, &r, timeout); err != nil {
		return err
	}
	c.answerConnect(r.old, timeout, s.readOnly)
	if c.session == nil {
		return errFinish
	}
	c.caller.session = c.session.id
	return nil
}

// renew moves a session to this connection. It returns nil if there is none, or
// the password is wrong. The connection that the session had is closed before the
// password is looked at, as the real one does.
func (s *Server) renew(c *conn, r *connectRequest, timeout time.Duration) (*session, error) {
	n := s.sessions[r.session]
	if n != nil && s.readOnly && !n.local {
		return nil, errors.New("refused: a session of the ensemble cannot be renewed at a read-only server")
	}
	if n == nil || n.inside {
		return nil, nil
	}
	if n.owner != nil {
		s.tree.forget(n.owner)
		n.owner.cut("its session is renewed on another connection")
		n.owner = nil
	}
	if !hmac.Equal(r.password, s.password(n.id)) {
		s.log.Warn("wrong password", "client", c.address, "session", hex(n.id))
		return nil, nil
	}
	s.stats.revalidated.Add(1)
	n.owner = c
	n.timeout.Store(timeout.Milliseconds())
	s.touch(n)
	c.attach(n.id, timeout)
	return n, nil
}

// answerConnect queues the ConnectResponse; without a session it is all zeros.
func (c *conn) answerConnect(old bool, timeout time.Duration, readOnly bool) {
	e := &c.reply
	e.Reset()
	e.Int(0) // protocol version
	if c.session != nil {
		e.Int(int32(timeout.Milliseconds()))
		e.Long(c.session.id)
		e.Buffer(c.server.password(c.session.id))
	} else {
		e.Int(0)
		e.Long(0)
		e.Buffer(make([]byte, passwordSize))
	}
	if !old {
		e.Bool(readOnly)
	}
	c.answered(wire.OpCreateSession, 0, c.server.tree.lastZxid(), c.server.opts.Now(), 0)
	c.send(e.Bytes(), false)
}
