package ensemble

import (
	"fmt"
	"path/filepath"
	"strings"
)

// The formats of Export.
const (
	formatConfig  = "zoo.cfg"
	formatScripts = "scripts"
	formatCompose = "compose"
	formatSystemd = "systemd"
)

// ExportFormats are the formats that [Export] knows.
func ExportFormats() []string {
	return []string{formatConfig, formatScripts, formatCompose, formatSystemd}
}

// Export writes the ensemble down for what is to run it without us; it writes no
// file. The formats are
//
//   - "zoo.cfg": the zoo.cfg and the myid of each server, as they run here;
//   - "scripts": those, with start.sh, stop.sh and what they need;
//   - "compose": a compose.yaml for Docker, of the official zookeeper image, with
//     data of its own and the same ports on 127.0.0.1;
//   - "systemd": a unit for all servers, and a target that has all of them.
//
// The paths of the first two are absolute, in the ensemble's folder; those of the
// others are names. An unknown format is an error that says which there are, as is a
// plan that a format cannot express.
func Export(p *Plan, format string) ([]File, error) {
	switch format {
	case formatConfig:
		files, err := p.Files()
		if err != nil {
			return nil, err
		}
		var out []File
		for _, f := range files {
			if name := filepath.Base(f.Path); name == "zoo.cfg" || name == "myid" {
				out = append(out, f)
			}
		}
		return out, nil
	case formatScripts:
		return p.Files()
	case formatCompose:
		text, err := p.compose()
		if err != nil {
			return nil, fmt.Errorf("writing %s for Docker Compose: %w", p.Name, err)
		}
		return []File{{Path: "compose.yaml", Mode: 0o644, Text: text}}, nil
	case formatSystemd:
		return p.units(), nil
	}
	return nil, fmt.Errorf("there is no format %q: take one of %s", format, strings.Join(ExportFormats(), ", "))
}
