package zoocfg

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// LintOptions say what is known besides the files. The zero value judges for this
// system, and for ZooKeeper 3.5 to 3.9.
type LintOptions struct {
	// ID is the myid of the server that the file is for, 0 for what Load has found.
	ID int
	// JVM are the server's Java arguments: a -Dzookeeper.KEY=VALUE stands in for a key
	// that the file lacks.
	JVM []string
	// Version is that of the ZooKeeper which is to read the file, as "3.8.0"; empty for
	// not known.
	Version string
	// GOOS is the system that it is to run on; empty for this one.
	GOOS string
	// Temp are the folders that are emptied now and then; nil for those of the system.
	Temp []string
}

// Lint says what is wrong with a zoo.cfg, with what it names as far as Load has read it,
// and what will happen because of it. The findings are in the order of the file, those
// about what is missing last. It reads no further file, but looks where symbolic links
// of folders lead.
func Lint(c *Config, o LintOptions) []Finding {
	l := newLinter(c, o)
	for _, rule := range []func(*linter){
		(*linter).text, (*linter).keys, (*linter).values,
		(*linter).folders, (*linter).limits, (*linter).purging,
		(*linter).clients, (*linter).adminServer, (*linter).whitelist, (*linter).safety,
		(*linter).dynamic, (*linter).list, (*linter).voters, (*linter).groups, (*linter).ports,
		(*linter).roles, (*linter).myid, (*linter).security, (*linter).metrics,
	} {
		rule(l)
	}
	slices.SortStableFunc(l.found, l.byPlace)
	return l.found
}

// linter judges one zoo.cfg.
type linter struct {
	c     *Config
	o     LintOptions
	found []Finding
	// servers are the members that could be read, problems what could not be; listed tells
	// that there is a list at all, and that all of it is known.
	servers  []Server
	problems []LineError
	listed   bool
	// id is the server's own, known if hasID.
	id    int
	hasID bool
	// system are properties of Java that begin with "zookeeper.", without that.
	system map[string]string
	tick   time.Duration
	// meant are keys that stand there misspelt: that they are missing was said with that.
	meant map[string]bool
}

func newLinter(c *Config, o LintOptions) *linter {
	l := &linter{c: c, o: o, system: map[string]string{}, meant: map[string]bool{}}
	l.o.GOOS = cmp.Or(o.GOOS, runtime.GOOS)
	for _, arg := range o.JVM {
		if name, ok := strings.CutPrefix(arg, "-Dzookeeper."); ok {
			key, value, _ := strings.Cut(name, "=")
			l.system[key] = value
		}
	}
	l.servers, l.problems = c.members()
	_, named := c.entry("dynamicConfigFile")
	l.listed = len(l.servers)+len(l.problems) > 0 && (!named || c.Dynamic != nil)
	switch {
	case o.ID > 0:
		l.id, l.hasID = o.ID, true
	case c.MyID != nil && c.MyID.Err == nil:
		l.id, l.hasID = c.MyID.ID, true
	}
	l.tick = DefaultTick
	if n, ok := l.number("tickTime"); ok && n > 0 {
		l.tick = time.Duration(n) * time.Millisecond
	}
	return l
}

// byPlace puts findings into the order of the file: the dynamic file after the file
// itself, what has no line last, the worse first within a line.
func (l *linter) byPlace(a, b Finding) int {
	place := func(f Finding) int {
		switch {
		case f.Line == 0 && f.File == l.c.Name:
			return 1 << 30
		case f.File != l.c.Name:
			return 1<<29 + f.Line
		}
		return f.Line
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(b.Severity, a.Severity))
}

// mark adds a finding about an entry of the file.
func (l *linter) mark(e Entry, s Severity, rule, what, effect, mend string) {
	l.markIn(l.c, e, s, rule, what, effect, mend)
}

// markIn adds a finding about an entry of a file.
func (l *linter) markIn(c *Config, e Entry, s Severity, rule, what, effect, mend string) {
	l.found = append(l.found, finding(c, e, s, rule, what, effect, mend))
}

// finding is what is said about an entry of a file.
func finding(c *Config, e Entry, s Severity, rule, what, effect, mend string) Finding {
	return Finding{Severity: s, File: c.Name, Line: e.Line, Key: trim(e.Key), Rule: rule, What: what, Effect: effect, Mend: mend}
}

// miss adds a finding about a key that is not there.
func (l *linter) miss(key string, s Severity, rule, what, effect, mend string) {
	if l.meant[key] {
		return
	}
	l.markIn(l.c, Entry{Key: key}, s, rule, what, effect, mend)
}

// value is what a key is meant to be: without a comment behind it, which is a finding of
// its own. A property on Java's command line stands in for a key that becomes one.
func (l *linter) value(key string) (string, bool) {
	e, ok := l.c.entry(key)
	if !ok {
		v, ok := l.system[key]
		return v, ok
	}
	return intended(e), true
}

// entry is the entry of a key, and whether there is one.
func (l *linter) entry(key string) (Entry, bool) { return l.c.entry(key) }

// has tells whether a key is there.
func (l *linter) has(key string) bool {
	_, ok := l.value(key)
	return ok
}

// number is the value of a key that is one.
func (l *linter) number(key string) (int, bool) {
	v, ok := l.value(key)
	if !ok {
		return 0, false
	}
	n, err := parseInt(v)
	return n, err == nil
}

// isTrue tells whether a key is there and true.
func (l *linter) isTrue(key string) bool {
	v, _ := l.value(key)
	return strings.EqualFold(v, "true")
}

// isFalse tells whether a key is there and false.
func (l *linter) isFalse(key string) bool {
	v, _ := l.value(key)
	return strings.EqualFold(v, "false")
}

// distributed tells whether the server will be one of an ensemble, rather than one that
// runs standalone.
func (l *linter) distributed() bool {
	return l.listed && (l.voting() > 1 || l.isFalse("standaloneEnabled"))
}

// voting is how many servers vote, with those whose line is wrong.
func (l *linter) voting() int {
	n := 0
	for _, s := range l.servers {
		if !s.Observer {
			n++
		}
	}
	for _, p := range l.problems {
		if strings.HasPrefix(p.Key, "server.") {
			n++
		}
	}
	return n
}

// own is the server's own line.
func (l *linter) own() (Server, bool) {
	if !l.hasID {
		return Server{}, false
	}
	i := slices.IndexFunc(l.servers, func(s Server) bool { return s.ID == l.id })
	if i < 0 {
		return Server{}, false
	}
	return l.servers[i], true
}

// older tells that the ZooKeeper is known to be older than a version, or that none is
// known and this one is not assumed.
func (l *linter) older(major, minor int) bool {
	have := [2]int{3, 8}
	if l.o.Version != "" {
		_, _ = fmt.Sscanf(l.o.Version, "%d.%d", &have[0], &have[1])
	}
	return have[0] < major || have[0] == major && have[1] < minor
}

// quote sets text of the file apart.
func quote(s string) string { return `"` + s + `"` }

// refuses is the effect of what QuorumPeerConfig throws.
func refuses(why string) string { return "the server does not start: " + why + ", exit code 2" }
