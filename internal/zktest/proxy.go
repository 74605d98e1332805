package zktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Proxy stands between clients and a server and breaks the network between them.
// Its methods take effect before they return, fail the test if they cannot, and may be
// called from any goroutine. It moves bytes and knows nothing of frames; [Relay] does.
type Proxy struct {
	tb             TB
	addr, upstream string

	turn sync.Mutex // held by the method that changes the network

	mu        sync.Mutex
	listener  net.Listener  // nil while cut
	accepting chan struct{} // closed when the listener accepts no more
	stalled   [2]bool       // by way
	latency   time.Duration
	changed   chan struct{} // closed, and made anew, when stalled or latency change
	conns     map[*proxied]bool
}

// way is a direction through a [Proxy].
type way int

const (
	upstream way = iota
	downstream
)

// proxied is one connection through a [Proxy].
type proxied struct {
	ctx     context.Context //nolint:containedctx // it ends with the connection
	cancel  context.CancelFunc
	ended   chan struct{} // closed when no goroutine of it is left
	lost    [2]bool       // by way, under the proxy's mu: nothing passes any more, so that there is no gap
	passing [2]sync.Mutex // by way, held while bytes pass
	mu      sync.Mutex
	closing bool
	ends    []net.Conn // the client's, and the server's once there is one
}

// chunk is what was read at once, and when.
type chunk struct {
	data []byte
	at   time.Time
	end  error // why nothing follows
}

// NewProxy starts a proxy in front of upstream, a host:port. It ends with the test.
func NewProxy(tb TB, upstream string) *Proxy {
	tb.Helper()
	// The port must be below the ephemeral range: it is free while the proxy is cut.
	ports, err := reservePorts()
	if err != nil {
		tb.Fatalf("zktest: starting a proxy for %s: %v", upstream, err)
	}
	tb.Cleanup(ports.release)
	p := &Proxy{
		tb: tb, addr: fmt.Sprintf("127.0.0.1:%d", ports.base), upstream: upstream,
		changed: make(chan struct{}), conns: map[*proxied]bool{},
	}
	p.Heal()
	tb.Cleanup(p.Cut)
	return p
}

// Addr is the host:port to connect to instead of the upstream. It stays the same.
func (p *Proxy) Addr() string { return p.addr }

// Cut closes all connections and refuses new ones.
func (p *Proxy) Cut() {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.mu.Lock()
	l, accepting := p.listener, p.accepting
	p.listener = nil
	p.mu.Unlock()
	if l != nil {
		l.Close()
		<-accepting
	}
	p.closeAll()
}

// Stall lets no more bytes through in either direction, as with a server that hangs or
// a cable pulled: they are lost. Connections stay open, also where the other side hangs
// up, and new ones are accepted.
func (p *Proxy) Stall() { p.stall(upstream, downstream) }

// StallRequests is Stall for what goes to the server: it may answer what it has got, and
// gets no more.
func (p *Proxy) StallRequests() { p.stall(upstream) }

// StallAnswers is Stall for what comes from the server: it gets requests, and does them.
func (p *Proxy) StallAnswers() { p.stall(downstream) }

func (p *Proxy) stall(ways ...way) {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.change(func() {
		for _, w := range ways {
			p.stalled[w] = true
		}
	})
	for _, c := range p.all() { // what is about to pass does so, or is lost
		for _, w := range ways {
			c.interrupt(w)
		}
	}
}

// Latency delays each answer of the server by d.
func (p *Proxy) Latency(d time.Duration) {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.change(func() { p.latency = d })
}

// Heal undoes [Proxy.Cut], [Proxy.Stall] and [Proxy.Latency]. Connections that
// were cut are not restored, and those that were stalled are closed.
func (p *Proxy) Heal() {
	p.tb.Helper()
	p.turn.Lock()
	defer p.turn.Unlock()
	var cut, stalled bool
	p.change(func() {
		cut, stalled = p.listener == nil, p.stalled != [2]bool{}
		p.latency = 0
	})
	if stalled { // they end before bytes flow again: what was sent until now stays lost
		p.closeAll()
		p.change(func() {
			p.stalled = [2]bool{}
			for c := range p.conns {
				c.lost = [2]bool{true, true}
			}
		})
		p.closeAll() // and those that were made meanwhile
	}
	if !cut {
		return
	}
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.tb.Fatalf("zktest: healing the proxy for %s: %v", p.upstream, err)
	}
	accepting := make(chan struct{})
	p.mu.Lock()
	p.listener, p.accepting = l, accepting
	p.mu.Unlock()
	go func() {
		defer close(accepting)
		p.accept(l)
	}()
}

