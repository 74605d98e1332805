package distro

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// tarball is Apache's own layout: bin, conf and lib with every jar that is needed.
// Before 3.5.5, and in some packages, ZooKeeper's jar is in the folder itself; those
// are named by root.
func (e Env) tarball(home string, main, root []string) (ZooKeeper, error) {
	path, jar, err := pick(main)
	if err != nil {
		return ZooKeeper{}, err
	}
	jars := []string{path}
	lib := filepath.Join(home, "lib")
	for _, name := range jarNames(lib) {
		p := filepath.Join(lib, name)
		// A second zookeeper-X.Y.Z.jar, left by an upgrade in place, stays outside.
		if p != path && isFile(p) && !slices.Contains(main, p) {
			jars = append(jars, p)
		}
	}
	if root != nil {
		for _, name := range jarNames(home) {
			p := filepath.Join(home, name)
			if strings.HasPrefix(name, "zookeeper-jute") && isFile(p) {
				jars = append(jars, p)
			}
		}
	}
	z := ZooKeeper{
		Home: home, Version: versionOfJar(path, jar), MinJava: jar.minJava, Jars: jars,
		Logging: binding(jars), CLI: e.script(filepath.Join(home, "bin")),
	}
	return z, z.complete()
}

// kafka is a Kafka before 4.0, which brings a ZooKeeper among its hundred jars.
func (e Env) kafka(home string, main []string) (ZooKeeper, error) {
	path, jar, err := pick(main)
	if err != nil {
		return ZooKeeper{}, err
	}
	jars := []string{path}
	libs := filepath.Join(home, "libs")
	for _, name := range jarNames(libs) {
		p := filepath.Join(libs, name)
		if p != path && isFile(p) && !slices.Contains(main, p) && slices.ContainsFunc(neededJars, func(prefix string) bool {
			return strings.HasPrefix(name, prefix)
		}) {
			jars = append(jars, p)
		}
	}
	z := ZooKeeper{
		Home: home, Version: versionOfJar(path, jar), MinJava: jar.minJava, Jars: jars,
		Logging: binding(jars),
	}
	return z, z.complete()
}

// neededJars are the beginnings of the names of what a server, its AdminServer and
// its logging load.
var neededJars = []string{
	"zookeeper-", "slf4j-", "reload4j-", "log4j-1.2", "logback-", "metrics-core", "snappy-java", "netty-", "jetty-",
	"jackson-", "commons-cli", "commons-io", "audience-annotations", "javax.servlet", "jakarta.servlet", "jline",
}

// debian is the layout of Debian's libzookeeper-java: every jar of the system in one
// folder. The manifest of zookeeper.jar names what it needs, but no library to log
// with (slf4j then says nothing at all) and not the servlet API of an AdminServer.
func (e Env) debian(dir string, main []string) (ZooKeeper, error) {
	// zookeeper-3.8.0.jar is a link to zookeeper.jar there, and tells the version.
	path, jar, err := pick(main)
	if err != nil {
		return ZooKeeper{}, err
	}
	version := versionOfJar(path, jar)
	if p := filepath.Join(dir, "zookeeper.jar"); sameFile(p, path) {
		path = p
	}
	jars := []string{path}
	need := []string{"netty-codec", "netty-resolver"} // of Netty, which TLS takes; not in the manifest of 3.8.0
	if !namesSlf4j(jar.classPath) {
		need = []string{
			"zookeeper-jute", "slf4j-api", "metrics-core", "snappy-java", "commons-cli", "commons-io", "jackson-annotations",
			"jackson-core", "jackson-databind", "netty-buffer", "netty-common", "netty-handler", "netty-transport",
			"netty-codec", "netty-resolver", "jetty9-http", "jetty9-io", "jetty9-security", "jetty9-server",
			"jetty9-servlet", "jetty9-util",
		}
	}
	z := ZooKeeper{
		Home: dir, Version: version, MinJava: jar.minJava, From: "Debian package",
		CLI: e.script(e.at("/usr/share/zookeeper/bin")),
	}
	for _, set := range [][]string{
		{"slf4j-log4j12", "log4j-1.2"}, {"slf4j-reload4j", "reload4j"}, {"logback-classic", "logback-core"}, {"slf4j-simple"},
	} {
		files := make([]string, 0, len(set))
		for _, name := range set {
			if p := filepath.Join(dir, name+".jar"); isFile(p) {
				files = append(files, p)
			}
		}
		if len(files) == len(set) {
			jars = append(jars, files...)
			break
		}
	}
	for _, name := range need {
		if p := filepath.Join(dir, name+".jar"); isFile(p) {
			jars = append(jars, p)
		}
	}
	z.Jars, z.Logging = jars, binding(jars)
	for _, name := range []string{"servlet-api", "servlet-api-4.0", "javax.servlet-api"} {
		if p := filepath.Join(dir, name+".jar"); isFile(p) {
			z.AdminJars = []string{p}
			break
		}
	}
	return z, nil
}

// namesSlf4j reports whether the class path of a manifest brings what a server needs.
func namesSlf4j(classPath []string) bool {
	return slices.ContainsFunc(classPath, func(p string) bool { return strings.Contains(filepath.Base(p), "slf4j-api") })
}

// binding is the library that slf4j logs through, of those in a class path.
func binding(jars []string) string {
	for _, b := range []struct{ prefix, name string }{
		{"logback-classic", "logback"}, {"slf4j-reload4j", "log4j"}, {"slf4j-log4j12", "log4j"}, {"slf4j-simple", "simple"},
	} {
		for _, j := range jars {
			if strings.HasPrefix(filepath.Base(j), b.prefix) {
				return b.name
			}
		}
	}
	return ""
}

// script is zkCli.sh of a bin folder, "" if there is none.
func (e Env) script(bin string) string {
	name := "zkCli.sh"
	if e.GOOS == "windows" {
		name = "zkCli.cmd"
	}
	if p := filepath.Join(bin, name); isFile(p) {
		return p
	}
	return ""
}

// complete says what is missing in a tarball's jars, without which no server starts.
func (z ZooKeeper) complete() error {
	has := func(prefix string) bool {
		return slices.ContainsFunc(z.Jars, func(j string) bool { return strings.HasPrefix(filepath.Base(j), prefix) })
	}
	if !has("slf4j-api") {
		return fmt.Errorf("it was unpacked or copied in part: %s has no slf4j-api jar beside ZooKeeper's", z.Home)
	}
	if z.Version != "" && compareVersions(z.Version, "3.5.5") >= 0 && !has("zookeeper-jute") {
		return fmt.Errorf("it was unpacked or copied in part: %s has no zookeeper-jute jar", z.Home)
	}
	return nil
}
