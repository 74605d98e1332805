package zoocfg

import "strings"

// kind is how ZooKeeper reads a value.
type kind uint8

const (
	asText   kind = iota
	asInt         // a whole number; anything else, and the server does not start
	asPort        // a whole number that is a port, or 0 for none
	asBool        // "true" or "false"; anything else, and the server does not start
	asTrue        // "true" switches it on, anything else off
	asFalse       // "false" switches it off, anything else on
	asYes         // "yes" switches it on, anything else off
	asNo          // "no" switches it off, anything else on
	asFolder      // a folder, which is made where it is missing
	asFile        // a file
	asLoose       // a whole number; anything else is taken as if the key were not there
)

// known is a key that ZooKeeper knows.
type known struct {
	key  string
	kind kind
	// least is the smallest number that makes sense.
	least int
	// says is the explanation: a sentence without a full stop.
	says string
}

// keyTable are the keys of zoo.cfg in ZooKeeper 3.4 to 3.10, from QuorumPeerConfig and
// from the system properties that begin with "zookeeper.", which any other key becomes.
var keyTable = append(append(append([]known{}, coreKeys...), quorumKeys...), otherKeys...)

var coreKeys = []known{
	{"tickTime", asInt, 1, "The length of a tick in milliseconds, the unit of the limits below; heartbeats go out twice in it"},
	{"initLimit", asInt, 1, "How many ticks a follower may take to connect to the leader and fetch its data"},
	{"syncLimit", asInt, 1, "How many ticks a follower may lag behind before the leader drops it; also how soon a hung leader is noticed"},
	{"dataDir", asFolder, 0, "The folder of the snapshots and of the file myid; each server needs its own"},
	{"dataLogDir", asFolder, 0, "The folder of the transaction log, if not dataDir; a disk of its own makes writes faster"},
	{"clientPort", asPort, 1, "The port on which clients connect"},
	{"clientPortAddress", asText, 0, "The address on which to listen for clients; without it, on all of the machine"},
	{"secureClientPort", asPort, 1, "The port on which clients connect with TLS"},
	{"secureClientPortAddress", asText, 0, "The address on which to listen for clients with TLS; without it, on all of the machine"},
	{"clientPortListenBacklog", asInt, -1, "How many connections may wait to be accepted; -1 leaves it to the system"},
	{"maxClientCnxns", asInt, 0, "How many connections a client's address may have to this server, 60 by default; 0 is no limit"},
	{"maxCnxns", asLoose, 0, "How many connections this server takes in all; 0 is no limit"},
	{"minSessionTimeout", asInt, -1, "The shortest session timeout that a client may ask for, in milliseconds; 2 ticks by default"},
	{"maxSessionTimeout", asInt, -1, "The longest session timeout that a client may ask for, in milliseconds; 20 ticks by default"},
	{"autopurge.snapRetainCount", asInt, 3, "How many of the newest snapshots a purge keeps, with their logs; at least 3"},
	{"autopurge.purgeInterval", asInt, 0, "How many hours lie between purges of old snapshots and logs; 0, the default, never purges"},
	{"4lw.commands.whitelist", asText, 0, "The four-letter commands that are answered on the client port; * is all, only srvr by default"},
	{"admin.enableServer", asFalse, 0, "Whether the AdminServer answers commands over HTTP; only \"false\" switches it off"},
	{"admin.serverAddress", asText, 0, "The address on which the AdminServer listens; without it, on all of the machine"},
	{"admin.serverPort", asLoose, 1, "The port of the AdminServer, 8080 by default"},
	{"admin.idleTimeout", asLoose, 1, "How many milliseconds an idle connection to the AdminServer lives"},
	{"admin.commandURL", asText, 0, "The path below which the AdminServer's commands stand"},
	{"admin.portUnification", asTrue, 0, "Whether the AdminServer takes HTTP and HTTPS on one port"},
	{"admin.forceHttps", asTrue, 0, "Whether the AdminServer takes HTTPS only"},
	{"admin.httpVersion", asLoose, 1, "The version of HTTP that the AdminServer speaks"},
}

