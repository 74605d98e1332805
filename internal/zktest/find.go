package zktest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// install is the answer to a missing Java or ZooKeeper.
const install = `to install what the tests need:
  Debian, Ubuntu: sudo apt-get update && sudo apt-get install -y --no-install-recommends default-jre-headless zookeeper libzookeeper-java
  macOS:          brew install zookeeper
  elsewhere:      a Java runtime (11 or later) on PATH, apache-zookeeper-X.Y.Z-bin.tar.gz unpacked, and ZOOKEEPER_HOME naming its folder`

// dist is a Java and a ZooKeeper that can be run together.
type dist struct {
	java    string   // absolute, symbolic links resolved
	jars    []string // the class path; files only, a folder would forbid a class-data archive
	logback bool     // the slf4j binding is logback, not log4j

	adminJars []string // what an AdminServer needs besides
}

// debianJars are enough for a server: the manifest of zookeeper.jar names the
// others, all but an slf4j binding, without which the server logs nothing.
var debianJars = []string{"zookeeper.jar", "slf4j-log4j12.jar", "log4j-1.2.jar"}

// findDist looks for Java and ZooKeeper. getenv and lookPath are os.Getenv and
// exec.LookPath outside of tests. Its error says what to install.
func findDist(getenv func(string) string, lookPath func(string) (string, error), debian string) (*dist, error) {
	java, err := findJava(getenv, lookPath)
	if err != nil {
		return nil, fmt.Errorf("zktest: no Java found: %w\n%s", err, install)
	}
	d := &dist{java: java}
	if home := getenv("ZOOKEEPER_HOME"); home != "" {
		if d.useTarball(home) {
			return d, nil
		}
		return nil, fmt.Errorf("zktest: ZOOKEEPER_HOME=%s holds no lib/zookeeper-*.jar (the -bin archive is needed, the other one is source)\n%s", home, install)
	}
	if d.useDebian(debian) {
		return d, nil
	}
	for _, home := range []string{"/opt/homebrew/opt/zookeeper/libexec", "/usr/local/opt/zookeeper/libexec"} {
		if d.useTarball(home) {
			return d, nil
		}
	}
	return nil, fmt.Errorf("zktest: no ZooKeeper found: %s is not there\n%s", filepath.Join(debian, debianJars[0]), install)
}

// locate finds what this machine has.
func locate() (*dist, error) {
	return findDist(os.Getenv, exec.LookPath, "/usr/share/java")
}

func findJava(getenv func(string) string, lookPath func(string) (string, error)) (string, error) {
	if home := getenv("JAVA_HOME"); home != "" {
		java := filepath.Join(home, "bin", "java")
		if _, err := os.Stat(java); err != nil {
			return "", fmt.Errorf("JAVA_HOME is set: %w", err)
		}
		return filepath.EvalSymlinks(java)
	}
	java, err := lookPath("java")
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(java)
}

func (d *dist) useDebian(dir string) bool {
	var jars []string
	for _, name := range debianJars {
		jar := filepath.Join(dir, name)
		if _, err := os.Stat(jar); errors.Is(err, os.ErrNotExist) {
			return false
		}
		jars = append(jars, jar)
	}
	d.jars, d.logback = jars, false
	d.adminJars = []string{filepath.Join(dir, "servlet-api.jar")} // the manifest names the rest
	return true
}

func (d *dist) useTarball(home string) bool {
	lib := filepath.Join(home, "lib")
	if main, err := filepath.Glob(filepath.Join(lib, "zookeeper-[0-9]*.jar")); err != nil || len(main) == 0 {
		return false
	}
	jars, err := filepath.Glob(filepath.Join(lib, "*.jar"))
	if err != nil {
		return false
	}
	d.jars, d.logback = jars, false
	for _, jar := range jars {
		if strings.HasPrefix(filepath.Base(jar), "logback-classic") {
			d.logback = true
		}
	}
	return true
}
