package ensemble

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestStoreTellsWhatIsBroken(t *testing.T) {
	s := newStore(t)
	if list, err := s.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("an empty store: %+v, %v", list, err)
	}
	if _, err := s.Open("demo"); !errors.Is(err, ErrNoEnsemble) || !strings.Contains(err.Error(), "none yet") {
		t.Errorf("opening from an empty store: %v", err)
	}
	newFake(t, s, Wish{Name: "fine"})
	for name, text := range map[string]string{
		"cut":     `{"name":"cut","mem`,
		"empty":   `{}`,
		"hostile": `{"name":"../../etc","dir":"/etc","tick":1,"initLimit":1,"syncLimit":1,"heapMB":1,"members":[{"id":-1}]}`,
		"ports":   `{"tick":1,"initLimit":1,"syncLimit":1,"heapMB":1,"members":[{"id":1,"client":99999,"quorum":1,"election":1}]}`,
		"twice":   `{"tick":1,"initLimit":1,"syncLimit":1,"heapMB":1,"members":[{"id":1,"client":1,"quorum":1,"election":1},{"id":1,"client":1,"quorum":1,"election":1}]}`,
	} {
		if err := os.Mkdir(filepath.Join(s.ensembles(), name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(s.ensembles(), name, planFile), text)
	}
	write(t, filepath.Join(s.ensembles(), "gone.at"), filepath.Join(t.TempDir(), "nowhere")+"\n")
	write(t, filepath.Join(s.ensembles(), "relative.at"), "somewhere\n")
	write(t, filepath.Join(s.ensembles(), "note.txt"), "a person's own\n")
	list, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range list {
		names = append(names, l.Name)
		if (l.Name == "fine") != (l.Err == nil) || (l.Plan == nil) != (l.Err != nil) {
			t.Errorf("%s: %v", l.Name, l.Err)
		}
	}
	if want := "cut empty fine gone hostile ports relative twice"; strings.Join(names, " ") != want {
		t.Errorf("%v, not %s", names, want)
	}
	for _, name := range names {
		if e, err := s.Open(name); (err == nil) != (name == "fine") {
			t.Errorf("opening %s: %v, %v", name, e, err)
		}
	}
	if _, err := s.Open("other"); !errors.Is(err, ErrNoEnsemble) || !strings.Contains(err.Error(), "fine") {
		t.Errorf("opening what never was: %v", err)
	}
	if err := s.Forget("fine"); err == nil {
		t.Error("an ensemble that is there was forgotten")
	}
	if err := s.Forget("gone"); err != nil {
		t.Error(err)
	}
	if err := s.Forget("gone"); !errors.Is(err, ErrNoEnsemble) {
		t.Errorf("forgotten twice: %v", err)
	}
}

func TestCreateOnce(t *testing.T) {
	for what, w := range map[string]Wish{"in the store": {Name: "one"}, "temporary": {Name: "one", Temp: true}} {
		t.Run(what, func(t *testing.T) {
			s := newStore(t)
			t.Setenv("TMPDIR", t.TempDir())
			plans := make([]*Plan, 4)
			for i := range plans {
				plans[i] = fakePlan(t, s, w, idle)
			}
			errs := make([]error, len(plans))
			var wg sync.WaitGroup
			for i, p := range plans {
				wg.Go(func() { _, errs[i] = s.Create(t.Context(), p) })
			}
			wg.Wait()
			created := 0
			for _, err := range errs {
				var bad *WishError
				if err == nil {
					created++
				} else if !errors.As(err, &bad) {
					t.Errorf("not created: %v", err)
				}
			}
			if created != 1 {
				t.Errorf("%d were created", created)
			}
			for _, dir := range []string{s.ensembles(), os.Getenv("TMPDIR")} {
				for _, path := range hidden(t, dir) {
					t.Errorf("left behind: %s", path)
				}
			}
		})
	}
}

// hidden are folders whose names begin with a dot: what we make on the way.
func hidden(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, path := range found {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			dirs = append(dirs, path)
		}
	}
	return dirs
}

// A name that stands for a folder that is gone, as after the machine has emptied its
// folder of temporary files, is free.
func TestCreateInPlaceOfWhatIsGone(t *testing.T) {
	s := newStore(t)
	t.Setenv("TMPDIR", t.TempDir())
	e := create(t, s, fakePlan(t, s, Wish{Name: "t", Temp: true}, idle))
	if err := os.RemoveAll(e.Dir()); err != nil {
		t.Fatal(err)
	}
	create(t, s, fakePlan(t, s, Wish{Name: "t"}, idle))
	if list, err := s.List(t.Context()); err != nil || len(list) != 1 || list[0].Err != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestMovedFolder(t *testing.T) {
	s := newStore(t)
	newFake(t, s, Wish{Name: "before"})
	if err := os.Rename(filepath.Join(s.ensembles(), "before"), filepath.Join(s.ensembles(), "after")); err != nil {
		t.Fatal(err)
	}
	e, err := s.Open("after")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killAll(t, e) })
	start(t, e)
	plan := e.Plan()
	if text := read(t, plan.ConfigFile(2)); !strings.Contains(text, "dataDir="+plan.DataDir(2)+"\n") {
		t.Errorf("its zoo.cfg was not written anew:\n%s", text)
	}
	if found, err := filepath.Glob(filepath.Join(e.Dir(), "*", "*"+editedMark)); err != nil || len(found) > 0 {
		t.Errorf("taken for edited: %v, %v", found, err)
	}
	if !processOf(t, e, 3).Alive {
		t.Error("server 3 does not run")
	}
}

// Whatever stands in a plan, it is refused or files are made of it.
func FuzzPlan(f *testing.F) {
	f.Add(`{}`)
	f.Add(`{"tick":2000000000,"initLimit":1,"syncLimit":1,"heapMB":1,"members":[{"id":1,"client":1,"quorum":2,"election":3}],"change":{"before":[1]}}`)
	f.Add(`{"tick":-1,"members":[{"id":1e99}],"extra":[{"key":"=\n","value":"\u0000"}],"jvm":["'"],"zookeeper":{"logging":"x","jars":[""]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, planFile), text)
		p, err := readPlan(dir, "fuzzed")
		if err != nil {
			return
		}
		files, err := p.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasPrefix(file.Path, dir+"/") {
				t.Errorf("a file elsewhere: %s", file.Path)
			}
		}
		c := p.clone()
		_ = c.Connect()
	})
}
