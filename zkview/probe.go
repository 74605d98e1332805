package zkview

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"zkdeck/zkview/wire"
)

// surelyOlder is how often in a row a server that has the last word must be found
// older than what the session has seen before the session is given up.
const surelyOlder = 2

// refused says why the last try failed, and asks the server where it gave no
// reason itself.
func (s *Session) refused(m refused) {
	l := m.link
	if l != s.link || errors.Is(m.err, wire.ErrDialerClosed) {
		return
	}
	l.active = time.Now()
	silent := errors.Is(m.err, wire.ErrNoAnswer)
	if !silent || l.explained != m.address {
		// What was found out about an address stands while it goes on like this.
		l.explained = ""
		s.sayWhy(l, m.err.Error())
	}
	if silent && !l.probing {
		s.probe(l, nil, m.address, m.err)
	}
}

// sayWhy tells why there is no connection, after what made the session wait for
// another.
func (s *Session) sayWhy(l *link, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.State == Connected || s.status.State == Closed {
		return
	}
	if l.instead != "" {
		why = l.instead + "; " + why
	}
	if why != s.status.Why {
		s.log.Info("not connected", "why", why)
	}
	s.setState(s.status.State, why)
}

// probe asks a server for srvr on a connection of its own, in the background.
// refusal is nil after a connection was established, which is conn; then the answer
// gives mode and version.
func (s *Session) probe(l *link, conn *wire.Conn, address string, refusal error) {
	l.probing = true
	s.spawn(func() {
		ctx, cancel := context.WithTimeout(s.ctx, s.tune.probeTimeout)
		defer cancel()
		text, err := wire.FourLetter(ctx, func(ctx context.Context) (net.Conn, error) {
			return s.dialBeside(ctx, address)
		}, "srvr")
		var srvr wire.ServerInfo
		if err == nil {
			srvr, err = wire.ParseSrvr(text)
		}
		s.inbox.put(probed{l, conn, address, refusal, srvr, err})
	})
}

// dialBeside makes a connection to the server beside the session's own.
func (s *Session) dialBeside(ctx context.Context, address string) (net.Conn, error) {
	if s.cfg.TLS == nil {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	cfg := s.cfg.TLS.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = s.hosts.hostOf(address)
	}
	return (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", address)
}

func (s *Session) probed(m probed) {
	l := m.link
	if l != s.link {
		return
	}
	l.probing = false
	if m.refusal != nil {
		s.explainRefusal(m)
		return
	}
	if m.err != nil {
		s.log.Info("srvr", "server", m.address, "err", m.err)
	}
	s.mu.Lock()
	if l.wire == nil || l.wire != m.conn {
		s.mu.Unlock()
		return // of a connection before the present one, perhaps to the same address
	}
	s.server.asked = true
	if m.err == nil {
		s.status.Mode, s.status.Version = m.srvr.Mode, m.srvr.Version
		s.server.product = m.srvr.Product
	}
	signal(s.changed)
	s.wake()
	s.mu.Unlock()
	if l.watches.anyUnwanted() {
		s.sweepSoon() // now that we know whether it can
	}
}

// explainRefusal finds out why a server closed the connection before it answered.
// A server whose database is older than what the session has seen does so
// (ZooKeeperServer.processConnectRequest, "client must try another server"), which
// may be a follower that lags; but one that leads or stands alone has the last
// word, and then the session can never be continued.
func (s *Session) explainRefusal(m probed) {
	l := m.link
	l.explained = m.address
	server := s.hosts.labelOf(m.address)
	full := server + " closed the connection before answering: maxClientCnxns may be reached"
	if s.cfg.TLS == nil && m.err != nil {
		full += ", or it expects TLS"
	}
	switch {
	case errors.Is(m.err, wire.ErrNotServing):
		s.sayWhy(l, server+" is not serving requests: no quorum")
	case m.err != nil:
		s.sayWhy(l, full)
	case m.srvr.Mode == "read-only" && !s.cfg.AllowReadOnlyServer:
		s.sayWhy(l, server+" has lost its quorum and serves only clients that accept a read-only server")
	case l.granted && m.srvr.Zxid < l.zxid:
		s.foundOlder(m, server)
	default:
		s.sayWhy(l, full)
	}
}

func (s *Session) foundOlder(m probed, server string) {
	l := m.link
	why := fmt.Sprintf("%s has an older database (zxid 0x%x) than this session has seen (0x%x)",
		server, uint64(m.srvr.Zxid), uint64(l.zxid))
	s.sayWhy(l, why)
	if m.srvr.Mode != "standalone" && m.srvr.Mode != "leader" {
		return
	}
	if l.older++; l.older >= surelyOlder {
		s.replaceLink(l, Expired, "the database was replaced by an older one: "+why)
	}
}
