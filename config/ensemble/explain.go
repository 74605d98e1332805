package ensemble

import (
	"fmt"
	"regexp"
	"strings"
)

// use says what a symptom in a log explains.
type use uint8

const (
	ends   use = 1 << iota // why a process ended
	stalls                 // why a running one does not serve
	lasts                  // what is wrong with one that serves, until it is started again
	passes                 // what went wrong once: a client was turned away
)

// symptom is a row of what is known of failures: what stands in the log, what that
// means, and what to do. In why and mend $1 is the first group of the pattern.
type symptom struct {
	uses      use
	pattern   *regexp.Regexp // is looked for in an entry with its stack trace
	why, mend string
	// fill, if it is there, makes the values of $1… of the groups and of the log up to
	// the entry.
	fill func(groups []string, log []LogLine) []string
}

// startMark is what a server's log says before each start; see the wrapper that
// launches a server.
const startMark = "zkdeck - starting server"

// newestStart cuts a log off before its newest start: what an earlier one suffered
// from explains nothing of this one.
func newestStart(log string) string {
	if i := strings.LastIndex(log, startMark); i >= 0 {
		return log[strings.LastIndexByte(log[:i], '\n')+1:]
	}
	// A server started by another hand. It begins with this line, and a standalone one
	// reads its file twice.
	const reads, twice = "Reading configuration from:", "running in standalone mode"
	i := strings.LastIndex(log, reads)
	if i < 0 {
		return log
	}
	if before := strings.LastIndex(log[:i], reads); before >= 0 && strings.Contains(log[before:i], twice) {
		i = before
	}
	log = log[strings.LastIndexByte(log[:i], '\n')+1:]
	// After it has told its end, what follows is of a later start that came to nothing.
	if i := strings.LastIndex(log, "Exiting JVM with code"); i >= 0 {
		if _, after, _ := strings.Cut(log[i:], "\n"); strings.TrimSpace(after) != "" {
			return after
		}
	}
	return log
}

// harmless are entries that look like a reason and are none.
var harmless = regexp.MustCompile(`Cannot open channel to ` + // peers that are not up yet, or no more
	`|"this\.zkDb" is null` + // asked before the database was loaded
	`|tries=\d, remaining init limit` + // the leader is not ready yet
	`|ZooKeeperServer not running` +
	`|Exiting JVM with code|ZooKeeper audit is disabled` +
	`|Notification: my state:|Notification time out: |Connection broken for id|Send worker leaving thread|Interrupting SendWorker` +
	`|Interrupted while waiting for message on queue` +
	`|Unable to read additional data from client` +
	`|Processing \w+ command from ` +
	`|\A[\w ]+, exiting abnormally\z`) // on standard error, what the log has just told

// isHarmless tells an entry that is never shown as a reason or as the last word.
func isHarmless(e LogLine) bool { return e.First() == "" || looksWorse(e) }

// looksWorse reports whether an entry looks like a reason and is none. What tells is in
// its head, and a stack trace is long.
func looksWorse(e LogLine) bool { return harmless.MatchString(e.Text[:min(len(e.Text), 400)]) }

// lastWord is the first line of the newest entry that says something.
func lastWord(log []LogLine) string {
	for i := len(log) - 1; i >= 0; i-- {
		if !isHarmless(log[i]) {
			return brief(log[i].First())
		}
	}
	return ""
}

// brief cuts a line of a log that nobody would read to its end.
func brief(line string) string {
	const most = 500
	if line = strings.TrimSpace(line); len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "…"
	}
	return line
}

// diagnosis is what a log was found to say.
type diagnosis struct {
	entry           LogLine
	line, why, mend string
	ok              bool
}

// suspects is how many entries that could be a reason are looked at: the reason is one
// of the last, and a log may be full of the same warning.
const suspects = 300

// diagnose looks for the newest entry that shows a symptom of this use.
func diagnose(log []LogLine, of use) diagnosis {
	seen := 0
	for i := len(log) - 1; i >= 0 && seen < suspects; i-- {
		if level := log[i].Level; level == "INFO" || level == "DEBUG" || level == "TRACE" || looksWorse(log[i]) {
			continue
		}
		seen++
		for _, s := range symptoms {
			if s.uses&of == 0 {
				continue
			}
			at := s.pattern.FindStringSubmatchIndex(log[i].Text)
			if at == nil {
				continue
			}
			return s.tell(log[i], at, log[:i+1])
		}
	}
	return diagnosis{}
}

