package ensemble

import (
	"strings"
	"testing"
)

const (
	stamp   = "2026-11-23 06:36:47,111 "
	invalid = stamp + "ERROR QuorumPeerMain - Invalid config, exiting abnormally\norg.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /x/zoo.cfg\n\tat a.b(C.java:1)\nCaused by: java.lang.IllegalArgumentException: "
	invend  = "\n\tat a.b(C.java:1)\n\t... 2 more\nInvalid config, exiting abnormally\n" + stamp + "INFO  ZKAuditProvider - ZooKeeper audit is disabled.\n" + stamp + "ERROR ServiceUtils - Exiting JVM with code 2\n"
	thrown  = stamp + "ERROR ZooKeeperServerMain - Unexpected exception, exiting abnormally\n"
	exit1   = "\n\tat a.b(C.java:1)\n" + stamp + "INFO  ZKAuditProvider - ZooKeeper audit is disabled.\n" + stamp + "ERROR ServiceUtils - Exiting JVM with code 1\n"
	mark    = stamp + "INFO  zkdeck - starting server 1\n"
)

// What stands in these logs was written by servers that were made to fail.
func TestExplain(t *testing.T) {
	for _, c := range []struct {
		name, log       string
		code            int
		signal          string
		line, why, mend string // of each a part; "-" for nothing
		whyNot          string
	}{
		// Java.
		{name: "main class", log: "Error: Could not find or load main class org.apache.zookeeper.server.quorum.QuorumPeerMain\nCaused by: java.lang.ClassNotFoundException: org.apache.zookeeper.server.quorum.QuorumPeerMain\n", code: 1, line: "Could not find", why: "QuorumPeerMain is in none of the jars", mend: "-bin.tar.gz"},
		{name: "old Java", log: "Error: LinkageError occurred while loading main class x.Y\n\tjava.lang.UnsupportedClassVersionError: x/Y has been compiled by a more recent version of the Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file versions up to 61.0\n", code: 1, line: "UnsupportedClassVersionError", why: "for Java 21 and was run with Java 17", mend: "install Java 21"},
		{name: "heap", log: "Invalid maximum heap size: -Xmx12x\nError: Could not create the Java Virtual Machine.\nError: A fatal exception has occurred. Program will exit.\n", code: 1, line: "Could not create", why: "does not accept its arguments", mend: "memory"},
		{name: "no memory", log: mark + stamp + "INFO  A - b\nTerminating due to java.lang.OutOfMemoryError: Java heap space\n", code: 3, line: "OutOfMemoryError", why: "memory is used up (Java heap space)", mend: "more memory"},
		{name: "no java, said by env", log: mark + "env: ‘/opt/java/bin/java’: No such file or directory\n", code: 127, line: "env: ", why: "/opt/java/bin/java could not be run"},
		{name: "no java, said by macOS", log: mark + "env: /opt/java/bin/java: Permission denied\n", code: 126, line: "env: ", why: "/opt/java/bin/java could not be run"},
		{name: "no java", log: "server.sh: 91: /opt/java/bin/java: not found\n", code: 127, line: "not found", why: "/opt/java/bin/java could not be run", mend: "installed"},

		// The configuration.
		{name: "myid missing", log: invalid + "myid file is missing" + invend, code: 2, line: "Caused by: java.lang.IllegalArgumentException: myid file is missing", why: "no file myid", mend: "myid in its dataDir"},
		{name: "myid text", log: invalid + "serverid x y is not a number" + invend, code: 2, why: `"x y"`, mend: "no blank"},
		{name: "not in the list", log: thrown + "java.lang.RuntimeException: My id 9 not in the peer list" + exit1, code: 1, line: "My id 9", why: "no line server.9", mend: "add the line server.9"},
		{name: "no dataDir", log: invalid + "dataDir is not set" + invend, code: 2, why: "does not set dataDir", mend: "case-sensitive"},
		{name: "no initLimit", log: invalid + "initLimit is not set" + invend, code: 2, why: "initLimit"},
		{name: "inline comment", log: strings.Replace(invalid, "IllegalArgumentException", "NumberFormatException", 1) + `For input string: "60 # x"` + invend, code: 2, line: "60 # x", why: "comment behind a value", mend: "line of its own"},
		{name: "no number", log: strings.Replace(invalid, "IllegalArgumentException", "NumberFormatException", 1) + `For input string: "two"` + invend, code: 2, why: `"two" where a number`},
		{name: "port", log: invalid + "port out of range:70000" + invend, code: 2, why: "port 70000"},
		{name: "server line", log: stamp + "ERROR QuorumPeerMain - Invalid config, exiting abnormally\norg.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: 127.0.0.1 does not have the form server_config or server_config;client_config where" + invend, code: 2, why: "127.0.0.1 does not have the form", mend: "server.N="},
		{name: "role", log: stamp + "ERROR QuorumPeerMain - Invalid config, exiting abnormally\norg.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Unrecognised peertype: king" + invend, code: 2, why: "king", mend: ":observer"},
		{name: "group", log: invalid + "Server 3is not in a group" + invend, code: 2, why: "server 3 is in no group"},
		{name: "observers alone", log: invalid + "Observers w/o quorum is an invalid configuration" + invend, code: 2, why: "single voter", mend: "standaloneEnabled=false"},
		{name: "session limits", log: invalid + "minSessionTimeout must not be larger than maxSessionTimeout" + invend, code: 2, why: "minSessionTimeout is larger"},
		{name: "client address twice", log: invalid + "client address for this server (127.0.0.1:2181) is different from client address found in dynamic file (0.0.0.0:2181)" + invend, code: 2, why: "twice"},
		{name: "clientPort missing", log: invalid + "clientPortAddress is set but clientPort is not set" + invend, code: 2, why: "no clientPort"},
		{name: "metrics", log: invalid + "metrics provider class was not found" + invend, code: 2, why: "metrics provider"},
		{name: "no zoo.cfg", log: invalid + "/x/zoo.cfg file is missing" + invend, code: 2, why: "/x/zoo.cfg is not there"},

		// Ports.
		{name: "client port", log: stamp + "INFO  NIOServerCnxnFactory - binding to port /127.0.0.1:15100\n" + thrown + "java.net.BindException: Address already in use" + exit1, code: 1, line: "java.net.BindException: Address already in use", why: "its client port 15100 is in use (Address", mend: "another client port"},
		{name: "election port", log: stamp + "ERROR QuorumCnxManager - Exception while listening to address /127.0.0.1:15132\njava.net.BindException: Address already in use\n" + stamp + "ERROR QuorumCnxManager - Leaving listener thread for address 127.0.0.1:15132 after 3 errors. Use zookeeper.electionPortBindRetry property to increase retry count.\n" + stamp + "INFO  QuorumCnxManager - Leaving listener\n" + stamp + "ERROR QuorumCnxManager - As I'm leaving the listener thread, I won't be able to participate in leader election any longer: 127.0.0.1:15132\n" + stamp + "ERROR ServiceUtils - Exiting JVM with code 14\n", code: 14, why: "election port 15132", mend: "myid"},
		{name: "AdminServer", log: stamp + "ERROR ZooKeeperServerMain - Unable to start AdminServer, exiting abnormally\norg.apache.zookeeper.server.admin.AdminServer$AdminServerException: Problem starting AdminServer on address 0.0.0.0, port 8080 and command URL /commands\n\tat a.b(C.java:1)\nCaused by: java.io.IOException: Failed to bind to /0.0.0.0:8080\nCaused by: java.net.BindException: Address already in use\nUnable to start AdminServer, exiting abnormally\n", code: 4, why: "the port of its AdminServer is in use", mend: "admin.enableServer=false"},

		// Data.
		{name: "folder", log: stamp + "ERROR ZooKeeperServerMain - Unable to access datadir, exiting abnormally\norg.apache.zookeeper.server.persistence.FileTxnSnapLog$DatadirException: Unable to create data directory /dev/null/x/version-2\n\tat a.b(C.java:1)\nUnable to access datadir, exiting abnormally\n", code: 3, why: "/dev/null/x/version-2", mend: "another dataDir"},
		{name: "snapshots deleted", log: thrown + "java.io.IOException: No snapshot found, but there are log entries. Something is broken!" + exit1, code: 1, why: "deleted the snapshots", mend: "snapshot.trust.empty"},
		{name: "snapshots damaged", log: thrown + "java.io.IOException: Not able to find valid snapshots in /x/data/version-2" + exit1, code: 1, why: "every snapshot in /x/data/version-2 is damaged"},
		{name: "log damaged", log: thrown + "java.io.IOException: CRC check failed" + exit1, code: 1, line: "CRC check failed", why: "transaction log in its data is damaged", mend: "wipe"},
		{name: "log empty", log: thrown + "java.io.EOFException" + exit1, code: 1, line: "java.io.EOFException", why: "empty or was cut off", mend: "size 0"},
		{name: "epochs", log: stamp + "ERROR QuorumPeer - Unable to load database on disk\njava.io.IOException: The accepted epoch, 0 is less than the current epoch, 1\n\tat a.b(C.java:1)\n" + thrown + "java.lang.RuntimeException: Unable to run quorum server \n\tat a.b(C.java:1)\nCaused by: java.io.IOException: The accepted epoch, 0 is less than the current epoch, 1" + exit1, code: 1, why: "The accepted epoch, 0 is less than the current epoch, 1", mend: "edited or copied"},
		{name: "epoch text", log: thrown + "Caused by: java.io.IOException: Found x in /d/version-2/acceptedEpoch" + exit1, code: 1, why: `acceptedEpoch holds no number: "x"`},
		{name: "disk full", log: stamp + "ERROR ZooKeeperCriticalThread - Severe unrecoverable error, from thread : SyncThread:0\njava.io.IOException: No space left on device\n", code: 1, why: "disk of its data is full", mend: "make room"},

		// A server that runs.
		{name: "quorum port", log: stamp + "ERROR Leader - Couldn't bind to /127.0.0.1:15122\njava.net.BindException: Address already in use\n", why: "cannot lead: its quorum port 15122", mend: "initLimit"},
		{name: "quorum sockets", log: stamp + "WARN  QuorumPeer - Unexpected exception\njava.io.IOException: Leader failed to initialize any of the following sockets: [/127.0.0.1:15122]\n", why: "its quorum port 15122"},
		{name: "own id", log: stamp + "WARN  QuorumCnxManager - We got a connection request from a server with our own ID. This should be either a configuration error, or a bug.\n", why: "another server has its myid"},
		{name: "AdminServer of a member", log: stamp + "WARN  QuorumPeer - Problem starting AdminServer\norg.apache.zookeeper.server.admin.AdminServer$AdminServerException: Problem starting AdminServer on address 0.0.0.0, port 15109 and command URL /commands\nCaused by: java.net.BindException: Address already in use\n", why: "without its AdminServer, whose port 15109"},
		{name: "http", log: tooLong("1195725856"), why: "127.0.0.1:59222: that is an HTTP client", mend: "AdminServer"},
		{name: "tls", log: tooLong("369295618"), why: "TLS client"},
		{name: "a big write", log: tooLong("2097203"), why: "message of 2097203 bytes", mend: "-Djute.maxbuffer"},
		{name: "something else", log: tooLong("1397966893"), why: `began with "SSH-"`},
		{name: "too many connections", log: stamp + "WARN  NIOServerCnxnFactory - Too many connections from /127.0.0.1 - max is 2\n", why: "from 127.0.0.1", mend: "maxClientCnxns"},

		// What the log does not explain.
		{name: "kill -9", log: mark + thrown + "java.io.EOFException" + exit1, code: 137, signal: "SIGKILL", line: "-", why: "kill -9 from elsewhere", mend: "dmesg"},
		{name: "kill -9, the code alone", code: 137, line: "-", why: "SIGKILL"},
		{name: "a shutdown", code: 143, signal: "SIGTERM", line: "-", why: "SIGTERM from elsewhere"},
		{name: "a crash", code: 139, line: "-", why: "Java itself crashed (SIGSEGV)", mend: "hs_err"},
		{name: "nobody saw it", log: mark + stamp + "INFO  A - all is well\n", code: -1, line: "all is well", why: "nobody saw how"},
		{name: "an error that nobody knows", log: stamp + "ERROR A - odd\njava.lang.IllegalStateException: of the moon\n\tat a.b(C.java:1)\n" + stamp + "INFO  B - bye\n", code: 1, line: "IllegalStateException: of the moon", why: "exit code 1"},
		{name: "nothing at all", code: 1, line: "-", why: "exit code 1", mend: "log"},

		// What an earlier start suffered from explains nothing.
		{name: "an earlier start, marked", log: mark + thrown + "java.io.EOFException" + exit1 + mark + invalid + "myid file is missing" + invend, code: 2, why: "myid"},
		{name: "an earlier start, marked, and nothing since", log: mark + thrown + "java.io.EOFException" + exit1 + mark, code: 1, whyNot: "cut off", why: "exit code 1"},
		{name: "an earlier start of another hand", log: stamp + "INFO  QuorumPeerConfig - Reading configuration from: /x/zoo.cfg\n" + thrown + "java.io.EOFException" + exit1 + stamp + "INFO  QuorumPeerConfig - Reading configuration from: /x/zoo.cfg\n" + stamp + "INFO  A - b\n", code: 1, whyNot: "cut off", why: "exit code 1"},
		{name: "a start of another hand that Java refused", log: stamp + "INFO  QuorumPeerConfig - Reading configuration from: /x/zoo.cfg\n" + thrown + "java.io.EOFException" + exit1 + "Error: Could not find or load main class X\n", code: 1, why: "class X"},
		{name: "the first half of a standalone start", log: stamp + "INFO  QuorumPeerConfig - Reading configuration from: /x/zoo.cfg\n" + thrown + "java.io.IOException: CRC check failed\n" + stamp + "WARN  QuorumPeerMain - Either no config or no quorum defined in config, running in standalone mode\n" + stamp + "INFO  QuorumPeerConfig - Reading configuration from: /x/zoo.cfg\n", code: 1, why: "damaged"},

		// What is harmless is never the reason.
		{name: "peers that are not up", log: mark + stamp + "ERROR A - the reason\n" + stamp + "WARN  QuorumCnxManager - Cannot open channel to 3 at election address /127.0.0.1:15133\njava.net.ConnectException: Connection refused\n" + stamp + `ERROR NIOServerCnxnFactory - Thread x died: java.lang.NullPointerException: Cannot invoke "X.y()" because "this.zkDb" is null` + "\n" + stamp + "WARN  Learner - Unexpected exception, tries=0, remaining init limit=5000, connecting to /127.0.0.1:15122\n", code: 1, line: "the reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, why, mend := Explain(c.log, c.code, c.signal)
			for what, pair := range map[string][2]string{"line": {line, c.line}, "why": {why, c.why}, "mend": {mend, c.mend}} {
				if got, want := pair[0], pair[1]; !strings.Contains(got, want) && want != "-" || want == "-" && got != "" {
					t.Errorf("%s is %q, want %q", what, got, want)
				}
			}
			if c.whyNot != "" && strings.Contains(why, c.whyNot) {
				t.Errorf("why is %q", why)
			}
			if strings.Contains(why+mend, "$") {
				t.Errorf("not filled in: %q, %q", why, mend)
			}
		})
	}
}

