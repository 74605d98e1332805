package ensemble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zkdeck/config/zoocfg"
)

// leftOut are the keys that are not taken over as they stand, with the reason: what
// they are for is done otherwise here, or cannot be with all servers on one machine.
// Without a reason nothing is said.
var leftOut = map[string]string{
	"tickTime": "", "initLimit": "", "syncLimit": "", "standaloneEnabled": "", // of the plan
	"dataDir": "", "dataLogDir": "", "clientPort": "", "dynamicConfigFile": "", "peerType": "", "admin.enableServer": "", // of each server
	"clientPortAddress":             "clients are served on " + Host,
	"quorumListenOnAllIPs":          "everything listens on " + Host,
	"multiAddress.enabled":          "every server has the one address " + Host,
	"secureClientPort":              "clients are served without TLS",
	"secureClientPortAddress":       "clients are served without TLS",
	"reconfigEnabled":               "ZooKeeper would rewrite zoo.cfg by itself; members are added and removed with zkdeck",
	"4lw.commands.whitelist":        "all words are allowed here, where only this machine can ask",
	"admin.serverAddress":           "an AdminServer listens on " + Host,
	"admin.serverPort":              "each AdminServer has a port of its own",
	"observerMasterPort":            samePort,
	"metricsProvider.className":     samePort,
	"metricsProvider.httpPort":      samePort,
	"metricsProvider.httpHost":      samePort,
	"metricsProvider.exportJvmInfo": samePort,
}

const samePort = "all servers would listen on the one port"

// settings takes over what the files set besides the members: the timing, and all keys
// that mean the same here.
func (i *importer) settings(p *Plan) {
	first := i.sources[0]
	p.Tick = zoocfg.DefaultTick
	if ms, ok := i.number(first, "tickTime"); ok {
		p.Tick = time.Duration(ms) * time.Millisecond
	}
	if n, ok := i.number(first, "initLimit"); ok {
		p.InitLimit = n
	}
	if n, ok := i.number(first, "syncLimit"); ok {
		p.SyncLimit = n
	}
	for _, e := range first.config.All() {
		i.setting(p, first, e)
	}
	if v, ok := first.config.Get("standaloneEnabled"); ok && v == "false" && p.Voters() == 1 {
		p.Extra = append(p.Extra, Setting{"standaloneEnabled", "false"})
	}
	for _, s := range i.sources {
		v, set := s.config.Get("admin.enableServer")
		_, port := s.config.Get("admin.serverPort")
		if (set || port) && v != "false" {
			for n := range p.Members {
				p.Members[n].Admin = firstAdmin
			}
		}
	}
	if v, _ := first.config.Get("admin.enableServer"); p.Members[0].Admin == 0 && v != "false" {
		i.note(zoocfg.Finding{Severity: zoocfg.Note, File: first.name, Key: "admin.enableServer", Rule: "admin", What: "the AdminServer is off here: it would be on by default in ZooKeeper 3.5 to 3.9, all servers on the one port 8080"})
	}
}

// setting takes over one key of the first file, if it can be and the others agree.
func (i *importer) setting(p *Plan, first *source, e zoocfg.Entry) {
	family, _, _ := strings.Cut(e.Key, ".")
	if family == "server" {
		return
	}
	drop := func(severity zoocfg.Severity, why string) {
		i.note(zoocfg.Finding{Severity: severity, File: first.name, Line: e.Line, Key: e.Key, Rule: "left-out", What: fmt.Sprintf("%s is not taken over: %s", e.Key, why)})
	}
	if family == "group" || family == "weight" {
		drop(zoocfg.Warning, "here all votes count alike")
		return
	}
	if why, out := leftOut[e.Key]; out {
		if v := strings.TrimSpace(e.Value); why != "" && v != Host && v != "*" { // which it is here
			drop(zoocfg.Note, why)
		}
		return
	}
	x := Setting{e.Key, strings.TrimSpace(e.Value)}
	if err := checkExtra(x); err != nil {
		drop(zoocfg.Warning, err.Error())
		return
	}
	for _, s := range i.sources[1:] {
		if v, _ := s.config.Get(e.Key); v != x.Value {
			i.note(zoocfg.Finding{
				Severity: zoocfg.Warning, File: s.name, Key: e.Key, Rule: "settings-differ",
				What: fmt.Sprintf("%s is %q in %s and %q in %s: here it is the first for all servers", e.Key, x.Value, first.name, v, s.name),
			})
			break
		}
	}
	p.Extra = append(p.Extra, x)
}

