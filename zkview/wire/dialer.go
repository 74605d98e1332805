package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// ErrDialerClosed is why Dial fails, and why a connection ended, after
// [Dialer.Close].
var ErrDialerClosed = errors.New("the connection was closed from this side")

// Dialer makes the connections of one go-zookeeper session: give its Dial to
// zk.WithDialer. One Dialer serves one zk.Conn, which has one connection at a
// time; a new Dial ends the connection before. Set the fields before the first
// Dial and leave them alone afterwards.
type Dialer struct {
	// TLS makes connections of TLS; nil is plain. Where it has no ServerName, the
	// host of Name(address) is used.
	TLS *tls.Config
	// Name is the host:port, or host, behind a resolved address, since go-zookeeper
	// dials addresses only. May be nil.
	Name func(address string) string
	// ConnectTimeout bounds TCP, default 2 s. HandshakeTimeout bounds TLS, and then
	// once more the time until the whole ConnectResponse is here, default 5 s. They
	// take the place of go-zookeeper's own timeouts (1 s, and none).
	ConnectTimeout, HandshakeTimeout time.Duration
	// AllowReadOnly accepts a session of a server without a quorum, which serves
	// reads only. Such a server drops clients that do not say so, as go-zookeeper
	// cannot. See [Handshake.ReadOnly].
	AllowReadOnly bool
	// Backoff is applied inside Dial.
	Backoff Backoff
	// Connect makes the TCP connection, and blocks for that; nil is a plain net.Dialer.
	// ConnectTimeout is a limit of its ctx.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)
	// Events are told what happens.
	Events Events

	penalties penalties

	mu     sync.Mutex
	life   context.Context // ends with Close
	end    context.CancelFunc
	closed bool
	last   *Conn
	// lastZxid is the highest zxid that any connection has seen in a reply.
	lastZxid atomic.Int64
}

// Dial connects to address for go-zookeeper. It blocks for the back-off and for
// TCP and TLS; the timeout of the library is not used, see ConnectTimeout. The
// handshake of ZooKeeper follows, bounded, in the library's first Write and Read.
func (d *Dialer) Dial(network, address string, _ time.Duration) (net.Conn, error) {
	life, err := d.begin()
	if err != nil {
		return nil, err
	}
	if err := d.penalties.wait(life, address); err != nil {
		return nil, ErrDialerClosed
	}
	if f := d.Events.Dialing; f != nil {
		f(address)
	}
	c, err := d.open(life, network, address)
	if err != nil {
		if life.Err() != nil {
			err = ErrDialerClosed
		}
		d.refused(address, err)
		return nil, err
	}
	d.mu.Lock()
	closed := d.closed
	d.last = c
	d.mu.Unlock()
	if closed {
		c.Kill(ErrDialerClosed)
		return nil, ErrDialerClosed
	}
	return c, nil
}

// begin ends the connection before, which go-zookeeper leaves open when its
// session had expired, and returns the context of this Dialer's life.
func (d *Dialer) begin() (context.Context, error) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil, ErrDialerClosed
	}
	if d.life == nil {
		d.life, d.end = context.WithCancel(context.Background())
	}
	life, last := d.life, d.last
	d.last = nil
	d.mu.Unlock()
	if last != nil {
		last.Kill(errReplaced)
	}
	return life, nil
}

var errReplaced = errors.New("a new connection took the place of this one")

// open does TCP and TLS.
func (d *Dialer) open(ctx context.Context, network, address string) (*Conn, error) {
	limit := orDefault(d.ConnectTimeout, 2*time.Second)
	raw, err := d.connect(ctx, limit, network, address)
	if err != nil {
		return nil, dialError(address, limit, err)
	}
	limit = orDefault(d.HandshakeTimeout, 5*time.Second)
	if d.TLS == nil {
		return newConn(d, address, raw, raw, time.Now().Add(limit)), nil
	}
	tc := tls.Client(raw, d.tlsConfig(address))
	tctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := tc.HandshakeContext(tctx); err != nil {
		raw.Close()
		return nil, tlsError(address, limit, err)
	}
	return newConn(d, address, raw, tc, time.Now().Add(limit)), nil
}

// connect does TCP.
func (d *Dialer) connect(ctx context.Context, limit time.Duration, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if d.Connect != nil {
		return d.Connect(ctx, network, address)
	}
	nd := net.Dialer{KeepAlive: 15 * time.Second}
	return nd.DialContext(ctx, network, address)
}

// tlsConfig is TLS with the name that the server's certificate must have.
func (d *Dialer) tlsConfig(address string) *tls.Config {
	if d.TLS.ServerName != "" {
		return d.TLS
	}
	name := address
	if d.Name != nil {
		if n := d.Name(address); n != "" {
			name = n
		}
	}
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	conf := d.TLS.Clone()
	conf.ServerName = name
	return conf
}

// refused reports and remembers a connection that gave no session.
func (d *Dialer) refused(address string, err error) {
	if !errors.Is(err, ErrDialerClosed) {
		d.penalties.add(address, d.Backoff.withDefaults())
	}
	if f := d.Events.Refused; f != nil {
		f(address, err)
	}
}

// Current is the connection whose handshake is done and which has not ended, or
// nil.
func (d *Dialer) Current() *Conn {
	d.mu.Lock()
	c := d.last
	d.mu.Unlock()
	if c == nil || !c.usable() {
		return nil
	}
	return c
}

// Close ends a back-off or a dial under way and kills the current connection.
// Later Dials fail at once with [ErrDialerClosed]. It does not block. Close the
// zk.Conn first to end the session on the server too.
func (d *Dialer) Close() {
	d.mu.Lock()
	d.closed = true
	last, end := d.last, d.end
	d.last = nil
	d.mu.Unlock()
	if end != nil {
		end()
	}
	if last != nil {
		last.Kill(ErrDialerClosed)
	}
}
