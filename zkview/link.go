package zkview

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// link is one connection of the library and what belongs to it. It serves one
// ZooKeeper session: when that is gone the link is retired and another made.
type link struct {
	s       *Session
	conn    *zk.Conn
	dialer  *wire.Dialer
	hosts   *linkHosts
	cancel  context.CancelFunc
	watches *watchTable

	// keeps is set when the server cannot remove watches after all.
	keeps atomic.Bool

	// wire is the present net.Conn, nil between connections; under Session.mu.
	wire *wire.Conn

	// The rest belongs to Session.run.
	granted bool      // the link has had its session
	session int64     // its id
	asked   time.Time // when it was asked for, on the last connection
	zxid    int64     // the highest seen in it
	heard   time.Time // when the server of the last connection was last heard
	active  time.Time // when the library last showed that it is trying
	ending  error     // why the last connection ended, as far as known
	older   int       // how often in a row a server with the last word was older than zxid
	probing bool
	// explained is the address whose silence has been explained last.
	explained string
	instead   string // why the link before this one was given up
}

// errRetired stops a retired connection of the library from dialling.
var errRetired = errors.New("this connection was replaced")

// newLink makes a connection of the library; it starts to dial at once, in the
// background. The caller stores it in s.link. instead is what became of the link
// before, empty for the first.
func (s *Session) newLink(instead string) (*link, error) {
	ctx, cancel := context.WithCancel(s.ctx)
	l := &link{s: s, cancel: cancel, active: time.Now(), watches: newWatchTable(&s.follows), instead: instead}
	l.hosts = &linkHosts{hosts: s.hosts, ctx: ctx}
	s.hosts.connected() // it is not for this link to wait out the lap of the last
	l.dialer = &wire.Dialer{
		TLS:           s.cfg.TLS,
		Name:          s.hosts.hostOf,
		AllowReadOnly: s.cfg.AllowReadOnlyServer,
		Connect:       s.cfg.Dial,
		Events:        l.events(),
	}
	dial := l.dialer.Dial
	if s.tune.dial != nil {
		dial = s.tune.dial(dial)
	}
	conn, _, err := zk.Connect(s.hosts.names, s.cfg.Timeout,
		zk.WithHostProvider(l.hosts),
		zk.WithDialer(func(network, address string, timeout time.Duration) (net.Conn, error) {
			if l.hosts.retired.Load() {
				return nil, errRetired
			}
			return dial(network, address, timeout)
		}),
		zk.WithLogger(libraryLog{s.log}),
		zk.WithLogInfo(true),
		zk.WithEventCallback(func(e zk.Event) {
			if s.single != nil && e.Type != zk.EventSession {
				s.single.fired(s.servers, e)
				return
			}
			switch e.State {
			case zk.StateExpired:
				// Before the library can dial again, so that it never gets a second
				// session.
				l.hosts.retired.Store(true)
			case zk.StateDisconnected:
				// Before it can connect again, so that nothing gets to the next
				// connection before our identities do.
				s.shut(l)
			default:
			}
			s.inbox.put(libraryTold{l, e})
		}))
	if err != nil {
		cancel()
		return nil, err
	}
	l.conn = conn
	return l, nil
}

// shut closes the gate for requests, if l is the link that serves them. It is
// called by the library and waits for nothing of it.
func (s *Session) shut(l *link) {
	l.watches.dropOwn()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == l && s.open {
		s.open = false
		if s.single != nil {
			s.setState(Suspended, "the connection to "+s.status.Server+" was lost")
			s.single.lost()
		}
		s.wake()
	}
}

// events is what the wire is to tell about the connections of the link.
func (l *link) events() wire.Events {
	s := l.s
	return wire.Events{
		Dialing: func(address string) { s.inbox.put(dialling{l, address}) },
		Refused: func(address string, err error) { s.inbox.put(refused{l, address, err}) },
		Handshake: func(c *wire.Conn, h wire.Handshake) {
			s.inbox.put(shookHands{l, c, h})
		},
		Op:     func(o wire.Op) { s.ops.add(s.opEntry(o)) },
		Closed: func(c *wire.Conn, err error) { s.inbox.put(connEnded{l, c, err}) },
	}
}

// end ends the library's connection for good and waits for it at most
// closeBudget, of which the time does not count in which the whole process stood
// still. polite tells the server, which only a live connection can.
func (l *link) end(polite bool) {
	l.hosts.retired.Store(true)
	l.cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.conn.Close() // up to a second where nobody answers
	}()
	if polite {
		const beats = 10
		beat := time.NewTicker(closeBudget / beats) // it drops those that nobody could take
		defer beat.Stop()
		for n, ended := 0, false; n < beats && !ended; n++ {
			select {
			case <-done:
				ended = true
			case <-beat.C:
			}
		}
	}
	l.dialer.Close()
}

// opEntry puts a request into the words of the log.
func (s *Session) opEntry(o wire.Op) OpEntry {
	e := OpEntry{
		Op: o.Code.String(), Version: o.Version, Ops: o.Ops, Watch: o.Watch,
		Zxid: o.Zxid, Sent: o.Sent, Took: o.Took, Out: o.Out, In: o.In, Result: "ok",
	}
	if o.Path != "" {
		e.Path = s.servers.rel(o.Path)
	}
	switch {
	case o.Lost:
		e.Err = ErrUnknownOutcome
	default:
		e.Err = codeError(o.Err)
	}
	if e.Err != nil {
		e.Result = e.Err.Error()
	}
	return e
}
