package ensemble

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zkdeck/config/zoocfg"
)

// ImportWish is what a person wants to make an ensemble of.
type ImportWish struct {
	// Files are the zoo.cfg files of its servers, or the folders that they are in.
	Files []string
	// Name, Dir, Java and ZooKeeper are as those of a [Wish].
	Name, Dir       string
	Java, ZooKeeper string
}

// Import plans an ensemble of the zoo.cfg files of one that is there already, and
// writes nothing. The servers, their ids and roles, the settings and, where they are
// free here, the ports are those of the files; a dynamicConfigFile is followed. Every
// server listens on 127.0.0.1, whatever address it had. What differs from the files,
// and why, stands in the findings; where one of them is an error, there is no plan and
// the error says so too.
//
// What the files belong to stays as it is: they are only read, what runs is not
// touched, and the data stays where it is. [Ensemble.CopyData] copies it once the
// ensemble is written.
//
// A comment behind a value, with which ZooKeeper would not start, is taken for one.
func (s *Store) Import(ctx context.Context, w ImportWish) (*Plan, []zoocfg.Finding, error) {
	i := &importer{store: s}
	if err := i.read(w.Files); err != nil {
		return nil, i.found, err
	}
	name, err := s.freeName(w.Name)
	if err != nil {
		return nil, i.found, err
	}
	p := &Plan{Name: name, Created: time.Now().Round(0)}
	i.members(p)
	if !i.failed() {
		i.settings(p)
	}
	if i.failed() {
		sortFindings(i.found)
		return nil, i.found, fmt.Errorf("these files cannot be imported: %s", i.found[0].What)
	}
	p.defaults()
	wish := Wish{Dir: w.Dir, Java: w.Java, ZooKeeper: w.ZooKeeper}
	if p.Dir, err = s.folder(name, wish); err != nil {
		return nil, i.found, err
	}
	if err := s.findDistro(p, wish); err != nil {
		return nil, i.found, err
	}
	if err := i.ports(ctx, p); err != nil {
		return nil, i.found, err
	}
	if err := p.check(); err != nil {
		return nil, i.found, fmt.Errorf("these files cannot be imported: %w", err)
	}
	p.Archive = s.archive(p.Java, p.classPath())
	i.data()
	sortFindings(i.found)
	return p, i.found, nil
}

// importer makes a plan of files, and notes what it makes of them.
type importer struct {
	store   *Store
	sources []*source
	found   []zoocfg.Finding
}

func (i *importer) note(f zoocfg.Finding) { i.found = append(i.found, f) }

func (i *importer) failed() bool {
	return slices.ContainsFunc(i.found, func(f zoocfg.Finding) bool { return f.Severity == zoocfg.Error })
}

// members takes the servers from the lists of the files, which must name the same.
func (i *importer) members(p *Plan) {
	first := i.sources[0]
	for _, s := range i.sources[1:] {
		if !slices.EqualFunc(first.servers, s.servers, func(a, b zoocfg.Server) bool { return a.ID == b.ID && a.Observer == b.Observer }) {
			i.note(zoocfg.Finding{
				Severity: zoocfg.Error, File: s.name, Key: "server", Rule: "lists-differ",
				What:   fmt.Sprintf("%s and %s list different servers", first.name, s.name),
				Effect: "they are no files of one ensemble, or would split it",
				Mend:   "have the server lines the same in all files, or import each ensemble by itself",
			})
			return
		}
	}
	if len(first.servers) == 0 {
		if len(i.sources) > 1 {
			i.note(zoocfg.Finding{
				Severity: zoocfg.Error, File: i.sources[1].name, Rule: "lists-none",
				What:   fmt.Sprintf("none of the %d files lists servers: each is of a server that runs alone", len(i.sources)),
				Effect: "together they are no ensemble",
				Mend:   "import each by itself, or write the same server lines into all of them",
			})
			return
		}
		first.id = 1
		if first.config.MyID != nil && first.config.MyID.Err == nil && first.config.MyID.ID > 0 {
			first.id = first.config.MyID.ID
		}
		p.Members = []Member{{ID: first.id}}
		return
	}
	for _, s := range first.servers {
		m := Member{ID: s.ID, Observer: s.Observer, Client: s.Client.Port}
		if len(s.Addrs) > 0 {
			m.Quorum, m.Election = s.Addrs[0].Quorum, s.Addrs[0].Election
			i.address(first, s)
		}
		if s.ID < 1 || s.ID > maxID {
			i.note(zoocfg.Finding{
				Severity: zoocfg.Error, File: first.name, Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID), Rule: "id",
				What:   fmt.Sprintf("the id %d is not possible here", s.ID),
				Effect: "sessions of it and of others could have the same number",
				Mend:   fmt.Sprintf("give it one from 1 to %d", maxID),
			})
		}
		p.Members = append(p.Members, m)
	}
	i.identify(p)
}

// address notes that a server is elsewhere.
func (i *importer) address(of *source, s zoocfg.Server) {
	hosts := []string{s.Client.Host}
	for _, a := range s.Addrs {
		hosts = append(hosts, a.Host)
	}
	for _, h := range hosts {
		if h == "" || h == "localhost" || strings.HasPrefix(h, "127.") || h == "::1" || h == "0.0.0.0" {
			continue
		}
		i.note(zoocfg.Finding{
			Severity: zoocfg.Note, File: of.name, Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID), Rule: "address",
			What: fmt.Sprintf("server %d is at %s: here it listens on %s", s.ID, h, Host),
		})
		return
	}
}

// identify finds out which file is of which server: by its myid, by the client port
// that the server lines tell, or, where there is a file for each, by their order.
func (i *importer) identify(p *Plan) {
	taken := map[int]bool{}
	claim := func(s *source, id int) {
		if _, there := p.Member(id); there && s.id == 0 && !taken[id] {
			s.id, taken[id] = id, true
		}
	}
	for _, s := range i.sources {
		if my := s.config.MyID; my != nil && my.Err == nil {
			claim(s, my.ID)
		}
	}
	for _, s := range i.sources {
		for _, m := range p.Members {
			if port := s.clientPort(); port != 0 && port == m.Client {
				claim(s, m.ID)
			}
		}
	}
	for n, s := range i.sources {
		if s.id != 0 {
			continue
		}
		if len(i.sources) == len(p.Members) {
			claim(s, p.Members[n].ID)
		}
		for _, m := range p.Members {
			claim(s, m.ID)
		}
		i.note(zoocfg.Finding{
			Severity: zoocfg.Note, File: s.name, Rule: "whose-file",
			What: fmt.Sprintf("no myid tells which server %s is of: it is taken for that of server %d", s.name, s.id),
		})
	}
}

// clientPort is the port that a file names for clients, 0 for none.
func (s *source) clientPort() int {
	v, _ := s.config.Get("clientPort")
	n, _ := strconv.Atoi(strings.TrimSpace(v))
	return n
}
