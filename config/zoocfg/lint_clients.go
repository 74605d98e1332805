package zoocfg

import (
	"fmt"
	"net/netip"
	"strings"
)

// clients judges where the server listens for clients.
func (l *linter) clients() {
	for _, keys := range [][2]string{{"clientPortAddress", "clientPort"}, {"secureClientPortAddress", "secureClientPort"}} {
		e, ok := l.entry(keys[0])
		port, isNumber := l.number(keys[1])
		if ok && port == 0 && (isNumber || !l.has(keys[1])) { // a wrong number is told of elsewhere
			l.mark(e, Error, "address-without-port", keys[0]+" is set, but not "+keys[1], refuses(quote(keys[0]+" is set but "+keys[1]+" is not set")), "write "+keys[1]+" too, or delete the line")
		}
	}
	l.nobodyCanConnect()
	l.twoClientAddresses()
	if e, ok := l.entry("clientPortAddress"); ok && isLoopback(intended(e)) && l.spreadOut() {
		l.mark(e, Warning, "local-clients", "clients are listened for at "+intended(e)+" only", "only programs on this very machine can connect", "name the address of the machine, or delete the line")
	}
}

// nobodyCanConnect judges a server without any port for clients.
func (l *linter) nobodyCanConnect() {
	if _, wrong := l.entry("clientPort"); wrong {
		if n, ok := l.number("clientPort"); !ok || n != 0 { // a wrong number is told of elsewhere
			return
		}
	}
	if n, ok := l.number("secureClientPort"); ok && n > 0 {
		return
	}
	missing := len(l.servers) == 0
	for _, s := range l.servers {
		if l.hasID && s.ID != l.id {
			continue
		}
		missing = missing || s.Client.Port == 0 && s.Secure.Port == 0
	}
	if !l.listed && l.has("dynamicConfigFile") {
		return // the list is not known
	}
	if missing {
		l.miss("clientPort", Error, "missing-key", "clientPort is not set", "the server runs, and no client can connect to it", "write clientPort=2181")
	}
}

// twoClientAddresses judges a client address in the server's own line beside clientPort.
func (l *linter) twoClientAddresses() {
	port, ok := l.number("clientPort")
	if !ok || port == 0 {
		return
	}
	address, _ := l.value("clientPortAddress")
	anywhere := address == "" || isWildcard(address)
	for _, s := range l.servers {
		if l.hasID && s.ID != l.id || s.Client.Port == 0 {
			continue
		}
		host := s.Client.Host
		if host == "" {
			host = "0.0.0.0"
		}
		if anywhere && s.Client.Port == port || !anywhere && s.Client.Port == port && sameHost(host, address) {
			continue
		}
		severity := Error
		if !l.hasID { // it may be the line of another server
			if len(l.servers) > 1 && s.Client.Port != port {
				continue
			}
			severity = Warning
		}
		e := Entry{Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID)}
		l.markIn(l.c.listConfig(), e, severity, "client-address-conflict",
			fmt.Sprintf("the line has the client address %s:%d, and clientPort and clientPortAddress say %s:%d", host, s.Client.Port, orAll(address), port),
			refuses(`"client address for this server is different from client address found in dynamic file"`),
			"say it once: leave clientPort and clientPortAddress out, or what stands behind the semicolon")
	}
}

// orAll is an address, that of all where there is none.
func orAll(address string) string {
	if address == "" {
		return "0.0.0.0"
	}
	return address
}

// spreadOut tells whether the list has servers that are not on this machine.
func (l *linter) spreadOut() bool {
	for _, s := range l.servers {
		for _, a := range s.Addrs {
			if a.Host != "" && !isLoopback(a.Host) && !isWildcard(a.Host) {
				return true
			}
		}
	}
	return false
}

// isLoopback tells whether a host is this machine to itself.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.HasPrefix(strings.ToLower(host), "localhost.") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// isWildcard tells whether a host is all addresses of a machine.
func isWildcard(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsUnspecified()
}

// hostKey is a host for comparing: names do not differ by case, nor loopback by spelling.
func hostKey(host string) string {
	if isLoopback(host) {
		return "localhost"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func sameHost(a, b string) bool { return hostKey(a) == hostKey(b) }
