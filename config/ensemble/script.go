package ensemble

import (
	_ "embed"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var (
	//go:embed script/server.sh
	serverScript string
	//go:embed script/start.sh
	startScript string
	//go:embed script/stop.sh
	stopScript string
)

// scripts are start.sh, stop.sh, and server.sh, which they and we call.
func (p *Plan) scripts() []File {
	var ids []string
	for _, m := range p.Members {
		ids = append(ids, strconv.Itoa(m.ID))
	}
	fill := strings.NewReplacer("IDS", strings.Join(ids, " "), "CONNECT", p.Connect())
	return []File{
		{Path: p.scriptFile(), Mode: 0o700, Text: p.serverScript()},
		{Path: filepath.Join(p.Dir, "start.sh"), Mode: 0o700, Text: fill.Replace(startScript)},
		{Path: filepath.Join(p.Dir, "stop.sh"), Mode: 0o700, Text: fill.Replace(stopScript)},
	}
}

// scriptFile is the script that runs one server.
func (p *Plan) scriptFile() string { return filepath.Join(p.Dir, "server.sh") }

// serverScript is server.sh: what it is set to, and then what it does.
func (p *Plan) serverScript() string {
	var b strings.Builder
	fmt.Fprintf(&b, `#!/bin/sh
# A server of the ensemble %s. start.sh, stop.sh and zkdeck call this:
#   server.sh start ID   starts it in the background, in a session of its own
#   server.sh stop ID    ends it: SIGTERM, and SIGKILL after 10 seconds, or STOP_SECONDS
#   server.sh pid ID     prints its pid, or fails if it does not run
verb=${1-} id=${2-}
here=%s

java=%s
classpath=%s
set -- \
`, p.Name, quote(p.Dir), quote(p.Java.Path), quote(strings.Join(p.classPath(), ":")))
	for _, arg := range p.jvmArguments() {
		fmt.Fprintf(&b, "\t%s \\\n", quote(arg))
	}
	b.WriteString("\t-cp \"$classpath\" " + mainClass + "\n")
	b.WriteString(p.archiveScript())
	b.WriteString(serverScript)
	return b.String()
}

// mainClass reads a zoo.cfg, its one argument, and runs the server in it.
const mainClass = "org.apache.zookeeper.server.quorum.QuorumPeerMain"

// jvmArguments are the arguments of Java before the class path. C1 alone and the
// serial collector start a server in two thirds of the time and with less memory.
func (p *Plan) jvmArguments() []string {
	args := []string{fmt.Sprintf("-Xmx%dm", p.HeapMB)}
	if !slices.ContainsFunc(p.JVM, choosesCollector) { // two are an error
		args = append(args, "-XX:+UseSerialGC")
	}
	args = append(args,
		"-XX:TieredStopAtLevel=1",
		// A server without memory hangs half dead otherwise; it exits with 3, and says so.
		"-XX:+ExitOnOutOfMemoryError",
		"-Dzookeeper.jmx.log4j.disable=true",
		ownMark+p.Name,
	)
	args = append(args, p.logArguments()...)
	return append(args, p.JVM...) // of two that contradict each other the last counts
}

// ownMark begins an argument of every server that we start: it makes one whose
// folder is gone known as ours.
const ownMark = "-Dzkdeck.ensemble="

func choosesCollector(arg string) bool {
	return strings.HasPrefix(arg, "-XX:+Use") && strings.HasSuffix(arg, "GC")
}

// classPath are the jars of a server. A folder among them would forbid a class-data
// archive.
func (p *Plan) classPath() []string {
	jars := slices.Clone(p.ZooKeeper.Jars)
	for _, m := range p.Members {
		if m.Admin != 0 {
			return append(jars, p.ZooKeeper.AdminJars...)
		}
	}
	return jars
}

// archiveScript adds to the arguments what makes Java start quicker: an archive of
// the classes that it will load, which the first server writes when it is stopped. A
// missing archive must not be named, unless Java is to write it: that would turn
// Java's own archive off too.
func (p *Plan) archiveScript() string {
	if p.Archive == "" || p.Java.Major < 13 {
		return "archive= training=\n"
	}
	const quiet = "-Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off"
	use := "-XX:SharedArchiveFile=\"$archive\" " + quiet
	trainer := p.Members[0].ID
	if p.Java.Major >= 19 {
		// It looks itself whether there is one that it can use, and writes one if not.
		return fmt.Sprintf(`
# An archive of loaded classes makes Java start quicker. Server %[2]d writes it when it
# is stopped, if there is none that fits.
archive=%[1]s
training=
if [ "$id" = %[2]d ] && [ -d "${archive%%/*}" ] && [ -w "${archive%%/*}" ]; then
	set -- -XX:+AutoCreateSharedArchive %[3]s "$@"
elif [ -f "$archive" ]; then
	set -- %[3]s "$@"
fi
`, quote(p.Archive), trainer, use)
	}
	return fmt.Sprintf(`
# An archive of loaded classes makes Java start quicker. Server %[2]d writes it when it
# is stopped for the first time. One that is missing must not be named.
archive=%[1]s
training=
if [ -f "$archive" ]; then
	set -- %[3]s "$@"
elif [ "$id" = %[2]d ] && [ -d "${archive%%/*}" ] && [ -w "${archive%%/*}" ]; then
	training=$archive.$$
	set -- -XX:ArchiveClassesAtExit="$training" %[4]s "$@"
fi
`, quote(p.Archive), trainer, use, quiet)
}

// logArguments tell the logging library where its configuration is.
func (p *Plan) logArguments() []string {
	switch p.ZooKeeper.Logging {
	case "log4j":
		return []string{"-Dlog4j.configuration=" + fileURL(p.logConfigFile())}
	case "logback":
		return []string{"-Dlogback.configurationFile=" + fileURL(p.logConfigFile())}
	case "simple":
		const prefix = "-Dorg.slf4j.simpleLogger."
		args := []string{
			prefix + "logFile=System.out", prefix + "showDateTime=true", prefix + "dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS",
			prefix + "showThreadName=false", prefix + "showShortLogName=true",
		}
		for _, logger := range quietLoggers {
			args = append(args, prefix+"log."+logger+"=warn")
		}
		return args
	}
	return nil
}

// fileURL is a path as Java's URL class reads it.
func fileURL(path string) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
}

// quote writes a word so that a shell reads exactly it.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=+,@", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
