package zoocfg

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile puts a text at a path in one step: it is written beside it, flushed to the
// disk, and renamed. A reader sees the old file or the new one, never a part, also
// after a crash: of a half-written zoo.cfg ZooKeeper says that dataDir is not set. A
// symbolic link is followed. Where it fails, nothing is left behind.
func WriteFile(path string, text []byte, mode fs.FileMode) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("%s was not written: %w", path, err)
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a rename last. Systems that cannot do that to a folder, as Windows,
// need not: the file itself is whole either way.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
