package ensemble

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// mustFind checks that something is found before a start, says how bad it is and what
// to do, and that a start is refused for an error, with nothing started.
func mustFind(t *testing.T, e *Ensemble, severity zoocfg.Severity, rule string) zoocfg.Finding {
	t.Helper()
	plan := e.Plan()
	found := e.store.Preflight(t.Context(), &plan)
	at := slices.IndexFunc(found, func(f zoocfg.Finding) bool { return f.Rule == rule })
	if at < 0 {
		t.Fatalf("%s was not found, but %+v", rule, found)
	}
	f := found[at]
	if f.Severity != severity || f.What == "" || f.Effect == "" || f.Mend == "" {
		t.Errorf("%+v", f)
	}
	if severity != zoocfg.Error {
		return f
	}
	var pre *PreflightError
	if err := e.Start(t.Context()); !errors.As(err, &pre) {
		t.Errorf("%s: started: %v", rule, err)
	} else if !slices.ContainsFunc(pre.Findings, func(f zoocfg.Finding) bool { return f.Rule == rule }) {
		t.Errorf("%s: the error does not say it: %v", rule, err)
	}
	for _, m := range plan.Members {
		if processOf(t, e, m.ID).Ever {
			t.Errorf("%s: server %d was started", rule, m.ID)
		}
	}
	return f
}

func TestPreflightFindsNothing(t *testing.T) {
	s := newStore(t)
	t.Setenv("TMPDIR", t.TempDir())
	for what, w := range map[string]Wish{
		"one": {Servers: 1, Temp: true}, "three": {Temp: true}, "five": {Servers: 5, Temp: true},
		"one and observers": {Servers: 1, Observers: 2, Temp: true}, "admin": {Servers: 3, Observers: 1, Admin: true, Temp: true},
	} {
		p := plan(t, s, w)
		if found := findings(s, t, p); len(found) > 0 {
			t.Errorf("%s, before it is written: %+v", what, found)
		}
		create(t, s, p)
		if found := findings(s, t, p); len(found) > 0 {
			t.Errorf("%s, written: %+v", what, found)
		}
	}
}

func TestPreflightPorts(t *testing.T) {
	s := newStore(t)
	for use, port := range map[string]func(Member) int{
		"client":      func(m Member) int { return m.Client },
		"quorum":      func(m Member) int { return m.Quorum },
		"election":    func(m Member) int { return m.Election },
		"AdminServer": func(m Member) int { return m.Admin },
	} {
		for _, host := range []string{"127.0.0.1", ""} {
			t.Run(use+" port on "+host, func(t *testing.T) {
				e := newFake(t, s, Wish{Servers: 2, Admin: true})
				n := port(e.Plan().Members[1])
				listen(t, fmt.Sprintf("%s:%d", host, n))
				f := mustFind(t, e, zoocfg.Error, "port-in-use")
				if !strings.Contains(f.What, fmt.Sprintf("port %d, the %s port of server 2,", n, use)) {
					t.Error(f.What)
				}
				if _, err := os.Stat("/proc/net/tcp"); err == nil && !strings.Contains(f.What, fmt.Sprintf("by pid %d", os.Getpid())) {
					t.Errorf("it does not say who has it: %s", f.What)
				}
				start(t, e, 1) // which is not concerned
			})
		}
	}
}

func TestPreflightPortsOfOthers(t *testing.T) {
	s := newStore(t)
	first := newFake(t, s, Wish{Name: "first", Servers: 1})
	second := newFake(t, s, Wish{Name: "second", Servers: 1, BasePort: first.Plan().Members[0].Client})
	if f := mustFind(t, second, zoocfg.Warning, "port-shared"); !strings.Contains(f.What, "the ensemble first") {
		t.Error(f.What)
	}
	p := second.Plan()
	p.Members[0].Client = ephemeralStart() + 1000
	found := s.checkPorts(t.Context(), &p, p.Members)
	if !slices.ContainsFunc(found, func(f zoocfg.Finding) bool { return f.Rule == "port-ephemeral" && f.Severity == zoocfg.Warning }) {
		t.Errorf("%+v", found)
	}
}

