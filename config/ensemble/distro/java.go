package distro

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// FindJava finds a Java runtime: the explicit one alone if it is given, a java
// program or the folder that bin/java is in; else that of JAVA_HOME, of PATH, what
// macOS's java_home names, and the newest below /usr/lib/jvm and its like. A version
// is read from the runtime's "release" file; where there is none the program is run,
// for at most a few seconds. It fails with *[MissingError].
func (e Env) FindJava(explicit string) (Java, error) { return e.FindJavaFor(0, explicit) }

// FindJavaFor is [Env.FindJava] for a ZooKeeper that needs this major version or a
// newer one, 0 for any: older ones are passed over.
func (e Env) FindJavaFor(major int, explicit string) (Java, error) {
	missing := &MissingError{What: "Java", Explicit: explicit}
	seen := map[string]bool{}
	try := func(path, from string) (Java, bool) {
		if path == "" || seen[resolved(path)] {
			return Java{}, false
		}
		seen[resolved(path)] = true
		java, err := e.java(path, from)
		if err == nil && java.Major < major {
			err = fmt.Errorf("it is Java %s, and Java %d or newer is needed", java.Version, major)
		}
		if err != nil {
			missing.Rejected = append(missing.Rejected, Rejected{Path: path, From: from, Why: err.Error()})
			return Java{}, false
		}
		return java, true
	}
	if explicit != "" {
		if java, ok := try(explicit, "--java"); ok {
			return java, nil
		}
	} else {
		for _, c := range e.javaPlaces() {
			for _, path := range c.paths() {
				if java, ok := try(path, c.from); ok {
					return java, nil
				}
			}
		}
	}
	missing.Install = e.InstallHint("Java")
	return Java{}, missing
}

// java looks at a java program, or at the folder of a runtime.
func (e Env) java(path, from string) (Java, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Java{}, fmt.Errorf("there is nothing: %w", err)
	}
	if info.IsDir() {
		program := ""
		for _, sub := range []string{"bin", "jre/bin", "Contents/Home/bin", "."} {
			if p := filepath.Join(path, sub, e.program("java")); isFile(p) {
				program = p
				break
			}
		}
		if program == "" {
			return Java{}, fmt.Errorf("the folder has no bin/%s", e.program("java"))
		}
		path = program
	}
	path = resolved(path)
	if info, err = os.Stat(path); err != nil {
		return Java{}, err
	}
	if !info.Mode().IsRegular() || e.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		return Java{}, fmt.Errorf("it is no program: its mode is %s", info.Mode())
	}
	home := filepath.Dir(filepath.Dir(path))
	version := releaseVersion(home)
	if version == "" && filepath.Base(home) == "jre" { // JDK 8 has its program in jre/bin too
		version = releaseVersion(filepath.Dir(home))
	}
	if version == "" {
		if version, path, home, err = e.askJava(path, home); err != nil {
			return Java{}, err
		}
	}
	major := JavaMajor(version)
	if major == 0 {
		return Java{}, fmt.Errorf("its version %q is not understood", version)
	}
	return Java{Path: path, Home: home, Version: version, Major: major, From: from}, nil
}

// program is the file name of a program on this system.
func (e Env) program(name string) string {
	if e.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// releaseVersion reads JAVA_VERSION of a runtime's "release" file, "" for none.
func releaseVersion(home string) string {
	path := filepath.Join(home, "release")
	if !isFile(path) {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "JAVA_VERSION="); ok {
			return strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return ""
}

// JavaMajor is the major version of a Java version: 17 for "17.0.15" and "17-ea", 8
// for "1.8.0_402", 0 for what is none.
func JavaMajor(version string) int {
	number := func(s string) int {
		end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if end >= 0 {
			s = s[:end]
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0
		}
		return n
	}
	first := number(version)
	if rest, ok := strings.CutPrefix(version, "1."); ok && first == 1 {
		return number(rest)
	}
	return first
}

// installedJavas are the runtimes in the usual places, the system's default first,
// then the newest.
func (e Env) installedJavas() []string {
	var homes []string
	patterns := []string{"/usr/lib/jvm/*", "/usr/lib64/jvm/*", "/usr/java/*", "/opt/java/*", "/opt/jdk*", "/opt/jre*"}
	if e.GOOS == "darwin" {
		patterns = []string{
			"/Library/Java/JavaVirtualMachines/*/Contents/Home",
			"/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
			"/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
		}
	}
	for _, p := range patterns {
		homes = append(homes, e.glob(p)...)
	}
	if e.Home != "" {
		homes = append(homes, filepath.Join(e.Home, ".sdkman", "candidates", "java", "current"))
	}
	homes = slices.DeleteFunc(homes, func(h string) bool {
		return !isFile(filepath.Join(h, "bin", e.program("java"))) // a folder of sources, of flags
	})
	slices.SortStableFunc(homes, func(a, b string) int {
		if d := cmp.Compare(isDefaultJava(b), isDefaultJava(a)); d != 0 {
			return d
		}
		return cmp.Compare(JavaMajor(releaseVersion(b)), JavaMajor(releaseVersion(a)))
	})
	return homes
}

// isDefaultJava is 1 for the link of Debian to the runtime that is the default.
func isDefaultJava(home string) int {
	if filepath.Base(home) == "default-java" {
		return 1
	}
	return 0
}
