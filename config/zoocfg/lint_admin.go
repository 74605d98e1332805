package zoocfg

import (
	"fmt"
	"regexp"
	"strings"
)

// adminOn tells whether the AdminServer will run: since 3.5, and from 3.10 only where it
// is asked for.
func (l *linter) adminOn() bool {
	if l.older(3, 5) {
		return false
	}
	v, ok := l.value("admin.enableServer")
	if !l.older(3, 10) {
		return ok && strings.EqualFold(v, "true")
	}
	return v != "false"
}

// defaultAdminPort is that of the AdminServer.
const defaultAdminPort = 8080

// adminPort is the port of the AdminServer.
func (l *linter) adminPort() int {
	if n, ok := l.number("admin.serverPort"); ok {
		return n
	}
	return defaultAdminPort
}

// adminServer judges the AdminServer, which most people do not know they run.
func (l *linter) adminServer() {
	if !l.adminOn() {
		return
	}
	address, _ := l.value("admin.serverAddress")
	open := address == "" || isWildcard(address)
	at := Entry{Key: "admin.enableServer"}
	for _, key := range []string{"admin.serverPort", "admin.serverAddress", "admin.enableServer"} {
		if e, ok := l.entry(key); ok {
			at = e
		}
	}
	taken := "where the port is taken, a standalone server ends with exit code 4, and one of an ensemble goes on without"
	const off = "write admin.enableServer=false, or admin.serverAddress=127.0.0.1 and a port of its own"
	switch {
	case l.adminPort() == defaultAdminPort && open:
		l.mark(at, Warning, "admin-port", "the AdminServer is on, at port 8080 of every address",
			"anybody who reaches the port may ask it; "+taken, off)
	case l.adminPort() == defaultAdminPort:
		l.mark(at, Warning, "admin-port", "the AdminServer is on port 8080, which many programs take", taken, "write admin.serverPort= and a port of its own, or admin.enableServer=false")
	case open:
		l.mark(at, Warning, "admin-open", fmt.Sprintf("the AdminServer listens on port %d of every address", l.adminPort()),
			"anybody who reaches the port may ask it, without a password", "write admin.serverAddress=127.0.0.1")
	}
}

// fourLetters is a command of the whitelist.
var fourLetters = regexp.MustCompile(`^([a-z]{4}|\*)$`)

// whitelist judges which four-letter commands are answered.
func (l *linter) whitelist() {
	v, ok := l.value("4lw.commands.whitelist")
	if !ok {
		if !l.older(3, 5) {
			l.miss("4lw.commands.whitelist", Note, "whitelist-default", "4lw.commands.whitelist is not set", "of the four-letter commands only srvr is answered: no ruok, stat or mntr for those who watch it",
				"write 4lw.commands.whitelist=ruok,srvr,stat,mntr, or * where only you reach the port")
		}
		return
	}
	e, ok := l.entry("4lw.commands.whitelist")
	if !ok {
		return
	}
	for word := range strings.SplitSeq(v, ",") {
		if word = trim(word); word != "" && !fourLetters.MatchString(word) {
			l.mark(e, Warning, "whitelist-word", quote(word)+" is no four-letter command", "ZooKeeper says nothing, and does not answer it", "name the commands with a comma between them, as ruok,srvr,stat,mntr")
		}
	}
	if address, _ := l.value("clientPortAddress"); strings.Contains(v, "*") && !isLoopback(address) {
		l.mark(e, Note, "whitelist-all", "every four-letter command is answered", "anybody who reaches the client port may ask for sessions and paths, and reset statistics", "name those that you need, as ruok,srvr,stat,mntr")
	}
}

// safety judges settings that give data away, or risk it.
func (l *linter) safety() {
	if e, ok := l.entry("skipACL"); ok && intended(e) == "yes" {
		l.mark(e, Warning, "skip-acl", "access control is off", "everybody who reaches the port may read and change everything", "delete the line")
	}
	if e, ok := l.entry("forceSync"); ok && intended(e) == "no" {
		l.mark(e, Warning, "no-fsync", "writes are acknowledged before they are on the disk", "after a power failure, znodes that were there may be gone", "delete the line")
	}
	if e, ok := l.entry("snapshot.trust.empty"); ok && l.isTrue("snapshot.trust.empty") {
		l.mark(e, Warning, "trust-empty", "a missing snapshot is taken for an empty one", "a server that lost its snapshots starts with a part of the data only", "delete the line after the first start of an upgrade from 3.4")
	}
	if e, ok := l.entry("leaderServes"); ok && intended(e) == "no" && l.listed && l.voting() < 3 {
		l.mark(e, Warning, "leader-idle", "the leader takes no clients", "of so few servers hardly one is left for clients", "delete the line")
	}
	for _, key := range []string{"quorum.auth.serverRequireSasl", "quorum.auth.learnerRequireSasl"} {
		if e, ok := l.entry(key); ok && l.isTrue(key) && !l.isTrue("quorum.auth.enableSasl") {
			l.mark(e, Error, "sasl-off", key+" is on, and quorum.auth.enableSasl is not", refuses(`"quorum.auth.enableSasl is disabled"`), "write quorum.auth.enableSasl=true")
		}
	}
	if e, ok := l.entry("quorum.auth.serverRequireSasl"); ok && l.isTrue("quorum.auth.enableSasl") && l.isTrue("quorum.auth.serverRequireSasl") && !l.isTrue("quorum.auth.learnerRequireSasl") {
		l.mark(e, Error, "sasl-off", "quorum.auth.serverRequireSasl is on, and quorum.auth.learnerRequireSasl is not", refuses(`"quorum.auth.learnerRequireSasl is disabled"`), "write quorum.auth.learnerRequireSasl=true")
	}
}
