package zktest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

var (
	archiveOnce sync.Once
	archivePath string
)

// archive returns the class-data archive for d, which makes a server start in
// half the time, or "" if there is none. The first call on a machine makes it,
// by starting and stopping one server, which takes two to three seconds; other
// processes wait for it meanwhile. Java older than 13 cannot make one.
func archive(d *dist) string {
	archiveOnce.Do(func() {
		path, err := d.makeArchive()
		if err == nil {
			archivePath = path
		}
	})
	return archivePath
}

// makeArchive returns the path of the archive and makes it unless it is there, or
// is known to be impossible.
func (d *dist) makeArchive() (string, error) {
	key, err := d.key()
	if err != nil {
		return "", err
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	base := filepath.Join(dir, key)
	if exists(base + ".jsa") {
		return base + ".jsa", nil
	}
	lock, err := os.OpenFile(base+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := lockFile(lock, true); err != nil {
		return "", err
	}
	if exists(base + ".jsa") {
		return base + ".jsa", nil
	}
	if exists(base + ".failed") {
		return "", errors.New("making a class-data archive failed before: see " + base + ".failed")
	}
	if err := d.train(base + ".jsa"); err != nil {
		_ = os.WriteFile(base+".failed", []byte(err.Error()), 0o600)
		return "", err
	}
	return base + ".jsa", nil
}

// cacheDir is a folder for archives: among the caches of the user, or, where there
// is no home or it cannot be written to, among the temporary files.
func cacheDir() (string, error) {
	if cache, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(cache, "zkdeck", "zktest")
		if os.MkdirAll(dir, 0o700) == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("zktest-cache-%d", os.Getuid()))
	return dir, os.MkdirAll(dir, 0o700)
}

// key names this Java with these jars: an archive of others would be refused.
func (d *dist) key() (string, error) {
	h := sha256.New()
	home := filepath.Dir(filepath.Dir(d.java))
	if release, err := os.ReadFile(filepath.Join(home, "release")); err == nil {
		h.Write(release)
	}
	for _, file := range append([]string{d.java}, d.jars...) {
		info, err := os.Stat(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, file, info.Size(), info.ModTime().UnixNano())
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// train runs a server once, lets it load the classes of an ensemble member and of
// a session, and has it write them to path when it stops.
func (d *dist) train(path string) error {
	tmp := fmt.Sprintf("%s.%d", path, os.Getpid())
	defer os.Remove(tmp)
	java := append([]string{d.java, "-XX:ArchiveClassesAtExit=" + tmp}, jvmFlags("")...)
	e, err := prepare(nil, d, java, 3, newSettings(nil))
	if err != nil {
		return err
	}
	defer func() { _ = e.close() }()
	// Only one writes the archive; the others are there for it to follow and sync.
	for _, s := range e.servers[1:] {
		s.argv = append([]string{d.java}, s.argv[2:]...)
	}
	if err := e.startAll(); err != nil {
		return fmt.Errorf("%w\n%s", err, e.logs())
	}
	if err := exercise(e.servers[0].addr); err != nil {
		return err
	}
	if err := e.servers[0].end(signalTerm); err != nil {
		return err
	}
	if !exists(tmp) {
		return fmt.Errorf("java wrote no class-data archive\n%s", e.servers[0].tail(tailBytes))
	}
	return os.Rename(tmp, path)
}

// exercise has the server at addr load what a session needs.
func exercise(addr string) error {
	conn, _, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithLogger(silent{}))
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Create("/train", []byte("x"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll)); err != nil {
		return err
	}
	if _, _, _, err := conn.ChildrenW("/"); err != nil {
		return err
	}
	_, err = conn.Set("/train", nil, -1)
	return err
}

// silent swallows what go-zookeeper logs; [io.Discard] as a [zk.Logger].
type silent struct{}

func (silent) Printf(format string, args ...any) { fmt.Fprintf(io.Discard, format, args...) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
