package zoocfg

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// dynamic judges dynamicConfigFile and what it names.
func (l *linter) dynamic() {
	e, named := l.entry("dynamicConfigFile")
	if !named {
		if e, ok := l.entry("reconfigEnabled"); ok && l.isTrue("reconfigEnabled") && l.distributed() {
			l.mark(e, Note, "reconfig-rewrites", "reconfigEnabled is on", "at its first start ZooKeeper rewrites this file without comments and order, moves the list to a file beside it, and keeps the original as .bak",
				"keep a copy; write the client address into the server lines, behind a semicolon")
		}
		return
	}
	for _, other := range l.c.All() {
		if isList(other.Key) {
			l.mark(other, Error, "list-beside-dynamic", quote(other.Key)+" stands beside dynamicConfigFile", refuses(`"must be in a separate dynamic config file"`), "move the line to "+intended(e)+", or delete dynamicConfigFile")
		}
	}
	switch {
	case errors.Is(l.c.DynamicErr, fs.ErrNotExist):
		l.mark(e, Error, "dynamic-file", "the file "+quote(intended(e))+" is not there", refuses(`"FileNotFoundException"`), "write the list of servers to it, or delete the line")
	case l.c.DynamicErr != nil:
		l.mark(e, Error, "dynamic-file", "the file "+quote(intended(e))+" cannot be read: "+l.c.DynamicErr.Error(), refuses(`"Error processing"`), "make it readable")
	case l.c.Dynamic != nil:
		l.dynamicKeys()
	}
	if !l.absolute(intended(e)) && intended(e) != "" {
		l.mark(e, Warning, "relative-path", "dynamicConfigFile is the relative path "+quote(intended(e)), "where it is looked for depends on where the server is started", "write the full path")
	}
}

// dynamicKeys judges what else stands in the file of the list.
func (l *linter) dynamicKeys() {
	for _, e := range l.c.Dynamic.All() {
		switch key := trim(e.Key); {
		case key == "version":
			l.markIn(l.c.Dynamic, e, Error, "dynamic-key", "the file of the list says a version", refuses(`"dynamic file shouldn't have version inside"`), "delete the line; the version stands in the name of the file")
		case !isList(key):
			l.markIn(l.c.Dynamic, e, Error, "dynamic-key", quote(key)+" does not belong to the list of servers", refuses(`"Unrecognised parameter: `+key+`"`), "move the line to "+l.c.Name)
		}
	}
}

// list judges the lines of the list of servers, each by itself.
func (l *linter) list() {
	c := l.c.listConfig()
	lines := map[int]Entry{}
	for _, e := range c.All() {
		lines[e.Line] = e
	}
	for _, p := range l.problems {
		e := lines[p.Line]
		k, _ := lookUp(e.Key)
		if _, comment := cutComment(trim(e.Value), k.kind); comment != "" {
			continue // said already
		}
		rule, mend := "bad-server", "write server.N=host:2888:3888, then :observer for one without a vote, then ;2181 for clients"
		switch {
		case e.Value != trim(e.Value):
			rule, mend = "trailing-blank", "delete the blank at the end of the line"
		case strings.HasPrefix(e.Key, "group"):
			rule, mend = "bad-group", "write group.N= and ids with a colon between them, as group.1=1:2:3; each server in one group"
		case strings.HasPrefix(e.Key, "weight"):
			rule, mend = "bad-group", "write weight.N=1, where N is the id of a server"
		}
		l.markIn(c, e, Error, rule, e.Key+": "+p.Err.Error(), refuses("the line cannot be read"), mend)
	}
	ids := map[int]Server{}
	for _, s := range l.servers {
		e := lines[s.Line]
		if other, ok := ids[s.ID]; ok {
			l.markIn(c, e, Error, "duplicate-id", fmt.Sprintf("server %d stands on line %d already", s.ID, other.Line), "only one of the two is in the list", "give each server an id of its own")
		}
		ids[s.ID] = s
		l.oneServer(c, e, s)
	}
}

// The ids that ZooKeeper is documented to take.
const (
	minID = 1
	maxID = 255
)

