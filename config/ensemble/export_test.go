package ensemble

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"zkdeck/config/ensemble/distro"
)

// exportPlan has two voters and an observer, in a folder that needs every kind of
// quoting.
func exportPlan() *Plan {
	return &Plan{
		Name: "Demo.2", Dir: `/srv/my data/100% $HOME "q"\x`,
		Members: []Member{
			{ID: 1, Client: 2181, Quorum: 2888, Election: 3888, Admin: 8081},
			{ID: 2, Client: 2182, Quorum: 2889, Election: 3889, Admin: 8082},
			{ID: 5, Client: 2183, Quorum: 2890, Election: 3890, Admin: 8083, Observer: true},
		},
		Tick: 2e9, InitLimit: 10, SyncLimit: 5, HeapMB: 256,
		Extra:     []Setting{{"maxClientCnxns", "7"}, {"snapCount", "1000"}, {"who", "$me"}},
		JVM:       []string{"-Djute.maxbuffer=4194304"},
		Java:      distro.Java{Path: "/usr/lib/jvm/java 17/bin/java", Major: 17},
		ZooKeeper: distro.ZooKeeper{Version: "3.8.0", Jars: []string{"/opt/z k/zookeeper.jar", "/opt/log4j.jar"}, Logging: "log4j"},
	}
}

func export(t *testing.T, p *Plan, format string) map[string]string {
	t.Helper()
	files, err := Export(p, format)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = f.Text
	}
	return out
}

func TestExportNamesItsFormats(t *testing.T) {
	_, err := Export(exportPlan(), "helm")
	if err == nil || !strings.Contains(err.Error(), "zoo.cfg, scripts, compose, systemd") {
		t.Fatalf("got %v", err)
	}
}

func TestExportOfFilesAsTheyRun(t *testing.T) {
	p := exportPlan()
	p.Dir = t.TempDir()
	config, scripts := export(t, p, "zoo.cfg"), export(t, p, "scripts")
	if len(config) != 6 || config[filepath.Join(p.DataDir(5), "myid")] != "5\n" || !strings.Contains(config[p.ConfigFile(5)], "peerType=observer") {
		t.Errorf("zoo.cfg: %v", config)
	}
	for _, name := range []string{"start.sh", "stop.sh", "server.sh", "log4j.properties", "server1/zoo.cfg"} {
		if scripts[filepath.Join(p.Dir, name)] == "" {
			t.Errorf("the scripts lack %s", name)
		}
	}
}

func TestExportForCompose(t *testing.T) {
	var got struct {
		Name     string
		Services map[string]struct {
			Image, Hostname string
			Ports, Volumes  []string
			Environment     map[string]string
			Healthcheck     struct{ Test []string }
		}
		Volumes map[string]any
	}
	text := export(t, exportPlan(), "compose")["compose.yaml"]
	if err := yaml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got.Name != "demo-2" || len(got.Services) != 3 || len(got.Volumes) != 6 {
		t.Fatalf("name %q, services %v, volumes %v", got.Name, got.Services, got.Volumes)
	}
	s := got.Services["zookeeper5"]
	if s.Image != "zookeeper:3.8.0" || !slices.Equal(s.Ports, []string{"127.0.0.1:2183:2181", "127.0.0.1:8083:8080"}) {
		t.Errorf("image %q, ports %q", s.Image, s.Ports)
	}
	for _, port := range slices.Concat(s.Ports, got.Services["zookeeper1"].Ports) {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("the port %s is for everybody", port)
		}
	}
	want := map[string]string{
		"ZOO_MY_ID":               "5",
		"ZOO_SERVERS":             "server.1=zookeeper1:2888:3888;2181 server.2=zookeeper2:2888:3888;2181 server.5=zookeeper5:2888:3888:observer;2181",
		"ZOO_TICK_TIME":           "2000",
		"ZOO_MAX_CLIENT_CNXNS":    "7",
		"ZOO_ADMINSERVER_ENABLED": "true",
		"ZOO_CFG_EXTRA":           "peerType=observer snapCount=1000 who=$$me",
		"SERVER_JVMFLAGS":         "-Xmx256m -Djute.maxbuffer=4194304",
	}
	for k, v := range want {
		if s.Environment[k] != v {
			t.Errorf("%s is %q, want %q", k, s.Environment[k], v)
		}
	}
	if !slices.Contains(s.Healthcheck.Test, "echo srvr | nc -w 2 localhost 2181 | grep -q ^Mode:") {
		t.Errorf("healthcheck %q", s.Healthcheck.Test)
	}
}

