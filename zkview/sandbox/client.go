package sandbox

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"zkdeck/zkview/wire"
)

// CreateMode says what kind of znode Create makes (org.apache.zookeeper.CreateMode).
type CreateMode int32

// The kinds of znodes. Sequential may be added to Persistent and Ephemeral.
const (
	Persistent CreateMode = 0
	Ephemeral  CreateMode = 1
	Sequential CreateMode = 2
	Container  CreateMode = 4
)

// Client is a session within the process of the server, without a socket. It has
// an address of its own, and in cons, stat and dump looks like any client. It needs
// no pings: it lives until Close, Expire or the end of the server.
//
// Its methods may be called by anybody at any time, but not from within a watch.
// None waits for long. Errors are of type [wire.Code]: what a client on a socket
// would get, SessionExpired when the session has ended, and ConnectionLoss while
// the server is not serving.
type Client struct {
	*peer
	server  *Server
	session *session

	mu     sync.Mutex
	caller caller
	xid    int32
	data   map[string][]func() // watches by path; exists and data are the same
	child  map[string][]func()
}

// Open opens a session for a client at address, host:port with a numeric host.
// timeout is clamped as any client's, and only shown.
func (s *Server) Open(address string, timeout time.Duration) (*Client, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("sandbox: the client's address %q is not like 10.0.0.1:4711: %w", address, err)
	}
	c := &Client{
		peer:   newPeer(at, s.opts.Now(), func() int { return 0 }),
		server: s, data: map[string][]func(){}, child: map[string][]func(){},
	}
	if !s.enter(c) {
		return nil, fmt.Errorf("sandbox: no connection for %s: there are %d already: %w", address, s.opts.MaxConnections, wire.ConnectionLoss)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.serving {
		s.connMu.Lock()
		delete(s.peers, c.peer)
		s.connMu.Unlock()
		return nil, wire.ConnectionLoss
	}
	c.session = s.newSession(c, s.clampTimeout(timeout), true)
	c.caller = caller{
		session: c.session.id, watcher: c,
		ids: []wire.Identity{{Scheme: "ip", ID: javaHost(at.Addr())}},
	}
	return c, nil
}

// Session is the session's id.
func (c *Client) Session() int64 { return c.session.id }

// Create creates a znode and returns its path, which the server completes for a
// sequential one. Without an ACL everybody may do everything with it.
func (c *Client) Create(path string, data []byte, mode CreateMode, acl ...wire.ACL) (string, error) {
	if len(acl) == 0 {
		acl = []wire.ACL{{Perms: 31, Scheme: "world", ID: "anyone"}}
	}
	r := request{op: wire.OpCreate2, path: path, data: solid(data), acl: acl, flags: int32(mode)}
	if mode == Container {
		r.op = wire.OpCreateContainer
	}
	res, err := c.change(&r)
	return res.path, err
}

// Delete deletes a znode of this version, or of any if it is -1.
func (c *Client) Delete(path string, version int32) error {
	_, err := c.change(&request{op: wire.OpDelete, path: path, version: version})
	return err
}

// Set writes a znode's data if it is of this version, or of any if it is -1.
func (c *Client) Set(path string, data []byte, version int32) (wire.Stat, error) {
	res, err := c.change(&request{op: wire.OpSetData, path: path, data: solid(data), version: version})
	return res.stat, err
}

// Get reads a znode's data, which must not be changed. watch, unless nil, is called
// once, when the data changes, the znode is deleted or the session ends: with the
// server's lock held, so it must do no more than signal. That goes for all watches.
func (c *Client) Get(path string, watch func()) ([]byte, wire.Stat, error) {
	res, err := c.look(&request{op: wire.OpGetData, path: path}, watch)
	return res.data, res.stat, err
}

// Exists tells whether there is a znode. watch is called once, when it is created,
// changed or deleted.
func (c *Client) Exists(path string, watch func()) (wire.Stat, bool, error) {
	res, err := c.look(&request{op: wire.OpExists, path: path}, watch)
	if res.code == wire.NoNode {
		return wire.Stat{}, false, nil
	}
	return res.stat, err == nil, err
}

