package zoocfg

import (
	"fmt"
	"strconv"
	"strings"
)

// listening is a port that a server listens on.
type listening struct {
	host string // as for comparing; empty for all addresses
	port int
	what string
	c    *Config
	e    Entry
}

// ports judges the ports of the list, and of the server itself, against each other.
func (l *linter) ports() {
	var all []listening
	add := func(x listening) {
		if x.port <= 0 || x.port > maxPort {
			return
		}
		l.portItself(x)
		for _, y := range all {
			if x.port == y.port && (x.host == y.host || x.host == "" || y.host == "") {
				l.markIn(x.c, x.e, Error, "port-twice", fmt.Sprintf("port %d is both %s and %s", x.port, y.what, x.what), l.clash(x, y), "give each its own port")
				break
			}
		}
		all = append(all, x)
	}
	c := l.c.listConfig()
	for _, s := range l.servers {
		e := Entry{Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID)}
		name := fmt.Sprintf("of server %d", s.ID)
		for _, a := range s.Addrs {
			if a.Host == "" {
				continue
			}
			add(listening{hostKey(a.Host), a.Quorum, "the quorum port " + name, c, e})
			add(listening{hostKey(a.Host), a.Election, "the election port " + name, c, e})
		}
		if len(s.Addrs) > 0 && s.Addrs[0].Host != "" {
			add(listening{hostKey(s.Addrs[0].Host), s.Client.Port, "the client port " + name, c, e})
			add(listening{hostKey(s.Addrs[0].Host), s.Secure.Port, "the secure client port " + name, c, e})
		}
	}
	l.ownPorts(add)
}

// ownPorts adds the ports that only the server's own file names.
func (l *linter) ownPorts(add func(listening)) {
	host := "?" // of the list nothing is known to be on this machine
	own, known := l.own()
	switch {
	case known && len(own.Addrs) > 0:
		host = hostKey(own.Addrs[0].Host)
	case len(l.servers) > 0 && !l.spreadOut():
		host = hostKey("127.0.0.1")
	}
	for _, p := range []struct{ key, what string }{
		{"clientPort", "the client port"},
		{"secureClientPort", "the secure client port"},
		{"observerMasterPort", "the port for observers"},
		{"metricsProvider.httpPort", "the port of the metrics"},
	} {
		n, ok := l.number(p.key)
		if e, is := l.entry(p.key); ok && is && !(p.key == "clientPort" && known && own.Client.Port == n) && !(p.key == "clientPort" && !known && l.namesClient(n)) {
			add(listening{host, n, p.what, l.c, e})
		}
	}
	if l.adminOn() {
		e, ok := l.entry("admin.serverPort")
		if !ok {
			e = Entry{Key: "admin.serverPort"}
		}
		add(listening{host, l.adminPort(), "the port of the AdminServer", l.c, e})
	}
}

// namesClient tells whether a line of the list has this client port.
func (l *linter) namesClient(port int) bool {
	for _, s := range l.servers {
		if s.Client.Port == port {
			return true
		}
	}
	return false
}

// clash is what happens where two want one port.
func (l *linter) clash(x, y listening) string {
	admin := func(z listening) bool {
		return strings.Contains(z.what, "AdminServer") || strings.Contains(z.what, "metrics")
	}
	switch {
	case admin(x) || admin(y):
		return "only the first to listen gets it: a standalone server ends with exit code 4"
	case x.e.Key == y.e.Key || x.c == l.c && !isList(x.e.Key):
		return `the second to listen fails: "BindException", exit code 1 or 14`
	}
	return "the servers take each other for themselves, and no quorum comes about"
}

// The ports that programs take for connections which they open, on Linux, and elsewhere.
const (
	ephemeralLinux = 32768
	ephemeralEnd   = 60999
	ephemeralOther = 49152
	firstFree      = 1024
)

// portItself judges a port for what it is.
func (l *linter) portItself(x listening) {
	first, last := ephemeralOther, maxPort
	if l.o.GOOS == "linux" {
		first, last = ephemeralLinux, ephemeralEnd
	}
	switch {
	case x.port >= first && x.port <= last:
		l.markIn(x.c, x.e, Warning, "port-ephemeral", fmt.Sprintf("%s, %d, is one that connections going out may have", x.what, x.port), "now and then it is taken when the server starts", "take a port between 1024 and "+strconv.Itoa(first-1))
	case x.port < firstFree && l.o.GOOS != "windows":
		l.markIn(x.c, x.e, Warning, "port-privileged", fmt.Sprintf("%s, %d, is below 1024", x.what, x.port), "only root may listen there", "take a port between 1024 and "+strconv.Itoa(first-1))
	}
}
