package distro

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// errNothing tells that a folder does not look like ZooKeeper at all, so that there
// is nothing to say about it unless somebody named it.
var errNothing = errors.New("there is no zookeeper-X.Y.Z.jar in it, in its lib or in its libs")

// zookeeper looks at the folder of a ZooKeeper, or at something in it that leads
// there: a jar, zkServer.sh, the bin folder.
func (e Env) zookeeper(path, from string) (ZooKeeper, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return ZooKeeper{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("there is nothing: %w", err)
	}
	if !info.IsDir() {
		if path, err = homeOfFile(path); err != nil {
			return ZooKeeper{}, err
		}
	}
	homes := []string{path}
	switch filepath.Base(path) {
	case "bin": // of a tarball; Homebrew's bin has its jars in ../libexec
		homes = append(homes, filepath.Dir(path), filepath.Join(filepath.Dir(path), "libexec"))
	case "lib", "libs":
		homes = append([]string{filepath.Dir(path)}, path)
	default:
		homes = append(homes, filepath.Join(path, "libexec"))
	}
	for _, home := range homes {
		z, err := e.layout(home)
		if errors.Is(err, errNothing) {
			continue
		}
		z.From = from
		return z, err
	}
	for _, home := range homes {
		if why := whyNone(home); why != nil {
			return ZooKeeper{}, why
		}
	}
	return ZooKeeper{}, errNothing
}

// homeOfFile is the folder that a file of a ZooKeeper leads to.
func homeOfFile(path string) (string, error) {
	switch name := filepath.Base(path); {
	case strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz"):
		return "", fmt.Errorf("it is an archive: unpack it with `zkdeck ensemble download --file %s`", path)
	case strings.HasSuffix(name, ".jar"):
		return filepath.Dir(path), nil
	case strings.HasPrefix(name, "zk"):
		return filepath.Dir(resolved(path)), nil
	}
	return "", errors.New("it is a file; name the folder that has ZooKeeper's bin and lib in it")
}

// layout reads one folder as each of the layouts there are; errNothing if it is none
// of them.
func (e Env) layout(home string) (ZooKeeper, error) {
	if main := mainJars(filepath.Join(home, "lib")); len(main) > 0 && len(mainJars(home)) == 0 {
		return e.tarball(home, main, nil)
	}
	if main := mainJars(home); len(main) > 0 {
		// Every jar of a system in one folder, and not in a lib below it.
		if sameFile(home, e.at("/usr/share/java")) || isFile(filepath.Join(home, "slf4j-api.jar")) {
			return e.debian(home, main)
		}
		return e.tarball(home, main, main) // 3.4, and the RPMs of Bigtop
	}
	if main := mainJars(filepath.Join(home, "libs")); len(main) > 0 {
		return e.kafka(home, main)
	}
	if sameFile(home, e.at("/usr/share/zookeeper")) || sameFile(home, e.at("/usr/share/zookeeper/bin")) {
		if main := mainJars(e.at("/usr/share/java")); len(main) > 0 {
			return e.debian(e.at("/usr/share/java"), main)
		}
	}
	return ZooKeeper{}, errNothing
}

// mainJars are the jars of a folder that may be ZooKeeper's own, the newest version
// first: zookeeper-3.8.0.jar, zookeeper.jar; not zookeeper-jute-3.8.0.jar.
func mainJars(dir string) []string {
	var found []string
	for _, name := range jarNames(dir) {
		if name == "zookeeper.jar" || strings.HasPrefix(name, "zookeeper-") && versionIn(strings.TrimPrefix(name, "zookeeper-")) != "" &&
			!strings.HasSuffix(name, "-sources.jar") && !strings.HasSuffix(name, "-javadoc.jar") &&
			!strings.HasSuffix(name, "-tests.jar") && !strings.HasSuffix(name, "-test.jar") {
			found = append(found, filepath.Join(dir, name))
		}
	}
	slices.SortStableFunc(found, func(a, b string) int {
		return compareVersions(jarVersion(b), jarVersion(a))
	})
	return found
}

func jarVersion(path string) string {
	return versionIn(strings.TrimPrefix(filepath.Base(path), "zookeeper-"))
}

// jarNames are the names of the jars of a folder, sorted; none where it cannot be read.
func jarNames(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, d := range entries {
		if strings.HasSuffix(d.Name(), ".jar") && !strings.HasPrefix(d.Name(), ".") {
			names = append(names, d.Name())
		}
	}
	return names
}

// pick reads jars until one of them is ZooKeeper's, and says what is wrong with the
// first where none is.
func pick(jars []string) (string, jarInfo, error) {
	var first error
	for _, path := range jars {
		jar, err := readJar(path)
		if err == nil {
			return path, jar, nil
		}
		first = cmp.Or(first, fmt.Errorf("its %s cannot be used: %w", filepath.Base(path), err))
	}
	return "", jarInfo{}, first
}

// whyNone says what a folder without a jar of ZooKeeper is, nil if that is not known.
func whyNone(home string) error {
	if isFile(filepath.Join(home, "pom.xml")) || isFile(filepath.Join(home, "build.xml")) {
		version := versionIn(strings.TrimPrefix(strings.TrimPrefix(filepath.Base(home), "apache-"), "zookeeper-"))
		return fmt.Errorf("the source archive: it has no compiled classes; take apache-zookeeper-%s-bin.tar.gz, the one with -bin in its name",
			cmp.Or(version, "X.Y.Z"))
	}
	for _, name := range jarNames(filepath.Join(home, "libs")) {
		if strings.HasPrefix(name, "kafka_") || strings.HasPrefix(name, "kafka-server") {
			return fmt.Errorf("it is a Kafka without ZooKeeper (%s): Kafka 4.0 and newer bring none", name)
		}
	}
	for _, dir := range []string{home, filepath.Join(home, "lib")} {
		if _, err := os.ReadDir(dir); errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("it cannot be read: %w", err)
		}
	}
	for _, name := range jarNames(filepath.Join(home, "lib")) {
		if strings.HasPrefix(name, "zookeeper-jute") {
			return errors.New("it was unpacked or copied in part: lib has zookeeper-jute, and zookeeper-X.Y.Z.jar is not there")
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
