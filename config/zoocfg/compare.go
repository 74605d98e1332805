package zoocfg

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Compare says what is wrong between the files of the servers of one ensemble: lists
// that differ, ids, folders and ports that are there twice. It takes them as Load has
// read them, and follows symbolic links of data folders. The findings are in the order
// of the files.
func Compare(files []*Config) []Finding {
	if len(files) < 2 {
		return nil
	}
	c := &comparison{}
	for _, f := range files {
		c.peers = append(c.peers, newPeer(f))
	}
	c.forgetSharedIDs()
	for _, rule := range []func(*comparison){
		(*comparison).sameFile, (*comparison).lists, (*comparison).ids,
		(*comparison).folders, (*comparison).ports, (*comparison).settings,
	} {
		rule(c)
	}
	order := map[string]int{}
	for i, f := range slices.Backward(files) {
		order[f.Name] = i
		if f.Dynamic != nil {
			order[f.Dynamic.Name] = i
		}
	}
	slices.SortStableFunc(c.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return c.found
}

// comparison compares the files of an ensemble.
type comparison struct {
	peers []*peer
	found []Finding
}

// peer is one of the files.
type peer struct {
	*linter
	// folder is where dataDir leads, empty where it is not known.
	folder string
}

func newPeer(c *Config) *peer {
	p := &peer{linter: newLinter(c, LintOptions{})}
	if dir, ok := p.value("dataDir"); ok && p.absolute(dir) {
		p.folder = Real(dir)
	}
	return p
}

// host is the machine that the server runs on, empty where it is not known.
func (p *peer) host() string {
	if own, ok := p.own(); ok && len(own.Addrs) > 0 && !isWildcard(own.Addrs[0].Host) {
		return hostKey(own.Addrs[0].Host)
	}
	if !p.spreadOut() {
		return hostKey("127.0.0.1")
	}
	return ""
}

// forgetSharedIDs takes back ids that were read in one folder by several files of
// servers on several machines: the folder is that of one machine, or of none.
func (c *comparison) forgetSharedIDs() {
	seen := map[string]int{}
	for _, p := range c.peers {
		seen[p.folder]++
	}
	for _, p := range c.peers {
		if p.spreadOut() && seen[p.folder] > 1 {
			p.hasID = false
		}
	}
}

// mark adds a finding about an entry of a file.
func (c *comparison) mark(in *Config, e Entry, s Severity, rule, what, effect, mend string) {
	c.found = append(c.found, finding(in, e, s, rule, what, effect, mend))
}

// pairs calls for each peer with each before it.
func (c *comparison) pairs(do func(before, p *peer) bool) {
	for i, p := range c.peers {
		for _, before := range c.peers[:i] {
			if do(before, p) {
				break // once a file is enough
			}
		}
	}
}

// sameFile judges a file that was named twice.
func (c *comparison) sameFile() {
	c.pairs(func(before, p *peer) bool {
		if p.c.Path == "" || Real(p.c.Path) != Real(before.c.Path) {
			return false
		}
		c.mark(p.c, Entry{}, Warning, "same-file", "this is the same file as "+before.c.Name, "there is nothing to compare", "name the files of different servers")
		return true
	})
}

// ids judges ids that two servers have.
func (c *comparison) ids() {
	c.pairs(func(before, p *peer) bool {
		if !p.hasID || !before.hasID || p.id != before.id || p.folder == before.folder {
			return false
		}
		c.mark(p.c, Entry{Key: "myid"}, Error, "same-id", fmt.Sprintf("the server has the id %d, as that of %s", p.id, before.c.Name),
			"the second to start ends with exit code 14, or takes the place of the first", "write to the file myid in its dataDir the id of its own line in the list")
		return true
	})
	reference, have := c.reference(), map[int]bool{}
	for _, p := range c.peers {
		if reference == nil || !p.hasID || have[p.id] { // whose file is whose is not known
			return
		}
		have[p.id] = true
	}
	for _, s := range reference.servers {
		if !have[s.ID] {
			e := Entry{Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID)}
			c.mark(reference.c.listConfig(), e, Note, "server-without-file", fmt.Sprintf("none of the files is that of server %d", s.ID), "it was not looked at", "name its file too")
		}
	}
}

