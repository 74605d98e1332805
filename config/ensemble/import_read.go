package ensemble

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"zkdeck/config/zoocfg"
)

// source is a file that is imported.
type source struct {
	// name is what findings call it.
	name    string
	config  *zoocfg.Config
	servers []zoocfg.Server
	// id is the server that it is of.
	id int
}

// read reads the files.
func (i *importer) read(files []string) error {
	if len(files) == 0 {
		return errors.New("name the zoo.cfg of each server that is to be imported")
	}
	seen := map[string]bool{}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, "zoo.cfg")
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return fmt.Errorf("importing %s: %w", path, err)
		}
		if seen[real] {
			return fmt.Errorf("importing %s: it is named twice", path)
		}
		seen[real] = true
		c, err := zoocfg.Load(path)
		if err != nil {
			return fmt.Errorf("importing: %w", err)
		}
		if c, err = i.repaired(c); err != nil {
			return fmt.Errorf("importing %s: %w", path, err)
		}
		s := &source{name: path, config: c}
		if c.DynamicErr != nil {
			return fmt.Errorf("importing %s: the list of its servers is in another file: %w", path, c.DynamicErr)
		}
		if s.servers, err = c.Servers(); err != nil {
			var bad *zoocfg.LineError
			f := zoocfg.Finding{
				Severity: zoocfg.Error, File: path, Rule: "server-line", What: err.Error(),
				Effect: "ZooKeeper does not start with it, and which servers there are is not known",
				Mend:   "write it as server.N=host:quorumport:electionport",
			}
			if errors.As(err, &bad) {
				f.Line, f.Key = bad.Line, bad.Key
				f.What = fmt.Sprintf("the line %s is none that ZooKeeper reads: %v", bad.Key, bad.Err)
			}
			i.note(f)
			return fmt.Errorf("importing %s: %w", path, err)
		}
		i.sources = append(i.sources, s)
	}
	return nil
}

// inlineComment is a value with a blank and a "#" behind it, which begin a comment for
// a person, and for ZooKeeper a part of the value.
var inlineComment = regexp.MustCompile(`^([^#]*?)[ \t]+#.*$`)

// repaired is a file without comments behind values. They are no part of the value
// to whoever wrote them, and ZooKeeper starts with few of them.
func (i *importer) repaired(c *zoocfg.Config) (*zoocfg.Config, error) {
	if c == nil {
		return nil, nil
	}
	entries, repaired := c.All(), false
	for n, e := range entries {
		cut := inlineComment.FindStringSubmatch(e.Value)
		if cut == nil {
			continue
		}
		entries[n].Value, repaired = cut[1], true
		i.note(zoocfg.Finding{
			Severity: zoocfg.Warning, File: c.Name, Line: e.Line, Key: e.Key, Rule: "inline-comment",
			What:   fmt.Sprintf("there is a comment behind the value of %s: here the value is %q", e.Key, cut[1]),
			Effect: "ZooKeeper takes it for a part of the value, and with most keys does not start",
			Mend:   "put comments on lines of their own",
		})
	}
	dynamic, err := i.repaired(c.Dynamic)
	if err != nil || !repaired && dynamic == c.Dynamic {
		return c, err
	}
	out := c
	if repaired {
		if out, err = zoocfg.Parse(c.Name, zoocfg.Render(entries, zoocfg.RenderOptions{})); err != nil {
			return nil, err
		}
		out.Path, out.DynamicErr, out.MyID = c.Path, c.DynamicErr, c.MyID
		if dir, ok := out.Get("dataDir"); ok && filepath.IsAbs(dir) {
			out.MyID = zoocfg.ReadMyID(dir)
		}
	}
	out.Dynamic = dynamic
	return out, nil
}

// dataDirs are the folders with a server's snapshots and with its logs, which are
// mostly one; empty where the file tells none.
func (s *source) dataDirs() (snapshots, logs string) {
	snapshots, _ = s.config.Get("dataDir")
	logs, _ = s.config.Get("dataLogDir")
	snapshots, logs = strings.TrimSpace(snapshots), strings.TrimSpace(logs)
	if logs == "" {
		logs = snapshots
	}
	return snapshots, logs
}
