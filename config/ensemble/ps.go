package ensemble

import (
	"strconv"
	"strings"
)

// parsePs reads a line of `ps -o state=,rss=,lstart=,command=`, where lstart is as
// in "Mon Nov 23 06:32:02 2026" and rss in units of 1024 bytes.
func parsePs(line string) (sight, bool) {
	var fields []string
	for range 7 {
		line = strings.TrimLeft(line, " ")
		field, rest, found := strings.Cut(line, " ")
		if !found {
			return sight{}, false
		}
		fields, line = append(fields, field), rest
	}
	s := sight{state: fields[0][0], began: strings.Join(fields[2:], " "), command: strings.TrimLeft(line, " ")}
	if kb, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
		s.rss = kb * 1024
	}
	return s, true
}
