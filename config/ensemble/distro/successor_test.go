package distro

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSuccessor upgrades what an ensemble runs on, in the ways in which that happens.
func TestSuccessor(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new string // the folders, below the root
		from, to string // the versions
		want     bool
	}{
		{"nothing has changed", "/opt/zookeeper", "", "3.8.0", "", true},
		{"in place", "/opt/zookeeper", "/opt/zookeeper", "3.8.0", "3.8.6", true},
		{"in place, to another line", "/opt/homebrew/opt/zookeeper/libexec", "/opt/homebrew/opt/zookeeper/libexec", "3.8.0", "3.9.5", true},
		{"in place, to an older one", "/opt/zookeeper", "/opt/zookeeper", "3.9.5", "3.8.6", false},
		{"from 3.4", "/opt/zookeeper", "/opt/zookeeper", "3.4.14", "3.8.6", false},
		{"within 3.4", "/opt/zookeeper", "/opt/zookeeper", "3.4.13", "3.4.14", true},
		{"beside", "/opt/zookeeper-3.8.0", "/opt/zookeeper-3.8.6", "3.8.0", "3.8.6", true},
		{"beside, older", "/opt/zookeeper-3.8.6", "/opt/zookeeper-3.8.0", "3.8.6", "3.8.0", false},
		{"the same version elsewhere", "/opt/zookeeper-3.8.0", "/home/me/apache-zookeeper-3.8.0-bin", "3.8.0", "3.8.0", true},
		{"another one elsewhere", "/opt/zookeeper-3.8.0", "/usr/lib/zookeeper", "3.8.0", "3.8.6", false},
		{"nothing is left", "/opt/zookeeper", "", "3.8.0", "gone", false},
	} {
		e := nowhere(t)
		tree(t, e.at(c.old), release(t, c.from)...)
		found, _, err := e.Find("")
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		old := found[0]
		if c.to != "" {
			if err := os.RemoveAll(e.at(c.old)); err != nil {
				t.Fatal(err)
			}
		}
		want := c.from
		if c.new != "" {
			tree(t, e.at(c.new), release(t, c.to)...)
			want = c.to
		}
		z, ok := e.Successor(old)
		if ok != c.want || ok && (z.Version != want || z.From == "" || !isFile(z.Jars[0])) {
			t.Errorf("%s: %+v, %t", c.name, z, ok)
		}
		// One jar that is gone is enough.
		if c.to == "" {
			if err := os.Remove(filepath.Join(old.Home, "lib", "netty-all.jar")); err != nil {
				t.Fatal(err)
			}
			if z, ok := e.Successor(old); !ok || len(z.Jars) != len(old.Jars)-1 {
				t.Errorf("%s: %+v, %t", c.name, z, ok)
			}
		}
	}
	if _, ok := nowhere(t).Successor(ZooKeeper{}); ok {
		t.Error("nothing has a successor")
	}
}
