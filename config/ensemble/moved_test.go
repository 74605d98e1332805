package ensemble

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"zkdeck/config/ensemble/distro"
)

// emptyMachine is one without Java and without ZooKeeper.
func emptyMachine(t *testing.T) distro.Env {
	return distro.Env{
		Root: t.TempDir(), GOOS: "linux", Getenv: func(string) string { return "" },
		LookPath: func(string) (string, error) { return "", exec.ErrNotFound },
	}
}

// TestMoved upgrades Java and ZooKeeper below an ensemble, which takes the old ones
// away.
func TestMoved(t *testing.T) {
	s := newStore(t)
	p := fakePlan(t, s, Wish{Servers: 1}, idle)
	home := t.TempDir()
	lay := func(version string) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(home, "lib")); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(home, "lib"), 0o700); err != nil {
			t.Fatal(err)
		}
		jar, err := filepath.EvalSymlinks("/usr/share/java/zookeeper.jar")
		if err != nil {
			t.Skip(err)
		}
		if err := os.Symlink(jar, filepath.Join(home, "lib", "zookeeper-"+version+".jar")); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(home, "lib", "zookeeper-jute-"+version+".jar"), "")
		write(t, filepath.Join(home, "lib", "slf4j-api-1.7.30.jar"), "")
		write(t, filepath.Join(home, "lib", "slf4j-simple-1.7.30.jar"), "")
	}
	lay("3.8.0")
	found, _, err := s.Env.Find(home)
	if err != nil {
		t.Fatal(err)
	}
	p.ZooKeeper = found[0]
	e := create(t, s, p)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := e.Plan(); now.Java != p.Java || now.ZooKeeper.Version != "3.8.0" {
		t.Errorf("nothing was gone, and it has %+v on %+v", now.ZooKeeper, now.Java)
	}
	killAll(t, e)

	// A newer one in the same folder; and another Java that is a program of the test's.
	lay("3.8.6")
	other := fakePlan(t, s, Wish{Servers: 1}, idle).Java.Path
	if err := os.Remove(p.Java.Path); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(filepath.Dir(filepath.Dir(other)), "release"), "JAVA_VERSION=\"21.0.1\"\n")
	s.Env.Getenv = func(string) string { return "" }
	s.Env.LookPath = func(name string) (string, error) {
		if name == "java" {
			return other, nil
		}
		return "", exec.ErrNotFound
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := s.Open(e.Name())
	if err != nil {
		t.Fatal(err)
	}
	if now := again.Plan(); now.Java.Path != other || now.Java.Major != 21 || now.ZooKeeper.Version != "3.8.6" || filepath.Base(now.ZooKeeper.Jars[0]) != "zookeeper-3.8.6.jar" {
		t.Errorf("%+v on %+v", now.ZooKeeper, now.Java)
	}
	if st, err := e.process(1); err != nil || !st.Alive {
		t.Errorf("%+v, %v", st, err)
	}
}