// tell makes the sentences of a symptom that was found at these places of an entry.
func (s *symptom) tell(e LogLine, at []int, log []LogLine) diagnosis {
	groups := make([]string, len(at)/2)
	for g := range groups {
		if at[2*g] >= 0 {
			groups[g] = brief(e.Text[at[2*g]:at[2*g+1]])
		}
	}
	if s.fill != nil {
		groups = append(groups[:1], s.fill(groups, log)...)
	}
	pairs := make([]string, 0, 2*len(groups))
	for g, text := range groups {
		pairs = append(pairs, fmt.Sprintf("$%d", g), text)
	}
	put := strings.NewReplacer(pairs...)
	// A pattern ends on the line that tells most.
	from := strings.LastIndexByte(e.Text[:at[1]], '\n') + 1
	line, _, _ := strings.Cut(e.Text[from:], "\n")
	return diagnosis{entry: e, line: brief(line), why: put.Replace(s.why), mend: put.Replace(s.mend), ok: true}
}

// Explain says why a server's process ended: the line of the log that tells, as it
// stands there, what happened in plain words, and what to do about it. log is its
// log, or the end of it, of which only the newest start counts; code its exit code,
// -1 where nobody saw it end, and signal the signal that ended it, "SIGKILL", empty
// for none. With code 0 it says what a log tells of a server that still runs: why it
// does not serve, or has turned a client away. Where the log says nothing that is
// known, the last error stands for it, and what the exit code means.
func Explain(log string, code int, signal string) (line, why, mend string) {
	return explain(entries(0, newestStart(log)), code, signal)
}

// explain is Explain for the entries of one start.
func explain(all []LogLine, code int, signal string) (line, why, mend string) {
	if signal == "" {
		signal = signalOf(code)
	}
	if why, mend := bySignal(signal); why != "" {
		if d := diagnose(all, ends); d.ok && signal == "SIGABRT" {
			return d.line, d.why, d.mend
		}
		return "", why, mend
	}
	if d := diagnose(all, ends); d.ok {
		return d.line, d.why, d.mend
	}
	if code == 0 {
		if d := diagnose(all, stalls|lasts|passes); d.ok {
			return d.line, d.why, d.mend
		}
	}
	why, mend = byCode(code)
	return lastError(all), why, mend
}

// lastError is the line of the newest error that tells most: the innermost cause.
func lastError(log []LogLine) string {
	for i := len(log) - 1; i >= 0; i-- {
		e := log[i]
		if isHarmless(e) || (e.Level != "ERROR" && e.Level != "FATAL" && e.Level != "") {
			continue
		}
		line := e.First()
		for next := range strings.Lines(e.Text) {
			if strings.HasPrefix(next, "Caused by: ") || !strings.HasPrefix(next, "\t") && strings.Contains(next, "Exception: ") {
				line = next
			}
		}
		return brief(line)
	}
	return lastWord(log)
}

// signalOf names the signal that an exit code of the shell's or of Java's stands for.
func signalOf(code int) string {
	return map[int]string{
		128 + 1: "SIGHUP", 128 + 2: "SIGINT", 128 + 3: "SIGQUIT", 128 + 6: "SIGABRT", 128 + 7: "SIGBUS",
		128 + 9: "SIGKILL", 128 + 11: "SIGSEGV", 128 + 15: "SIGTERM",
	}[code]
}

// bySignal explains an end by a signal that we have not sent.
func bySignal(signal string) (why, mend string) {
	switch signal {
	case "":
		return "", ""
	case "SIGKILL":
		return "it was killed with SIGKILL: by kill -9 from elsewhere, or by the kernel because memory ran out",
			"start it again; dmesg tells whether the kernel has killed it"
	case "SIGTERM", "SIGINT", "SIGHUP":
		return "it was ended with " + signal + " from elsewhere: a kill, a terminal that closed, or a shutdown", "start it again"
	case "SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE":
		return "Java itself crashed (" + signal + ")",
			"look for hs_err_pid….log in the server's folder and start it again; if it happens again, take another Java"
	}
	return "it was ended with " + signal, "start it again"
}

// byCode explains an end by its exit code alone (org.apache.zookeeper.server.ExitCode).
func byCode(code int) (why, mend string) {
	switch code {
	case -1:
		return "it is gone, and nobody saw how: the machine was restarted, or it was killed together with what watched it", "start it again"
	case 0:
		return "it ended by itself, and normally", "start it again"
	case 2:
		return "it does not accept its zoo.cfg", "look at the log, and at what zkdeck ensemble lint says of its zoo.cfg"
	case 3:
		return "it cannot use its data folder", "see that the folder exists, is writable and has room"
	case 4:
		return "its AdminServer could not be started", "set admin.enableServer=false, or admin.serverPort to a free port"
	case 10:
		return "it could not write a snapshot", "see that its data folder is writable and has room, then start it again"
	case 12, 13:
		return "it and the leader no longer agree on what was written", "start it again; if it ends again, wipe its data, which it then gets from the others"
	case 14:
		return "its election port is in use", "see what else listens on it, or give the server another one"
	case 126, 127:
		return "Java could not be run", "see that the java of this ensemble is still installed"
	}
	return fmt.Sprintf("it ended with exit code %d", code), "look at its log"
}