// Children lists the names of a znode's children. watch is called once, when there
// are others or the znode is deleted.
func (c *Client) Children(path string, watch func()) ([]string, error) {
	res, err := c.look(&request{op: wire.OpGetChildren, path: path}, watch)
	return res.names, err
}

// Auth adds an identity, for example by scheme "digest" and auth "user:password".
func (c *Client) Auth(scheme, auth string) error {
	s := c.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	ids, ok := identify(scheme, []byte(auth), c.caller.ids[0].ID, s.opts.Superuser)
	if !ok {
		return wire.AuthFailed
	}
	c.caller.ids = withIdentities(c.caller.ids, ids)
	s.tree.authenticated(&c.caller)
	return nil
}

// Close ends the session; its ephemerals are deleted. Once more it does nothing.
func (c *Client) Close() error {
	s := c.server
	s.mu.Lock()
	if !c.session.ended {
		s.endSession(c.session)
	}
	s.mu.Unlock()
	c.cut("closed")
	s.leave(c, c.session)
	return nil
}

// change makes a write.
func (c *Client) change(r *request) (result, error) {
	s := c.server
	start := time.Now()
	by := c.asks()
	s.mu.Lock()
	defer s.mu.Unlock()
	res := result{code: c.present(), zxid: s.tree.lastZxid()}
	if res.code == 0 && s.readOnly {
		res.code = wire.NotReadOnly
	}
	if res.code == 0 {
		res = s.tree.write(&by, r)
	}
	return c.done(r, res, start)
}

// look makes a read.
func (c *Client) look(r *request, watch func()) (result, error) {
	s := c.server
	start := time.Now()
	by := c.asks()
	r.watch = watch != nil
	s.mu.RLock()
	defer s.mu.RUnlock()
	if code := c.present(); code != 0 {
		return c.done(r, result{code: code, zxid: s.tree.lastZxid()}, start)
	}
	res := s.tree.read(&by, r)
	if watch != nil && (res.code == 0 || r.op == wire.OpExists && res.code == wire.NoNode) {
		c.mu.Lock()
		table := c.data
		if r.op == wire.OpGetChildren {
			table = c.child
		}
		table[r.path] = append(table[r.path], watch)
		c.mu.Unlock()
	}
	return c.done(r, res, start)
}

// asks is the caller as it is now.
func (c *Client) asks() caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.caller
}

// present tells why nothing can be asked. Any lock of the server is held.
func (c *Client) present() wire.Code {
	switch {
	case c.session.ended:
		return wire.SessionExpired
	case !c.server.serving:
		return wire.ConnectionLoss
	default:
		return 0
	}
}

// done counts a request and makes its code an error.
func (c *Client) done(r *request, res result, start time.Time) (result, error) {
	c.mu.Lock()
	c.xid++
	xid := c.xid
	c.mu.Unlock()
	took := time.Since(start)
	c.received.Add(1)
	c.server.stats.received.Add(1)
	c.server.stats.sent.Add(1)
	c.server.stats.latency(took)
	c.answered(r.op, xid, res.zxid, c.server.opts.Now(), took)
	if res.code != 0 {
		return res, res.code
	}
	return res, nil
}

// event calls the watches of a path. The server's lock is held.
func (c *Client) event(kind int32, path string) {
	c.sent.Add(1)
	c.mu.Lock()
	var fired []func()
	if kind != eventChildren {
		fired = append(fired, c.data[path]...)
		delete(c.data, path)
	}
	if kind == eventChildren || kind == eventDeleted {
		fired = append(fired, c.child[path]...)
		delete(c.child, path)
	}
	c.mu.Unlock()
	for _, f := range fired {
		f()
	}
}

// cut is the end of the session: there is no connection to close, but who waits for
// a watch is to wake up.
func (c *Client) cut(string) {
	c.mu.Lock()
	var fired []func()
	for _, table := range []map[string][]func(){c.data, c.child} {
		for _, watches := range table {
			fired = append(fired, watches...)
		}
		clear(table)
	}
	c.mu.Unlock()
	for _, f := range fired {
		f()
	}
}

func (c *Client) about() *peer { return c.peer }

// solid makes nil empty: a Client has no use for jute's null.
func solid(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
