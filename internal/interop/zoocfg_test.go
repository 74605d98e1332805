//go:build interop

package interop

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
)

// javaConfigs has Java read or start with texts of zoo.cfg, in one process, and returns
// for each what Properties hold or how QuorumPeerConfig ends.
func javaConfigs(t *testing.T, what string, texts []string) []string {
	t.Helper()
	var in, out, errs bytes.Buffer
	for _, text := range texts {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(text)) + "\n")
	}
	cmd := exec.CommandContext(t.Context(), javaProgram(t), javaArgs(t, "ZooConfigs", what, t.TempDir())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != len(texts)+1 {
		t.Fatalf("%d lines about %d texts\n%s", len(lines), len(texts), &errs)
	}
	return lines
}

// ourConfig is what we read, as javaConfigs tells it.
func ourConfig(t *testing.T, text string) string {
	t.Helper()
	c, err := zoocfg.Parse("zoo.cfg", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(c.Entries(), func(e zoocfg.Entry) bool { return e.Malformed }) {
		return "refused"
	}
	all := c.All()
	slices.SortFunc(all, func(a, b zoocfg.Entry) int { return strings.Compare(a.Key, b.Key) })
	var said strings.Builder
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, e := range all {
		said.WriteString(encode(e.Key) + ":" + encode(e.Value) + " ")
	}
	return said.String()
}

// pieces are what random texts are made of: all that Java's Properties treat specially.
var pieces = []string{
	"a", "b", "tickTime", "2000", "=", ":", " ", "\t", "\f", "\n", "\r", "\r\n", "\\", "\\\n", "\\\r\n", "\\\r", "#", "!",
	`\u0041`, `\u00e4`, `\uD83D\uDE00`, `\u`, `\u12`, `\t`, `\n`, `\=`, `\:`, `\ `, `\#`, `\\`, "ä", "\xe4", "\x01", "${a}", ".", "u", "0",
}

// texts are random ones, the same in each run.
func texts(n int) []string {
	r := rand.New(rand.NewPCG(7, 7))
	var all []string
	for range n {
		var b strings.Builder
		for range r.IntN(24) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		all = append(all, b.String())
	}
	return all
}

// TestConfigsAsJavaReadsThem holds zoocfg.Parse to java.util.Properties, and to itself
// what it writes.
func TestConfigsAsJavaReadsThem(t *testing.T) {
	all := texts(3000)
	for _, text := range all {
		c, err := zoocfg.Parse("zoo.cfg", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(zoocfg.Render(c.Entries(), zoocfg.RenderOptions{Explain: true, Header: text})))
	}
	wrong := 0
	for i, read := range javaConfigs(t, "read", all)[:len(all)] {
		if got := ourConfig(t, all[i]); got != read && wrong < 10 {
			wrong++
			t.Errorf("%q\nours %s\njava %s", all[i], got, read)
		}
	}
}

// variants are lines that make a zoo.cfg of three servers start or not.
var variants = []string{
	"dataDri=/x", "initlimit=10",
	"tickTime=2000 # x", "tickTime=0", "tickTime=", "tickTime=+2000", "tickTime=2000ms", `tickTime="2000"`, "tickTime=99999999999", "tickTime 2500", "tickTime:2500",
	"initLimit=0", "initLimit=10 ## x", "syncLimit=0", "syncLimit=5#", "-initLimit", "-syncLimit", "-tickTime", "-dataDir", "-clientPort",
	"dataDir=", "dataDir=d", "dataLogDir=/nowhere # x", "dataLogDir=x",
	"clientPort=70000", "clientPort=-1", "clientPort=0", "clientPort=two", "clientPortAddress=127.0.0.1", "secureClientPort=2281", "secureClientPort=99999", "secureClientPortAddress=127.0.0.1",
	"maxClientCnxns=many", "maxClientCnxns=0", "maxSessionTimeout=3000", "maxSessionTimeout=-1", "minSessionTimeout=60000", "minSessionTimeout=100",
	"standaloneEnabled=no", "standaloneEnabled=false", "standaloneEnabled=TRUE", "reconfigEnabled=1", "localSessionsEnabled=yes", "syncEnabled=off", "quorumListenOnAllIPs=ja",
	"peerType=king", "peerType=observer", "peerType=Participant", "peerType=", "electionAlg=0", "electionAlg=3",
	"server.1=127.0.0.1:2888:3888 ", "server.1=127.0.0.1:2888:3888 # x", "server.1=127.0.0.1:2888", "server.1=127.0.0.1:2888:3888:king", "server.1=127.0.0.1:2888:3888:observer",
	"server.1=127.0.0.1:2888:3888:OBSERVER ", "server.1=127.0.0.1:2888:2888", "server.1=127.0.0.1:2888:70000", "server.1=127.0.0.1:2888:3888;2181", "server.1=127.0.0.1:2888:3888;127.0.0.1:2181",
	"server.1=127.0.0.1:2888:3888;2182", "server.1=127.0.0.1:2888:3888;2181;2281", "server.1=127.0.0.1:2888:3888;", "server.1=127.0.0.1:2888:3888;x", "server.1=[::1]:2888:3888", "server.1=[::1:2888:3888",
	"server.1=127.0.0.1:2888:3888|127.0.0.1:2988:3988", "server.1=127.0.0.1:2888:3888::observer", "server.1=127.0.0.1:2888:3888:", "server.2=127.0.0.1:2889:3889;2182", "server.x=127.0.0.1:2891:3891", "server.=127.0.0.1:2891:3891",
	"server.04=127.0.0.1:2891:3891", "server.4=127.0.0.1:2891:3891:observer", "server4=127.0.0.1:2891:3891", "-server.1", "-server.2", "-server.3",
	"group.1=1:2:3", "group.1=1:2", "group.2=2:3", "group.2=3", "group.1=1:2:3 ", "group.1=1,2,3", "group.1=", "groups=1", "weight.1=1", "weight.1=x", "weight.x=1", "weight.1=1 ",
	"metricsProvider.httpPort=x", "jvm.pause.monitor=1", "jvm.pause.info-threshold.ms=x", "autopurge.purgeInterval=1 # x", "autopurge.snapRetainCount=1",
	"quorum.auth.enableSasl=true", "quorum.auth.serverRequireSasl=true", "quorum.auth.learnerRequireSasl=true", "sslQuorum=maybe", "portUnification=maybe", "observerMasterPort=x", "multiAddress.enabled=maybe",
	"quorum.cnxn.threads.size=x", "connectToLearnerMasterLimit=x", "multiAddress.reachabilityCheckTimeoutMs=x", "clientPortListenBacklog=x",
	"client.certReload=yes", "snapCount=x", "admin.enableServer=no", "admin.serverPort=x", "4lw.commands.whitelist=* # x", "clientport=2181", "foo=bar", `foo=\u12`, `superUser=a\b`, "forceSync=false", "=x", "version=x", "version=1f",
	"dynamicConfigFile=@dynamic", "dynamicConfigFile=/nowhere/zoo.cfg.dynamic", "dynamicConfigFile=",
}

// starts is a zoo.cfg that starts; @data is a folder with a myid file, 1.
const starts = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=@data
clientPort=2181
server.1=127.0.0.1:2888:3888
server.2=127.0.0.1:2889:3889
server.3=127.0.0.1:2890:3890
`

// later are rules about what QuorumPeerConfig lets pass, and what starts after it does
// not.
var later = []string{"myid-not-listed", "tls-needs-netty", "id-range"}

// TestLintAsZooKeeperStarts holds what zoocfg.Lint says of starting to ZooKeeper's own
// QuorumPeerConfig.
func TestLintAsZooKeeperStarts(t *testing.T) {
	dir := t.TempDir()
	data, dynamic := filepath.Join(dir, "data"), filepath.Join(dir, "zoo.cfg.dynamic")
	for path, text := range map[string]string{filepath.Join(data, "myid"): "1\n", dynamic: strings.Join(strings.Split(starts, "\n")[5:], "\n")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := []string{starts}
	for _, v := range variants {
		all = append(all, vary(starts, v))
	}
	all = append(all, vary(vary(starts, "-initLimit"), "initlimit=10"), vary(vary(starts, "-dataDir"), "datadir=/x"))
	r := rand.New(rand.NewPCG(8, 8))
	for range 700 {
		text := starts
		for range 2 {
			text = vary(text, variants[r.IntN(len(variants))])
		}
		all = append(all, text)
	}
	fill := strings.NewReplacer("@data", data, "@dynamic", dynamic)
	for i := range all {
		all[i] = fill.Replace(all[i])
	}
	started := javaConfigs(t, "start", all)
	wrong, refused := 0, 0
	path := filepath.Join(dir, "zoo.cfg")
	for i, text := range all {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := zoocfg.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		found := zoocfg.Lint(c, zoocfg.LintOptions{Version: "3.8.0", Temp: []string{}})
		found = slices.DeleteFunc(found, func(f zoocfg.Finding) bool { return f.Severity != zoocfg.Error })
		says := slices.ContainsFunc(found, func(f zoocfg.Finding) bool {
			return strings.HasPrefix(f.Effect, "the server does not start") && !slices.Contains(later, f.Rule)
		})
		if started[i] != "started" {
			refused++
		}
		if says != (started[i] != "started") && wrong < 10 {
			wrong++
			t.Errorf("%s\nZooKeeper: %s\nours: %+v", text, started[i], found)
		}
	}
	t.Logf("%d of %d do not start", refused, len(all))
}

// vary puts a line in the place of that of the same key, or at the end; "-key" takes it
// away.
func vary(text, line string) string {
	key, out := strings.TrimPrefix(line, "-"), strings.HasPrefix(line, "-")
	if i := strings.IndexAny(key, "=: "); i >= 0 {
		key = key[:i]
	}
	lines := slices.DeleteFunc(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), func(l string) bool {
		return strings.HasPrefix(l, key+"=")
	})
	if !out {
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n") + "\n"
}
