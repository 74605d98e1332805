package distro

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// nowhere is a machine with nothing on it, below a folder of the test.
func nowhere(t *testing.T) Env {
	root := t.TempDir()
	return Env{
		Root: root, Home: filepath.Join(root, "home", "me"), Managed: filepath.Join(root, "data"), GOOS: "linux",
		Getenv:   func(string) string { return "" },
		LookPath: func(string) (string, error) { return "", exec.ErrNotFound },
	}
}

func (e *Env) setenv(name, value string) {
	before := e.Getenv
	e.Getenv = func(n string) string {
		if n == name {
			return value
		}
		return before(n)
	}
}

func TestFindOrder(t *testing.T) {
	e := nowhere(t)
	place := func(path, version string) string {
		dir := e.at(path)
		tree(t, dir, release(t, version)...)
		return dir
	}
	e.setenv("ZOOKEEPER_HOME", place("/srv/a", "3.1.1"))
	e.setenv("ZK_HOME", place("/srv/b", "3.1.2"))
	e.setenv("ZOOBINDIR", filepath.Join(place("/srv/c", "3.1.3"), "bin"))
	place("/data/apache-zookeeper-3.8.6-bin", "3.8.6")
	place("/data/apache-zookeeper-3.10.0-bin", "3.10.0")
	onPath := filepath.Join(place("/srv/d", "3.1.4"), "bin", "zkServer.sh")
	link := e.at("/usr/bin/zkServer.sh")
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(onPath, link); err != nil {
		t.Fatal(err)
	}
	e.LookPath = func(name string) (string, error) {
		if name == "zkServer.sh" {
			return link, nil
		}
		return "", exec.ErrNotFound
	}
	place("/opt/homebrew/opt/zookeeper/libexec", "3.1.5")
	tree(t, e.at("/usr/share/java"), "zookeeper-3.1.6.jar", server(t), "slf4j-api.jar", "x")
	place("/usr/lib/zookeeper", "3.1.7")
	place("/opt/zookeeper-3.2.9", "3.2.9")
	place("/opt/zookeeper-3.2.10", "3.2.10")
	place("/usr/local/zookeeper", "3.1.8")
	place("/home/me/apache-zookeeper-3.1.9-bin", "3.1.9")
	kafka := e.at("/srv/kafka")
	tree(t, kafka, "libs/zookeeper-3.1.10.jar", server(t), "libs/slf4j-api-1.7.jar", "x")
	e.setenv("KAFKA_HOME", kafka)
	write(t, e.at("/opt/zookeeper-3.2.11.tar.gz"), "an archive, no folder")

	found, rejected, err := e.Find("")
	if err != nil || len(rejected) != 0 {
		t.Fatal(err, rejected)
	}
	var got []string
	for _, z := range found {
		got = append(got, z.From+" "+z.Version)
	}
	want := []string{
		"ZOOKEEPER_HOME 3.1.1", "ZK_HOME 3.1.2", "ZOOBINDIR 3.1.3", "downloaded 3.10.0", "downloaded 3.8.6", "PATH 3.1.4",
		"Homebrew 3.1.5", "Debian package 3.1.6", "RPM package 3.1.7", "unpacked 3.2.10", "unpacked 3.2.9", "unpacked 3.1.8",
		"unpacked 3.1.9", "KAFKA_HOME 3.1.10",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLayouts(t *testing.T) {
	const debianManifest = "Manifest-Version: 1.0\r\nClass-Path: /usr/share/java/jline.jar /usr/share/java/s\r\n lf4j-api.jar /usr/share/java/zookeeper-jute.jar\r\n"
	const pom = "META-INF/maven/org.apache.zookeeper/zookeeper/pom.properties"
	for _, c := range []struct {
		name    string
		at      string
		files   []string
		explain string // the explicit place, below at
		version string
		java    int
		logging string
		jars    string // of the class path, names only
		admin   string
		cli     bool
	}{
		{
			name: "tarball", at: "/x", files: release(t, "3.8.6"), version: "3.8.6", java: 8, logging: "logback", cli: true,
			jars: "zookeeper-3.8.6.jar logback-classic-1.2.10.jar logback-core-1.2.10.jar netty-all.jar slf4j-api-1.7.30.jar zookeeper-jute-3.8.6.jar",
		},
		{name: "by its lib", at: "/x", explain: "lib", files: release(t, "3.8.6"), version: "3.8.6", java: 8, logging: "logback", cli: true},
		{name: "by its bin", at: "/x", explain: "bin", files: release(t, "3.8.6"), version: "3.8.6", java: 8, logging: "logback", cli: true},
		{name: "by a script", at: "/x", explain: "bin/zkServer.sh", files: release(t, "3.8.6"), version: "3.8.6", java: 8, logging: "logback", cli: true},
		{name: "by its jar", at: "/x", explain: "lib/zookeeper-3.8.6.jar", files: release(t, "3.8.6"), version: "3.8.6", java: 8, logging: "logback", cli: true},
		{
			name: "3.7", at: "/x", files: []string{
				"lib/zookeeper-3.7.2.jar", server(t), "lib/zookeeper-jute-3.7.2.jar", "", "lib/slf4j-api-1.jar", "",
				"lib/slf4j-reload4j-1.jar", "", "lib/reload4j-1.jar", "",
			},
			version: "3.7.2", java: 8, logging: "log4j",
			jars: "zookeeper-3.7.2.jar reload4j-1.jar slf4j-api-1.jar slf4j-reload4j-1.jar zookeeper-jute-3.7.2.jar",
		},
		{
			name: "3.4", at: "/x", files: []string{
				"zookeeper-3.4.14.jar", jar(t, mainClass, class(5)), "lib/slf4j-api-1.jar", "", "lib/slf4j-log4j12-1.jar", "", "lib/log4j-1.2.17.jar", "",
				"src/java/main/x.java", "", "build.xml", "",
			},
			version: "3.4.14", java: 7, logging: "log4j",
			jars: "zookeeper-3.4.14.jar log4j-1.2.17.jar slf4j-api-1.jar slf4j-log4j12-1.jar",
		},
		{
			name: "Bigtop", at: "/usr/lib/zookeeper", files: []string{
				"zookeeper.jar", jar(t, mainClass, class(8), "META-INF/MANIFEST.MF", "Implementation-Version: 3.4.5-cdh5.16.2\n"),
				"lib/slf4j-api-1.jar", "", "lib/slf4j-log4j12.jar", "",
			},
			version: "3.4.5", java: 8, logging: "log4j", jars: "zookeeper.jar slf4j-api-1.jar slf4j-log4j12.jar",
		},
		{
			name: "an upgrade in place", at: "/x", files: []string{
				"lib/zookeeper-3.8.0.jar", server(t), "lib/zookeeper-3.8.6.jar", server(t), "lib/zookeeper-jute-3.8.6.jar", "", "lib/slf4j-api-1.jar", "",
			},
			version: "3.8.6", java: 8, logging: "", jars: "zookeeper-3.8.6.jar slf4j-api-1.jar zookeeper-jute-3.8.6.jar",
		},
		{
			name: "Debian", at: "/usr/share/java", files: []string{
				"zookeeper.jar", jar(t, mainClass, class(8), "META-INF/MANIFEST.MF", debianManifest, pom, "#x\nversion=3.8.0\n"),
				"zookeeper-jute.jar", "", "slf4j-api.jar", "", "slf4j-log4j12.jar", "", "log4j-1.2.jar", "", "slf4j-simple.jar", "", "servlet-api.jar", "", "netty-codec.jar", "",
				"../zookeeper/bin/zkCli.sh", "",
			},
			version: "3.8.0", java: 8, logging: "log4j", jars: "zookeeper.jar slf4j-log4j12.jar log4j-1.2.jar netty-codec.jar", admin: "servlet-api.jar", cli: true,
		},
		{
			name: "Debian without log4j", at: "/usr/share/java", files: []string{
				"zookeeper.jar", jar(t, mainClass, class(17), "META-INF/MANIFEST.MF", "Implementation-Version: 3.10.0-${mvngit.commit.id}\n"),
				"zookeeper-jute.jar", "", "slf4j-api.jar", "", "slf4j-log4j12.jar", "", "logback-core.jar", "", "logback-classic.jar", "", "netty-codec.jar", "",
			},
			version: "3.10.0", java: 17, logging: "logback",
			jars: "zookeeper.jar logback-classic.jar logback-core.jar zookeeper-jute.jar slf4j-api.jar netty-codec.jar",
		},
		{
			name: "Kafka 3", at: "/srv/kafka", files: []string{
				"libs/kafka_2.13-3.6.jar", "", "libs/zookeeper-3.8.4.jar", server(t), "libs/zookeeper-jute-3.8.4.jar", "", "libs/scala-library.jar", "",
				"libs/slf4j-api-1.jar", "", "libs/slf4j-reload4j-1.jar", "", "libs/reload4j-1.jar", "", "libs/metrics-core-4.jar", "",
			},
			version: "3.8.4", java: 8, logging: "log4j",
			jars: "zookeeper-3.8.4.jar metrics-core-4.jar reload4j-1.jar slf4j-api-1.jar slf4j-reload4j-1.jar zookeeper-jute-3.8.4.jar",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := nowhere(t)
			dir := e.at(c.at)
			tree(t, dir, c.files...)
			found, _, err := e.Find(filepath.Join(dir, c.explain))
			if err != nil {
				t.Fatal(err)
			}
			z := found[0]
			if z.Version != c.version || z.NeedsJava() != c.java || z.Logging != c.logging || z.From != "--zookeeper" || (z.CLI != "") != c.cli {
				t.Errorf("%+v, needs Java %d", z, z.NeedsJava())
			}
			if c.jars != "" && names(z.Jars) != c.jars || names(z.AdminJars) != c.admin {
				t.Errorf("class path %q and %q", names(z.Jars), names(z.AdminJars))
			}
			for _, j := range z.Jars {
				if !filepath.IsAbs(j) || !isFile(j) {
					t.Errorf("%s is no absolute file", j)
				}
			}
		})
	}
}

func names(paths []string) string {
	var n []string
	for _, p := range paths {
		n = append(n, filepath.Base(p))
	}
	return strings.Join(n, " ")
}

func TestRejected(t *testing.T) {
	e := nowhere(t)
	for _, c := range []struct {
		name  string
		files []string
		place string
		why   string
	}{
		{"the source archive", []string{"apache-zookeeper-3.8.6/pom.xml", "", "apache-zookeeper-3.8.6/zookeeper-server/src/x.java", ""}, "apache-zookeeper-3.8.6", "take apache-zookeeper-3.8.6-bin.tar.gz"},
		{"the old source archive", []string{"checkout/build.xml", ""}, "checkout", "take apache-zookeeper-X.Y.Z-bin.tar.gz"},
		{"Kafka 4", []string{"kafka/libs/kafka_2.13-4.0.0.jar", ""}, "kafka", "Kafka 4.0 and newer bring none"},
		{"a client's jar", []string{"client/lib/zookeeper-3.8.6.jar", jar(t, "org/apache/zookeeper/ZooKeeper.class", class(8))}, "client", "not that of a ZooKeeper server"},
		{"half a jar", []string{"half/lib/zookeeper-3.8.6.jar", server(t)[:40]}, "half", "damaged, copied in part"},
		{"an empty jar", []string{"empty/lib/zookeeper-3.8.6.jar", ""}, "empty", "damaged, copied in part"},
		{"half a lib", []string{"part/lib/zookeeper-jute-3.8.6.jar", ""}, "part", "unpacked or copied in part"},
		{"no slf4j", []string{"bare/lib/zookeeper-3.8.6.jar", server(t)}, "bare", "no slf4j-api"},
		{"no jute", []string{"nojute/lib/zookeeper-3.8.6.jar", server(t), "nojute/lib/slf4j-api-1.jar", ""}, "nojute", "no zookeeper-jute"},
		{"an archive", []string{"apache-zookeeper-3.8.6-bin.tar.gz", ""}, "apache-zookeeper-3.8.6-bin.tar.gz", "zkdeck ensemble download --file"},
		{"some file", []string{"notes.txt", ""}, "notes.txt", "name the folder"},
		{"nothing", nil, "gone", "there is nothing"},
		{"some folder", []string{"folder/x", ""}, "folder", "no zookeeper-X.Y.Z.jar"},
	} {
		tree(t, e.Root, c.files...)
		place := filepath.Join(e.Root, c.place)
		_, rejected, err := e.Find(place)
		var missing *MissingError
		if !errors.As(err, &missing) || len(rejected) != 1 || !strings.Contains(rejected[0].Why, c.why) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v\n%v", c.name, rejected, err)
		}
		if c.place == "gone" {
			continue
		}
		e := e
		e.setenv("ZOOKEEPER_HOME", place)
		if _, rejected, err = e.Find(""); !errors.As(err, &missing) || len(rejected) == 0 || rejected[0].From != "ZOOKEEPER_HOME" {
			t.Errorf("%s: as ZOOKEEPER_HOME: %v, %v", c.name, rejected, err)
		}
	}
}

