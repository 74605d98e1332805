package zoocfg

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Server is a line server.N: a member of the ensemble.
type Server struct {
	// ID is N, the myid of the server.
	ID int
	// Addrs are where the other servers reach it; more than one since ZooKeeper 3.6.
	Addrs []Addr
	// Observer tells that it has no vote. Role is the role as it stands there, in lower
	// case, empty for none, which means "participant".
	Observer bool
	Role     string
	// Client and Secure are where it listens for clients, without and with TLS; their
	// Port is 0 where the line does not say. Host is empty for a port alone: all addresses.
	Client HostPort
	Secure HostPort
	// Group is the group that it is in, 0 for none; Weight is how much its vote counts,
	// 1 unless a line weight.N says otherwise.
	Group  int
	Weight int
	// Line is where it stands, Value what stands there.
	Line  int
	Value string
}

// Addr is where a server is reached by the others: for what a leader says, and for
// elections.
type Addr struct {
	Host     string
	Quorum   int
	Election int
}

// HostPort is an address.
type HostPort struct {
	Host string
	Port int
}

// String is "host:port", with brackets around an IPv6 address; empty without a port.
func (h HostPort) String() string {
	switch {
	case h.Port == 0:
		return ""
	case h.Host == "":
		return strconv.Itoa(h.Port)
	case strings.Contains(h.Host, ":"):
		return fmt.Sprintf("[%s]:%d", h.Host, h.Port)
	}
	return fmt.Sprintf("%s:%d", h.Host, h.Port)
}

// LineError says what is wrong with an entry.
type LineError struct {
	// Line and Key are those of the entry.
	Line int
	Key  string
	// Err says what is wrong.
	Err error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s: %v", e.Line, e.Key, e.Err) }

// Unwrap returns what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// Servers returns the members that the lines server.N name, with what the lines group.N
// and weight.N say of them, in the order of their ids; those of Dynamic where there is
// one. It knows the lines of ZooKeeper 3.4 to 3.10:
//
//	server.N=host:quorum:election[:role][|host:quorum:election…][;[[host:]client][;[host:]secure]]
//
// The error joins a [LineError] for each line that ZooKeeper would not read; the others
// are returned nevertheless.
func (c *Config) Servers() ([]Server, error) {
	all, problems := c.members()
	errs := make([]error, len(problems))
	for i := range problems {
		errs[i] = &problems[i]
	}
	return all, errors.Join(errs...)
}

// listConfig is the file that the list of servers stands in.
func (c *Config) listConfig() *Config {
	if c.Dynamic != nil {
		return c.Dynamic
	}
	return c
}

// members reads the list of servers.
func (c *Config) members() ([]Server, []LineError) {
	var all []Server
	var problems []LineError
	groups, weights := map[int]int{}, map[int]int{}
	for _, e := range c.listConfig().All() {
		var err error
		switch {
		case strings.HasPrefix(e.Key, "server."):
			var s Server
			if s, err = parseServer(e); err == nil {
				all = append(all, s)
			}
		case strings.HasPrefix(e.Key, "group"):
			err = parseGroup(e, groups)
		case strings.HasPrefix(e.Key, "weight"):
			err = parseWeight(e, weights)
		}
		if err != nil {
			problems = append(problems, LineError{Line: e.Line, Key: e.Key, Err: err})
		}
	}
	for i := range all {
		all[i].Group = groups[all[i].ID]
		if w, ok := weights[all[i].ID]; ok {
			all[i].Weight = w
		}
	}
	slices.SortStableFunc(all, func(a, b Server) int { return a.ID - b.ID })
	return all, problems
}
