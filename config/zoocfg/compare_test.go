package zoocfg_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
)

// ensemble writes the files of three servers, each changed as change says, and returns
// them loaded.
func ensemble(t *testing.T, change func(id int, dir string) (text, myid string)) []*zoocfg.Config {
	t.Helper()
	var all []*zoocfg.Config
	root := t.TempDir()
	for id := 1; id <= 3; id++ {
		dir := filepath.Join(root, fmt.Sprintf("server%d", id))
		text, myid := change(id, dir)
		c := load(t, server(t, dir, text, myid))
		c.Name = fmt.Sprint(id)
		all = append(all, c)
	}
	return all
}

// usual is the file of a server of three with its own ports, changed further.
func usual(id int, lines ...string) string {
	return changed(append([]string{"dataDir=%s", fmt.Sprintf("clientPort=%d", 2180+id)}, lines...)...)
}

// compared are the findings as "file line severity rule".
func compared(found []zoocfg.Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s:%d %s %s", f.File, f.Line, f.Severity, f.Rule))
	}
	return strings.Join(all, ", ")
}

func TestCompare(t *testing.T) {
	alone := []string{"-server.1", "-server.2", "-server.3"}
	onlyThird := func(lines ...string) func(int, string) (string, string) {
		return func(id int, _ string) (string, string) {
			if id == 3 {
				return usual(id, lines...), "3"
			}
			return usual(id), fmt.Sprint(id)
		}
	}
	for name, at := range map[string]struct {
		change func(id int, dir string) (string, string)
		want   string
	}{
		"right":           {onlyThird(), ""},
		"no list":         {onlyThird(alone...), "3:0 error standalone-among-cluster"},
		"only itself":     {onlyThird(alone[:2]...), "3:14 error standalone-among-cluster"},
		"another port":    {onlyThird("server.2=127.0.0.1:2899:3889"), "3:13 error lists-differ"},
		"another host":    {onlyThird("server.2=10.0.0.2:2889:3889"), "3:13 error lists-differ"},
		"another role":    {onlyThird("server.2=127.0.0.1:2889:3889:observer"), "3:13 error lists-differ"},
		"role said":       {onlyThird("server.2=127.0.0.1:2889:3889:participant"), ""},
		"localhost":       {onlyThird("server.2=localhost:2889:3889"), ""},
		"one more":        {onlyThird("+server.4=127.0.0.1:2891:3891"), "3:15 error lists-differ"},
		"one less":        {onlyThird("-server.1"), "3:0 error lists-differ"},
		"itself anywhere": {onlyThird("server.3=0.0.0.0:2890:3890"), ""},
		"client address":  {onlyThird("server.1=127.0.0.1:2888:3888;127.0.0.1:2181"), "3:12 warning lists-differ"},
		"weights":         {onlyThird("+group.1=1:2:3", "+weight.2=3"), "3:12 error lists-differ, 3:13 error lists-differ, 3:14 error lists-differ"},
		"client port":     {onlyThird("clientPort=2181"), "3:6 error same-port"},
		"admin":           {onlyThird("admin.enableServer=true"), ""},
		"tick":            {onlyThird("tickTime=3000"), "3:2 warning settings-differ"},
		"tick by default": {onlyThird("-tickTime"), "3:0 warning settings-differ"},
		"same id": {func(id int, _ string) (string, string) {
			return usual(id), fmt.Sprint(min(id, 2))
		}, "3:0 error same-id"},
		"a file is missing": {func(id int, _ string) (string, string) {
			return usual(id, "+server.4=127.0.0.1:2891:3891:observer"), fmt.Sprint(id)
		}, "1:15 note server-without-file"},
		"all alone": {func(id int, _ string) (string, string) {
			return usual(id, alone...), ""
		}, "2:0 warning all-standalone, 3:0 warning all-standalone"},
		"admin on all": {func(id int, _ string) (string, string) {
			return usual(id, "-admin.enableServer"), fmt.Sprint(id)
		}, "2:0 warning same-port, 3:0 warning same-port"},
		"same folder": {func(id int, dir string) (string, string) {
			return usual(id, "dataDir="+filepath.Join(filepath.Dir(dir), "server1", "data")), fmt.Sprint(id)
		}, "2:5 error same-folder, 3:5 error same-folder"},
		"same folder by a link": {func(id int, dir string) (string, string) {
			link := filepath.Join(filepath.Dir(dir), "link")
			if id == 3 {
				if err := os.Symlink(filepath.Join(filepath.Dir(dir), "server2"), link); err != nil {
					t.Fatal(err)
				}
				return usual(id, "dataDir="+filepath.Join(link, "data")), ""
			}
			return usual(id), fmt.Sprint(id)
		}, "3:5 error same-folder"},
		"other machines": {func(id int, _ string) (string, string) {
			return changed("dataDir=/nonexistent/zk", "server.1=a:1:2", "server.2=b:1:2", "server.3=c:1:2"), ""
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := zoocfg.Compare(ensemble(t, at.change))
			if got := compared(found); !sameFindings(got, at.want) {
				t.Errorf("\n got %s\nwant %s\n%+v", got, at.want, found)
			}
		})
	}
}

func TestCompareOfTheSameFile(t *testing.T) {
	path := server(t, t.TempDir(), usual(1), "1")
	found := zoocfg.Compare([]*zoocfg.Config{load(t, path), load(t, path)})
	if len(found) == 0 || found[0].Rule != "same-file" {
		t.Errorf("%+v", found)
	}
	if found := zoocfg.Compare([]*zoocfg.Config{load(t, path)}); found != nil {
		t.Errorf("one file: %+v", found)
	}
}
