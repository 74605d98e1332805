package ensemble

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// look reads what /proc says of a process; false if there is none.
func look(pid int) (sight, bool) {
	if pid <= 0 {
		return sight{}, false
	}
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return sight{}, false
	}
	// The name in field 2 may itself hold blanks and parentheses.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const state, parent, began, rss = 0, 4 - 3, 22 - 3, 24 - 3 // proc(5) counts from 1, and we from its field 3
	if len(fields) <= rss {
		return sight{}, false
	}
	s := sight{state: fields[state][0], began: string(fields[began])}
	s.parent, _ = strconv.Atoi(string(fields[parent])) // 0 is nobody
	if pages, err := strconv.ParseInt(string(fields[rss]), 10, 64); err == nil {
		s.rss = pages * int64(os.Getpagesize())
	}
	command, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return sight{}, false
	}
	s.command = string(command)
	return s, true
}

// runs reports whether the last argument of a process is this file.
func (s sight) runs(config string) bool { return strings.HasSuffix(s.command, "\x00"+config+"\x00") }

// arguments are the arguments of a process, its program first.
func (s sight) arguments() []string {
	return strings.Split(strings.TrimSuffix(s.command, "\x00"), "\x00")
}

// pids are all processes.
func pids() ([]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var list []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			list = append(list, pid)
		}
	}
	return list, nil
}
