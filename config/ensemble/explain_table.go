package ensemble

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// symptoms are tried in this order on each entry. Every pattern was seen in the log of
// a ZooKeeper 3.8.0 server that was made to fail that way.
var symptoms = []symptom{
	// Java, before there is a server.
	{
		uses: ends, pattern: regexp.MustCompile(`Could not find or load main class (\S+)`),
		why: "the class $1 is in none of the jars it was started with", mend: "take the binary archive of ZooKeeper, whose name ends in -bin.tar.gz: the other one is source code",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`UnsupportedClassVersionError.*class file version ([\d.]+).*up to ([\d.]+)`), fill: javaVersions,
		why: "this ZooKeeper is for Java $1 and was run with Java $2", mend: "install Java $1 or newer, or take an older ZooKeeper",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`(?m)^(Invalid (?:maximum|initial) heap size.*|Unrecognized VM option.*|Unrecognized option.*|Initial heap size set to a larger value.*|Error: Could not create the Java Virtual Machine.*)`),
		why: "Java does not accept its arguments: $1", mend: "correct the Java arguments or the memory of this ensemble",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`insufficient memory for the Java Runtime|Cannot allocate memory`),
		why: "the machine has no memory left for it", mend: "give the servers less memory, or stop something else",
	},
	{
		uses: ends | passes, pattern: regexp.MustCompile(`OutOfMemoryError: ([^\n]*)`),
		why: "its memory is used up ($1)", mend: "give the servers of this ensemble more memory",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`(?m)^(?:\S*sh|env|java): (?:\d+: |line \d+: )?(?:exec: |can't execute )?[‘'"]?(/\S+?)[’'"]?: (?:not found|No such file or directory|Permission denied)`),
		why: "$1 could not be run", mend: "see that the java of this ensemble is still installed",
	},

	// Its configuration.
	{
		uses: ends, pattern: regexp.MustCompile(`myid file is missing`),
		why: "there is no file myid in its dataDir", mend: "write the server's number, and nothing else, into the file myid in its dataDir",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`serverid (.*) is not a number`),
		why: "the first line of its file myid is no number: \"$1\"", mend: "write the server's number, and nothing else, into myid: no blank, no empty line before it",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`My id (\d+) not in the peer list`),
		why: "its myid is $1, and its zoo.cfg has no line server.$1", mend: "correct myid, or add the line server.$1 to the zoo.cfg of every server",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`clientPortAddress is set but clientPort is not set`),
		why: "its zoo.cfg sets clientPortAddress and no clientPort", mend: "set clientPort",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`(dataDir|initLimit|syncLimit|tickTime) is not set`),
		why: "its zoo.cfg does not set $1", mend: "set $1; the keys of zoo.cfg are case-sensitive",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`NumberFormatException: For input string: "([^"\n]*#[^"\n]*)"`),
		why: "there is a comment behind a value in its zoo.cfg, and it is read as part of the value: \"$1\"", mend: "put the comment on a line of its own",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`NumberFormatException: For input string: "([^"\n]*)"`),
		why: "its zoo.cfg has \"$1\" where a number must be", mend: "write a number there, and nothing behind it",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`port out of range:(-?\d+)`),
		why: "its zoo.cfg has the port $1, and ports go up to 65535", mend: "take another port",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`client address for this server .* is different from`),
		why: "its zoo.cfg gives its client address twice, and differently", mend: "give it in clientPort and clientPortAddress, or behind the ; of its server line, not in both",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`(?:(\S+) )?does not have the form server_config|Unrecognised peertype: (\S+)|Address unresolved: (\S+)`),
		why: "a server line of its zoo.cfg cannot be read: $0", mend: "write it as server.N=HOST:QUORUMPORT:ELECTIONPORT, with :observer behind it for one without a vote",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`Server (\d+) ?is not in a group`),
		why: "server $1 is in no group of its zoo.cfg, and the others are", mend: "name every server in a group.N line, or none",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`Observers w/o quorum is an invalid configuration`),
		why: "its zoo.cfg lists observers and a single voter", mend: "set standaloneEnabled=false, or list more voters",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`minSessionTimeout must not be larger than maxSessionTimeout`),
		why: "its minSessionTimeout is larger than its maxSessionTimeout", mend: "correct one of them; without them they are 2 and 20 ticks",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`metrics provider class was not found|Cannot boot MetricsProvider`),
		why: "the metrics provider that its zoo.cfg names is not in the jars of this ZooKeeper", mend: "remove metricsProvider.className from its zoo.cfg, or take a ZooKeeper that has it",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`IllegalArgumentException: (\S+) file is missing`),
		why: "its configuration $1 is not there", mend: "write the file again, or correct the path",
	},

	// Its ports.
	{
		uses: ends, pattern: regexp.MustCompile(`(?s)Unable to start AdminServer, exiting abnormally.*BindException`),
		why: "the port of its AdminServer is in use (8080 if none was chosen), and a standalone server does not run without it", mend: "set admin.enableServer=false, or admin.serverPort to a free port",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`Unable to start AdminServer, exiting abnormally`),
		why: "its AdminServer could not be started", mend: "set admin.enableServer=false",
	},
	{
		uses: lasts, pattern: regexp.MustCompile(`Problem starting AdminServer on address \S+ port (\d+)`),
		why: "it serves without its AdminServer, whose port $1 is in use", mend: "set admin.serverPort to a free port, or admin.enableServer=false, and restart it",
	},
	{
		uses: lasts, pattern: regexp.MustCompile(`Problem starting AdminServer|Unable to load jetty, not starting JettyAdminServer`),
		why: "it serves without its AdminServer, which could not be started", mend: "set admin.serverPort to a free port, or admin.enableServer=false, and restart it",
	},
	{
		uses: ends | stalls, pattern: regexp.MustCompile(`(?:Exception while listening to address \S*?|Leaving listener thread for address \S*?|any longer: \S*?):(\d+)\b`),
		why: "its election port $1 is in use: by another program, or by a server with the same myid", mend: "give every server a myid and an election port of its own, and see what else listens on $1",
	},
	{
		uses: stalls, pattern: regexp.MustCompile(`Couldn't bind to \S*?:(\d+)|Leader failed to initialize any of the following sockets: \[\S*?:(\d+)`), fill: either,
		why: "it was elected and cannot lead: its quorum port $1 is in use", mend: "free the port $1 or give the server another; meanwhile the others wait for it until initLimit is over",
	},
	{
		uses: stalls, pattern: regexp.MustCompile(`connection request from a server with our own ID`),
		why: "another server has its myid, or two server lines name the same ports", mend: "give every server a myid and ports of its own",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`(?s)exiting abnormally.*BindException: ([^\n]*)`), fill: clientPort,
		why: "its client port $1 ($2)", mend: "see what else listens on it, or give the server another client port",
	},

	// Its data.
	{
		uses: ends, pattern: regexp.MustCompile(`(?:Unable to create|Cannot write to) (?:data|snap) directory ([^\n]*)`),
		why: "it cannot write to its data folder $1", mend: "let it belong to who starts the server, or choose another dataDir",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`Unable to access datadir, exiting abnormally`),
		why: "it cannot use its data folder", mend: "let it belong to who starts the server, or choose another dataDir",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`No snapshot found, but there are log entries`),
		why: "its data has transaction logs and no snapshot: somebody has deleted the snapshots", mend: "bring them back; in an ensemble that serves without it, wipe its data, which it then gets from the others; else start it once with -Dzookeeper.snapshot.trust.empty=true",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`Not able to find valid snapshots in ([^\n]*)`),
		why: "every snapshot in $1 is damaged", mend: "bring back a copy; in an ensemble that serves without it, wipe its data, which it then gets from the others",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`CRC check failed|Invalid magic number|(?s)exiting abnormally.*Unreasonable length`),
		why: "a transaction log in its data is damaged", mend: "in an ensemble that serves without it, wipe its data, which it then gets from the others; else move the damaged log.… away, which loses what it holds",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`(?s)exiting abnormally.*EOFException|Unable to load database on disk.*EOFException`),
		why: "a file in its data is empty or was cut off: the machine went down, or its disk was full", mend: "move log.… files of size 0 out of version-2 and start it again; in an ensemble that serves without it, wipe its data instead",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`The (?:accepted|current) epoch, [^\n]*is (?:less|older) than[^\n]*`),
		why: "its data contradicts itself: $0", mend: "acceptedEpoch and currentEpoch in version-2 were edited or copied from another server; in an ensemble that serves without it, wipe its data",
	},
	{
		uses: ends, pattern: regexp.MustCompile(`Found (.*) in (\S*(?:acceptedEpoch|currentEpoch))`),
		why: "$2 holds no number: \"$1\"", mend: "in an ensemble that serves without it, wipe its data; else write the epoch of the last zxid into the file",
	},
	{
		uses: ends | stalls, pattern: regexp.MustCompile(`No space left on device`),
		why: "the disk of its data is full", mend: "make room, then start it again",
	},

	// A client that was turned away. The server is well.
	{
		uses: passes, pattern: regexp.MustCompile(`A message from /?(\S*) with advertised length of (\d+)`), fill: length,
		why: "it hung up on $1: $2", mend: "$3",
	},
	{
		uses: passes, pattern: regexp.MustCompile(`Unreasonable length = (\d+)`),
		why: "a message or a record of $1 bytes is more than jute.maxbuffer allows", mend: "set -Djute.maxbuffer to the same on every server and client, as an argument of Java: in zoo.cfg it has no effect",
	},
	{
		uses: passes, pattern: regexp.MustCompile(`Too many connections from /?(\S+?) `),
		why: "it turned a client away: there are too many connections from $1", mend: "close some, or raise maxClientCnxns",
	},
}

