package zoocfg_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
)

// tutorial is what a tutorial tells people to write, with a comment behind every value.
const tutorial = `tickTime=2000 ## the number of milliseconds of each tick
initLimit=10 ## ticks that the initial synchronization phase can take
syncLimit=5 ## ticks between sending a request and getting an acknowledgement
dataDir=/tmp/zookeeper/data1 ## where the snapshot is stored
clientPort=2181 ## the port at which the clients will connect
#maxClientCnxns=60
#autopurge.snapRetainCount=3
#autopurge.purgeInterval=1
## server.A=ip:portA1:portA2
server.1=127.0.0.1:2888:3888 ## the first
server.2=127.0.0.1:2889:3889
server.3=127.0.0.1:2890:3890
`

func TestLintOfTheTutorial(t *testing.T) {
	found := zoocfg.Lint(parse(t, tutorial), linux)
	want := "1 error inline-comment, 2 error inline-comment, 3 error inline-comment, 4 error inline-comment, 4 warning temporary-folder, " +
		"5 error inline-comment, 10 error inline-comment, 0 warning no-autopurge, 0 warning admin-port, 0 note whitelist-default"
	if got := linted(found); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	first := found[0]
	for _, has := range []string{
		"## the number of milliseconds", `NumberFormatException: For input string: "2000 ## the number of milliseconds of each tick"`,
		"exit code 2", "leave tickTime=2000",
	} {
		if !strings.Contains(first.What+"\n"+first.Effect+"\n"+first.Mend, has) {
			t.Errorf("%q is missing in %+v", has, first)
		}
	}
	if folder := found[3]; !strings.Contains(folder.Effect, `"/tmp/zookeeper/data1 ## where the snapshot is stored"`) {
		t.Errorf("dataDir: %+v", folder)
	}
}

