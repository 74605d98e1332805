package ensemble

import (
	"strconv"
	"strings"
	"time"
)

// LogLine is an entry of a server's log, as it stands there: clean it before a
// terminal sees it.
type LogLine struct {
	// Server is the id of the server whose log it is.
	Server int
	// At is when it was written; zero for what Java printed before the log began.
	At time.Time
	// Level is "INFO", "WARN", "ERROR", …, empty for what did not come by the logger.
	Level string
	// Text is the rest of the line, with the lines of a stack trace or of a message of
	// several lines after it, at most 64 kB.
	Text string
}

// First is the first line of Text.
func (l LogLine) First() string {
	first, _, _ := strings.Cut(l.Text, "\n")
	return first
}

// maxEntry bounds an entry and a line: a log may hold anything, also what is no text.
const maxEntry = 64 << 10

var logLevels = map[string]bool{
	"TRACE": true, "DEBUG": true, "INFO": true, "WARN": true, "ERROR": true, "FATAL": true,
}

// parseLogLine reads the first line of an entry, in the layouts of the logging
// configurations that come with ZooKeeper and of ours, of log4j, logback and
// slf4j-simple:
//
//	2026-11-23 06:36:47,111 WARN  NIOServerCnxn - text
//	2026-11-23 06:36:47,111 [myid:1] - WARN  [main:NIOServerCnxn@374] - text
//	2026-11-23 06:36:47:111 +0000 [main] WARN org.apache.zookeeper.server.NIOServerCnxn - text
//	[main] WARN org.apache.zookeeper.server.NIOServerCnxn - text
//
// It returns false for a line that begins no entry.
func parseLogLine(line string) (LogLine, bool) {
	at, rest, dated := logTime(line)
	// The level stands among the first few words.
	fields := 4
	if !dated {
		fields = 2
	}
	for left := rest; fields > 0; fields-- {
		left = strings.TrimLeft(left, " -")
		word, after, _ := strings.Cut(left, " ")
		if word == "" {
			break
		}
		if logLevels[strings.Trim(word, "[]")] {
			return LogLine{At: at, Level: strings.Trim(word, "[]"), Text: strings.TrimLeft(after, " -")}, true
		}
		left = after
	}
	if dated {
		return LogLine{At: at, Text: strings.TrimLeft(rest, " -")}, true
	}
	return LogLine{}, false
}

// logTime reads the time that a line begins with: of the zone that it names, else
// of this machine's, which is the server's too.
func logTime(line string) (at time.Time, rest string, ok bool) {
	line = strings.TrimPrefix(line, "[")
	const layout = "2006-01-02 15:04:05"
	if len(line) < len(layout) || line[4] != '-' || (line[10] != ' ' && line[10] != 'T') {
		return at, line, false
	}
	zone := time.Local
	rest = line[len(layout):]
	millis := 0
	if len(rest) >= 4 && strings.ContainsRune(",.:", rune(rest[0])) {
		if n, err := strconv.Atoi(rest[1:4]); err == nil && n >= 0 {
			millis, rest = n, rest[4:]
		}
	}
	if z := strings.TrimPrefix(rest, " "); strings.HasPrefix(z, "Z") {
		zone, rest = time.UTC, z[1:]
	} else if len(z) >= 5 && (z[0] == '+' || z[0] == '-') {
		n := 5 // +0000
		if len(z) >= 6 && z[3] == ':' {
			n = 6
		}
		if t, err := time.Parse("-0700", strings.Replace(z[:n], ":", "", 1)); err == nil {
			zone, rest = t.Location(), z[n:]
		}
	}
	at, err := time.ParseInLocation(layout, line[:10]+" "+line[11:len(layout)], zone)
	if err != nil {
		return time.Time{}, line, false
	}
	return at.Add(time.Duration(millis) * time.Millisecond), strings.TrimPrefix(rest, "]"), true
}

// continues tells a line that belongs to the entry above it from one that something
// other than the logger has printed: Java itself, or the server on its standard error.
func continues(line string) bool {
	if line == "" || line[0] == ' ' || line[0] == '\t' {
		return true
	}
	word, _, _ := strings.Cut(line, " ")
	switch {
	case strings.HasPrefix(line, "Caused by: "), strings.HasPrefix(line, "Suppressed: "):
		return true
	case !strings.Contains(word, "."):
		return false
	}
	// "java.net.BindException: Address already in use", the head of a stack trace.
	name := strings.TrimSuffix(word, ":")
	return strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Throwable")
}

// grouper makes entries of lines.
type grouper struct {
	server int
	cur    LogLine
	have   bool
	last   time.Time // of the newest entry that had one
}

// add takes the next line, without its end, and returns the entry that it completes.
func (g *grouper) add(line string) (done LogLine, ok bool) {
	line = strings.TrimSuffix(line, "\r")
	next, begins := parseLogLine(line)
	if !begins && g.have && continues(line) {
		if len(g.cur.Text)+len(line) < maxEntry {
			g.cur.Text += "\n" + line
		}
		return LogLine{}, false
	}
	if !begins {
		if line == "" {
			return LogLine{}, false
		}
		next = LogLine{Text: line}
	}
	done, ok = g.flush()
	if next.At.IsZero() {
		next.At = g.last // it was printed after that
	}
	g.last = next.At
	next.Server = g.server
	g.cur, g.have = next, true
	return done, ok
}

// flush returns the entry that no more lines are expected for.
func (g *grouper) flush() (LogLine, bool) {
	done, ok := g.cur, g.have
	g.cur, g.have = LogLine{}, false
	done.Text = strings.TrimRight(done.Text, "\n")
	return done, ok
}

// entries are those of a piece of a log.
func entries(server int, text string) []LogLine {
	g := grouper{server: server}
	var all []LogLine
	for line := range strings.Lines(text) {
		if e, ok := g.add(strings.TrimSuffix(line, "\n")); ok {
			all = append(all, e)
		}
	}
	if e, ok := g.flush(); ok {
		all = append(all, e)
	}
	return all
}
