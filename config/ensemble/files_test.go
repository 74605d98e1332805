package ensemble

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/config/zoocfg"
)

// configs are the zoo.cfg files of a plan, as ZooKeeper reads them.
func configs(t *testing.T, p *Plan) []*zoocfg.Config {
	t.Helper()
	files, err := p.Files()
	if err != nil {
		t.Fatal(err)
	}
	var list []*zoocfg.Config
	for _, m := range p.Members {
		at := slices.IndexFunc(files, func(f File) bool { return f.Path == p.ConfigFile(m.ID) })
		c, err := zoocfg.Parse(files[at].Path, []byte(files[at].Text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func TestZooCfg(t *testing.T) {
	s := newStore(t)
	p := plan(t, s, Wish{
		Servers: 3, Observers: 1, Tick: 500 * time.Millisecond, InitLimit: 4, SyncLimit: 3, Admin: true,
		Extra: []Setting{{"autopurge.purgeInterval", "1"}, {"snapCount", "1000"}},
	})
	var lists []string
	for i, c := range configs(t, p) {
		m := p.Members[i]
		for key, want := range map[string]string{
			"tickTime": "500", "initLimit": "4", "syncLimit": "3", "dataDir": p.DataDir(m.ID),
			"clientPort": fmt.Sprint(m.Client), "clientPortAddress": "127.0.0.1",
			"4lw.commands.whitelist": "*", "autopurge.purgeInterval": "1", "autopurge.snapRetainCount": "3", "snapCount": "1000",
			"admin.enableServer": "true", "admin.serverAddress": "127.0.0.1", "admin.serverPort": fmt.Sprint(m.Admin),
		} {
			if got, there := c.Get(key); !there || got != want {
				t.Errorf("server %d: %s=%s, not %s", m.ID, key, got, want)
			}
		}
		if role, there := c.Get("peerType"); there != m.Observer || there && role != "observer" {
			t.Errorf("server %d: peerType=%s", m.ID, role)
		}
		servers, err := c.Servers()
		if err != nil || len(servers) != 4 || servers[3].Observer != true || servers[0].Observer {
			t.Errorf("server %d: %+v, %v", m.ID, servers, err)
		}
		lists = append(lists, fmt.Sprint(p.servers()))
	}
	if len(slices.Compact(lists)) != 1 {
		t.Errorf("the lists differ: %v", lists)
	}
}

func TestZooCfgOfOne(t *testing.T) {
	s := newStore(t)
	for what, c := range map[string]struct {
		wish       Wish
		servers    int
		standalone string
	}{
		"alone":              {Wish{Servers: 1}, 0, ""},
		"with an observer":   {Wish{Servers: 1, Observers: 1}, 2, "false"},
		"alone, to grow":     {Wish{Servers: 1, Extra: []Setting{{"standaloneEnabled", "false"}}}, 1, "false"},
		"three":              {Wish{}, 3, ""},
		"with other address": {Wish{Servers: 1, Extra: []Setting{{"maxClientCnxns", "0"}}}, 0, ""},
	} {
		p := plan(t, s, c.wish)
		cfg := configs(t, p)[0]
		servers, err := cfg.Servers()
		if alone, _ := cfg.Get("standaloneEnabled"); err != nil || len(servers) != c.servers || alone != c.standalone {
			t.Errorf("%s: %+v, %q, %v", what, servers, alone, err)
		}
		if admin, _ := cfg.Get("admin.enableServer"); admin != "false" {
			t.Errorf("%s: the AdminServer is on", what)
		}
	}
}

func TestArgumentsOfJava(t *testing.T) {
	s := newStore(t)
	for what, c := range map[string]struct {
		edit         func(p *Plan)
		there, gone  []string
		archiveThere bool
	}{
		"Java 8 has no archive":   {func(p *Plan) { p.Java.Major = 8 }, []string{"-XX:+UseSerialGC", "archive= training="}, []string{"Archive="}, false},
		"Java 17 is trained":      {func(p *Plan) { p.Java.Major = 17 }, []string{"-XX:ArchiveClassesAtExit=", "if [ -f \"$archive\" ]"}, []string{"AutoCreate"}, true},
		"Java 21 trains itself":   {func(p *Plan) { p.Java.Major = 21 }, []string{"-XX:+AutoCreateSharedArchive"}, []string{"ArchiveClassesAtExit"}, true},
		"another collector":       {func(p *Plan) { p.JVM = []string{"-XX:+UseG1GC", "-Dx=a b"} }, []string{"-XX:+UseG1GC", "'-Dx=a b'"}, []string{"SerialGC"}, true},
		"log4j":                   {func(p *Plan) { p.ZooKeeper.Logging = "log4j" }, []string{"-Dlog4j.configuration=file:/"}, []string{"logback"}, true},
		"logback":                 {func(p *Plan) { p.ZooKeeper.Logging = "logback" }, []string{"-Dlogback.configurationFile=file:/"}, []string{"log4j.configuration"}, true},
		"simple":                  {func(p *Plan) { p.ZooKeeper.Logging = "simple" }, []string{"simpleLogger.log.org.apache.zookeeper.server.NIOServerCnxn=warn"}, []string{"log4j.configuration"}, true},
		"the heap that is wished": {func(p *Plan) { p.HeapMB = 99 }, []string{"-Xmx99m"}, nil, true},
	} {
		p := plan(t, s, Wish{Servers: 1})
		p.Archive = "/cache/class-data/x.jsa"
		c.edit(p)
		text := p.serverScript()
		for _, want := range c.there {
			if !strings.Contains(text, want) {
				t.Errorf("%s: there is no %s", what, want)
			}
		}
		for _, not := range c.gone {
			if strings.Contains(text, not) {
				t.Errorf("%s: there is %s", what, not)
			}
		}
		files, err := p.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f.Path, ".sh") {
				cmd := exec.Command("/bin/sh", "-n")
				cmd.Stdin = strings.NewReader(f.Text)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %s: %s, %v", what, f.Path, out, err)
				}
			}
		}
	}
}

func TestQuote(t *testing.T) {
	for _, word := range []string{"", "plain", "a b", "it's", `"$x" \ `, "`id`", "$(id)", "-n", "ä*?[a]", "a'b'c", ";&|<>", "~", "#x"} {
		out, err := exec.Command("/bin/sh", "-c", "printf '%s' "+quote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is read as %q, %v", word, out, err)
		}
	}
}

func TestFileURL(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b.xml":       "file:/a/b.xml",
		"/a b/c#d?e%f":   "file:/a%20b/c%23d%3Fe%25f",
		"/dätä/x":        "file:/d%C3%A4t%C3%A4/x",
		"/a+b/(c)/[d];e": "file:/a+b/%28c%29/%5Bd%5D;e",
	} {
		if got := fileURL(path); got != want {
			t.Errorf("%s is %s, not %s", path, got, want)
		}
	}
}