func TestLintOfDebiansSample(t *testing.T) {
	text := "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2181\n"
	want := "4 warning temporary-folder, 0 warning no-autopurge, 0 warning admin-port, 0 note whitelist-default"
	if got := linted(zoocfg.Lint(parse(t, text), linux)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestLintOptions(t *testing.T) {
	with := func(change func(*zoocfg.LintOptions)) zoocfg.LintOptions {
		o := linux
		change(&o)
		return o
	}
	several := changed("server.1=127.0.0.1:2888:3888|127.0.0.1:2988:3988", "+multiAddress.enabled=true")
	for name, at := range map[string]struct {
		text string
		o    zoocfg.LintOptions
		want string
	}{
		"3.4 has no AdminServer": {changed("-admin.enableServer", "-4lw.commands.whitelist"), with(func(o *zoocfg.LintOptions) { o.Version = "3.4.14" }), ""},
		"3.10 has it off":        {changed("-admin.enableServer"), with(func(o *zoocfg.LintOptions) { o.Version = "3.10.0" }), ""},
		"3.10 wants true":        {changed("admin.enableServer=yes"), with(func(o *zoocfg.LintOptions) { o.Version = "3.10.0" }), "8 warning loose-boolean"},
		"3.10 has it on":         {changed("admin.enableServer=True"), with(func(o *zoocfg.LintOptions) { o.Version = "3.10.0" }), "8 warning admin-port"},
		"3.9 has it on":          {changed("-admin.enableServer"), with(func(o *zoocfg.LintOptions) { o.Version = "3.9.3" }), "0 warning admin-port"},
		"-D stands in": {changed("-admin.enableServer", "-4lw.commands.whitelist"), with(func(o *zoocfg.LintOptions) {
			o.JVM = []string{"-Xmx1g", "-Dzookeeper.admin.enableServer=false", "-Dzookeeper.4lw.commands.whitelist=*"}
		}), ""},
		"the file wins over -D":      {changed("admin.enableServer=true"), with(func(o *zoocfg.LintOptions) { o.JVM = []string{"-Dzookeeper.admin.enableServer=false"} }), "8 warning admin-port"},
		"several addresses with -D":  {several, with(func(o *zoocfg.LintOptions) { o.JVM = []string{"-Dzookeeper.multiAddress.enabled=true"} }), ""},
		"its own line":               {changed("server.1=127.0.0.1:2888:3888;2181"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), "12 error client-address-conflict"},
		"its own line, same":         {changed("server.1=127.0.0.1:2888:3888;127.0.0.1:2181"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), ""},
		"another's line":             {changed("server.2=127.0.0.1:2889:3889;2182"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), ""},
		"other port in its own line": {changed("-clientPortAddress", "server.1=127.0.0.1:2888:3888;2182"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), "9 note whitelist-all, 12 error client-address-conflict"},
		"port in its own line only":  {changed("-clientPort", "-clientPortAddress", "server.1=127.0.0.1:2888:3888;2181"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), "9 note whitelist-all"},
		"port in another's line":     {changed("-clientPort", "-clientPortAddress", "server.2=127.0.0.1:2889:3889;2181"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), "9 note whitelist-all, 0 error missing-key"},
		"own wildcard":               {changed("server.1=0.0.0.0:2888:3888"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), ""},
		"observer by peerType":       {changed("+peerType=observer", "+server.4=127.0.0.1:2891:3891:observer"), with(func(o *zoocfg.LintOptions) { o.ID = 1 }), "15 warning observer-votes"},
		"observer by the list":       {changed("+peerType=participant", "+server.4=127.0.0.1:2891:3891:observer"), with(func(o *zoocfg.LintOptions) { o.ID = 4 }), "15 note observer-votes"},
		"not in the list":            {clean, with(func(o *zoocfg.LintOptions) { o.ID = 9 }), "0 error myid-not-listed"},
		"Windows":                    {changed(`dataDir=C:\\zk\\data`), with(func(o *zoocfg.LintOptions) { o.GOOS = "windows" }), ""},
		"Windows, slashes":           {changed(`dataDir=C:/zk/data`), with(func(o *zoocfg.LintOptions) { o.GOOS = "windows" }), ""},
		"Windows, lost":              {changed(`dataDir=C:\zk\data`), with(func(o *zoocfg.LintOptions) { o.GOOS = "windows" }), "5 error backslash, 5 warning relative-path"},
		"macOS":                      {changed("server.2=127.0.0.1:2889:40000"), with(func(o *zoocfg.LintOptions) { o.GOOS = "darwin" }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := linted(zoocfg.Lint(parse(t, at.text), at.o)); !sameFindings(got, at.want) {
				t.Errorf("\n got %s\nwant %s", got, at.want)
			}
		})
	}
}

// server writes the files of a server below a folder, and returns its zoo.cfg; %s in the
// text is its data folder. An empty myid is none.
func server(t *testing.T, dir, text, myid string) string {
	t.Helper()
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "zoo.cfg")
	if strings.Contains(text, "%s") {
		text = fmt.Sprintf(text, data)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if myid != "" {
		if err := os.WriteFile(filepath.Join(data, "myid"), []byte(myid), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func load(t *testing.T, path string) *zoocfg.Config {
	t.Helper()
	c, err := zoocfg.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// notTemp has no folder for temporary files: those of tests are in one.
var notTemp = zoocfg.LintOptions{GOOS: "linux", Temp: []string{}}

func TestLintOfMyID(t *testing.T) {
	three := changed("dataDir=%s")
	for name, at := range map[string]struct{ text, myid, want string }{
		"right":           {three, "1\n", ""},
		"CR LF":           {three, "1\r\n", ""},
		"none":            {three, "", "5 error myid-missing"},
		"placeholder":     {three, "replace this text\n", "5 error myid-bad"},
		"trailing blank":  {three, "1 \n", "5 error myid-bad"},
		"leading line":    {three, "\n1\n", "5 error myid-bad"},
		"BOM":             {three, "\ufeff1", "5 error myid-bad"},
		"not in the list": {three, "9", "5 error myid-not-listed"},
		"alone, none":     {changed("dataDir=%s", "-server.1", "-server.2", "-server.3"), "", ""},
		"alone, bad":      {changed("dataDir=%s", "-server.1", "-server.2", "-server.3"), "x", "5 error myid-bad"},
		"no folder":       {changed("dataDir=/nonexistent/zk"), "", "5 warning myid-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			c := load(t, server(t, t.TempDir(), at.text, at.myid))
			if got := linted(zoocfg.Lint(c, notTemp)); got != at.want {
				t.Errorf("\n got %s\nwant %s", got, at.want)
			}
		})
	}
}

func TestLintOfTheDynamicFile(t *testing.T) {
	dir := t.TempDir()
	dynamic := filepath.Join(dir, "zoo.cfg.dynamic")
	path := server(t, dir, changed("-server.1", "-server.2", "-server.3", "dataDir=%s", "+dynamicConfigFile="+dynamic), "1")
	if got, want := linted(zoocfg.Lint(load(t, path), notTemp)), "15 error dynamic-file"; got != want {
		t.Errorf("no file:\n got %s\nwant %s", got, want)
	}
	for text, want := range map[string]string{
		"server.1=127.0.0.1:2888:3888\nserver.2=127.0.0.1:2889:3889\nserver.3=127.0.0.1:2890:3890\n":    "",
		"server.1=127.0.0.1:2888:3888 # x\nserver.2=127.0.0.1:2889:3889\n":                              "1 error inline-comment",
		"server.1=127.0.0.1:2888:3888\nserver.2=127.0.0.1:2889:3889\nversion=0\n":                       "1 warning two-voters, 3 error dynamic-key",
		"server.2=127.0.0.1:2888:3888\nserver.3=127.0.0.1:2889:3889\nserver.4=127.0.0.1:2890:3890\n":    "5 error myid-not-listed",
		"tickTime=1\nserver.1=127.0.0.1:1:3888\nserver.2=127.0.0.1:2:3889\nserver.3=127.0.0.1:3:3890\n": "1 error dynamic-key, 2 warning port-privileged, 3 warning port-privileged, 4 warning port-privileged",
	} {
		if err := os.WriteFile(dynamic, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		found := zoocfg.Lint(load(t, path), notTemp)
		if got := linted(found); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
		for _, f := range found {
			if strings.HasPrefix(f.Key, "server.") && f.File != dynamic {
				t.Errorf("it stands in %s: %+v", dynamic, f)
			}
		}
	}
}

func TestTemporaryThroughALink(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	link := filepath.Join(dir, "zk")
	if err := os.Symlink(filepath.Join(temp), link); err != nil {
		t.Fatal(err)
	}
	found := zoocfg.Lint(parse(t, changed("dataDir="+filepath.Join(link, "not", "there"))), zoocfg.LintOptions{GOOS: "linux", Temp: []string{temp}})
	if got, want := linted(found), "5 warning temporary-folder"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
