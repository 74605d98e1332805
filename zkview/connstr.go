package zkview

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// defaultPort is the client port where the connect string names none.
const defaultPort = "2181"

// Servers is a parsed connect string.
type Servers struct {
	// Hosts are "host:port" in the order of the string, IPv6 in brackets.
	Hosts []string
	// Chroot is the path that stands for "/", without a slash at its end; empty
	// for none.
	Chroot string
}

// String is the connect string in its normal form: every port named, IPv6 in
// brackets, the chroot last.
func (s Servers) String() string { return strings.Join(s.Hosts, ",") + s.Chroot }

// ParseServers reads ZooKeeper's connect string
// "host1:2181,[::1]:2182,host3/chroot": hosts with or without port, IPv6 with or
// without brackets, and a chroot for all of them after the last. It asks no name
// server. An error says which part is wrong and how.
func ParseServers(s string) (Servers, error) {
	list, chroot := strings.TrimSpace(s), ""
	if strings.Contains(list, "://") {
		return Servers{}, fmt.Errorf("connect string %q: want host:port,host:port/chroot, not a URL", s)
	}
	if i := strings.IndexByte(list, '/'); i >= 0 {
		list, chroot = list[:i], list[i:]
		if strings.Contains(chroot, ",") {
			return Servers{}, fmt.Errorf("connect string %q: the chroot %q stands once, after the last host", s, chroot[:strings.IndexByte(chroot, ',')])
		}
		if len(chroot) > 1 {
			chroot = strings.TrimSuffix(chroot, "/")
		}
		if err := CheckPath(chroot); err != nil {
			return Servers{}, fmt.Errorf("connect string %q: chroot %q: %w", s, chroot, err)
		}
		if chroot == "/" {
			chroot = ""
		}
	}
	if list == "" {
		return Servers{}, fmt.Errorf("connect string %q names no host", s)
	}
	parsed := Servers{Chroot: chroot}
	for i, part := range strings.Split(list, ",") {
		host, err := hostPort(strings.TrimSpace(part))
		if err != nil {
			return Servers{}, fmt.Errorf("connect string %q: host %d, %q: %w", s, i+1, strings.TrimSpace(part), err)
		}
		parsed.Hosts = append(parsed.Hosts, host)
	}
	return parsed, nil
}

// hostPort gives "host:port" for a host as people write it.
func hostPort(s string) (string, error) {
	host, port := s, defaultPort
	switch {
	case s == "":
		return "", errors.New("is empty")
	case s[0] == '[':
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", errors.New("has no closing bracket")
		}
		host = s[1:end]
		if !isIPv6(host) {
			return "", fmt.Errorf("%q is not an IPv6 address", host)
		}
		if rest := s[end+1:]; rest != "" {
			if rest[0] != ':' {
				return "", fmt.Errorf("%q follows the bracket; want :port", rest)
			}
			port = rest[1:]
		}
	case strings.Count(s, ":") == 1:
		host, port, _ = strings.Cut(s, ":")
	case strings.Contains(s, ":") && !isIPv6(s):
		return "", errors.New("has several colons and is not an IPv6 address")
	}
	if host == "" {
		return "", errors.New("names no host")
	}
	if strings.ContainsAny(host, " \t\r\n@?#\"'") {
		return "", errors.New("has a character that no host name has")
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

// isIPv6 reports whether s is an IPv6 address, with or without a zone.
func isIPv6(s string) bool {
	addr, _, _ := strings.Cut(s, "%")
	return strings.Contains(addr, ":") && net.ParseIP(addr) != nil
}

// abs is the path on the server of a path below the chroot.
func (s Servers) abs(path string) string {
	switch {
	case s.Chroot == "":
		return path
	case path == "/":
		return s.Chroot
	default:
		return s.Chroot + path
	}
}

// rel is the path below the chroot of a path on the server. A path outside the
// chroot, which no server sends, is left as it is.
func (s Servers) rel(path string) string {
	if s.Chroot == "" {
		return path
	}
	rest, ok := strings.CutPrefix(path, s.Chroot)
	switch {
	case ok && rest == "":
		return "/"
	case ok && rest[0] == '/':
		return rest
	default:
		return path
	}
}
