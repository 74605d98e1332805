package ensemble

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	// The ports that ZooKeeper's own guide takes, and, for an AdminServer, the one
	// after its default, which everything else takes too.
	firstClient, firstQuorum, firstElection, firstAdmin = 2181, 2888, 3888, 8081
	// Where the ports of outgoing connections begin on Linux, unless it is told
	// otherwise, and on macOS and the BSDs.
	ephemeralLinux = 32768
	ephemeralElse  = 49152
	probePatience  = 250 * time.Millisecond
)

// choosePorts gives the members of a plan their ports.
func (s *Store) choosePorts(ctx context.Context, p *Plan, base int, admin bool) error {
	if base != 0 {
		givePorts(p.Members, baseRow(base, len(p.Members), admin))
		if last := highestPort(p.Members); last > maxPort {
			return &WishError{Field: "BasePort", What: fmt.Sprintf("the ports would reach %d, and %d is the last", last, maxPort), Mend: fmt.Sprintf("take %d or less", maxPort-(last-base))}
		}
		if port, taken := firstInUse(ctx, allPorts(p.Members)); taken {
			return &WishError{Field: "BasePort", What: fmt.Sprintf("port %d is in use", port), Mend: "take another number, or leave it out and let free ones be found"}
		}
		return ctx.Err()
	}
	others := s.othersPorts(ctx, p.Name)
	end := ephemeralStart()
	step := 10
	if len(p.Members) > step {
		step = 2 * step
	}
	for shift := 0; ; shift += step {
		givePorts(p.Members, guideRow(shift, admin))
		ports := allPorts(p.Members)
		if highestPort(p.Members) >= end {
			return &WishError{Field: "BasePort", What: fmt.Sprintf("no free ports were found below %d", end), Mend: "stop something, or name a first port"}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if unique(ports) && !slices.ContainsFunc(ports, func(port int) bool { return others[port] != "" }) {
			if _, taken := firstInUse(ctx, ports); !taken {
				return ctx.Err()
			}
		}
	}
}

// row gives the i-th member its ports.
type row func(i int) (client, quorum, election, admin int)

// guideRow is 2181, 2888, 3888 for the first server, 2182, 2889, 3889 for the next
// and so on, all moved up by shift.
func guideRow(shift int, admin bool) row {
	return func(i int) (int, int, int, int) {
		i += shift
		adminPort := 0
		if admin {
			adminPort = firstAdmin + i
		}
		return firstClient + i, firstQuorum + i, firstElection + i, adminPort
	}
}

// baseRow is three ports in a row for each of n members, and then the AdminServers'.
func baseRow(base, n int, admin bool) row {
	return func(i int) (int, int, int, int) {
		adminPort := 0
		if admin {
			adminPort = base + 3*n + i
		}
		return base + 3*i, base + 3*i + 1, base + 3*i + 2, adminPort
	}
}

func givePorts(members []Member, ports row) {
	for i := range members {
		m := &members[i]
		m.Client, m.Quorum, m.Election, m.Admin = ports(i)
	}
}

func allPorts(members []Member) []int {
	var ports []int
	for _, m := range members {
		ports = append(ports, m.ports()...)
	}
	return ports
}

func highestPort(members []Member) int { return slices.Max(allPorts(members)) }

func unique(ports []int) bool {
	ports = slices.Clone(ports)
	slices.Sort(ports)
	return len(slices.Compact(ports)) == len(ports)
}

// othersPorts are the ports of the other ensembles of the store, whether they run
// or not, and the names of the ensembles.
func (s *Store) othersPorts(ctx context.Context, name string) map[int]string {
	owners := make(map[int]string)
	list, err := s.List(ctx)
	if err != nil {
		s.Logger.Warn("looking for the ports of other ensembles", "error", err)
	}
	for _, l := range list {
		if l.Plan == nil || l.Name == name {
			continue
		}
		for _, port := range allPorts(l.Plan.Members) {
			owners[port] = l.Name
		}
	}
	return owners
}

// firstInUse is the first of the ports that something listens on.
func firstInUse(ctx context.Context, ports []int) (int, bool) {
	for _, port := range ports {
		if inUse(ctx, port) {
			return port, true
		}
	}
	return 0, false
}

// inUse reports whether a server could not listen on a port of 127.0.0.1. Binding
// alone is not enough: on the BSDs and macOS it succeeds beside a listener on all
// addresses, which a connection finds.
func inUse(ctx context.Context, port int) bool {
	addr := net.JoinHostPort(Host, strconv.Itoa(port))
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return true
	}
	l.Close()
	d := net.Dialer{Timeout: probePatience}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	// A connection to oneself, which the kernel makes of a port in the range of
	// outgoing ones, is no listener.
	own := conn.LocalAddr().String() == conn.RemoteAddr().String()
	conn.Close()
	return !own
}

// ephemeralStart is the first port that the kernel may give to an outgoing
// connection, which could then be in a server's way. Where that is so low that it
// leaves no room, as in some containers, it is what is usual.
func ephemeralStart() int {
	text, err := os.ReadFile(filepath.FromSlash("/proc/sys/net/ipv4/ip_local_port_range"))
	if err != nil {
		return ephemeralElse
	}
	var low, high int
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil || low < 2*firstAdmin {
		return ephemeralLinux
	}
	return low
}
