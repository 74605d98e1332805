package distro

import (
	"os"
	"slices"
	"testing"
)

// TestDebianPackage is the package of a machine that has it, found by every name that
// people give it.
func TestDebianPackage(t *testing.T) {
	const jar = "/usr/share/java/zookeeper.jar"
	if _, err := os.Stat(jar); err != nil {
		t.Skip("Debian's libzookeeper-java is not installed here")
	}
	e := System(t.TempDir())
	e.Getenv = func(string) string { return "" }
	for _, name := range []string{
		"", jar, "/usr/share/java", "/usr/share/zookeeper", "/usr/share/zookeeper/bin", "/usr/share/zookeeper/bin/zkServer.sh",
	} {
		all, _, err := e.Find(name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		z := all[slices.IndexFunc(all, func(z ZooKeeper) bool { return z.Home == "/usr/share/java" })]
		if versionIn(z.Version) != z.Version || z.Version == "" || z.Jars[0] != jar || z.NeedsJava() < 7 {
			t.Errorf("%q: %+v", name, z)
		}
		if z.Logging == "" || len(z.Jars) < 2 || len(z.AdminJars) != 1 {
			t.Errorf("%q: a server of %+v would log nothing, or have no AdminServer", name, z)
		}
	}
}

func TestJavaHere(t *testing.T) {
	java, err := System("").FindJava("")
	if err != nil {
		t.Skip(err)
	}
	if java.Major < 8 || JavaMajor(java.Version) != java.Major || !isFile(java.Path) || !isDir(java.Home) || java.From == "" {
		t.Errorf("%+v", java)
	}
	again, err := System("").FindJava(java.Home)
	if err != nil || again.Path != java.Path || again.Version != java.Version {
		t.Errorf("by its folder: %+v, %v", again, err)
	}
}
