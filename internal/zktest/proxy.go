package zktest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// Proxy stands between clients and a server and breaks the network between them.
// Its methods take effect before they return and fail the test if they cannot.
type Proxy struct {
	tb TB
	p  *toxiproxy.Proxy
	on map[string]bool // the toxics that are in effect
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
	listen := fmt.Sprintf("127.0.0.1:%d", ports.base)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{tb: tb, p: toxiproxy.NewProxy(server, "zktest", listen, upstream), on: map[string]bool{}}
	if err := p.p.Start(); err != nil {
		tb.Fatalf("zktest: starting a proxy for %s: %v", upstream, err)
	}
	tb.Cleanup(func() {
		p.Heal() // data that a toxic holds back would keep its goroutine
		p.p.Stop()
	})
	return p
}

// Addr is the host:port to connect to instead of the upstream. It stays the same.
func (p *Proxy) Addr() string { return p.p.Listen }

// Cut closes all connections and refuses new ones.
func (p *Proxy) Cut() { p.p.Stop() }

// Stall lets no more bytes through in either direction; connections stay open
// and new ones are accepted, as with a server that hangs or a cable pulled.
func (p *Proxy) Stall() {
	p.tb.Helper()
	p.StallRequests()
	p.StallAnswers()
}

// StallRequests is Stall for what goes to the server: it may answer what it has got, and
// gets no more.
func (p *Proxy) StallRequests() { p.tb.Helper(); p.stall("upstream") }

// StallAnswers is Stall for what comes from the server: it gets requests, and does them.
func (p *Proxy) StallAnswers() { p.tb.Helper(); p.stall("downstream") }

func (p *Proxy) stall(stream string) {
	p.tb.Helper()
	p.set("stall-"+stream, fmt.Sprintf(
		`{"name":"stall-%[1]s","type":"timeout","stream":"%[1]s","attributes":{"timeout":0}}`, stream))
}

// Latency delays each answer of the server by d, to a millisecond.
func (p *Proxy) Latency(d time.Duration) {
	p.tb.Helper()
	p.remove("latency")
	p.set("latency", fmt.Sprintf(
		`{"name":"latency","type":"latency","stream":"downstream","attributes":{"latency":%d}}`, d.Milliseconds()))
}

// Heal undoes [Proxy.Cut], [Proxy.Stall] and [Proxy.Latency]. Connections that
// were cut are not restored, and those that were stalled are closed.
func (p *Proxy) Heal() {
	p.tb.Helper()
	for name := range p.on {
		p.remove(name)
	}
	p.p.Lock()
	enabled := p.p.Enabled
	p.p.Unlock()
	if enabled {
		return
	}
	if err := p.p.Start(); err != nil {
		p.tb.Fatalf("zktest: healing the proxy: %v", err)
	}
}

func (p *Proxy) set(name, toxic string) {
	p.tb.Helper()
	if p.on[name] {
		return
	}
	if _, err := p.p.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		p.tb.Fatalf("zktest: %s: %v", name, err)
	}
	p.on[name] = true
}

func (p *Proxy) remove(name string) {
	p.tb.Helper()
	if !p.on[name] {
		return
	}
	if err := p.p.Toxics.RemoveToxic(context.Background(), name); err != nil {
		p.tb.Fatalf("zktest: ending %s: %v", name, err)
	}
	delete(p.on, name)
}

// IgnoreProxy makes goleak pass over what a [Proxy] leaves behind: toxiproxy v2.5.0
// never ends the goroutine of a connection that was cut with data in flight (it waits
// in link.go to hand on what nobody reads). Nothing of ours runs on it. [Main] does so
// by itself.
func IgnoreProxy() goleak.Option {
	return goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run")
}
