package ensemble

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zkdeck/config/ensemble/distro"
)

func TestPlanOfNothingWished(t *testing.T) {
	s := newStore(t)
	p, err := s.Plan(t.Context(), Wish{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "demo" || p.Voters() != 3 || len(p.Members) != 3 || p.Quorum() != 2 ||
		p.Tick != 2*time.Second || p.InitLimit != 10 || p.SyncLimit != 5 || p.HeapMB != 256 || p.Temp {
		t.Errorf("%+v", p)
	}
	if p.Java.Path == "" || len(p.ZooKeeper.Jars) == 0 {
		t.Errorf("nothing to run it on: %+v, %+v", p.Java, p.ZooKeeper)
	}
	if want := filepath.Join(s.Data, "ensembles", "demo"); !samePath(t, filepath.Dir(p.Dir), filepath.Dir(want)) {
		t.Errorf("its folder is %s", p.Dir)
	}
	if _, err := os.Stat(s.ensembles()); err == nil {
		t.Error("a plan has written something")
	}
	create(t, s, p)
	if p, err = s.Plan(t.Context(), Wish{}); err != nil || p.Name != "demo-2" {
		t.Errorf("the next one: %+v, %v", p, err)
	}
}

// samePath compares two paths, of which only folders above may be there.
func samePath(t *testing.T, a, b string) bool {
	t.Helper()
	a, err := realPath(a)
	if err != nil {
		t.Fatal(err)
	}
	b, err = realPath(b)
	if err != nil {
		t.Fatal(err)
	}
	return a == b
}

func TestPlanRefuses(t *testing.T) {
	s := newStore(t)
	create(t, s, fakePlan(t, s, Wish{Name: "taken"}, idle))
	full := t.TempDir()
	write(t, filepath.Join(full, "file"), "x")
	for what, c := range map[string]struct {
		field string
		wish  Wish
	}{
		"a name that leads out":        {"Name", Wish{Name: "../evil"}},
		"a name that is a folder":      {"Name", Wish{Name: ".."}},
		"a hidden name":                {"Name", Wish{Name: ".hidden"}},
		"a name with a slash":          {"Name", Wish{Name: "a/b"}},
		"a name with a line end":       {"Name", Wish{Name: "a\nb"}},
		"a name like an option":        {"Name", Wish{Name: "-rf"}},
		"a name for a script":          {"Name", Wish{Name: "a;reboot"}},
		"a long name":                  {"Name", Wish{Name: strings.Repeat("a", 49)}},
		"a name that marks":            {"Name", Wish{Name: "a.at"}},
		"a name that is taken":         {"Name", Wish{Name: "taken"}},
		"ten servers":                  {"Servers", Wish{Servers: 10}},
		"minus one server":             {"Servers", Wish{Servers: -1}},
		"ten observers":                {"Observers", Wish{Observers: 10}},
		"a port that is none":          {"BasePort", Wish{BasePort: 70000}},
		"ports that reach too far":     {"BasePort", Wish{BasePort: 65530}},
		"a port of the system":         {"BasePort", Wish{BasePort: 80}},
		"half a millisecond":           {"Tick", Wish{Tick: 2*time.Second + 500*time.Microsecond}},
		"a tick of an hour":            {"Tick", Wish{Tick: time.Hour}},
		"a negative tick":              {"Tick", Wish{Tick: -time.Second}},
		"a negative limit":             {"InitLimit", Wish{InitLimit: -1}},
		"a huge limit":                 {"SyncLimit", Wish{SyncLimit: 1 << 30}},
		"a small heap":                 {"HeapMB", Wish{HeapMB: 1}},
		"a folder that has something":  {"Dir", Wish{Dir: full}},
		"a folder that is a file":      {"Dir", Wish{Dir: filepath.Join(full, "file")}},
		"a folder below a file":        {"Dir", Wish{Dir: filepath.Join(full, "file", "below")}},
		"a folder with a line end":     {"Dir", Wish{Dir: filepath.Join(full, "a\nb")}},
		"another one's folder":         {"Dir", Wish{Name: "mine", Dir: filepath.Join(s.ensembles(), "yours")}},
		"a folder and a temporary one": {"Dir", Wish{Dir: "x", Temp: true}},
		"one dataDir for all":          {"Extra", Wish{Extra: []Setting{{"dataDir", "/x"}}}},
		"one dataDir, as a typo":       {"Extra", Wish{Extra: []Setting{{"datadir", "/x"}}}},
		"one port for all":             {"Extra", Wish{Extra: []Setting{{"clientPort", "1"}}}},
		"a server line":                {"Extra", Wish{Extra: []Setting{{"server.4", "a:1:2"}}}},
		"no key":                       {"Extra", Wish{Extra: []Setting{{"", "x"}}}},
		"a key that ends early":        {"Extra", Wish{Extra: []Setting{{"a=b", "x"}}}},
		"a value of two lines":         {"Extra", Wish{Extra: []Setting{{"a", "x\ny"}}}},
		"no argument of Java":          {"JVM", Wish{JVM: []string{"Main"}}},
		"another class path":           {"JVM", Wish{JVM: []string{"-cp"}}},
		"an argument of two lines":     {"JVM", Wish{JVM: []string{"-Da=b\nc"}}},
	} {
		var bad *WishError
		if p, err := s.Plan(t.Context(), c.wish); !errors.As(err, &bad) {
			t.Errorf("%s: %+v, %v", what, p, err)
		} else if bad.Field != c.field || bad.What == "" || bad.Mend == "" {
			t.Errorf("%s: %+v", what, bad)
		}
	}
}

func TestPlanWithoutJava(t *testing.T) {
	s := newStore(t)
	var missing *distro.MissingError
	if _, err := s.Plan(t.Context(), Wish{Java: filepath.Join(t.TempDir(), "java")}); !errors.As(err, &missing) {
		t.Errorf("no such Java: %v", err)
	}
	if _, err := s.Plan(t.Context(), Wish{ZooKeeper: t.TempDir()}); !errors.As(err, &missing) {
		t.Errorf("no such ZooKeeper: %v", err)
	}
}

func TestPlanElsewhere(t *testing.T) {
	s := newStore(t)
	dir := filepath.Join(t.TempDir(), "new", "place")
	e := create(t, s, fakePlan(t, s, Wish{Name: "far", Dir: dir}, idle))
	if !samePath(t, e.Dir(), dir) {
		t.Errorf("it is in %s", e.Dir())
	}
	if e, err := s.Open("far"); err != nil || !samePath(t, e.Dir(), dir) {
		t.Errorf("opened: %v", err)
	}
	empty := t.TempDir()
	create(t, s, fakePlan(t, s, Wish{Name: "empty", Dir: empty}, idle))
	t.Setenv("TMPDIR", t.TempDir())
	temp := create(t, s, fakePlan(t, s, Wish{Name: "short", Temp: true}, idle))
	if !strings.HasPrefix(temp.Dir(), realOf(t, os.Getenv("TMPDIR"))) {
		t.Errorf("the temporary one is in %s", temp.Dir())
	}
	if err := temp.Down(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(temp.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary one was kept: %v", err)
	}
	if list, err := s.List(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

func realOf(t *testing.T, path string) string {
	t.Helper()
	path, err := realPath(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
