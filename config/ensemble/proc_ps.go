//go:build unix && !linux

package ensemble

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// look asks ps(1) about a process; false if there is none.
func look(pid int) (sight, bool) {
	if pid <= 0 {
		return sight{}, false
	}
	cmd := exec.Command("ps", "-ww", "-o", "state=,rss=,lstart=,command=", "-p", strconv.Itoa(pid))
	// The script of a server asks in the same way, and must get the same answer.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		return sight{}, false
	}
	return parsePs(strings.TrimRight(string(out), "\n"))
}

// runs reports whether the command line of a process ends with this file.
func (s sight) runs(config string) bool { return strings.HasSuffix(s.command, " "+config) }

// arguments are the arguments of a process, its program first; those with blanks
// in them come apart.
func (s sight) arguments() []string { return strings.Fields(s.command) }

// pids are all processes.
func pids() ([]int, error) {
	out, err := exec.Command("ps", "-axo", "pid=").Output()
	if err != nil {
		return nil, err
	}
	var list []int
	for _, field := range strings.Fields(string(out)) {
		if pid, err := strconv.Atoi(field); err == nil {
			list = append(list, pid)
		}
	}
	return list, nil
}
