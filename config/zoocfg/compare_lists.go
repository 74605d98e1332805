package zoocfg

import (
	"fmt"
	"slices"
	"strings"
)

// reference is the file whose list most others have too, nil where none has one of
// several servers.
func (c *comparison) reference() *peer {
	with := slices.DeleteFunc(slices.Clone(c.peers), func(p *peer) bool { return len(p.servers) < 2 })
	if len(with) == 0 {
		return nil
	}
	usual := most(with, (*peer).list)
	return with[slices.IndexFunc(with, func(p *peer) bool { return p.list() == usual })]
}

// list is the list of servers for comparing, without addresses of clients.
func (p *peer) list() string {
	all := make([]string, len(p.servers))
	for i, s := range p.servers {
		all[i] = fmt.Sprintf("%d %s", s.ID, p.member(s))
	}
	return strings.Join(all, "\n")
}

// member is a server of the list for comparing, as it would be written. That a server
// calls itself 0.0.0.0 in its own file is no difference.
func (p *peer) member(s Server) string {
	addrs := make([]string, len(s.Addrs))
	for i, a := range s.Addrs {
		host := hostKey(a.Host)
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		addrs[i] = fmt.Sprintf("%s:%d:%d", host, a.Quorum, a.Election)
	}
	slices.Sort(addrs)
	said := strings.Join(addrs, "|")
	if s.Observer {
		said += ":" + roleObserver
	}
	if s.Group != 0 || s.Weight != 1 {
		said += fmt.Sprintf(" (group %d, weight %d)", s.Group, s.Weight)
	}
	return said
}

// lists judges lists that differ.
func (c *comparison) lists() {
	reference := c.reference()
	if reference == nil {
		for _, p := range c.peers[1:] {
			c.mark(p.c, Entry{}, Warning, "all-standalone", "neither this file nor "+c.peers[0].c.Name+" lists several servers",
				"each server runs alone, with data of its own", "write the same lines server.N to every file, if they are to be one ensemble")
		}
		return
	}
	for _, p := range c.peers {
		switch {
		case p == reference || len(p.problems) > 0: // what is wrong with a line is told of elsewhere
		case len(p.servers) < 2:
			c.mark(p.c.listConfig(), p.firstOfList(), Error, "standalone-among-cluster",
				fmt.Sprintf("the file lists %s, and %s lists %d", []string{"no server", "one server"}[len(p.servers)], reference.c.Name, len(reference.servers)),
				"the server runs standalone beside the ensemble, says nothing, and takes writes that the others never see", "write the same lines server.N to every file")
		default:
			c.listsDiffer(reference, p)
		}
	}
}

// listsDiffer says where a list differs from that of most files.
func (c *comparison) listsDiffer(reference, p *peer) {
	const mend = "write the same lines server.N to every file"
	in := p.c.listConfig()
	byID := func(of *peer) map[int]Server {
		all := map[int]Server{}
		for _, s := range of.servers {
			all[s.ID] = s
		}
		return all
	}
	theirs, ours := byID(reference), byID(p)
	for _, s := range p.servers {
		e := Entry{Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID)}
		other, ok := theirs[s.ID]
		switch {
		case !ok:
			c.mark(in, e, Error, "lists-differ", fmt.Sprintf("server %d is not in the list of %s", s.ID, reference.c.Name), "the servers do not agree on who votes: two leaders are possible", mend)
		case p.callsItself(s) || reference.callsItself(other):
		case p.member(s) != reference.member(other):
			c.mark(in, e, Error, "lists-differ", fmt.Sprintf("server %d is %s here, and %s in %s", s.ID, p.member(s), reference.member(other), reference.c.Name), "the servers do not find each other, or do not agree on who votes", mend)
		case s.Client != other.Client || s.Secure != other.Secure:
			c.mark(in, e, Warning, "lists-differ", fmt.Sprintf("server %d has another client address in %s", s.ID, reference.c.Name), "clients that follow the list are sent to the wrong place", mend)
		}
	}
	for _, s := range reference.servers {
		if _, ok := ours[s.ID]; !ok {
			c.mark(in, Entry{Key: fmt.Sprintf("server.%d", s.ID)}, Error, "lists-differ", fmt.Sprintf("server %d of %s is not in the list", s.ID, reference.c.Name), "the servers do not agree on who votes: two leaders are possible", mend)
		}
	}
}

// callsItself tells whether a line is a server's own, with the address that means to
// listen everywhere.
func (p *peer) callsItself(s Server) bool {
	return p.hasID && p.id == s.ID && slices.ContainsFunc(s.Addrs, func(a Addr) bool { return isWildcard(a.Host) })
}
