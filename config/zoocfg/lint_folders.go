package zoocfg

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// folders judges where the data goes.
func (l *linter) folders() {
	e, ok := l.entry("dataDir")
	if !ok {
		l.miss("dataDir", Error, "missing-key", "dataDir is not set", refuses(`"dataDir is not set"`), "write dataDir= and the full path of a folder of this server alone")
	} else {
		l.folder(e, "dataDir")
	}
	if e, ok := l.entry("dataLogDir"); ok {
		l.folder(e, "dataLogDir")
	}
}

// letter is the drive that a path of Windows begins with.
var letter = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// absolute tells whether a path is one that does not depend on where a server is
// started.
func (l *linter) absolute(dir string) bool {
	if l.o.GOOS == "windows" {
		return letter.MatchString(dir) || strings.HasPrefix(dir, `\\`) || strings.HasPrefix(dir, "//")
	}
	return strings.HasPrefix(dir, "/")
}

// folder judges one folder.
func (l *linter) folder(e Entry, key string) {
	dir := intended(e)
	const own = "write the full path of a folder, without quotes, ~ or variables"
	switch {
	case len(dir) > 0 && strings.ContainsAny(dir[:1], `"'`):
		l.mark(e, Error, "quoted-path", key+" is in quotes", "the quotes become a part of the folder's name: the data is not where you look for it", own)
	case strings.HasPrefix(dir, "~"):
		l.mark(e, Error, "tilde-path", key+" begins with ~", "ZooKeeper makes a folder of the name ~ where it is started", own)
	case strings.Contains(dir, "$") || strings.Contains(dir, "%") && l.o.GOOS == "windows":
		l.mark(e, Error, "variable-path", key+" names a variable", "ZooKeeper puts nothing in for it: the folder gets that very name", own)
	case !l.absolute(dir) && len(dir) < 2:
		l.mark(e, Error, "relative-path", key+" is "+quote(dir), `the server does not start: "StringIndexOutOfBoundsException", exit code 1`, own)
	case !l.absolute(dir):
		l.mark(e, Warning, "relative-path", key+" is the relative path "+quote(dir), "the folder depends on where the server is started: started elsewhere, it has no data", own)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() && l.absolute(dir) {
		l.mark(e, Error, "not-a-folder", quote(dir)+" is no folder", `the server does not start: "Unable to access datadir", exit code 3`, "name a folder, or delete what is there")
	}
	if temp, ok := l.inTemp(dir); ok {
		l.mark(e, Warning, "temporary-folder", quote(dir)+" lies in "+temp+", a folder for temporary files",
			"the system deletes what lies there, at a restart or after some days: all znodes are lost", "take a folder that stays, as /var/lib/zookeeper")
	}
}

// inTemp tells whether a folder lies in one that is emptied now and then, also through
// symbolic links, and in which. Where a relative path leads depends on where the server
// is started, not on where we are; nor does this machine know the paths of another
// system.
func (l *linter) inTemp(dir string) (string, bool) {
	if !filepath.IsAbs(dir) {
		return "", false
	}
	temps := l.o.Temp
	if temps == nil {
		temps = []string{"/tmp", "/var/tmp", "/dev/shm", "/run", os.TempDir()}
	}
	for _, temp := range temps {
		for _, d := range []string{dir, Real(dir)} {
			if d != "" && below(d, temp) || below(d, Real(temp)) {
				return temp, true
			}
		}
	}
	return "", false
}

// below tells whether a folder is another, or lies in it.
func below(dir, parent string) bool {
	dir, parent = path.Clean(filepath.ToSlash(dir)), path.Clean(filepath.ToSlash(parent))
	return dir == parent || strings.HasPrefix(dir, strings.TrimSuffix(parent, "/")+"/")
}

// Real is where a path leads when symbolic links are followed, as far as it is there; an
// absolute path of the same length or another. A relative path is taken from where the
// process stands.
func Real(name string) string {
	whole, err := filepath.Abs(name)
	if err != nil {
		return filepath.Clean(name)
	}
	rest := ""
	for dir := whole; ; dir = filepath.Dir(dir) {
		if found, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(found, rest)
		}
		if dir == filepath.Dir(dir) {
			return whole
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}
