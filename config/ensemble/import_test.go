package ensemble

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
	"zkdeck/internal/zktest"
)

// write puts files into a folder of the test's own.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func rules(found []zoocfg.Finding) map[string]int {
	n := map[string]int{}
	for _, f := range found {
		n[f.Rule]++
	}
	return n
}

// tutorial are three files as a widely copied tutorial has them, with comments behind
// the values, on ports of the test's own.
func tutorial(base int) map[string]string {
	files := map[string]string{}
	for id := 1; id <= 3; id++ {
		files[fmt.Sprintf("zoo%d.cfg", id)] = fmt.Sprintf(`tickTime=2000 # the length of a tick in ms
initLimit=5 # ticks to connect
syncLimit=2
dataDir=DIR/data%d
clientPort=%d # clients
maxClientCnxns=60
autopurge.snapRetainCount=5
server.1=127.0.0.1:%d:%d
server.2=192.168.7.2:%d:%d # the second
server.3=zoo3.example.org:%d:%d
`, id, base+id, base+4, base+5, base+6, base+7, base+8, base+9)
		files[fmt.Sprintf("data%d/myid", id)] = fmt.Sprintf("%d\n", id)
	}
	return files
}

func TestImportOfATutorial(t *testing.T) {
	base := zktest.FreePorts(t)
	dir := writeFiles(t, tutorial(base))
	before := snapshotOf(t, dir)
	paths := []string{filepath.Join(dir, "zoo3.cfg"), filepath.Join(dir, "zoo1.cfg"), filepath.Join(dir, "zoo2.cfg")}
	p, found, err := newStore(t).Import(t.Context(), ImportWish{Files: paths, Name: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Member{
		{ID: 1, Client: base + 1, Quorum: base + 4, Election: base + 5},
		{ID: 2, Client: base + 2, Quorum: base + 6, Election: base + 7},
		{ID: 3, Client: base + 3, Quorum: base + 8, Election: base + 9},
	}
	if !slices.Equal(p.Members, want) || p.Name != "mine" || p.Tick.Milliseconds() != 2000 || p.InitLimit != 5 || p.SyncLimit != 2 {
		t.Errorf("%+v", p)
	}
	if !slices.Equal(p.Extra, []Setting{{"maxClientCnxns", "60"}, {"autopurge.snapRetainCount", "5"}}) {
		t.Errorf("extra %v", p.Extra)
	}
	if n := rules(found); n["inline-comment"] != 12 || n["address"] != 2 || n["port"] != 0 || n["whose-file"] != 0 {
		t.Errorf("findings %v", n)
	}
	for _, f := range found {
		if f.Rule == "inline-comment" && f.Line == 0 || f.Rule == "address" && !strings.Contains(f.What, Host) {
			t.Errorf("%+v", f)
		}
	}
	text := export(t, p, "zoo.cfg")[p.ConfigFile(2)]
	if !strings.Contains(text, fmt.Sprintf("server.3=127.0.0.1:%d:%d", base+8, base+9)) || strings.Contains(text, "example.org") {
		t.Errorf("zoo.cfg:\n%s", text)
	}
	if after := snapshotOf(t, dir); after != before {
		t.Errorf("the files imported from were changed:\n%s\n%s", before, after)
	}
}

// snapshotOf is all there is in a folder.
func snapshotOf(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %x\n", path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImportFollowsTheDynamicFile(t *testing.T) {
	base := zktest.FreePorts(t)
	dir := writeFiles(t, map[string]string{
		"zoo.cfg": "4lw.commands.whitelist=*\nclientPortAddress=127.0.0.1\ntickTime=1000\ninitLimit=7\nsyncLimit=3\ndataDir=DIR/data\nreconfigEnabled=true\nadmin.serverPort=" + fmt.Sprint(base+9) +
			"\nsecureClientPort=2281\ndynamicConfigFile=DIR/zoo.cfg.dynamic.100000000\n",
		"zoo.cfg.dynamic.100000000": fmt.Sprintf("server.3=127.0.0.1:%d:%d:participant;127.0.0.1:%d\nserver.5=127.0.0.1:%d:%d:observer;0.0.0.0:%d\n",
			base, base+1, base+2, base+3, base+4, base+5),
		"data/myid": "5\n",
	})
	p, found, err := newStore(t).Import(t.Context(), ImportWish{Files: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Member{
		{ID: 3, Client: base + 2, Quorum: base, Election: base + 1},
		{ID: 5, Client: base + 5, Quorum: base + 3, Election: base + 4, Observer: true},
	}
	for i := range p.Members {
		if p.Members[i].Admin == 0 {
			t.Errorf("server %d has no AdminServer", p.Members[i].ID)
		}
		p.Members[i].Admin = 0
	}
	if !slices.Equal(p.Members, want) || p.Tick.Milliseconds() != 1000 || p.InitLimit != 7 {
		t.Errorf("%+v", p)
	}
	for _, key := range []string{"reconfigEnabled", "secureClientPort"} {
		if !slices.ContainsFunc(found, func(f zoocfg.Finding) bool { return f.Key == key && f.Rule == "left-out" }) {
			t.Errorf("nothing is said of %s: %v", key, found)
		}
	}
	if n := rules(found); n["left-out"] != 3 || n["admin"] != 0 { // and admin.serverPort
		t.Errorf("something is said of what is as it was: %v", found)
	}
}

func TestImportOfDebiansFolder(t *testing.T) {
	p, found, err := newStore(t).Import(t.Context(), ImportWish{Files: []string{"/etc/zookeeper/conf"}})
	if err != nil {
		t.Fatal(err, found)
	}
	if len(p.Members) != 1 || p.Members[0].ID != 1 || p.Tick.Milliseconds() != 2000 || p.InitLimit != 10 {
		t.Errorf("%+v, %v", p, found)
	}
}

func TestImportTakesOtherPortsWhereTheyAreTaken(t *testing.T) {
	base := zktest.FreePorts(t)
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+1))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// One machine a server: all have the same ports.
	same := fmt.Sprintf("initLimit=5\nsyncLimit=2\ndataDir=/nowhere/zk\nclientPort=%d\nserver.1=a:%[2]d:%[3]d\nserver.2=b:%[2]d:%[3]d\n", base, base+1, base+2)
	dir := writeFiles(t, map[string]string{"1/zoo.cfg": same, "2/zoo.cfg": same})
	p, found, err := newStore(t).Import(t.Context(), ImportWish{Files: []string{filepath.Join(dir, "1"), filepath.Join(dir, "2")}})
	if err != nil {
		t.Fatal(err)
	}
	if ports := allPorts(p.Members); !unique(ports) || slices.Contains(ports, base+1) || p.Members[0].Client != base || p.Members[0].Election != base+2 {
		t.Errorf("%+v", p.Members)
	}
	if p.Tick != zoocfg.DefaultTick {
		t.Errorf("without a tickTime ZooKeeper takes 3 s, and here it is %s", p.Tick)
	}
	if n := rules(found); n["port"] != 4 || n["whose-file"] != 2 {
		t.Errorf("%v: %v", n, found)
	}
}

func TestImportRefuses(t *testing.T) {
	const good = "tickTime=2000\ninitLimit=5\nsyncLimit=2\nclientPort=2181\ndataDir=/nowhere/zk\n"
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"no number":       {[]string{"tickTime=soon\n"}, `tickTime is "soon"`},
		"no list":         {[]string{good, good}, "none of the 2 files lists servers"},
		"different lists": {[]string{good + "server.1=a:1:2\n", good + "server.2=a:1:2\n"}, "list different servers"},
		"bad line":        {[]string{good + "server.1=a\n"}, "server.1"},
		"an id too high":  {[]string{good + "server.300=a:1:2\n"}, "the id 300"},
		"dynamic is gone": {[]string{"dynamicConfigFile=/nowhere/dynamic\n"}, "in another file"},
		"nothing at all":  {nil, "name the zoo.cfg"},
	} {
		t.Run(name, func(t *testing.T) {
			var paths []string
			for n, text := range c.files {
				file := fmt.Sprintf("%d.cfg", n)
				paths = append(paths, filepath.Join(writeFiles(t, map[string]string{file: text}), file))
			}
			p, _, err := newStore(t).Import(t.Context(), ImportWish{Files: paths})
			if err == nil || p != nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, %v; want %q", p, err, c.says)
			}
		})
	}
}

