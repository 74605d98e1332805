package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/adrg/xdg"
)

// Paths are the folders of zkdeck. [DefaultPaths] gives those of the XDG Base
// Directory Specification.
type Paths struct {
	// Config is the folder of the settings file. It is only read.
	Config string
	// State is the folder of what zkdeck writes: log, crash report, drafts, the
	// history of commands, which clusters were used, and where locks are searched.
	State string
	// Data is the folder of what is to be kept for long: ensembles with what is in
	// them, and downloaded ZooKeepers.
	Data string
	// Cache is the folder of what can be made again.
	Cache string
}

// DefaultPaths returns $XDG_CONFIG_HOME/zkdeck and likewise those below
// $XDG_STATE_HOME, $XDG_DATA_HOME and $XDG_CACHE_HOME, or what stands for them on
// this system. It makes nothing.
func DefaultPaths() Paths {
	return Paths{
		Config: filepath.Join(xdg.ConfigHome, "zkdeck"),
		State:  filepath.Join(xdg.StateHome, "zkdeck"),
		Data:   filepath.Join(xdg.DataHome, "zkdeck"),
		Cache:  filepath.Join(xdg.CacheHome, "zkdeck"),
	}
}

// Settings is the settings file.
func (p Paths) Settings() string { return filepath.Join(p.Config, "config.yaml") }

// Lessons is the folder of a person's own lessons of the lock lab.
func (p Paths) Lessons() string { return filepath.Join(p.Config, "lessons") }

// Log is the log file.
func (p Paths) Log() string { return filepath.Join(p.State, "zkdeck.log") }

// Crash is the file to which a crash of the whole program is reported.
func (p Paths) Crash() string { return filepath.Join(p.State, "crash.log") }

// Drafts is the folder of values that were being edited when something went
// wrong.
func (p Paths) Drafts() string { return filepath.Join(p.State, "drafts") }

// History is the file of the commands that were typed.
func (p Paths) History() string { return filepath.Join(p.State, "history") }

// Recent is the file of the clusters that were used.
func (p Paths) Recent() string { return filepath.Join(p.State, "recent") }

// LockRoots is the file of where locks are searched.
func (p Paths) LockRoots() string { return filepath.Join(p.State, "lockroots") }

// Tour is the file that is there once somebody has been shown around.
func (p Paths) Tour() string { return filepath.Join(p.State, "tour-done") }

// MakeState makes the state and drafts folders, readable by their owner only;
// folders that are there and open to others are closed to them, because values
// and paths of clusters end up in these files.
func (p Paths) MakeState() error {
	for _, dir := range []string{p.State, p.Drafts()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("making the state folder: %w", err)
		}
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("making the state folder: %w", err)
		}
		if openToOthers(info) {
			if err := os.Chmod(dir, 0o700); err != nil {
				return fmt.Errorf("closing the state folder to others: %w", err)
			}
		}
	}
	return nil
}

// openToOthers reports whether anybody but the owner may do anything with a file.
// Windows has no such bits; there the folder of the user's profile guards.
func openToOthers(info os.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// expand gives the path that a person wrote in a file of folder dir: "~/" is the
// home folder, and what is relative starts at dir.
func expand(path, dir string) string {
	switch {
	case path == "":
		return ""
	case path == "~" || len(path) > 1 && path[0] == '~' && os.IsPathSeparator(path[1]):
		return filepath.Join(xdg.Home, path[1:])
	case filepath.IsAbs(path):
		return path
	}
	return filepath.Join(dir, path)
}