// number reads a number above 0. One that is none is an error, as ZooKeeper finds.
func (i *importer) number(s *source, key string) (int, bool) {
	v, ok := s.config.Get(key)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err == nil && n > 0 {
		return n, true
	}
	i.note(zoocfg.Finding{
		Severity: zoocfg.Error, File: s.name, Key: key, Rule: "number",
		What: fmt.Sprintf("%s is %q, which is no number above 0", key, v), Effect: "ZooKeeper does not start with it", Mend: "write a number",
	})
	return 0, false
}

// place is a port of a member.
type place struct {
	id    int
	what  string
	port  *int
	start int // where to look for a free one if none is named
}

// ports gives the members their ports: those of the files where they are free here,
// and else ones above them.
func (i *importer) ports(ctx context.Context, p *Plan) error {
	taken := i.store.othersPorts(ctx, p.Name)
	free := func(port int) bool { return port > 0 && port <= maxPort && taken[port] == "" && !inUse(ctx, port) }
	var open []place
	for _, w := range i.places(p) {
		if !free(*w.port) {
			open = append(open, w)
			continue
		}
		taken[*w.port] = p.Name
	}
	for _, w := range open {
		was := *w.port
		for *w.port = max(was, w.start); !free(*w.port); *w.port++ {
			if *w.port > maxPort || ctx.Err() != nil {
				return errors.Join(fmt.Errorf("no free %s port was found for server %d", w.what, w.id), ctx.Err())
			}
		}
		taken[*w.port] = p.Name
		if was != 0 {
			i.note(zoocfg.Finding{Severity: zoocfg.Note, Rule: "port", What: fmt.Sprintf("the %s port of server %d is %d here: %d is taken", w.what, w.id, *w.port, was)})
		}
	}
	return ctx.Err()
}

// places are all ports of the members, with the numbers that the files name.
func (i *importer) places(p *Plan) []place {
	var all []place
	for n := range p.Members {
		m := &p.Members[n]
		if s := i.of(m.ID); s != nil {
			if port := s.clientPort(); port != 0 {
				m.Client = port
			}
			if v, ok := s.config.Get("admin.serverPort"); ok && m.Admin != 0 {
				m.Admin, _ = strconv.Atoi(v)
			}
		}
		all = append(all, place{m.ID, "client", &m.Client, firstClient}, place{m.ID, "quorum", &m.Quorum, firstQuorum}, place{m.ID, "election", &m.Election, firstElection})
		if m.Admin != 0 {
			all = append(all, place{m.ID, "AdminServer", &m.Admin, firstAdmin})
		}
	}
	return all
}

// of is the file of a server, nil where there is none.
func (i *importer) of(id int) *source {
	n := slices.IndexFunc(i.sources, func(s *source) bool { return s.id == id })
	if n < 0 {
		return nil
	}
	return i.sources[n]
}

// data notes where the data is, which stays there.
func (i *importer) data() {
	for _, s := range i.sources {
		if dir, _ := s.dataDirs(); dir != "" && hasData(dir) {
			i.note(zoocfg.Finding{
				Severity: zoocfg.Note, File: s.name, Key: "dataDir", Rule: "data",
				What: fmt.Sprintf("the data of server %d stays in %s: the ensemble here begins empty unless it is copied", s.id, dir),
			})
		}
	}
}