func TestExportForComposeRefusesWhatTheImageWouldSplit(t *testing.T) {
	p := exportPlan()
	p.Extra = append(p.Extra, Setting{"some.key", "two words"})
	if _, err := Export(p, "compose"); err == nil || !strings.Contains(err.Error(), "some.key=two words") {
		t.Fatalf("got %v", err)
	}
}

// unitLines reads a unit: section, key and value, with continued lines joined.
func unitLines(t *testing.T, text string) map[string][]string {
	t.Helper()
	out, section := map[string][]string{}, ""
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		if n := len(lines); n > 0 && strings.HasSuffix(lines[n-1], `\`) {
			lines[n-1] = strings.TrimSuffix(lines[n-1], `\`) + " " + line
			continue
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || section == "" || strings.ContainsAny(key, " %\"") {
			t.Fatalf("this is no line of a unit: %q", line)
		}
		out[section+key] = append(out[section+key], value)
	}
	return out
}

// unitArgs splits a command line and reads its specifiers as systemd does
// (systemd.syntax(7), systemd.unit(5)).
func unitArgs(t *testing.T, line, instance string) []string {
	t.Helper()
	var args []string
	var word strings.Builder
	in, quoted := false, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\':
			i++
			if i == len(line) || !strings.ContainsRune(`\"'`, rune(line[i])) {
				t.Fatalf("an escape that is none, at %d of %q", i, line)
			}
			word.WriteByte(line[i])
			in = true
		case quoted != 0 && c == quoted:
			quoted = 0
		case quoted == 0 && (c == '"' || c == '\''):
			quoted, in = c, true
		case quoted == 0 && c == ' ':
			if in {
				args = append(args, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quoted != 0 {
		t.Fatalf("a quote is left open: %q", line)
	}
	if in {
		args = append(args, word.String())
	}
	for i := range args {
		args[i] = specifiers(t, args[i], instance)
		if strings.Contains(strings.ReplaceAll(args[i], "$$", ""), "$") {
			t.Errorf("a variable in %q", args[i])
		}
		args[i] = strings.ReplaceAll(args[i], "$$", "$")
	}
	return args
}

func specifiers(t *testing.T, text, instance string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch {
		case i < len(text) && text[i] == '%':
			b.WriteByte('%')
		case i < len(text) && text[i] == 'i':
			b.WriteString(instance)
		default:
			t.Fatalf("a specifier that we did not mean in %q", text)
		}
	}
	return b.String()
}

func TestExportForSystemd(t *testing.T) {
	p := exportPlan()
	files := export(t, p, "systemd")
	target := unitLines(t, files["zookeeper-Demo.2.target"])
	if got := target["[Unit]Wants"]; !slices.Equal(got, []string{"zookeeper-Demo.2@1.service zookeeper-Demo.2@2.service zookeeper-Demo.2@5.service"}) {
		t.Errorf("Wants %q", got)
	}
	unit := unitLines(t, files["zookeeper-Demo.2@.service"])
	for key, want := range map[string]string{
		"[Unit]PartOf": "zookeeper-Demo.2.target", "[Service]SuccessExitStatus": "143", "[Service]KillSignal": "SIGTERM",
		"[Service]Restart": "on-abnormal", "[Install]WantedBy": "zookeeper-Demo.2.target",
	} {
		if !slices.Equal(unit[key], []string{want}) {
			t.Errorf("%s is %q, want %q", key, unit[key], want)
		}
	}
	for _, m := range p.Members {
		id := fmt.Sprint(m.ID)
		if got := specifiers(t, unit["[Service]WorkingDirectory"][0], id); got != p.ServerDir(m.ID) {
			t.Errorf("it runs in %q, want %q", got, p.ServerDir(m.ID))
		}
		if got := specifiers(t, unit["[Service]StandardOutput"][0], id); got != "append:"+p.LogFile(m.ID) {
			t.Errorf("it logs to %q, want %q", got, p.LogFile(m.ID))
		}
		got := unitArgs(t, unit["[Service]ExecStart"][0], id)
		want := slices.Concat(
			[]string{"/usr/bin/flock", "--nonblock", "--no-fork", "--conflict-exit-code", "75", filepath.Join(p.DataDir(m.ID), "zkdeck.lock"), p.Java.Path},
			p.jvmArguments(),
			[]string{"-cp", "/opt/z k/zookeeper.jar:/opt/log4j.jar", mainClass, p.ConfigFile(m.ID)},
		)
		if !slices.Equal(got, want) {
			t.Errorf("it runs\n%q, want\n%q", got, want)
		}
	}
}
