package zkview

import (
	"fmt"
	"time"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// run handles what the library and the wire tell, in order, until Close. It is
// the only place where the state of the session changes.
func (s *Session) run() {
	defer close(s.ended)
	watchdog := time.NewTimer(s.tune.wedged)
	defer watchdog.Stop()
	sweep := time.NewTimer(0) // with nothing to do
	defer sweep.Stop()
	for {
		select {
		case <-s.ctx.Done():
			s.work.Wait()
			return
		case <-s.inbox.ready:
			for _, m := range s.inbox.take() {
				if _, ok := m.(sweepDue); ok {
					sweep.Reset(s.tune.linger)
					continue
				}
				s.handle(m)
			}
			watchdog.Reset(s.tune.wedged)
		case <-sweep.C:
			s.sweep()
		case <-watchdog.C:
			s.checkWedged()
			watchdog.Reset(s.tune.wedged)
		}
	}
}

func (s *Session) handle(m any) {
	s.mu.Lock()
	over := s.over
	s.mu.Unlock()
	if over {
		return
	}
	switch m := m.(type) {
	case libraryTold:
		if m.link != s.link {
			return
		}
		m.link.active = time.Now()
		if m.event.Type == zk.EventSession {
			s.libraryState(m.link, m.event.State)
		} else {
			s.watchFired(m.link, m.event)
		}
	case replaceDue:
		if m.link == s.link {
			s.replaceLink(m.link, s.Status().State, m.link.instead)
		}
	case disowned:
		if m.link == s.link {
			s.endSingle(m.link, m.link.expiry())
		}
	case dialling:
		s.dialling(m)
	case refused:
		s.refused(m)
	case shookHands:
		s.shookHands(m)
	case connEnded:
		s.connEnded(m)
	case authDone:
		s.authDone(m)
	case probed:
		s.probed(m)
	case followEnded:
		s.follows.remove(m.trunk)
	}
}

// libraryState follows go-zookeeper's own state machine (facts: Connecting,
// Connected, HasSession; Disconnected; Expired, Disconnected, …).
func (s *Session) libraryState(l *link, state zk.State) {
	switch state {
	case zk.StateHasSession:
		s.present(l)
	case zk.StateDisconnected:
		s.suspend(l)
	case zk.StateExpired:
		s.expired(l)
	default:
	}
}

// expired makes a new connection after a server has declared the session dead. A
// server that says so of a session which was never granted would say it again at
// once, so there the new connection has to wait.
func (s *Session) expired(l *link) {
	if l.granted {
		s.replaceLink(l, Expired, l.expiry())
		return
	}
	s.sayWhy(l, "the server grants no session")
	time.AfterFunc(refusedPause, func() { s.inbox.put(replaceDue{l}) })
}

// expiry tells of the end of the link's session.
func (l *link) expiry() string { return fmt.Sprintf("session 0x%x expired", uint64(l.session)) }

func (s *Session) dialling(m dialling) {
	if m.link != s.link {
		return
	}
	m.link.active = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Trying = s.hosts.labelOf(m.address)
	s.status.Attempt = s.hosts.place()
	signal(s.changed)
}

func (s *Session) shookHands(m shookHands) {
	if m.link != s.link || m.handshake.Expired {
		return
	}
	l := m.link
	if s.single != nil && l.granted && !m.handshake.Resumed {
		s.endSingle(l, l.expiry()+": "+s.hosts.labelOf(m.handshake.Address)+" began another in its place")
		return
	}
	l.ending = nil
	l.session, l.asked = m.handshake.SessionID, m.handshake.Asked
	s.mu.Lock()
	defer s.mu.Unlock()
	l.wire = m.conn
	s.status.Server = s.hosts.labelOf(m.handshake.Address)
	s.status.SessionID = m.handshake.SessionID
	s.status.Timeout = m.handshake.Timeout
	s.status.ServerReadOnly = m.handshake.ReadOnly
	s.status.Mode, s.status.Version = "", ""
	s.server = serverFacts{}
}

// present presents our identities on a connection that has just got its session,
// before any other request. The library is not given them: its own way to present
// them again can block for ever (go-zookeeper v1.0.4 conn.go:415, 527, 754).
func (s *Session) present(l *link) {
	s.mu.Lock()
	conn, auth := l.wire, append([]Auth(nil), s.auth...)
	s.mu.Unlock()
	if conn == nil {
		return
	}
	if len(auth) == 0 {
		s.authDone(authDone{l, conn, nil})
		return
	}
	s.spawn(func() {
		s.inbox.put(authDone{l, conn, s.presentAll(conn, auth)})
	})
}

// authDone opens the gate.
func (s *Session) authDone(m authDone) {
	l := m.link
	s.mu.Lock()
	if l != s.link || l.wire != m.conn || s.status.State == Closed || over(m.conn) {
		s.mu.Unlock()
		return
	}
	if m.err != nil {
		s.mu.Unlock()
		s.sayWhy(l, m.err.Error())
		m.conn.Kill(m.err) // the next connection tries again
		return
	}
	fresh, instead := !l.granted, ""
	if fresh {
		instead = l.instead
	}
	l.granted, l.older = true, 0
	s.status.Generation++
	s.status.Trying, s.status.Attempt, s.status.Deadline = "", 0, time.Time{}
	s.setState(Connected, "")
	s.open = true
	if s.single != nil {
		s.single.proofs.connected(l.asked)
		s.single.push(Event{Kind: Resync, NewSession: fresh, At: time.Now()})
		timeout := s.status.Timeout
		s.spawn(func() { s.prove(m.conn, timeout) })
	}
	s.wake()
	s.mu.Unlock()

	s.publish(Event{Kind: Resync, NewSession: fresh, Why: instead})
	s.probe(l, m.conn, m.conn.Address(), nil)
	if l.watches.anyUnwanted() {
		s.sweepSoon()
	}
}

// over reports whether a connection has ended; the library may not have told yet.
func over(conn *wire.Conn) bool {
	select {
	case <-conn.Done():
		return true
	default:
		return false
	}
}

// suspend tells that a connection was lost; the gate is closed already.
func (s *Session) suspend(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.follows.drop(l.lastZxid(), l.lastHeard())
	if s.status.State != Connected && (s.single == nil || s.status.State != Suspended) {
		return
	}
	s.status.Deadline = time.Now().Add(s.status.Timeout)
	s.setState(Suspended, s.endingWords(l))
	s.log.Info("suspended", "why", s.status.Why)
}

func (s *Session) connEnded(m connEnded) {
	l := m.link
	stats := m.conn.Stats()
	s.mu.Lock()
	s.sumIn += stats.BytesIn
	s.sumOut += stats.BytesOut
	l.zxid, l.heard = max(l.zxid, stats.LastZxid), stats.LastHeard
	if l.wire == m.conn {
		l.wire = nil
	}
	s.mu.Unlock()
	if l != s.link || m.err == nil {
		return
	}
	l.ending = m.err
	s.sayWhy(l, s.endingWords(l))
}

// lastZxid is the highest zxid that a reply on the link has had; Session.mu is held.
func (l *link) lastZxid() int64 {
	if l.wire == nil {
		return l.zxid
	}
	return max(l.zxid, l.wire.Stats().LastZxid)
}

// lastHeard is when the server of the link was last heard; Session.mu is held.
func (l *link) lastHeard() time.Time {
	if l.wire == nil {
		return l.heard
	}
	return l.wire.Stats().LastHeard
}

// endingWords says why the connection to the last server ended.
func (s *Session) endingWords(l *link) string {
	if l.ending == nil {
		return "the connection to " + s.status.Server + " was lost"
	}
	return s.status.Server + ": " + netWords(l.ending)
}

// replaceLink gives up a link with its ZooKeeper session and makes another, unless
// there is to be one session only and it was granted.
func (s *Session) replaceLink(old *link, state State, why string) {
	if s.single != nil && old.granted {
		s.endSingle(old, why)
		return
	}
	old.hosts.retired.Store(true)
	fresh, err := s.newLink(why)
	if err != nil { // not for a list of servers that has worked before
		s.log.Error("cannot replace the connection", "err", err)
		return
	}
	s.mu.Lock()
	closed := s.status.State == Closed
	if !closed {
		s.follows.drop(old.lastZxid(), old.lastHeard())
		s.link = fresh
		s.open = false
		if old.granted {
			s.epoch++
		}
		s.status.Deadline = time.Time{}
		s.setState(state, why)
		s.wake()
	}
	s.mu.Unlock()
	if closed {
		old = fresh
	}
	s.log.Info("connection replaced", "why", why)
	s.spawn(func() { old.end(false) })
}

// checkWedged replaces a connection of the library that has stopped trying.
func (s *Session) checkWedged() {
	s.mu.Lock()
	l, open := s.link, s.open || s.over
	s.mu.Unlock()
	if open || time.Since(l.active) < s.tune.wedged {
		return
	}
	state := Connecting
	if l.granted {
		state = Expired
	}
	s.replaceLink(l, state, "the connection made no progress and was given up")
}

// spawn runs f on a goroutine that Close waits for.
func (s *Session) spawn(f func()) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		f()
	}()
}
