package distro

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
)

// place is somewhere that ZooKeeper may be.
type place struct {
	path, from string
	// named tells that a person or a variable named it: what is wrong with it is told
	// even where it does not look like ZooKeeper at all.
	named bool
}

// Find looks for ZooKeeper: the explicit place alone if it is given, a folder, or a
// jar or a script in it; else what ZOOKEEPER_HOME, ZK_HOME and ZOOBINDIR name, our own
// downloads, zkServer.sh on PATH, and where Homebrew, Debian, RPMs and people put it,
// KAFKA_HOME last. The best comes first. A place counts only if its jar holds the
// class of a server; what looked like ZooKeeper and is none is told in Rejected. With
// nothing found the error is *[MissingError]. It reads the heads of a few jars and
// starts no program.
func (e Env) Find(explicit string) ([]ZooKeeper, []Rejected, error) {
	places := []place{{explicit, "--zookeeper", true}}
	if explicit == "" {
		places = e.places()
	}
	var found []ZooKeeper
	var rejected []Rejected
	seen := map[string]bool{}
	for _, p := range places {
		if p.path == "" {
			continue
		}
		z, err := e.zookeeper(p.path, p.from)
		if !p.named && (errors.Is(err, errNothing) || errors.Is(err, fs.ErrNotExist)) {
			continue
		}
		key := resolved(p.path)
		if err == nil {
			key = resolved(z.Jars[0])
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		if err != nil {
			rejected = append(rejected, Rejected{Path: p.path, From: p.from, Why: err.Error()})
			continue
		}
		found = append(found, z)
	}
	if len(found) == 0 {
		return nil, rejected, &MissingError{
			What: "ZooKeeper", Explicit: explicit, Rejected: rejected, Install: e.InstallHint("ZooKeeper"),
		}
	}
	return found, rejected, nil
}

// places are where ZooKeeper may be, best first.
func (e Env) places() []place {
	var places []place
	add := func(from string, named bool, paths ...string) {
		for _, p := range paths {
			places = append(places, place{p, from, named})
		}
	}
	add("ZOOKEEPER_HOME", true, e.Getenv("ZOOKEEPER_HOME"))
	add("ZK_HOME", true, e.Getenv("ZK_HOME"))
	add("ZOOBINDIR", true, e.Getenv("ZOOBINDIR"))
	if e.Managed != "" {
		add("downloaded", false, newestFirst(globIn(e.Managed, "*zookeeper-*"))...)
	}
	for _, name := range []string{"zkServer.sh", "zkServer"} {
		if p := e.look(name); p != "" {
			add("PATH", true, filepath.Dir(resolved(p)))
		}
	}
	for _, prefix := range []string{e.Getenv("HOMEBREW_PREFIX"), e.at("/opt/homebrew"), e.at("/usr/local")} {
		if prefix != "" {
			add("Homebrew", false, filepath.Join(prefix, "opt", "zookeeper", "libexec"))
		}
	}
	add("Debian package", false, e.at("/usr/share/java"))
	add("RPM package", false, e.at("/usr/lib/zookeeper"), e.at("/usr/share/zookeeper"), e.at("/usr/share/java/zookeeper"))
	for _, pattern := range []string{"/opt/zookeeper*", "/opt/apache-zookeeper-*", "/usr/local/zookeeper*", "/usr/local/apache-zookeeper-*"} {
		add("unpacked", false, newestFirst(onlyDirs(e.glob(pattern)))...)
	}
	if e.Home != "" {
		add("unpacked", false, newestFirst(globIn(e.Home, "apache-zookeeper-*"))...)
		add("unpacked", false, newestFirst(globIn(e.Home, "zookeeper-*"))...)
	}
	add("KAFKA_HOME", true, e.Getenv("KAFKA_HOME"))
	return places
}

// globIn returns the folders of a folder whose names match a pattern.
func globIn(dir, pattern string) []string {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil // a folder with a bracket in its name
	}
	return onlyDirs(found)
}

func onlyDirs(paths []string) []string {
	return slices.DeleteFunc(paths, func(p string) bool { return !isDir(p) })
}

// newestFirst sorts folders by the version in their names, the newest first.
func newestFirst(dirs []string) []string {
	slices.SortStableFunc(dirs, func(a, b string) int {
		return compareVersions(nameVersion(b), nameVersion(a))
	})
	return dirs
}

// nameVersion is the version in the name of an unpacked folder, as of
// apache-zookeeper-3.8.6-bin.
func nameVersion(path string) string {
	name := filepath.Base(path)
	for i := range name {
		if v := versionIn(name[i:]); v != "" {
			return v
		}
	}
	return ""
}