func TestPreflightJava(t *testing.T) {
	s := newStore(t)
	edit := func(t *testing.T, edit func(p *Plan)) *Ensemble {
		p := fakePlan(t, s, Wish{Servers: 1}, idle)
		edit(p)
		e := create(t, s, p)
		machine := s.Env
		s.Env = emptyMachine(t) // else what is there takes the place of what is gone
		t.Cleanup(func() {
			s.Env = machine
			_ = e.Down(t.Context(), true)
		})
		return e
	}
	t.Run("gone", func(t *testing.T) {
		mustFind(t, edit(t, func(p *Plan) { p.Java.Path += "-gone" }), zoocfg.Error, "java-missing")
	})
	t.Run("no program", func(t *testing.T) {
		mustFind(t, edit(t, func(p *Plan) { p.Java.Path = filepath.Dir(p.Java.Path) }), zoocfg.Error, "java-missing")
	})
	t.Run("too old", func(t *testing.T) {
		e := edit(t, func(p *Plan) { p.Java.Version, p.Java.Major, p.ZooKeeper.MinJava = "1.6.0_45", 6, 8 })
		if f := mustFind(t, e, zoocfg.Error, "java-too-old"); !strings.Contains(f.What, "1.6.0_45") || !strings.Contains(f.What, "Java 8") {
			t.Error(f.What)
		}
	})
	t.Run("a jar is gone", func(t *testing.T) {
		mustFind(t, edit(t, func(p *Plan) { p.ZooKeeper.Jars = []string{"/no/zookeeper.jar"} }), zoocfg.Error, "jar-missing")
	})
	t.Run("a jar of the AdminServer is gone", func(t *testing.T) {
		e := edit(t, func(p *Plan) {
			p.Members[0].Admin, p.ZooKeeper.AdminJars = p.Members[0].Election+1, []string{"/no/servlet-api.jar"}
		})
		mustFind(t, e, zoocfg.Error, "jar-missing")
	})
	t.Run("a colon in a path", func(t *testing.T) {
		jar := filepath.Join(t.TempDir(), "a:b.jar")
		write(t, jar, "")
		mustFind(t, edit(t, func(p *Plan) { p.ZooKeeper.Jars = []string{jar} }), zoocfg.Error, "jar-path")
	})
	t.Run("no logging", func(t *testing.T) {
		mustFind(t, edit(t, func(p *Plan) { p.ZooKeeper.Logging = "" }), zoocfg.Warning, "no-logging")
	})
	t.Run("no metrics provider", func(t *testing.T) {
		e := edit(t, func(p *Plan) { p.Extra = []Setting{{"metricsProvider.className", prometheus}} })
		mustFind(t, e, zoocfg.Error, "metrics-provider")
	})
}