// either takes the group that was there.
func either(groups []string, _ []LogLine) []string {
	for _, g := range groups[1:] {
		if g != "" {
			return []string{strings.TrimRight(g, "],")}
		}
	}
	return []string{""}
}

// javaVersions turns versions of class files into those of Java: 61 is Java 17.
func javaVersions(groups []string, _ []LogLine) []string {
	var versions []string
	for _, g := range groups[1:] {
		major, _, _ := strings.Cut(g, ".")
		n, err := strconv.Atoi(major)
		if err != nil {
			return groups[1:]
		}
		versions = append(versions, strconv.Itoa(n-44))
	}
	return versions
}

var binding = regexp.MustCompile(`binding to port \S*?:(\d+)`)

// clientPort finds in the log which port it was that a bind failed for.
func clientPort(groups []string, log []LogLine) []string {
	why := "is in use"
	if !strings.Contains(groups[1], "in use") {
		why = "cannot be used"
	}
	for i := len(log) - 1; i >= 0; i-- {
		if m := binding.FindStringSubmatch(log[i].Text); m != nil {
			return []string{m[1] + " " + why, groups[1]}
		}
	}
	return []string{why, groups[1]}
}

// length says what the first four bytes of a message were that the server took for
// its length.
func length(groups []string, _ []LogLine) []string {
	n, err := strconv.ParseUint(groups[2], 10, 32)
	head := string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	switch {
	case err != nil:
		return []string{groups[1], "its message is said to have " + groups[2] + " bytes", "see what that client is"}
	case head == "GET " || head == "POST" || head == "HEAD" || head == "PUT " || head == "OPTI":
		return []string{groups[1], "that is an HTTP client on the client port", "the AdminServer speaks HTTP, on a port of its own"}
	case n>>16 == 0x1603:
		return []string{groups[1], "that is a TLS client on a port without TLS", "let it use secureClientPort, or no TLS"}
	case n < 1<<30:
		return []string{
			groups[1], fmt.Sprintf("its message of %d bytes is more than jute.maxbuffer allows", n),
			"write less at once, or set -Djute.maxbuffer higher on every server and client, as an argument of Java: in zoo.cfg it has no effect",
		}
	}
	return []string{groups[1], fmt.Sprintf("it does not speak ZooKeeper: it began with %q", head), "see what that client is"}
}