// oneServer judges a line of the list that can be read.
func (l *linter) oneServer(c *Config, e Entry, s Server) {
	if s.ID < minID || s.ID > maxID {
		l.markIn(c, e, Warning, "id-range", fmt.Sprintf("the id %d is not between %d and %d", s.ID, minID, maxID), "session ids of such a server can be those of another", "take an id between 1 and 255")
	} else if s.ID == maxID && l.isTrue("extendedTypesEnabled") {
		l.markIn(c, e, Error, "id-range", "the id is 255, and extendedTypesEnabled is on", "the server does not start: with extended types ids end at 254", "take an id between 1 and 254")
	}
	if len(s.Addrs) > 1 {
		l.severalAddresses(c, e)
	}
	if s.Secure.Port > 0 && l.older(3, 10) {
		severity := Error
		if l.o.Version == "" {
			severity = Warning
		}
		l.markIn(c, e, severity, "secure-in-list", "the line has a secure client address, which ZooKeeper reads from 3.10 on", refuses("the line cannot be read")+", before 3.10", "write secureClientPort instead")
	}
	for _, a := range s.Addrs {
		switch {
		case a.Host == "":
			l.markIn(c, e, Error, "no-host", "the line has no host before the first colon", "the others connect to themselves", "write the server's name or address before the colon")
		case strings.ContainsAny(a.Host, " \t"):
			l.markIn(c, e, Error, "no-host", quote(a.Host)+" is no name of a host", "the server is never found", "write the server's name or address alone before the colon")
		case isWildcard(a.Host) && !(l.hasID && s.ID == l.id):
			l.markIn(c, e, Warning, "wildcard-host", quote(a.Host)+" is no address to connect to", "other servers are sent to themselves; only in a server's own line it means to listen everywhere", "write the server's address, and quorumListenOnAllIPs=true if it must listen everywhere")
		case isLoopback(a.Host) && l.spreadOut():
			l.markIn(c, e, Warning, "mixed-loopback", quote(a.Host)+" stands beside servers on other machines", "there it means that machine itself, not this one", "write the address that the other machines know")
		}
		for _, port := range []int{a.Quorum, a.Election} {
			if port == 0 {
				l.markIn(c, e, Error, "bad-port", "port 0 is no port to connect to", "the other servers cannot reach it", "write a port between 1024 and 32767")
			}
		}
	}
}

// severalAddresses judges a server with more than one address.
func (l *linter) severalAddresses(c *Config, e Entry) {
	const property = "-Dzookeeper.multiAddress.enabled=true"
	said := l.system["multiAddress.enabled"] == "true"
	switch {
	case said:
	case l.isTrue("multiAddress.enabled"):
		l.markIn(c, e, Warning, "multi-address", "the line has several addresses", "ZooKeeper reads multiAddress.enabled here from Java's command line only: without it, "+refuses(`"Multiple address feature is disabled"`), "give "+property+" to Java too, in SERVER_JVMFLAGS")
	default:
		l.markIn(c, e, Error, "multi-address", "the line has several addresses, and multiAddress.enabled is off", refuses(`"Multiple address feature is disabled"`), "write multiAddress.enabled=true, and give "+property+" to Java in SERVER_JVMFLAGS")
	}
}

// myid judges the file myid against the list.
func (l *linter) myid() {
	m := l.c.MyID
	if m == nil {
		if l.hasID {
			l.inList(Entry{Key: "myid"}, fmt.Sprintf("the server is %d", l.id))
		}
		return
	}
	at := Entry{Key: "myid"}
	if e, ok := l.entry("dataDir"); ok {
		at.Line = e.Line
	}
	write := "write the server's id, a number and nothing else, to " + m.Path
	switch {
	case l.o.ID > 0:
		l.inList(at, fmt.Sprintf("the server is %d", l.id))
	case errors.Is(m.Err, fs.ErrNotExist):
		if !l.distributed() {
			return
		}
		severity := Error
		if !isFolder(m.Path) { // it may be the file of another machine
			severity = Warning
		}
		l.mark(at, severity, "myid-missing", "there is no file "+m.Path, refuses(`"myid file is missing"`), write)
	case errors.Is(m.Err, ErrNoID):
		l.mark(at, Error, "myid-bad", "the first line of "+m.Path+" is "+quote(m.Text), refuses(`"serverid `+m.Text+` is not a number"`), write+": no blanks, no empty line before it, no byte order mark")
	case m.Err != nil:
		l.mark(at, Error, "myid-bad", m.Path+" cannot be read: "+m.Err.Error(), "the server does not start", "make it a file that the server may read")
	default:
		l.inList(at, m.Path+" says "+strconv.Itoa(m.ID))
	}
}

// inList judges whether the server's own id is in its list.
func (l *linter) inList(at Entry, said string) {
	if !l.distributed() || len(l.problems) > 0 {
		return
	}
	if _, ok := l.own(); !ok {
		l.mark(at, Error, "myid-not-listed", fmt.Sprintf("%s, and the list has no server.%d", said, l.id), fmt.Sprintf(`the server does not start: "My id %d not in the peer list", exit code 1`, l.id), "add its line to the list of every server, or correct the id")
	}
}
