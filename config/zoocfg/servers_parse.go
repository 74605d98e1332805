package zoocfg

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseServer reads a line server.N.
func parseServer(e Entry) (Server, error) {
	id, err := parseID(e.Key)
	if err != nil {
		return Server{}, err
	}
	s := Server{ID: id, Weight: 1, Line: e.Line, Value: e.Value}
	parts := javaSplit(e.Value, ";")
	if len(parts) > 3 {
		return Server{}, errors.New("there are more than two semicolons in it")
	}
	if s.Client, err = parseClient(at(parts, 1)); err != nil {
		return Server{}, fmt.Errorf("the client address: %w", err)
	}
	if s.Secure, err = parseClient(at(parts, 2)); err != nil {
		return Server{}, fmt.Errorf("the secure client address: %w", err)
	}
	for i, one := range javaSplit(at(parts, 0), "|") {
		addr, role, err := parseAddr(one)
		switch {
		case err != nil:
			return Server{}, err
		case role != "" && i > 0 && role != s.Role && s.Role != "":
			return Server{}, fmt.Errorf("its addresses have the roles %s and %s", s.Role, role)
		case role != "":
			s.Role = role
		}
		s.Addrs = append(s.Addrs, addr)
	}
	s.Observer = s.Role == roleObserver
	return s, nil
}

// The roles that a line server.N may name.
const (
	roleObserver    = "observer"
	roleParticipant = "participant"
)

// parseAddr reads host:quorum:election[:role].
func parseAddr(s string) (Addr, string, error) {
	parts, err := hostAndPorts(s)
	if err != nil {
		return Addr{}, "", err
	}
	if len(parts) < 3 || len(parts) > 4 {
		return Addr{}, "", fmt.Errorf("%q is not host:port:port, nor host:port:port:role", s)
	}
	a := Addr{Host: parts[0]}
	if a.Quorum, err = parsePort(parts[1]); err != nil {
		return Addr{}, "", fmt.Errorf("the quorum port: %w", err)
	}
	if a.Election, err = parsePort(parts[2]); err != nil {
		return Addr{}, "", fmt.Errorf("the election port: %w", err)
	}
	if a.Quorum == a.Election {
		return Addr{}, "", fmt.Errorf("the quorum and the election port are both %d", a.Quorum)
	}
	if len(parts) == 3 {
		return a, "", nil
	}
	role := strings.ToLower(trim(parts[3]))
	if role != roleObserver && role != roleParticipant {
		return Addr{}, "", fmt.Errorf("the role %q is neither participant nor observer", parts[3])
	}
	return a, role, nil
}

// parseClient reads [host:]port; nothing at all is no address.
func parseClient(s string) (HostPort, error) {
	if s == "" {
		return HostPort{}, nil
	}
	parts, err := hostAndPorts(s)
	if err != nil {
		return HostPort{}, err
	}
	if len(parts) < 1 || len(parts) > 2 {
		return HostPort{}, fmt.Errorf("%q is neither a port nor host:port", s)
	}
	port, err := parsePort(parts[len(parts)-1])
	if err != nil {
		return HostPort{}, err
	}
	if len(parts) == 1 {
		return HostPort{Port: port}, nil
	}
	return HostPort{Host: parts[0], Port: port}, nil
}

// hostAndPorts cuts at colons, but not within the brackets of an IPv6 address; as
// ZooKeeper's ConfigUtils.getHostAndPort.
func hostAndPorts(s string) ([]string, error) {
	if !strings.HasPrefix(s, "[") {
		return javaSplit(s, ":"), nil
	}
	i := strings.IndexByte(s, ']')
	switch {
	case i < 0:
		return nil, fmt.Errorf("%q begins with [ and has no ]", s)
	case i+2 == len(s):
		return nil, fmt.Errorf("%q has no port behind the colon", s)
	case i+2 > len(s):
		return []string{s[1:i]}, nil
	}
	return append([]string{s[1:i]}, javaSplit(s[i+2:], ":")...), nil
}

// parsePort reads a port as Java's Integer.parseInt and InetSocketAddress do: no blank
// may stand around it.
func parsePort(s string) (int, error) {
	n, err := parseInt(s)
	switch {
	case err != nil && s != trim(s):
		return 0, fmt.Errorf("%q has a blank at its end", s)
	case err != nil:
		return 0, fmt.Errorf("%q is no number", s)
	case n < 0 || n > maxPort:
		return 0, fmt.Errorf("%d is no port: they end at %d", n, maxPort)
	}
	return n, nil
}

const maxPort = 65535

// parseInt is Java's Integer.parseInt.
func parseInt(s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err
}

// parseID reads the number behind the dot of a key, as Java's Long.parseLong.
func parseID(key string) (int, error) {
	id := key[strings.IndexByte(key, '.')+1:]
	n, err := strconv.ParseInt(id, 10, strconv.IntSize)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", id)
	}
	return int(n), nil
}

// parseGroup reads group.N=id:id:id.
func parseGroup(e Entry, groups map[int]int) error {
	group, err := parseID(e.Key)
	if err != nil {
		return err
	}
	for _, part := range javaSplit(e.Value, ":") {
		id, err := strconv.ParseInt(part, 10, strconv.IntSize)
		if err != nil {
			return fmt.Errorf("%q is no id of a server", part)
		}
		if in, ok := groups[int(id)]; ok {
			return fmt.Errorf("server %d is in group %d already", id, in)
		}
		groups[int(id)] = group
	}
	return nil
}

// parseWeight reads weight.N=weight.
func parseWeight(e Entry, weights map[int]int) error {
	id, err := parseID(e.Key)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(e.Value, 10, strconv.IntSize)
	if err != nil {
		return fmt.Errorf("%q is no number", e.Value)
	}
	weights[id] = int(n)
	return nil
}

// javaSplit is Java's String.split: empty parts at the end are dropped.
func javaSplit(s, sep string) []string {
	parts := strings.Split(s, sep)
	if len(parts) == 1 {
		return parts
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// at is a part, empty where there is none.
func at(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}