// A Java that is too old is not even planned with, where there is a choice.
func TestPlanWithAnOldJava(t *testing.T) {
	s := newStore(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	java := filepath.Join(home, "bin", "java")
	write(t, java, "#!/bin/sh\necho 'java version \"1.6.0_45\"' >&2\n")
	if err := os.Chmod(java, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(home, "release"), "JAVA_VERSION=\"1.6.0_45\"\n")
	p, err := s.Plan(t.Context(), Wish{Java: java})
	var missing *distro.MissingError
	if errors.As(err, &missing) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	e := create(t, s, p)
	mustFind(t, e, zoocfg.Error, "java-too-old")
}

func TestPreflightData(t *testing.T) {
	for rule, c := range map[string]struct {
		rule  string
		spoil func(t *testing.T, data string)
	}{
		"no myid":            {"myid", func(t *testing.T, data string) { remove(t, filepath.Join(data, "myid")) }},
		"an empty myid":      {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "") }},
		"a placeholder":      {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "replace this\n") }},
		"a blank behind it":  {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "1 \n") }},
		"a blank line first": {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "\n1\n") }},
		"a byte order mark":  {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "\ufeff1\n") }},
		"a sign":             {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "+1\n") }},
		"another one's myid": {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "2\n") }},
		"nobody's myid":      {"myid", func(t *testing.T, data string) { write(t, filepath.Join(data, "myid"), "9\n") }},
		"logs alone":         {"no-snapshot", func(t *testing.T, data string) { writeData(t, data, "log.1", "x") }},
		"an empty log": {"log-empty", func(t *testing.T, data string) {
			writeData(t, data, "log.1", "")
			writeData(t, data, "snapshot.0", "x")
		}},
		"epochs out of order": {"epochs", func(t *testing.T, data string) {
			writeData(t, data, "acceptedEpoch", "0")
			writeData(t, data, "currentEpoch", "1")
		}},
	} {
		t.Run(rule, func(t *testing.T) {
			e := newFake(t, newStore(t), Wish{Servers: 2})
			plan := e.Plan()
			c.spoil(t, plan.DataDir(1))
			if f := mustFind(t, e, zoocfg.Error, c.rule); !strings.HasPrefix(f.File, plan.DataDir(1)) {
				t.Errorf("it is said of %s", f.File)
			}
		})
	}
	t.Run("what is no trouble", func(t *testing.T) {
		e := newFake(t, newStore(t), Wish{Servers: 1, Extra: []Setting{{"snapshot.trust.empty", "true"}}})
		plan := e.Plan()
		write(t, filepath.Join(plan.DataDir(1), "myid"), "1\r\n")
		writeData(t, plan.DataDir(1), "log.1", "x")
		writeData(t, plan.DataDir(1), "acceptedEpoch", "2\n")
		writeData(t, plan.DataDir(1), "currentEpoch", "1\n")
		start(t, e)
	})
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func writeData(t *testing.T, data, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(data, "version-2"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "version-2", name), text)
}

// What a person has done to a zoo.cfg counts: it is judged as it stands there.
func TestPreflightEdited(t *testing.T) {
	for what, c := range map[string]struct {
		rule     string
		severity zoocfg.Severity
		old, new string
	}{
		"another port":      {"edited", zoocfg.Error, "clientPort=", "clientPort=1"},
		"another folder":    {"edited", zoocfg.Error, "dataDir=", "dataDir=/x"},
		"another list":      {"edited", zoocfg.Error, "server.2=", "server.3="},
		"an inline comment": {"inline-comment", zoocfg.Error, "tickTime=2000", "tickTime=2000 # two seconds"},
	} {
		t.Run(what, func(t *testing.T) {
			e := newFake(t, newStore(t), Wish{Servers: 2})
			plan := e.Plan()
			path := plan.ConfigFile(2)
			write(t, path, strings.ReplaceAll(read(t, path), c.old, c.new)+"\n")
			if f := mustFind(t, e, c.severity, c.rule); f.File != path {
				t.Errorf("it is said of %s", f.File)
			}
		})
	}
	t.Run("tuned", func(t *testing.T) {
		e := newFake(t, newStore(t), Wish{Servers: 1})
		plan := e.Plan()
		path := plan.ConfigFile(1)
		write(t, path, strings.ReplaceAll(read(t, path), "tickTime=2000", "tickTime=1000")+"\n")
		start(t, e)
		if !strings.Contains(read(t, path), "tickTime=1000") {
			t.Error("it was written over")
		}
	})
}

func TestPreflightLists(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 2})
	plan := e.Plan()
	// One zoo.cfg has another's ports for a member: two lists.
	path := plan.ConfigFile(2)
	m := plan.Members[0]
	write(t, path, strings.ReplaceAll(read(t, path), fmt.Sprintf(":%d:%d", m.Quorum, m.Election), fmt.Sprintf(":%d:%d", m.Quorum+40, m.Election+40))+"\n")
	found := findings(e.store, t, &plan)
	if len(found) < 2 || found[0].Severity != zoocfg.Error {
		t.Errorf("%+v", found)
	}
}
