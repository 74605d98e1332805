package ensemble

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// holder says who listens on a port, as " by pid 123 (java)", as far as we may know:
// "" for a process of somebody else.
func holder(port int) string {
	sockets := listeners(port)
	if len(sockets) == 0 {
		return ""
	}
	all, err := pids()
	if err != nil {
		return ""
	}
	for _, pid := range all {
		dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
		names, err := readNames(dir)
		if err != nil {
			continue // somebody else's, or gone
		}
		for _, name := range names {
			if target, err := os.Readlink(filepath.Join(dir, name)); err == nil && sockets[target] {
				return fmt.Sprintf(" by pid %d (%s)", pid, programOf(pid))
			}
		}
	}
	return ""
}

// listeners are the sockets that listen on a port, as links of /proc/PID/fd name
// them.
func listeners(port int) map[string]bool {
	const local, state, inode = 1, 3, 9 // proc_net_tcp(5)
	const listening = "0A"
	found := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) > inode && fields[state] == listening && strings.HasSuffix(fields[local], fmt.Sprintf(":%04X", port)) {
				found["socket:["+fields[inode]+"]"] = true
			}
		}
		f.Close()
	}
	return found
}

// programOf is the name of a process's program.
func programOf(pid int) string {
	s, ok := look(pid)
	if !ok {
		return "?"
	}
	return filepath.Base(s.arguments()[0])
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
