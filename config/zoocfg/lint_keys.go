package zoocfg

import (
	"regexp"
	"strings"

	"zkdeck/internal/edits"
)

// keys judges names of keys: ZooKeeper never says that it does not know one.
func (l *linter) keys() {
	for _, e := range l.c.All() {
		key := trim(e.Key)
		if _, ok := lookUp(key); ok || l.c.BOM && e.Line == 1 {
			continue
		}
		l.unknownKey(e, key)
	}
}

// serverLike are slips of server.N.
var serverLike = regexp.MustCompile(`^(?i)s[erv]{2,7}s?[._ -]?([0-9]+)$`)

// hostPorts is what only a line of the list of servers holds.
var hostPorts = regexp.MustCompile(`^\S+:[0-9]+:[0-9]+`)

// ignored is what becomes of a key that ZooKeeper does not know.
func ignored(key string) string {
	return "ZooKeeper says nothing, and only sets the system property zookeeper." + key
}

func (l *linter) unknownKey(e Entry, key string) {
	if m := serverLike.FindStringSubmatch(key); m != nil || hostPorts.MatchString(trim(e.Value)) {
		meant := "server.N"
		if m != nil {
			meant = "server." + m[1]
		}
		l.mark(e, Error, "unknown-key", quote(key)+" is no line of the list of servers", "the server is not in the list", "write "+meant+"="+trim(e.Value))
		return
	}
	if bare, ok := strings.CutPrefix(key, "zookeeper."); ok {
		l.prefixed(e, key, bare)
		return
	}
	if needsProperty(key) {
		l.mark(e, Warning, "needs-property", quote(key)+" is no key of zoo.cfg", ignored(key)+", which nobody reads",
			"give it to Java instead, in SERVER_JVMFLAGS: -D"+key+"="+intended(e))
		return
	}
	if environment.MatchString(key) {
		l.mark(e, Warning, "environment-key", quote(key)+" is a variable of ZooKeeper's scripts, not a key of zoo.cfg", ignored(key),
			"set it in the environment, or in zookeeper-env.sh beside zoo.cfg")
		return
	}
	if key == "myid" {
		l.mark(e, Warning, "myid-key", "myid is no key of zoo.cfg", "ZooKeeper reads the id from the file myid in dataDir alone",
			"write "+intended(e)+" into the file myid in dataDir, and delete the line")
		return
	}
	meant, rule := nearest(key)
	if meant == "" {
		l.mark(e, Warning, "unknown-key", "ZooKeeper knows no key "+quote(key), ignored(key),
			"look for the right name, or leave it if a plugin of yours reads that property")
		return
	}
	if _, ok := l.entry(meant); ok {
		l.mark(e, Warning, rule, quote(key)+" is no key of ZooKeeper; "+meant+" is, and stands there too", ignored(key), "delete the line, or the other one")
		return
	}
	severity := Warning
	effect := l.without(meant, meant+" is not set: "+ignored(key))
	if needed[meant] {
		severity = Error
	}
	l.meant[meant] = true
	l.mark(e, severity, rule, quote(key)+" is no key of ZooKeeper; "+meant+" is", effect, "write "+meant+"="+intended(e))
}

// needed are keys without which a server does not start, or does not serve.
var needed = map[string]bool{"dataDir": true, "clientPort": true, "initLimit": true, "syncLimit": true}

// without is what happens without a key, or other where the server does without.
func (l *linter) without(key, other string) string {
	switch {
	case key == "dataDir", l.distributed() && (key == "initLimit" || key == "syncLimit"):
		return refuses(quote(key + " is not set"))
	case key == "clientPort":
		return "the server runs, and no client can connect to it"
	}
	return other
}

// prefixed judges a key with the prefix that it has on Java's command line.
func (l *linter) prefixed(e Entry, key, bare string) {
	_, ok := lookUp(bare)
	switch {
	case needsProperty(bare):
		l.mark(e, Warning, "needs-property", quote(key)+" is no key of zoo.cfg", ignored(key)+", which nobody reads",
			"give it to Java instead, in SERVER_JVMFLAGS: -D"+bare+"="+intended(e))
	case ok:
		l.mark(e, Warning, "zookeeper-prefix", quote(key)+" has a prefix that belongs on Java's command line only",
			ignored(key)+", which nobody reads", "write "+bare+"="+intended(e))
	default:
		l.mark(e, Warning, "zookeeper-prefix", quote(key)+" has a prefix that belongs on Java's command line only",
			ignored(key), "write "+bare+", or give it to Java as -D"+key+"="+intended(e))
	}
}

// needsProperty tells whether a key is a system property that does not begin with
// "zookeeper.", and so cannot be set in zoo.cfg.
func needsProperty(key string) bool {
	switch key {
	case "jute.maxbuffer", "jute.maxbuffer.extrasize", "readonlymode.enabled", "follower.nodelay", "leader.nodelay",
		"znode.container.checkIntervalMs", "znode.container.maxPerMinute", "znode.container.maxNeverUsedIntervalMs":
		return true
	}
	for _, prefix := range []string{"java.", "javax.", "sun.", "com.sun.", "log4j.", "logback.", "jdk."} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// environment are variables of zkServer.sh and zkEnv.sh.
var environment = regexp.MustCompile(`^(JAVA_HOME|JAVA|JVMFLAGS|[A-Z]+_JVMFLAGS|ZOO[A-Z_]*|ZK_[A-Z_]+|JMX[A-Z]+)$`)

// otherNames are names that people give to keys.
var otherNames = map[string]string{
	"port": "clientPort", "serverport": "clientPort", "clientaddress": "clientPortAddress", "clientportbindaddress": "clientPortAddress",
	"maxclientconnections": "maxClientCnxns", "maxclientconns": "maxClientCnxns", "maxconnections": "maxCnxns",
	"datalog": "dataLogDir", "logdir": "dataLogDir", "txnlogdir": "dataLogDir", "snapdir": "dataDir", "datadirectory": "dataDir",
	"tick": "tickTime", "purgeinterval": "autopurge.purgeInterval", "snapretaincount": "autopurge.snapRetainCount",
	"whitelist": "4lw.commands.whitelist", "enableserver": "admin.enableServer", "adminserver.enabled": "admin.enableServer",
	"serverport.admin": "admin.serverPort", "role": "peerType",
}

// nearest is the key that was most likely meant, and the rule for it; empty for none.
func nearest(key string) (meant, rule string) {
	plain := squeeze(key)
	for _, k := range keyTable {
		if strings.EqualFold(k.key, key) {
			return k.key, "wrong-case"
		}
	}
	if other, ok := otherNames[strings.ToLower(key)]; ok {
		return other, "typo"
	}
	if other, ok := otherNames[plain]; ok {
		return other, "typo"
	}
	best := 1 + min(3, len(plain)/4)
	for _, k := range keyTable {
		if d := edits.Distance(plain, squeeze(k.key)); d < best {
			best, meant = d, k.key
		}
	}
	return meant, "typo"
}

// squeeze leaves of a key its letters and digits, small.
func squeeze(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("._- ", r) {
			return -1
		}
		return r
	}, strings.ToLower(key))
}