// TestRejectedBesideFound is a broken one that does not hide a good one.
func TestRejectedBesideFound(t *testing.T) {
	e := nowhere(t)
	tree(t, e.at("/opt/zookeeper"), "pom.xml", "")
	tree(t, e.at("/opt/zookeeper-3.9.5"), "lib/zookeeper-3.9.5.jar", "no zip")
	tree(t, e.at("/opt/zookeeper-3.8.6"), release(t, "3.8.6")...)
	found, rejected, err := e.Find("")
	if err != nil || len(found) != 1 || found[0].Version != "3.8.6" || len(rejected) != 2 {
		t.Errorf("%+v %v %v", found, rejected, err)
	}
	if !strings.Contains(rejected[0].Why, "zookeeper-3.9.5.jar cannot be used") || !strings.Contains(rejected[1].Why, "source archive") {
		t.Error(rejected)
	}
}

func TestInstallHint(t *testing.T) {
	for release, want := range map[string]string{
		"ID=debian\n": "apt-get install zookeeper", "ID=ubuntu\nID_LIKE=debian\n": "apt-get install zookeeper",
		"ID_LIKE=\"ubuntu debian\"\nID=linuxmint\n": "apt-get install zookeeper",
		"ID=fedora": "zkdeck ensemble download", "": "zkdeck ensemble download",
	} {
		e := nowhere(t)
		write(t, e.at("/etc/os-release"), release)
		if got := strings.Join(e.InstallHint("ZooKeeper"), "\n"); !strings.Contains(got, want) || !strings.HasSuffix(got, "zkdeck ensemble download") {
			t.Errorf("%q: %q", release, got)
		}
	}
	e := nowhere(t)
	for release, want := range map[string]string{
		"ID=debian": "apt-get", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"": "dnf install java-17", "ID=fedora": "dnf",
		"ID=opensuse-leap\nID_LIKE='suse opensuse'": "zypper", "ID=arch": "pacman", "ID=alpine": "apk add", "ID=gentoo": "JAVA_HOME",
	} {
		write(t, e.at("/etc/os-release"), release)
		if got := e.InstallHint("Java"); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%q: %q", release, got)
		}
	}
	e.GOOS = "darwin"
	if got := e.InstallHint("ZooKeeper"); got[0] != "brew install zookeeper" {
		t.Error(got)
	}
}

func TestVersions(t *testing.T) {
	sorted := []string{"", "3.4.14", "3.5.0-alpha", "3.5.4-beta", "3.5.5", "3.9.5", "3.10.0-alpha", "3.10.0-beta", "3.10.0-beta2", "3.10.0-rc1", "3.10.0"}
	for i, a := range sorted {
		for j, b := range sorted {
			if got := compareVersions(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
	for in, want := range map[string]string{
		"3.8.0-${mvngit.commit.id}, built on": "3.8.0", "3.4.5-cdh5": "3.4.5", "3.5.4-beta": "3.5.4-beta", "x3.8.0": "", "3.8": "", "3.8.0.1": "3.8.0",
		"99999.1.1": "",
	} {
		if got := versionIn(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for version, want := range map[string]int{"": 0, "3.4.14": 7, "3.5.0-alpha": 8, "3.8.0": 8, "3.10.0": 17} {
		if got := (ZooKeeper{Version: version}).NeedsJava(); got != want {
			t.Errorf("%q needs Java %d", version, got)
		}
	}
}
