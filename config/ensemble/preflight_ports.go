package ensemble

import (
	"context"
	"fmt"

	"zkdeck/config/zoocfg"
)

// namedPort is a port and what a server uses it for.
type namedPort struct {
	port int
	use  string
	key  string
}

func (m Member) namedPorts() []namedPort {
	list := []namedPort{
		{m.Client, "client", "clientPort"},
		{m.Quorum, "quorum", fmt.Sprintf("server.%d", m.ID)},
		{m.Election, "election", fmt.Sprintf("server.%d", m.ID)},
	}
	if m.Admin != 0 {
		list = append(list, namedPort{m.Admin, "AdminServer", "admin.serverPort"})
	}
	return list
}

// checkPorts looks for ports of servers that are about to start which somebody
// listens on, or may. Only the leader listens on its quorum port, so that one which
// is taken would be noticed much later.
func (s *Store) checkPorts(ctx context.Context, p *Plan, down []Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	alone := len(p.servers()) == 0 // one that stands alone opens no other ports
	others := s.othersPorts(ctx, p.Name)
	ephemeral := ephemeralStart()
	for _, m := range down {
		for _, n := range m.namedPorts() {
			if alone && (n.use == "quorum" || n.use == "election") {
				continue
			}
			f := zoocfg.Finding{File: p.ConfigFile(m.ID), Key: n.key}
			switch {
			case inUse(ctx, n.port):
				f.Severity, f.Rule = zoocfg.Error, "port-in-use"
				f.What = fmt.Sprintf("port %d, the %s port of server %d, is in use%s", n.port, n.use, m.ID, holder(n.port))
				f.Effect = portEffect(n.use)
				f.Mend = "stop who has it, or plan the ensemble with other ports"
			case others[n.port] != "":
				f.Severity, f.Rule = zoocfg.Warning, "port-shared"
				f.What = fmt.Sprintf("port %d, the %s port of server %d, is also one of the ensemble %s", n.port, n.use, m.ID, others[n.port])
				f.Effect = "only one of the two can run at a time"
				f.Mend = "plan one of them with other ports if both are to run"
			case n.port >= ephemeral:
				f.Severity, f.Rule = zoocfg.Warning, "port-ephemeral"
				f.What = fmt.Sprintf("port %d, the %s port of server %d, is one that the system gives to outgoing connections", n.port, n.use, m.ID)
				f.Effect = "now and then the server will find it taken"
				f.Mend = fmt.Sprintf("take ports below %d", ephemeral)
			default:
				continue
			}
			found = append(found, f)
		}
	}
	return found
}

// portEffect is what comes of a port that is in use.
func portEffect(use string) string {
	switch use {
	case "quorum":
		return "the server runs, and as soon as it is elected the ensemble stands still until another is"
	case "election":
		return "the server ends with exit code 14"
	case "AdminServer":
		return "the server runs without its AdminServer, or, standing alone, ends with exit code 4"
	}
	return "the server ends with exit code 1: address already in use"
}
