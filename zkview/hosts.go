package zkview

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// lookupTimeout bounds the wait for one name, so that a dead name server delays
// the next host by no more than this.
const lookupTimeout = 2 * time.Second

// hosts is the list of servers of a session, in an order shuffled once. Names
// are asked again in every lap, one when its turn comes, so that a name which
// does not resolve costs its own turn only.
type hosts struct {
	lookup func(ctx context.Context, host string) ([]string, error)

	mu    sync.Mutex
	names []string // host:port
	next  int      // index into names of the next one to ask
	queue []string // addresses of the current name that are still to be tried
	tried int      // names begun in this lap
	label map[string]string
	host  map[string]string
}

func newHosts(names []string, lookup func(context.Context, string) ([]string, error)) *hosts {
	shuffled := append([]string(nil), names...)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return &hosts{lookup: lookup, names: shuffled, label: map[string]string{}, host: map[string]string{}}
}

// advance gives the next address to dial. lap is true when every name was tried
// since the last success. A name that does not resolve is returned as it is: the
// dial fails with the resolver's own words.
func (h *hosts) advance(ctx context.Context) (address string, lap bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) == 0 {
		if h.tried == len(h.names) {
			h.tried, lap = 0, true
		}
		name := h.names[h.next]
		h.next = (h.next + 1) % len(h.names)
		h.tried++
		h.mu.Unlock() // a name server may take its time
		ips := h.resolve(ctx, name)
		h.mu.Lock()
		h.queue = h.enter(name, ips)
	}
	address, h.queue = h.queue[0], h.queue[1:]
	return address, lap
}

// resolve gives the IP addresses of a name; none where there is nothing to
// resolve, or no answer.
func (h *hosts) resolve(ctx context.Context, name string) []string {
	host, _, err := net.SplitHostPort(name)
	if err != nil || net.ParseIP(host) != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	ips, err := h.lookup(ctx, host)
	if err != nil {
		return nil
	}
	return ips
}

// enter notes what a name stands for and returns the addresses to try, at least
// one; h.mu is held.
func (h *hosts) enter(name string, ips []string) []string {
	host, port, err := net.SplitHostPort(name)
	if err != nil || len(ips) == 0 {
		h.label[name], h.host[name] = name, host
		return []string{name}
	}
	addresses := make([]string, len(ips))
	for i, ip := range ips {
		a := net.JoinHostPort(ip, port)
		addresses[i], h.label[a], h.host[a] = a, a, host
		if len(ips) == 1 {
			h.label[a] = name
		}
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	return addresses
}

// behind gives the addresses that a host:port stands for, at least itself, in the
// order of their text. It may wait for a name server for 2 s. What is known of an
// address by the connect string stays.
func (h *hosts) behind(ctx context.Context, name string) []string {
	const most = 4096 // that are noted, whoever names ever new ones
	addresses := []string{name}
	host, port, err := net.SplitHostPort(name)
	if err != nil {
		return addresses
	}
	if ips := h.resolve(ctx, name); len(ips) > 0 {
		addresses = addresses[:0]
		for _, ip := range ips {
			addresses = append(addresses, net.JoinHostPort(ip, port))
		}
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range addresses {
		if _, known := h.host[a]; known || len(h.host) >= most {
			continue
		}
		h.label[a], h.host[a] = a, host
		if len(addresses) == 1 {
			h.label[a] = name
		}
	}
	return addresses
}

// connected begins a new lap: the next loss tries every server before it waits.
func (h *hosts) connected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tried = 0
}

// place is the place in the lap of the name being tried, from 1.
func (h *hosts) place() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(h.tried, 1)
}

// labelOf is how a person knows an address: as the connect string names it,
// unless that name stands for several.
func (h *hosts) labelOf(address string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l, ok := h.label[address]; ok {
		return l
	}
	return address
}

// hostOf is the name in the connect string behind an address, which is what a
// TLS certificate is checked against.
func (h *hosts) hostOf(address string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if name, ok := h.host[address]; ok {
		return name
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// linkHosts is the zk.HostProvider of one connection of the library. Once retired
// it answers "lap over" for ever, which is the only place where the library looks
// whether it was closed.
type linkHosts struct {
	*hosts
	ctx     context.Context
	retired atomic.Bool
}

// Init does nothing: the list is ours, not what was given to the library.
func (*linkHosts) Init([]string) error { return nil }

// Len is the number of names in the connect string.
func (h *linkHosts) Len() int { return len(h.names) }

// Next gives the next address; it may wait for a name server for 2 s.
func (h *linkHosts) Next() (server string, retryStart bool) {
	if h.retired.Load() {
		return h.names[0], true
	}
	return h.advance(h.ctx)
}

// Connected marks success.
func (h *linkHosts) Connected() { h.connected() }