var quorumKeys = []known{
	{"standaloneEnabled", asBool, 0, "Whether a single server in the list runs standalone; \"false\" lets it be an ensemble of one, to which others can be added"},
	{"reconfigEnabled", asBool, 0, "Whether members can be added and removed while it runs; ZooKeeper then rewrites this file"},
	{"dynamicConfigFile", asFile, 0, "The file of the list of servers, which ZooKeeper rewrites when members change"},
	{"version", asText, 0, "The version of the list of servers, a hexadecimal number that ZooKeeper writes itself"},
	{"peerType", asText, 0, "The role of this server; what the list of servers says of it decides"},
	{"electionAlg", asInt, 3, "The way leaders are elected; only 3 is left"},
	{"electionPortBindRetry", asLoose, 0, "How often listening on the election port is tried, 3 times by default; 0 is for ever"},
	{"quorumListenOnAllIPs", asBool, 0, "Whether to listen for other servers on all addresses, not just on that of the list"},
	{"leaderServes", asNo, 0, "Whether the leader takes clients too; only \"no\" leaves them to the others"},
	{"cnxTimeout", asLoose, 1, "How many milliseconds a connection for an election may take to open, 5000 by default"},
	{"quorumCnxnTimeoutMs", asLoose, -1, "How many milliseconds a read from another server may take during elections"},
	{"connectToLearnerMasterLimit", asInt, 0, "How many ticks a follower may take to connect to the leader; initLimit by default"},
	{"syncEnabled", asBool, 0, "Whether an observer keeps a log and snapshots, to restart faster"},
	{"observerMasterPort", asPort, 0, "The port on which followers feed observers"},
	{"localSessionsEnabled", asBool, 0, "Whether sessions stay with one server until they need more, which is cheaper"},
	{"localSessionsUpgradingEnabled", asBool, 0, "Whether a local session becomes a global one when it makes an ephemeral znode"},
	{"multiAddress.enabled", asBool, 0, "Whether servers may have several addresses, set apart by |"},
	{"multiAddress.reachabilityCheckEnabled", asBool, 0, "Whether the addresses of a server are tried before one is taken"},
	{"multiAddress.reachabilityCheckTimeoutMs", asInt, 1, "How many milliseconds such a try may take"},
	{"oraclePath", asFile, 0, "The file that says which of two servers may go on alone"},
	{"sslQuorum", asBool, 0, "Whether the servers talk to each other with TLS"},
	{"sslQuorumReloadCertFiles", asBool, 0, "Whether changed certificates of the servers are read anew"},
	{"client.certReload", asTrue, 0, "Whether changed certificates for clients are read anew"},
	{"portUnification", asBool, 0, "Whether the servers take each other with and without TLS, for the time of a change"},
	{"quorum.auth.enableSasl", asBool, 0, "Whether the servers authenticate to each other with SASL"},
	{"quorum.auth.serverRequireSasl", asBool, 0, "Whether this server refuses others without SASL"},
	{"quorum.auth.learnerRequireSasl", asBool, 0, "Whether this server authenticates itself to the others with SASL"},
	{"quorum.auth.learner.saslLoginContext", asText, 0, "The JAAS section of this server as a client of the others"},
	{"quorum.auth.server.saslLoginContext", asText, 0, "The JAAS section of this server for the others"},
	{"quorum.auth.kerberos.servicePrincipal", asText, 0, "The Kerberos principal of the servers"},
	{"quorum.cnxn.threads.size", asInt, 1, "How many threads take connections of other servers with SASL"},
	{"metricsProvider.className", asText, 0, "The Java class that gives metrics away, as that for Prometheus"},
	{"metricsProvider.httpHost", asText, 0, "The address on which metrics are served"},
	{"metricsProvider.httpPort", asLoose, 0, "The port on which metrics are served, 7000 by default"},
	{"metricsProvider.exportJvmInfo", asText, 0, "Whether metrics of the Java machine are served too"},
	{"jvm.pause.monitor", asBool, 0, "Whether pauses of the Java machine are logged"},
	{"jvm.pause.info-threshold.ms", asInt, 1, "From how many milliseconds a pause is logged"},
	{"jvm.pause.warn-threshold.ms", asInt, 1, "From how many milliseconds a pause is logged as a warning"},
	{"jvm.pause.sleep.time.ms", asInt, 1, "How many milliseconds lie between looks for pauses"},
}

// Explanation says in a sentence, without a full stop, what a key of zoo.cfg means;
// empty for a key that ZooKeeper does not know.
func Explanation(key string) string {
	if k, ok := lookUp(key); ok {
		return k.says
	}
	return ""
}

// families are the keys that hold a name of the person's own.
var families = []known{
	{"server.", asText, 0, "A server of the ensemble by its myid: host:quorum port:election port, then :observer for one without a vote, then ;client port"},
	{"group", asText, 0, "A group of servers, by their ids; a quorum needs a majority in a majority of the groups"},
	{"weight", asText, 0, "How much the vote of a server counts within its group"},
	{"authProvider", asText, 0, "A Java class that authenticates clients"},
	{"metricsProvider.", asText, 0, "A setting of the metrics provider"},
	{"pathStats.", asText, 0, "A setting of the count of the most used paths"},
	{"superUser.", asText, 0, "One of several SASL identities that may do everything"},
	{"ssl.", asText, 0, "A setting of TLS for clients"},
	{"ssl.quorum.", asText, 0, "A setting of TLS between the servers"},
}

// byKey are the keys of keyTable.
var byKey = func() map[string]known {
	m := make(map[string]known, len(keyTable))
	for _, k := range keyTable {
		m[k.key] = k
	}
	return m
}()

// lookUp finds what is known of a key.
func lookUp(key string) (known, bool) {
	if k, ok := byKey[key]; ok {
		return k, true
	}
	var found known
	for _, f := range families {
		if strings.HasPrefix(key, f.key) && len(key) > len(f.key) && len(f.key) > len(found.key) {
			found = f
		}
	}
	return found, found.key != ""
}