func TestCopyOfData(t *testing.T) {
	base := zktest.FreePorts(t)
	files := tutorial(base)
	files["data1/version-2/log.100000001"] = "log" + strings.Repeat("\x00", 200000) + "end"
	files["data1/version-2/snapshot.0"] = "snapshot"
	files["data1/version-2/currentEpoch"] = "1"
	files["data2/version-2/snapshot.0"] = "other"
	dir := writeFiles(t, files)
	before := snapshotOf(t, dir)
	var paths []string
	for id := 1; id <= 3; id++ {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("zoo%d.cfg", id)))
	}
	s := newStore(t)
	p, found, err := s.Import(t.Context(), ImportWish{Files: paths})
	if err != nil {
		t.Fatal(err)
	}
	if rules(found)["data"] != 2 {
		t.Errorf("nothing is said of the data: %v", found)
	}
	e, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+2))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.CopyData(t.Context(), paths, nil); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("a server that may run is copied: %v", err)
	}
	if !p.untouched([]int{1, 2, 3}) {
		t.Error("half of the data was copied")
	}
	l.Close()
	if err := e.CopyData(t.Context(), paths, nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if rest, is := strings.CutPrefix(name, "data"); is && strings.Contains(name, "version-2") {
			got, err := os.ReadFile(filepath.Join(p.DataDir(int(rest[0]-'0')), rest[1:]))
			if err != nil || string(got) != want {
				t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(want))
			}
		}
	}
	if err := e.CopyData(t.Context(), paths, nil); err == nil || !strings.Contains(err.Error(), "data of its own") {
		t.Errorf("data is copied over data: %v", err)
	}
	if after := snapshotOf(t, dir); after != before {
		t.Error("the files copied from were changed")
	}
}
