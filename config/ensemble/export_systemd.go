package ensemble

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// units are the systemd units of the ensemble: one for any of its servers, and a
// target that has them all.
func (p *Plan) units() []File {
	unit := "zookeeper-" + p.Name
	var wants []string
	for _, m := range p.Members {
		wants = append(wants, fmt.Sprintf("%s@%d.service", unit, m.ID))
	}
	target := fmt.Sprintf(`# All servers of the ensemble %s: systemctl --user start %s.target
[Unit]
Description=ZooKeeper ensemble %s
Wants=%s

[Install]
WantedBy=default.target
`, p.Name, unit, p.Name, strings.Join(wants, " "))
	return []File{
		{Path: unit + "@.service", Mode: 0o644, Text: p.service(unit)},
		{Path: unit + ".target", Mode: 0o644, Text: target},
	}
}

// service is the unit of a server, whose id is the instance. Its lock is the one of
// our own server.sh, so that the two never run two servers on one data folder.
func (p *Plan) service(unit string) string {
	// The folder of server N ends in N, which the instance stands for.
	prefix := filepath.Join(p.Dir, "server")
	words := []string{"/usr/bin/flock", "--nonblock", "--no-fork", "--conflict-exit-code", "75", unitWord(prefix) + "%i/data/zkdeck.lock"}
	for _, w := range slices.Concat([]string{p.Java.Path}, p.jvmArguments(), []string{"-cp", strings.Join(p.classPath(), ":"), mainClass}) {
		words = append(words, unitWord(w))
	}
	words = append(words, unitWord(prefix)+"%i/zoo.cfg")
	for i, w := range words {
		words[i] = unitQuoted(w)
	}
	return fmt.Sprintf(`# A server of the ensemble %[1]s; the instance is its id.
# For yourself: put this and %[2]s.target into ~/.config/systemd/user, then
#   systemctl --user daemon-reload && systemctl --user start %[2]s.target
# For the machine: put them into /etc/systemd/system, and add the lines User= and
# Group= of whoever owns the data below [Service].
# Stop the ensemble with zkdeck first. One server never runs twice: the second one
# finds the lock taken and exits with 75.
[Unit]
Description=ZooKeeper server %%i of %[1]s
Documentation=https://zookeeper.apache.org/doc/
After=network.target
PartOf=%[2]s.target

[Service]
Type=exec
WorkingDirectory=%[3]s
Environment=LC_ALL=C.UTF-8
ExecStart=%[4]s
StandardOutput=append:%[3]s/server.log
StandardError=inherit
KillSignal=SIGTERM
# Java answers SIGTERM by exiting with 143.
SuccessExitStatus=143
TimeoutStopSec=10
# After a crash it starts again; an exit code of its own is about the configuration
# or the disk, which starting again does not mend.
Restart=on-abnormal
RestartSec=2

[Install]
WantedBy=%[2]s.target
`, p.Name, unit, unitPath(prefix)+"%i", strings.Join(words, " \\\n  "))
}

// unitPath is a path that stands by itself behind a key of a unit.
func unitPath(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// unitWord escapes what a command line of a unit would take for a specifier or a
// variable.
func unitWord(word string) string {
	return strings.NewReplacer("%", "%%", "$", "$$").Replace(word)
}

// unitQuoted puts a word of a command line between quotes where systemd would split
// it or read more into it (systemd.syntax(7), "Quoting").
func unitQuoted(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\"'\\;") {
		return word
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}