// change does f with the lock, and wakes who waits for a change.
func (p *Proxy) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) all() []*proxied {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*proxied
	for c := range p.conns {
		all = append(all, c)
	}
	return all
}

// closeAll closes the connections and waits until nothing of them is left.
func (p *Proxy) closeAll() {
	all := p.all()
	for _, c := range all {
		c.close()
	}
	for _, c := range all {
		<-c.ended
	}
}

func (p *Proxy) accept(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		c := &proxied{ended: make(chan struct{})}
		c.ctx, c.cancel = context.WithCancel(context.Background())
		c.add(client)
		p.mu.Lock()
		p.conns[c] = true
		p.mu.Unlock()
		go p.serve(c, client)
	}
}

// serve is one connection, to its end.
func (p *Proxy) serve(c *proxied, client net.Conn) {
	defer func() {
		c.close()
		p.mu.Lock()
		delete(p.conns, c)
		p.mu.Unlock()
		close(c.ended)
	}()
	var d net.Dialer
	server, err := d.DialContext(c.ctx, "tcp", p.upstream)
	if err != nil {
		return
	}
	c.add(server)
	var both sync.WaitGroup
	both.Go(func() { p.pump(c, client, server, upstream) })
	both.Go(func() { p.pump(c, server, client, downstream) })
	both.Wait()
}

// pump moves bytes one way until there are no more, and then hangs up where they went.
func (p *Proxy) pump(c *proxied, from, to net.Conn, w way) {
	chunks := make(chan chunk, 1024) // bytes under way, by the latency
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(chunks)
		b := make([]byte, 32<<10)
		for {
			n, err := from.Read(b)
			select {
			case chunks <- chunk{bytes.Clone(b[:n]), time.Now(), err}:
			case <-c.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	})
	for b := range chunks {
		p.due(c, w, b.at)
		p.pass(c, to, w, b)
	}
	reading.Wait()
}

// due waits until what was read at a moment is due, or there is nothing to wait for.
func (p *Proxy) due(c *proxied, w way, at time.Time) {
	for {
		p.mu.Lock()
		changed, wait := p.changed, time.Duration(0)
		if w == downstream && !p.stalled[w] && p.latency > 0 {
			wait = time.Until(at.Add(p.latency))
		}
		p.mu.Unlock()
		if wait <= 0 {
			return
		}
		due := time.NewTimer(wait)
		select {
		case <-due.C:
		case <-changed:
		case <-c.ctx.Done():
			due.Stop()
			return
		}
		due.Stop()
	}
}

// pass hands on what was read, unless it is lost.
func (p *Proxy) pass(c *proxied, to net.Conn, w way, b chunk) {
	c.passing[w].Lock()
	defer c.passing[w].Unlock()
	if p.loses(c, w) {
		return
	}
	_, err := to.Write(b.data)
	switch {
	case err != nil && p.loses(c, w): // it was interrupted
		return
	case err == nil && errors.Is(b.end, io.EOF):
		err = closeWrite(to) // answers may still come
	case err == nil:
		err = b.end
	}
	if err != nil {
		c.close()
	}
}

// loses tells whether what is to pass now is lost.
func (p *Proxy) loses(c *proxied, w way) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.lost[w] = c.lost[w] || p.stalled[w]
	return c.lost[w]
}

// closeWrite hangs up one way: the other end reads to the end, and can still write.
func closeWrite(c net.Conn) error {
	if tcp, ok := c.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return c.Close()
}

// add has an end of the connection closed with it, at once if it is closed already.
func (c *proxied) add(end net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends = append(c.ends, end)
	if c.closing {
		end.Close()
	}
}

// interrupt returns when nothing passes any more one way, which is stalled. A write for
// which the other end has no room is given up.
func (c *proxied) interrupt(w way) {
	c.mu.Lock()
	if len(c.ends) == 2 {
		_ = c.ends[1-w].SetWriteDeadline(time.Unix(1, 0)) // it fails where it is closed
	}
	c.mu.Unlock()
	c.passing[w].Lock()
	c.passing[w].Unlock() //nolint:staticcheck // it was waited for
}

// close hangs up at both ends, and ends what is under way.
func (c *proxied) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	c.cancel()
	for _, end := range c.ends {
		end.Close()
	}
}