// tooLong is what a server writes when the first four bytes of a client make this
// number.
func tooLong(n string) string {
	return stamp + "WARN  NIOServerCnxn - Close of session 0x0\njava.io.IOException: Len error. A message from /127.0.0.1:59222 with advertised length of " + n + " is either a malformed message or too large to process (length is greater than jute.maxbuffer=1048575)\n"
}

// Whatever stands in a log, something is said.
func TestExplainTakesAnything(t *testing.T) {
	for _, log := range []string{"", "\n", "\x00", "\xff\xfe", strings.Repeat("\t", 1000), "Exiting JVM with code", startMark, "Reading configuration from:", stamp, strings.Repeat(stamp+"ERROR A - BindException: \n", 10)} {
		for _, code := range []int{-1, 0, 1, 2, 3, 4, 10, 12, 13, 14, 126, 127, 128, 255, 1 << 30} {
			if _, why, mend := Explain(log, code, ""); why == "" || mend == "" {
				t.Errorf("nothing is said of %.20q, %d", log, code)
			}
		}
	}
}

func TestLastWord(t *testing.T) {
	log := stamp + "INFO  QuorumPeer - FOLLOWING\n" + stamp + "WARN  QuorumCnxManager - Cannot open channel to 3 at election address /127.0.0.1:15133\njava.net.ConnectException: Connection refused\n" + stamp + "INFO  FastLeaderElection - Notification time out: 800 ms\n" +
		stamp + "INFO  FastLeaderElection - Notification: my state:FOLLOWING; n.sid:3, n.state:LOOKING, n.leader:3, n.round:0x2\n"
	if got := lastWord(entries(1, log)); got != "QuorumPeer - FOLLOWING" {
		t.Errorf("got %q", got)
	}
}
