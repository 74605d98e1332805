package zkview

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"zkdeck/internal/safetext"
)

// censusMost bounds how many servers a configuration can make us ask: the largest
// ensembles have some dozen, observers included.
const censusMost = 64

// censusServer is a server to ask.
type censusServer struct {
	label string
	// addresses are of the same server, to be tried in turn.
	addresses []string
	matched   bool // /zookeeper/config names it too
}

// member is a server that /zookeeper/config names.
type member struct {
	id     string
	hosts  []string // of its quorum addresses
	client string   // host:port, "" if it does not tell
}

// censusServers are those that can be asked, and sentences on the others.
func (s *Session) censusServers(ctx context.Context, config string) (servers []*censusServer, unasked []string) {
	names := slices.Clone(s.servers.Hosts)
	if pin, err := hostPort(s.cfg.Pin); s.cfg.Pin != "" && err == nil && !slices.Contains(names, pin) {
		names = append(names, pin)
	}
	found := s.resolveAll(ctx, names) // first, so that labels are those of the connect string
	members := parseMembers(config, s.cfg.TLS != nil)
	var asked []string
	for _, m := range members {
		if m.client != "" {
			asked = append(asked, m.client)
		}
		for _, h := range m.hosts {
			asked = append(asked, net.JoinHostPort(h, defaultPort))
		}
	}
	maps.Copy(found, s.resolveAll(ctx, asked))
	for _, name := range names {
		servers = append(servers, s.serversBehind(name, found[name])...)
	}
	servers = unique(servers)
	var portless []member
	for _, m := range members {
		if m.client == "" {
			portless = append(portless, m)
			continue
		}
		if same := find(servers, found[m.client], sameAddress); same != nil {
			same.matched = true
			continue
		}
		if s.cfg.Pin != "" {
			unasked = append(unasked, m.label()+" is not asked: the session is pinned to "+safetext.Clean(s.cfg.Pin))
			continue
		}
		servers = append(servers, &censusServer{label: m.client, addresses: found[m.client], matched: true})
	}
	for _, m := range portless {
		var known []string
		for _, h := range m.hosts {
			known = append(known, found[net.JoinHostPort(h, defaultPort)]...)
		}
		if same := find(servers, known, sameHost); same != nil {
			same.matched = true
			continue
		}
		unasked = append(unasked, m.label()+" does not tell its client port in /zookeeper/config: name it in the connect string")
	}
	return servers, unasked
}

// label is how a person knows a member that has no address for clients.
func (m *member) label() string {
	return m.id + " (" + m.hosts[0] + ")"
}

// resolveAll gives the addresses behind names, each at least its own.
func (s *Session) resolveAll(ctx context.Context, names []string) map[string][]string {
	names = slices.Clone(names)
	var mu sync.Mutex
	var all sync.WaitGroup
	found := map[string][]string{}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		all.Go(func() {
			addresses := s.hosts.behind(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			found[name] = addresses
		})
	}
	all.Wait()
	return found
}

// serversBehind are the servers of one name of the connect string. A name may stand
// for several, each with an address of its own; or for one that is reached by IPv4
// and by IPv6, as localhost is.
func (s *Session) serversBehind(name string, addresses []string) []*censusServer {
	var four, six []string
	for _, a := range addresses {
		if at, err := netip.ParseAddrPort(a); err == nil && at.Addr().Unmap().Is6() {
			six = append(six, a)
		} else {
			four = append(four, a)
		}
	}
	if len(four) <= 1 && len(six) <= 1 {
		return []*censusServer{{label: safetext.Clean(name), addresses: append(four, six...)}}
	}
	several := four
	if len(six) > len(four) || slices.Contains(six, s.presentAddress()) {
		several = six
	}
	slices.Sort(several)
	var servers []*censusServer
	for _, a := range several {
		servers = append(servers, &censusServer{label: s.hosts.labelOf(a), addresses: []string{a}})
	}
	return servers
}

// presentAddress is that of the server that we are connected to, "" if we are not.
func (s *Session) presentAddress() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link.wire == nil {
		return ""
	}
	return s.link.wire.Address()
}

// unique leaves out servers that are there under another name.
func unique(servers []*censusServer) []*censusServer {
	var kept []*censusServer
	for _, c := range servers {
		if find(kept, c.addresses, sameAddress) == nil {
			kept = append(kept, c)
		}
	}
	return kept
}

// find returns the first server not yet matched that has one of the addresses.
func find(servers []*censusServer, addresses []string, same func(a, b string) bool) *censusServer {
	for _, c := range servers {
		for _, a := range c.addresses {
			if !c.matched && slices.ContainsFunc(addresses, func(b string) bool { return same(a, b) }) {
				return c
			}
		}
	}
	return nil
}

func sameAddress(a, b string) bool { return a == b }

func sameHost(a, b string) bool {
	x, _, errX := net.SplitHostPort(a)
	y, _, errY := net.SplitHostPort(b)
	return errX == nil && errY == nil && x == y
}

// parseMembers reads the text of /zookeeper/config, lines like
// "server.1=host:2888:3888:participant;0.0.0.0:2181" (QuorumPeer.QuorumServer; several
// quorum addresses have "|" between them, and from 3.10 on a second ";" goes before the
// port for TLS). Lines that it does not understand are passed over.
func parseMembers(text string, secure bool) []member {
	var members []member
	for line := range strings.Lines(text) {
		id, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if n, is := strings.CutPrefix(id, "server."); !ok || !is || number64(n) < 0 || len(id) > 30 || len(members) == censusMost {
			continue
		}
		parts := strings.Split(value, ";")
		m := member{id: id}
		for address := range strings.SplitSeq(parts[0], "|") {
			if host := quorumHost(address); host != "" {
				m.hosts = append(m.hosts, host)
			}
		}
		if len(m.hosts) == 0 || len(m.hosts) > censusMost {
			continue
		}
		switch {
		case secure && len(parts) > 2:
			m.client = clientAddress(parts[2], m.hosts[0])
		case !secure && len(parts) > 1:
			m.client = clientAddress(parts[1], m.hosts[0])
		}
		members = append(members, m)
	}
	return members
}

// number64 reads a number of digits, -1 if it is none.
func number64(text string) int64 {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return -1
	}
	return int64(n)
}

// quorumHost is the host of "host:2888:3888:participant".
func quorumHost(s string) string {
	host, _, _ := strings.Cut(s, ":")
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return ""
		}
		host = s[:end+1]
	}
	if full, err := hostPort(host); err == nil && safetext.IsSafe(full) {
		host, _, _ = net.SplitHostPort(full)
		return host
	}
	return ""
}

// clientAddress is host:port for "2181", "0.0.0.0:2181" or "10.0.0.1:2181", "" for what
// is none. A server that listens on all addresses is asked at the one by which the
// others know it.
func clientAddress(s, host string) string {
	if number64(s) >= 0 {
		s = "0.0.0.0:" + s
	}
	full, err := hostPort(s)
	if err != nil || !safetext.IsSafe(full) {
		return ""
	}
	h, port, err := net.SplitHostPort(full)
	if err != nil {
		return ""
	}
	if ip, err := netip.ParseAddr(h); err == nil && ip.IsUnspecified() {
		h = host
	}
	return net.JoinHostPort(h, port)
}