// folders judges data folders that two servers share.
func (c *comparison) folders() {
	c.pairs(func(before, p *peer) bool {
		if p.folder == "" || p.folder != before.folder || p.host() == "" || p.host() != before.host() {
			return false
		}
		e, _ := p.entry("dataDir")
		c.mark(p.c, e, Error, "same-folder", "dataDir is that of "+before.c.Name+", "+p.folder,
			"ZooKeeper does not lock it: both servers write to the same files, and the data is lost", "give each server a folder of its own, with its own file myid")
		return true
	})
}

// ports judges ports that two servers on one machine want and that do not stand in the
// list.
func (c *comparison) ports() {
	c.pairs(func(before, p *peer) bool {
		if p.host() == "" || p.host() != before.host() {
			return false
		}
		any := false
		for _, x := range p.open() {
			for _, y := range before.open() {
				if x.port != y.port || x.host != y.host && x.host != "" && y.host != "" {
					continue
				}
				any = true
				severity, effect := Error, `the second to start fails: "BindException: Address already in use", exit code 1`
				if strings.Contains(x.what, "AdminServer") && strings.Contains(y.what, "AdminServer") && p.distributed() {
					severity, effect = Warning, "only the first to start gets an AdminServer"
				}
				c.mark(p.c, x.e, severity, "same-port", fmt.Sprintf("port %d is %s, and %s of %s", x.port, x.what, y.what, before.c.Name), effect, "give each server ports of its own")
			}
		}
		return any
	})
}

// open are the ports that a server listens on besides those of the list.
func (p *peer) open() []listening {
	var all []listening
	add := func(key, addressKey, what string, port int) {
		address, _ := p.value(addressKey)
		e, ok := p.entry(key)
		if !ok {
			e = Entry{Key: key}
		}
		x := listening{port: port, what: what, e: e}
		if address != "" && !isWildcard(address) {
			x.host = hostKey(address)
		}
		if port > 0 {
			all = append(all, x)
		}
	}
	client, _ := p.number("clientPort")
	if own, ok := p.own(); ok && own.Client.Port > 0 {
		client = own.Client.Port
	}
	add("clientPort", "clientPortAddress", "the client port", client)
	secure, _ := p.number("secureClientPort")
	add("secureClientPort", "secureClientPortAddress", "the secure client port", secure)
	if p.adminOn() {
		add("admin.serverPort", "admin.serverAddress", "the port of the AdminServer", p.adminPort())
	}
	if port, ok := p.number("metricsProvider.httpPort"); ok {
		add("metricsProvider.httpPort", "metricsProvider.httpHost", "the port of the metrics", port)
	}
	return all
}

// alike are keys that should be the same on all servers of an ensemble, with what
// ZooKeeper takes where they are missing.
var alike = []struct{ key, missing string }{
	{"tickTime", "3000"},
	{"initLimit", ""},
	{"syncLimit", ""},
	{"minSessionTimeout", "-1"},
	{"maxSessionTimeout", "-1"},
	{"standaloneEnabled", "true"},
	{"reconfigEnabled", "false"},
	{"localSessionsEnabled", "false"},
	{"localSessionsUpgradingEnabled", "false"},
	{"sslQuorum", "false"},
	{"quorum.auth.enableSasl", "false"},
	{"skipACL", "no"},
	{"extendedTypesEnabled", "false"},
	{"digest.enabled", "true"},
}

// settings judges settings that the servers should share; a server that the others do
// not know is told of elsewhere.
func (c *comparison) settings() {
	peers := c.peers
	if c.reference() != nil {
		peers = slices.DeleteFunc(slices.Clone(peers), func(p *peer) bool { return !p.distributed() })
	}
	for _, k := range alike {
		of := func(p *peer) string {
			if v, ok := p.value(k.key); ok {
				return v
			}
			return k.missing
		}
		usual := most(peers, of)
		for _, p := range peers {
			if v := of(p); v != usual {
				e, ok := p.entry(k.key)
				if !ok {
					e = Entry{Key: k.key}
				}
				c.mark(p.c, e, Warning, "settings-differ", fmt.Sprintf("%s is %s, and %s elsewhere", k.key, orNone(v), orNone(usual)),
					"what the ensemble does depends on who leads", "write the same in every file")
			}
		}
	}
}

func orNone(v string) string {
	if v == "" {
		return "not set"
	}
	return v
}

// most is the value that most have, the first of several.
func most(peers []*peer, of func(*peer) string) string {
	count := map[string]int{}
	best := ""
	for _, p := range peers {
		count[of(p)]++
	}
	for i, p := range peers {
		if v := of(p); i == 0 || count[v] > count[best] {
			best = v
		}
	}
	return best
}
