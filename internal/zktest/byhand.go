package zktest

import (
	"os"
	"strings"
)

// ByHand returns the command that starts a server as a person does who knows no
// better flags: it lacks only the path of the zoo.cfg. The configuration of its log,
// which goes to stdout, is written to dir.
func ByHand(tb TB, dir string) []string {
	tb.Helper()
	d, err := locate()
	if err != nil {
		tb.Fatalf("%v", err)
	}
	logArg, err := d.writeLogConfig(dir)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return []string{
		d.java, logArg, "-cp", strings.Join(d.jars, string(os.PathListSeparator)),
		"org.apache.zookeeper.server.quorum.QuorumPeerMain",
	}
}
