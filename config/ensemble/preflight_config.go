package ensemble

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"zkdeck/config/zoocfg"
)

// checkConfigs judges every zoo.cfg as it is, or as it would be written, and compares
// them, also with those of the members that run.
func checkConfigs(p *Plan, down []Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	var all []*zoocfg.Config
	for _, m := range p.Members {
		c, err := p.config(m)
		if err != nil {
			found = append(found, zoocfg.Finding{
				Severity: zoocfg.Error, File: p.ConfigFile(m.ID), Rule: "unreadable",
				What:   fmt.Sprintf("the zoo.cfg of server %d cannot be read: %v", m.ID, err),
				Effect: "the server ends with exit code 2",
				Mend:   "make it a file that you may read",
			})
			continue
		}
		all = append(all, c)
		found = append(found, checkEdited(p, m, c)...)
	}
	o := zoocfg.LintOptions{JVM: p.JVM, Version: p.ZooKeeper.Version}
	if p.Temp {
		o.Temp = []string{} // that it goes is as wished
	}
	said := make(map[string]bool)
	for _, c := range all {
		at := slices.IndexFunc(down, func(m Member) bool { return c.Name == p.ConfigFile(m.ID) })
		if at < 0 {
			continue // it runs
		}
		o.ID = down[at].ID
		dir, _ := c.Get("dataDir")
		ours := dir == p.DataDir(o.ID)
		for _, f := range zoocfg.Lint(c, o) {
			if ours && f.Key == "dataDir" && f.Rule != "temporary-folder" {
				continue // what looks like a slip of the pen is the folder's name
			}
			// The files are alike: what is no error is told of the first.
			if f.Severity == zoocfg.Error || !said[f.Rule+" "+f.Key] {
				found = append(found, f)
			}
			said[f.Rule+" "+f.Key] = true
		}
	}
	for _, f := range zoocfg.Compare(all) {
		if f.Key != "dataDir" { // checkShared knows which folder is meant, whatever it is called
			found = append(found, f)
		}
	}
	return found
}

// config is the zoo.cfg of a server, read from its file or, if there is none, from
// what would be written.
func (p *Plan) config(m Member) (*zoocfg.Config, error) {
	path := p.ConfigFile(m.ID)
	c, err := zoocfg.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return zoocfg.Parse(path, []byte(p.zooCfg(m)))
	}
	return c, err
}

// checkEdited compares a zoo.cfg with the plan: what counts is the file, and what we
// tell of the server, as where clients find it, is from the plan.
func checkEdited(p *Plan, m Member, c *zoocfg.Config) []zoocfg.Finding {
	var found []zoocfg.Finding
	_, moved := c.Get("dynamicConfigFile") // ZooKeeper has taken the list out, as reconfiguration does
	for _, s := range p.settings(m) {
		now, there := c.Get(s.Key)
		if there && strings.TrimSpace(now) == s.Value {
			continue
		}
		ours := strings.HasPrefix(s.Key, "server.") && !moved
		for _, key := range ourKeys {
			ours = ours || key == s.Key
		}
		if !ours {
			continue // a person may tune what we have written
		}
		f := zoocfg.Finding{
			Severity: zoocfg.Error, File: p.ConfigFile(m.ID), Key: s.Key, Rule: "edited",
			What:   fmt.Sprintf("the zoo.cfg of server %d no longer says %s=%s", m.ID, s.Key, s.Value),
			Effect: "the server would do what nobody here knows of, and be taken for one that hangs",
			Mend:   "put that line back; to change ports or folders, plan the ensemble anew",
		}
		found = append(found, f)
	}
	return found
}
